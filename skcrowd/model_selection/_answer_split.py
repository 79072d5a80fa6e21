"""A split of the answers: training and test have the same items, and other answers."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils import check_random_state

from skcrowd._sklearn_compat import Interval, StrOptions, validate_params
from skcrowd.model_selection._annotator_splits import who_answered
from skcrowd.model_selection._splittable_answers import read_answers

if TYPE_CHECKING:
    from skcrowd._typing import (
        AnswersLike,
        BoolArray,
        IntArray,
        KindOrAuto,
        RandomState,
    )
    from skcrowd.annotations import Annotations, SequenceAnnotations


__all__ = ["shuffled_by", "starts_of", "train_test_split_answers"]


@validate_params(
    {
        "test_size": [
            Interval(Real, 0, 1, closed="neither"),
            Interval(Integral, 1, None, closed="left"),
        ],
        "keep_one": ["boolean"],
        "random_state": ["random_state"],
        "kind": [StrOptions({"auto", "labels", "numbers"})],
    }
)
def train_test_split_answers(
    y: AnswersLike,
    *,
    test_size: float = 0.2,
    keep_one: bool = True,
    random_state: RandomState = None,
    kind: KindOrAuto = "auto",
) -> tuple[Annotations | SequenceAnnotations, Annotations | SequenceAnnotations]:
    """Hold out some answers of items that stay in training.

    Parameters
    ----------
    y : annotations of shape (n_samples, n_annotators)
        In any form that the estimators take. Of sequences a whole tag sequence is one
        answer.
    test_size : float or int, default=0.2
        Share or number of the answers to hold out.
    keep_one : bool, default=True
        Whether every item, and every annotator, keeps at least one of their answers in
        training. False draws from all.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.
    kind : {"auto", "labels", "numbers"}, default="auto"
        What an answer is, where ``y`` does not show it. "auto" reads numbers that are
        not all whole as numbers, all else as labels.

    Returns
    -------
    y_train, y_test : Annotations or SequenceAnnotations
        Both of the shape of ``y``, with all annotators and classes; an answer is in one
        of the two.

    Raises
    ------
    ValueError
        If so many answers cannot be held out.

    See Also
    --------
    AnswerKFold : Holds out every answer once.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.model_selection import train_test_split_answers
    >>> Y = np.array([[0, 1, 0], [1, 1, -1], [2, -1, -1]])
    >>> y_train, y_test = train_test_split_answers(Y, test_size=2, random_state=0)
    >>> y_train.n_answers, y_test.n_answers
    (4, 2)
    >>> y_train.answers_per_item
    array([2, 1, 1])
    """
    answers = read_answers(y, kind)
    item, annotator = who_answered(answers)
    rng = check_random_state(random_state)
    n_test = test_size
    if not isinstance(test_size, Integral):
        n_test = int(np.ceil(test_size * item.size))
    kept = np.zeros(item.size, dtype=bool)
    if keep_one:
        kept = _one_each(item, annotator, rng)
    free = np.flatnonzero(~kept)
    if n_test > free.size or n_test == item.size:
        raise ValueError(
            f"test_size={test_size} asks for {n_test} of {item.size} answers, but "
            f"{min(free.size, item.size - 1)} can be held out"
            f"{' with one left to every item and annotator' if keep_one else ''}; "
            f"lower test_size{', or set keep_one=False' if keep_one else ''}."
        )
    is_test = np.zeros(item.size, dtype=bool)
    is_test[rng.choice(free, n_test, replace=False)] = True
    return answers.select_answers(~is_test), answers.select_answers(is_test)


def _one_each(
    item: IntArray, annotator: IntArray, rng: np.random.RandomState
) -> BoolArray:
    """Mark an answer of every item and of every annotator, bool (n_answers,)."""
    marked = np.zeros(item.size, dtype=bool)
    for owner in (item, annotator):
        order = shuffled_by(owner, rng)
        has_one = np.bincount(owner, marked) > 0
        first = order[starts_of(owner[order])]
        marked[first[~has_one[owner[first]]]] = True
    return marked


def shuffled_by(owner: IntArray, rng: np.random.RandomState) -> IntArray:
    """Sort answers by their owner, in random order otherwise."""
    return np.argsort(owner + 0.999 * rng.random_sample(owner.size))


def starts_of(values: Any) -> IntArray:
    """Where runs of equal values begin."""
    is_start = np.ones(values.size, dtype=bool)
    is_start[1:] = values[1:] != values[:-1]
    return np.flatnonzero(is_start)
