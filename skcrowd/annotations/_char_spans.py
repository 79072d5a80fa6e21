"""Character spans in a text as tags of its tokens."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from numbers import Integral
from typing import Any, NamedTuple

from ._span_tags import SCHEMES, span_as_tags, tag_spans
from ._warn import warn

__all__ = [
    "LOSSES",
    "Span",
    "check_scheme",
    "read_spans",
    "spans_as_tags",
    "tags_as_spans",
    "warn_of_losses",
]

CUT = "spans that cut a token (widened to it)"
TRIMMED = "spans with space at their ends (trimmed)"
EMPTY = "spans without a token (left out)"
REPEATED = "spans given twice (left out)"
NESTED = "spans within a longer one (left out)"
OVERLAPPING = "spans that overlap a longer one (left out)"
LOSSES = (CUT, TRIMMED, EMPTY, REPEATED, NESTED, OVERLAPPING)


class Span(NamedTuple):
    """A labelled part of a text.

    Attributes
    ----------
    start, end : int
        It is ``text[start:end]``, counted in characters (code points).
    label : str

    Examples
    --------
    >>> from skcrowd.annotations import Span
    >>> span = Span(0, 3, "PER")
    >>> "Ann met Bo"[span.start : span.end]
    'Ann'
    """

    start: int
    end: int
    label: str


def check_scheme(scheme: str) -> None:
    """Raise if `scheme` is none of `SCHEMES`."""
    if scheme not in SCHEMES:
        raise ValueError(f"scheme must be one of {SCHEMES}, got {scheme!r}.")


def read_spans(spans: Iterable[Any], text: str, where: str) -> list[Span]:
    """Check the spans of one text by one annotator.

    Parameters
    ----------
    spans : iterable of tuples (start, end, label) or mappings with these keys
    text : str
    where : str
        Whose spans they are, for error messages.

    Returns
    -------
    spans : list of Span

    Raises
    ------
    TypeError
        If one is no span.
    ValueError
        If one does not lie in the text.
    """
    read = []
    for span in spans:
        if isinstance(span, Mapping):
            parts: list[Any] = [span.get(key) for key in ("start", "end", "label")]
        else:
            is_listed = isinstance(span, (tuple, list))
            parts = list(span) if is_listed else [span]
        if len(parts) != 3 or not all(isinstance(p, Integral) for p in parts[:2]):
            raise TypeError(
                f"{where}: a span is (start, end, label), or a dict with these keys, "
                f"got {span!r}."
            )
        start, end, label = parts
        if not 0 <= start < end <= len(text):
            raise ValueError(
                f"{where}: the span {(start, end, label)} does not lie in the text, "
                f"which has {len(text)} characters."
            )
        read.append(Span(int(start), int(end), "" if label is None else str(label)))
    return read


def spans_as_tags(
    spans: list[Span],
    offsets: list[tuple[int, int]],
    scheme: str,
    losses: Counter[str],
) -> list[str]:
    """Return the tags of the tokens of a text.

    Tags mark whole tokens, each of one span at most. A span that cuts a token is
    widened to it. Of spans that share a token the longest is kept, of equally long ones
    the first.

    Parameters
    ----------
    spans : list of Span
    offsets : list of tuples (start, end)
        Where the tokens are.
    scheme : {"IOB2", "BIOES"}
    losses : Counter
        What the tags do not say is counted here, by `LOSSES`.

    Returns
    -------
    tags : list of str
    """
    starts = [start for start, _ in offsets]
    ends = [end for _, end in offsets]
    tags = ["O"] * len(offsets)
    owner: list[Span | None] = [None] * len(offsets)
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        first = bisect_right(ends, span.start)
        last = bisect_left(starts, span.end) - 1
        if first > last:
            losses[EMPTY] += 1
            continue
        others = {other for other in owner[first : last + 1] if other is not None}
        if others:
            losses[_reason(span, others)] += 1
            continue
        if starts[first] < span.start or ends[last] > span.end:
            losses[CUT] += 1
        elif starts[first] > span.start or ends[last] < span.end:
            losses[TRIMMED] += 1
        owner[first : last + 1] = [span] * (last + 1 - first)
        tags[first : last + 1] = span_as_tags(last + 1 - first, span.label, scheme)
    return tags


def _reason(span: Span, others: set[Span]) -> str:
    """Return why a span whose tokens belong to others is left out."""
    if span in others:
        return REPEATED
    if any(o.start <= span.start and span.end <= o.end for o in others):
        return NESTED
    return OVERLAPPING


def tags_as_spans(tags: Iterable[str], offsets: list[tuple[int, int]]) -> list[Span]:
    """Return the character spans that the tags of a text mark.

    Parameters
    ----------
    tags : iterable of str
        One for each token, in IOB2, BIOES or BILOU.
    offsets : list of tuples (start, end)
        Where the tokens are.

    Returns
    -------
    spans : list of Span
    """
    found = tag_spans([str(tag) for tag in tags])
    return [
        Span(offsets[first][0], offsets[last][1], label) for first, last, label in found
    ]


def warn_of_losses(losses: Counter[str], n_spans: int) -> None:
    """Issue a `CrowdWarning` if tags do not say all that the spans said."""
    counts = "; ".join(f"{key}: {losses[key]}" for key in LOSSES if losses[key])
    if counts:
        warn(
            f"of {n_spans} spans not all are exact as tags of tokens: {counts}. Tags "
            "mark whole tokens, each of one span; another tokenizer may cut fewer.",
            ("spans", "losses"),
        )
