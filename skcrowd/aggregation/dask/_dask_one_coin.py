"""One accuracy for each annotator, on Dask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skcrowd.aggregation.dask._dask_em import DaskEM
from skcrowd.aggregation.labels._one_coin import accuracy_of, symmetric_confusion

__all__ = ["DaskOneCoin"]


class DaskOneCoin(DaskEM):
    """Infer one accuracy for every annotator, on a Dask cluster.

    The same as :class:`skcrowd.aggregation.OneCoin`.

    Parameters
    ----------
    item, annotator, label, is_partitioned, dtype
        See :class:`DaskAggregator`.
    pseudo_counts, max_iter, tol, annotator_prior
        See :class:`skcrowd.aggregation.OneCoin`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    class_prior_ : ndarray of shape (n_classes,)
    annotator_skill_ : ndarray of shape (n_annotators,)
        Accuracies.
    log_likelihood_ : float
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

    def _maximize(self, counts: NDArray[np.float64]) -> None:
        n_right, n_answers = np.trace(counts, axis1=1, axis2=2), counts.sum(axis=(1, 2))
        self.annotator_skill_ = accuracy_of(n_right, n_answers, self.pseudo_counts)

    def _confusion(self) -> NDArray[np.float64]:
        return symmetric_confusion(self.annotator_skill_, len(self.classes_))
