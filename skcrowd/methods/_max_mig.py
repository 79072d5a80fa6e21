"""Max-MIG: mutual information gain of a network and an aggregator of the answers."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import nn

from skcrowd._sklearn_compat import Interval, StrOptions
from skcrowd.aggregation import shrunk_confusion
from skcrowd.annotators._weighted_aggregator import WeightedAggregator
from skcrowd.methods._class_prior import CLASS_PRIOR, mean_shares, read_class_prior
from skcrowd.methods._inferred_state import Inference, Rounds
from skcrowd.methods._method import Method, MethodResult
from skcrowd.training import DIVERGENCES, ClassScores
from skcrowd.training._callbacks import SwitchToAnswers
from skcrowd.training._f_information import information_gain

if TYPE_CHECKING:
    from skcrowd._typing import ArrayLike, FloatArray
    from skcrowd.training import CrowdNet

    from ._training_context import TrainingContext


__all__ = ["MaxMIG"]


class MaxMIG(Method):
    """Maximise the mutual information of a network and an aggregator of the answers.

    The network sees the features alone, the aggregator the answers alone:
    softmax(log ρ + Σ_r W^r[:, answer of r]). Both are trained by the f-mutual
    information gain between them. The posterior of the truth is
    p(z | features, answers) ∝ network · aggregator / ρ.

    Parameters
    ----------
    divergence : {"kl", "pearson", "jensen_shannon", "squared_hellinger", \
            "reverse_kl", "total_variation"}, default="kl"
        The f of the mutual information.
    class_prior : {"vote", "update", "uniform"} or array-like of shape (n_classes,), \
            default="vote"
        Shares ρ of the classes: those of the soft vote, those of the inferred truth
        before every epoch, the same for all, or known ones in the order of
        ``classes_``.
    warm_epochs : int, default=5
        First epochs on the soft majority vote, at most half of ``max_epochs``. The
        gain itself is invariant under permutations of the classes.
    annotator_lr : float, default=3e-2
        Learning rate of the aggregator.
    pseudo_counts : float, default=3.0
        Shrinks the rows of each confusion matrix to the crowd's.

    Notes
    -----
    The aggregator starts at the logarithms of the confusions against the vote. The
    confusions that score held-out answers, and those of ``annotator_confusion_``, are
    counted against the inferred truth: before each epoch, and at the end unless there
    is early stopping. Reverse KL is unstable: its gradient is unbounded where network
    and aggregator contradict each other. Warm start and shrinkage are our choice, and
    so are the soft vote's shares, which stay fixed in training.

    References
    ----------
    P. Cao, Y. Xu, Y. Kong, Y. Wang. Max-MIG: an information theoretic approach for
    joint learning from crowds. ICLR 2019, arXiv:1905.13436

    Examples
    --------
    >>> from skcrowd import CrowdClassifier
    >>> CrowdClassifier(method="max_mig", method__divergence="pearson")
    CrowdClassifier(method='max_mig', method__divergence='pearson')
    """

    needs_table = True

    _parameter_constraints: dict[str, Any] = {
        "divergence": [StrOptions(set(DIVERGENCES))],
        "class_prior": [StrOptions({"update"}), *CLASS_PRIOR],
        "warm_epochs": [Interval(Integral, 0, None, closed="left")],
        "annotator_lr": [Interval(Real, 0, None, closed="neither")],
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        divergence: Literal[
            "kl",
            "pearson",
            "jensen_shannon",
            "squared_hellinger",
            "reverse_kl",
            "total_variation",
        ] = "kl",
        class_prior: Literal["vote", "update", "uniform"] | ArrayLike = "vote",
        warm_epochs: int = 5,
        annotator_lr: float = 3e-2,
        pseudo_counts: float = 3.0,
    ) -> None:
        self.divergence = divergence
        self.class_prior = class_prior
        self.warm_epochs = warm_epochs
        self.annotator_lr = annotator_lr
        self.pseudo_counts = pseudo_counts

    def annotator_sizes(self) -> tuple[type[Any], dict[str, Any]]:
        """Return class and sizes of the annotator model, see :class:`Method`."""
        return WeightedAggregator, {}

    def learn(self, context: TrainingContext) -> MethodResult:
        """Train network and aggregator together."""
        initial_posterior = context.labels.initial_posterior()
        warm_epochs = context.warm_epochs(self.warm_epochs)
        updates = isinstance(self.class_prior, str) and self.class_prior == "update"
        start = "vote" if updates else self.class_prior
        prior = read_class_prior(start, context, initial_posterior)
        truth = MaxMIGState(context, self.pseudo_counts, updates)
        net = context.train(
            WeightedAggregator(truth.confusion(initial_posterior), prior),
            train_on="answers",
            targets=initial_posterior,
            penalties=[_MinusGain(self.divergence)],
            callbacks=[
                ("warm_start", SwitchToAnswers(warm_epochs)),
                ("truth", Rounds(truth, warm_epochs, 1)),
            ],
            annotator_lr=self.annotator_lr,
            warm_epochs=warm_epochs,
        )
        annotators = net.criterion_.annotators
        posterior = truth.infer(context.predict_trained(net), net)
        if not context.held_out.any():
            annotators.replace(truth.confusion(posterior))
        return MethodResult(net, annotators, posterior)


class _MinusGain(nn.Module):
    """Minus the information gain of a batch."""

    def __init__(self, divergence: str) -> None:
        super().__init__()
        self.divergence = divergence

    def forward(
        self,
        log_truth: torch.Tensor,
        batch: dict[str, torch.Tensor],
        aggregator: WeightedAggregator,
    ) -> torch.Tensor:
        """Compare network and aggregator on the items of a batch that have an answer.

        Parameters
        ----------
        log_truth : Tensor of shape (n_classes, n_batch)
        batch : dict of Tensor
        aggregator : WeightedAggregator
        """
        n_items = log_truth.shape[1]
        answers = batch["item"], batch["annotator"], batch["answer"]
        log_aggregate = aggregator.aggregate(*answers, n_items)
        answered = torch.unique(batch["item"])
        if "gold" in batch:
            gold = batch["gold"]
            is_known = ClassScores.is_gold(gold)
            log_aggregate = ClassScores.given(log_aggregate, gold, is_known)
        repeats = batch.get("repeats")
        gain = information_gain(
            log_truth[:, answered],
            log_aggregate[:, answered],
            aggregator.log_prior.exp(),
            self.divergence,
            None if repeats is None else repeats[answered],
        )
        return -gain


class MaxMIGState(Inference):
    """Posterior of the truth given features and answers, and confusions under it."""

    def __init__(
        self, context: TrainingContext, pseudo_counts: float, updates_prior: bool
    ) -> None:
        self.context = context
        self.pseudo_counts = pseudo_counts
        self.updates_prior = updates_prior

    @torch.no_grad()
    def infer(self, log_truth: Any, net: CrowdNet) -> FloatArray:
        """Return the normalised network · aggregator / prior, (n_items, n_classes)."""
        a, aggregator = self.context.annotations, net.criterion_.annotators
        answers = map(torch.tensor, (a.item, a.annotator, a.answer))
        on_device = (values.to(aggregator.device) for values in answers)
        log_aggregate = aggregator.aggregate(*on_device, a.n_items).double().cpu()
        log_prior = aggregator.log_prior.double().cpu()
        joint = torch.as_tensor(log_truth).t() + log_aggregate - log_prior[:, None]
        return self.context.clamp_gold(joint.contiguous().softmax(dim=0).t().numpy())

    def confusion(self, posterior: FloatArray) -> FloatArray:
        """Return the confusions under a posterior of the truth."""
        counts = np.asarray(self.context.labels.expected_counts(posterior))
        return shrunk_confusion(counts, self.pseudo_counts)

    def update(self, net: CrowdNet) -> torch.Tensor:
        """Infer the truth, update confusions and possibly the prior; return it."""
        posterior = self.infer(self.context.predict_truth(net), net)
        aggregator = net.criterion_.annotators
        aggregator.replace(self.confusion(posterior))
        if self.updates_prior:
            prior = mean_shares(posterior, self.context.training_weight)
            aggregator.log_prior.copy_(torch.as_tensor(prior).log())
        return torch.as_tensor(posterior)
