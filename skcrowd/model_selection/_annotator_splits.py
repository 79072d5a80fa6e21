"""Splits by annotator."""

from __future__ import annotations

import heapq
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import KFold
from sklearn.utils import check_random_state, indexable

from skcrowd._sklearn_compat import _num_samples
from skcrowd.annotations import SequenceAnnotations
from skcrowd.annotations._alignment import check_aligned
from skcrowd.model_selection._splittable_answers import read_answers

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, Features, IntArray, KindOrAuto, RandomState
    from skcrowd.annotations import Annotations


__all__ = ["LeaveAnnotatorsOut", "annotator_folds", "who_answered"]


class LeaveAnnotatorsOut(KFold):
    """Test on the items that some annotators answered, train without these annotators.

    The annotators are divided into folds with about equally many answers. Each fold
    tests on all items that one of its annotators answered, and trains on the items
    that none of them answered. So training uses no answer of theirs, and no item
    that they answered. It measures how well predictions generalize to a new crowd.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds of annotators, at least 2; the number of annotators with
        answers leaves out one at a time.
    shuffle : bool, default=False
        Whether to assign annotators to folds at random.
    random_state : int, RandomState instance or None, default=None
        Seeds the shuffling.
    kind : {"auto", "labels", "numbers"}, default="auto"
        What an answer is, where ``y`` does not show it, as in `VoteStratifiedKFold`.
        For whole ratings set "numbers", because a label -1 is a missing answer.

    See Also
    --------
    AnnotatorKFold : Leaves out the answers of some annotators, but keeps the items.

    Notes
    -----
    Test sets overlap, for an item may have answers of several folds. ``y`` of a test
    set holds all answers to its items, also those of annotators who stay in training.

    Annotators are identified by their columns. An annotator without any answer in
    training is still a column of the matrix or
    :class:`~skcrowd.annotations.Annotations`; most methods estimate them as the average
    annotator.

    Where every annotator answers nearly every item, no item is left to train on, which
    is an error; use `AnnotatorKFold`.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.model_selection import LeaveAnnotatorsOut
    >>> Y = np.array([[0, 1, -1, -1], [1, 1, -1, -1], [-1, -1, 0, 0], [-1, -1, -1, 1]])
    >>> for train, test in LeaveAnnotatorsOut(4).split(np.zeros((4, 1)), Y):
    ...     print(train, test)
    [2 3] [0 1]
    [2 3] [0 1]
    [0 1] [2 3]
    [0 1 3] [2]
    """

    def __init__(
        self,
        n_splits: int = 5,
        *,
        shuffle: bool = False,
        random_state: RandomState = None,
        kind: KindOrAuto = "auto",
    ) -> None:
        super().__init__(n_splits, shuffle=shuffle, random_state=random_state)
        self.kind = kind

    def split(
        self, X: Features, y: AnswersLike = None, groups: Any = None
    ) -> Iterator[tuple[IntArray, IntArray]]:
        """Generate indices of training and test items.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Only its length matters.
        y : annotations of shape (n_samples, n_annotators)
            In any form that the estimators take.
        groups : object
            Ignored, with a warning; exists for compatibility.

        Yields
        ------
        train, test : ndarray
            Indices of the items.

        Raises
        ------
        ValueError
            If there are fewer annotators with answers than folds, or a fold leaves no
            item with an answer to train on.
        """
        if groups is not None:
            warnings.warn(
                "The groups parameter is ignored by LeaveAnnotatorsOut", stacklevel=2
            )
        check_aligned(X=X, y=y, may_warn=False)
        X, y = indexable(X, y)
        answers = read_answers(y, self.kind, quietly=True)
        item, annotator = who_answered(answers)
        rng = check_random_state(self.random_state) if self.shuffle else None
        fold = annotator_folds(item, annotator, self.n_splits, rng)
        is_answered = np.zeros(_num_samples(X), dtype=bool)
        is_answered[item] = True
        for k in range(self.n_splits):
            is_test = np.zeros(is_answered.size, dtype=bool)
            is_test[item[fold[annotator] == k]] = True
            if not (is_answered & ~is_test).any():
                raise _nothing_left(k, answers, fold, is_answered.sum())
            yield np.flatnonzero(~is_test), np.flatnonzero(is_test)


def _nothing_left(
    k: int, answers: Annotations | SequenceAnnotations, fold: IntArray, n_answered: int
) -> Any:
    left_out = answers.annotator_names[: fold.size][fold == k]
    names = ", ".join(map(repr, left_out[:5].tolist()))
    more = f" and {left_out.size - 5} more" if left_out.size > 5 else ""
    return ValueError(
        f"fold {k} leaves out {left_out.size} annotators ({names}{more}), who answered "
        f"all {n_answered} items that have an answer, so no item is left to train on; "
        "raise n_splits, or use AnnotatorKFold, which keeps the items and splits their "
        "answers."
    )


def who_answered(
    answers: Annotations | SequenceAnnotations,
) -> tuple[IntArray, IntArray]:
    """Return item (or sequence) and annotator of every answer (or tag sequence).

    Parameters
    ----------
    answers : Annotations or SequenceAnnotations

    Returns
    -------
    item, annotator : ndarray of shape (n_answers,)
    """
    if isinstance(answers, SequenceAnnotations):
        return answers.pairs
    return answers.item, answers.annotator


def annotator_folds(
    item: IntArray,
    annotator: IntArray,
    n_splits: int,
    rng: np.random.RandomState | None = None,
) -> IntArray:
    """Divide the annotators into folds with about equally many answers.

    Greedily: annotators, those with most answers first, join the fold with fewest
    answers. Without `rng` ties are broken by the items answered, not by columns.

    Parameters
    ----------
    item, annotator : ndarray of shape (n_answers,)
    n_splits : int
    rng : RandomState or None, default=None

    Returns
    -------
    fold : ndarray of shape (n_annotators,)
        -1 for those without answers.

    Raises
    ------
    ValueError
        If there are fewer annotators with answers than folds.
    """
    n_answers = np.bincount(annotator)
    active = np.flatnonzero(n_answers)
    if active.size < n_splits:
        raise ValueError(
            f"n_splits={n_splits} folds of annotators were asked for, but "
            f"{active.size} annotators gave an answer; lower n_splits."
        )
    if rng is None:
        seen = [np.bincount(annotator, item.astype(float) ** k)[active] for k in (1, 2)]
        order = np.lexsort((*seen, -n_answers[active]))
    else:
        active = rng.permutation(active)
        order = np.argsort(-n_answers[active], kind="stable")
    fold = np.full(n_answers.size, -1)
    fullness = [(0, k) for k in range(n_splits)]  # a heap
    for chosen in active[order].tolist():
        n_held, k = fullness[0]
        fold[chosen] = k
        heapq.heapreplace(fullness, (n_held + int(n_answers[chosen]), k))
    return fold
