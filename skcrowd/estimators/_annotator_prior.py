"""Read ``annotator_prior``: what is known of annotators before they answer."""

from collections.abc import Mapping
from decimal import Decimal
from numbers import Real

import numpy as np

from skcrowd.aggregation._expected_counts import AnsweredQuestions, ExpectedCounts
from skcrowd.annotations._lookup import object_array
from skcrowd.annotations._memory import is_large
from skcrowd.annotations._tables import is_frame, plain
from skcrowd.annotations._value_types import missing_mask

__all__ = ["confusion_counts", "rating_moments", "read_annotator_prior"]

QUESTIONS = 20.0  # as which a bare number counts
MOST_QUESTIONS = 1e9  # more would drown any answer


def read_annotator_prior(prior, names, most, *, require_all=True):
    """Read how good annotators are known to be, and from how many questions.

    Parameters
    ----------
    prior : mapping of name to number or (number, n_questions), pandas Series or \
            DataFrame of one or two columns, or array-like of shape (n_annotators,) or \
            (n_annotators, 2)
        A Series or DataFrame is read by its index, whatever the order; an array or
        list by position. NaN, None and NA where nothing is known.
    names : ndarray of shape (n_annotators,)
    most : float
        Largest number allowed; the smallest is 0.
    require_all : bool, default=True
        Whether names that are none of `names` are an error; not where annotators may
        come later.

    Returns
    -------
    value, n_questions : ndarray of shape (n_annotators,)
        0 questions where nothing is known.

    Raises
    ------
    ValueError
        If an annotator is unknown, or a number out of its range.
    """
    prior = _by_name(prior, names)
    if isinstance(prior, Mapping):
        given = _of_mapping(prior, names, require_all)
    else:
        given = _of_array(prior, names.tolist())
    value, n_questions = given
    known = ~np.isnan(value)
    n_questions = np.where(known, n_questions, 0.0)
    value = np.where(known, value, 0.0)
    wrong = np.flatnonzero(
        ~((value >= 0) & (value <= most) & (n_questions <= MOST_QUESTIONS))
        | (n_questions < 0)
        | ~np.isfinite(value)
    )
    if wrong.size:
        k = wrong[0]
        raise ValueError(
            f"annotator_prior of {names.tolist()[k]!r} is {value[k]:g} from "
            f"{n_questions[k]:g} questions; the first must lie between 0 and {most:g}, "
            f"the second between 0 and {MOST_QUESTIONS:g}."
        )
    return value, n_questions


def _by_name(prior, names):
    """Turn what has labels into a dict, all else into an array or nested list."""
    if isinstance(prior, Mapping):
        return prior
    prior = plain(prior, "annotator_prior")
    if hasattr(prior, "index") and hasattr(prior, "iloc"):  # of pandas
        return _of_index(prior)
    if is_frame(prior) and not np.array_equal(names, np.arange(len(names))):
        columns = ", ".join(map(repr, prior.columns))
        raise ValueError(
            f"annotator_prior is a table with the columns {columns} and no index, so "
            "it does not say whom its rows stand for; pass a dict from annotator to "
            "number, or a pandas DataFrame indexed by annotators."
        )
    if not is_frame(prior):
        return prior
    matrix = prior.to_numpy()
    return matrix[:, 0] if matrix.shape[1] == 1 else matrix


def _of_index(table):
    twice = table.index[table.index.duplicated()]
    if len(twice):
        raise ValueError(
            f"annotator_prior has several rows for {twice.tolist()[0]!r}; give each "
            "annotator one."
        )
    rows = table.astype(object).to_numpy()
    if rows.ndim == 2 and rows.shape[1] not in (1, 2):
        raise ValueError(
            f"annotator_prior has the columns {list(table.columns)}; give one, the "
            "number, or two, the number and the number of questions it comes from. The "
            "annotators are the index: annotator_prior.set_index(column)."
        )
    if rows.ndim == 2:
        rows = rows[:, 0] if rows.shape[1] == 1 else map(tuple, rows)
    return dict(zip(table.index.tolist(), rows, strict=True))


