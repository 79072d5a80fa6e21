"""From answers about pairs of items to comparisons."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, NamedTuple

from skcrowd.aggregation import Comparisons

from ._annotations_export import Export
from ._collector import Collector
from ._name_types import as_array, is_missing, of_one_type, without_decimals

if TYPE_CHECKING:
    from ._finish import Answers

__all__ = ["FIRST", "SECOND", "TIES", "finish_pairs"]

FIRST = {"first", "left", "a", "1", "item_a", "model_a", "option_a", "response_a"}
SECOND = {"second", "right", "b", "2", "item_b", "model_b", "option_b", "response_b"}
TIES = {"tie", "ties", "tied", "equal", "same", "both", "neither", "none", "draw"}
TIES |= {"no preference", "undecided", "tie (bothbad)"}
UNNAMED = "pairs of which one item is not named"
SAME = "pairs of an item with itself"
_UNKNOWN = object()


def finish_pairs(
    collector: Collector, answers: Answers, name: str, pair: tuple[str, str]
) -> Export:
    """Make comparisons of a question that is answered by one of two items.

    Parameters
    ----------
    collector : Collector
        Its items are pairs, whose columns `pair` were kept.
    answers : Answers
    name : str
        Of the question.
    pair : tuple of two str
        The columns of the two items, in the places in which they were shown.

    Returns
    -------
    export : Export
        Without `left_out`. Its `items` are what was compared.

    Raises
    ------
    ValueError
        If there is no such column, or an answer is neither of the two, nor a tie, or
        may be both.
    """
    shown = [_column(collector, column) for column in pair]
    if collector.tool.is_text:
        both = without_decimals([*shown[0], *shown[1]])
        shown = [both[: len(shown[0])], both[len(shown[0]) :]]
    rows: list[_Answer] = []
    for item, annotator, code in zip(
        answers.item.tolist(),
        answers.annotator.tolist(),
        answers.code.tolist(),
        strict=True,
    ):
        first, second = shown[0][item], shown[1][item]
        if is_missing(first) or is_missing(second):
            collector.left_out[UNNAMED] += 1
        elif first == second:
            collector.left_out[SAME] += 1
        else:
            by, value = answers.annotators[annotator], answers.values[code]
            value = value[0] if isinstance(value, tuple) and len(value) == 1 else value
            rows.append(_Answer(first, second, value, by, answers.items[item]))
    if not rows:
        raise ValueError(f"the columns {list(pair)} hold no pair of different items.")
    preferred = _preferred(rows, pair)
    first, second, _, annotator, _ = map(list, zip(*rows, strict=True))
    names = list(dict.fromkeys([*first, *second]))
    typed: dict[Any, Any] = {None: None}
    typed |= dict(
        zip(names, of_one_type(names, are_texts=collector.tool.is_text), strict=True)
    )
    comparisons = Comparisons.from_long(
        as_array([typed[item] for item in first]),
        as_array([typed[item] for item in second]),
        [typed[item] for item in preferred],
        as_array(annotator),
    )
    items = comparisons.item_names.tolist()
    return Export(
        comparisons,
        items,
        collector.tool.title,
        name,
        data={"text": [str(item) for item in items]} if collector.data else {},
    )


def _column(collector: Collector, name: str) -> list[Any]:
    """Return a column of the items, whose values can be names."""
    if name not in collector.columns:
        raise ValueError(
            f"pair names the column {name!r}, but of the items there are "
            f"{list(collector.columns)}."
        )
    return [
        value if isinstance(value, Hashable) else str(value)
        for value in collector.columns[name]
    ]


class _Answer(NamedTuple):
    """Who said what of which two items."""

    first: Any
    second: Any
    value: Any
    annotator: Any
    where: Any


def _preferred(rows: list[_Answer], pair: tuple[str, str]) -> list[Any]:
    """Return what is preferred in all rows, None in ties.

    Answers are names of items, or of places. A word may be both, as "b" and "second";
    what explains all answers is taken, and names first.
    """
    by_name = [_by_name(row) for row in rows]
    by_place = [_by_place(row, pair) for row in rows]
    for read in (by_name, by_place):
        if _UNKNOWN not in read:
            return read
    for row, one, other in zip(rows, by_name, by_place, strict=True):
        if one is _UNKNOWN and other is _UNKNOWN:
            raise ValueError(
                f"the answer {row.value!r} about {row.where!r} is neither of the items "
                f"compared, {row.first!r} and {row.second!r}, nor one of the words for "
                f"places and ties that are known: {pair[0]!r}, {pair[1]!r}, 'first', "
                "'second', 'left', 'right', 'tie'."
            )
        if one is not _UNKNOWN and other is not _UNKNOWN and one != other:
            raise ValueError(
                f"the answer {row.value!r} about {row.where!r} names one of the items "
                f"compared, {row.first!r} and {row.second!r}, but also a place or a "
                "tie, and other answers are of both kinds; rename the item."
            )
    return [
        other if one is _UNKNOWN else one
        for one, other in zip(by_name, by_place, strict=True)
    ]


def _by_name(row: _Answer) -> Any:
    """Return the item that an answer names, None for a tie."""
    for item in (row.first, row.second):
        if row.value == item or str(row.value) == str(item):
            return item
    for item in (row.first, row.second):
        if without_decimals([row.value]) == [item]:
            return item
    return None if _word(row) in TIES else _UNKNOWN


def _by_place(row: _Answer, pair: tuple[str, str]) -> Any:
    """Return the item whose place an answer names, None for a tie."""
    for item, column, words in zip(row[:2], pair, (FIRST, SECOND), strict=True):
        if row.value == column or _word(row) in words - set(pair):
            return item
    return None if _word(row) in TIES else _UNKNOWN


def _word(row: _Answer) -> str:
    return str(row.value).strip().lower()
