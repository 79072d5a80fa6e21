"""Dawid-Skene on Dask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skcrowd.aggregation._pooled_confusion import shrunk_confusion
from skcrowd.aggregation.dask._dask_em import DaskEM

__all__ = ["DaskDawidSkene"]


class DaskDawidSkene(DaskEM):
    """Infer a confusion matrix for every annotator, on a Dask cluster.

    The same as :class:`skcrowd.aggregation.DawidSkene`. Workers keep their partitions;
    a round sends the confusions to them and adds up their counts, annotators × classes
    × classes numbers.

    Parameters
    ----------
    item, annotator, label, is_partitioned, dtype
        See :class:`DaskAggregator`.
    pseudo_counts, max_iter, tol, annotator_prior
        See :class:`skcrowd.aggregation.DawidSkene`.

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

    def _maximize(self, counts: NDArray[np.float64]) -> None:
        self.annotator_confusion_ = shrunk_confusion(counts, self.pseudo_counts)

    def _confusion(self) -> NDArray[np.float64]:
        return self.annotator_confusion_