def _of_mapping(prior, names, require_all):
    place = {name: k for k, name in enumerate(names.tolist())}
    unknown = [name for name in prior if name not in place]
    if unknown and require_all:
        raise ValueError(
            f"annotator_prior names {unknown[0]!r}, who is none of the annotators of y "
            f"({len(unknown)} such names); the first are {names.tolist()[:5]}. A table "
            "is read by its index."
        )
    value, n_questions = np.full(len(names), np.nan), np.full(len(names), QUESTIONS)
    for name, known in prior.items():
        pair = _pair(known, name)
        if name in place:
            value[place[name]], n_questions[place[name]] = pair
    return value, n_questions


def _of_array(prior, names):
    if isinstance(prior, np.ma.MaskedArray):
        hidden, prior = np.ma.getmaskarray(prior), np.array(prior.data, dtype=object)
        prior[hidden] = None
    n_annotators = len(names)
    shape = getattr(prior, "shape", (len(prior),))
    if shape not in [(n_annotators,), (n_annotators, 2)]:
        raise ValueError(
            f"annotator_prior has shape {shape}, but y has {n_annotators} annotators; "
            "give one number each, or a dict from name to number."
        )
    pairs = [_pair(known, name) for known, name in zip(prior, names, strict=True)]
    value, n_questions = np.array(pairs).reshape(-1, 2).T
    return value, n_questions


def _pair(known, name):
    """Read a number, or a number and a number of questions; NaN where it is unknown."""
    pair = (known, QUESTIONS) if _is_single(known) else known
    if getattr(pair, "ndim", 1) != 1 or len(pair) != 2:
        raise ValueError(
            f"annotator_prior of {name!r} is {known!r}; give a number, or a number "
            "and the number of questions it comes from."
        )
    return tuple(_number(value, name) for value in pair)


def _is_single(known):
    is_sequence = isinstance(known, (list, tuple, np.ndarray))
    return not is_sequence or (isinstance(known, np.ndarray) and known.ndim == 0)


def _number(value, name):
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = None if value is np.ma.masked else value.item()
    if isinstance(value, (Real, Decimal)):
        return float(value)
    if not isinstance(value, str) and missing_mask(object_array([value])).all():
        return np.nan
    raise ValueError(
        f"annotator_prior of {name!r} holds {value!r} of type {type(value).__name__}; "
        "give a number, or None where nothing is known. The names of annotators belong "
        "into the index of a table."
    )


def confusion_counts(accuracy, n_questions, n_classes):
    """Return the answers to questions of known truth, by truth and answer.

    As many questions of each class; wrong answers are spread evenly.

    Parameters
    ----------
    accuracy, n_questions : ndarray of shape (n_annotators,)
    n_classes : int

    Returns
    -------
    counts : ndarray of shape (n_annotators, n_classes, n_classes), or ExpectedCounts
        No array where that would be large.
    """
    if is_large(len(accuracy), n_classes, n_classes):
        return ExpectedCounts((AnsweredQuestions(accuracy, n_questions, n_classes),))
    right = np.eye(n_classes)
    wrong = (1 - right) / max(n_classes - 1, 1)
    each = (n_questions / n_classes)[:, None, None]
    accuracy = accuracy[:, None, None]
    return each * (accuracy * right + (1 - accuracy) * wrong)


def rating_moments(error, n_questions, shift=0.0):
    """Return the moments of ratings of a known truth, namely 0, without bias.

    Parameters
    ----------
    error : ndarray of shape (n_annotators,)
        Root of the mean squared error, in the unit in which ratings have mean 0.
    n_questions : ndarray of shape (n_annotators,)
    shift : float, default=0.0
        What is added to all ratings, in that unit.

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
