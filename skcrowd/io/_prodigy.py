"""Read exports of Prodigy (``prodigy db-out``): JSON Lines.

The format is documented on https://prodigy.ai/docs/api-interfaces (seen in 2026), what
``_timestamp`` is on https://support.prodi.gy/t/annotators-performance-tracker/4423.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from typing import Any, Literal

from skcrowd.annotations._tokenize import tokenize

from ._annotations_export import Export
from ._choices import label_list
from ._collector import Collector
from ._finish import Kind, Options, Repeated, finish
from ._json_records import Record, read_records
from ._moments import moment_of
from ._name_types import place_in_text, span_label
from ._progress import Progress
from ._question_answers import LABEL, SET, SPANS, Answer
from ._reading import reading
from ._tool import Format, Head, Tool
from ._write_prodigy import write_prodigy

__all__ = ["PRODIGY", "read_prodigy"]

TOOL = Tool(
    "Prodigy",
    "Let annotators open the app with ?session=NAME (PRODIGY_ALLOWED_SESSIONS lists "
    "the names), so that db-out writes who annotated in _annotator_id.",
    empty_is_answer=True,
)
CHOICE, SPAN = "choice", "spans"
_UNNAMED = re.compile(r"\d{4}-\d\d-\d\d[_T]\d\d-\d\d-\d\d")
_ANSWERS = ("accept", "reject", "ignore")
_CONTENT = ("text", "image", "audio", "video", "html")
_OF_GIVEN_SPANS = ("ner", "spans")  # interfaces that ask whether spans are right
_UNREADABLE = {
    "spans": "regions of an image",
    "audio_spans": "regions of audio",
    "user_input": "free text",
    "transcript": "free text",
}
_SHOWN = ("classification", *_CONTENT)  # interfaces in which nothing can be chosen
_GIVEN = {"options", "accept", "spans", "audio_spans"}
_CHOSEN = {*_GIVEN - {"options"}, "answer", "relations", "user_input", "_timestamp"}
SESSION = "_session_id"
ANSWER = "answer"  # the question where a task is accepted without a label


def read_prodigy(
    path: Any,
    *,
    question: str | None = None,
    label: str | None = None,
    kind: Kind = "auto",
    pair: tuple[str, str] | None = None,
    repeated: Repeated = "last",
    data: bool | Sequence[str] = False,
    tokenizer: Any = None,
    scheme: Literal["IOB2", "BIOES"] = "IOB2",
    progress: Progress = None,
) -> Export:
    """Read annotations that ``prodigy db-out`` has written.

    Parameters
    ----------
    path : path, list of paths, or iterable of tasks (dicts)
        JSON Lines.
    question : str, default=None
        "choice" for accepted options, "spans", or the label that was accepted or
        rejected in a binary interface, "answer" where there was none. None: the only
        one.
    label : str, default=None
        Where several options may be accepted: the one to read, as 1 or 0. None reads
        all of them, as sets (MultilabelAnnotations), where somebody gave several.
    kind : {"auto", "labels", "numbers", "sets"}, default="auto"
        What an answer is. "auto": labels, or sets of them where somebody accepted
        several; "sets": sets anyway; "numbers": options whose names are numbers.
    pair : tuple of two str, default=None
        Where the options are two items, one of which is preferred: the fields of the
        tasks that name or show these, in the places in which people saw them. An option
        is named like an item or its field, or "tie". The answers become
        :class:`~skcrowd.aggregation.Comparisons`.
    repeated : {"last", "first", "error"}, default="last"
        Which of several annotations of an input by one annotator counts, by
        ``_timestamp``.
    data : bool or list of str, default=False
        Whether to keep text, image, ``meta`` and the like of the inputs, or which of
        them; texts of spans always.
    tokenizer : callable, str or None, default=None
        For spans, as of :class:`~skcrowd.annotations.TokenizedTexts`. None takes the
        tokens of the tasks, if all have some.
    scheme : {"IOB2", "BIOES"}, default="IOB2"
        How tags mark spans.
    progress : bool or callable, default=None
        True shows a bar; a callable gets the bytes read and the size of the file.

    Returns
    -------
    export : Export
        Items are named by their ``_input_hash``.

    Raises
    ------
    ValueError
        If the file is malformed (with the number of the record), no annotator is
        named, or the answers are neither labels nor spans of text.

    Notes
    -----
    Tasks that were ignored are left out, and rejected ones, too, except in binary
    interfaces, where "reject" is an answer; both are counted. Spans that are accepted
    or rejected one by one (``ner.teach``) say nothing of the rest of the text, and
    cannot be read. ``token_end`` is the last token of a span. Names of sessions that
    are times are nobody's. ``_timestamp`` says when an answer was given, not how long
    it took. Tasks of the recipe ``review`` hold the annotations that were reviewed, and
    the decisions of reviewers, which are ``gold``.

    References
    ----------
    https://prodigy.ai/docs/api-interfaces

    Examples
    --------
    >>> from skcrowd.io import read_prodigy
    >>> task = {"text": "Lovely!", "_input_hash": 5, "answer": "accept"}
    >>> options = {"options": [{"id": "good"}, {"id": "bad"}]}
    >>> export = read_prodigy(
    ...     [
    ...         task | options | {"accept": ["good"], "_annotator_id": "mood-ann"},
    ...         task | options | {"accept": ["bad"], "_annotator_id": "mood-bob"},
    ...     ]
    ... )
    >>> export.annotations[0]
    {'mood-ann': 'good', 'mood-bob': 'bad'}
    """
    options = Options(question, label, kind, repeated, tokenizer, scheme, pair=pair)
    options.check()
    collector, shown = Collector(TOOL, data, pair), _ShownOptions(question)
    for record in read_records(path, progress):
        with reading(record, TOOL):
            _read_task(collector, record, pair or (), shown)
    return finish(collector, options)


class _ShownOptions:
    """The options that inputs are shown with.

    Parameters
    ----------
    question : str or None
        The one whose answers are read.
    """

    def __init__(self, question: str | None) -> None:
        self.is_read = question in (None, CHOICE)
        self._of_item: dict[int, frozenset[str]] = {}
        self._known: dict[frozenset[str], frozenset[str]] = {}

    def check(self, item: int, task: dict[str, Any], record: Record) -> None:
        """Raise if an input was shown with options of which none is left.

        Parameters
        ----------
        item : int
        task : dict
        record : Record

        Raises
        ------
        ValueError
        """
        options = [one for one in task.get("options") or [] if isinstance(one, dict)]
        given = frozenset(str(one["id"]) for one in options if "id" in one)
        if not given or not self.is_read or task["answer"] == "ignore":
            return
        first = self._of_item.setdefault(item, self._known.setdefault(given, given))
        if not _folded(given) & _folded(first):
            raise ValueError(
                f"{record.where}: its input is shown with the options {sorted(given)}, "
                f"and with {sorted(first)} in another task, so there are two questions "
                "about one input; pass the tasks of one of them, or give the tasks of "
                "each question another _input_hash."
            )


def _folded(options: frozenset[str]) -> set[str]:
    return {option.casefold() for option in options}


def _read_task(
    collector: Collector, record: Record, fields: Sequence[str], shown: _ShownOptions
) -> None:
    """Read one annotated task; further fields are kept of it."""
    task = record.data
    _check_answer(task, record)
    content = {key: task[key] for key in (*_CONTENT, "meta", *fields) if key in task}
    identity = {key: value for key, value in content.items() if key != "meta"}
    if not identity:
        raise ValueError(
            f"{record.where} has none of the fields {list(_CONTENT)}; it has "
            f"{list(task)}."
        )
    name = task.get("_input_hash", next(iter(identity.values())))
    item = collector.item(name, content, record.where, _shown(identity, fields))
    shown.check(item, task, record)
    if _is_review(task):
        _read_review(collector, record, item)
    else:
        _submit(collector, record, task, item, [_annotator(task)])


def _is_review(task: dict[str, Any]) -> bool:
    """Whether a task holds the annotations of others, and a decision on them."""
    versions = task.get("versions")
    are_listed = isinstance(versions, list) and bool(versions)
    return are_listed and all("sessions" in version for version in versions or [])


def _check_answer(task: dict[str, Any], record: Record) -> None:
    """Raise if a task was not answered."""
    if "answer" not in task:
        raise ValueError(
            f"{record.where} has no answer: these are tasks, not annotations; write "
            "annotations with prodigy db-out."
        )
    if task["answer"] not in _ANSWERS:
        raise ValueError(
            f"{record.where} is answered by {task['answer']!r}; Prodigy writes one of "
            f"{list(_ANSWERS)}. Correct it, or drop the task."
        )


def _read_review(collector: Collector, record: Record, item: int) -> None:
    """Read the annotations that were reviewed, and the decision, which is true."""
    reviewed = record.data | {"_view_id": record.data.get("view_id")}
    shown = {key: value for key, value in reviewed.items() if key not in _CHOSEN}
    for version in reviewed["versions"]:
        task = shown | {"answer": "accept"} | version
        named = [_annotator({SESSION: name}) for name in version["sessions"]]
        _submit(collector, record, task, item, named or [None])
    answers = _given(collector, record, reviewed, item)
    if answers is not None:
        collector.left_out["decisions of reviewers (in gold)"] += 1
        collector.set_gold(item, answers)


def _submit(
    collector: Collector,
    record: Record,
    task: dict[str, Any],
    item: int,
    annotators: Sequence[Hashable],
) -> None:
    """Add the answers of those who annotated a task alike."""
    answers = _given(collector, record, task, item)
    moment = moment_of(task.get("_timestamp"))
    for annotator in annotators if answers is not None else ():
        collector.submit(item, annotator, answers or {}, record.number, moment)


def _given(
    collector: Collector, record: Record, task: dict[str, Any], item: int
) -> dict[str, Answer] | None:
    """Return the answers of one task; None, and counted, if there are none."""
    is_binary = _is_binary(task)
    if task["answer"] != "ignore" and _are_judged(task):
        collector.unreadable[f"{SPAN} (accepted or rejected one by one)"] += 1
        return None
    if task["answer"] == "ignore" or (task["answer"] == "reject" and not is_binary):
        collector.left_out[f"tasks that were answered by {task['answer']}"] += 1
        return None
    answers = _binary(task) if is_binary else _answers(task, collector, record)
    collector.left_out["relations between spans"] += len(task.get("relations") or [])
    collector.keep_text(item, task.get("text"), answers)
    if any(answer.kind == SPANS for answer in answers.values()) and "tokens" in task:
        given = [(token["start"], token["end"]) for token in task["tokens"]]
        collector.offsets[item] = tokenize(task["text"], lambda _: given).offsets
    return answers


def _shown(identity: dict[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """Return what people saw: all tasks of one input have it, unlike ``meta``."""
    first = next(iter(identity))
    return {key: identity[key] for key in (first, *fields) if key in identity}


def _annotator(task: dict[str, Any]) -> Hashable:
    """Return who annotated; None if the session has no name."""
    for key in ("_annotator_id", SESSION):
        name = task.get(key)
        if name and not _UNNAMED.search(str(name)):
            return name
    return None


def _is_binary(task: dict[str, Any]) -> bool:
    """Whether a label, or the task itself, was accepted or rejected.

    Where something is drawn, "label" is a field of the source.
    """
    view = str(task.get("_view_id", ""))
    if "label" not in task:
        return view in _SHOWN and not any(task.get(key) for key in _GIVEN)
    is_manual = view.endswith("_manual") or (view == "blocks" and "spans" in task)
    return not {"options", "accept"} & set(task) and not is_manual


def _are_judged(task: dict[str, Any]) -> bool:
    """Whether spans that were given were accepted or rejected, be there any or not."""
    if any("answer" in span for span in task.get("spans") or []):
        return True
    is_shown = "spans" in task or "label" not in task
    return task.get("_view_id") in _OF_GIVEN_SPANS and is_shown


def _binary(task: dict[str, Any]) -> dict[str, Answer]:
    return {str(task.get("label", ANSWER)): Answer(LABEL, task["answer"])}


def _answers(
    task: dict[str, Any], collector: Collector, record: Record
) -> dict[str, Answer]:
    """Read accepted options and spans."""
    answers: dict[str, Answer] = {}
    if "options" in task or "accept" in task:
        answers[CHOICE] = Answer(SET, label_list(task.get("accept"), "accept is"))
    spans = task.get("spans") or []
    if task.get("_view_id") == CHOICE:  # which shows spans, but draws none
        return answers
    are_in_text = "text" in task and not any("points" in span for span in spans)
    is_manual = task.get("_view_id") in ("ner_manual", "spans_manual")
    if ("spans" in task or is_manual) and are_in_text:
        found = tuple(_span(span, task, record) for span in spans)
        answers[SPAN] = Answer(SPANS, found)
    for name, kind in _UNREADABLE.items():
        if name in task and name not in answers:
            collector.unreadable[f"{name} ({kind})"] += 1
    return answers


def _span(
    span: dict[str, Any], task: dict[str, Any], record: Record
) -> tuple[int, int, str]:
    """Read a span by its characters, or else its tokens, the last one included."""
    start, end, text = span.get("start"), span.get("end"), task["text"]
    if start is None or end is None:
        try:
            start = task["tokens"][span["token_start"]]["start"]
            end = task["tokens"][span["token_end"]]["end"]
        except (KeyError, IndexError, TypeError) as error:
            raise ValueError(
                f"{record.where}: the span {span} has neither start and end nor tokens "
                "of the task."
            ) from error
    start, end = place_in_text(start), place_in_text(end)
    if not 0 <= start < end <= len(text):
        raise ValueError(
            f"{record.where}: the span from {start} to {end} does not lie in the text, "
            f"which has {len(text)} characters."
        )
    return start, end, span_label(span.get("label"))


def _recognises(head: Head) -> bool:
    record = head.record or {}
    return "answer" in record and (
        "_input_hash" in record or "_annotator_id" in record or "_session_id" in record
    )


PRODIGY = Format(TOOL.title, read_prodigy, _recognises, write_prodigy)
