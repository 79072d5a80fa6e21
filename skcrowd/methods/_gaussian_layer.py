"""Gaussian annotators, trained with the network."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval

from skcrowd.aggregation import (
    answer_mean,
    answer_mean_var,
    fit_raters,
)
from skcrowd.annotators import GaussianRaters
from skcrowd.methods._base import Learned, Method
from skcrowd.methods._posterior import number_posterior
from skcrowd.training import SwitchToAnswers

__all__ = ["GaussianLayer"]


class GaussianLayer(Method):
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
    """

    kind = "numbers"

    _parameter_constraints: dict = {
        "warm_epochs": [Interval(Integral, 0, None, closed="left")],
        "annotator_lr": [Interval(Real, 0, None, closed="neither")],
        "scale_std": [Interval(Real, 0, None, closed="left")],
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self, warm_epochs=5, annotator_lr=1e-2, scale_std=0.3, pseudo_counts=2.0
    ):
        self.warm_epochs = warm_epochs
        self.annotator_lr = annotator_lr
        self.scale_std = scale_std
        self.pseudo_counts = pseudo_counts

    def learn(self, problem):
        """Train network and annotators together."""
        warm_epochs = problem.warm_epochs(self.warm_epochs)
        mean = answer_mean(problem.annotations)
        net = problem.train(
            self._start(problem, mean),
            train_on="answers",
            targets=mean,
            callbacks=[("warm_start", SwitchToAnswers(warm_epochs))],
            annotator_lr=self.annotator_lr,
            warm_epochs=warm_epochs,
        )
        annotators = net.criterion_.annotators
        return Learned(net, annotators, number_posterior(problem, net, annotators))

    def _start(self, problem, mean):
        """Begin with the annotators as they look against the mean."""
        weight = problem.training_weight
        settings = {"scale_std": self.scale_std, "pseudo_counts": self.pseudo_counts}
        start = fit_raters(
            problem.annotations,
            mean,
            answer_mean_var(problem.annotations, weight),
            sample_weight=weight,
            **settings,
        )
        n_answers = np.bincount(
            problem.annotations.annotator,
            weight[problem.annotations.item],
            problem.annotations.n_annotators,
        )
        return GaussianRaters(
            len(start.bias), start=start, n_answers=n_answers, **settings
        )
