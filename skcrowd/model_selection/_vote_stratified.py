"""Splitters of items, stratified on the majority vote."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import KFold, ShuffleSplit, StratifiedGroupKFold
from sklearn.utils import check_random_state

from skcrowd._sklearn_compat import (
    FoldHook,
    SplitHook,
    _num_samples,
    _validate_shuffle_split,
)
from skcrowd.annotations._alignment import check_aligned
from skcrowd.model_selection._target_strata import read_strata

if TYPE_CHECKING:
    from skcrowd._typing import (
        AnswersLike,
        Features,
        IntArray,
        KindOrAuto,
        RandomState,
    )


__all__ = [
    "VoteStratifiedGroupKFold",
    "VoteStratifiedKFold",
    "VoteStratifiedShuffleSplit",
]


class VoteStratifiedKFold(FoldHook, KFold):
    """Folds of items, stratified on the majority vote.

    The counterpart of :class:`sklearn.model_selection.StratifiedKFold` for the answers
    of a crowd; for a 1-D ``y`` of labels it is the same. The numbers of items of a
    class, by majority vote, in any two folds differ by at most one, and so do the
    numbers of items without answers. ``y`` is read in every form that the estimators
    accept, with missing answers.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2.
    shuffle : bool, default=False
        Whether to shuffle the items of each class before splitting. False keeps
        neighbouring items, which tend to be similar, in the same fold.
    random_state : int, RandomState instance or None, default=None
        Seed of the shuffling.
    kind : {"auto", "labels", "numbers"}, default="auto"
        Kind of answers, where the type of ``y`` does not determine it. "auto" reads
        non-integer numbers as ratings, and everything else as labels; pass "numbers" to
        stratify integer ratings by their mean.

    See Also
    --------
    VoteStratifiedGroupKFold : Keeps groups of items together.
    LeaveAnnotatorsOut : Tests on annotators without answers in training.
    AnswerKFold : Splits answers instead of items.

    Notes
    -----
    The stratum of an item is the class with most votes; ties are broken in favour of
    the class with fewer votes in total. The stratum of a tag sequence is the rarest tag
    among the majority votes of its tokens, that of a rated item the decile of its mean
    rating. Items without answers form a separate stratum. The order of annotators has
    no influence.

    A class with fewer items than folds is no error: its items are in different folds,
    and the other test folds lack the class. Then pass ``classes`` to the estimator, or
    an :class:`~skcrowd.annotations.Annotations` as ``y``, which keeps all classes.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.model_selection import VoteStratifiedKFold
    >>> nan = np.nan
    >>> Y = [[0, 0, nan], [0, nan, 1], [0, 0, 1], [1, 1, 0], [nan, 1, 1], [1, nan, nan]]
    >>> for train, test in VoteStratifiedKFold(3).split(np.zeros((6, 1)), Y):
    ...     print(train, test)
    [1 2 4 5] [0 3]
    [0 2 3 5] [1 4]
    [0 1 3 4] [2 5]
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

    def _test_folds(
        self, X: Features, y: AnswersLike, groups: Any
    ) -> Iterator[IntArray]:
        check_aligned(X=X, y=y, may_warn=False)
        rng = check_random_state(self.random_state) if self.shuffle else None
        fold = _assign_folds(read_strata(y, self.kind), self.n_splits, rng)
        for k in range(self.n_splits):
            yield np.flatnonzero(fold == k)


def _assign_folds(
    strata: IntArray, n_splits: int, rng: np.random.RandomState | None
) -> IntArray:
    """Assign the samples of each stratum to folds, as StratifiedKFold does.

    Parameters
    ----------
    strata : ndarray of shape (n_samples,)
    n_splits : int
    rng : RandomState or None
        None keeps the samples of a stratum in order.

    Returns
    -------
    fold : ndarray of shape (n_samples,)
    """
    sorted_strata = np.sort(strata)
    n_strata = sorted_strata[-1] + 1
    sizes = [
        np.bincount(sorted_strata[k::n_splits], minlength=n_strata)
        for k in range(n_splits)
    ]
    sizes_by_stratum = np.transpose(sizes).ravel()
    # The fold of every sample, with samples sorted by stratum.
    sorted_folds = np.repeat(np.tile(np.arange(n_splits), n_strata), sizes_by_stratum)
    if rng is not None:
        ends = np.bincount(strata).cumsum()
        for of_stratum in np.split(sorted_folds, ends[:-1]):  # views
            rng.shuffle(of_stratum)
    fold = np.empty_like(sorted_folds)
    fold[np.argsort(strata, kind="stable")] = sorted_folds
    return fold


