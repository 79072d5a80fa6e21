"""Splits by item, stratified on the vote."""

import warnings

import numpy as np
from sklearn.model_selection import KFold, ShuffleSplit, StratifiedGroupKFold
from sklearn.utils import check_random_state

from skcrowd._sklearn_compat import _num_samples, _validate_shuffle_split
from skcrowd.annotations._alignment import check_aligned
from skcrowd.model_selection._strata import read_strata

__all__ = [
    "VoteStratifiedGroupKFold",
    "VoteStratifiedKFold",
    "VoteStratifiedShuffleSplit",
]


class VoteStratifiedKFold(KFold):
    """Folds of items, stratified on the vote.

    The counterpart of :class:`sklearn.model_selection.StratifiedKFold` for the answers
    of a crowd, and for a 1-D ``y`` of labels the same. Of every class, as the crowd
    voted, each fold holds as many items as any other, give or take one, and so it does
    of items without answers. ``y`` is read in every form that the estimators take, with
    missing answers.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2.
    shuffle : bool, default=False
        Whether to shuffle the items of each class before. False keeps neighbours
        together, which tend to be alike.
    random_state : int, RandomState instance or None, default=None
        Seeds the shuffling.
    kind : {"auto", "labels", "numbers"}, default="auto"
        What an answer is, where ``y`` does not show it. "auto" reads numbers that are
        not all whole as numbers, all else as labels; set "numbers" where whole ratings
        are to be stratified by their mean.

    See Also
    --------
    VoteStratifiedGroupKFold : Keeps groups of items together.
    LeaveAnnotatorsOut : Tests on annotators without answers in training.
    AnswerKFold : Splits the answers, not the items.

    Notes
    -----
    The stratum of an item is the class with most votes; of classes that tie, the one
    with fewer votes in all. Of a tag sequence it is the rarest tag that the votes on
    its tokens give, and of numbers the tenth of all in which the mean rating lies.
    Items without answers are a stratum of their own. The order of
    annotators has no influence.

    A class with fewer items than folds is no error: they go to different folds, and
    the other folds test without it. Then pass ``classes`` to the estimator, or an
    :class:`~skcrowd.annotations.Annotations` as ``y``, which keeps all classes.

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

    def __init__(self, n_splits=5, *, shuffle=False, random_state=None, kind="auto"):
        super().__init__(n_splits, shuffle=shuffle, random_state=random_state)
        self.kind = kind

    def _iter_test_indices(self, X, y=None, groups=None):
        check_aligned(X=X, y=y, may_warn=False)
        rng = check_random_state(self.random_state) if self.shuffle else None
        fold = _deal(read_strata(y, self.kind), self.n_splits, rng)
        for k in range(self.n_splits):
            yield np.flatnonzero(fold == k)


def _deal(strata, n_splits, rng):
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
    in_order = np.sort(strata)
    n_strata = in_order[-1] + 1
    sizes = [
        np.bincount(in_order[k::n_splits], minlength=n_strata) for k in range(n_splits)
    ]
    by_stratum = np.transpose(sizes).ravel()
    dealt = np.repeat(np.tile(np.arange(n_splits), n_strata), by_stratum)
    if rng is not None:
        ends = np.bincount(strata).cumsum()
        for part in np.split(dealt, ends[:-1]):  # views
            rng.shuffle(part)
    fold = np.empty_like(dealt)
    fold[np.argsort(strata, kind="stable")] = dealt
    return fold


class VoteStratifiedShuffleSplit(ShuffleSplit):
    """Random splits of the items, stratified on the vote.

    The counterpart of :class:`sklearn.model_selection.StratifiedShuffleSplit` for the
    answers of a crowd. Of every class, as the crowd voted, a test set holds its share,
    give or take one item, and so it does of items without answers.

    Parameters
    ----------
    n_splits : int, default=10
        Number of splits.
    test_size : float or int, default=None
        Share or number of test items. None takes what `train_size` leaves, or a tenth.
    train_size : float or int, default=None
        Share or number of training items. None takes what `test_size` leaves.
    random_state : int, RandomState instance or None, default=None
        Seeds the splits.
    kind : {"auto", "labels", "numbers"}, default="auto"
        What an answer is, where ``y`` does not show it, as in `VoteStratifiedKFold`.

    Notes
    -----
    A class with a single item is no error: it is in one of the two sets.

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
        n_splits=10,
        *,
        test_size=None,
        train_size=None,
        random_state=None,
        kind="auto",
    ):
        super().__init__(
            n_splits,
            test_size=test_size,
            train_size=train_size,
            random_state=random_state,
        )
        self.kind = kind

    def _iter_indices(self, X, y=None, groups=None):
        check_aligned(X=X, y=y, may_warn=False)
        n_samples = _num_samples(X)
        n_train, n_test = _validate_shuffle_split(
            n_samples, self.test_size, self.train_size, self._default_test_size
        )
        strata = read_strata(y, self.kind)
        rng = check_random_state(self.random_state)
        for _ in range(self.n_splits):
            order = np.lexsort((rng.random_sample(n_samples), strata))
            chosen = _evenly(n_samples, n_test, rng)
            others = np.delete(order, chosen)
            train = others[_evenly(others.size, n_train, rng)]
            yield rng.permutation(train), rng.permutation(order[chosen])


def _evenly(n_places, n_wanted, rng):
    """Choose places at equal distances, from a random one on, shape (n_wanted,)."""
    place = (np.arange(n_wanted) + rng.random_sample()) * (n_places / n_wanted)
    return np.minimum(place.astype(np.int64), n_places - 1)


class VoteStratifiedGroupKFold(StratifiedGroupKFold):
    """Folds of whole groups of items, stratified on the vote as well as groups allow.

    The counterpart of :class:`sklearn.model_selection.StratifiedGroupKFold` for the
    answers of a crowd: the items of a document, a patient or a video are all in
    training, or all in the test. Groups come as ``groups``, which metadata routing
    requests by default.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2.
    shuffle : bool, default=False
        Whether to shuffle the groups before.
    random_state : int, RandomState instance or None, default=None
        Seeds the shuffling.
    kind : {"auto", "labels", "numbers"}, default="auto"
        What an answer is, where ``y`` does not show it, as in `VoteStratifiedKFold`.

    Notes
    -----
    A class with fewer items than folds is no error. Where that is so of every class,
    the folds are balanced by the number of their items alone.

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

    def __init__(self, n_splits=5, *, shuffle=False, random_state=None, kind="auto"):
        super().__init__(n_splits, shuffle=shuffle, random_state=random_state)
        self.kind = kind

    def _iter_test_indices(self, X, y=None, groups=None):
        if groups is None:
            raise ValueError(
                "groups is None; pass the group of every item, or use "
                "VoteStratifiedKFold."
            )
        check_aligned(X=X, y=y, groups=groups, may_warn=False)
        strata = read_strata(y, self.kind)
        if np.bincount(strata).max() < self.n_splits:
            strata = np.zeros_like(strata)
        with warnings.catch_warnings():  # of classes with few members
            warnings.simplefilter("ignore", UserWarning)
            return iter(list(super()._iter_test_indices(X, strata, groups)))
