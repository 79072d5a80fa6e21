"""Folds of the answers: the same items in training and test, disjoint answers."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from skcrowd._sklearn_compat import Interval, StrOptions, check_constraints
from skcrowd.model_selection._annotator_splits import annotator_folds, who_answered
from skcrowd.model_selection._answer_split import shuffled_by, starts_of
from skcrowd.model_selection._splittable_answers import read_answers

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, IntArray, KindOrAuto, RandomState
    from skcrowd.annotations import Annotations, SequenceAnnotations


__all__ = ["AnnotatorKFold", "AnswerKFold"]


class _AnswerSplitter(BaseEstimator):
    """Base of splitters of answers.

    It has no ``split``, because indices of items do not identify answers; so
    scikit-learn refuses it as ``cv``.
    """

    n_splits: int
    kind: KindOrAuto

    _parameter_constraints: dict[str, Any] = {
        "n_splits": [Interval(Integral, 2, None, closed="left")],
        "kind": [StrOptions({"auto", "labels", "numbers"})],
    }

    def _folds(self, item: IntArray, annotator: IntArray) -> IntArray:
        """Return the fold of every answer; -1 for those that are never held out."""
        raise NotImplementedError

    def split_answers(
        self, y: AnswersLike
    ) -> Iterator[
        tuple[Annotations | SequenceAnnotations, Annotations | SequenceAnnotations]
    ]:
        """Generate pairs of annotations.

        Parameters
        ----------
        y : annotations of shape (n_samples, n_annotators)
            In any form that the estimators take.

        Yields
        ------
        y_train, y_test : Annotations or SequenceAnnotations
            Both of the shape of ``y``, with all annotators and classes; an answer is
            in one of the two.

        Raises
        ------
        ValueError
            If there are too few answers for so many folds.
        """
        check_constraints(self)
        answers = read_answers(y, self.kind)
        fold = self._folds(*who_answered(answers))
        for k in range(self.n_splits):
            is_test = fold == k
            yield answers.select_answers(~is_test), answers.select_answers(is_test)


class AnswerKFold(_AnswerSplitter):
    """Folds of the answers: each is held out once, while its item stays in training.

    It measures how well a further answer to an item of training is predicted, by
    network and annotator model together. The answers
    to an item go to different folds.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2.
    keep_one : bool, default=True
        Whether every item, and every annotator, keeps at least one answer in training.
        Then the only answer to an item is never held out, nor an answer of an annotator
        whose answers would all be in the same fold. False holds out every answer once.
    random_state : int, RandomState instance or None, default=None
        Seeds the random folds.
    kind : {"auto", "labels", "numbers"}, default="auto"
        What an answer is, where ``y`` does not show it. "auto" reads numbers that are
        not all whole as numbers, all else as labels.

    See Also
    --------
    AnnotatorKFold : Holds out all answers of some annotators.
    cross_val_answer_score : Scores an estimator by it.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.model_selection import AnswerKFold
    >>> Y = np.array([[0, 1, 0], [1, 1, 0], [2, -1, -1]])
    >>> for y_train, y_test in AnswerKFold(3, random_state=0).split_answers(Y):
    ...     print(y_train.n_answers, y_test.n_answers)
    5 2
    5 2
    5 2
    """

    _parameter_constraints: dict[str, Any] = {
        **_AnswerSplitter._parameter_constraints,
        "keep_one": ["boolean"],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_splits: int = 5,
        *,
        keep_one: bool = True,
        random_state: RandomState = None,
        kind: KindOrAuto = "auto",
    ) -> None:
        self.n_splits = n_splits
        self.keep_one = keep_one
        self.random_state = random_state
        self.kind = kind

    def _folds(self, item: IntArray, annotator: IntArray) -> IntArray:
        rng = check_random_state(self.random_state)
        fold = np.full(item.size, -1)
        dealt = shuffled_by(item, rng)
        if self.keep_one:
            dealt = dealt[np.bincount(item)[item[dealt]] > 1]
        fold[dealt] = np.arange(dealt.size) % self.n_splits
        if self.keep_one:
            order = shuffled_by(annotator, rng)
            starts = starts_of(annotator[order])
            lowest = np.minimum.reduceat(fold[order], starts)
            highest = np.maximum.reduceat(fold[order], starts)
            fold[order[starts[lowest == highest]]] = -1
        n_held_out = np.bincount(fold[fold >= 0], minlength=self.n_splits)
        if not n_held_out.all():
            raise ValueError(
                f"n_splits={self.n_splits} folds were asked for, but only "
                f"{n_held_out.sum()} of {item.size} answers can be held out"
                f"{', one being left to every item and annotator' * self.keep_one}; "
                f"lower n_splits{', or set keep_one=False' * self.keep_one}."
            )
        return fold


class AnnotatorKFold(_AnswerSplitter):
    """Folds of annotators: all their answers are held out, while the items stay.

    It measures how well the answers of new annotators, to items that others answered,
    are predicted. The folds have about equally many answers.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds of annotators, at least 2; the number of annotators with
        answers holds out one at a time.
    shuffle : bool, default=False
        Whether to assign annotators to folds at random.
    random_state : int, RandomState instance or None, default=None
        Seeds the shuffling.
    kind : {"auto", "labels", "numbers"}, default="auto"
        What an answer is, where ``y`` does not show it. "auto" reads numbers that are
        not all whole as numbers, all else as labels.

    See Also
    --------
    LeaveAnnotatorsOut : Leaves out their items, too.

    Notes
    -----
    An item that only annotators of one fold answered has no answer in the training of
    that fold. Most methods estimate annotators without answers as the average
    annotator.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.model_selection import AnnotatorKFold
    >>> Y = np.array([[0, 1, 0], [1, 1, -1], [2, -1, -1]])
    >>> for y_train, y_test in AnnotatorKFold(3).split_answers(Y):
    ...     print(y_test.answers_per_annotator)
    [3 0 0]
    [0 2 0]
    [0 0 1]
    """

    _parameter_constraints: dict[str, Any] = {
        **_AnswerSplitter._parameter_constraints,
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_splits: int = 5,
        *,
        shuffle: bool = False,
        random_state: RandomState = None,
        kind: KindOrAuto = "auto",
    ) -> None:
        self.n_splits = n_splits
        self.shuffle = shuffle
        self.random_state = random_state
        self.kind = kind

    def _folds(self, item: IntArray, annotator: IntArray) -> IntArray:
        rng = check_random_state(self.random_state) if self.shuffle else None
        return annotator_folds(item, annotator, self.n_splits, rng)[annotator]
