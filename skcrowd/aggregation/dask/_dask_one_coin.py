"""One accuracy for each annotator, on Dask."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation._convergence import warn_unless_converged
from skcrowd.aggregation._item_blocks import Sums
from skcrowd.aggregation.dask._dask_aggregator import DaskAggregator
from skcrowd.aggregation.dask._partition import infer
from skcrowd.aggregation.labels._one_coin import accuracy_of, symmetric_confusion

__all__ = ["DaskOneCoin"]


class DaskOneCoin(DaskAggregator):
    """Infer one accuracy for every annotator, on a Dask cluster.

    The same as :class:`skcrowd.aggregation.OneCoin`.

    Parameters
    ----------
    item, annotator, label : str, default="item", "annotator", "label"
        Columns of a table of answers.
    is_partitioned : bool, default=False
        Whether all answers to an item lie in one partition already, as in files sorted
        by item. Otherwise the answers are shuffled first.
    pseudo_counts : float, default=3.0
        Pseudo-counts that shrink each accuracy to the crowd's.
    max_iter : int, default=300
        Maximum number of iterations.
    tol : float, default=1e-4
        Stop when the mean absolute change of the posterior falls below it; 0 runs
        exactly `max_iter` iterations.
    annotator_prior : mapping of annotator to accuracy or (accuracy, n_questions), \
            pandas Series or DataFrame, or array-like, default=None
        What is known of annotators beforehand.
    dtype : {"float64", "float32"}, default="float64"
        Of the posterior. float32 takes half of the memory.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    class_prior_ : ndarray of shape (n_classes,)
    annotator_skill_ : ndarray of shape (n_annotators,)
        Accuracies.
    n_items_ : int
    n_iter_ : int
    converged_ : bool

    References
    ----------
    Y. Zhang, X. Chen, D. Zhou, M. I. Jordan. Spectral methods meet EM: a provably
    optimal algorithm for crowdsourcing. JMLR 17(102), 2016. arXiv:1406.3824

    Examples
    --------
    >>> import dask.dataframe as dd
    >>> import pandas as pd
    >>> from skcrowd.aggregation.dask import DaskOneCoin
    >>> rows = [(0, "ann", "cat"), (0, "bob", "cat"), (0, "cem", "dog")]
    >>> rows += [(1, "ann", "dog"), (1, "bob", "dog"), (1, "cem", "dog")]
    >>> table = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    >>> answers = dd.from_pandas(table, npartitions=1)
    >>> DaskOneCoin().fit(answers).predict().compute()["label"].tolist()
    ['cat', 'dog']
    """

    _parameter_constraints: dict[str, Any] = {
        **DaskAggregator._parameter_constraints,
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "annotator_prior": "no_validation",
    }
    _step = staticmethod(infer)

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
        annotator_prior: Any = None,
        dtype: str = "float64",
    ) -> None:
        self.item = item
        self.annotator = annotator
        self.label = label
        self.is_partitioned = is_partitioned
        self.pseudo_counts = pseudo_counts
        self.max_iter = max_iter
        self.tol = tol
        self.annotator_prior = annotator_prior
        self.dtype = dtype

    def _infer(self, sums: Sums) -> None:
        before = self._prior_counts()
        n_iter, change = 0, np.inf
        while n_iter < self.max_iter and change >= self.tol:
            n_iter += 1
            self.class_prior_ = sums.classes / self.n_items_
            counts = sums.counts + before
            n_right = np.trace(counts, axis1=1, axis2=2)
            n_answers = counts.sum(axis=(1, 2))
            self.annotator_skill_ = accuracy_of(n_right, n_answers, self.pseudo_counts)
            sums = self._round(self._model())
            change = sums.change / self.n_items_
        warn_unless_converged(type(self).__name__, change, self.tol, n_iter)
        self.n_iter_, self.converged_ = n_iter, bool(change <= self.tol)

    def _model(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        n_classes = len(self.classes_)
        return symmetric_confusion(self.annotator_skill_, n_classes), self.class_prior_
