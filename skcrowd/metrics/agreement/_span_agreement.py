"""How well annotators agree on spans."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations import SequenceAnnotations, check_sequence_annotations
from skcrowd.annotations._span_tags import is_span_scheme, tag_spans
from skcrowd.metrics.agreement._interval import AgreementInterval, with_interval

if TYPE_CHECKING:
    from skcrowd._typing import RandomState


__all__ = ["span_agreement"]

MATCHES = ("exact", "overlap")
Spans = list[tuple[int, int, str]]  # first token, last token, type


def span_agreement(
    y: Any,
    *,
    match: str = "exact",
    confidence_level: float | None = None,
    n_resamples: int = 1000,
    random_state: RandomState | None = None,
) -> float | AgreementInterval:
    """F1 of the spans of every two annotators, each measured by the other.

    Of all spans of annotators in sequences that another annotator has seen, the share
    that the other marked, too. Chance agreement is not taken off: text without spans
    has no natural number of places, and where these are many kappa comes near to F1.

    Parameters
    ----------
    y : SequenceAnnotations, or sequence of sequences
        Tags that mark spans (IOB2, BIOES, BILOU), in any form that
        :func:`skcrowd.annotations.check_sequence_annotations` reads.
    match : {"exact", "overlap"}, default="exact"
        Whether two spans of the same type agree if both ends are the same, or if they
        have a token in common.
    confidence_level : float, default=None
        If given, an interval is returned, too.
    n_resamples : int, default=1000
        Resamples of the sequences for the interval.
    random_state : int, RandomState instance or None, default=None
        Which sequences are drawn.

    Returns
    -------
    agreement : float or AgreementInterval
        From 0 to 1; NaN where no two annotators saw the same sequence, or nobody marked
        a span.

    Raises
    ------
    ValueError
        If `match` is something else, or the tags mark no spans.

    References
    ----------
    G. Hripcsak, A. S. Rothschild. Agreement, the F-measure, and reliability in
    information retrieval. Journal of the American Medical Informatics Association
    12(3), 2005. doi:10.1197/jamia.M1733

    Examples
    --------
    >>> from skcrowd.annotations import SequenceAnnotations
    >>> from skcrowd.metrics.agreement import span_agreement
    >>> cells = [[["B-X", "I-X", "O"], ["B-X", "O", "O"], ["B-X", "I-X", "O"]]]
    >>> y = SequenceAnnotations.from_cells(cells)
    >>> round(span_agreement(y), 3)
    0.333
    >>> span_agreement(y, match="overlap")
    1.0
    """
    if match not in MATCHES:
        raise ValueError(f"match must be one of {MATCHES}, got {match!r}.")
    annotations = check_sequence_annotations(y)
    if not is_span_scheme(annotations.classes):
        raise ValueError(
            f"the tags {annotations.classes.tolist()[:5]} mark no spans; give tags "
            "such as B-PER, I-PER and O."
        )
    count = _count_exact if match == "exact" else _count_overlapping
    counts = np.array([count(spans) for spans in _spans_by_sequence(annotations)])

    def measure(weight: Any) -> float:
        agreeing, total = weight @ counts
        return float(agreeing / total) if total else float("nan")

    n_sequences = len(counts)
    return with_interval(
        measure,
        n_sequences,
        max(int((counts[:, 1] > 0).sum()), 1),
        confidence_level,
        n_resamples,
        random_state,
    )


def _spans_by_sequence(annotations: SequenceAnnotations) -> list[list[Spans]]:
    """Return the spans of each annotator of every sequence."""
    tokens, lengths = annotations.tokens, annotations.lengths
    sequence = np.repeat(np.arange(len(lengths)), lengths)[tokens.item]
    order = np.lexsort((tokens.item, tokens.annotator, sequence))
    sequence, annotator = sequence[order], tokens.annotator[order]
    assert tokens.classes is not None
    tags = tokens.classes[tokens.answer[order]].tolist()
    starts = np.flatnonzero(
        np.diff(sequence, prepend=-1) | np.diff(annotator, prepend=-1)
    )
    found: list[list[Spans]] = [[] for _ in lengths]
    for start, stop in zip(starts, [*starts[1:], len(tags)], strict=True):
        found[sequence[start]].append(tag_spans(tags[start:stop]))
    return found


def _count_exact(of_annotators: list[Spans]) -> tuple[int, int]:
    """Count spans that other annotators have, too, and all, once for every other."""
    spans = [span for spans in of_annotators for span in set(spans)]
    agreeing = sum(n * (n - 1) for n in Counter(spans).values())
    return agreeing, len(spans) * (len(of_annotators) - 1)


def _count_overlapping(of_annotators: list[Spans]) -> tuple[int, int]:
    """Count spans that overlap one of another annotator, and all; see above."""
    agreeing = total = 0
    for own, other in permutations(of_annotators, 2):
        total += len(own)
        agreeing += sum(
            any(a <= last and b >= first and k == kind for a, b, k in other)
            for first, last, kind in own
        )
    return agreeing, total
