"""What every robust technique does: train a network on targets."""

import numpy as np
from sklearn.base import BaseEstimator

__all__ = ["RobustTraining"]


class RobustTraining(BaseEstimator):
    """Train a network on labels of which some are wrong: here, as on right ones.

    A technique joins by a file of its own and a line in ``ROBUST_TRAINING``.
    """

    _parameter_constraints: dict = {}

    def train(self, problem, annotators, targets, *, penalties=(), beside=None):
        """Train a network with skorch.

        Parameters
        ----------
        problem : Problem
        annotators : LabelModel
            Judges held-out answers; nothing is learned through it.
        targets : ndarray of shape (n_items, n_classes)
            Probabilities of the classes.
        penalties, beside
            See :meth:`Problem.train`.

        Returns
        -------
        net : CrowdNet

        Raises
        ------
        ValueError
            If the technique cannot work with these items.
        """
        return problem.train(
            annotators,
            train_on="targets",
            targets=targets,
            penalties=penalties,
            beside=beside,
        )


def expected_error(problem, targets):
    """Share of wrong labels, if each item had its most probable one.

    Parameters
    ----------
    problem : Problem
    targets : ndarray of shape (n_items, n_classes)

    Returns
    -------
    share : float
        Below 1.
    """
    return float(np.average(1 - targets.max(axis=1), weights=problem.training_weight))
