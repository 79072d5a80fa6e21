"""Rules for missing answers: which values mark them, and which are ambiguous.

NaN, NaT, None, NA, masked cells and the empty string are missing everywhere, see
`missing_mask`. This module alone interprets markers written as numbers or text, such as
-1, -100 and "nan", and warns where they are ambiguous.
``docs/guide/missing_answers.md`` documents the rules for users.
"""

from __future__ import annotations

import numbers
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ._encoding import check_classes
from ._label_marks import marks_among_numbers, marks_among_texts
from ._lookup import object_array
from ._value_types import equal_mask, missing_mask
from ._warn import warn

if TYPE_CHECKING:
    from skcrowd._typing import Array, BoolArray, IntArray


__all__ = [
    "CELLS",
    "DENSE",
    "DENSE_RATINGS",
    "FILE",
    "FILE_GOLD",
    "FILE_RATINGS",
    "FILE_SETS",
    "GOLD",
    "GOLD_RATINGS",
    "GOLD_TAGS",
    "LONG",
    "LONG_RATINGS",
    "SCORED_TAGS",
    "SPARSE",
    "SPARSE_RATINGS",
    "TRUTH",
    "TRUTH_RATINGS",
    "TRUTH_TAGS",
    "Source",
    "find_missing",
    "first_minus_one",
    "is_automatic",
    "is_complete",
    "seems_missing",
    "unmarked_numbers",
    "warn_of_missing_names",
]

MINUS_ONE = -1  # in scikit-learn's semi-supervised learning and in annotation tables
IGNORE_INDEX = -100  # in torch.nn.CrossEntropyLoss
MARKERS = (MINUS_ONE, IGNORE_INDEX)

# Text that numpy and pandas write for a missing value, or that pandas.read_csv and R
# read as one, and errors in cells of spreadsheets; stripped and in lower case.
TEXTS = {
    "",
    "#div/0!",
    "#n/a",
    "#n/a n/a",
    "#na",
    "#name?",
    "#null!",
    "#num!",
    "#ref!",
    "#value!",
    "-1.#ind",
    "-1.#qnan",
    "-nan",
    "1.#ind",
    "1.#qnan",
    "<na>",
    "n/a",
    "na",
    "nan",
    "nat",
    "none",
    "null",
}


class Source(NamedTuple):
    """An argument that holds answers or true values, and its wording in messages.

    Parameters
    ----------
    name : str
        The name of the argument.
    noun : str
        What a value is: "label", "tag" or "rating".
    minus_one : {"missing", "label", "number"}
        Meaning of -1 by default.
    if_missing, if_real : str
        Advice in messages if a value marks a missing answer, and if it does not;
        ``{0!r}`` is replaced by the value.
    known : ndarray, default=None
        Some of the labels or numbers that are certainly answers.
    is_truth : bool, default=False
        Whether the values are true values, rather than answers.
    holds : str, default="holds"
        The verb between name and values in messages.
    """

    name: str
    noun: str
    minus_one: str
    if_missing: str
    if_real: str
    known: Array | None = None
    is_truth: bool = False
    holds: str = "holds"

    @property
    def is_of_annotators(self) -> bool:
        """Whether the values are labels that annotators gave to single items."""
        return self.noun == "label" and not self.is_truth

    def is_known(self, value: Any) -> bool:
        """Return whether a value is known to be a real answer."""
        return _holds(self.known, value)

    def with_known(self, labels: Array) -> Array:
        """Return numeric labels together with those in `known`, if numeric."""
        if self.known is None or self.minus_one == "number":
            return labels
        is_numeric = self.known.dtype.kind in "if"
        return np.concatenate([labels, self.known]) if is_numeric else labels

    def describe(self, n_times: Any, value: Any) -> str:
        """Describe what the argument holds, and how often."""
        return f"{self.name} {self.holds} {value} ({_times(n_times)})"

    def advice(self, value: Any) -> str:
        """Explain how to specify the meaning of a value."""
        missing, real = self.if_missing.format(value), self.if_real.format(value)
        return f"If it marks missing ones, {missing}; if it is a {self.noun}, {real}."


def _by_parameter(
    name: str, noun: Any, minus_one: Any, call: Any, ratings: str = ""
) -> Any:
    """Return a source with a `missing_label` parameter, which the advice mentions."""
    or_classes = "" if ratings else "classes that hold it, or "
    real = f"pass {or_classes}{call}{ratings}, missing_label=None)"
    missing = f"replace it by None, or pass {call}{ratings}, missing_label={{0!r}})"
    return Source(name, noun, minus_one, missing, real)


