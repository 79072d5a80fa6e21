"""Sequence Dawid-Skene, with out-of-fold predictions of a network as evidence."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch

from skcrowd._sklearn_compat import Interval, StrOptions
from skcrowd.aggregation import (
    dawid_skene,
    sequence_dawid_skene,
    shrunk_confusion,
)
from skcrowd.aggregation._convergence import no_convergence_warning
from skcrowd.aggregation._sequence_counts import sequence_bytes
from skcrowd.annotators._confusion_table import given_annotators
from skcrowd.methods._method import Method, MethodResult
from skcrowd.methods._out_of_fold import predict_out_of_fold
from skcrowd.training._seeding import isolated_rng

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray
    from skcrowd.aggregation import SequenceResult
    from skcrowd.annotations import Annotations
    from skcrowd.training import CrowdNet

    from ._sequence_context import SequenceTrainingContext
    from ._training_context import TrainingContext


__all__ = ["SequenceEM"]

LARGEST_TABLE = 20_000_000  # probabilities of answers: 160 MB
CONFUSION_COUNTS = 3.0
SEEDS = 2**31 - 1


class SequenceEM(Method):
    """Infer the true tags from whole sequences, train the network on them.

    The truth of a sequence is a Markov chain that keeps to the valid transitions, and
    answers depend on the ones before
    (:func:`skcrowd.aggregation.sequence_dawid_skene`). In every round networks are
    trained on the inferred truth of a part of the sequences, and their predictions of
    the others are further evidence for the truth. Finally, the network is trained on
    the truth of all.

    Parameters
    ----------
    n_rounds : int, default=1
        Rounds of networks and inference. 0 infers the truth from the answers alone.
        From the second round on, folds are assigned again, and the targets depend on
        networks of the round before, so that the evidence is no longer independent.
    max_iter : int, default=3
        Maximum number of iterations of expectation-maximisation in each inference. The
        first one starts from Dawid-Skene's posterior, token by token.
    n_folds : int, default=2
        Number of parts to which the sequences are assigned, by their content.
    fold_epochs : int, default=None
        Epochs of the networks that are trained on the other folds; None means half of
        ``max_epochs``.
    network_weight : float, default=1.0
        Weight of the log-probabilities of these networks as evidence.
    prior_discount : float, default=0.2
        Factor of the log-shares of the tags that are subtracted from them.
    transition_weight : float, default=0.5
        Power of the chain's transition probabilities where there are networks.
    pseudo_counts : float, default=20.0
        Shrinks the answer probabilities of each annotator to the crowd's.
    previous_truth : bool or "auto", default="auto"
        Whether answers depend on the truth before, too. "auto" means False where
        the table of answer probabilities, n_annotators × n_classes⁴, would be large.
    single_spans : bool, default=True
        Whether spans of one token have answer probabilities of their own.

    Notes
    -----
    Network and chain both model the shares of the tags and their transitions. Counted
    twice, these turn rare tags into the most common one, above all with poor networks;
    `prior_discount` and `transition_weight` correct for that. More rounds, or more
    iterations of expectation-maximisation, can converge to a likelier, wrong solution
    where answers are few.

    The out-of-fold evidence, the two weights and the few iterations are our choice.

    The fitted annotator model is one confusion matrix an annotator, independent of the
    context, from expected counts, shrunk to the crowd's by 3 pseudo-counts.

    With ``on_interrupt="keep"`` the network that is trained when the interrupt comes is
    the result, also one of a part of the sequences, with the truth inferred so far.

    References
    ----------
    E. Simpson, I. Gurevych. A Bayesian approach for sequence tagging with crowds.
    EMNLP-IJCNLP 2019. doi:10.18653/v1/D19-1101

    A. T. Nguyen, B. C. Wallace, J. J. Li, A. Nenkova, M. Lease. Aggregating and
    predicting sequence labels from crowd annotations. ACL 2017.
    doi:10.18653/v1/P17-1028
    """

    kind = "tags"

    _parameter_constraints: dict[str, Any] = {
        "n_rounds": [Interval(Integral, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "n_folds": [Interval(Integral, 2, None, closed="left")],
        "fold_epochs": [Interval(Integral, 1, None, closed="left"), None],
        "network_weight": [Interval(Real, 0, None, closed="neither")],
        "prior_discount": [Interval(Real, 0, 1, closed="both")],
        "transition_weight": [Interval(Real, 0, 1, closed="both")],
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "previous_truth": ["boolean", StrOptions({"auto"})],
        "single_spans": ["boolean"],
    }

    def __init__(
        self,
        n_rounds: int = 1,
        max_iter: int = 3,
        n_folds: int = 2,
        fold_epochs: int | None = None,
        network_weight: float = 1.0,
        prior_discount: float = 0.2,
        transition_weight: float = 0.5,
        pseudo_counts: float = 20.0,
        previous_truth: bool | Literal["auto"] = "auto",
        single_spans: bool = True,
    ) -> None:
        self.n_rounds = n_rounds
        self.max_iter = max_iter
        self.n_folds = n_folds
        self.fold_epochs = fold_epochs
        self.network_weight = network_weight
        self.prior_discount = prior_discount
        self.transition_weight = transition_weight
        self.pseudo_counts = pseudo_counts
        self.previous_truth = previous_truth
        self.single_spans = single_spans

    leaner = (
        "method__previous_truth=False with this one",
        'method="em" or "regularized_em", which take tokens one by one',
    )

    def bytes_needed(self, context: TrainingContext) -> int:
        """Estimate the peak: of labels, and of answers in their contexts."""
        a = context.annotations
        in_context = sequence_bytes(
            a.n_annotators,
            len(a.classes),
            len(a.classes),
            a.n_items,
            previous_truth=self._uses_previous_truth(a),
        )
        return super().bytes_needed(context) + in_context

    def learn(self, context: Any) -> MethodResult:
        """Alternate inference and out-of-fold networks, then train on the truth."""
        seeds = torch.randint(SEEDS, (self.n_rounds + 1,)).tolist()
        with no_convergence_warning():
            start = dawid_skene(
                context.annotations,
                sample_weight=context.training_weight,
                gold=context.side_information.gold,
                annotator_counts=context.side_information.annotator_counts,
            )
        inferred = self._infer(context, start=start.posterior)
        for round_number, seed in enumerate(seeds[1:]):
            log_proba, interrupted = self._soft_labels(
                context, inferred, round_number, seed
            )
            if interrupted is not None:
                return _result(interrupted, inferred)
            if log_proba is None:
                break
            log_prior = self.prior_discount * _log_shares(context, inferred)
            inferred = self._infer(
                context,
                log_emission=self.network_weight * (log_proba - log_prior),
                transition_weight=self.transition_weight,
                start=inferred.posterior,
            )
        with isolated_rng(seeds[0], context.factory.device):
            net = context.train(
                given_annotators(_confusion(context, inferred)),
                train_on="targets",
                targets=inferred.posterior,
            )
        return _result(net, inferred)

    def _infer(
        self, context: SequenceTrainingContext, **evidence: Any
    ) -> SequenceResult:
        """Infer the truth from the answers and further evidence."""
        with no_convergence_warning():  # a few iterations are meant to be enough
            inferred = sequence_dawid_skene(
                context.annotations,
                context.lengths,
                pseudo_counts=self.pseudo_counts,
                previous_truth=self._uses_previous_truth(context.annotations),
                single_spans=self.single_spans,
                max_iter=self.max_iter,
                transitions=context.transitions,
                sample_weight=context.sequence_weight,
                gold=context.side_information.gold,
                annotator_counts=context.side_information.annotator_counts,
                **evidence,
            )
        return inferred._replace(
            posterior=context.clamp_gold(inferred.posterior),
            tags=context.clamp_gold(inferred.tags),
        )

    def _uses_previous_truth(self, annotations: Annotations) -> bool:
        if self.previous_truth != "auto":
            return self.previous_truth
        size = annotations.n_annotators * len(annotations.classes) ** 4
        return size <= LARGEST_TABLE

    def _soft_labels(
        self,
        context: SequenceTrainingContext,
        inferred: SequenceResult,
        round_number: int,
        seed: int,
    ) -> tuple[FloatArray | None, CrowdNet | None]:
        """Predict sequences by networks that were not trained on them.

        Returns
        -------
        log_proba : ndarray of shape (n_tokens, n_classes) or None
            None if there are no such networks.
        interrupted : CrowdNet or None
            The network whose training was interrupted.
        """
        side_information = context.side_information
        if side_information.n_previous_parts is not None:
            if side_information.is_cold_start:
                return None, None
            return context.predict_truth(side_information.previous_fit.net), None
        fold = context.folds(self.n_folds, round_number)
        if not fold.any():
            return None, None
        epochs = self.fold_epochs or -(-context.factory.max_epochs // 2)
        confusion = _confusion(context, inferred)
        targets = inferred.posterior
        return predict_out_of_fold(context, targets, confusion, fold, epochs, seed)


def _result(net: CrowdNet, inferred: SequenceResult) -> MethodResult:
    """Return network and inferred truth as the result."""
    annotators = net.criterion_.annotators
    return MethodResult(net, annotators, inferred.posterior, tags=inferred.tags)


def _confusion(context: TrainingContext, inferred: SequenceResult) -> FloatArray:
    """Return one matrix for each annotator, independent of the context."""
    counts = context.labels.expected_counts(inferred.posterior)
    return shrunk_confusion(counts, CONFUSION_COUNTS)


def _log_shares(context: TrainingContext, inferred: SequenceResult) -> FloatArray:
    """Return the log-shares of the tags among the training tokens, (n_classes,)."""
    counts = context.training_weight @ inferred.posterior + 1
    return np.log(counts / counts.sum())
