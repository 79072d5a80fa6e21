"""Read batch results of Amazon Mechanical Turk: CSV.

The columns are those of the file "Download CSV" on the page of a batch; ``Input.NAME``
are the columns of the uploaded table, ``Answer.NAME`` the fields of the form
(https://docs.aws.amazon.com/AWSMechTurk/latest/RequesterUI/ViewingBatchResults.html;
``AssignmentStatus``: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/; what
crowd HTML elements write:
https://docs.aws.amazon.com/sagemaker/latest/dg/sms-ui-template-reference.html).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Literal

from skcrowd.exceptions import CrowdWarning

from ._annotations_export import Export
from ._choices import counted_answer, is_flag, is_true, read_single_boxes, ticked
from ._collector import Collector
from ._csv_rows import read_columns, read_rows
from ._files import paths_of
from ._finish import Kind, Options, Repeated, finish
from ._json_records import Record
from ._mturk_spans import MTurkSpans, fields_in
from ._offsets import OffsetUnit
from ._prefixes import without_prefix
from ._progress import Progress
from ._question_answers import SET, Answer
from ._reading import reading
from ._tool import Format, Head, Tool

__all__ = ["MTURK", "read_mturk"]

TOOL = Tool(
    "Mechanical Turk",
    "Download the results of the batch as CSV; they have a column WorkerId.",
    is_text=True,
)
INPUT, ANSWER = "Input.", "Answer."
TASK_ANSWERS = "Answer.taskAnswers"


def read_mturk(
    path: Any,
    *,
    question: str | None = None,
    label: str | None = None,
    item: str = "HITId",
    kind: Kind = "auto",
    separator: str = "|",
    pair: tuple[str, str] | None = None,
    repeated: Repeated = "last",
    rejected: bool = False,
    data: bool | Sequence[str] = False,
    text: str | None = None,
    offsets: OffsetUnit = "auto",
    tokenizer: Any = None,
    scheme: Literal["IOB2", "BIOES"] = "IOB2",
    progress: Progress = None,
) -> Export:
    r"""Read the results of a batch of Mechanical Turk.

    Parameters
    ----------
    path : path or list of paths
        CSV. Several batches with the same items need ``item="Input.NAME"``.
    question : str, default=None
        The field of the form, ``Answer.QUESTION``, with or without the prefix. None:
        the only one.
    label : str, default=None
        Where several boxes may be ticked: the one to read, as 1 or 0. None reads
        all of them, as sets (MultilabelAnnotations), where somebody gave several.
    item : str, default="HITId"
        The column that names the items, such as "Input.image".
    kind : {"auto", "labels", "numbers", "sets"}, default="auto"
        What an answer is. "auto": numbers if one has decimal places, else labels.
        "sets": sets of labels, also where nobody chose several.
    separator : str, default="|"
        Text between the labels of boxes that share a field. Answers are split there
        with ``kind="sets"`` or `label`; else "a|b" is one label.
    pair : tuple of two str, default=None
        Where answers prefer one of two items: the inputs, without the prefix, that name
        or show these, in the places in which people saw them. The answers become
        :class:`~skcrowd.aggregation.Comparisons`.
    repeated : {"last", "first", "error"}, default="last"
        Which of several assignments of an item to one worker counts, in the order of
        the file.
    rejected : bool, default=False
        Whether rejected assignments are answers, too: those with this status, and
        those that are about to be, with a reason in the column "Reject".
    data : bool or list of str, default=False
        Whether to keep the ``Input.`` columns, or which of them. Their names are those
        without the prefix.
    text : str, default=None
        The input, with or without the prefix, that has the texts of spans
        (crowd-entity-annotation). None: spans are not read.
    offsets : {"auto", "characters", "utf-16"}, default="auto"
        What the places of spans count. "auto" takes what makes spans whole words;
        UTF-16 code units, as browsers count, differ after an emoji only.
    tokenizer : callable, str or None, default=None
        For spans, as of :class:`~skcrowd.annotations.TokenizedTexts`.
    scheme : {"IOB2", "BIOES"}, default="IOB2"
        How tags mark spans.
    progress : bool or callable, default=None
        True shows a bar; a callable gets the bytes read and the size of the file.

    Returns
    -------
    export : Export

    Raises
    ------
    ValueError
        If the file is malformed (with the number of the row), a column is missing, or
        the question is not clear.

    Warns
    -----
    CrowdWarning
        If answers hold the separator and `kind` is "auto".

    Notes
    -----
    Boxes and radio buttons, ``Answer.QUESTION.LABEL`` with values true and false, are
    one question; a single box without a value, ``Answer.QUESTION.on``, is the label
    "true" or "false", as is another single box that somebody left unticked. Crowd HTML
    elements write all fields as JSON into ``Answer.taskAnswers``. Boxes and masks of
    these elements are refused; spans are read from the input that `text` names, as the
    file does not say it.
    ``WorkTimeInSeconds`` is the `time` of the answers.

    References
    ----------
    https://docs.aws.amazon.com/AWSMechTurk/latest/RequesterUI/ViewingBatchResults.html

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skcrowd.io import read_mturk
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "Batch_results.csv"
    ...     lines = "HITId,WorkerId,AssignmentStatus,Answer.mood", "H1,W1,Approved,good"
    ...     _ = path.write_text("\n".join(lines))
    ...     export = read_mturk(path)
    >>> export.annotations[0]
    {'W1': 'good'}
    """
    question = None if question is None else question.removeprefix(ANSWER)
    options = Options(question, label, kind, repeated, tokenizer, scheme, pair=pair)
    options.check()
    if not separator:
        raise ValueError("separator is empty; give the text between labels, as '|'.")
    collector = Collector(TOOL, without_prefix(data, INPUT), pair)
    texts = _text_columns(path)
    joined = _JoinedLabels(separator, kind, label)
    spans = MTurkSpans(text, offsets)
    for record in read_rows(path, progress):
        with reading(record, TOOL):
            _read_assignment(collector, record, item, rejected, texts, joined, spans)
    if kind == "auto" and label is None:
        read_single_boxes(collector)
    export = finish(collector, options)
    joined.warn(question)
    return export


class _JoinedLabels:
    """Labels of several boxes in one cell.

    Parameters
    ----------
    separator : str
    kind : str
        Cells are split where it is "sets", or a label of the sets is wanted.
    label : str or None
    """

    def __init__(self, separator: str, kind: Kind, label: str | None) -> None:
        self.separator, self.kind = separator, kind
        self.are_sets = kind == "sets" or label is not None
        self._seen: dict[str, str] = {}

    def split(self, answers: dict[str, Answer]) -> dict[str, Answer]:
        """Split the answers to all questions, if they are sets."""
        for name, answer in answers.items():
            if not isinstance(answer.value, str):
                continue
            if self.are_sets:
                parts = map(str.strip, answer.value.split(self.separator))
                answers[name] = Answer(SET, tuple(dict.fromkeys(filter(None, parts))))
            elif self.kind == "auto" and self.separator in answer.value:
                self._seen.setdefault(name, answer.value)
        return answers

    def warn(self, question: str | None) -> None:
        """Warn if answers look like several labels and were read as one."""
        for name, label in self._seen.items():
            if question in (None, name):
                warnings.warn(
                    f"the answers to {name!r} hold {self.separator!r}, such as "
                    f"{label!r}, which Mechanical Turk writes between the boxes that "
                    "somebody ticked; each was read as one label. Pass kind='sets' to "
                    "read sets, or kind='labels' if it is a part of the labels.",
                    CrowdWarning,
                    stacklevel=3,
                )


def _text_columns(path: Any) -> set[str]:
    """Return the columns Answer.QUESTION.LABEL that hold more than ticks."""
    if not any(map(_may_be_box, chain(*map(read_columns, paths_of(path) or [])))):
        return set()
    return {
        column
        for record in read_rows(path)
        for column, value in record.data.items()
        if _may_be_box(column) and not is_flag(value) and not is_true(value)
    }


def _may_be_box(column: str) -> bool:
    """Whether a column has the name of a box or radio button."""
    question, _, box = column.removeprefix(ANSWER).rpartition(".")
    is_element = box in ("label", "labels")
    return column.startswith(ANSWER) and bool(question) and not is_element


def _read_assignment(
    collector: Collector,
    record: Record,
    item: str,
    rejected: bool,
    texts: set[str],
    joined: _JoinedLabels,
    spans: MTurkSpans,
) -> None:
    """Read one row: a worker's answers to one item."""
    row = record.data
    if "WorkerId" not in row:
        raise ValueError(
            f"{record.where} lacks the columns ['WorkerId']. {TOOL.identity}"
        )
    if item not in row:
        raise ValueError(f"{record.where} has no column {item!r}: {list(row)}.")
    if not any(name.startswith(ANSWER) for name in row):
        raise ValueError(
            f"{record.where} has no column Answer.…: this is the uploaded table, or "
            "nobody has answered; download the results of the batch."
        )
    content = {
        name.removeprefix(INPUT): value
        for name, value in row.items()
        if name.startswith(INPUT)
    }
    number = collector.item(row[item], content, record.where)
    if _is_rejected(row) and not rejected:
        collector.left_out["rejected assignments"] += 1
        return
    found = spans.read(row.get(TASK_ANSWERS, ""), content, number, collector, record)
    answers = joined.split(_answers(row, record, collector, texts, set(found)))
    answers |= {name: answer for name, answer in found.items() if answer is not None}
    time = row.get("WorkTimeInSeconds")
    collector.submit(number, row["WorkerId"], answers, record.number, time=time)


