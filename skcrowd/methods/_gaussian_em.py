"""Expectation-maximisation for numbers, with a network as the model of the truth."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation import RatingParameters
from skcrowd.aggregation._weighted_mean import answer_mean_var
from skcrowd.annotators import FixedGaussianAnnotators
from skcrowd.methods._inferred_state import Inference, Rounds
from skcrowd.methods._method import Method, MethodResult
from skcrowd.methods._posterior import number_posterior

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray
    from skcrowd.training import CrowdNet

    from ._training_context import TrainingContext


__all__ = ["GaussianEM"]

# Lower bound of the variance of the truth about the prediction, as a share of the
# variance of the answers: a network that memorises its targets must not outweigh them.
SMALLEST_RESIDUAL_VAR = 0.05


class GaussianEM(Method):
    """Infer the truth from network and ratings, train the network on it, repeat.

    The truth is normal about the network's prediction, each annotator's rating normal
    about ``scale * truth + bias``.

    Parameters
    ----------
    warm_epochs : int, default=5
        First epochs on the mean of the answers, at most half of ``max_epochs``.
    epochs_per_round : int, default=1
        Epochs between two inferences of the truth.
    scale_std : float, default=0.3
        Standard deviation of the scales' normal prior around 1; 0 keeps all scales
        at 1.
    pseudo_counts : float, default=2.0
        Shrinks each annotator's noise variance to the crowd's.

    Notes
    -----
    Biases are shrunk to 0 by a prior whose variance is estimated from the crowd. After
    every round :func:`skcrowd.aggregation.apply_identifiability_constraint` makes the
    crowd as a whole unbiased: without it, scales shrink the truth. Biases, scales,
    priors and the warm start are our choice.

    References
    ----------
    F. Rodrigues, F. Pereira. Deep learning from crowds. AAAI 2018, arXiv:1709.01779.
    V. Raykar et al. Learning from crowds. JMLR 11, 2010, section 7.

    Examples
    --------
    >>> from skcrowd import CrowdRegressor
    >>> CrowdRegressor(method="em", method__scale_std=0.1)
    CrowdRegressor(method__scale_std=0.1)
    """

    kind = "numbers"

    _parameter_constraints: dict[str, Any] = {
        "warm_epochs": [Interval(Integral, 0, None, closed="left")],
        "epochs_per_round": [Interval(Integral, 1, None, closed="left")],
        "scale_std": [Interval(Real, 0, None, closed="left")],
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        warm_epochs: int = 5,
        epochs_per_round: int = 1,
        scale_std: float = 0.3,
        pseudo_counts: float = 2.0,
    ) -> None:
        self.warm_epochs = warm_epochs
        self.epochs_per_round = epochs_per_round
        self.scale_std = scale_std
        self.pseudo_counts = pseudo_counts

    def learn(self, context: TrainingContext) -> MethodResult:
        """Alternate between the truth and the network."""
        warm_epochs = context.warm_epochs(self.warm_epochs)
        truth = GaussianEMState(context, self.scale_std, self.pseudo_counts)
        net = context.train(
            FixedGaussianAnnotators(truth.rating_parameters, truth.residual_var),
            train_on="targets",
            targets=truth.mean,
            callbacks=[("truth", Rounds(truth, warm_epochs, self.epochs_per_round))],
            warm_epochs=warm_epochs,
        )
        annotators = net.criterion_.annotators
        return MethodResult(net, annotators, number_posterior(context, net, annotators))


class GaussianEMState(Inference):
    """Both closed-form steps: posterior; annotators and residual variance."""

    def __init__(
        self, context: TrainingContext, scale_std: float, pseudo_counts: float
    ) -> None:
        self.context = context
        self.weight = context.training_weight
        self.settings = {"scale_std": scale_std, "pseudo_counts": pseudo_counts}
        self.mean = context.ratings.initial_mean()
        var = answer_mean_var(context.annotations, self.weight)
        self.var = context.zero_variance_at_gold(var)
        self.fit(np.average(self.mean, weights=self.weight))

    def infer(self, prediction: FloatArray) -> None:
        """E-step: infer the posterior of the truth given network and answers."""
        self.mean, self.var = self.context.ratings.posterior(
            self.rating_parameters, prediction, self.residual_var
        )

    def fit(self, prediction: FloatArray | float) -> None:
        """M-step: estimate the annotators, and the variance about the prediction."""
        rating_parameters = self.context.ratings.fit_parameters(
            self.mean, self.var, **self.settings
        )
        self.rating_parameters, stretch, offset = (
            self.context.ratings.apply_identifiability_constraint(
                rating_parameters, self.mean, self.var
            )
        )
        square = (self.mean - prediction) ** 2 + self.var  # E[(truth - prediction)²]
        residual_var = stretch**2 * np.average(square, weights=self.weight)
        self.residual_var = max(residual_var, SMALLEST_RESIDUAL_VAR)
        self.mean = self.context.clamp_gold(stretch * self.mean + offset)
        self.var = stretch**2 * self.var

    def update(self, net: CrowdNet) -> torch.Tensor:
        """Run both steps, and return the new targets."""
        prediction = self.context.predict_truth(net)
        self.infer(prediction)
        self.fit(prediction)
        net.criterion_.annotators.replace(self.rating_parameters, self.residual_var)
        return torch.as_tensor(self.mean)

    def state_dict(self) -> dict[str, Any]:
        """Return what the next update depends on."""
        return {
            "rating_parameters": tuple(self.rating_parameters),
            "residual_var": self.residual_var,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore the state that :meth:`state_dict` returned."""
        self.rating_parameters = RatingParameters(*state["rating_parameters"])
        self.residual_var = state["residual_var"]
