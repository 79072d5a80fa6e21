"""True answers that are given again, written in another way."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from skcrowd.annotations._look_alikes import looking_alike
from skcrowd.annotations._missing import seems_missing
from skcrowd.annotations._warn import warn

from ._question_answers import LABEL, SET, Answer
from ._single_labels import labels_of

if TYPE_CHECKING:
    from ._annotations_export import Export
    from ._collector import Collector

__all__ = [
    "check_gold_again",
    "contradiction",
    "may_be_same",
    "warn_of_unknown_gold",
]

_MOST = 3  # labels that a message shows
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)([.,][0-9]{1,2})?")


def may_be_same(one: Answer, other: Answer) -> bool:
    """Return whether two answers are the same if their labels are numbers.

    Parameters
    ----------
    one, other : Answer

    Returns
    -------
    bool
        True of "1.0" and "1", which differ if other labels are texts.
    """
    are_labels = {one.kind, other.kind} <= {LABEL, SET}
    return are_labels and _numbers(one.value) == _numbers(other.value)


def _numbers(value: Any) -> set[Any]:
    """Return the labels of an answer; those that are written as numbers as numbers."""
    return set(map(_number, value if isinstance(value, tuple) else (value,)))


def _number(label: Any) -> Any:
    text = str(label)
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else label


def check_gold_again(
    collector: Collector, export: Export, name: str, label: str | None
) -> None:
    """Raise if true answers that may be the same are not, as labels are texts.

    Parameters
    ----------
    collector : Collector
    export : Export
        With true answers in the type that they were read as.
    name : str
        Of the question.
    label : str or None
        The one that is read, whose name is compared as a text.

    Raises
    ------
    ValueError
    """
    gold = export.gold or {}
    for row, answer in collector.gold_again.get(name, []):
        item = export.items[row]
        if item in gold and (label is not None or _has_texts(gold[item])):
            before = collector.gold[name][row]
            raise ValueError(f"item {item!r}: {contradiction(name, answer, before)}")


def _has_texts(true: Any) -> bool:
    return any(isinstance(x, str) for x in (true if isinstance(true, set) else [true]))


def warn_of_unknown_gold(export: Export) -> None:
    """Warn of true answers that nobody has given.

    Parameters
    ----------
    export : Export
        Of labels; of other answers nothing is said.

    Warns
    -----
    CrowdWarning
        Not of labels that look like others, or like missing ones, of which there are
        warnings already.
    """
    given = labels_of(export)
    if not given:
        return
    true = Counter((export.gold or {}).values())
    alike = looking_alike([*given, *true])
    unknown = {
        label: n
        for label, n in true.items()
        if label not in given and label not in alike and not seems_missing(label)
    }
    if unknown:
        warn(
            f"true answers hold {sorted(unknown, key=str)[:_MOST]}, which nobody has "
            f"answered ({sum(unknown.values())} times); the answers are such as "
            f"{sorted(given, key=str)[:_MOST]}. If they are written in another way, or "
            "the column holds no true answers, correct that, or name another by gold=.",
            ("gold", "unknown"),
        )


def contradiction(name: str, answer: Answer, before: Answer) -> str:
    """Return what to say of two true answers that differ.

    Parameters
    ----------
    name : str
        Of the question.
    answer, before : Answer

    Returns
    -------
    message : str
    """
    return (
        f"the true answer to {name!r} is {answer.value!r}, and was {before.value!r} "
        "before, for the same item; correct one of the two, or name items by another "
        "column."
    )
