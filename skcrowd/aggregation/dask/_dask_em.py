"""Expectation-maximisation on Dask, which models of annotators share."""

from __future__ import annotations

from abc import abstractmethod
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation._convergence import warn_unless_converged
from skcrowd.aggregation._item_blocks import Sums
from skcrowd.aggregation.dask._dask_aggregator import DaskAggregator
from skcrowd.aggregation.dask._partition import infer

__all__ = ["DaskEM"]


class DaskEM(DaskAggregator):
    """Base of models of annotators that are fitted in rounds.

    A subclass implements ``_maximize``, which sets the attributes of annotators, and
    ``_confusion``.

    Parameters
    ----------
    item, annotator, label, is_partitioned, dtype
        See :class:`DaskAggregator`.
    pseudo_counts, max_iter, tol, annotator_prior
        See :class:`skcrowd.aggregation.DawidSkene`.
    """

    _parameter_constraints: dict[str, Any] = {
        **DaskAggregator._parameter_constraints,
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "annotator_prior": "no_validation",
    }
    _step = staticmethod(infer)

    # Attributes that fit sets
    class_prior_: NDArray[np.float64]
    log_likelihood_: float

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
        super().__init__(
            item=item,
            annotator=annotator,
            label=label,
            is_partitioned=is_partitioned,
            dtype=dtype,
        )
        self.pseudo_counts = pseudo_counts
        self.max_iter = max_iter
        self.tol = tol
        self.annotator_prior = annotator_prior

    def _infer(self, sums: Sums) -> None:
        before = self._prior_counts()
        n_iter, change = 0, np.inf
        while n_iter < self.max_iter and change >= self.tol:
            n_iter += 1
            self.class_prior_ = sums.classes / self.n_items_
            self._maximize(sums.counts + before)
            sums = self._round(self._model())
            change = sums.change / self.n_items_
        warn_unless_converged(type(self).__name__, change, self.tol, n_iter)
        self.log_likelihood_ = sums.log_likelihood
        self.n_iter_, self.converged_ = n_iter, bool(change <= self.tol)

    def _model(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self._confusion(), self.class_prior_

    @abstractmethod
    def _maximize(self, counts: NDArray[np.float64]) -> None:
        """Set what is known of annotators, given counts by truth and answer."""

    @abstractmethod
    def _confusion(self) -> NDArray[np.float64]:
        """Return the confusions, (n_annotators, n_classes, n_classes)."""