class VoteStratifiedShuffleSplit(SplitHook, ShuffleSplit):
    """Random splits of items, stratified on the majority vote.

    The counterpart of :class:`sklearn.model_selection.StratifiedShuffleSplit` for the
    answers of a crowd. The number of items of a class, by majority vote, in a test set
    differs by at most one from its share, and so does that of items without answers.

    Parameters
    ----------
    n_splits : int, default=10
        Number of splits.
    test_size : float or int, default=None
        Share or number of test items. None is the complement of `train_size`, or 0.1.
    train_size : float or int, default=None
        Share or number of training items. None is the complement of `test_size`.
    random_state : int, RandomState instance or None, default=None
        Seed of the splits.
    kind : {"auto", "labels", "numbers"}, default="auto"
        Kind of answers, as in `VoteStratifiedKFold`.

    Notes
    -----
    A class with a single item is no error: the item is in one of the two sets.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.model_selection import VoteStratifiedShuffleSplit
    >>> Y = [["a", "a"], ["a", ""], ["", "a"], ["b", "b"], ["b", "b"], ["", "b"]]
    >>> cv = VoteStratifiedShuffleSplit(1, test_size=2, random_state=0)
    >>> train, test = next(cv.split(np.zeros((6, 1)), Y))
    >>> np.sort(test)
    array([2, 3])
    """

    def __init__(
        self,
        n_splits: int = 10,
        *,
        test_size: float | None = None,
        train_size: float | None = None,
        random_state: RandomState = None,
        kind: KindOrAuto = "auto",
    ) -> None:
        super().__init__(
            n_splits,
            test_size=test_size,
            train_size=train_size,
            random_state=random_state,
        )
        self.kind = kind

    def _splits(
        self, X: Features, y: AnswersLike, groups: Any
    ) -> Iterator[tuple[IntArray, IntArray]]:
        check_aligned(X=X, y=y, may_warn=False)
        n_samples = _num_samples(X)
        n_train, n_test = _validate_shuffle_split(
            n_samples, self.test_size, self.train_size, self._default_test_size
        )
        strata = read_strata(y, self.kind)
        rng = check_random_state(self.random_state)
        for _ in range(self.n_splits):
            order = np.lexsort((rng.random_sample(n_samples), strata))
            test = _systematic_sample(n_samples, n_test, rng)
            others = np.delete(order, test)
            train = others[_systematic_sample(others.size, n_train, rng)]
            yield rng.permutation(train), rng.permutation(order[test])


def _systematic_sample(
    n_positions: int, n_drawn: int, rng: np.random.RandomState
) -> IntArray:
    """Draw equidistant positions with a random start, shape (n_drawn,)."""
    position = (np.arange(n_drawn) + rng.random_sample()) * (n_positions / n_drawn)
    return np.minimum(position.astype(np.int64), n_positions - 1)


class VoteStratifiedGroupKFold(FoldHook, StratifiedGroupKFold):
    """Folds of groups of items, stratified on the vote as far as groups permit.

    The counterpart of :class:`sklearn.model_selection.StratifiedGroupKFold` for the
    answers of a crowd: the items of a document, a patient or a video are all in
    training, or all in the test. Groups come as ``groups``, which metadata routing
    requests by default.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2.
    shuffle : bool, default=False
        Whether to shuffle the groups before splitting.
    random_state : int, RandomState instance or None, default=None
        Seed of the shuffling.
    kind : {"auto", "labels", "numbers"}, default="auto"
        Kind of answers, as in `VoteStratifiedKFold`.

    Notes
    -----
    A class with fewer items than folds is no error. If every class has fewer items than
    folds, only the numbers of items in the folds are balanced.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.model_selection import VoteStratifiedGroupKFold
    >>> Y = [["a", "a"], ["a", ""], ["", "a"], ["b", "b"], ["b", "b"], ["", "b"]]
    >>> patient = [1, 1, 2, 3, 3, 4]
    >>> cv = VoteStratifiedGroupKFold(2)
    >>> for train, test in cv.split(np.zeros((6, 1)), Y, groups=patient):
    ...     print(train, test)
    [2 3 4] [0 1 5]
    [0 1 5] [2 3 4]
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

    def _test_folds(self, X: Features, y: AnswersLike, groups: Any) -> Any:
        if groups is None:
            raise ValueError(
                "groups is None; pass the group of every item, or use "
                "VoteStratifiedKFold."
            )
        check_aligned(X=X, y=y, groups=groups, may_warn=False)
        strata = read_strata(y, self.kind)
        if np.bincount(strata).max() < self.n_splits:
            strata = np.zeros_like(strata)
        with warnings.catch_warnings():  # scikit-learn warns of small classes
            warnings.simplefilter("ignore", UserWarning)
            return iter(list(super()._test_folds(X, strata, groups)))
