"""Majority vote and Dawid-Skene on Dask."""

from __future__ import annotations

from abc import ABC, abstractmethod
from numbers import Integral, Real
from typing import Any, Self

import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from skcrowd._sklearn_compat import Interval, StrOptions
from skcrowd.aggregation._convergence import warn_unless_converged
from skcrowd.aggregation._item_blocks import Sums
from skcrowd.aggregation._pooled_confusion import shrunk_confusion
from skcrowd.aggregation.dask._partition import (
    Partition,
    add_up,
    encode,
    infer,
    vote,
)
from skcrowd.annotations._long import read_ids
from skcrowd.annotations._memory import is_large
from skcrowd.annotations._tables import column

__all__ = ["DaskDawidSkene", "DaskMajorityVote"]

AT_ONCE = 16  # sums that one task adds up


class _DaskAggregator(BaseEstimator, ABC):
    """Base of aggregators of labels in a Dask DataFrame."""

    _parameter_constraints: dict[str, Any] = {
        "item": [str],
        "annotator": [str],
        "label": [str],
        "is_partitioned": ["boolean"],
        "dtype": [StrOptions({"float64", "float32"})],
    }
    item: str
    annotator: str
    label: str
    is_partitioned: bool
    dtype: str

    # Attributes that fit sets
    classes_: NDArray[Any]
    annotators_: NDArray[Any]
    n_items_: int

    def fit(self, y: Any) -> Self:
        """Infer the true label of every item.

        Parameters
        ----------
        y : dask.dataframe.DataFrame
            A row for each answer; rows with a missing value are left out.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If a column is missing, there is no answer, or an annotator answers an item
            twice.

        Warns
        -----
        ConvergenceWarning
            If iterations end at ``max_iter`` without convergence.
        """
        self._validate_params()
        names = [self.item, self.annotator, self.label]
        missing = [name for name in names if name not in getattr(y, "columns", ())]
        if missing or not hasattr(y, "to_delayed"):
            raise ValueError(
                f"y must be a Dask DataFrame with the columns {names}, got a "
                f"{type(y).__name__} without {missing or 'partitions'}; the parameters "
                "item, annotator and label name the columns."
            )
        y = y[names].dropna()
        self.annotators_ = _distinct(y[self.annotator])
        self.classes_ = _distinct(y[self.label])
        if not self.is_partitioned:
            y = y.shuffle(on=self.item)
        known = dask.delayed((self.annotators_, self.classes_))
        self._partitions = list(
            dask.persist(
                *(
                    dask.delayed(encode)(part, tuple(names), *_two(known), self.dtype)
                    for part in y.to_delayed()
                )
            )
        )
        self._posteriors, sums = _run(
            [dask.delayed(vote, nout=2)(part) for part in self._partitions]
        )
        self.n_items_ = round(float(sums.classes.sum()))
        self._infer(sums)
        return self

    def predict(self) -> Any:
        """Return the most probable label of every item.

        Returns
        -------
        labels : dask.dataframe.DataFrame
            With the columns of items and labels, in partitions as they lie in the
            workers.
        """
        return self._table(_labels, [self.item, self.label])

    def predict_proba(self) -> Any:
        """Return the probability of every label.

        Returns
        -------
        proba : dask.dataframe.DataFrame
            A column of items and one for each of ``classes_``.
        """
        return self._table(_proba, [self.item, *self.classes_.tolist()])

    def _table(self, make: Any, names: list[Any]) -> Any:
        check_is_fitted(self)
        classes = dask.delayed(self.classes_)
        parts = [
            dask.delayed(make)(part, posterior, classes, names)
            for part, posterior in zip(self._partitions, self._posteriors, strict=True)
        ]
        empty = Partition(None, self._item_type(), (0, len(self.classes_)))
        meta = make(empty, np.empty((0, len(self.classes_))), self.classes_, names)
        return dd.from_delayed(parts, meta=meta, verify_meta=False)

    def _item_type(self) -> NDArray[Any]:
        kinds = dask.compute(*(dask.delayed(_dtype_of)(p) for p in self._partitions))
        return np.empty(0, dtype=next(kind for kind in kinds if kind is not None))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_iter_")

    @abstractmethod
    def _infer(self, sums: Sums) -> None:
        """Infer the truth, given the sums over the votes."""


class DaskMajorityVote(_DaskAggregator):
    """Take the label with most votes, on a Dask cluster.

    Parameters
    ----------
    item, annotator, label : str, default="item", "annotator", "label"
        Columns of the answers.
    is_partitioned : bool, default=False
        Whether all answers to an item lie in one partition already, as in files sorted
        by item. Otherwise the answers are shuffled first.
    dtype : {"float64", "float32"}, default="float64"
        Of the posterior.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    class_prior_ : ndarray of shape (n_classes,)
        Mean shares of the votes.
    n_items_ : int
    n_iter_, converged_ : int, bool
        1 and True.

    Examples
    --------
    >>> import dask.dataframe as dd
    >>> import pandas as pd
    >>> from skcrowd.aggregation.dask import DaskMajorityVote
    >>> rows = [(0, "ann", "cat"), (0, "bob", "cat"), (1, "ann", "dog")]
    >>> table = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    >>> answers = dd.from_pandas(table, npartitions=1)
    >>> DaskMajorityVote().fit(answers).predict().compute()["label"].tolist()
    ['cat', 'dog']
    """

    def __init__(
        self,
        *,
        item: str = "item",
        annotator: str = "annotator",
        label: str = "label",
        is_partitioned: bool = False,
        dtype: str = "float64",
    ) -> None:
        self.item = item
        self.annotator = annotator
        self.label = label
        self.is_partitioned = is_partitioned
        self.dtype = dtype

    def _infer(self, sums: Sums) -> None:
        self.class_prior_ = sums.classes / sums.classes.sum()
        self.n_iter_, self.converged_ = 1, True


