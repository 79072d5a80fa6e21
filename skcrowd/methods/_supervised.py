"""Supervised learning: one annotator who is always right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrowd.aggregation import answer_mean, majority_vote
from skcrowd.annotators import FixedConfusion, FixedGaussianAnnotators
from skcrowd.methods._method import Method, MethodResult

if TYPE_CHECKING:
    from ._training_context import TrainingContext


__all__ = ["Supervised", "SupervisedNumbers"]


class Supervised(Method):
    """Cross-entropy to the single label of every item, for a 1-D ``y``."""

    def learn(self, context: TrainingContext) -> MethodResult:
        """Train on the labels."""
        labels = majority_vote(context.annotations)
        n_classes = len(context.annotations.classes)
        # with several labels, the one annotator is counted once for each of them
        n_annotators = context.annotations.n_annotators
        annotators = FixedConfusion(np.tile(np.eye(n_classes), (n_annotators, 1, 1)))
        net = context.train(annotators, train_on="targets", targets=labels)
        return MethodResult(net, annotators, labels)


class SupervisedNumbers(Method):
    """Squared error to the single number of every item, for a 1-D ``y``."""

    kind = "numbers"

    def learn(self, context: TrainingContext) -> MethodResult:
        """Train on the numbers, and measure the residual variance."""
        numbers = answer_mean(context.annotations)
        always_right = np.ones(1), np.zeros(1), np.zeros(1)
        net = context.train(
            FixedGaussianAnnotators(always_right, 1.0),
            train_on="targets",
            targets=numbers,
        )
        square = (numbers - context.predict_trained(net)) ** 2
        residual_var = np.average(square, weights=context.training_weight)
        annotators = net.criterion_.annotators
        annotators.replace(always_right, residual_var)
        return MethodResult(net, annotators, numbers, np.zeros(len(numbers)))
