"""Read ``annotator_prior``: what is known of annotators before they answer."""

from collections.abc import Mapping
from numbers import Real

import numpy as np

from skcrowd.aggregation import SoftCounts
from skcrowd.aggregation._soft_counts import AnsweredQuestions
from skcrowd.annotations._memory import is_large

__all__ = ["confusion_counts", "rating_moments", "read_annotator_prior"]

QUESTIONS = 20.0  # as which a bare number counts


def read_annotator_prior(prior, names, most, *, all_are_here=True):
    """Read how good annotators are known to be, and from how many questions.

    Parameters
    ----------
    prior : mapping of name to number or (number, n_questions), or array-like of shape \
            (n_annotators,) or (n_annotators, 2)
        NaN where nothing is known.
    names : ndarray of shape (n_annotators,)
    most : float
        Largest number allowed; the smallest is 0.
    all_are_here : bool, default=True
        False where annotators may come later: names that are not there wait.

    Returns
    -------
    value, n_questions : ndarray of shape (n_annotators,)
        0 questions where nothing is known.

    Raises
    ------
    ValueError
        If an annotator is unknown, or a number out of its range.
    """
    if hasattr(prior, "to_dict") and getattr(prior, "ndim", 0) == 1:  # a Series
        prior = prior.to_dict()
    if isinstance(prior, Mapping):
        given = _of_mapping(prior, names, all_are_here)
    else:
        given = _of_array(prior, len(names))
    value, n_questions = given
    known = ~np.isnan(value)
    n_questions = np.where(known, n_questions, 0.0)
    value = np.where(known, value, 0.0)
    wrong = np.flatnonzero(
        ~((value >= 0) & (value <= most) & np.isfinite(n_questions))
        | (n_questions < 0)
        | ~np.isfinite(value)
    )
    if wrong.size:
        k = wrong[0]
        raise ValueError(
            f"annotator_prior of {names.tolist()[k]!r} is {value[k]:g} from "
            f"{n_questions[k]:g} questions; the first must lie between 0 and {most:g}, "
            "the second must not be negative."
        )
    return value, n_questions


def _of_mapping(prior, names, all_are_here):
    place = {name: k for k, name in enumerate(names.tolist())}
    unknown = [name for name in prior if name not in place]
    if unknown and all_are_here:
        raise ValueError(
            f"annotator_prior names {unknown[0]!r}, who is none of the annotators of y "
            f"({len(unknown)} such names); the first are {names.tolist()[:5]}."
        )
    value, n_questions = np.full(len(names), np.nan), np.full(len(names), QUESTIONS)
    for name, known in prior.items():
        pair = (known, QUESTIONS) if isinstance(known, Real) else tuple(known)
        if len(pair) != 2:
            raise ValueError(
                f"annotator_prior of {name!r} is {known!r}; give a number, or a number "
                "and the number of questions it comes from."
            )
        if name in place:
            value[place[name]], n_questions[place[name]] = pair
    return value, n_questions


def _of_array(prior, n_annotators):
    values = np.asarray(prior, dtype=float)
    if values.shape == (n_annotators, 2):
        return values[:, 0], values[:, 1]
    if values.shape != (n_annotators,):
        raise ValueError(
            f"annotator_prior has shape {values.shape}, but y has {n_annotators} "
            "annotators; give one number each, or a dict from name to number."
        )
    return values, np.full(n_annotators, QUESTIONS)


def confusion_counts(accuracy, n_questions, n_classes):
    """Return the answers to questions of known truth, by truth and answer.

    As many questions of each class; wrong answers are spread evenly.

    Parameters
    ----------
    accuracy, n_questions : ndarray of shape (n_annotators,)
    n_classes : int

    Returns
    -------
    counts : ndarray of shape (n_annotators, n_classes, n_classes), or SoftCounts
        No array where that would be large.
    """
    if is_large(len(accuracy), n_classes, n_classes):
        return SoftCounts((AnsweredQuestions(accuracy, n_questions, n_classes),))
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
        See :func:`skcrowd.aggregation.rater_moments`.
    """
    moments = np.zeros((len(error), 3, 3))
    moments[:, 0, 0] = n_questions
    moments[:, 0, 2] = moments[:, 2, 0] = n_questions * shift
    moments[:, 2, 2] = n_questions * (error**2 + shift**2)
    return moments
