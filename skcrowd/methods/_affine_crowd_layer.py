"""The crowd layer for numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd._sklearn_compat import StrOptions
from skcrowd.aggregation._rating_parameters import fit_noise
from skcrowd.aggregation._weighted_mean import answer_mean_var
from skcrowd.annotators import (
    AFFINE_CONNECTIONS,
    FixedGaussianAnnotators,
    NumberModel,
)
from skcrowd.methods._answer_layer import AnswerLayer
from skcrowd.methods._method import MethodResult
from skcrowd.methods._resolve import make_model

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray
    from skcrowd.annotators import AnnotatorModel
    from skcrowd.training import CrowdNet

    from ._training_context import TrainingContext


__all__ = ["AffineCrowdLayer"]

NOISE_ROUNDS = 20


class AffineCrowdLayer(AnswerLayer):
    """Train the network through a layer that imitates every annotator's ratings.

    The loss is the squared error between each rating and the one that the connection
    computes from the network's prediction. To predict, the layer is dropped.

    Parameters
    ----------
    connection : {"S", "B", "S+B", "B+S"}, NumberModel class or NumberModel, \
            default="B"
        For each annotator a scale, a bias, both (``s * truth + b``), or both with the
        bias first (``s * (truth + b)``). A class is called with ``n_annotators``; an
        instance is copied for every fit, and has to have as many annotators.
    warm_epochs : int, default=5
        First epochs on the mean of the answers, at most half of ``max_epochs``.
    annotator_lr : float, default=1e-3
        Learning rate of the layer: a small one, because biases that are learned faster
        than the network absorb a part of the truth.

    Notes
    -----
    Answers are standardised before, so a scale of 1 and a bias of 0 mean no change
    about the mean answer. The layer has no noise. That of the annotators is estimated
    after training, by expectation-maximisation with network, scales and biases fixed.

    References
    ----------
    F. Rodrigues, F. Pereira. Deep learning from crowds. AAAI 2018, arXiv:1709.01779

    Examples
    --------
    >>> from skcrowd import CrowdRegressor
    >>> CrowdRegressor(method="crowd_layer", method__connection="S+B")
    CrowdRegressor(method='crowd_layer', method__connection='S+B')
    """

    kind = "numbers"

    _parameter_constraints: dict[str, Any] = {
        "connection": [StrOptions(set(AFFINE_CONNECTIONS)), type, NumberModel],
        **AnswerLayer._parameter_constraints,
    }

    def __init__(
        self, connection: Any = "B", warm_epochs: int = 5, annotator_lr: float = 1e-3
    ) -> None:
        self.connection = connection
        super().__init__(warm_epochs, annotator_lr)

    def make_annotators(
        self, context: TrainingContext, initial_truth: FloatArray
    ) -> AnnotatorModel:
        """Return the layer, built for the number of annotators."""
        n_annotators = context.annotations.n_annotators
        return make_model(
            self.connection, AFFINE_CONNECTIONS, "connection", n_annotators=n_annotators
        )

    def make_result(self, context: TrainingContext, net: CrowdNet) -> MethodResult:
        """Estimate the noise, and infer the truth with it."""
        return _with_noise(context, net)


def _with_noise(context: TrainingContext, net: CrowdNet) -> MethodResult:
    """Return a trained crowd layer with estimated noise and the inferred truth."""
    annotations, weight = context.annotations, context.training_weight
    maps = net.criterion_.annotators.confusion()
    scale, bias = maps[:, 0, 0], maps[:, 0, 1]
    prediction = context.predict_trained(net)
    mean = context.clamp_gold(prediction)
    var = context.zero_variance_at_gold(answer_mean_var(annotations, weight))
    for _ in range(NOISE_ROUNDS):
        rating_parameters = fit_noise(
            annotations,
            mean,
            var,
            scale,
            bias,
            sample_weight=weight,
            moments=context.side_information.annotator_counts,
        )
        residual_var = np.average((mean - prediction) ** 2 + var, weights=weight)
        mean, var = context.ratings.posterior(
            rating_parameters, prediction, residual_var
        )
    annotators = FixedGaussianAnnotators(rating_parameters, residual_var)
    return MethodResult(net, annotators, mean)
