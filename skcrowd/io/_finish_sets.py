"""From sets of labels that were collected to multi-label annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations import MultilabelAnnotations
from skcrowd.annotations._lookup import object_array
from skcrowd.annotations._missing import FILE_SETS, find_missing
from skcrowd.annotations._multilabel_cells import decisions_of

from ._annotations_export import Export
from ._collector import Collector
from ._finish_details import OF_SETS
from ._name_types import as_array, of_one_type, sort_names

if TYPE_CHECKING:
    from ._finish import Answers

__all__ = ["finish_sets"]


def finish_sets(collector: Collector, answers: Answers, name: str) -> Export:
    """Make the annotations of a question that is answered by sets of labels.

    Parameters
    ----------
    collector : Collector
    answers : Answers
    name : str
        Of the question.

    Returns
    -------
    export : Export
        Without `left_out`.
    """
    gold = {row: _set(one.value) for row, one in collector.gold.get(name, {}).items()}
    sets = [_set(value) for value in answers.values]
    given = [label for chosen in (*sets, *gold.values()) for label in chosen]
    if not given:
        raise ValueError(
            f"nobody chose any label in answer to {name!r}; sets of labels can only be "
            "read if somebody did."
        )
    typed = dict(
        zip(
            given,
            of_one_type(given, are_texts=collector.tool.is_text, has_gaps=True),
            strict=True,
        )
    )
    find_missing(object_array([typed[label] for label in given]), FILE_SETS)
    labels = sort_names(list(typed.values()))
    column = {label: k for k, label in enumerate(labels)}
    is_chosen = np.zeros((len(sets), len(labels)))
    for row, chosen in enumerate(sets):
        is_chosen[row, [column[typed[label]] for label in chosen]] = 1
    decisions = decisions_of(
        answers.item,
        answers.annotator,
        is_chosen[answers.code],
        (len(answers.items), len(answers.annotators)),
        as_array(answers.annotators),
    )
    sets_given = MultilabelAnnotations(
        decisions, as_array(labels), as_array(answers.items)
    )
    order = np.lexsort((answers.annotator, answers.item))
    details = {
        detail: answers.details[detail][order]
        for detail in OF_SETS
        if detail in answers.details
    }
    known = {answers.items[row]: {typed[x] for x in one} for row, one in gold.items()}
    return Export(
        sets_given.with_details(**details),
        answers.items,
        collector.tool.title,
        name,
        gold=known or None,
        data=collector.columns,
    )


def _set(value: Any) -> tuple[Any, ...]:
    """Return a set of labels; a single label is a set of one."""
    return value if isinstance(value, tuple) else (value,)
