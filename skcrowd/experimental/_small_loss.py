"""Small-loss selection: learn from the labels that fit."""

from numbers import Integral, Real

import numpy as np
import torch
from skorch.callbacks import Callback

from skcrowd._sklearn_compat import Interval, StrOptions
from skcrowd.methods import RobustTraining

__all__ = ["SelectingTraining", "SmallLoss"]


class SelectingTraining(RobustTraining):
    """Base of the techniques that leave out the items of largest loss.

    Parameters
    ----------
    forget_rate : float or "auto", default="auto"
        Share of a batch that is left out. "auto" takes the share of errors that the
        teacher expects of itself, one less the mean of its largest probabilities.
    ramp_epochs : int, default=10
        Epochs over which the share grows to that, in equal steps.
    """

    _parameter_constraints: dict = {
        "forget_rate": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="left")],
        "ramp_epochs": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, forget_rate="auto", ramp_epochs=10):
        self.forget_rate = forget_rate
        self.ramp_epochs = ramp_epochs

    def _rate(self, context, targets):
        if self.forget_rate == "auto":
            return expected_error(context, targets)
        return self.forget_rate


class SmallLoss(SelectingTraining):
    """Leave out, from every batch, the items whose labels fit worst.

    A network fits right labels before wrong ones, so a large loss tells a wrong label.

    Parameters
    ----------
    forget_rate : float or "auto", default="auto"
        Share of a batch that is left out. "auto" takes the share of errors that the
        teacher expects of itself, one less the mean of its largest probabilities.
    ramp_epochs : int, default=10
        Epochs over which the share grows to that, in equal steps.

    Notes
    -----
    That of co-teaching with one network, which selects for itself. "auto" is our
    choice. The item at the border is kept in part, so that the share is exact and an
    item of weight two is two items.

    References
    ----------
    B. Han et al. Co-teaching: robust training of deep neural networks with extremely
    noisy labels. NeurIPS 2018, arXiv:1804.06872.
    """

    def train(self, context, annotators, targets, *, penalties=(), extra_targets=None):
        """Train on the items of smallest loss."""
        selection = Selection(self._rate(context, targets), self.ramp_epochs)
        return context.train(
            annotators,
            train_on="targets",
            targets=targets,
            penalties=penalties,
            extra_targets=extra_targets,
            select=selection,
            callbacks=[("selection", selection)],
        )


def expected_error(context, targets):
    """Share of wrong labels, if each item had its most probable one.

    Parameters
    ----------
    context : TrainingContext
    targets : ndarray of shape (n_items, n_classes)

    Returns
    -------
    share : float
        Below 1.
    """
    return float(np.average(1 - targets.max(axis=1), weights=context.training_weight))


class Selection(Callback):
    """Which items of a batch to learn from.

    Parameters
    ----------
    forget_rate : float
    ramp_epochs : int
    """

    def __init__(self, forget_rate, ramp_epochs):
        self.forget_rate = forget_rate
        self.ramp_epochs = ramp_epochs
        self.kept = 1.0

    def on_epoch_begin(self, net, **kwargs):
        """Lower the share that is kept."""
        done = min(len(net.history) / self.ramp_epochs, 1)
        self.kept = 1 - self.forget_rate * done

    def __call__(self, loss, weight):
        """Return the weights of the items in this step, (..., n_items)."""
        return smallest(loss, weight, self.kept)


def smallest(loss, weight, share):
    """Weigh the items so that the sum of their losses is that over the smallest ones.

    Parameters
    ----------
    loss : Tensor of shape (..., n_items)
    weight : Tensor of shape (n_items,) or scalar
    share : float
        Of all weight, positive, that is kept.

    Returns
    -------
    weight : Tensor of shape (..., n_items)
        The sum is that of the weights given.
    """
    weight = weight.expand(loss.shape)
    order = loss.argsort(dim=-1, stable=True)
    ranked = weight.gather(-1, order)
    before = ranked.cumsum(dim=-1) - ranked
    left = share * ranked.sum(dim=-1, keepdim=True) - before
    kept = torch.minimum(left.clamp_min(0), ranked) / share
    return torch.zeros_like(weight).scatter(-1, order, kept)
