"""CoNAL: common and individual noise."""

from __future__ import annotations

from copy import deepcopy
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation import (
    pooled_confusion,
    shrunk_confusion,
)
from skcrowd.annotators._common_noise import CommonNoise
from skcrowd.methods._answer_layer import AnswerLayer
from skcrowd.methods._method import MethodResult

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray
    from skcrowd.training import CrowdNet

    from ._training_context import TrainingContext


__all__ = ["CoNAL"]

GATE_COUNTS = 1.0  # pseudo-answers with the mean gate of the crowd


class CoNAL(AnswerLayer):
    """Model confusions that all annotators share and confusions of each annotator.

    An answer comes from the common confusion or from the annotator's own, with a
    probability (the gate) that depends on annotator and item. See
    ``CommonNoise``.

    Parameters
    ----------
    warm_epochs : int, default=5
        First epochs on the soft majority vote, at most half of ``max_epochs``.
    annotator_lr : float, default=3e-2
        Learning rate of confusions and embeddings.
    distance_weight : float, default=1e-2
        Reward λ for the distance ‖C − Π^r‖ (Frobenius) of an annotator's confusion to
        the common one.
    n_embedding : int, default=20
        Length of the embeddings of annotators and items.
    pseudo_counts : float, default=3.0
        Shrinks the rows of each annotator's confusion to the crowd's, at the start.

    Notes
    -----
    The authors add −λ Σ_r ‖C − Π^r‖ to the mean loss of a batch, with λ = 1e-5; here it
    is the mean over the answers, so that λ means the same for every crowd, and of
    probability tables, whose distance is bounded. The authors start all confusions at
    the identity; here those of the annotators start as counted against the vote, and
    the common one as that of the whole crowd. Start, warm start, learning rate and λ
    are our choice. So is the gate in ``annotator_confusion_``: the mean over the
    training items that the annotator answered, each weighted by how probable it is to
    be of the class, with one pseudo-answer of the crowd.

    References
    ----------
    Z. Chu, J. Ma, H. Wang. Learning from crowds by modeling common confusions. AAAI
    2021, arXiv:2012.13052

    Examples
    --------
    >>> from skcrowd import CrowdClassifier
    >>> CrowdClassifier(method="conal", method__distance_weight=0.0)
    CrowdClassifier(method='conal', method__distance_weight=0.0)
    """

    needs_table = True

    _parameter_constraints: dict[str, Any] = {
        **AnswerLayer._parameter_constraints,
        "distance_weight": [Interval(Real, 0, None, closed="left")],
        "n_embedding": [Interval(Integral, 1, None, closed="left")],
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        warm_epochs: int = 5,
        annotator_lr: float = 3e-2,
        distance_weight: float = 1e-2,
        n_embedding: int = 20,
        pseudo_counts: float = 3.0,
    ) -> None:
        super().__init__(warm_epochs, annotator_lr)
        self.distance_weight = distance_weight
        self.n_embedding = n_embedding
        self.pseudo_counts = pseudo_counts

    def annotator_sizes(self) -> tuple[type[Any], dict[str, int]]:
        """Return class and sizes of the annotator model, see :class:`Method`."""
        return CommonNoise, {"n_embedding": self.n_embedding}

    def make_annotators(
        self, context: TrainingContext, initial_truth: FloatArray
    ) -> CommonNoise:
        """Return confusions that start at those with the initial truth."""
        expected_counts = np.asarray(context.labels.expected_counts(initial_truth))
        return CommonNoise(
            *expected_counts.shape[:2],
            start=shrunk_confusion(expected_counts, self.pseudo_counts),
            common_start=pooled_confusion(expected_counts),
            n_embedding=self.n_embedding,
            distance_weight=self.distance_weight,
        )

    def make_result(self, context: TrainingContext, net: CrowdNet) -> MethodResult:
        """Infer the truth and the mean gates, with a gate for each answer."""
        annotators = net.criterion_.annotators
        posterior, gate = _infer(context, net)
        annotators.gate.copy_(gate)
        return MethodResult(net, annotators, posterior.t().numpy())


@torch.no_grad()
def _infer(
    context: TrainingContext, net: CrowdNet
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the posterior of the truth, and the mean gates.

    The posterior is p(k | x) Π_r p(answer of r | k, x), normalised; the gate depends on
    the item here.

    Returns
    -------
    posterior : Tensor of shape (n_classes, n_items)
    gate : Tensor of shape (n_classes, n_annotators)
    """
    a, _, count, power, _ = context.evidence.single
    item, annotator, answer = map(torch.tensor, (a.item, a.annotator, a.answer))
    model = deepcopy(net.criterion_.annotators).double().cpu()
    features = context.hidden_features(net)
    log_prior = torch.as_tensor(context.predict_trained(net)).t().contiguous()
    log_likelihood = model.given_log_likelihood(item, annotator, answer, features)
    if power is not None:
        log_likelihood = log_likelihood * torch.tensor(power)
    posterior = log_prior.index_add(1, item, log_likelihood).softmax(dim=0)
    posterior = torch.as_tensor(context.clamp_gold(posterior.t().numpy())).t()
    gate = model.gate_logit(features, item, annotator).sigmoid()
    weight = posterior * torch.as_tensor(context.training_weight)
    weight = weight[:, item]
    if count is not None:
        weight = weight * torch.tensor(count)
    return posterior, _mean_gate(gate, weight, annotator, a.n_annotators)


def _mean_gate(
    gate: torch.Tensor, weight: torch.Tensor, annotator: torch.Tensor, n_annotators: int
) -> torch.Tensor:
    """Average the gates of each annotator's answers to items of each class.

    Parameters
    ----------
    gate : Tensor of shape (1, n_answers)
    weight : Tensor of shape (n_classes, n_answers)
    annotator : Tensor of shape (n_answers,)
    n_annotators : int

    Returns
    -------
    mean : Tensor of shape (n_classes, n_annotators)
    """
    zeros = weight.new_zeros(len(weight), n_annotators)
    total = zeros.index_add(1, annotator, weight)
    gated = zeros.index_add(1, annotator, weight * gate)
    crowd = (gated.sum(dim=1) + GATE_COUNTS / 2) / (total.sum(dim=1) + GATE_COUNTS)
    return (gated + GATE_COUNTS * crowd[:, None]) / (total + GATE_COUNTS)