_NUMBERS = ", kind='numbers'"
_DENSE = "Annotations.from_dense(y"
_SPARSE = "Annotations.from_sparse(y"
_LONG = "Annotations.from_long(..."
_CELLS = "SequenceAnnotations.from_cells(y"
_FILTER = "silence this by warnings.filterwarnings('ignore', category=CrowdWarning)"

DENSE = _by_parameter("y", "label", "missing", _DENSE)
DENSE_RATINGS = _by_parameter("y", "rating", "number", _DENSE, _NUMBERS)
SPARSE = _by_parameter("y", "label", "label", _SPARSE)
SPARSE_RATINGS = _by_parameter("y", "rating", "number", _SPARSE, _NUMBERS)
LONG = _by_parameter("the column of labels", "label", "label", _LONG)
LONG_RATINGS = _by_parameter(LONG.name, "rating", "number", _LONG, _NUMBERS)
FILE = Source(
    name="the answers",
    noun="label",
    minus_one="label",
    if_missing="leave the cells with {0!r} empty, and read the file again",
    if_real="nothing need be done",
    holds="hold",
)
FILE_RATINGS = FILE._replace(noun="rating", minus_one="number")
FILE_SETS = FILE._replace(name="the sets of labels")
FILE_GOLD = FILE._replace(name="the true answers", is_truth=True)
CELLS = _by_parameter("y", "tag", "missing", _CELLS)
TRUTH = Source(
    name="y",
    noun="label",
    minus_one="label",
    if_missing="leave those rows out, or pass the answers of annotators as a matrix",
    if_real="pass classes that hold it",
    is_truth=True,
    holds="is 1-D and holds",
)
TRUTH_RATINGS = TRUTH._replace(
    noun="number",
    minus_one="number",
    if_missing="leave those rows out",
    if_real=_FILTER,
)
TRUTH_TAGS = TRUTH._replace(
    noun="tag",
    if_missing="use SequenceAnnotations.from_cells([[tags] for tags in y], "
    "missing_label={0!r})",
    holds="holds",
)
SCORED_TAGS = TRUTH_TAGS._replace(
    name="y_true",
    if_missing="leave those tokens out of y_true and y_pred",
    if_real=_FILTER,
)
GOLD = TRUTH._replace(
    name="gold",
    minus_one="missing",
    if_missing="replace it by None",
    holds="holds",
)
GOLD_TAGS = GOLD._replace(noun="tag")
GOLD_RATINGS = GOLD._replace(
    noun="rating",
    minus_one="number",
    if_missing="replace it by NaN or None",
    if_real=_FILTER,
)


def is_automatic(missing_label: Any) -> bool:
    """Return whether `missing_label` is "auto".

    Raises
    ------
    TypeError
        If it is no scalar.
    """
    if np.ndim(missing_label) != 0:
        raise TypeError(
            "missing_label must be 'auto', None or one scalar, got "
            f"{missing_label!r}; replace further markers by NaN or None first."
        )
    return isinstance(missing_label, str) and missing_label == "auto"


def find_missing(
    values: Any,
    source: Source,
    *,
    masked: bool | BoolArray = False,
    missing_label: Any = "auto",
    classes: Any = None,
    counts: IntArray | None = None,
) -> BoolArray:
    """Find the missing answers; warn about ambiguous values.

    Parameters
    ----------
    values : ndarray of any shape and dtype
    source : Source
    masked : bool ndarray of the same shape, default=False
        Further missing values.
    missing_label : scalar, None or "auto", default="auto"
        A scalar marks missing answers; with None no value does. "auto" applies the
        rules of the source to values that are not in `classes` or ``source.known``.
    classes : array-like of shape (n_classes,), default=None
        All labels, if the user passes them: then no value is ambiguous.
    counts : int ndarray of the same shape, default=None
        How often each value occurs; None for once each.

    Returns
    -------
    missing : bool ndarray of the same shape

    Raises
    ------
    ValueError
        If -1 may either be one of two labels or mark missing answers.

    Warns
    -----
    CrowdWarning
        If a value is read as missing that may be a label, or vice versa.
    """
    is_native = missing_mask(values) | masked
    if not is_automatic(missing_label):
        if missing_label is None:
            return is_native
        return is_native | equal_mask(values, missing_label)
    if classes is not None:
        if source.minus_one != "missing" or _holds(check_classes(classes), MINUS_ONE):
            return is_native
        return is_native | equal_mask(values, MINUS_ONE)
    markers = _count_markers(values, ~is_native, counts)
    _warn_of_marks(values, ~is_native, source, counts)
    if markers is None:
        _warn_of_text(values, ~is_native, source, counts)
        return is_native
    return is_native | _read_markers(values, is_native, source, markers)