def _is_rejected(row: Mapping[str, str]) -> bool:
    """Whether an assignment is rejected, or a reason to do so is written down."""
    status = row.get("AssignmentStatus", "").strip().lower()
    is_to_be = bool(row.get("Reject", "").strip()) and status != "approved"
    return status == "rejected" or is_to_be


def _answers(
    row: Mapping[str, str],
    record: Record,
    collector: Collector,
    texts: set[str],
    spans: set[str],
) -> dict[str, Answer]:
    """Read the answers to all questions, but for those that are spans."""
    boxes: dict[str, dict[str, str]] = {}
    answers: dict[str, Answer | None] = {}
    for column, value in row.items():
        if not column.startswith(ANSWER):
            continue
        name = column.removeprefix(ANSWER)
        question, _, box = name.rpartition(".")
        if column == TASK_ANSWERS:
            for name, answer in _task_answers(value, record, collector, spans).items():
                if answer is not None and answers.get(name) is not None:
                    raise ValueError(_twice(name))
                answers[name] = answers.get(name) if answer is None else answer
        elif _may_be_box(column) and column not in texts:
            boxes.setdefault(question, {})[box] = value
        else:
            is_element = question and box in ("label", "labels")
            name = question if is_element else name
            answer = counted_answer(name, value, collector)
            if answer is not None and answers.get(name) is not None:
                raise ValueError(_twice(name))
            answers[name] = answers.get(name) if answer is None else answer
    known = {name: ticked(each) for name, each in boxes.items()}
    for name, each in boxes.items():
        collector.boxes.setdefault(name, set()).update(each)
    found = {name: one for name, one in answers.items() if one is not None}
    for name in known.keys() & found.keys():
        raise ValueError(_twice(name))
    return known | found


def _twice(name: str) -> str:
    return (
        f"the question {name!r} is answered in two columns, Answer.{name} and one that "
        "begins like it; give fields of a form names of their own, or drop a column."
    )


def _task_answers(
    value: str, record: Record, collector: Collector, spans: set[str]
) -> dict[str, Answer | None]:
    """Read what crowd HTML elements write, without spans."""
    return {
        name: counted_answer(name, each, collector)
        for name, each in fields_in(value, record).items()
        if name not in spans
    }


def _recognises(head: Head) -> bool:
    return {"HITId", "WorkerId"} <= set(head.columns)


MTURK = Format(TOOL.title, read_mturk, _recognises)
