"""Read character spans of several annotators as tag sequences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ._char_spans import check_scheme, read_spans, spans_as_tags
from ._tokenized_texts import TokenizedTexts

__all__ = ["SpanCells", "read_span_cells"]


class SpanCells(NamedTuple):
    """A long table of tag sequences, made of character spans.

    Attributes
    ----------
    row : list of int
        The text that was annotated.
    annotator : list
    tags : list of lists of str
    lengths : list of n_texts int
    losses : Counter
        What the tags do not say.
    n_spans : int
    """

    row: list[int]
    annotator: list[Any]
    tags: list[list[str]]
    lengths: list[int]
    losses: Counter[str]
    n_spans: int


def read_span_cells(
    tokens: TokenizedTexts,
    spans: Sequence[Any],
    scheme: str,
    annotator_names: Sequence[Any] | None = None,
) -> SpanCells:
    """Read spans; see `SequenceAnnotations.from_spans`.

    Returns
    -------
    cells : SpanCells

    Raises
    ------
    ValueError
        If a text has no token, or there are not as many rows as texts.
    TypeError
        If a row is neither a mapping nor a list of cells.
    """
    check_scheme(scheme)
    if len(spans) != len(tokens):
        raise ValueError(
            f"spans has {len(spans)} rows, but there are {len(tokens)} texts; give a "
            "dict from annotator to spans, perhaps empty, for each."
        )
    lengths = [len(words) for words in tokens]
    if 0 in lengths:
        k = lengths.index(0)
        raise ValueError(
            f"text {k}, {tokens.texts[k][:40]!r}, has no token; leave it out of the "
            "texts and the spans."
        )
    cells = SpanCells([], [], [], lengths, Counter(), 0)
    n_spans = 0
    for k, row in enumerate(spans):
        for name, cell in _cells_of(row, k, annotator_names):
            read = read_spans(cell, tokens.texts[k], f"text {k}, annotator {name!r}")
            n_spans += len(read)
            cells.row.append(k)
            cells.annotator.append(name)
            cells.tags.append(
                spans_as_tags(read, tokens.offsets[k], scheme, cells.losses)
            )
    return cells._replace(n_spans=n_spans)


def _cells_of(
    row: Any, k: int, names: Sequence[Any] | None
) -> list[tuple[Any, Iterable[Any]]]:
    """Return (annotator, spans) of all who annotated a text."""
    if isinstance(row, Mapping):
        pairs: Iterable[tuple[Any, Any]] = row.items()
    elif isinstance(row, (list, tuple)) and not _are_spans(row):
        if names is not None and len(names) != len(row):
            raise ValueError(
                f"row {k} of spans has {len(row)} cells, but there are {len(names)} "
                "annotator_names."
            )
        pairs = zip(range(len(row)) if names is None else names, row, strict=True)
    else:
        raise TypeError(
            f"row {k} of spans must be a dict from annotator to a list of spans, or a "
            "list with a list of spans, or None, for each annotator, got "
            f"{str(row)[:60]}."
        )
    return [(name, cell) for name, cell in pairs if cell is not None]


def _are_spans(row: Sequence[Any]) -> bool:
    """Whether spans stand where a cell for each annotator should."""
    return any(
        isinstance(cell, Mapping) or (isinstance(cell, tuple) and len(cell) == 3)
        for cell in row
    )
