"""CROWDLAB: votes and a classifier's probabilities."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from skcrowd._sklearn_compat import check_constraints
from skcrowd.aggregation._given import given_proba
from skcrowd.aggregation.labels._label_aggregator import LabelAggregator
from skcrowd.aggregation.labels._label_inference import Answers, Inference

__all__ = ["CROWDLAB"]


class CROWDLAB(LabelAggregator):
    """Average the votes and the probabilities of a classifier.

    Annotators and classifier are weighted by how much better than the most frequent
    label they predict the vote. The probabilities must be out of sample: of a
    classifier that did not see the answers to the item, as by
    :func:`skcrowd.model_selection.cross_val_predict`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    posterior_ : ndarray of shape (n_items, n_classes)
    class_prior_ : ndarray of shape (n_classes,)
        Mean of the posterior.
    annotator_skill_ : ndarray of shape (n_annotators,)
        Agreement with the other annotators.
    model_weight_ : float
        Weight of the probabilities, where an annotator like the majority weighs 1.
    n_iter_, converged_ : int, bool
        1 and True.

    References
    ----------
    H. W. Goh, U. Tkachenko, J. Mueller. CROWDLAB: supervised learning to infer
    consensus labels and quality scores for data with multiple annotators. 2022.
    arXiv:2210.06812

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.aggregation import CROWDLAB
    >>> y = [[0, 0, 1], [1, 1, -1], [0, -1, -1], [1, 0, -1]]
    >>> proba = np.array([[0.8, 0.2], [0.1, 0.9], [0.7, 0.3], [0.2, 0.8]])
    >>> CROWDLAB().fit(y, pred_proba=proba).predict()
    array([0, 1, 0, 1])
    """

    def __init__(self) -> None:
        pass

    def fit(self, y: Any, *, pred_proba: Any = None, gold: Any = None) -> Self:
        """Infer the true label of every item.

        Parameters
        ----------
        y : annotations of shape (n_items, n_annotators)
            Answers in any form.
        pred_proba : array-like of shape (n_items, n_classes)
            Probabilities of the labels, sorted, from a classifier that did not see the
            answers to the item. The columns of a table that are named as the labels may
            have any order.
        gold : array-like of shape (n_items,) or mapping of row to label, default=None
            Labels of items whose truth is known.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If `pred_proba` is missing or of another shape, or holds no probabilities.
        """
        check_constraints(self)
        answers = self._read(y, gold)
        if pred_proba is None:
            raise ValueError(
                "CROWDLAB needs pred_proba, probabilities of the classes of every item "
                "from a classifier that did not see its answers; without a classifier "
                "use Consensus."
            )
        shape = answers.n_items, answers.n_classes
        classes = answers.annotations.classes
        self._pred_proba = given_proba(pred_proba, *shape, classes)
        return self._fit(answers)

    def partial_fit(self, y: Any, *, gold: Any = None) -> Self:
        """Not possible: further items need probabilities of their own.

        Parameters
        ----------
        y, gold : object
            Not used.

        Raises
        ------
        ValueError
            Always.
        """
        raise ValueError(
            "CROWDLAB cannot add answers, because its probabilities are of the items "
            "of fit; call fit with all answers and probabilities."
        )

    def predict_proba(self, y: Any = None) -> NDArray[np.float64]:
        """Return the probability of every label of the items of ``fit``.

        Parameters
        ----------
        y : None
            Other items have no probabilities of the classifier.

        Returns
        -------
        proba : ndarray of shape (n_items, n_classes)

        Raises
        ------
        ValueError
            If `y` is not None.
        """
        if y is not None:
            raise ValueError(
                "CROWDLAB infers the items of fit alone, because others have no "
                "probabilities; fit it to them."
            )
        return super().predict_proba()

    def _infer(self, answers: Answers) -> Inference:
        proba = self._pred_proba
        n_answers = answers.annotations.answers_per_item
        several = n_answers > 1
        counts = answers.counts.per_item()
        # the consensus of the paper: most votes, ties by the classifier
        consensus = answers.clamp(counts + 1e-6 * proba).argmax(axis=1)
        weigh_on = several if several.any() else n_answers > 0
        if answers.gold is not None:
            consensus = np.where(answers.gold >= 0, answers.gold, consensus)
        n_best = np.bincount(consensus[weigh_on], minlength=answers.n_classes)
        of_most_frequent = min(n_best.max() / n_best.sum(), 1 - 1e-6)
        own = _agreement_with_others(answers, counts)
        of_model = np.mean(proba.argmax(axis=1)[weigh_on] == consensus[weigh_on])
        weight = np.maximum(1 - (1 - own) / (1 - of_most_frequent), 1e-3)
        mean_answers = n_answers[n_answers > 0].mean()
        model_weight = max(1 - (1 - of_model) / (1 - of_most_frequent), 1e-3)
        model_weight = float(model_weight * np.sqrt(mean_answers))
        is_consensus = (answers.answer == consensus[answers.item]).astype(np.float64)
        rated = several if several.any() else n_answers > 0
        share = answers.sum_by_item(is_consensus)[rated] / n_answers[rated]
        right = float(np.clip(share.mean(), 1 / answers.n_classes, 1 - 1e-6))
        wrong = (1 - right) / max(answers.n_classes - 1, 1)
        of_votes = weight[answers.annotator]
        total = model_weight + answers.sum_by_item(of_votes)
        joint = model_weight * proba + wrong * answers.sum_by_item(of_votes)[:, None]
        joint += (right - wrong) * answers.scores(of_votes)
        posterior = answers.clamp(joint / total[:, None])
        posterior /= posterior.sum(axis=1, keepdims=True)
        return Inference(
            posterior,
            posterior.mean(axis=0),
            skill=own,
            extras={"model_weight_": model_weight},
        )


def _agreement_with_others(
    answers: Answers, counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Share of the other answers to an annotator's items that are the annotator's.

    Returns
    -------
    agreement : ndarray of shape (n_annotators,)
        The mean over all answers for those whose items nobody else answered.
    """
    n_others = (answers.annotations.answers_per_item - 1)[answers.item]
    n_same = counts[answers.item, answers.answer] - 1
    pairs = answers.sum_by_annotator(n_others)
    agreed = answers.sum_by_annotator(n_same)
    mean = n_same.sum() / max(n_others.sum(), 1)
    return np.where(pairs > 0, agreed / np.maximum(pairs, 1), mean)
