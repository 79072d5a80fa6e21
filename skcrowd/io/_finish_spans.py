"""From spans that were collected to tag sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations import SequenceAnnotations, Span, TokenizedTexts
from skcrowd.annotations._char_spans import warn_of_losses
from skcrowd.annotations._span_cells import read_span_cells
from skcrowd.annotations._warn import warn

from ._annotations_export import Export
from ._collector import Collector
from ._name_types import as_array
from ._offsets import MISPLACED, NOT_IN_TEXT

if TYPE_CHECKING:
    from ._finish import Answers, Options

__all__ = ["finish_spans"]

NO_TOKEN = "items whose text has no token"


def finish_spans(
    collector: Collector, answers: Answers, name: str, options: Options
) -> Export:
    """Make the annotations of a question that is answered by spans.

    Parameters
    ----------
    collector : Collector
    answers : Answers
    name : str
        Of the question.
    options : Options

    Returns
    -------
    export : Export
        Without `left_out`; what tags do not say is counted in the collector.
    """
    _check_texts(collector, answers)
    kept, tokens = _tokenized(collector, len(answers.items), options.tokenizer)
    row_of = {item: row for row, item in enumerate(kept)}
    collector.left_out[NO_TOKEN] += len(answers.items) - len(kept)
    rows: list[dict[Any, list[Span]]] = [{} for _ in kept]
    for item, annotator, code in zip(
        answers.item.tolist(),
        answers.annotator.tolist(),
        answers.code.tolist(),
        strict=True,
    ):
        if item in row_of:
            spans = [Span(*span) for span in answers.values[code]]
            rows[row_of[item]][answers.annotators[annotator]] = spans
    items = [answers.items[item] for item in kept]
    cells = read_span_cells(tokens, rows, options.scheme)
    collector.left_out.update(cells.losses)
    warn_of_losses(cells.losses, cells.n_spans)
    _warn_of_misplaced(collector)
    annotations = SequenceAnnotations.from_long(
        as_array(items)[np.array(cells.row, dtype=np.int64)],
        cells.annotator,
        cells.tags,
        lengths=cells.lengths,
        sequence_ids=as_array(items),
        annotator_ids=as_array(answers.annotators),
    )
    data = {
        name: [values[item] for item in kept]
        for name, values in collector.columns.items()
    }
    return Export(
        annotations,
        items,
        collector.tool.title,
        name,
        gold=_gold(collector, name, row_of, tokens, items, options.scheme),
        data=data,
        tokens=tokens,
        spans=rows,
    )


def _warn_of_misplaced(collector: Collector) -> None:
    """Warn of spans that are left out, so that nothing seems to have been found."""
    n_spans = collector.left_out[MISPLACED] + collector.left_out[NOT_IN_TEXT]
    if n_spans:
        warn(
            f"spans are left out ({n_spans}), whose text is not where they are; their "
            "tokens are tagged as if nothing was found. Check that the texts are those "
            "that were annotated.",
            ("spans", "misplaced"),
        )


def _check_texts(collector: Collector, answers: Answers) -> None:
    """Raise if the text of an annotated item is not known."""
    unknown = [row for row in set(answers.item.tolist()) if row not in collector.texts]
    if unknown:
        raise ValueError(
            f"{len(unknown)} annotated items have no text, among them "
            f"{answers.items[min(unknown)]!r}; pass text=, the field that has it."
        )


def _tokenized(
    collector: Collector, n_items: int, tokenizer: Any
) -> tuple[list[int], TokenizedTexts]:
    """Return the items whose text has a token, and their tokens."""
    missing = [item for item in range(n_items) if item not in collector.texts]
    texts = [collector.texts.get(item, "") for item in range(n_items)]
    if tokenizer is None and len(collector.offsets) == n_items - len(missing):
        offsets = [collector.offsets.get(item, []) for item in range(n_items)]
        tokens = TokenizedTexts.from_offsets(texts, offsets)
    else:
        tokens = TokenizedTexts(texts, tokenizer)
    kept = [item for item in range(n_items) if tokens[item]]
    if not kept:
        raise ValueError("no item has a text with a token.")
    return kept, tokens[kept]


def _gold(
    collector: Collector,
    name: str,
    row_of: dict[int, int],
    tokens: TokenizedTexts,
    items: list[Any],
    scheme: str,
) -> dict[Any, list[str]] | None:
    """Return true tags by name of the item."""
    known = {
        row_of[item]: [answer.value]
        for item, answer in collector.gold.get(name, {}).items()
        if item in row_of
    }
    if not known:
        return None
    cells = read_span_cells(
        tokens[list(known)],
        [{"gold": answer[0]} for answer in known.values()],
        scheme,
    )
    return {items[row]: tags for row, tags in zip(known, cells.tags, strict=True)}
