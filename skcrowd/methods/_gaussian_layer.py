"""Gaussian annotators, trained with the network."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation._answer_evidence import given_weights
from skcrowd.aggregation._weighted_mean import answer_mean_var
from skcrowd.annotators import GaussianAnnotators
from skcrowd.methods._answer_layer import AnswerLayer
from skcrowd.training._callbacks import SwitchToAnswers

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray
    from skcrowd.aggregation import RatingParameters
    from skcrowd.training import CrowdNet

    from ._training_context import TrainingContext


__all__ = ["GaussianLayer"]

ROUNDS = 10  # of expectation-maximisation after the warm start


class GaussianLayer(AnswerLayer):
    """Maximise the likelihood of the ratings by back-propagation.

    The model is that of :class:`GaussianEM`, with the truth integrated out. Biases,
    noise and scales are trained with the network.

    Parameters
    ----------
    warm_epochs : int, default=5
        First epochs on the mean of the answers, at most half of ``max_epochs``.
    annotator_lr : float, default=1e-2
        Learning rate of biases, log-variances and scales.
    scale_std : float, default=0.3
        Standard deviation of the scales' normal prior around 1; 0 keeps all scales
        at 1.
    pseudo_counts : float, default=2.0
        Shrinks each annotator's noise variance to the crowd's.

    References
    ----------
    V. Raykar et al. Learning from crowds. JMLR 11, 2010, section 7. Biases, scales,
    priors, the warm start and the joint density of an item's answers are our choice.

    Examples
    --------
    >>> from skcrowd import CrowdRegressor
    >>> from skcrowd.methods import GaussianLayer
    >>> model = CrowdRegressor(method=GaussianLayer(warm_epochs=0))
    >>> model.set_params(method__scale_std=0.0).method
    GaussianLayer(scale_std=0.0, warm_epochs=0)
    """

    kind = "numbers"

    _parameter_constraints: dict[str, Any] = {
        **AnswerLayer._parameter_constraints,
        "scale_std": [Interval(Real, 0, None, closed="left")],
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        warm_epochs: int = 5,
        annotator_lr: float = 1e-2,
        scale_std: float = 0.3,
        pseudo_counts: float = 2.0,
    ) -> None:
        super().__init__(warm_epochs, annotator_lr)
        self.scale_std = scale_std
        self.pseudo_counts = pseudo_counts

    def make_annotators(
        self, context: TrainingContext, initial_truth: FloatArray
    ) -> GaussianAnnotators:
        """Return annotators that start at closed-form estimates."""
        return self._initial_estimates(context, initial_truth).annotators()

    def make_warm_start(
        self, context: TrainingContext, initial_truth: FloatArray, warm_epochs: int
    ) -> _EstimateAgain:
        """Return the callback that estimates the annotators again after it."""
        estimates = self._initial_estimates(context, initial_truth)
        return _EstimateAgain(estimates, warm_epochs)

    def _initial_estimates(
        self, context: TrainingContext, initial_truth: FloatArray
    ) -> _InitialEstimates:
        settings = {"scale_std": self.scale_std, "pseudo_counts": self.pseudo_counts}
        return _InitialEstimates(context, initial_truth, settings)


class _InitialEstimates:
    """Closed-form estimates of the annotators, before and after the warm start."""

    def __init__(
        self, context: TrainingContext, mean: FloatArray, settings: dict[str, float]
    ) -> None:
        self.context = context
        self.mean = mean
        self.settings = settings

    def annotators(self) -> GaussianAnnotators:
        """Return annotators estimated from the initial mean."""
        annotations, weight = self.context.annotations, self.context.training_weight
        var = self.context.zero_variance_at_gold(answer_mean_var(annotations, weight))
        of_answer = weight[annotations.item] * given_weights(annotations)
        n_answers = np.bincount(
            annotations.annotator, of_answer, annotations.n_annotators
        )
        return GaussianAnnotators(
            annotations.n_annotators,
            start=self._fit(self.mean, var),
            n_answers=n_answers,
            **self.settings,
        )

    def _fit(self, mean: FloatArray, var: FloatArray) -> RatingParameters:
        return self.context.ratings.fit_parameters(mean, var, **self.settings)

    def again(self, net: CrowdNet) -> tuple[RatingParameters, float]:
        """Return annotators and residual variance estimated from a trained network."""
        prediction = self.context.predict_truth(net)
        rating_parameters = self._fit(
            self.context.clamp_gold(prediction), np.zeros_like(prediction)
        )
        residual_var = rating_parameters.crowd_noise_var / 2
        for _ in range(ROUNDS):
            mean, var = self.context.ratings.posterior(
                rating_parameters, prediction, residual_var
            )
            rating_parameters = self._fit(mean, var)
            square = (mean - prediction) ** 2 + var
            residual_var = np.average(square, weights=self.context.training_weight)
        return rating_parameters, residual_var


class _EstimateAgain(SwitchToAnswers):
    """Estimate the annotators from the network when the warm start ends."""

    def __init__(self, estimates: Any, after: int) -> None:
        super().__init__(after)
        self.estimates = estimates

    def on_epoch_begin(self, net: CrowdNet, **kwargs: Any) -> None:
        """Switch to the answers, once with new estimates."""
        super().on_epoch_begin(net, **kwargs)
        if self.after and len(net.history) == self.after + 1:
            net.criterion_.annotators.replace(*self.estimates.again(net))

    def on_train_end(self, net: CrowdNet, **kwargs: Any) -> None:
        """Drop the reference to the data."""
        self.estimates = None