class DaskDawidSkene(_DaskAggregator):
    """Infer a confusion matrix for every annotator, on a Dask cluster.

    The same as :class:`skcrowd.aggregation.DawidSkene`. Workers keep their partitions;
    a round sends the confusions to them and adds up their counts, annotators × classes
    × classes numbers.

    Parameters
    ----------
    item, annotator, label : str, default="item", "annotator", "label"
        Columns of the answers.
    is_partitioned : bool, default=False
        Whether all answers to an item lie in one partition already, as in files sorted
        by item. Otherwise the answers are shuffled first.
    pseudo_counts : float, default=3.0
        Pseudo-counts that shrink each row of a confusion matrix to the crowd's.
    max_iter : int, default=300
        Maximum number of iterations.
    tol : float, default=1e-4
        Stop when the mean absolute change of the posterior falls below it; 0 runs
        exactly `max_iter` iterations.
    dtype : {"float64", "float32"}, default="float64"
        Of the posterior. float32 takes half of the memory.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    class_prior_ : ndarray of shape (n_classes,)
    annotator_confusion_ : ndarray of shape (n_annotators, n_classes, n_classes)
        ``[r, i, j]`` = P(r answers j | truth is i).
    log_likelihood_ : float
    n_items_ : int
    n_iter_ : int
    converged_ : bool

    References
    ----------
    A. P. Dawid, A. M. Skene. Maximum likelihood estimation of observer error-rates
    using the EM algorithm. Applied Statistics 28(1), 1979. doi:10.2307/2346806

    Examples
    --------
    >>> import dask.dataframe as dd
    >>> import pandas as pd
    >>> from skcrowd.aggregation.dask import DaskDawidSkene
    >>> rows = [(0, "ann", "cat"), (0, "bob", "cat"), (1, "ann", "dog")]
    >>> table = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    >>> answers = dd.from_pandas(table, npartitions=1)
    >>> DaskDawidSkene().fit(answers).predict().compute()["label"].tolist()
    ['cat', 'dog']
    """

    _parameter_constraints: dict[str, Any] = {
        **_DaskAggregator._parameter_constraints,
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        *,
        item: str = "item",
        annotator: str = "annotator",
        label: str = "label",
        is_partitioned: bool = False,
        pseudo_counts: float = 3.0,
        max_iter: int = 300,
        tol: float = 1e-4,
        dtype: str = "float64",
    ) -> None:
        self.item = item
        self.annotator = annotator
        self.label = label
        self.is_partitioned = is_partitioned
        self.pseudo_counts = pseudo_counts
        self.max_iter = max_iter
        self.tol = tol
        self.dtype = dtype

    def _infer(self, sums: Sums) -> None:
        n_annotators, n_classes = len(self.annotators_), len(self.classes_)
        if is_large(n_annotators, n_classes, n_classes):
            raise ValueError(
                f"confusions of {n_annotators} annotators and {n_classes} classes are "
                "too large to be sent to all workers in every round; merge classes, or "
                "use DaskMajorityVote."
            )
        n_iter, change = 0, np.inf
        while n_iter < self.max_iter and change >= self.tol:
            n_iter += 1
            prior = sums.classes / self.n_items_
            confusion = shrunk_confusion(sums.counts, self.pseudo_counts)
            model = dask.delayed((confusion, prior))
            self._posteriors, sums = _run(
                [
                    dask.delayed(infer, nout=2)(part, posterior, model)
                    for part, posterior in zip(
                        self._partitions, self._posteriors, strict=True
                    )
                ]
            )
            change = sums.change / self.n_items_
        warn_unless_converged(type(self).__name__, change, self.tol, n_iter)
        self.class_prior_, self.annotator_confusion_ = prior, confusion
        self.log_likelihood_ = sums.log_likelihood
        self.n_iter_, self.converged_ = n_iter, change <= self.tol


def _run(results: list[Any]) -> tuple[list[Any], Sums]:
    """Compute posteriors, which stay in the workers, and the sums over all of them."""
    posteriors, parts = zip(
        *((result[0], result[1]) for result in results), strict=True
    )
    sums = list(parts)
    while len(sums) > 1:
        groups = (sums[k : k + AT_ONCE] for k in range(0, len(sums), AT_ONCE))
        sums = [dask.delayed(add_up)(group) for group in groups]
    *kept, total = dask.persist(*posteriors, sums[0])
    return kept, total.compute()


def _two(pair: Any) -> tuple[Any, Any]:
    return pair[0], pair[1]


def _distinct(values: Any) -> NDArray[Any]:
    """Return the distinct values of a column, sorted."""
    found = values.drop_duplicates().compute()
    if not len(found):
        raise ValueError(f"the column {values.name!r} holds no value at all.")
    return read_ids(column(found, values.name), None, values.name)[1]


def _dtype_of(partition: Partition) -> Any:
    return None if partition.blocks is None else partition.items.dtype


def _labels(
    partition: Partition, posterior: Any, classes: NDArray[Any], names: list[Any]
) -> Any:
    labels = classes[posterior.argmax(axis=1)]
    return pd.DataFrame({names[0]: partition.items, names[1]: labels})


def _proba(
    partition: Partition, posterior: Any, classes: NDArray[Any], names: list[Any]
) -> Any:
    columns = dict(zip(names[1:], posterior.T, strict=True))
    return pd.DataFrame({names[0]: partition.items, **columns})
