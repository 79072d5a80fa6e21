"""From answers about pairs of items to comparisons."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from skcrowd.aggregation import Comparisons

from ._annotations_export import Export
from ._collector import Collector
from ._name_types import as_array, is_missing, of_one_type

if TYPE_CHECKING:
    from ._finish import Answers

__all__ = ["FIRST", "SECOND", "TIES", "finish_pairs"]

FIRST = {"first", "left", "a", "1", "item_a", "model_a", "option_a", "response_a"}
SECOND = {"second", "right", "b", "2", "item_b", "model_b", "option_b", "response_b"}
TIES = {"tie", "ties", "tied", "equal", "same", "both", "neither", "none", "draw"}
TIES |= {"no preference", "undecided", "tie (bothbad)"}
UNNAMED = "pairs of which one item is not named"
SAME = "pairs of an item with itself"


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
        If there is no such column, or an answer is neither of the two, nor a tie.
    """
    shown = [_column(collector, column) for column in pair]
    rows: list[tuple[Any, Any, Any, Any]] = []
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
            value = answers.values[code]
            preferred = _preferred(value, (first, second), pair, answers.items[item])
            rows.append((first, second, preferred, answers.annotators[annotator]))
    if not rows:
        raise ValueError(f"the columns {list(pair)} hold no pair of different items.")
    first, second, preferred, annotator = map(list, zip(*rows, strict=True))
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


def _preferred(
    value: Any, items: tuple[Any, Any], pair: tuple[str, str], where: Any
) -> Any:
    """Return the item that an answer prefers, None for a tie."""
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    for item, column in zip(items, pair, strict=True):
        if value in (item, column) or str(value) == str(item):
            return item
    said = str(value).strip().lower()
    if said in FIRST:
        return items[0]
    if said in SECOND:
        return items[1]
    if said in TIES:
        return None
    raise ValueError(
        f"the answer {value!r} about {where!r} is neither of the items compared, "
        f"{items[0]!r} and {items[1]!r}, nor one of the words for places and ties that "
        f"are known: {pair[0]!r}, {pair[1]!r}, 'first', 'second', 'left', 'right', "
        "'tie'."
    )
