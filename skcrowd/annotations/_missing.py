"""What marks a missing answer, and what only looks as if it did: the one place.

NaN, NaT, None, NA, masked cells and the empty string are missing everywhere, see
`missing_mask`. This module reads the signs that people and programs write as numbers or
text, such as -1, -100 and "nan", and warns of what it cannot know.
``docs/missing_answers.md`` tells users the rules.
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
    "Door",
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


class Door(NamedTuple):
    """Where answers or truths come in, and what messages say there.

    Parameters
    ----------
    name : str
        The argument.
    noun : str
        What a value is: "label", "tag" or "rating".
    minus_one : {"missing", "label", "number"}
        What -1 means unless the user says otherwise.
    if_missing, if_real : str
        What to do if a value marks a missing answer, and if it does not; ``{0!r}`` is
        the value.
    known : ndarray, default=None
        Labels or numbers that are real for certain, among further ones.
    is_truth : bool, default=False
        Whether truths come in, rather than answers.
    holds : str, default="holds"
        What the argument does with its values, in messages.
    """

    name: str
    noun: str
    minus_one: str
    if_missing: str
    if_real: str
    known: np.ndarray | None = None
    is_truth: bool = False
    holds: str = "holds"

    def knows(self, value):
        """Say whether a value is known to be real."""
        return _holds(self.known, value)

    def with_known(self, labels):
        """Return labels that are numbers, and those that are known to be real."""
        if self.known is None or self.minus_one == "number":
            return labels
        is_numeric = self.known.dtype.kind in "if"
        return np.concatenate([labels, self.known]) if is_numeric else labels

    def found(self, n_times, what):
        """Say what was found, and how often."""
        return f"{self.name} {self.holds} {what} ({_times(n_times)})"

    def advice(self, value):
        """Say how to tell what a value means."""
        missing, real = self.if_missing.format(value), self.if_real.format(value)
        return f"If it marks missing ones, {missing}; if it is a {self.noun}, {real}."


def _by_parameter(name, noun, minus_one, call, ratings=""):
    """Return a door where `missing_label` tells what a value means."""
    or_classes = "" if ratings else "classes that hold it, or "
    real = f"pass {or_classes}{call}{ratings}, missing_label=None)"
    missing = f"replace it by None, or pass {call}{ratings}, missing_label={{0!r}})"
    return Door(name, noun, minus_one, missing, real)


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
TRUTH = Door(
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
    """Say whether the user left it open what marks a missing answer.

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
    values, door, *, masked=False, missing_label="auto", classes=None, counts=None
):
    """Find the values that mean "no answer"; warn where that is not certain.

    Parameters
    ----------
    values : ndarray of any shape and dtype
    door : Door
    masked : bool ndarray of the same shape, default=False
        What is missing besides.
    missing_label : scalar, None or "auto", default="auto"
        A scalar marks missing answers, None says that no value does. "auto" leaves it
        to the door, unless `classes` or ``door.known`` hold the value.
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
        if door.minus_one != "missing" or _holds(check_classes(classes), MINUS_ONE):
            return natively
        return natively | equal_mask(values, MINUS_ONE)
    look = _look(values, ~natively, counts)
    if look is None:
        _warn_of_text(values, ~natively, door, counts)
        return natively
    return natively | _read_signs(values, natively, door, look)


def is_complete(column, kind):
    """Say whether nothing is missing in a matrix of answers of one column.

    Parameters
    ----------
    column : ndarray or masked array
    kind : {"labels", "numbers"}
        Among labels -1 is missing, unless -1 and 1 are all there is.
    """
    values = np.asarray(column)
    if np.ma.getmaskarray(column).any() or missing_mask(values).any():
        return False
    look = _look(values, np.ones(values.shape, dtype=bool), None)
    holds_sign = look is not None and look.n_times[MINUS_ONE] > 0
    return not holds_sign or kind == "numbers" or look.others_are_one


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


class _Look(NamedTuple):
    """What the real numbers among some values are like, a negative one among them."""

    n_times: dict  # of every sign
    others: np.ndarray

    @property
    def others_are_one(self):
        """Whether all others are 1, so that -1 may be the other of two labels."""
        return bool(self.others.size) and bool((self.others == 1).all())


def _look(values, present, counts):
    """Look at the numbers among the values, or return None if none is negative."""
    numbers_there = _numbers(values, present)
    if numbers_there is None or not (values[numbers_there] < 0).any():
        return None
    found = values[numbers_there]
    each = np.ones(found.size, int) if counts is None else counts[numbers_there]
    n_times = {sign: int(each[found == sign].sum()) for sign in SIGNS}
    is_other = np.logical_and.reduce([found != sign for sign in SIGNS]).astype(bool)
    return _Look(n_times, found[is_other])


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


def _read_signs(values, natively, door, look):
    """Mark -1 where the door takes it for missing; warn of every doubt."""
    missing = np.zeros(values.shape, dtype=bool)
    for sign in SIGNS:
        if not look.n_times[sign] or door.knows(sign):
            continue
        if sign == MINUS_ONE and door.minus_one == "missing":
            missing = equal_mask(values, MINUS_ONE)
            _check_unambiguous(look, door)
            _warn_of_missing(values, natively, door, look)
        else:
            _warn_of_real(sign, door, look)
    return missing


def _check_unambiguous(look, door):
    is_pair = look.others_are_one and not look.n_times[IGNORE_INDEX]
    if is_pair and door.known is None:
        raise ValueError(
            f"{door.name} holds only the {door.noun}s -1 and 1, so -1 could be a "
            f"{door.noun} or mark missing ones. {door.advice(MINUS_ONE)}"
        )


def _warn_of_missing(values, natively, door, look):
    """Warn that -1 was read as missing, where something speaks against it."""
    others = door.with_known(look.others)
    if not others.size:
        return  # that there is no answer at all is an error
    if (others < 0).any():
        doubt = f"beside other negative {door.noun}s, such as {others.min()}"
    elif door.known is not None:
        return
    elif natively.any():
        doubt = "beside NaN, None or another sign of missing ones"
    elif not _are_integers(values):
        doubt = "as a float"
    else:
        return
    warn(
        f"{door.found(look.n_times[MINUS_ONE], MINUS_ONE)} {doubt}; -1 was read as "
        f"missing. {door.advice(MINUS_ONE)}",
        (door.is_truth, MINUS_ONE),
    )


def _are_integers(values):
    """Whether all that may be numbers are integers."""
    if values.dtype.kind != "O":
        return values.dtype.kind == "i"
    types = {type_ for type_ in set(map(type, values.ravel())) if _is_number(type_)}
    return all(issubclass(type_, numbers.Integral) for type_ in types)


def _warn_of_real(sign, door, look):
    """Warn that a sign was read as it stands, where all others are 0 and more."""
    others = door.with_known(look.others)
    if (others < 0).any() or _are_two_labels(others, sign, door):
        return
    beside = f" beside {_range(others)}" if others.size else ""
    warn(
        f"{door.found(look.n_times[sign], sign)}{beside}; it was read as a "
        f"{door.noun}. {door.advice(sign)}",
        (door.is_truth, sign),
    )


def _are_two_labels(others, sign, door):
    """Whether -1 and one other label are all there is: a natural pair."""
    may_be = door.minus_one == "label" and sign == MINUS_ONE and door.known is None
    return may_be and others.size > 0 and bool((others == others[0]).all())


def _warn_of_text(values, present, door, counts):
    """Warn of text that looks like a missing answer, and is read as a label."""
    if door.minus_one == "number":
        return  # text among numbers is an error
    n_times = _texts(values, present, counts)
    found = sorted(
        text
        for text in n_times
        if text.strip().casefold() in TEXTS and not door.knows(text)
    )
    if not found:
        return
    seen = ", ".join(f"{text!r} ({_times(n_times[text])})" for text in found)
    warn(
        f"{door.name} {door.holds} the text {seen}, which often stands for a missing "
        f"answer; it was read as a {door.noun}. {door.advice(found[0])}",
        (door.is_truth, "text"),
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
