"""From what was collected to annotations of one question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np

from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.annotations._look_alikes import warn_of_look_alikes
from skcrowd.annotations._lookup import object_array
from skcrowd.annotations._missing import (
    FILE,
    FILE_GOLD,
    FILE_RATINGS,
    Source,
    find_missing,
)
from skcrowd.annotations._read_details import is_unsure

from ._annotations_export import Export
from ._collector import Collector
from ._decimal_numbers import NumberColumn, are_decimal
from ._finish_details import OF_SETS, leave_out_details
from ._finish_pairs import finish_pairs
from ._finish_sets import finish_sets
from ._finish_soft import finish_soft
from ._finish_spans import finish_spans
from ._gold_again import check_gold_again, warn_of_unknown_gold
from ._half_characters import check_characters
from ._left_out import count_left_out, listed
from ._name_types import (
    as_array,
    check_not_rounded,
    of_one_type,
    sort_names,
)
from ._question import chosen_question
from ._question_answers import LABEL, NUMBER, SET, SOFT, SPANS, Question
from ._single_labels import EMPTY_GOLD, only, single
from ._unsure_signs import UnsureSigns

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray, IntArray

__all__ = ["Answers", "Kind", "Options", "Repeated", "finish"]

Kind: TypeAlias = Literal["auto", "labels", "numbers", "sets"]
Repeated: TypeAlias = Literal["last", "first", "error"]

NO_ANSWER = "submissions without an answer to the question"
NOTHING_CHOSEN = "submissions in which nothing was chosen"
UNSURE_GOLD = "true answers that are signs of not knowing"
ANSWERED_AGAIN = "repeated answers of one annotator to one item"


class Options(NamedTuple):
    """Options that all readers have.

    Attributes
    ----------
    question, label : str or None
    kind : {"auto", "labels", "numbers", "sets"}
    repeated : {"last", "first", "error"}
    tokenizer : callable, str or None
    scheme : {"IOB2", "BIOES"}
    unsure : scalar or list
        Signs for "I don't know".
    pair : tuple of two str or None
        The columns of the two items that an answer compares.
    details : tuple of str
        What was asked for of "time", "confidence" and "weight".
    labels : tuple
        Those whose probabilities are the answers.
    """

    question: str | None = None
    label: str | None = None
    kind: Kind = "auto"
    repeated: Repeated = "last"
    tokenizer: Any = None
    scheme: Literal["IOB2", "BIOES"] = "IOB2"
    unsure: Any = ()
    pair: tuple[str, str] | None = None
    details: tuple[str, ...] = ()
    labels: tuple[Any, ...] = ()

    def check(self) -> None:
        """Raise if an option has an unknown value."""
        known = {
            "kind": ("auto", "labels", "numbers", "sets"),
            "repeated": ("last", "first", "error"),
            "scheme": ("IOB2", "BIOES"),
        }
        for name, values in known.items():
            if getattr(self, name) not in values:
                raise ValueError(
                    f"{name} must be one of {values}, got {getattr(self, name)!r}."
                )
        if self.kind == "sets" and self.label is not None:
            raise ValueError(
                f"label={self.label!r} reads one label of several as yes or no, "
                "kind='sets' all of them; pass one of the two."
            )
        if self.pair is not None and (
            isinstance(self.pair, str) or len(set(self.pair)) != 2
        ):
            raise ValueError(
                f"pair={self.pair!r}; give the names of the two columns that hold the "
                "items compared."
            )


class Answers(NamedTuple):
    """The answers that are left, one for each pair of item and annotator.

    Attributes
    ----------
    item, annotator, code : int64 ndarray of shape (n_answers,)
        `code` numbers `values`.
    values : list
    items, annotators : list
        The names.
    details : dict of str to ndarray of shape (n_answers,)
        "time", "confidence" and "weight", where the file has them.
    """

    item: IntArray
    annotator: IntArray
    code: IntArray
    values: list[Any]
    items: list[Any]
    annotators: list[Any]
    details: dict[str, FloatArray]


def finish(collector: Collector, options: Options) -> Export:
    """Make the annotations of one question.

    Parameters
    ----------
    collector : Collector
    options : Options

    Returns
    -------
    export : Export

    Raises
    ------
    ValueError
        If no annotator is named, the question is not clear, its answers are of several
        kinds, an item has several labels without `label`, a true answer has several and
        the answers are single ones, an annotator has several answers with
        ``repeated="error"``, or it is not clear what a number is.
    """
    collector.check_details()
    collector.check_data()
    name = chosen_question(collector, options.question)
    question = collector.questions[name]
    question.check_kinds(name)
    question.check_types(name)
    if options.label is not None and question.kind not in (SET, LABEL):
        raise ValueError(
            f"label={options.label!r} chooses one of several labels, but question "
            f"{name!r} is answered by a {question.kind}; leave label out."
        )
    pair = options.pair
    if pair is None and options.kind == "auto":
        pair = collector.pairs.get(name)
    is_soft = question.kind == SOFT
    are_sets = False
    if not is_soft and pair is None:
        are_sets = _are_sets(question, options, _true_sets(collector, name))
    answers = _answers(collector, question, options, are_sets=are_sets)
    if not answers.code.size:
        raise ValueError(
            f"no answer is left: {listed(count_left_out(collector, name))}."
        )
    if question.kind == SPANS or pair is not None or are_sets:
        if pair is not None:
            leave_out_details(collector, answers, options, "preferences")
        elif are_sets:
            leave_out_details(collector, answers, options, "sets of labels", OF_SETS)
        else:
            leave_out_details(collector, answers, options, "spans")
    if is_soft:
        export = finish_soft(collector, answers, name, options)
    elif question.kind == SPANS:
        export = finish_spans(collector, answers, name, options)
    elif pair is not None:
        export = finish_pairs(collector, answers, name, pair)
    elif are_sets:
        export = finish_sets(collector, answers, name)
    else:
        export = _finish_values(collector, answers, name, options)
    check_gold_again(collector, export, name, options.label)
    warn_of_unknown_gold(export)
    items, annotators, labels = export.items, answers.annotators, _labels_of(export)
    check_characters(items=items, annotators=annotators, labels=labels)
    warn_of_look_alikes(items, annotators, labels)
    return replace(export, left_out=count_left_out(collector, name))


def _labels_of(export: Export) -> list[Any]:
    """Return the classes, and the labels that only gold has."""
    classes = getattr(export.annotations, "classes", None)
    labels = [] if classes is None else classes.tolist()
    if not labels or isinstance(export.annotations, SequenceAnnotations):
        return labels
    gold = (export.gold or {}).values()
    true = [x for one in gold for x in (one if isinstance(one, set) else [one])]
    return list(dict.fromkeys([*labels, *true]))


def _true_sets(collector: Collector, name: str) -> list[tuple[Any, ...]]:
    """Return the true answers to a question that are sets of labels."""
    gold = collector.gold.get(name, {}).values()
    return [answer.value for answer in gold if answer.kind == SET]


def _are_sets(
    question: Question, options: Options, true: list[tuple[Any, ...]]
) -> bool:
    """Return whether answers are sets of labels, as one, or a true one, must be."""
    if options.kind == "sets":
        if question.kind not in (SET, LABEL):
            raise ValueError(
                f"kind='sets' reads sets of labels, but an answer is a {question.kind}."
            )
        return True
    if question.kind != SET or options.kind != "auto" or options.label is not None:
        return False
    return any(len(value) > 1 for value in (*question.values, *true))


def _answers(
    collector: Collector, question: Question, options: Options, *, are_sets: bool
) -> Answers:
    """Leave out what is no answer, and what was answered again."""
    code = _codes(collector, question, options.label, are_sets=are_sets)
    are_texts = collector.tool.is_text
    check_not_rounded("items", collector.items)
    check_not_rounded("annotators", collector.annotators)
    items = of_one_type(collector.items, are_texts=are_texts)
    if len(set(items)) < len(items):
        twice = Counter(items).most_common(1)[0][0]
        raise ValueError(
            f"the item {twice!r} is named by a text in one record, and by a number in "
            "another; write all ids in one way."
        )
    names = [collector.aliases.get(name, name) for name in collector.annotators]
    names = of_one_type(names, are_texts=are_texts, has_gaps=True)
    first = {name: k for k, name in reversed(list(enumerate(names)))}
    place = np.array([first[name] for name in names], dtype=np.int64)
    item = np.frombuffer(collector.item_of, dtype=np.int64)
    annotator = place[np.frombuffer(collector.annotator_of, dtype=np.int64)]
    kept = _once(item, annotator, code, options.repeated, collector, items, names)
    used = sort_names([names[k] for k in np.unique(annotator[kept])])
    column = {name: k for k, name in enumerate(used)}
    new = np.array([column.get(name, -1) for name in names], dtype=np.int64)
    found, code = np.unique(code[kept], return_inverse=True)
    values = [question.values[k] for k in found.tolist()]
    details = {
        name: np.frombuffer(numbers)[kept]
        for name, numbers in collector.details.items()
    }
    return Answers(item[kept], new[annotator[kept]], code, values, items, used, details)


def _codes(
    collector: Collector, question: Question, label: str | None, *, are_sets: bool
) -> IntArray:
    """Return the code of the answer of each submission, -1 where there is none."""
    code = question.by_submission(len(collector.item_of))
    is_sought = question.kind == SPANS or label is not None or are_sets
    if collector.tool.empty_is_answer and is_sought:
        code[code < 0] = question.codes.setdefault((), len(question.codes))
    collector.left_out[NO_ANSWER] += int((code < 0).sum())
    if question.kind == SET and label is None and not are_sets:
        _check_single(question, code, collector)
        nothing = question.codes.get((), -2)
        collector.left_out[NOTHING_CHOSEN] += int((code == nothing).sum())
        code[code == nothing] = -1
    return code


def _check_single(question: Question, code: IntArray, collector: Collector) -> None:
    """Raise if an annotator chose several labels."""
    several = [k for k, value in enumerate(question.values) if len(value) > 1]
    found = np.flatnonzero(np.isin(code, several))
    if found.size:
        labels = sorted({str(label) for value in question.values for label in value})
        number = collector.record_of[int(found[0])]
        raise ValueError(
            f"record {number} has several labels, {question.values[code[found[0]]]}, "
            f"as have {found.size} answers in all. Pass kind='sets' to read sets of "
            f"labels, or label={labels[0]!r} or another of {labels} to read one label, "
            "as yes (1) or no (0)."
        )


def _once(
    item: IntArray,
    annotator: IntArray,
    code: IntArray,
    repeated: str,
    collector: Collector,
    items: list[Any],
    names: list[Any],
) -> IntArray:
    """Return the positions of one answer for each pair, sorted by item, annotator.

    Several are in the order in which they were given, as far as the file says it.
    """
    answered = np.flatnonzero(code >= 0)
    moment = np.nan_to_num(np.frombuffer(collector.moment_of), nan=-np.inf)
    keys = answered, moment[answered], annotator[answered], item[answered]
    order = answered[np.lexsort(keys)]
    is_same = (np.diff(item[order]) == 0) & (np.diff(annotator[order]) == 0)
    if repeated == "error" and is_same.any():
        k = order[int(np.argmax(is_same)) + 1]
        raise ValueError(
            f"record {collector.record_of[int(k)]}: annotator {names[annotator[k]]!r} "
            f"answers item {items[item[k]]!r} again ({int(is_same.sum())} such answers)"
            "; pass repeated='last' or 'first' to keep one."
        )
    collector.left_out[ANSWERED_AGAIN] += int(is_same.sum())
    end = order.size - 1 if repeated == "last" else 0
    return order[np.insert(~is_same, end, True)] if order.size else order


def _finish_values(
    collector: Collector, answers: Answers, name: str, options: Options
) -> Export:
    """Make annotations of labels or numbers."""
    kind = collector.questions[name].kind
    signs = UnsureSigns(options.unsure)
    gold = _known_gold(collector, name, signs, answers.items, options.label)
    given = [*answers.values, *gold.values()]
    values = [value for value in given if not signs.has(value)]
    are_numbers = options.kind == "numbers" or (
        options.kind == "auto"
        and options.label is None
        and (kind == NUMBER or (collector.tool.is_text and are_decimal(values)))
    )
    if are_numbers:
        read = signs.read(given, lambda values: _as_numbers(values, name))
    else:
        read = signs.read(given, lambda values: _as_labels(values, collector, options))
    column, unsure = signs.column(read[: len(answers.values)])
    label, true = column[answers.code], read[len(answers.values) :]
    _warn_of_doubtful(label, true, unsure, FILE_RATINGS if are_numbers else FILE)
    annotations = Annotations.from_long(
        answers.item,
        answers.annotator,
        label,
        n_items=len(answers.items),
        annotator_ids=np.arange(len(answers.annotators)),
        kind="numbers" if are_numbers else "labels",
        missing_label=None,
        unsure=unsure,
        **answers.details,
    )
    annotations = replace(
        annotations,
        annotator_names=as_array(answers.annotators),
        item_names=as_array(answers.items),
    )
    known = {answers.items[row]: value for row, value in zip(gold, true, strict=True)}
    return Export(
        annotations,
        answers.items,
        collector.tool.title,
        name if options.label is None else f"{name}: {options.label}",
        gold=known or None,
        data=collector.columns,
        label=options.label,
    )


def _known_gold(
    collector: Collector,
    name: str,
    signs: UnsureSigns,
    items: list[Any],
    label: str | None,
) -> dict[int, Any]:
    """Return the true answers by item, without those that are signs of not knowing."""
    true = {row: one.value for row, one in collector.gold.get(name, {}).items()}
    if label is None:
        chosen = {row: value for row, value in true.items() if value != ()}
        collector.left_out[EMPTY_GOLD] += len(true) - len(chosen)
        true = {row: single(v, name, items[row]) for row, v in chosen.items()}
    known = {row: value for row, value in true.items() if not signs.has(value)}
    collector.left_out[UNSURE_GOLD] += len(true) - len(known)
    return known


def _warn_of_doubtful(label: Any, true: list[Any], unsure: Any, source: Source) -> None:
    """Warn of answers and true answers that may stand for missing ones."""
    find_missing(label, source, masked=is_unsure(label, unsure, None))
    texts = [value for value in true if isinstance(value, str)]
    known = [value for value in dict.fromkeys(label.tolist()) if value not in unsure]
    find_missing(object_array(texts), FILE_GOLD._replace(known=as_array(known)))


def _as_numbers(values: list[Any], name: str) -> list[float]:
    column = NumberColumn()
    try:
        numbers = [column.read(only(value)) for value in values]
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"the answers to {name!r} are read as numbers, but one is no number: "
            f"{error}; leave cells without an answer empty."
        ) from error
    column.check(f"the answers to {name!r}")
    return numbers


def _as_labels(values: list[Any], collector: Collector, options: Options) -> list[Any]:
    if options.label is not None:
        return _has_label(values, options.label)
    values = [only(value) for value in values]
    return of_one_type(values, are_texts=collector.tool.is_text, has_gaps=True)


def _has_label(values: Iterable[Any], label: str) -> list[int]:
    """Return 1 where a label was chosen, else 0."""
    sets = [value if isinstance(value, tuple) else (value,) for value in values]
    known = sorted({str(one) for chosen in sets for one in chosen})
    if str(label) not in known:
        raise ValueError(f"nobody chose label={label!r}; chosen were {known}.")
    return [int(str(label) in map(str, chosen)) for chosen in sets]
