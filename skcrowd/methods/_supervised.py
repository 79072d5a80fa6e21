"""Plain supervised learning: one annotator who is always right."""

import numpy as np

from skcrowd.aggregation import answer_mean, majority_vote
from skcrowd.annotators import FixedConfusion, FixedRaters
from skcrowd.methods._base import Learned, Method

__all__ = ["Supervised", "SupervisedNumbers"]


class Supervised(Method):
    """Cross-entropy to the one label that every item has; what a 1-D ``y`` means."""

    def learn(self, problem):
        """Train on the labels."""
        labels = majority_vote(problem.annotations)
        n_classes = len(problem.annotations.classes)
        annotators = FixedConfusion(np.eye(n_classes)[None])
        net = problem.train(annotators, train_on="targets", targets=labels)
        return Learned(net, annotators, labels)


class SupervisedNumbers(Method):
    """Squared error to the one number that every item has."""

    kind = "numbers"

    def learn(self, problem):
        """Train on the numbers; the network's residual is its spread."""
        numbers = answer_mean(problem.annotations)
        always_right = np.ones(1), np.zeros(1), np.zeros(1)
        net = problem.train(
            FixedRaters(always_right, 1.0), train_on="targets", targets=numbers
        )
        apart = (numbers - problem.predict_truth(net)) ** 2
        spread = np.average(apart, weights=problem.training_weight)
        annotators = net.criterion_.annotators
        annotators.replace(always_right, spread)
        return Learned(net, annotators, numbers, np.zeros(len(numbers)))
