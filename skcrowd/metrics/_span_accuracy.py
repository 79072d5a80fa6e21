"""Precision and recall of the spans of each annotator, where the truth is inferred."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.annotations._span_tags import is_span_tag
from skcrowd.annotations._tag_sequences import TagSequences
from skcrowd.metrics._annotator_accuracy import accuracy_interval
from skcrowd.metrics._spans import _spans

if TYPE_CHECKING:
    from skcrowd._typing import Array, IntArray
    from skcrowd.annotations import SequenceAnnotations


__all__ = ["SpanCounts", "cluster_sums", "design_effect", "mark_spans", "span_counts"]

EVIDENCE = 0.5  # weight of the log-odds of a span, whose tokens are wrong together


class SpanCounts(NamedTuple):
    """Spans, or other marks such as ticked labels, of each annotator.

    Attributes
    ----------
    n_marked : ndarray of shape (n_annotators,)
        Spans that the annotator marked.
    right, missed : ndarray of shape (n_annotators,)
        Expected number of these that are true, and of true spans in the annotator's
        sequences that the annotator did not mark.
    right_var, missed_var : ndarray of shape (n_annotators,)
        Their variances.
    clusters : ndarray of shape (2, 2)
        :func:`cluster_sums` of marked, and of true spans, by sequence.
    """

    n_marked: np.ndarray
    right: np.ndarray
    right_var: np.ndarray
    missed: np.ndarray
    missed_var: np.ndarray
    clusters: np.ndarray

    def plus(self, earlier: Any) -> Any:
        """Add the spans of earlier sequences, of the first of these annotators."""
        sums = {name: values.copy() for name, values in self._asdict().items()}
        for name, more in earlier._asdict().items():
            sums[name][: len(more)] += more
        return SpanCounts(**sums)

    def of(self, rows: Any) -> Any:
        """Select annotators."""
        fields = self._asdict()
        clusters = fields.pop("clusters")
        chosen = {name: values[rows] for name, values in fields.items()}
        return SpanCounts(**chosen, clusters=clusters)

    def columns(self, level: Any, prefix: str = "span_") -> Any:
        """Return precision, recall and F1 with their intervals.

        F1 is ``2 J / (1 + J)``, where J, the share of right spans among those marked or
        true, is a proportion and has the interval of one.

        Parameters
        ----------
        level : float
            Probability that an interval holds the value.
        prefix : str, default="span_"
            Of the names of the columns.

        Returns
        -------
        columns : dict from str to ndarray of shape (n_annotators,)
            NaN, and intervals from 0 to 1, where there is no span to count.
        """
        right, missed, n_marked = self.right, self.missed, self.n_marked
        n_true = right + missed
        share = _ratio(right, n_true)
        jaccard = _ratio(right, n_marked + missed)
        marked_effect, true_effect = map(design_effect, self.clusters)
        # d[R / (R + M)] = ((1 - p) dR - p dM) / (R + M), p = R / (R + M);
        # d[R / (N + M)] = (dR - J dM) / (N + M)
        p, j = np.nan_to_num(share), np.nan_to_num(jaccard)
        share_var = (1 - p) ** 2 * self.right_var + p**2 * self.missed_var
        jaccard_var = self.right_var + j**2 * self.missed_var
        measures = {
            "precision": (n_marked, self.right_var, marked_effect),
            "recall": (n_true, share_var, true_effect),
            "f1": (
                n_marked + missed,
                jaccard_var,
                max(marked_effect, true_effect),
            ),
        }
        values = {
            "precision": _ratio(right, n_marked),
            "recall": share,
            "f1": 2 * jaccard / (1 + jaccard),
        }
        columns = {}
        for name, (n, var, effect) in measures.items():
            low, high = accuracy_interval(right, var, n, level, effect)
            if name == "f1":
                low, high = 2 * low / (1 + low), 2 * high / (1 + high)
            columns[f"{prefix}{name}"] = values[name]
            columns[f"{prefix}{name}_low"] = low
            columns[f"{prefix}{name}_high"] = high
        return columns


def mark_spans(classes: Any) -> Any:
    """Return whether all tags are "O", or a prefix and a type of span."""
    return all(isinstance(tag, str) and is_span_tag(tag) for tag in classes.tolist())


def span_counts(
    sequences: SequenceAnnotations, posterior: Array, calibrated: Array, tags: IntArray
) -> SpanCounts:
    """Count marked, right and missed spans of each annotator.

    A span is true with the smallest of the probabilities that its tokens have its tags,
    and that the next token does not go on with it: tokens of a span are right or wrong
    together. For the same reason their evidence is counted half where variances are
    computed. True spans are sought among those that any annotator, or the inferred
    tags, mark.

    Parameters
    ----------
    sequences : SequenceAnnotations
    posterior : ndarray of shape (n_tokens, n_classes)
        Probabilities of the true tags.
    calibrated : ndarray of shape (n_tokens, n_classes)
        A posterior that is not too certain, from which variances are computed.
    tags : int64 ndarray of shape (n_tokens,)
        Codes of the inferred tags.

    Returns
    -------
    counts : SpanCounts
    """
    answers = _tags_of_annotators(sequences)
    probability = _SpanProbabilities(sequences, posterior, calibrated)
    true_in: list[set[Any]] = [set() for _ in range(sequences.n_sequences)]
    every = np.arange(sequences.n_sequences)
    marked = [probability.read(codes, rows) for rows, codes in answers]
    for spans in (*marked, probability.read(tags, every)):
        for span in spans:
            true_in[span[0]].add(span)
    sums = np.zeros((5, sequences.n_annotators))
    clusters = np.zeros((2, 2))
    for annotator, ((rows, _), spans) in enumerate(zip(answers, marked, strict=True)):
        candidates = set().union(*(true_in[row] for row in rows.tolist()))
        own, others = sorted(spans), sorted(candidates - spans)
        q_own, q_others = probability.of(own), probability.of(others)
        for k, q in enumerate((q_own, q_others)):
            mean, v = q[:, 0].sum(), (q[:, 1] * (1 - q[:, 1])).sum()
            # the same variance as RightAnswers.doubt
            sums[2 * k : 2 * k + 2, annotator] = (
                mean,
                v + v**2 + (q[:, 1].sum() - mean) ** 2,
            )
        sums[4, annotator] = len(own)
        q, m = q_own[:, 0], q_others[:, 0]
        row = np.array([span[0] for span in (*own, *others)], dtype=np.int64)
        clusters[0] += cluster_sums(q - _mean(q), row[: len(q)])
        # of a true span: whether it is found, weighted by its being true
        found = q.sum() / max(q.sum() + m.sum(), 1e-12)
        clusters[1] += cluster_sums(np.concatenate([q * (1 - found), -m * found]), row)
    return SpanCounts(sums[4], sums[0], sums[1], sums[2], sums[3], clusters)


def cluster_sums(
    deviation: Array, cluster: IntArray, number: Array | float = 1.0
) -> Array:
    """Return sums of squares of the clusters' total deviations, and of all deviations.

    Their ratio is the design effect of equally correlated deviations (Kish, 1965).

    Parameters
    ----------
    deviation : ndarray of shape (n,)
        From the mean.
    cluster : int64 ndarray of shape (n,)
    number : ndarray of shape (n,), default=1.0
        How often each deviation occurs.

    Returns
    -------
    sums : ndarray of shape (2,)
    """
    totals = np.bincount(cluster, number * deviation)
    return np.array([np.sum(totals**2), np.sum(number * deviation**2)])


def design_effect(sums: Any) -> Any:
    """Return the design effect by :func:`cluster_sums`, at least 1."""
    clustered, independent = sums
    return max(clustered / independent, 1.0) if independent > 0 else 1.0


class _SpanProbabilities:
    """Spans of tag sequences, and the probabilities that they are true."""

    def __init__(self, sequences: Any, posterior: Any, calibrated: Any) -> None:
        # "O" of tokens that an annotator left out comes last
        self.classes = np.array([*sequences.tokens.classes.tolist(), "O"], object)
        self.lengths, self.offsets = sequences.lengths, sequences.offsets
        self.posteriors = np.stack([posterior, calibrated])
        self.tags_of: dict[tuple[Any, ...], np.ndarray] = {}

    def read(self, codes: Any, rows: Any) -> Any:
        """Return the spans (row, type, first, last) of codes of the tags of rows."""
        if not len(rows):
            return set()
        lengths = self.lengths[rows]
        starts = np.cumsum(lengths + 1) - lengths - 1  # an O follows each sequence
        found = set()
        for kind, first, last in _spans(
            TagSequences(self.classes[codes], lengths), "y"
        ):
            k = np.searchsorted(starts, first, side="right") - 1
            span = (int(rows[k]), kind, int(first - starts[k]), int(last - starts[k]))
            self.tags_of.setdefault(span, codes[first - k : last - k + 1])
            found.add(span)
        return found

    def of(self, spans: Any) -> Any:
        """Return the probabilities of spans by both posteriors, (n_spans, 2)."""
        found = np.array([self._of(span) for span in spans]).reshape(-1, 2)
        np.clip(found, 0, 1, out=found)
        odds_root, other = found[:, 1] ** EVIDENCE, (1 - found[:, 1]) ** EVIDENCE
        found[:, 1] = odds_root / (odds_root + other)
        return found

    def _of(self, span: Any) -> Any:
        row, kind, first, last = span
        begin, end = self.offsets[row] + first, self.offsets[row] + last + 1
        tokens = np.arange(begin, end)
        least = self.posteriors[:, tokens, self.tags_of[span]].min(axis=1)
        if end == self.offsets[row + 1]:
            return least
        if self.classes[self.tags_of[span][-1]][0] in "ESLU":
            return least
        continues = [tag[0] in "IEL" and tag[2:] == kind for tag in self.classes[:-1]]
        return np.minimum(least, 1 - self.posteriors[:, end, continues].sum(axis=1))


def _tags_of_annotators(sequences: Any) -> Any:
    """Return the rows that each annotator tagged, and the codes of all their tags.

    A token that an annotator left out, of code n_classes, is outside of any span.
    """
    tokens, offsets = sequences.tokens, sequences.offsets
    sequence, annotator = sequences.pairs
    outside = len(tokens.classes)
    found = []
    for tagger in range(sequences.n_annotators):
        rows = sequence[annotator == tagger]
        codes = np.full(sequences.n_tokens, outside)
        mine = tokens.annotator == tagger
        codes[tokens.item[mine]] = tokens.answer[mine]
        taken = [codes[offsets[row] : offsets[row + 1]] for row in rows]
        found.append((rows, np.concatenate(taken) if taken else codes[:0]))
    return found


def _ratio(part: Any, whole: Any) -> Any:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def _mean(values: Any) -> Any:
    return values.mean() if len(values) else 0.0
