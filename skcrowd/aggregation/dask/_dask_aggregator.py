"""The base of aggregators on Dask."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections import Counter
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from skcrowd._sklearn_compat import StrOptions, check_constraints
from skcrowd.aggregation._annotator_prior import (
    prior_confusion_counts,
    warn_of_unknown_names,
)
from skcrowd.aggregation._item_blocks import Sums
from skcrowd.aggregation.dask._dask_gold import Gold, read_gold_items
from skcrowd.aggregation.dask._partition import (
    Partition,
    add_up,
    dtype_of,
    encode,
    encode_dense,
    hashes_of,
    items_with,
    labels_of,
    labels_of_dense,
    n_known,
    proba_of,
    table_of_labels,
    vote,
)
from skcrowd.annotations._assemble import Where
from skcrowd.annotations._encoding import encode as encode_answers
from skcrowd.annotations._gold import joined_classes
from skcrowd.annotations._long import read_ids
from skcrowd.annotations._memory import is_large
from skcrowd.annotations._tables import column
from skcrowd.exceptions import CrowdWarning

__all__ = ["DaskAggregator"]

AT_ONCE = 16  # sums that one task adds up


class DaskAggregator(BaseEstimator, ABC):
    """Base of aggregators of labels in a Dask collection.

    A subclass has parameters with ``_parameter_constraints``; ``_infer`` finds what
    workers infer the truth with, its ``model``, and ``_step`` is the function that a
    worker runs with it on a partition.

    Parameters
    ----------
    item, annotator, label : str, default="item", "annotator", "label"
        Columns of a table of answers.
    is_partitioned : bool, default=False
        Whether all answers to an item lie in one partition already, as in files sorted
        by item; it is an error where they do not. Otherwise the answers are shuffled
        first.
    dtype : {"float64", "float32"}, default="float64"
        Of the posterior. float32 takes half of the memory.
    """

    _parameter_constraints: dict[str, Any] = {
        "item": [str],
        "annotator": [str],
        "label": [str],
        "is_partitioned": ["boolean"],
        "dtype": [StrOptions({"float64", "float32"})],
    }
    _unsaved: ClassVar[tuple[str, ...]] = ("_partitions", "_posteriors")
    _step: ClassVar[Any]  # of a partition, its last posterior and the model
    annotator_prior: Any = None

    # Attributes that fit sets
    classes_: NDArray[Any]
    annotators_: NDArray[Any]
    n_items_: int
    n_iter_: int
    converged_: bool

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

    def fit(self, y: Any, *, gold: Any = None) -> Self:
        """Infer the true label of every item.

        Parameters
        ----------
        y : dask.dataframe.DataFrame, or dask.array.Array of shape \
                (n_items, n_annotators)
            A table with a row for each answer, of which rows with a missing value are
            left out; or an array with -1 or NaN where there is no answer, whose items
            and annotators are named by their numbers.
        gold : mapping of item to label, pandas Series, or DataFrame of pandas or \
                Dask, default=None
            The truth of items where it is known. A Series has the items as its index,
            a table has the columns of items and labels. Items that nobody answered are
            left out.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If a column is missing, there is no answer, an annotator answers an item
            twice, `gold` cannot be read, or ``is_partitioned=True`` and the answers to
            an item lie in several partitions.

        Warns
        -----
        ConvergenceWarning
            If iterations end at ``max_iter`` without convergence.
        CrowdWarning
            If nobody answered any item of `gold`, or ``annotator_prior`` names
            annotators who gave no answer.
        """
        import dask

        check_constraints(self)
        source = self._source(y)
        self.annotators_, self.classes_ = source.names()
        warn_of_unknown_names(self.annotator_prior, self.annotators_, 2)
        known = None
        if gold is not None:
            known = read_gold_items(gold, self.item, self.label, self.classes_)
        if known is not None:
            self.classes_ = joined_classes(self.classes_, known.classes)
        self._partitions = self._encoded(source, known)
        if known is not None:
            self._warn_of_unused(known)
        results = [dask.delayed(vote, nout=2)(part) for part in self._partitions]
        self._posteriors, sums = _run(results)
        self.n_items_ = round(float(sums.classes.sum()))
        self._infer(sums)
        return self

    def predict(self, y: Any = None) -> Any:
        """Return the most probable label of every item.

        Parameters
        ----------
        y : dask.dataframe.DataFrame or dask.array.Array, default=None
            Answers of fitted annotators to other items, as in :meth:`fit`. None: the
            items of ``fit``, as they lie in the workers.

        Returns
        -------
        labels : dask.dataframe.DataFrame
            With the columns of items and labels.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the aggregator is not fitted.
        ValueError
            If `y` has other annotators or labels than those fitted, or no answer, or is
            None after the aggregator was loaded: the items stay in the workers.
        """
        return self._table(labels_of, [self.item, self.label], y)

    def predict_proba(self, y: Any = None) -> Any:
        """Return the probability of every label.

        Parameters
        ----------
        y : dask.dataframe.DataFrame or dask.array.Array, default=None
            Answers of fitted annotators to other items, as in :meth:`fit`. None: the
            items of ``fit``, as they lie in the workers.

        Returns
        -------
        proba : dask.dataframe.DataFrame
            A column of items and one for each of ``classes_``.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the aggregator is not fitted.
        ValueError
            As :meth:`predict`, and if a label is called as the column of items.
        """
        check_is_fitted(self)
        if self.item in self.classes_.tolist():
            raise ValueError(
                f"a label and the column of items are both called {self.item!r}, and "
                "each has a column of the probabilities; rename the column of items, "
                "and name it by item=."
            )
        return self._table(proba_of, [self.item, *self.classes_.tolist()], y)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_iter_")

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what lies in the workers."""
        state: dict[str, Any] = super().__getstate__()
        return {k: v for k, v in state.items() if k not in self._unsaved}

    @abstractmethod
    def _infer(self, sums: Sums) -> None:
        """Infer the truth and set the fitted attributes, given sums over the votes."""

    @abstractmethod
    def _model(self) -> Any:
        """Return what workers infer the truth of further items with."""

    def _round(self, model: Any) -> Sums:
        """Let the workers infer the truth; return sums over it."""
        self._posteriors, sums = self._rounds(self._partitions, self._posteriors, model)
        return sums

    def _rounds(
        self, partitions: list[Any], posteriors: list[Any], model: Any
    ) -> tuple[list[Any], Sums]:
        import dask

        sent, step = dask.delayed(model), dask.delayed(type(self)._step, nout=2)
        pairs = zip(partitions, posteriors, strict=True)
        return _run([step(part, posterior, sent) for part, posterior in pairs])

    def _prior_counts(self) -> Any:
        """Return what is known of annotators, counted by truth and answer."""
        n_annotators, n_classes = len(self.annotators_), len(self.classes_)
        if is_large(n_annotators, n_classes, n_classes):
            raise ValueError(
                f"confusions of {n_annotators} annotators and {n_classes} classes are "
                "too large to be sent to all workers in every round; merge classes, or "
                "use DaskMajorityVote."
            )
        counts = prior_confusion_counts(
            self.annotator_prior, self.annotators_, n_classes
        )
        return 0.0 if counts is None else counts

    def _source(self, y: Any) -> _Table | _Matrix:
        names = [self.item, self.annotator, self.label]
        if hasattr(y, "to_delayed") and getattr(y, "ndim", 0) == 2:
            if not hasattr(y, "columns"):
                return _Matrix(y)
            if set(names) <= set(y.columns):
                return _Table(y[names].dropna(), names, self.is_partitioned)
        missing = [name for name in names if name not in getattr(y, "columns", ())]
        raise ValueError(
            f"y must be a Dask DataFrame with the columns {names}, or a Dask array of "
            f"shape (n_items, n_annotators), got a {type(y).__name__} without "
            f"{missing or 'partitions'}; the parameters item, annotator and label name "
            "the columns."
        )

    def _encoded(self, source: _Table | _Matrix, gold: Gold | None) -> list[Any]:
        """Read the partitions, which stay in the workers."""
        import dask

        codes = None if gold is None else gold.with_classes(self.classes_)
        known = dask.delayed((self.annotators_, self.classes_, codes, self.dtype))
        partitions = list(dask.persist(*source.encoded(known)))
        if source.is_partitioned and len(partitions) > 1:
            _refuse_spread(partitions)
        return partitions

    def _warn_of_unused(self, gold: Gold) -> None:
        """Warn if no item has gold, as if names were of another type."""
        import dask

        counts = dask.compute(*(dask.delayed(n_known)(p) for p in self._partitions))
        if not sum(counts):
            warnings.warn(
                f"nobody answered any of the {len(gold.items)} items of gold, such as "
                f"{gold.items.tolist()[0]!r}; name items as y does, numbers as numbers "
                "and texts as texts.",
                CrowdWarning,
                stacklevel=3,
            )

    def _table(self, make: Any, names: list[Any], y: Any) -> Any:
        import dask
        import dask.dataframe as dd

        check_is_fitted(self)
        if y is not None:
            partitions = self._encoded(self._source(y), None)
            votes = [dask.delayed(vote, nout=2)(part)[0] for part in partitions]
            posteriors, _ = self._rounds(partitions, votes, self._model())
        elif hasattr(self, "_partitions"):
            partitions, posteriors = self._partitions, self._posteriors
        else:
            raise ValueError(
                "the items of fit stayed in the workers and are not part of a file or "
                "copy; pass their answers, as predict(y)."
            )
        classes = dask.delayed(self.classes_)
        seed = self._seed_of_ties()
        parts = [
            dask.delayed(make)(part, posterior, classes, names, seed)
            for part, posterior in zip(partitions, posteriors, strict=True)
        ]
        kinds = dask.compute(*(dask.delayed(dtype_of)(p) for p in partitions))
        found = [kind for kind in kinds if kind is not None]
        if not found:
            raise ValueError("y holds no answer at all; give at least one.")
        items = np.empty(0, dtype=found[0])
        empty = Partition(None, items, (0, len(self.classes_)))
        none = np.empty((0, len(self.classes_)))
        meta = make(empty, none, self.classes_, names, seed)
        return dd.from_delayed(parts, meta=meta, verify_meta=False)

    def _seed_of_ties(self) -> int | None:
        """Return the seed that chooses among equally probable labels.

        None takes the first of them.
        """
        return None


