"""Train on the mean, or the weighted mean, of the ratings."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation import answer_mean, weighted_mean
from skcrowd.aggregation._weighted_mean import answer_mean_var
from skcrowd.annotators import FixedGaussianAnnotators
from skcrowd.methods._method import Method, MethodResult

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray
    from skcrowd.aggregation import RatingParameters

    from ._training_context import TrainingContext


__all__ = ["AnswerMean", "WeightedMean"]


class AnswerMean(Method):
    """Train on the mean rating: the baseline that every method must beat.

    Parameters
    ----------
    pseudo_counts : float, default=2.0
        Shrinks each annotator's noise variance, measured against the mean, to the
        crowd's.

    Examples
    --------
    >>> from skcrowd import CrowdRegressor
    >>> from skcrowd.methods import AnswerMean
    >>> model = CrowdRegressor(method=AnswerMean())
    >>> model.set_params(method__pseudo_counts=5.0).method
    AnswerMean(pseudo_counts=5.0)
    """

    kind = "numbers"

    _parameter_constraints: dict[str, Any] = {
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(self, pseudo_counts: float = 2.0) -> None:
        self.pseudo_counts = pseudo_counts

    def learn(self, context: TrainingContext) -> MethodResult:
        """Average, estimate the annotators against the mean, train."""
        weight = context.training_weight
        mean = context.clamp_gold(answer_mean(context.annotations))
        var = context.zero_variance_at_gold(
            answer_mean_var(context.annotations, weight)
        )
        rating_parameters = context.ratings.fit_parameters(
            mean, var, pseudo_counts=self.pseudo_counts
        )
        return _train_on(context, mean, var, rating_parameters)


class WeightedMean(Method):
    """Train on the mean of ratings corrected for bias and weighted by reliability.

    Parameters
    ----------
    scale_std : float, default=0.3
        Standard deviation of the scales' normal prior around 1; 0 keeps all scales
        at 1.
    pseudo_counts : float, default=2.0
        Shrinks each annotator's noise variance to the crowd's.
    max_iter : int, default=300
        Maximum number of iterations of expectation-maximisation.
    tol : float, default=1e-4
        Mean absolute change of the truth, in standard deviations of the answers, below
        which iterations stop; 0 runs exactly `max_iter` iterations.

    See Also
    --------
    skcrowd.aggregation.weighted_mean : The same without a network.

    References
    ----------
    V. Raykar et al. Learning from crowds. JMLR 11, 2010, section 7.

    Examples
    --------
    >>> from skcrowd import CrowdRegressor
    >>> from skcrowd.methods import WeightedMean
    >>> model = CrowdRegressor(method=WeightedMean())
    >>> model.set_params(method__scale_std=0.0).method
    WeightedMean(scale_std=0.0)
    """

    kind = "numbers"

    _parameter_constraints: dict[str, Any] = {
        "scale_std": [Interval(Real, 0, None, closed="left")],
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        scale_std: float = 0.3,
        pseudo_counts: float = 2.0,
        max_iter: int = 300,
        tol: float = 1e-4,
    ) -> None:
        self.scale_std = scale_std
        self.pseudo_counts = pseudo_counts
        self.max_iter = max_iter
        self.tol = tol

    def learn(self, context: TrainingContext) -> MethodResult:
        """Infer the truth, train on it."""
        inferred = weighted_mean(
            context.annotations,
            scale_std=self.scale_std,
            pseudo_counts=self.pseudo_counts,
            max_iter=self.max_iter,
            tol=self.tol,
            sample_weight=context.training_weight,
            gold=context.side_information.gold,
            moments=context.side_information.annotator_counts,
            is_identified=context.side_information.is_identified,
        )
        mean, var = (
            context.clamp_gold(inferred.mean),
            context.zero_variance_at_gold(inferred.std**2),
        )
        return _train_on(context, mean, var, inferred.rating_parameters)


def _train_on(
    context: TrainingContext,
    mean: FloatArray,
    var: FloatArray,
    rating_parameters: RatingParameters,
) -> MethodResult:
    """Train on inferred numbers, and measure the variance of the truth about them."""
    weight = context.training_weight
    center = np.average(mean, weights=weight)
    residual_var = np.average((mean - center) ** 2 + var, weights=weight)
    net = context.train(
        FixedGaussianAnnotators(rating_parameters, residual_var),
        train_on="targets",
        targets=mean,
    )
    annotators = net.criterion_.annotators
    square = (
        mean - context.predict_trained(net)
    ) ** 2 + var  # E[(truth - prediction)²]
    annotators.replace(rating_parameters, np.average(square, weights=weight))
    return MethodResult(net, annotators, mean, var)
