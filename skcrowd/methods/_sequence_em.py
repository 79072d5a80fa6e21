"""Sequence Dawid-Skene, with out-of-fold predictions of a network as evidence."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
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
from skcrowd.aggregation._sequence_evidence import AnswerLikelihood
from skcrowd.aggregation._sequence_model import keep_valid_paths
from skcrowd.annotators._confusion_table import given_annotators
from skcrowd.methods._method import Method, MethodResult
from skcrowd.methods._out_of_fold import predict_out_of_fold
from skcrowd.training._seeding import isolated_rng

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray, IntArray
    from skcrowd.annotations import Annotations
    from skcrowd.training import CrowdNet

    from ._sequence_context import SequenceTrainingContext
    from ._training_context import TrainingContext


__all__ = ["SequenceEM"]

LARGEST_TABLE = 20_000_000  # probabilities of answers: 160 MB
CONFUSION_COUNTS = 3.0
SEEDS = 2**31 - 1
# Weights of the network and powers of the transitions that "auto" compares.
NETWORK_WEIGHTS = (0.1, 0.2, 0.4, 0.7, 1.0, 1.4)
TRANSITION_WEIGHTS = (0.5, 0.75, 1.0)
FLOOR = 0.03  # share of predictions that are assumed to say nothing
MOST_SCORED = 20_000  # tokens on which "auto" compares weights; bounds the time


class SequenceEM(Method):
    """Infer the true tags from whole sequences, train the network on them.

    The truth is inferred from the answers first: the mean of two posteriors, token by
    token (:func:`skcrowd.aggregation.dawid_skene`), and with a truth that is a Markov
    chain over the valid transitions and answers that depend on the ones before
    (:func:`skcrowd.aggregation.sequence_dawid_skene`). In every round networks are
    trained on the inferred truth of a part of the sequences, and their predictions of
    the others are further evidence for the truth, with the weight under which the
    answers are most probable. Finally, the network is trained on the truth of all.

    Parameters
    ----------
    n_rounds : int, default=1
        Rounds of networks and inference. 0 infers the truth from the answers alone.
        From the second round on, folds are assigned again, and the targets depend on
        networks of the round before, so that the evidence is no longer independent.
    max_iter : int, default=3
        Number of iterations of expectation-maximisation beside networks of weight 1 or
        more; in proportion fewer, but at least one, where the weight is smaller. For
        the answers alone it is a single one, from Dawid-Skene's posterior.
    n_folds : int, default=2
        Number of parts to which the sequences are assigned, by their content.
    fold_epochs : int, default=None
        Epochs of the networks that are trained on the other folds; None means half of
        ``max_epochs``.
    network_weight : float or "auto", default="auto"
        Weight of the log-probabilities of these networks as evidence. "auto" takes the
        one of 0, 0.1, 0.2, 0.4, 0.7, 1 and 1.4 with the highest conditional likelihood
        of the answers. With 0 the truth stays that of the answers alone.
    prior_discount : float, default=0.6
        Factor of the log-shares of the tags that are subtracted from them, relative to
        `transition_weight`.
    transition_weight : float or "auto", default="auto"
        Power of the chain's transition probabilities where there are networks. "auto"
        takes the best of 0.5, 0.75 and 1, as for `network_weight`.
    pseudo_counts : float, default=20.0
        Shrinks the answer probabilities of each annotator to the crowd's.
    previous_truth : bool or "auto", default="auto"
        Whether answers depend on the truth before, too. "auto" means False where
        the table of answer probabilities, n_annotators × n_classes⁴, would be large.
    single_spans : bool, default=True
        Whether spans of one token have answer probabilities of their own.

    Notes
    -----
    The estimator gets two further attributes, ``network_weight_`` and
    ``transition_weight_``, those of the last round; the first is 0 where the truth is
    that of the answers alone.

    The evidence of a network on the tokens of a span is not independent, least of all
    in long spans: with its full weight it would outweigh all answers. The weights
    maximise log p(answers | predictions) of the sequences, which the networks have not
    seen, under the chain. Predictions are mixed with 3 % of the shares of the tags, so
    that none is certain. Where several sequences have the same content, the prediction
    is evidence for all of them together, and each gets an equal part of it.

    Network and chain both model the shares of the tags and their transitions. Counted
    twice, these turn rare tags into the most common one, above all with poor networks;
    `prior_discount` and `transition_weight` correct for that. More rounds, or more
    iterations of expectation-maximisation, can converge to a likelier, wrong solution
    where answers are few.

    The out-of-fold evidence, its weights, the mean of two posteriors and the few
    iterations are our choice.

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

    Examples
    --------
    >>> from skcrowd import CrowdSequenceTagger
    >>> from skcrowd.methods import SequenceEM
    >>> model = CrowdSequenceTagger(method=SequenceEM(n_folds=5))
    >>> model.set_params(method__network_weight=0.5).method
    SequenceEM(n_folds=5, network_weight=0.5)
    """

    kind = "tags"

    _parameter_constraints: dict[str, Any] = {
        "n_rounds": [Interval(Integral, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "n_folds": [Interval(Integral, 2, None, closed="left")],
        "fold_epochs": [Interval(Integral, 1, None, closed="left"), None],
        "network_weight": [
            Interval(Real, 0, None, closed="left"),
            StrOptions({"auto"}),
        ],
        "prior_discount": [Interval(Real, 0, 1, closed="both")],
        "transition_weight": [
            Interval(Real, 0, 1, closed="both"),
            StrOptions({"auto"}),
        ],
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
        network_weight: float | Literal["auto"] = "auto",
        prior_discount: float = 0.6,
        transition_weight: float | Literal["auto"] = "auto",
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
        inferred = self._infer_from_answers(context)
        for round_number, seed in enumerate(seeds[1:]):
            log_proba, interrupted = self._soft_labels(
                context, inferred, round_number, seed
            )
            if interrupted is not None:
                return _result(interrupted, inferred)
            if log_proba is None:
                break
            inferred = self._add_evidence(context, inferred, log_proba)
        with isolated_rng(seeds[0], context.factory.device):
            net = context.train(
                given_annotators(_confusion(context, inferred)),
                train_on="targets",
                targets=inferred.posterior,
            )
        return _result(net, inferred)

    def _infer_from_answers(self, context: SequenceTrainingContext) -> _Inferred:
        """Average the posteriors token by token and of whole sequences.

        The chain finds more spans, and errs where boundaries are imprecise or answers
        few; token by token it is the other way round. The mean was as good as the
        better one in nearly all crowds.
        """
        with no_convergence_warning():
            by_token = dawid_skene(
                context.annotations,
                sample_weight=context.training_weight,
                gold=context.side_information.gold,
                annotator_counts=context.side_information.annotator_counts,
            ).posterior
            in_sequence = sequence_dawid_skene(
                context.annotations,
                context.lengths,
                max_iter=1,
                start=by_token,
                sample_weight=context.sequence_weight,
                **self._options(context),
            ).posterior
        posterior, tags = keep_valid_paths(
            context.annotations,
            context.lengths,
            (by_token + in_sequence) / 2,
            context.transitions,
        )
        return _Inferred(context.clamp_gold(posterior), context.clamp_gold(tags))

    def _add_evidence(
        self,
        context: SequenceTrainingContext,
        inferred: _Inferred,
        log_proba: FloatArray,
    ) -> _Inferred:
        """Infer the truth from the answers and the predictions of networks."""
        evidence = _Evidence(context, inferred, log_proba, self.prior_discount)
        network_weight, transition_weight = self._weights(context, inferred, evidence)
        if network_weight == 0:
            return _Inferred(inferred.posterior, inferred.tags, 0.0, transition_weight)
        n_iter = max(1, round(self.max_iter * min(network_weight, 1)))
        with no_convergence_warning():  # a few iterations are meant to be enough
            found = sequence_dawid_skene(
                context.annotations,
                context.lengths,
                max_iter=n_iter,
                start=inferred.posterior,
                log_emission=evidence(network_weight, transition_weight),
                transition_weight=transition_weight,
                sample_weight=context.sequence_weight,
                **self._options(context),
            )
        return _Inferred(
            context.clamp_gold(found.posterior),
            context.clamp_gold(found.tags),
            network_weight,
            transition_weight,
        )

    def _weights(
        self,
        context: SequenceTrainingContext,
        inferred: _Inferred,
        evidence: _Evidence,
    ) -> tuple[float, float]:
        """Return `network_weight` and `transition_weight`, chosen where "auto"."""
        by_network, by_chain = self.network_weight, self.transition_weight
        networks = NETWORK_WEIGHTS if by_network == "auto" else (by_network,)
        chains = TRANSITION_WEIGHTS if by_chain == "auto" else (by_chain,)
        candidates = list(product(networks, chains))
        if by_network == "auto":
            candidates.insert(0, (0.0, 1.0 if by_chain == "auto" else by_chain))
        if len(candidates) == 1:
            return candidates[0]
        likelihood = AnswerLikelihood(
            context.annotations,
            context.lengths,
            inferred.posterior,
            context.sample_rows(MOST_SCORED),
            sample_weight=context.sequence_weight,
            **self._options(context),
        )
        scores = [likelihood(evidence(*pair), pair[1]) for pair in candidates]
        return candidates[int(np.argmax(scores))]

    def _options(self, context: SequenceTrainingContext) -> dict[str, Any]:
        """Return what all inferences have in common."""
        return {
            "pseudo_counts": self.pseudo_counts,
            "previous_truth": self._uses_previous_truth(context.annotations),
            "single_spans": self.single_spans,
            "transitions": context.transitions,
            "gold": context.side_information.gold,
            "annotator_counts": context.side_information.annotator_counts,
        }

    def _uses_previous_truth(self, annotations: Annotations) -> bool:
        if self.previous_truth != "auto":
            return self.previous_truth
        size = annotations.n_annotators * len(annotations.classes) ** 4
        return size <= LARGEST_TABLE

    def _soft_labels(
        self,
        context: SequenceTrainingContext,
        inferred: _Inferred,
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


@dataclass(frozen=True)
class _Inferred:
    """The inferred truth of all tokens.

    Attributes
    ----------
    posterior : ndarray of shape (n_tokens, n_classes)
    tags : int64 ndarray of shape (n_tokens,)
    network_weight, transition_weight : float
        Weights of the network and of the chain that it was inferred with.
    """

    posterior: FloatArray
    tags: IntArray
    network_weight: float = 0.0
    transition_weight: float = 1.0


class _Evidence:
    """Log-evidence of out-of-fold predictions, for any weights.

    Parameters
    ----------
    context : SequenceTrainingContext
    inferred : _Inferred
    log_proba : ndarray of shape (n_tokens, n_classes)
    prior_discount : float
    """

    def __init__(
        self,
        context: SequenceTrainingContext,
        inferred: _Inferred,
        log_proba: FloatArray,
        prior_discount: float,
    ) -> None:
        shares = context.training_weight @ inferred.posterior + 1
        self._log_shares = np.log(shares / shares.sum())
        self._log_proba = np.logaddexp(
            np.log1p(-FLOOR) + log_proba, np.log(FLOOR) + self._log_shares
        )
        self._copies = np.repeat(context.copies(), context.lengths)[:, None]
        self._prior_discount = prior_discount

    def __call__(self, network_weight: float, transition_weight: float) -> FloatArray:
        """Return the log-evidence, (n_tokens, n_classes)."""
        discount = self._prior_discount * transition_weight
        likelihood = self._log_proba - discount * self._log_shares
        return network_weight * likelihood / self._copies


def _result(net: CrowdNet, inferred: _Inferred) -> MethodResult:
    """Return network and inferred truth as the result."""
    extras = {
        "network_weight_": inferred.network_weight,
        "transition_weight_": inferred.transition_weight,
    }
    return MethodResult(
        net,
        net.criterion_.annotators,
        inferred.posterior,
        tags=inferred.tags,
        extras=extras,
    )


def _confusion(context: TrainingContext, inferred: _Inferred) -> FloatArray:
    """Return one matrix for each annotator, independent of the context."""
    counts = context.labels.expected_counts(inferred.posterior)
    return shrunk_confusion(counts, CONFUSION_COUNTS)
