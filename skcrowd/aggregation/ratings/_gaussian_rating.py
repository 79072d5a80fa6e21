"""Annotators with scale, bias and normal noise as an aggregator."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation._convergence import no_convergence_warning
from skcrowd.aggregation._rating_posterior import rating_posterior
from skcrowd.aggregation._weighted_mean import answer_mean_var, weighted_mean
from skcrowd.aggregation.ratings._rating_aggregator import RatingAggregator
from skcrowd.aggregation.ratings._rating_inference import (
    RatingAnswers,
    RatingInference,
)

__all__ = ["GaussianRating", "mean_by_parameters"]


class GaussianRating(RatingAggregator):
    """Infer scale, bias and noise of every annotator, and the truth, by EM.

    ``rating = scale * truth + bias + noise``; the truth has a normal prior, the same
    for all items. The crowd as a whole counts as unbiased.

    Parameters
    ----------
    scale_std : float, default=0.3
        Standard deviation of the scales' prior around 1; 0 keeps all scales at 1.
    pseudo_counts : float, default=2.0
        Pseudo-ratings that shrink each variance of the noise to the crowd's.
    max_iter : int, default=300
        Maximum number of iterations.
    tol : float, default=1e-4
        Stop when the mean absolute change of the truth falls below it, in standard
        deviations of the ratings; 0 runs exactly `max_iter` iterations.
    annotator_prior : mapping of annotator to error or (error, n_ratings), \
            pandas Series or DataFrame, or array-like, default=None
        Root mean squared errors that are known beforehand.

    Attributes
    ----------
    annotators_ : ndarray of shape (n_annotators,)
    posterior_mean_, posterior_std_ : ndarray of shape (n_items,)
    annotator_scale_, annotator_bias_ : ndarray of shape (n_annotators,)
    annotator_noise_std_ : ndarray of shape (n_annotators,)
    annotator_skill_ : ndarray of shape (n_annotators,)
        scale² / variance of the noise: the information of one rating on the truth.
    truth_prior_ : tuple of two floats
        Mean and variance of the truth over the items.
    n_iter_ : int
    converged_ : bool

    See Also
    --------
    skcrowd.aggregation.weighted_mean : The same as a function.

    References
    ----------
    V. Raykar et al. Learning from crowds. JMLR 11, 2010, section 7. Biases, scales and
    priors are our choice.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.aggregation import GaussianRating
    >>> low = np.arange(9.0)
    >>> aggregator = GaussianRating().fit(np.column_stack([low, low + 2]))
    >>> aggregator.predict().round(1)
    array([1., 2., 3., 4., 5., 6., 7., 8., 9.])
    >>> aggregator.annotator_bias_.round(1)
    array([-1.,  1.])
    """

    _parameter_constraints: dict[str, Any] = {
        "scale_std": [Interval(Real, 0, None, closed="left")],
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "annotator_prior": "no_validation",
    }

    def __init__(
        self,
        *,
        scale_std: float = 0.3,
        pseudo_counts: float = 2.0,
        max_iter: int = 300,
        tol: float = 1e-4,
        annotator_prior: Any = None,
    ) -> None:
        self.scale_std = scale_std
        self.pseudo_counts = pseudo_counts
        self.max_iter = max_iter
        self.tol = tol
        self.annotator_prior = annotator_prior

    def _infer(self, answers: RatingAnswers) -> RatingInference:
        initial = None
        if answers.start is not None:
            initial = answers.start.mean, answer_mean_var(answers.annotations)
        with no_convergence_warning():
            found = weighted_mean(
                answers.annotations,
                scale_std=self.scale_std,
                pseudo_counts=self.pseudo_counts,
                max_iter=self.max_iter,
                tol=self.tol,
                gold=answers.gold,
                moments=answers.moments,
                initial_posterior=initial,
            )
        center = found.mean.mean()
        truth_var = float(((found.mean - center) ** 2 + found.std**2).mean())
        parameters = found.rating_parameters
        return RatingInference(
            found.mean,
            parameters.noise_var,
            std=found.std,
            scale=parameters.scale,
            bias=parameters.bias,
            n_iter=found.n_iter,
            change=found.change,
            tol=self.tol,
            extras={"truth_prior_": (float(center), truth_var)},
        )

    def _mean_of(self, answers: RatingAnswers) -> NDArray[np.float64]:
        return mean_by_parameters(self, answers)


def mean_by_parameters(fitted: Any, answers: RatingAnswers) -> NDArray[np.float64]:
    """Return the posterior mean of other items, (n_items,).

    Parameters
    ----------
    fitted : RatingAggregator
        With scale, bias and noise of the annotators, and ``truth_prior_``.
    answers : RatingAnswers
    """
    parameters = (
        fitted.annotator_scale_,
        fitted.annotator_bias_,
        fitted.annotator_noise_std_**2,
    )
    return rating_posterior(answers.annotations, parameters, *fitted.truth_prior_)[0]
