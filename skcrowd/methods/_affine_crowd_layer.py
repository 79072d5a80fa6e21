"""The crowd layer for numbers."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from skcrowd.aggregation import (
    answer_mean_var,
    fit_noise,
)
from skcrowd.annotators import AFFINE_CONNECTIONS, FixedGaussianAnnotators
from skcrowd.methods._method import Method, MethodResult
from skcrowd.training import SwitchToAnswers

__all__ = ["AffineCrowdLayer"]

NOISE_ROUNDS = 20


class AffineCrowdLayer(Method):
    """Train the network through a layer that imitates every annotator's ratings.

    The loss is the squared error between each rating and what the connection makes of
    the network's number. To predict, the layer is dropped.

    Parameters
    ----------
    connection : {"S", "B", "S+B", "B+S"}, default="B"
        A scale an annotator, a bias, both (``s * truth + b``), or both with the bias
        first (``s * (truth + b)``).
    warm_epochs : int, default=5
        First epochs on the mean of the answers, at most half of ``max_epochs`` (our
        choice).
    annotator_lr : float, default=1e-3
        Learning rate of the layer (our choice: a small one; biases that run ahead of
        the network take over what it should learn).

    Notes
    -----
    Answers are standardised before, so a scale stretches about the mean answer.
    The layer has no noise. That of the annotators is estimated after training, by
    expectation-maximisation with network, scales and biases as they are.

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

    _parameter_constraints: dict = {
        "connection": [StrOptions(set(AFFINE_CONNECTIONS))],
        "warm_epochs": [Interval(Integral, 0, None, closed="left")],
        "annotator_lr": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(self, connection="B", warm_epochs=5, annotator_lr=1e-3):
        self.connection = connection
        self.warm_epochs = warm_epochs
        self.annotator_lr = annotator_lr

    def learn(self, context):
        """Train network and layer together, then estimate the noise."""
        annotations = context.annotations
        warm_epochs = context.warm_epochs(self.warm_epochs)
        net = context.train(
            AFFINE_CONNECTIONS[self.connection](annotations.n_annotators),
            train_on="answers",
            targets=context.ratings.initial_mean(),
            callbacks=[("warm_start", SwitchToAnswers(warm_epochs))],
            annotator_lr=self.annotator_lr,
            warm_epochs=warm_epochs,
        )
        return _with_noise(context, net)


def _with_noise(context, net):
    """Add noise, and the truth that follows from it, to a trained crowd layer."""
    annotations, weight = context.annotations, context.training_weight
    maps = net.criterion_.annotators.confusion()
    scale, bias = maps[:, 0, 0], maps[:, 0, 1]
    prediction = context.predict_truth(net)
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
        spread = np.average((mean - prediction) ** 2 + var, weights=weight)
        mean, var = context.ratings.posterior(rating_parameters, prediction, spread)
    return MethodResult(net, FixedGaussianAnnotators(rating_parameters, spread), mean)
