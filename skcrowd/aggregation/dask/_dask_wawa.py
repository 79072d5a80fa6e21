"""Worker agreement with aggregate, on Dask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skcrowd.aggregation._item_blocks import Sums
from skcrowd.aggregation.dask._dask_aggregator import DaskAggregator
from skcrowd.aggregation.dask._dask_majority_vote import agreement
from skcrowd.aggregation.dask._partition import vote_weighted

__all__ = ["DaskWawa"]


class DaskWawa(DaskAggregator):
    """Weigh every vote by how often its annotator agrees with the majority, on Dask.

    The same as :class:`skcrowd.aggregation.Wawa`.

    Parameters
    ----------
    item, annotator, label, is_partitioned, dtype
        See :class:`DaskAggregator`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    class_prior_ : ndarray of shape (n_classes,)
        Mean shares of the weighted votes.
    annotator_skill_ : ndarray of shape (n_annotators,)
        The weights.
    n_items_ : int
    n_iter_, converged_ : int, bool
        1 and True.

    References
    ----------
    D. Ustalov, N. Pavlichenko, B. Tseitlin. Learning from crowds with Crowd-Kit.
    Journal of Open Source Software 9(96), 2024. doi:10.21105/joss.06227

    Examples
    --------
    >>> import dask.dataframe as dd
    >>> import pandas as pd
    >>> from skcrowd.aggregation.dask import DaskWawa
    >>> rows = [(0, "ann", "cat"), (0, "bob", "cat"), (1, "ann", "dog")]
    >>> table = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    >>> answers = dd.from_pandas(table, npartitions=1)
    >>> DaskWawa().fit(answers).predict().compute()["label"].tolist()
    ['cat', 'dog']
    """

    _step = staticmethod(vote_weighted)

    def _infer(self, sums: Sums) -> None:
        n_answers = sums.counts.sum(axis=(1, 2))
        alike = self._round(np.ones(len(self.annotators_)))
        self.annotator_skill_ = agreement(alike, n_answers)
        sums = self._round(self._model())
        self.class_prior_ = sums.classes / self.n_items_
        self.n_iter_, self.converged_ = 1, True

    def _model(self) -> NDArray[np.float64]:
        return self.annotator_skill_
