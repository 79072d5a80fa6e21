"""Posterior mean of numbers given features and ratings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray
    from skcrowd.annotators._gaussian import _NoisyAnnotators
    from skcrowd.training import CrowdNet

    from ._training_context import TrainingContext


__all__ = ["number_posterior"]


def number_posterior(
    context: TrainingContext, net: CrowdNet, annotators: _NoisyAnnotators
) -> FloatArray:
    """Return the posterior mean of the truth given network and ratings.

    Parameters
    ----------
    context : TrainingContext
    net : CrowdNet
    annotators : FixedGaussianAnnotators or GaussianAnnotators

    Returns
    -------
    mean : ndarray of shape (n_items,)
    """
    prediction, residual_var = context.predict_trained(net), annotators.residual_var()
    mean, _ = context.ratings.posterior(
        annotators.rating_parameters(), prediction, residual_var.item()
    )
    return mean
