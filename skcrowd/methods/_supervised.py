"""Plain supervised learning: one annotator who is always right."""

import numpy as np

from skcrowd.aggregation import majority_vote
from skcrowd.annotators import FixedConfusion
from skcrowd.methods._base import Learned, Method

__all__ = ["Supervised"]


class Supervised(Method):
    """Cross-entropy to the one label that every item has; what a 1-D ``y`` means."""

    def learn(self, problem):
        """Train on the labels."""
        labels = majority_vote(problem.annotations)
        n_classes = len(problem.annotations.classes)
        annotators = FixedConfusion(np.eye(n_classes)[None])
        net = problem.train(annotators, train_on="targets", targets=labels)
        return Learned(net, annotators, labels)
