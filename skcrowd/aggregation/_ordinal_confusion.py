"""Confusions of classes that have an order: bias and closeness on the scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import softmax

from skcrowd.aggregation._shrinkage import shrunk_to_crowd

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray


__all__ = ["OrdinalConfusion", "tilted_confusion"]

NEWTON_STEPS, LONGEST_STEP = 5, 1.0
SWEEPS = 3  # of improvements from the start
PRIOR_VAR = 0.5  # of bias and closeness; counts as one annotator more
SMOOTHING = 1.0  # answers to each class, in the table of the crowd


def tilted_confusion(counts: FloatArray, scores: Array) -> FloatArray:
    """Estimate confusions by bias and closeness on the scale alone.

    Parameters
    ----------
    counts : ndarray of shape (n_annotators, n_classes, n_classes)
        Expected answers, by truth and answer.
    scores : ndarray of shape (n_classes,)

    Returns
    -------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes)
    """
    model = OrdinalConfusion(scores, len(counts))
    for _ in range(SWEEPS - 1):
        model.improve(counts)
    return model.improve(counts)


class OrdinalConfusion:
    """The crowd's confusion, and effects of annotators by which it is tilted.

    Parameters
    ----------
    scores : ndarray of shape (n_classes,)
        Places of the classes on the scale.
    n_annotators : int
    """

    def __init__(self, scores: Array, n_annotators: int) -> None:
        n = len(scores)
        centered = np.broadcast_to(scores - scores.mean(), (n, n))
        nearness = -np.abs(scores - scores[:, None])
        self.features = np.stack([centered, nearness], axis=-1)  # (truth, answer, 2)
        self.effect = np.zeros((n_annotators, 2))
        self.covariance = PRIOR_VAR * np.eye(2)
        self.crowd: Any = None  # confusion of the crowd, before it is tilted
        self.tilted: Any = None

    def fit(self, counts: FloatArray, pseudo_counts: float) -> FloatArray:
        """Improve the model, and shrink the annotators' own confusions to it."""
        tilted = self.improve(counts)
        total = counts.sum(axis=2, keepdims=True)
        return shrunk_to_crowd(counts, tilted, total, pseudo_counts)

    def improve(self, counts: FloatArray) -> FloatArray:
        """Improve the crowd's confusion and the effects in turn.

        Parameters
        ----------
        counts : ndarray of shape (n_annotators, n_classes, n_classes)
            Expected answers, by truth and answer.

        Returns
        -------
        tilted : ndarray of shape (n_annotators, n_classes, n_classes)
            Confusions by the effects.
        """
        n_classes = counts.shape[1]
        observed = counts.sum(axis=0) + SMOOTHING / n_classes
        if self.tilted is None:
            self.crowd = observed
        else:
            # iterative proportional fitting: what is answered more than expected gains
            expected = (counts.sum(axis=2, keepdims=True) * self.tilted).sum(axis=0)
            self.crowd = self.crowd * observed / (expected + SMOOTHING / n_classes)
        self.crowd /= self.crowd.sum(axis=1, keepdims=True)
        inverse = self._newton(counts)
        # empirical Bayes: the mean square of the effects, with their uncertainty
        squares = self.effect.T @ self.effect + inverse.sum(axis=0)
        squares += PRIOR_VAR * np.eye(2)
        self.covariance = squares / (len(counts) + 1)
        self.tilted = self._confusion()
        return self.tilted

    def _confusion(self) -> FloatArray:
        shift = np.einsum("kjp,rp->rkj", self.features, self.effect)
        return np.asarray(softmax(np.log(self.crowd) + shift, axis=2))

    def _newton(self, counts: FloatArray) -> FloatArray:
        """Take Newton steps of the effects; return their posterior covariances.

        The log-likelihood is that of a multinomial logit: its gradient is the observed
        less the expected sum of the features, its negative Hessian the sum of their
        covariances, to which the prior adds its precision.
        """
        f, n = self.features, counts.sum(axis=2)
        precision = np.linalg.inv(self.covariance)
        observed = np.einsum("rkj,kjp->rp", counts, f)
        for _ in range(NEWTON_STEPS):
            p = self._confusion()
            mean = np.einsum("rkj,kjp->rkp", p, f)
            square = np.einsum("rkj,kjp,kjq->rkpq", p, f, f, optimize=True)
            covariance = square - mean[..., :, None] * mean[..., None, :]
            gradient = observed - np.einsum("rk,rkp->rp", n, mean)
            gradient -= self.effect @ precision
            hessian = np.einsum("rk,rkpq->rpq", n, covariance) + precision
            step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
            self.effect = self.effect + np.clip(step, -LONGEST_STEP, LONGEST_STEP)
        return np.asarray(np.linalg.inv(hessian))
