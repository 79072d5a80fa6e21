"""Worker agreement with aggregate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skcrowd.aggregation.labels._label_aggregator import LabelAggregator
from skcrowd.aggregation.labels._label_inference import Answers, Inference
from skcrowd.aggregation.labels._weighted_vote import agreement_with, weighted_vote

__all__ = ["Wawa"]


class Wawa(LabelAggregator):
    """Weigh every vote by how often its annotator agrees with the majority.

    "Worker agreement with aggregate": the weights are the shares of an annotator's
    answers that are the label with most votes; a second, weighted vote decides.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    posterior_ : ndarray of shape (n_items, n_classes)
        Shares of the weighted votes.
    class_prior_ : ndarray of shape (n_classes,)
        Their mean.
    annotator_skill_ : ndarray of shape (n_annotators,)
        The weights.
    n_iter_, converged_ : int, bool
        1 and True.

    Notes
    -----
    Equal to crowd-kit's ``Wawa`` where no item has a tie: here, labels with equally
    many votes share the agreement, there, the first of them has it.

    References
    ----------
    D. Ustalov, N. Pavlichenko, B. Tseitlin. Learning from crowds with Crowd-Kit.
    Journal of Open Source Software 9(96), 2024. doi:10.21105/joss.06227

    Examples
    --------
    >>> from skcrowd.aggregation import Wawa
    >>> Wawa().fit_predict([[0, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]])
    array([0, 1, 0, 1])
    """

    _uses_evidence = True

    def __init__(self) -> None:
        pass

    def _infer(self, answers: Answers) -> Inference:
        skill = agreement_with(answers.votes, answers)
        posterior = weighted_vote(answers, skill)
        return Inference(posterior, posterior.mean(axis=0), skill=skill)

    def _posterior_of(self, answers: Answers) -> NDArray[np.float64]:
        return weighted_vote(answers, self.annotator_skill_)
