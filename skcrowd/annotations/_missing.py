"""Rules for missing answers: which values mark them, and which are ambiguous.

NaN, NaT, None, NA, masked cells and the empty string are missing everywhere, see
`missing_mask`. This module alone interprets markers written as numbers or text, such as
-1, -100 and "nan", and warns where they are ambiguous. ``docs/missing_answers.md``
documents the rules for users.
"""

import numbers
from collections import Counter
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from ._encoding import check_classes
from ._value_types import equal_mask, missing_mask
from ._warn import warn

__all__ = [
    "CELLS",
    "DENSE",
    "DENSE_RATINGS",
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
    "unmarked_numbers",
]

MINUS_ONE = -1  # of scikit-learn's semi-supervised learning, and of annotation tables
IGNORE_INDEX = -100  # of torch.nn.CrossEntropyLoss
SIGNS = (MINUS_ONE, IGNORE_INDEX)

# What numpy and pandas write for a missing value, and what pandas.read_csv and R read
# as one; stripped and in lower case.
TEXTS = {
    "",
    "#n/a",
    "#n/a n/a",
    "#na",
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
        What -1 means by default.
    if_missing, if_real : str
        What to do if a value marks a missing answer, and if it does not; ``{0!r}`` is
        the value.
    known : ndarray, default=None
        Labels or numbers that are real for certain, among further ones.
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
    known: np.ndarray | None = None
    is_truth: bool = False
    holds: str = "holds"

    def is_known(self, value):
        """Return whether a value is known to be a real answer."""
        return _holds(self.known, value)

    def with_known(self, labels):
        """Return labels that are numbers, and those that are known to be real."""
        if self.known is None or self.minus_one == "number":
            return labels
        is_numeric = self.known.dtype.kind in "if"
        return np.concatenate([labels, self.known]) if is_numeric else labels

    def describe(self, n_times, what):
        """Describe what the argument holds, and how often."""
        return f"{self.name} {self.holds} {what} ({_times(n_times)})"

    def advice(self, value):
        """Explain how to specify the meaning of a value."""
        missing, real = self.if_missing.format(value), self.if_real.format(value)
        return f"If it marks missing ones, {missing}; if it is a {self.noun}, {real}."


def _by_parameter(name, noun, minus_one, call, ratings=""):
    """Return a source whose `missing_label` defines what a value means."""
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


def is_automatic(missing_label):
    """Return whether the user left the marker of missing answers unspecified.

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
    values, source, *, masked=False, missing_label="auto", classes=None, counts=None
):
    """Find the values that mean "no answer"; warn where that is not certain.

    Parameters
    ----------
    values : ndarray of any shape and dtype
    source : Source
    masked : bool ndarray of the same shape, default=False
        What is missing besides.
    missing_label : scalar, None or "auto", default="auto"
        A scalar marks missing answers, with None no value does. "auto" leaves it
        to the rules of the source, unless `classes` or ``source.known`` hold the
        value.
    classes : array-like of shape (n_classes,), default=None
        All labels, if the user lists them: then nothing is uncertain.
    counts : int ndarray of the same shape, default=None
        How often each value occurs; None for once each.

    Returns
    -------
    missing : bool ndarray of the same shape

    Raises
    ------
    ValueError
        If -1 could as well be one of two labels as mark missing answers.

    Warns
    -----
    CrowdWarning
        If a value is read as missing that may be a label, or the other way round.
    """
    natively = missing_mask(values) | masked
    if not is_automatic(missing_label):
        if missing_label is None:
            return natively
        return natively | equal_mask(values, missing_label)
    if classes is not None:
        if source.minus_one != "missing" or _holds(check_classes(classes), MINUS_ONE):
            return natively
        return natively | equal_mask(values, MINUS_ONE)
    markers = _count_markers(values, ~natively, counts)
    if markers is None:
        _warn_of_text(values, ~natively, source, counts)
        return natively
    return natively | _read_signs(values, natively, source, markers)


def is_complete(column, kind):
    """Return whether a matrix of one column holds no missing answer.

    Parameters
    ----------
    column : ndarray or masked array
    kind : {"labels", "numbers"}
        Among labels -1 is missing, unless -1 and 1 are all there is.
    """
    values = np.asarray(column)
    if np.ma.getmaskarray(column).any() or missing_mask(values).any():
        return False
    markers = _count_markers(values, np.ones(values.shape, dtype=bool), None)
    holds_sign = markers is not None and markers.n_times[MINUS_ONE] > 0
    return not holds_sign or kind == "numbers" or markers.others_are_one


def first_minus_one(values, classes):
    """Return the position of the first -1 that is no label by `classes`, or None.

    Parameters
    ----------
    values : ndarray of shape (n,)
    classes : array-like of shape (n_classes,), default=None
        All labels, if the user lists them.
    """
    is_sign = equal_mask(values, MINUS_ONE)
    if not is_sign.any():
        return None
    if classes is not None and _holds(check_classes(classes), MINUS_ONE):
        return None
    return int(np.argmax(is_sign))


def unmarked_numbers(values):
    """List the distinct finite numbers among some answers, -1 excluded.

    Parameters
    ----------
    values : ndarray of any shape

    Returns
    -------
    numbers : ndarray of shape (n_numbers,) or None
        None if there are none, or values of other types.
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
    """Counts of markers among numbers of which one is negative, and the others."""

    n_times: dict  # of every sign
    others: np.ndarray

    @property
    def others_are_one(self):
        """Whether all others are 1, so that -1 may be the other of two labels."""
        return bool(self.others.size) and bool((self.others == 1).all())


def _count_markers(values, present, counts):
    """Count the markers among the numbers, or return None if none is negative."""
    is_number = _numbers(values, present)
    if is_number is None or not (values[is_number] < 0).any():
        return None
    found = values[is_number]
    each = np.ones(found.size, int) if counts is None else counts[is_number]
    n_times = {sign: int(each[found == sign].sum()) for sign in SIGNS}
    is_other = np.logical_and.reduce([found != sign for sign in SIGNS]).astype(bool)
    return _Markers(n_times, found[is_other])


def _numbers(values, present):
    """Mark the present values that are real numbers; None if there are none."""
    if values.dtype.kind in "if":
        return present
    if values.dtype.kind != "O":
        return None
    types = {type_ for type_ in set(map(type, values.ravel())) if _is_number(type_)}
    if not types:
        return None
    each = (type(value) in types for value in values.ravel())
    return present & np.fromiter(each, bool, values.size).reshape(values.shape)


def _is_number(type_):
    return issubclass(type_, (numbers.Real, Decimal)) and type_ is not bool


def _holds(values, value):
    return values is not None and bool(equal_mask(np.asarray(values), value).any())


def _read_signs(values, natively, source, markers):
    """Mark -1 where the source defines it as missing; warn where it is ambiguous."""
    missing = np.zeros(values.shape, dtype=bool)
    for sign in SIGNS:
        if not markers.n_times[sign] or source.is_known(sign):
            continue
        if sign == MINUS_ONE and source.minus_one == "missing":
            missing = equal_mask(values, MINUS_ONE)
            _check_unambiguous(markers, source)
            _warn_of_missing(values, natively, source, markers)
        else:
            _warn_of_real(sign, source, markers)
    return missing


def _check_unambiguous(markers, source):
    is_pair = markers.others_are_one and not markers.n_times[IGNORE_INDEX]
    if is_pair and source.known is None:
        raise ValueError(
            f"{source.name} holds only the {source.noun}s -1 and 1, so -1 could be a "
            f"{source.noun} or mark missing ones. {source.advice(MINUS_ONE)}"
        )


def _warn_of_missing(values, natively, source, markers):
    """Warn that -1 was read as missing, where it may be an answer."""
    others = source.with_known(markers.others)
    if not others.size:
        return  # that there is no answer at all is an error
    if (others < 0).any():
        doubt = f"beside other negative {source.noun}s, such as {others.min()}"
    elif source.known is not None:
        return
    elif natively.any():
        doubt = "beside NaN, None or another sign of missing ones"
    elif not _are_integers(values):
        doubt = "as a float"
    else:
        return
    warn(
        f"{source.describe(markers.n_times[MINUS_ONE], MINUS_ONE)} {doubt}; -1 was "
        f"read as missing. {source.advice(MINUS_ONE)}",
        (source.is_truth, MINUS_ONE),
    )


def _are_integers(values):
    """Whether all that may be numbers are integers."""
    if values.dtype.kind != "O":
        return values.dtype.kind == "i"
    types = {type_ for type_ in set(map(type, values.ravel())) if _is_number(type_)}
    return all(issubclass(type_, numbers.Integral) for type_ in types)


def _warn_of_real(sign, source, markers):
    """Warn that a marker was read as an answer, where all others are at least 0."""
    others = source.with_known(markers.others)
    if (others < 0).any() or _is_binary(others, sign, source):
        return
    beside = f" beside {_range(others)}" if others.size else ""
    warn(
        f"{source.describe(markers.n_times[sign], sign)}{beside}; it was read as a "
        f"{source.noun}. {source.advice(sign)}",
        (source.is_truth, sign),
    )


def _is_binary(others, sign, source):
    """Whether -1 and one other label are the only ones: two classes."""
    may_be = source.minus_one == "label" and sign == MINUS_ONE and source.known is None
    return may_be and others.size > 0 and bool((others == others[0]).all())


def _warn_of_text(values, present, source, counts):
    """Warn of text that looks like a missing answer, and is read as a label."""
    if source.minus_one == "number":
        return  # text among numbers is an error
    n_times = _texts(values, present, counts)
    found = sorted(
        text
        for text in n_times
        if text.strip().casefold() in TEXTS and not source.is_known(text)
    )
    if not found:
        return
    seen = ", ".join(f"{text!r} ({_times(n_times[text])})" for text in found)
    warn(
        f"{source.name} {source.holds} the text {seen}, which often stands for a "
        f"missing answer; it was read as a {source.noun}. {source.advice(found[0])}",
        (source.is_truth, "text"),
    )


def _texts(values, present, counts):
    """Count how often each text occurs."""
    if values.dtype.kind not in "UTO":
        return {}
    listed = values[present].tolist()
    if counts is None:
        return Counter(str(v) for v in listed if isinstance(v, str))
    each = zip(listed, counts[present].tolist(), strict=True)
    return {str(v): n for v, n in each if isinstance(v, str)}


def _range(values):
    low, high = values.min(), values.max()
    return f"{low}" if low == high else f"{low} to {high}"


def _times(n):
    return "once" if n == 1 else f"{n} times"
