"""Span F1 of predicted tag sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation._answer_evidence import refuse_evidence
from skcrowd.annotations import Annotations, check_sequence_annotations
from skcrowd.annotations._tag_sequences import TagSequences, read_tag_sequences
from skcrowd.metrics._evaluate_gold import UNCERTAIN, design_effect, wilson_interval
from skcrowd.metrics._evaluate_notes import label_notes
from skcrowd.metrics._evaluate_ratios import Ratio, powered_ratio
from skcrowd.metrics._evaluate_truth import sample_truth
from skcrowd.metrics._spans import _spans

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, FloatArray, IntArray
    from skcrowd.annotations import SequenceAnnotations

    from ._evaluate_gold import PoweredEstimate


__all__ = ["SpanTask"]

UNMARKED = ""  # type of the items that stand for spans which nobody marks
PSEUDO_COUNT = 0.5  # of sequences that are all right and all wrong (Jeffreys)
LEAST_FOUND = 0.05  # probability that a true span is found by one annotator or more


class SpanTask:
    """Span F1 of one model, or the difference of two, on tagged sequences.

    Every span that an annotator or a model marks is an item of two classes, true or
    not; who tagged its sequence answers whether it is marked. So is one span for each
    token that nobody marks: without these it would look as if false spans were marked
    often, because only those that somebody marks are seen. True spans that no
    annotator marks are counted by what the annotators miss of those that others mark.

    Parameters
    ----------
    y : SequenceAnnotations, or array-like of shape (n_sequences, n_annotators)
    predictions : list of list of tags for each sequence
    classes : array-like of shape (n_classes,) or None
    annotator_groups : None
    """

    measure = "span_f1"
    classes = None

    def __init__(
        self,
        y: AnswersLike,
        predictions: list[list[Any]],
        classes: Any,
        annotator_groups: None,
    ) -> None:
        if annotator_groups is not None:
            raise ValueError("annotator_groups is for labels only; leave it out.")
        sequences = check_sequence_annotations(y, classes=classes)
        refuse_evidence(sequences.tokens, "evaluate", has_others=False)
        self.n_units = sequences.n_sequences
        self._lengths = sequences.lengths
        self._predicted = [self._spans_of(tags, "y_pred") for tags in predictions]
        answered = _answered_spans(sequences)
        spans = sorted(set().union(*self._predicted, *answered.values()), key=_place)
        self._n_marked = len(spans)
        spans += [
            (row, UNMARKED, token, token)
            for row, length in enumerate(self._lengths.tolist())
            for token in range(length)
        ]
        self._row = {span: k for k, span in enumerate(spans)}
        self._sequence = np.array([span[0] for span in spans], dtype=np.int64)
        self.annotations = self._as_labels(sequences, spans, answered)
        self._marked = [
            np.array([span in predicted for span in spans], dtype=np.int64)
            for predicted in self._predicted
        ]

    def sample(self, n_draws: int, rng: np.random.RandomState) -> FloatArray:
        """Draw from the posterior given the answers alone.

        Returns
        -------
        draws : ndarray of shape (n_draws,)
        """
        if not self._n_marked:
            raise ValueError("neither annotators nor y_pred mark any span.")
        self._yes = np.bincount(
            self.annotations.item, self.annotations.answer, len(self._row)
        )
        sampled = sample_truth(
            self.annotations,
            self._marked[0],
            self._marked[-1],
            self._draw_statistic,
            n_draws=n_draws,
            rng=rng,
        )
        self._posterior = sampled.posterior[:, 1]
        self._posterior[self._n_marked :] = 0
        self._confused = sampled.confused
        self._expected = float(sampled.draws.mean())
        return sampled.draws

    def notes(self) -> list[Any]:
        """Return why the answers alone are not reliable, a list of str."""
        return label_notes(self.annotations, self._confused * [0, 1])

    def powered(
        self, rows: IntArray, values: Any, level: float
    ) -> tuple[PoweredEstimate, tuple[float, float], FloatArray]:
        """Estimate with gold tags of some sequences; see :func:`powered_ratio`.

        Parameters
        ----------
        rows : int64 ndarray of shape (n_gold,)
        values : ndarray of shape (n_gold,)
            Their truth.
        level : float

        Returns
        -------
        estimate : PoweredEstimate
        interval : tuple of float
        difference : ndarray of shape (n_gold,)
        """
        is_gold = np.zeros(self.n_units, dtype=bool)
        is_gold[rows] = True
        true = self._spans_of(_with_blank(rows, values, self._lengths), "gold")
        n_true = self._per_sequence([span[0] for span in true])
        expected_true = self._per_sequence(self._sequence, self._posterior)
        by_gold, by_answers = [], []
        for sign, spans, marked in zip(
            (1.0, -1.0), self._predicted, self._marked, strict=False
        ):
            n_predicted = self._per_sequence([span[0] for span in spans])
            if not (n_predicted + n_true)[rows].any():
                raise ValueError(
                    "neither gold nor the predictions mark any span in the "
                    f"{rows.size} sequences with gold, of which F1 is not defined; "
                    "give gold of further sequences."
                )
            right = self._per_sequence([span[0] for span in spans & true])
            by_gold.append(Ratio(2 * right[rows], (n_predicted + n_true)[rows], sign))
            right = self._per_sequence(self._sequence, self._posterior * marked)
            by_answers.append(Ratio(2 * right, n_predicted + expected_true, sign))
        is_difference = len(by_gold) > 1
        estimate, difference = powered_ratio(
            by_gold,
            by_answers,
            is_gold,
            self._expected,
            pseudo_sum=UNCERTAIN if is_difference else 0.0,
        )
        if is_difference:
            low, high = estimate.interval(level)
            return estimate, (max(low, -1.0), min(high, 1.0)), difference
        effect = design_effect(estimate, rows.size)
        interval = wilson_interval(estimate, rows.size, level, effect=effect)
        return estimate, interval, difference

    def _draw_statistic(self, truth: IntArray, rng: np.random.RandomState) -> float:
        """F1 in the population, with weights of the sequences (Bayesian bootstrap).

        Half a sequence that is all right and half a wrong one, of mean size, are added:
        what another sample would have, where all that are seen are alike.
        """
        of_sequence = rng.standard_exponential(self.n_units)
        weight = of_sequence[self._sequence]
        truth = np.where(np.arange(truth.size) < self._n_marked, truth, 0)
        found = truth * (self._yes > 0)
        n_found = weight @ (found / self._probability_found(truth, rng))
        n_true = max(n_found, weight @ truth)
        n_sums = [n_true + weight @ marked for marked in self._marked]
        size = np.mean(n_sums) / of_sequence.sum()
        right, added = _pseudo_sequences(len(n_sums), rng)
        f1: list[float] = []
        for marked, n_sum, n_right in zip(self._marked, n_sums, right, strict=True):
            n_both = 2 * weight @ (truth * marked) + n_right * size
            n_sum = n_sum + added * size
            f1.append(float(n_both / n_sum) if n_sum else 0.0)
        return f1[0] if len(f1) == 1 else f1[0] - f1[1]

    def _probability_found(
        self, truth: IntArray, rng: np.random.RandomState
    ) -> FloatArray:
        """Probability that a true span is marked by an annotator of its sequence.

        What an annotator marks is counted among the true spans that others mark.
        """
        answers = self.annotations
        yes = answers.answer
        others = self._yes[answers.item] - yes > 0
        counted = (others & (truth[answers.item] == 1)).astype(float)
        n_annotators = answers.n_annotators
        seen = np.bincount(answers.annotator, counted, n_annotators)
        marked = np.bincount(answers.annotator, counted * yes, n_annotators)
        crowd = (marked.sum() + 1) / (seen.sum() + 2)
        rate = rng.beta(marked + 2 * crowd, seen - marked + 2 * (1 - crowd))
        log_missed = np.log1p(-np.minimum(rate, 1 - 1e-9))[answers.annotator]
        missed = np.exp(np.bincount(answers.item, log_missed, answers.n_items))
        return np.maximum(1 - missed, LEAST_FOUND)

    def _as_labels(
        self,
        sequences: SequenceAnnotations,
        spans: list[tuple[int, str, int, int]],
        answered: dict[int, set[Any]],
    ) -> Annotations:
        """Whether each span is marked, by everyone who tagged its sequence."""
        sequence, annotator = sequences.pairs
        taggers = np.split(
            annotator, np.searchsorted(sequence, np.arange(1, self.n_units))
        )
        item, annotators, answer = [], [], []
        for row, span in enumerate(spans):
            for tagger in taggers[span[0]].tolist():
                item.append(row)
                annotators.append(tagger)
                answer.append(span in answered[tagger])
        shape = len(spans), sequences.n_annotators
        triples = np.array([item, annotators, answer], dtype=np.int64)
        classes = np.array([0, 1])
        return Annotations(triples[0], triples[1], triples[2], shape, classes)

    def _spans_of(
        self, tags: list[list[str]], name: str
    ) -> set[tuple[int, str, int, int]]:
        """Spans as (sequence, type, first, last)."""
        read = read_tag_sequences(tags, name)
        if not np.array_equal(read.lengths, self._lengths):
            raise ValueError(
                f"{name} holds {read.lengths.size} sequences of {read.lengths.sum()} "
                f"tokens, y {self.n_units} of {self._lengths.sum()}; give a tag for "
                "each token, the sequences in the same order."
            )
        return _located(read, np.arange(self.n_units), name)

    def _per_sequence(self, sequence: Any, values: Any = None) -> FloatArray:
        sequence = np.asarray(sequence, dtype=np.int64)
        return np.bincount(sequence, values, self.n_units).astype(float)


def _pseudo_sequences(
    n_models: int, rng: np.random.RandomState
) -> tuple[FloatArray, float]:
    """Draw the weight of sequences that are not seen: right by model, and all.

    Of two models, both, one or none may be right.
    """
    weight = rng.gamma(PSEUDO_COUNT, size=2**n_models)
    right = [weight[:2].sum(), weight[::2].sum()] if n_models > 1 else weight[:1]
    return np.asarray(right), float(weight.sum())


def _place(span: tuple[int, str, int, int]) -> tuple[int, int, int, str]:
    return span[0], span[2], span[3], span[1]


def _located(
    sequences: TagSequences, rows: IntArray, name: str
) -> set[tuple[int, str, int, int]]:
    """Set of (row, type, first, last), places counted from the row's first token."""
    starts = np.cumsum(sequences.lengths + 1) - sequences.lengths - 1
    spans = list(_spans(sequences, name))
    place = np.array([first for _, first, _ in spans], dtype=np.int64)
    which = np.searchsorted(starts, place, side="right") - 1
    return {
        (int(rows[k]), kind, int(first - starts[k]), int(last - starts[k]))
        for (kind, first, last), k in zip(spans, which, strict=True)
    }


def _answered_spans(sequences: SequenceAnnotations) -> dict[int, set[Any]]:
    """Set of spans that each annotator marks, by the annotator's number.

    A token that an annotator left out counts as outside of any span.
    """
    tokens, offsets = sequences.tokens, sequences.offsets
    sequence, annotator = sequences.pairs
    labels = tokens.labels.astype(object)
    spans: dict[int, set[Any]] = {}
    for tagger in range(sequences.n_annotators):
        rows = sequence[annotator == tagger]
        tags = np.full(sequences.n_tokens, "O", dtype=object)
        mine = tokens.annotator == tagger
        tags[tokens.item[mine]] = labels[mine]
        taken = [tags[offsets[row] : offsets[row + 1]] for row in rows]
        if not taken:
            spans[tagger] = set()
            continue
        read = TagSequences(np.concatenate(taken), sequences.lengths[rows])
        spans[tagger] = _located(read, rows, "y")
    return spans


def _with_blank(rows: IntArray, tags: Any, lengths: IntArray) -> list[list[str]]:
    """Tags of all sequences, those without gold as "O" throughout."""
    filled = [["O"] * length for length in lengths.tolist()]
    for row, sequence in zip(rows, tags, strict=True):
        filled[row] = list(sequence)
    return filled
