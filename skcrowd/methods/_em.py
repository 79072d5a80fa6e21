"""Expectation-maximisation with a network as the model of the truth."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import torch

from skcrowd._sklearn_compat import Interval
from skcrowd.annotators._confusion_table import given_annotators
from skcrowd.methods._inferred_state import Inference, Rounds
from skcrowd.methods._majority_vote_method import MajorityVote
from skcrowd.methods._method import Method, MethodResult
from skcrowd.methods._one_class import has_one_class

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray
    from skcrowd.aggregation import LazyConfusion
    from skcrowd.annotators import LabelModel
    from skcrowd.training import CrowdNet

    from ._training_context import TrainingContext


__all__ = ["EM"]


class EM(Method):
    """Infer the truth from network and answers, train the network on it, repeat.

    Parameters
    ----------
    warm_epochs : int, default=5
        First epochs on the soft majority vote, at most half of ``max_epochs``.
    epochs_per_round : int, default=1
        Epochs between two inferences of the truth.
    pseudo_counts : float, default=3.0
        Shrinks the rows of each confusion matrix to the crowd's, or, where the classes
        have an order, 100 times as strongly, to one by the annotator's bias, slope and
        spread on the scale.

    Notes
    -----
    Items with neither answers nor gold are left out: their targets would be the
    network's own predictions. The network keeps its weights from round to round. Where
    all answers are one class of several, as where nobody ticks any label, the network
    is trained on the vote. That, warm start and shrinkage are our choice.

    References
    ----------
    F. Rodrigues, F. Pereira. Deep learning from crowds. AAAI 2018, arXiv:1709.01779.
    S. Albarqouni et al. AggNet: deep learning from crowds for mitosis detection.
    IEEE Transactions on Medical Imaging 35(5), 2016. doi:10.1109/TMI.2016.2528120

    Examples
    --------
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.methods import EM
    >>> model = CrowdClassifier(method=EM(epochs_per_round=3))
    >>> model.set_params(method__pseudo_counts=1.0).method
    EM(epochs_per_round=3, pseudo_counts=1.0)
    """

    _parameter_constraints: dict[str, Any] = {
        "warm_epochs": [Interval(Integral, 0, None, closed="left")],
        "epochs_per_round": [Interval(Integral, 1, None, closed="left")],
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        warm_epochs: int = 5,
        epochs_per_round: int = 1,
        pseudo_counts: float = 3.0,
    ) -> None:
        self.warm_epochs = warm_epochs
        self.epochs_per_round = epochs_per_round
        self.pseudo_counts = pseudo_counts

    def learn(self, context: TrainingContext) -> MethodResult:
        """Alternate between the truth and the network."""
        if has_one_class(context):
            return MajorityVote(pseudo_counts=self.pseudo_counts).learn(context)
        truth = EMState(context, context.labels.initial_posterior(), self.pseudo_counts)
        return self._alternate(context, truth)

    def _alternate(
        self,
        context: TrainingContext,
        truth: EMState,
        penalties: Sequence[Any] = (),
    ) -> MethodResult:
        """Train on the vote, then on the posterior of every round."""
        warm_epochs = context.warm_epochs(self.warm_epochs)
        rounds = Rounds(truth, warm_epochs, self.epochs_per_round)
        net = context.train(
            truth.annotators(),
            train_on="targets",
            targets=truth.hand_over(),
            penalties=penalties,
            callbacks=[("truth", rounds)],
            warm_epochs=warm_epochs,
        )
        annotators = net.criterion_.annotators
        return MethodResult(
            net,
            annotators,
            truth.infer(context.predict_trained(net), net, annotators.lean_confusion()),
        )


class EMState(Inference):
    """Both closed-form steps: posterior of the truth and confusions.

    Parameters
    ----------
    context : TrainingContext
    start : ndarray of shape (n_items, n_classes)
        Initial posterior of the truth.
    pseudo_counts : float
    """

    inferred: tuple[str, ...] = ("confusion",)

    def __init__(
        self, context: TrainingContext, start: FloatArray, pseudo_counts: float
    ) -> None:
        self.context = context
        self.pseudo_counts = pseudo_counts
        self._start: FloatArray | None = start
        self.fit(start)

    def hand_over(self) -> Any:
        """Return the initial posterior, and drop it here, because it may be large."""
        start, self._start = self._start, None
        return start

    def annotators(self) -> LabelModel:
        """Return the initial annotator model."""
        return given_annotators(self.confusion)

    def infer(
        self, log_truth: Array, net: CrowdNet, confusion: LazyConfusion | FloatArray
    ) -> FloatArray:
        """E-step: return the posterior of the truth given network and answers.

        Parameters
        ----------
        log_truth : ndarray of shape (n_items, n_classes)
            Log-probabilities of the classes as the network predicts them; overwritten.
        net : CrowdNet
        confusion : ndarray of shape (n_annotators, n_classes, n_classes), or \
                LazyConfusion
        """
        return self.context.labels.posterior(log_truth, confusion, overwrite=True)

    def fit(self, posterior: FloatArray) -> None:
        """M-step of the annotators: estimate confusions from the posterior."""
        counts = self.context.labels.expected_counts(posterior)
        self.confusion: Any = self.context.labels.confusion(counts, self.pseudo_counts)

    def update(self, net: CrowdNet) -> torch.Tensor:
        """Run both steps, and return the new targets."""
        posterior = self.infer(self.context.predict_truth(net), net, self.confusion)
        self.fit(posterior)
        net.criterion_.annotators.replace(self.confusion)
        return torch.as_tensor(posterior)
