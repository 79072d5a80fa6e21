"""Read ``annotator_prior``: known accuracies, or errors, of annotators."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation._expected_counts import AnsweredQuestions, ExpectedCounts
from skcrowd.annotations._lookup import object_array
from skcrowd.annotations._memory import is_large
from skcrowd.annotations._tables import is_frame, plain
from skcrowd.annotations._value_types import missing_mask
from skcrowd.exceptions import CrowdWarning

if TYPE_CHECKING:
    from skcrowd._typing import Array


__all__ = [
    "confusion_counts",
    "prior_confusion_counts",
    "rating_moments",
    "read_annotator_prior",
    "warn_of_unknown_names",
]

DEFAULT_QUESTIONS = 20.0  # weight of a prior given without a number of questions
MOST_QUESTIONS = 1e9  # with more, the answers would have no influence


def read_annotator_prior(
    prior: Any, names: Array, most: float, *, require_all: bool = True
) -> tuple[Array, Array]:
    """Read the prior of each annotator, and the number of questions it comes from.

    Parameters
    ----------
    prior : mapping of name to number or (number, n_questions), pandas Series or \
            DataFrame of one or two columns, or array-like of shape (n_annotators,) or \
            (n_annotators, 2)
        Rows of a Series or DataFrame are matched by its index, in any order; those of
        an array or list by position. NaN, None and NA mean that there is no prior.
    names : ndarray of shape (n_annotators,)
    most : float
        Largest value allowed; the smallest is 0.
    require_all : bool, default=True
        Whether a prior of an annotator who is not among `names` is an error. False
        where annotators may be added later.

    Returns
    -------
    value, n_questions : ndarray of shape (n_annotators,)
        0 questions for annotators without a prior.

    Raises
    ------
    ValueError
        If an annotator is unknown, or a value out of its range.
    """
    prior = _by_name(prior, names)
    if isinstance(prior, Mapping):
        value, n_questions = _read_mapping(prior, names, require_all)
    else:
        value, n_questions = _read_array(prior, names.tolist())
    known = ~np.isnan(value)
    n_questions = np.where(known, n_questions, 0.0)
    value = np.where(known, value, 0.0)
    invalid = np.flatnonzero(
        ~((value >= 0) & (value <= most) & (n_questions <= MOST_QUESTIONS))
        | (n_questions < 0)
        | ~np.isfinite(value)
    )
    if invalid.size:
        k = invalid[0]
        raise ValueError(
            f"annotator_prior of {names.tolist()[k]!r} is {value[k]:g} from "
            f"{n_questions[k]:g} questions; the first must lie between 0 and {most:g}, "
            f"the second between 0 and {MOST_QUESTIONS:g}."
        )
    return value, n_questions


def warn_of_unknown_names(prior: Any, names: Array, stacklevel: int) -> None:
    """Warn of annotators who have a prior and no answer, as if their names differed.

    Parameters
    ----------
    prior : mapping, pandas Series or DataFrame, array-like, or None
        As for :func:`read_annotator_prior`.
    names : ndarray of shape (n_annotators,)
    stacklevel : int
        Of the warning: 1 is the caller.
    """
    by_name = {} if prior is None else _by_name(prior, names)
    if not isinstance(by_name, Mapping):
        return
    known = set(names.tolist())
    unknown = [name for name in by_name if name not in known]
    if unknown:
        warnings.warn(
            f"annotator_prior holds {unknown[0]!r}, who gave no answer in y "
            f"({len(unknown)} such names of {len(by_name)}); their prior is used once "
            "they answer. The first annotators of y are "
            f"{names.tolist()[:5]}; leave out who is not in y, or mend the names.",
            CrowdWarning,
            stacklevel=stacklevel + 1,
        )


def _by_name(prior: Any, names: Any) -> Any:
    """Convert labelled priors to a dict, others to an array or nested list."""
    if isinstance(prior, Mapping):
        return prior
    prior = plain(prior, "annotator_prior")
    if hasattr(prior, "index") and hasattr(prior, "iloc"):  # of pandas
        return _read_index(prior)
    if is_frame(prior) and not np.array_equal(names, np.arange(len(names))):
        columns = ", ".join(map(repr, prior.columns))
        raise ValueError(
            f"annotator_prior is a table with the columns {columns} and no index, so "
            "its rows cannot be matched with annotators; pass a dict from annotator to "
            "number, or a pandas DataFrame indexed by annotators."
        )
    if not is_frame(prior):
        return prior
    matrix = prior.to_numpy()
    return matrix[:, 0] if matrix.shape[1] == 1 else matrix


def _read_index(table: Any) -> Any:
    duplicates = table.index[table.index.duplicated()]
    if len(duplicates):
        raise ValueError(
            f"annotator_prior has several rows for {duplicates.tolist()[0]!r}; give "
            "one row for each annotator."
        )
    rows = table.astype(object).to_numpy()
    if rows.ndim == 2 and rows.shape[1] not in (1, 2):
        raise ValueError(
            f"annotator_prior has the columns {list(table.columns)}; give one column, "
            "the accuracy or error, or two, with the number of questions it comes "
            "from. The annotators are the index: annotator_prior.set_index(column)."
        )
    if rows.ndim == 2:
        rows = rows[:, 0] if rows.shape[1] == 1 else map(tuple, rows)
    return dict(zip(table.index.tolist(), rows, strict=True))


def _read_mapping(prior: Any, names: Any, require_all: Any) -> Any:
    place = {name: k for k, name in enumerate(names.tolist())}
    unknown = [name for name in prior if name not in place]
    if unknown and require_all:
        raise ValueError(
            f"annotator_prior holds {unknown[0]!r}, which is not an annotator of y "
            f"({len(unknown)} such names); the first annotators are "
            f"{names.tolist()[:5]}. The index of a table holds the names."
        )
    value, n_questions = (
        np.full(len(names), np.nan),
        np.full(len(names), DEFAULT_QUESTIONS),
    )
    for name, entry in prior.items():
        pair = _pair(entry, name)
        if name in place:
            value[place[name]], n_questions[place[name]] = pair
    return value, n_questions


def _read_array(prior: Any, names: Any) -> Any:
    if isinstance(prior, np.ma.MaskedArray):
        mask, prior = np.ma.getmaskarray(prior), np.array(prior.data, dtype=object)
        prior[mask] = None
    n_annotators = len(names)
    shape = getattr(prior, "shape", (len(prior),))
    if shape not in [(n_annotators,), (n_annotators, 2)]:
        raise ValueError(
            f"annotator_prior has shape {shape}, but y has {n_annotators} annotators; "
            "give one number for each, or a dict from name to number."
        )
    pairs = [_pair(entry, name) for entry, name in zip(prior, names, strict=True)]
    value, n_questions = np.array(pairs).reshape(-1, 2).T
    return value, n_questions


def _pair(entry: Any, name: str) -> Any:
    """Read an entry as value and number of questions; NaN for a missing value."""
    pair = (entry, DEFAULT_QUESTIONS) if _is_single(entry) else entry
    if getattr(pair, "ndim", 1) != 1 or len(pair) != 2:
        raise ValueError(
            f"annotator_prior of {name!r} is {entry!r}; give a number, or a number "
            "and the number of questions it comes from."
        )
    number, n_questions = (_number(value, name) for value in pair)
    return number, n_questions


def _is_single(entry: Any) -> Any:
    is_sequence = isinstance(entry, (list, tuple, np.ndarray))
    return not is_sequence or (isinstance(entry, np.ndarray) and entry.ndim == 0)


def _number(value: Any, name: str) -> float:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = None if value is np.ma.masked else value.item()
    if isinstance(value, (Real, Decimal)):
        return float(value)
    if not isinstance(value, str) and missing_mask(object_array([value])).all():
        return np.nan
    raise ValueError(
        f"annotator_prior of {name!r} holds {value!r} of type {type(value).__name__}; "
        "give a number, or None for annotators without a prior. The names of "
        "annotators belong into the index of a table."
    )


def confusion_counts(
    accuracy: Array, n_questions: Array, n_classes: int
) -> ExpectedCounts | Array:
    """Return the counts of answers that a prior stands for, by truth and answer.

    Each class has as many questions, and wrong answers are distributed evenly: for
    n questions, accuracy a and K classes the counts are ``n / K * a`` on the diagonal
    and ``n / K * (1 - a) / (K - 1)`` elsewhere.

    Parameters
    ----------
    accuracy, n_questions : ndarray of shape (n_annotators,)
    n_classes : int

    Returns
    -------
    counts : ndarray of shape (n_annotators, n_classes, n_classes), or ExpectedCounts
        ExpectedCounts where the array would be large.
    """
    if is_large(len(accuracy), n_classes, n_classes):
        return ExpectedCounts((AnsweredQuestions(accuracy, n_questions, n_classes),))
    right = np.eye(n_classes)
    wrong = (1 - right) / max(n_classes - 1, 1)
    per_class = (n_questions / n_classes)[:, None, None]
    accuracy = accuracy[:, None, None]
    return per_class * (accuracy * right + (1 - accuracy) * wrong)


def prior_confusion_counts(prior: Any, names: Array, n_classes: int) -> Any:
    """Read a prior of accuracies as counts of answers.

    Parameters
    ----------
    prior : mapping, pandas Series or DataFrame, array-like, or None
        As for :func:`read_annotator_prior`; it may hold annotators who come later.
    names : ndarray of shape (n_annotators,)
    n_classes : int

    Returns
    -------
    counts : ndarray of shape (n_annotators, n_classes, n_classes), ExpectedCounts, \
            or None
        None without a prior.
    """
    if prior is None:
        return None
    accuracy, n_questions = read_annotator_prior(prior, names, 1.0, require_all=False)
    return confusion_counts(accuracy, n_questions, n_classes)


def rating_moments(error: Array, n_questions: Array, shift: float = 0.0) -> Array:
    """Return the moments of the ratings that a prior stands for.

    They are ratings without bias of items with the true number 0.

    Parameters
    ----------
    error : ndarray of shape (n_annotators,)
        Root mean squared error, in the unit in which ratings have mean 0.
    n_questions : ndarray of shape (n_annotators,)
    shift : float, default=0.0
        Number that is added to all ratings, in that unit.

    Returns
    -------
    moments : ndarray of shape (n_annotators, 3, 3)
        See ``answer_moments``.
    """
    moments = np.zeros((len(error), 3, 3))
    moments[:, 0, 0] = n_questions
    moments[:, 0, 2] = moments[:, 2, 0] = n_questions * shift
    moments[:, 2, 2] = n_questions * (error**2 + shift**2)
    return moments
