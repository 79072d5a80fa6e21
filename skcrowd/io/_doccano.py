"""Read exports of doccano: JSON Lines, JSON or CSV, for each user or with users.

The forms are those of doccano's own export
(https://github.com/doccano/doccano, ``backend/data_export``: ``catalog.py`` and
``formatters.py``, whose CSV joins labels by "#"; tutorials on
https://doccano.github.io/doccano/) and of its older versions. Places are characters:
https://github.com/doccano/doccano/pull/99.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from skcrowd.annotations._usual_names import ANNOTATOR, ITEM, by_plain_name
from skcrowd.annotations._warn import warn

from ._annotations_export import Export
from ._collector import Collector
from ._contents import ROWS, content_of
from ._csv_rows import read_rows
from ._files import files_of_users, is_path, paths_of, start_of
from ._finish import Kind, Options, Repeated, finish
from ._json_records import Record, read_records
from ._left_out import EMPTY_FILES
from ._name_types import place_in_text, span_label
from ._nested_rows import nested_in
from ._offsets import NOT_IN_TEXT, OffsetUnit, Places
from ._progress import Progress
from ._question_answers import SET, SPANS, Answer
from ._reading import reading
from ._tool import Format, Head, Tool

__all__ = ["DOCCANO", "is_file_of_user", "read_doccano"]

TOOL = Tool(
    "doccano",
    "Switch off 'Share annotations across all users' in the settings of the project: "
    "the export then has a file for each user. Unzip it and pass the folder, or "
    "{'ann': 'ann.jsonl', 'bob': 'bob.jsonl'}.",
    empty_is_answer=True,
)
QUESTION = "label"
_ANSWERS = ("entities", "label", "labels", "cats")
_BOTH = ("entities", "cats")  # of intent detection and slot filling
_REGIONS = ("bbox", "segmentation")
_USERS = ("user", "username", "annotator")
_OWN = {"id", "doc_id", "annotations", "annotation_approver", "relations"}
_OWN |= {"Comments", "comments"}
_SPAN = list, Mapping
_TEXTS = "text", "data"  # "data": https://github.com/doccano/doccano/issues/1522
_SHOWN = {*_TEXTS, "filename"}
_IDS = "id", "doc_id"  # "doc_id": https://github.com/doccano/doccano/pull/46
_NAMED = *_IDS, "text", "filename", "data"  # "data" may be metadata of an image
_FAST_TEXT = "__label__"
_CONTENT = {"text", "url", "image"}  # names of items in tables, and of what is shown
_FILES = ("*.json*", "*.csv")
JOINT = "#"  # between the labels of a text in CSV
NOBODY = "unknown"  # the name of the file of texts that nobody annotated
EVERYBODY = "all"


def read_doccano(
    files: Any,
    *,
    question: str | None = None,
    label: str | None = None,
    kind: Kind = "auto",
    repeated: Repeated = "last",
    data: bool | Sequence[str] = False,
    offsets: OffsetUnit = "characters",
    tokenizer: Any = None,
    scheme: Literal["IOB2", "BIOES"] = "IOB2",
    progress: Progress = None,
) -> Export:
    """Read exports of doccano: classification or sequence labelling.

    Parameters
    ----------
    files : dict from user to path, folder, list of paths, path, or iterable of dicts
        A JSON Lines, JSON or CSV file for each user, in a folder or list named after
        the user; or a file whose records name the users.
    question : str, default=None
        Where texts have spans and classes (intent detection and slot filling):
        "entities" or "cats".
    label : str, default=None
        Where a text may have several labels: the label to read, as 1 or 0. None reads
        all of them, as sets (MultilabelAnnotations), where somebody gave several.
    kind : {"auto", "labels", "numbers", "sets"}, default="auto"
        What an answer is. "auto": labels, or sets of them where somebody gave several;
        "sets": sets anyway; "numbers": labels that are numbers.
    repeated : {"last", "first", "error"}, default="last"
        Which of several records of a text by one user counts.
    data : bool or list of str, default=False
        Whether to keep the texts and their metadata, or which fields; texts of spans
        always.
    offsets : {"characters", "utf-16", "auto"}, default="characters"
        What the places of spans count. Versions before March 2019 counted UTF-16 code
        units, of which an emoji has two.
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
        If the file is malformed (with the number of the record), no user is named, or
        the answers are neither labels nor spans.

    Notes
    -----
    A record of a user without a span means that there is none; export approved
    documents only, if users have not finished. Projects that count grapheme clusters
    as one character have other places, which cannot be read: switch that off. In CSV
    labels are joined by "#"; if a label has this sign itself, export JSON Lines.

    References
    ----------
    https://doccano.github.io/doccano/tutorial/

    Examples
    --------
    >>> from skcrowd.io import read_doccano
    >>> record = {"id": 1, "text": "Ann met Bob.", "user": "ann"}
    >>> export = read_doccano([record | {"label": [[0, 3, "PER"], [8, 11, "PER"]]}])
    >>> export.annotations[0]
    {'ann': ['B-PER', 'O', 'B-PER', 'O']}
    """
    options = Options(
        question=question,
        label=label,
        kind=kind,
        repeated=repeated,
        tokenizer=tokenizer,
        scheme=scheme,
    )
    options.check()
    collector, places = Collector(TOOL, data), Places(offsets)
    for user, record in _records(files, progress, collector):
        with reading(record, TOOL):
            _read_record(collector, places, record, user)
    return finish(collector, options)


def _records(
    files: Any, progress: Progress, collector: Collector
) -> Iterator[tuple[Hashable, Record]]:
    """Yield each record, with the user whose file it is in, if that is known."""
    if isinstance(files, Mapping):
        users = dict(files)
    elif is_path(files) and Path(files).is_dir():
        users = _by_name(_files_in(Path(files)), str(files))
    elif is_path(files) or paths_of(files) is None:
        for record in _records_of(files, progress):
            yield None, record
        return
    else:
        users = _by_name(paths_of(files) or [], "the list")
    known = files_of_users(users)
    collector.left_out[EMPTY_FILES] += len(users) - len(known)
    for user, path in known.items():
        for record in _records_of(path, progress):
            yield user, record


def _by_name(paths: list[Path], where: str) -> dict[Hashable, Path]:
    """Return the file of each user, after whom it is named."""
    users: dict[Hashable, Path] = {}
    for path in paths:
        is_packed = path.suffix.lower() == ".gz"
        name = Path(path.stem if is_packed else path.name).stem
        if name in users:
            raise ValueError(
                f"{users[name]} and {path} are both named after {name!r}; pass "
                f"{{'{name}': {path.name!r}, ...}}, a file for each user."
            )
        users[name] = path
    if EVERYBODY in users or not users:
        raise ValueError(f"{where} has no file for each user. {TOOL.identity}")
    return users


def _files_in(folder: Path) -> list[Path]:
    found = (path for form in _FILES for path in folder.glob(form))
    return sorted(path for path in found if not path.name.startswith("."))


def _records_of(file: Any, progress: Progress) -> Iterator[Record]:
    """Yield the records of one file; labels in CSV are split."""
    if not is_path(file) or content_of(Path(file)) != ROWS:
        yield from read_records(file, progress)
        return
    if start_of(Path(file), len(_FAST_TEXT)).startswith(_FAST_TEXT.encode()):
        raise ValueError(
            f"{Path(file).name} is in the format of fastText, which has no ids of the "
            "texts; export JSON Lines or CSV."
        )
    for record in read_rows(file, progress):
        label = record.data.get(QUESTION)
        split = {QUESTION: label.split(JOINT) if label else []}
        if "" in split[QUESTION]:
            raise ValueError(
                f"{record.where}: the labels {label!r}, which {JOINT!r} joins, hold an "
                "empty one, as where a label has this sign itself; export JSON Lines."
            )
        yield record._replace(data=record.data | (split if label is not None else {}))


def _read_record(
    collector: Collector, places: Places, record: Record, user: Hashable
) -> None:
    """Read one text and its annotations."""
    data = record.data
    key = next((key for key in _ANSWERS if key in data), None)
    made = data.get("annotations")
    regions = [key for key in _REGIONS if key in data]
    if key is None and regions and not isinstance(made, list):
        raise ValueError(
            f"{record.where} has {regions[0]!r}, regions of an image, which cannot be "
            "read; export a project of image classification, text classification or "
            "sequence labelling."
        )
    if key is None and not isinstance(made, list):
        raise ValueError(
            f"{record.where} has none of the fields {[*_ANSWERS, 'annotations']}; it "
            f"has {list(data)}."
        )
    left = {*_ANSWERS, *_USERS, *_OWN}
    content = {name: value for name, value in data.items() if name not in left}
    named = (data[key] for key in _NAMED if key in data)
    name = next(named, None)
    item = collector.item(name, content, record.where)
    collector.left_out["relations between spans"] += len(data.get("relations") or [])
    if set(_BOTH) <= set(data):
        _read_both(collector, places, record, user, item)
        return
    if key is not None:
        name = next((data[name] for name in _USERS if name in data), user)
        by_user = {} if user == NOBODY else {name: data[key]}
    else:
        by_user = _by_user(made or [], user)
    if not by_user:
        collector.keep_text(item, _text(data), {})
    for name, answers in by_user.items():
        answer = _answer(answers, collector, places, record)
        collector.keep_text(item, _text(data), answer)
        collector.submit(item, name, answer, record.number)


def _read_both(
    collector: Collector, places: Places, record: Record, user: Hashable, item: int
) -> None:
    """Read spans and classes of one user, as two questions."""
    data = record.data
    if user == NOBODY:
        collector.keep_text(item, _text(data), {})
        return
    answers = {
        key: answer
        for key in _BOTH
        for answer in _answer(data[key], collector, places, record).values()
    }
    collector.keep_text(item, _text(data), answers)
    user = next((data[name] for name in _USERS if name in data), user)
    collector.submit(item, user, answers, record.number)


def _by_user(made: list[Any], user: Hashable) -> dict[Hashable, list[Any]]:
    """Group the annotations of old exports by their user."""
    groups: dict[Hashable, list[Any]] = {}
    for annotation in made:
        name = next((annotation[key] for key in _USERS if key in annotation), user)
        is_span = "start_offset" in annotation or "text" in annotation
        groups.setdefault(name, []).append(
            annotation if is_span else annotation.get("label")
        )
    return groups


def _answer(
    given: Any, collector: Collector, places: Places, record: Record
) -> dict[str, Answer]:
    """Read labels or spans, whichever they are; {} if there are none."""
    listed = given if isinstance(given, list) else [given]
    if not listed or listed == [None]:
        return {}
    if all(isinstance(label, (str, int)) for label in listed):
        return {QUESTION: Answer(SET, tuple(listed))}
    spans = [_span(one, record) for one in listed]
    if None in spans:
        collector.unreadable[f"{QUESTION} (text)"] += 1
        return {}
    text, found = str(_text(record.data) or ""), []
    for start, end, label in (span for span in spans if span is not None):
        place = places.find(text, start, end, None, record.where)
        if place is None:
            collector.left_out[NOT_IN_TEXT] += 1
        else:
            found.append((*place, label))
    return {QUESTION: Answer(SPANS, tuple(found))}


def _text(data: Mapping[str, Any]) -> Any:
    """Return the text of a record, None if it has none."""
    return next((data[key] for key in _TEXTS if key in data), None)


def _span(given: Any, record: Record) -> tuple[int, int, str] | None:
    """Read a span; None if it is an annotation of another type."""
    if isinstance(given, Mapping):
        if "start_offset" not in given:
            return None
        given = [given["start_offset"], given.get("end_offset"), given.get("label")]
    if not isinstance(given, (list, tuple)) or len(given) != 3:
        raise ValueError(
            f"{record.where}: a span is [start, end, label], got {given!r}."
        )
    start, end, label = given
    return place_in_text(start), place_in_text(end), span_label(label)


def is_file_of_user(head: Head) -> bool:
    """Return whether a file of a folder may be that of a user, after whom it is named.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool
        True also where the metadata of the texts have a field that names annotators in
        tables, of which a warning tells.
    """
    names = set(head.record or head.columns)
    if head.record is None:
        is_form = QUESTION in names and bool(names & _SHOWN)
    else:
        is_form = _has_form(head.record)
    if not (is_form and names & set(_IDS)):
        return _recognises(head)
    others = [name for name in head.record or head.columns if _is_other_user(name)]
    if others and not names & set(_USERS):
        warn(
            "the annotators were read from the names of the files, as doccano exports "
            f"them; if {others[0]!r} names the annotators, pass format='table'.",
            ("folder", others[0]),
        )
    return True


def _is_other_user(name: str) -> bool:
    return bool(set(by_plain_name([name])) & set(ANNOTATOR))


def _recognises(head: Head) -> bool:
    if head.path.is_dir():
        return bool(_files_in(head.path))
    record = head.record or {}
    return _has_form(record) and not _is_row(record) and not _is_item(record)


def _has_form(record: Mapping[str, Any]) -> bool:
    """Whether a record shows a text or file, and has a list of answers."""
    answers = (record.get(key) for key in (*_ANSWERS, "annotations"))
    has_answers = any(isinstance(answer, list) for answer in answers)
    return bool(_SHOWN & set(record)) and has_answers


def _is_item(record: Mapping[str, Any]) -> bool:
    """Whether a record is a row of a table, with lists of annotators and answers."""
    nested = nested_in(record)
    return nested is not None and nested.annotator not in _USERS


def _is_row(record: Mapping[str, Any]) -> bool:
    """Whether a record is a row of a table, which names the item or annotator so."""
    label, names = record.get(QUESTION), set(by_plain_name(record))
    if not isinstance(label, list) or any(isinstance(one, _SPAN) for one in label):
        return False
    has_annotator = bool(names & set(ANNOTATOR))
    if "id" in record:
        return has_annotator and not names & set(_USERS)
    return has_annotator and bool(names & set(ITEM) - _CONTENT)


DOCCANO = Format(TOOL.title, read_doccano, _recognises)
