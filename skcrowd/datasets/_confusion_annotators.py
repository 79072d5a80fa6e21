"""Confusion matrices of a simulated crowd, from its description."""

import numpy as np
from sklearn.utils import check_random_state

from skcrowd.annotations._memory import check_fits
from skcrowd.datasets._composition import count_kinds, kind_by_annotator, read_array
from skcrowd.datasets._kinds import KINDS

MIXED_CROWD = {
    "expert": 3,
    "average": 9,
    "biased": 4,
    "one_class_spammer": 2,
    "random": 1,
    "adversarial": 1,
}
EXPLICIT = "confusion matrices of shape (n_annotators, n_classes, n_classes)"


def annotator_confusions(annotators, n_classes, *, random_state=None):
    """Draw the confusion matrices of a simulated crowd.

    Parameters
    ----------
    annotators : dict, int or array of shape (n_annotators, n_classes, n_classes)
        Who is in the crowd.

        - A dict from kind to count, such as ``{"expert": 2, "random": 1}``. The
          kinds are ``"expert"`` (right 90 to 99 times in 100), ``"average"`` (60 to
          85), ``"biased"`` (mistakes half of the classes for particular other
          ones), ``"one_class_spammer"`` (always the same answer), ``"random"``
          (any answer) and ``"adversarial"`` (wrong on purpose, systematically).
        - An int: a mixed crowd of that size, in shares of 3 experts, 9 average,
          4 biased, 2 spammers, 1 random and 1 adversarial in 20.
        - An array of confusion matrices, taken as they are; the kind is ``"given"``.
    n_classes : int
        Number of classes, at least 2.
    random_state : int, RandomState instance or None, default=None
        Seed of the draw; pass an int for the same crowd at every call.

    Returns
    -------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes)
        ``confusion[r, i, j]`` is the probability that annotator r answers class j
        when the truth is class i. Rows sum to 1.
    kind : ndarray of shape (n_annotators,)
        The kind of each annotator, in the order of `annotators`.

    Raises
    ------
    ValueError
        If a kind is unknown, a count is negative or no integer, the crowd is empty,
        there are fewer than two classes, or given matrices have another shape or
        rows that are not probabilities.

    See Also
    --------
    make_annotations : Let such a crowd answer.

    Examples
    --------
    >>> from skcrowd.datasets import annotator_confusions
    >>> confusion, kind = annotator_confusions(
    ...     {"random": 1, "one_class_spammer": 1}, n_classes=2, random_state=0
    ... )
    >>> kind.tolist()
    ['random', 'one_class_spammer']
    >>> confusion[0]
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    if n_classes < 2:
        raise ValueError(
            f"A crowd needs at least 2 classes to choose from, got {n_classes}; "
            "name them all with classes= where y_true does not show them."
        )
    counts = count_kinds(annotators, KINDS, MIXED_CROWD, EXPLICIT)
    if counts is None:
        confusion = _check_confusion(annotators, n_classes)
        return confusion, np.full(len(confusion), "given")
    n_annotators = sum(counts.values())
    check_fits(
        16 * n_annotators * n_classes**2,
        f"the confusion matrices of {n_annotators} annotators and {n_classes} classes",
        "simulate fewer of either",
    )
    rng = check_random_state(random_state)
    drawn = [KINDS[kind](n, n_classes, rng) for kind, n in counts.items() if n]
    return np.concatenate(drawn), kind_by_annotator(counts)


def _check_confusion(confusion, n_classes):
    confusion = read_array(confusion, EXPLICIT)
    if confusion.ndim != 3 or confusion.shape[1:] != (n_classes, n_classes):
        raise ValueError(
            f"annotators is an array of shape {confusion.shape}; with {n_classes} "
            f"classes the confusion matrices must have shape (n_annotators, "
            f"{n_classes}, {n_classes}). Name all classes with classes= where y_true "
            "does not show them."
        )
    if not len(confusion):
        raise ValueError("annotators is an array without any annotator; give one.")
    wrong = ~np.isclose(confusion.sum(axis=2), 1.0, rtol=0, atol=1e-6)
    wrong |= ~(confusion >= 0).all(axis=2)
    if wrong.any():
        annotator, truth = np.argwhere(wrong)[0]
        raise ValueError(
            f"Row {truth} of the confusion matrix of annotator {annotator} is "
            f"{confusion[annotator, truth]}; every row must hold probabilities that "
            "sum to 1 (P(answer | truth), truth by row)."
        )
    return confusion
