"""Majority vote on Dask."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation._item_blocks import Sums
from skcrowd.aggregation.dask._dask_aggregator import DaskAggregator
from skcrowd.aggregation.dask._partition import vote_weighted
from skcrowd.aggregation.labels._majority_vote_aggregator import read_weights

__all__ = ["DaskMajorityVote", "agreement"]


class DaskMajorityVote(DaskAggregator):
    """Take the label with most votes, on a Dask cluster.

    The same as :class:`skcrowd.aggregation.MajorityVote`, but for ties, which are
    broken by the name of the item and `random_state`, so that partitions do not matter.

    Parameters
    ----------
    item, annotator, label, is_partitioned, dtype
        See :class:`DaskAggregator`.
    weights : default=None
        See :class:`skcrowd.aggregation.MajorityVote`.
    random_state : int, default=0
        Chooses between labels with equally many votes.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    class_prior_ : ndarray of shape (n_classes,)
        Mean shares of the votes.
    annotator_weights_ : ndarray of shape (n_annotators,)
    annotator_skill_ : ndarray of shape (n_annotators,)
        Share of the answers that are the label with most votes.
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

    _parameter_constraints: dict[str, Any] = {
        **DaskAggregator._parameter_constraints,
        "weights": "no_validation",
        "random_state": [Interval(Integral, 0, None, closed="left")],
    }
    _step = staticmethod(vote_weighted)

    def __init__(
        self,
        *,
        item: str = "item",
        annotator: str = "annotator",
        label: str = "label",
        is_partitioned: bool = False,
        weights: Any = None,
        dtype: str = "float64",
        random_state: int = 0,
    ) -> None:
        super().__init__(
            item=item,
            annotator=annotator,
            label=label,
            is_partitioned=is_partitioned,
            dtype=dtype,
        )
        self.weights = weights
        self.random_state = random_state

    def _infer(self, sums: Sums) -> None:
        self.annotator_weights_ = read_weights(self.weights, self.annotators_)
        n_answers = sums.counts.sum(axis=(1, 2))
        sums = self._round(self._model())
        self.class_prior_ = sums.classes / self.n_items_
        self.annotator_skill_ = agreement(sums, n_answers)
        self.n_iter_, self.converged_ = 1, True

    def _model(self) -> NDArray[np.float64]:
        return self.annotator_weights_

    def _seed_of_ties(self) -> int:
        return self.random_state


def agreement(sums: Sums, n_answers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of each annotator's answers that are the most probable class.

    Parameters
    ----------
    sums : Sums
        Of :func:`skcrowd.aggregation.dask._partition.agree`.
    n_answers : ndarray of shape (n_annotators,)

    Returns
    -------
    share : ndarray of shape (n_annotators,)
    """
    return np.trace(sums.counts, axis1=1, axis2=2) / np.maximum(n_answers, 1)
