"""How probable the answers to sentences are, given other evidence on their truth."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation._answer_evidence import Evidence, gather_evidence
from skcrowd.aggregation._sequence_chain import log_partition
from skcrowd.aggregation._sequence_counts import SequenceCounts
from skcrowd.aggregation._sequence_model import Chain, maximize

if TYPE_CHECKING:
    from skcrowd._typing import Array, BoolArray, FloatArray, IntArray
    from skcrowd.annotations import Annotations


__all__ = ["AnswerLikelihood"]


class AnswerLikelihood:
    """Conditional likelihood of the answers of some sentences, given other evidence.

    Transitions and answer probabilities are those of one M-step of
    :func:`skcrowd.aggregation.sequence_dawid_skene`. With a network that was trained on
    other sentences as evidence, the likelihood decides how much weight the evidence
    deserves: no true tag is needed.

    Parameters
    ----------
    annotations : Annotations
        Answers of kind "labels", an item a token.
    lengths : int64 ndarray of shape (n_sentences,)
    posterior : ndarray of shape (n_tokens, n_classes)
        Posterior of the truth that the M-step starts from.
    is_scored : bool ndarray of shape (n_sentences,)
        Sentences whose answers count.
    pseudo_counts, previous_truth, single_spans, transitions, sample_weight, gold, \
            annotator_counts
        As for :func:`skcrowd.aggregation.sequence_dawid_skene`.
    """

    def __init__(
        self,
        annotations: Annotations,
        lengths: IntArray,
        posterior: FloatArray,
        is_scored: BoolArray,
        *,
        pseudo_counts: float,
        previous_truth: bool,
        single_spans: bool,
        transitions: Any,
        sample_weight: FloatArray,
        gold: IntArray | None,
        annotator_counts: Array | None,
    ) -> None:
        chain = Chain(annotations, lengths, transitions, single_spans)
        chain.weigh(annotations, sample_weight, gold)
        chain.add_gold(gold)
        evidence = gather_evidence(annotations, chain.weight, gold).single
        counts = SequenceCounts(annotations, chain.is_first, chain.weight, evidence)
        states = chain.begin(posterior)
        fitted = maximize(
            chain, counts, states, pseudo_counts, previous_truth, annotator_counts
        )
        is_token = np.repeat(is_scored, lengths)
        tokens, kept = np.flatnonzero(is_token), is_token[annotations.item]
        annotations = annotations[tokens]
        scored = Chain(annotations, lengths[is_scored], transitions, single_spans)
        scored.add_gold(None if gold is None else gold[tokens])
        power = None if evidence.power is None else evidence.power[kept]
        worth = Evidence(annotations, power=power)
        weight = np.ones(len(tokens))
        counts = SequenceCounts(annotations, scored.is_first, weight, worth)
        self._chain, self._tokens, self._steps = scored, tokens, fitted.steps
        self._weight = np.asarray(sample_weight)[is_scored]
        self._likelihood = counts.log_likelihood(fitted.confusion)

    def __call__(self, log_emission: FloatArray, transition_weight: float) -> float:
        """Return log p(answers | evidence) of the scored sentences.

        With the evidence e(z) of a path z, log-emissions and transitions, it is
        log Σ_z exp e(z) p(answers | z) - log Σ_z exp e(z).

        Parameters
        ----------
        log_emission : ndarray of shape (n_tokens, n_classes)
            Log-evidence on every token, of the sentences that are not scored, too.
        transition_weight : float
            Power of the transition probabilities.

        Returns
        -------
        log_likelihood : float
            Weighted sum over the scored sentences.
        """
        chain = copy(self._chain)
        chain.add_evidence(log_emission[self._tokens])
        with_answers, without = (
            log_partition(*chain.potentials(self._steps, transition_weight, answers))
            for answers in (self._likelihood, None)
        )
        return float(self._weight @ (with_answers - without))