def is_complete(column: Array, kind: Any) -> bool:
    """Return whether a matrix of one column holds no missing answer.

    Parameters
    ----------
    column : ndarray or masked array
    kind : {"labels", "numbers"}
        Among labels -1 is missing, unless the only values are -1 and 1.
    """
    values = np.asarray(column)
    if np.ma.getmaskarray(column).any() or missing_mask(values).any():
        return False
    markers = _count_markers(values, np.ones(values.shape, dtype=bool), None)
    has_minus_one = markers is not None and markers.n_times[MINUS_ONE] > 0
    return not has_minus_one or kind == "numbers" or markers.others_are_one


def first_minus_one(values: Any, classes: Any) -> int | None:
    """Return the position of the first -1 that is not in `classes`, or None.

    Parameters
    ----------
    values : ndarray of shape (n,)
    classes : array-like of shape (n_classes,), default=None
        All labels, if the user passes them.
    """
    is_minus_one = equal_mask(values, MINUS_ONE)
    if not is_minus_one.any():
        return None
    if classes is not None and _holds(check_classes(classes), MINUS_ONE):
        return None
    return int(np.argmax(is_minus_one))


def unmarked_numbers(values: Any) -> Array | None:
    """Return the distinct finite numbers among answers, -1 excluded.

    Parameters
    ----------
    values : ndarray of any shape

    Returns
    -------
    numbers : ndarray of shape (n_numbers,) or None
        None if there are no numbers, or if there are values of other types.
    """
    if values.dtype == object:
        values = values[~missing_mask(values)]
        if not all(isinstance(v, numbers.Number) for v in values.tolist()):
            return None
        values = values.astype(np.float64)
    if values.dtype.kind not in "iuf":
        return None
    found = np.unique(values[np.isfinite(values) & (values != MINUS_ONE)])
    return found if found.size else None


class _Markers(NamedTuple):
    """Counts of the markers among numbers, and the other numbers."""

    n_times: dict[Any, int]  # of every marker
    others: Array

    @property
    def others_are_one(self) -> bool:
        """Whether all others are 1, so that -1 and 1 may be two labels."""
        return bool(self.others.size) and bool((self.others == 1).all())


def _count_markers(
    values: Any, present: BoolArray, counts: IntArray | None
) -> _Markers | Any:
    """Count the markers among the numbers; return None if no number is negative."""
    is_number = _numbers(values, present)
    if is_number is None or not (values[is_number] < 0).any():
        return None
    found = values[is_number]
    each = np.ones(found.size, int) if counts is None else counts[is_number]
    n_times = {marker: int(each[found == marker].sum()) for marker in MARKERS}
    is_other = np.logical_and.reduce([found != m for m in MARKERS]).astype(bool)
    return _Markers(n_times, found[is_other])


def _numbers(values: Any, present: BoolArray) -> BoolArray | None:
    """Return a mask of the present values that are real numbers, or None."""
    if values.dtype.kind in "if":
        return present
    if values.dtype.kind != "O":
        return None
    types = {type_ for type_ in set(map(type, values.ravel())) if _is_number(type_)}
    if not types:
        return None
    each = (type(value) in types for value in values.ravel())
    return present & np.fromiter(each, bool, values.size).reshape(values.shape)


def _is_number(type_: type[Any]) -> bool:
    return type_ is not bool and issubclass(type_, (numbers.Real, Decimal))


def _holds(values: Any, value: Any) -> bool:
    return values is not None and bool(equal_mask(np.asarray(values), value).any())


def _read_markers(
    values: Any, is_native: BoolArray, source: Source, markers: _Markers
) -> BoolArray:
    """Return a mask of -1 if the source reads it as missing; warn if ambiguous."""
    missing = np.zeros(values.shape, dtype=bool)
    for marker in MARKERS:
        if not markers.n_times[marker] or source.is_known(marker):
            continue
        if marker == MINUS_ONE and source.minus_one == "missing":
            missing = equal_mask(values, MINUS_ONE)
            _check_unambiguous(markers, source)
            _warn_of_missing(values, is_native, source, markers)
        else:
            _warn_of_real(marker, source, markers)
    return missing


def _check_unambiguous(markers: _Markers, source: Source) -> None:
    is_pair = markers.others_are_one and not markers.n_times[IGNORE_INDEX]
    if is_pair and source.known is None:
        raise ValueError(
            f"{source.name} holds only the {source.noun}s -1 and 1, so -1 could be a "
            f"{source.noun} or mark missing ones. {source.advice(MINUS_ONE)}"
        )


def _warn_of_missing(
    values: Any, is_native: BoolArray, source: Source, markers: _Markers
) -> None:
    """Warn that -1 was read as missing, if it may be an answer."""
    others = source.with_known(markers.others)
    if not others.size:
        return  # answers that are all missing raise an error elsewhere
    if (others < 0).any():
        context = f"beside other negative {source.noun}s, such as {others.min()}"
    elif source.known is not None:
        return
    elif is_native.any():
        context = "beside NaN, None or another marker of missing ones"
    elif not _are_integers(values):
        context = "as a float"
    else:
        return
    warn(
        f"{source.describe(markers.n_times[MINUS_ONE], MINUS_ONE)} {context}; -1 was "
        f"read as missing. {source.advice(MINUS_ONE)}",
        (source.is_truth, MINUS_ONE),
    )


