"""Train on the truth that the Dawid-Skene model infers from the answers alone."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation import dawid_skene
from skcrowd.annotators._confusion_table import given_annotators
from skcrowd.methods._method import Method, MethodResult

if TYPE_CHECKING:
    from ._training_context import TrainingContext


__all__ = ["DawidSkene"]


class DawidSkene(Method):
    """Train on the posterior of the Dawid-Skene model.

    Parameters
    ----------
    pseudo_counts : float, default=1.0
        Shrinks the rows of each confusion matrix to the crowd's.
    max_iter : int, default=300
        Maximum number of iterations of expectation-maximisation.
    tol : float, default=1e-4
        Mean absolute change of the posterior below which iterations stop; 0 runs
        exactly `max_iter` iterations.

    References
    ----------
    A. P. Dawid, A. M. Skene. Maximum likelihood estimation of observer error-rates
    using the EM algorithm. Applied Statistics 28(1), 1979. doi:10.2307/2346806

    Examples
    --------
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.methods import DawidSkene
    >>> model = CrowdClassifier(method=DawidSkene(max_iter=50))
    >>> model.set_params(method__pseudo_counts=3.0).method
    DawidSkene(max_iter=50, pseudo_counts=3.0)
    """

    _parameter_constraints: dict[str, Any] = {
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self, pseudo_counts: float = 1.0, max_iter: int = 300, tol: float = 1e-4
    ) -> None:
        self.pseudo_counts = pseudo_counts
        self.max_iter = max_iter
        self.tol = tol

    def learn(self, context: TrainingContext) -> MethodResult:
        """Infer the truth, train on it."""
        inferred = dawid_skene(
            context.annotations,
            pseudo_counts=self.pseudo_counts,
            max_iter=self.max_iter,
            tol=self.tol,
            sample_weight=context.training_weight,
            gold=context.side_information.gold,
            annotator_counts=context.side_information.annotator_counts,
        )
        annotators = given_annotators(inferred.confusion)
        net = context.train(annotators, train_on="targets", targets=inferred.posterior)
        return MethodResult(net, annotators, inferred.posterior)
