"""Base of the techniques that train a network on noisy labels."""

from sklearn.base import BaseEstimator

__all__ = ["RobustTraining"]


class RobustTraining(BaseEstimator):
    """Train a network on noisy labels; the base class has no special technique.

    The techniques of ``skcrowd.experimental.ROBUST_TRAINING`` derive from it.
    """

    _parameter_constraints: dict = {}

    def train(self, context, annotators, targets, *, penalties=(), extra_targets=None):
        """Train a network with skorch.

        Parameters
        ----------
        context : TrainingContext
        annotators : LabelModel
            Scores held-out answers; it is not trained.
        targets : ndarray of shape (n_items, n_classes)
            Probabilities of the classes.
        penalties, extra_targets
            See :meth:`TrainingContext.train`.

        Returns
        -------
        net : CrowdNet

        Raises
        ------
        ValueError
            If the technique does not support the features.
        """
        return context.train(
            annotators,
            train_on="targets",
            targets=targets,
            penalties=penalties,
            extra_targets=extra_targets,
        )
