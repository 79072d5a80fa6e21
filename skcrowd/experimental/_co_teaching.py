"""Co-teaching: two networks select the training items of each other."""

from dataclasses import replace

from skcrowd.experimental._small_loss import SelectingTraining, Selection
from skcrowd.experimental._twin import PerTwin, twin_factory

__all__ = ["CoTeaching"]


class CoTeaching(SelectingTraining):
    """Train two networks, each on the items on which the other one has a small loss.

    The errors of two networks differ, so each one filters wrong labels that the other
    has fitted.

    Parameters
    ----------
    forget_rate : float or "auto", default="auto"
        Share of a batch that is left out. "auto" estimates the error rate of the
        targets, as 1 minus the mean of their largest probabilities.
    ramp_epochs : int, default=10
        Epochs over which the share grows from 0 to `forget_rate`, in equal steps.

    Notes
    -----
    Both networks are one module of one skorch net. After training the mean of their
    probabilities is the prediction. Where the module is an instance, the last layer of
    the second network is initialised again. These, and "auto", are our choice.

    References
    ----------
    B. Han et al. Co-teaching: robust training of deep neural networks with extremely
    noisy labels. NeurIPS 2018, arXiv:1804.06872.
    """

    def train(self, context, annotators, targets, *, penalties=(), extra_targets=None):
        """Train both networks at once."""
        selection = CrossSelection(self._rate(context, targets), self.ramp_epochs)
        both = replace(context, factory=twin_factory(context.factory))
        return both.train(
            annotators,
            train_on="targets",
            targets=targets,
            penalties=[PerTwin(penalty) for penalty in penalties],
            extra_targets=extra_targets,
            select=selection,
            callbacks=[("selection", selection)],
        )


class CrossSelection(Selection):
    """Selection of the items of each network by the losses of the other."""

    def __call__(self, loss, weight):
        """Weigh the items of each network by the losses of the other, (2, n_items)."""
        return super().__call__(loss.flip(0), weight)