def _are_integers(values: Any) -> bool:
    """Whether all numbers among the values are integers."""
    if values.dtype.kind != "O":
        return values.dtype.kind == "i"
    types = {type_ for type_ in set(map(type, values.ravel())) if _is_number(type_)}
    return all(issubclass(type_, numbers.Integral) for type_ in types)


def _warn_of_real(marker: int, source: Source, markers: _Markers) -> None:
    """Warn that a marker was read as an answer, if all others are at least 0."""
    others = source.with_known(markers.others)
    if (others < 0).any() or _is_binary(others, marker, source):
        return
    context = f" beside {_range(others)}" if others.size else ""
    warn(
        f"{source.describe(markers.n_times[marker], marker)}{context}; it was read as "
        f"a {source.noun}. {source.advice(marker)}",
        (source.is_truth, marker),
    )


def _is_binary(others: Array, marker: int, source: Source) -> bool:
    """Whether -1 and one other label are the only labels."""
    if source.minus_one != "label" or marker != MINUS_ONE or source.known is not None:
        return False
    return others.size > 0 and bool((others == others[0]).all())


def _warn_of_text(
    values: Any, present: BoolArray, source: Source, counts: IntArray | None
) -> None:
    """Warn about text that looks like a missing answer, and is read as a label."""
    if source.minus_one == "number":
        return  # text among numbers raises an error elsewhere
    n_times = _texts(values, present, counts)
    found = sorted(filter(seems_missing, n_times))
    if source.is_of_annotators:
        found += marks_among_texts(sorted(n_times.keys() - {*found}))
    found = [text for text in found if not source.is_known(text)]
    if not found:
        return
    listed = ", ".join(f"{text!r} ({_times(n_times[text])})" for text in found)
    warn(
        f"{source.name} {source.holds} the text {listed}, which often stands for a "
        f"missing answer; it was read as a {source.noun}. {source.advice(found[0])}",
        (source.is_truth, "text"),
    )


def _warn_of_marks(
    values: Any, present: BoolArray, source: Source, counts: IntArray | None
) -> None:
    """Warn about numbers such as 99 that are far from all others."""
    is_number = _numbers(values, present) if source.is_of_annotators else None
    if is_number is None:
        return
    found = values[is_number]
    marks = [one for one in marks_among_numbers(found) if not source.is_known(one)]
    if not marks:
        return
    each = np.ones(found.size, int) if counts is None else counts[is_number]
    mark, others = marks[0], found[~np.isin(found.astype(np.float64), marks)]
    warn(
        f"{source.describe(int(each[found == mark].sum()), mark)} beside "
        f"{_range(others[others != MINUS_ONE])}; it was read as a {source.noun}. "
        f"{source.advice(mark)}",
        (source.is_truth, "mark"),
    )


def seems_missing(value: Any) -> bool:
    """Return whether a value is a text that often stands for a missing one."""
    return isinstance(value, str) and value.strip().casefold() in TEXTS


def warn_of_missing_names(what: str, names: Iterable[Any]) -> None:
    """Warn if a name is missing, or its text often stands for a missing one.

    Parameters
    ----------
    what : str
        "items" or "annotators".
    names : iterable

    Warns
    -----
    CrowdWarning
        If there is such a name.
    """
    doubtful = [name for name in names if not isinstance(name, int)]
    found = sorted(filter(seems_missing, doubtful))
    others = object_array([x for x in doubtful if not isinstance(x, str)])
    found += others[missing_mask(others)].tolist()
    if found:
        warn(
            f"there are {what} of the name {', '.join(map(repr, found))}, which often "
            "stands for a missing one; it was read as a name. If the name is unknown, "
            "leave these rows out.",
            ("missing names", what),
        )


def _texts(values: Any, present: BoolArray, counts: IntArray | None) -> Any:
    """Return how often each text occurs."""
    if values.dtype.kind not in "UTO":
        return {}
    listed = values[present].tolist()
    if counts is None:
        return Counter(str(v) for v in listed if isinstance(v, str))
    each = zip(listed, counts[present].tolist(), strict=True)
    return {str(v): n for v, n in each if isinstance(v, str)}


def _range(values: Any) -> str:
    low, high = values.min(), values.max()
    return f"{low}" if low == high else f"{low} to {high}"


def _times(n: int | str) -> str:
    return "once" if n == 1 else f"{n} times"
