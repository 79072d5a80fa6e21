"""From probabilities of labels that were collected to annotations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations import Annotations, MultilabelAnnotations
from skcrowd.annotations._read_details import check_probabilities
from skcrowd.annotations._soft_sets import check_range

from ._annotations_export import Export
from ._collector import Collector
from ._name_types import as_array, of_one_type
from ._single_labels import EMPTY_GOLD, single

if TYPE_CHECKING:
    from ._finish import Answers, Options

__all__ = ["finish_soft"]


def finish_soft(
    collector: Collector, answers: Answers, name: str, options: Options
) -> Export:
    """Make the annotations of a question that is answered by probabilities.

    Parameters
    ----------
    collector : Collector
    answers : Answers
    name : str
        Of the question.
    options : Options
        Whose `labels` have the probabilities. Of the kind "sets" each is the
        probability that a label applies, else they are a distribution.

    Returns
    -------
    export : Export
        Without `left_out`.

    Raises
    ------
    ValueError
        If a probability is negative or above 1, or, of a distribution, missing, or
        they do not sum to 1.
    """
    are_sets = options.kind == "sets"
    _check(collector, name, options, are_sets=are_sets)
    gold = {row: one.value for row, one in collector.gold.get(name, {}).items()}
    if not are_sets:
        chosen = {row: value for row, value in gold.items() if value != ()}
        collector.left_out[EMPTY_GOLD] += len(gold) - len(chosen)
        gold = {k: single(v, name, answers.items[k]) for k, v in chosen.items()}
    given = [*options.labels, *(x for one in gold.values() for x in _listed(one))]
    read = of_one_type(given, are_texts=collector.tool.is_text, has_gaps=True)
    typed = dict(zip(given, read, strict=True))
    container = MultilabelAnnotations if are_sets else Annotations
    annotations: Any = container.from_long(
        answers.item,
        answers.annotator,
        None,
        n_items=len(answers.items),
        annotator_ids=np.arange(len(answers.annotators)),
        probabilities=np.array(answers.values)[answers.code],
        classes=read[: len(options.labels)],
        **answers.details,
    )
    known = {
        answers.items[row]: {typed[x] for x in _listed(one)} if are_sets else typed[one]
        for row, one in gold.items()
    }
    return Export(
        _named(annotations, answers),
        answers.items,
        collector.tool.title,
        name,
        gold=known or None,
        data=collector.columns,
    )


def _check(
    collector: Collector, name: str, options: Options, *, are_sets: bool
) -> None:
    """Raise if an answer has no probabilities; say which record it is."""
    question = collector.questions[name]
    values = np.array(question.values)[np.frombuffer(question.code, dtype=np.int64)]

    def record(k: int) -> str:
        return f"record {collector.record_of[question.submission[k]]}"

    if not are_sets:
        check_probabilities(values, record)
        return
    check_range(values, lambda k: f"{record(k[0])}, label {options.labels[k[1]]!r}")


def _listed(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _named(annotations: Any, answers: Answers) -> Any:
    """Give annotators and items their names."""
    names, items = as_array(answers.annotators), as_array(answers.items)
    if isinstance(annotations, Annotations):
        return replace(annotations, annotator_names=names, item_names=items)
    decisions = replace(annotations.decisions, annotator_names=names)
    return MultilabelAnnotations(decisions, annotations.classes, items)
