"""Scores of the mutual information of predictions and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from skcrowd.aggregation._answer_evidence import given_weights
from skcrowd.annotations._memory import is_large, row_blocks
from skcrowd.metrics._scorer_base import AnswerScorer, answer_weights

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray

    from ._answer_evaluation import AnswerEvaluation


__all__ = ["AnswerInformation", "DeterminantInformation", "information"]

PSEUDO_ANSWERS = 1e-3  # weight of a uniform distribution that is mixed in


class AnswerInformation(AnswerScorer):
    """Mutual information of prediction and answer, ``answer_information``.

    In nats, between the class that the network draws by its probabilities and the
    answer of an annotator drawn for the item: Σ U log U / (row · column), where U is
    the mean of p(k | x) 1[answer = j] over the answers, each item counted once. For
    numbers -log(1 - ρ²) / 2, with ρ the correlation of prediction and rating.

    Errors shared by the whole crowd lower it equally for all models, as long as they
    depend on the truth alone. It rewards confident predictions, and punishes confident
    errors too little.
    """

    def measure(self, evaluation: AnswerEvaluation, weight: FloatArray) -> float:
        """Tabulate predictions and answers; see :meth:`AnswerScorer.measure`."""
        if evaluation.kind == "numbers":
            return _normal_information(evaluation, weight)
        return information(joint_shares(evaluation, weight))


def joint_shares(evaluation: AnswerEvaluation, weight: FloatArray) -> FloatArray:
    """Return the joint distribution of predicted class and answer, summing to 1."""
    answers, number = evaluation.annotations, given_weights(evaluation.annotations)
    n_classes = evaluation.truth.shape[1]
    total = np.bincount(answers.item, number, answers.n_items)
    each = number * (weight[answers.item] / total[answers.item])
    joint = np.zeros((n_classes, n_classes))
    if is_large(answers.n_answers, n_classes):
        _add_large(joint, evaluation, each)
    else:
        proba = np.exp(evaluation.truth[answers.item])
        np.add.at(joint, answers.answer, proba * each[:, None])
    joint = joint.T / joint.sum()
    return (1 - PSEUDO_ANSWERS) * joint + PSEUDO_ANSWERS / n_classes**2


def _add_large(joint: Any, evaluation: AnswerEvaluation, each: Any) -> None:
    """Add probabilities to the rows of the answers, some columns at a time."""
    a = evaluation.annotations
    shape = len(joint), a.n_items
    by_answer = sparse.csr_array((each, (a.answer, a.item)), shape)
    for some in row_blocks(len(joint), a.n_items):
        joint[:, some] += by_answer @ np.exp(evaluation.truth[:, some])


def information(joint: FloatArray) -> float:
    """Return the mutual information of a joint distribution, in nats."""
    chance = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
    return float((joint * np.log(joint / chance)).sum())


def _normal_information(evaluation: AnswerEvaluation, weight: FloatArray) -> float:
    item, answer = evaluation.annotations.item, evaluation.annotations.answer
    predicted = evaluation.predicted[item]
    if not np.ptp(predicted) or not np.ptp(answer):
        return 0.0
    each = answer_weights(evaluation, weight)
    (first, both), (_, second) = np.cov(predicted, answer, aweights=each)
    return -0.5 * np.log1p(-min(both**2 / (first * second), 1 - PSEUDO_ANSWERS))


class DeterminantInformation(AnswerScorer):
    """Determinant mutual information, ``determinant_information``.

    K · det(U)^(1/K) of the same table U as in :class:`AnswerInformation`, from 0 to 1;
    for labels and tags alone. If predictions and answers are independent given the
    truth, det(U) is a product of one factor that depends on the model alone and one
    that depends on the crowd alone: it ranks models as if all answers were correct. A
    class that is never distinguished from the others brings it near 0, however rare it
    is.

    References
    ----------
    Y. Kong. Dominantly truthful multi-task peer prediction with a constant number of
    tasks. SODA 2020. Y. Xu, P. Cao, Y. Kong, Y. Wang. L_DMI: a novel
    information-theoretic loss function for training deep nets robust to label noise.
    NeurIPS 2019.
    """

    def measure(self, evaluation: AnswerEvaluation, weight: FloatArray) -> float:
        """Tabulate predictions and answers; see :meth:`AnswerScorer.measure`."""
        if evaluation.kind == "numbers":
            raise ValueError(
                "determinant_information is for labels and tags; y holds numbers. "
                "Use answer_information, or agreement."
            )
        joint = joint_shares(evaluation, weight)
        return len(joint) * np.exp(np.linalg.slogdet(joint).logabsdet / len(joint))
