"""What every robust technique does: train a network on targets."""

from sklearn.base import BaseEstimator

__all__ = ["RobustTraining"]


class RobustTraining(BaseEstimator):
    """Train a network on labels of which some are wrong: here, as on right ones.

    The techniques of ``skcrowd.experimental.ROBUST_TRAINING`` derive from it.
    """

    _parameter_constraints: dict = {}

    def train(self, context, annotators, targets, *, penalties=(), extra_targets=None):
        """Train a network with skorch.

        Parameters
        ----------
        context : TrainingContext
        annotators : LabelModel
            Judges held-out answers; nothing is learned through it.
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
            If the technique cannot work with these items.
        """
        return context.train(
            annotators,
            train_on="targets",
            targets=targets,
            penalties=penalties,
            extra_targets=extra_targets,
        )