class _Table:
    """A Dask DataFrame with a row for each answer."""

    def __init__(self, y: Any, names: list[str], is_partitioned: bool) -> None:
        self.y, self.columns, self.is_partitioned = y, names, is_partitioned

    def names(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the annotators and the labels."""
        _, annotator, label = self.columns
        return _distinct(self.y[annotator]), _labels(_distinct(self.y[label]))

    def encoded(self, known: Any) -> list[Any]:
        """Return the partitions, which are read when they are computed."""
        import dask

        y = self.y if self.is_partitioned else self.y.shuffle(on=self.columns[0])
        columns = tuple(self.columns)
        read = dask.delayed(encode)
        return [read(part, columns, known) for part in y.to_delayed()]


class _Matrix:
    """A Dask array of items and annotators."""

    is_partitioned = False  # a row is an item: there is nothing to check

    def __init__(self, y: Any) -> None:
        self.y = y.rechunk({1: -1})

    def names(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the annotators and the labels."""
        import dask
        import dask.dataframe as dd

        parts = [dask.delayed(labels_of_dense)(b) for b in self.y.to_delayed().ravel()]
        meta = table_of_labels(np.empty(0, self.y.dtype))
        labels = dd.from_delayed(parts, meta=meta, verify_meta=False)
        return np.arange(self.y.shape[1]), _labels(_distinct(labels["label"]))

    def encoded(self, known: Any) -> list[Any]:
        """Return the partitions, which are read when they are computed."""
        import dask

        starts = np.cumsum([0, *self.y.chunks[0][:-1]]).tolist()
        blocks = zip(self.y.to_delayed().ravel(), starts, strict=True)
        read = dask.delayed(encode_dense)
        return [read(block, start, known) for block, start in blocks]


def _refuse_spread(partitions: list[Any]) -> None:
    """Refuse items whose answers are in several partitions: they would be several."""
    import dask

    hashes = np.concatenate(
        dask.compute(*(dask.delayed(hashes_of)(p) for p in partitions))
    )
    hashes.sort()
    repeated = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
    if not len(repeated):
        return
    find = dask.delayed(items_with)
    found = dask.compute(*(find(p, repeated) for p in partitions))
    counts = Counter(name for names in found for name in names)
    spread = [name for name, count in counts.items() if count > 1]
    if spread:  # else different names with equal hashes
        raise ValueError(
            f"the answers to {len(spread)} items, such as {spread[0]!r}, lie in "
            "several partitions, but is_partitioned=True says that each item has all "
            "of its answers in one; leave is_partitioned out, and they are shuffled."
        )


def _run(results: list[Any]) -> tuple[list[Any], Sums]:
    """Compute posteriors, which stay in the workers, and the sums over all of them."""
    import dask

    posteriors, parts = zip(
        *((result[0], result[1]) for result in results), strict=True
    )
    sums = list(parts)
    while len(sums) > 1:
        groups = (sums[k : k + AT_ONCE] for k in range(0, len(sums), AT_ONCE))
        sums = [dask.delayed(add_up)(group) for group in groups]
    *kept, total = dask.persist(*posteriors, sums[0])
    return kept, total.compute()


def _distinct(values: Any) -> NDArray[Any]:
    """Return the distinct values of a column, sorted."""
    found = values.drop_duplicates().compute()
    if not len(found):
        raise ValueError(f"the column {values.name!r} holds no value at all.")
    return read_ids(column(found, values.name), None, values.name)[1]


def _labels(distinct: NDArray[Any]) -> NDArray[Any]:
    """Return labels with the type that they have in memory."""
    where = Where(np.arange(len(distinct)), None, None, None)
    _, classes = encode_answers(distinct, "labels", None, where)
    assert classes is not None
    return classes
