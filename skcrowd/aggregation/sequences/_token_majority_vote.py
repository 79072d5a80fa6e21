"""Majority vote, token by token."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skcrowd.aggregation.labels._label_inference import Inference
from skcrowd.aggregation.labels._weighted_vote import agreement_with
from skcrowd.aggregation.sequences._sequence_aggregator import SequenceAggregator
from skcrowd.aggregation.sequences._tag_answers import TagAnswers

__all__ = ["TokenMajorityVote"]


class TokenMajorityVote(SequenceAggregator):
    """Take the tag with most votes of every token.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    class_prior_ : ndarray of shape (n_classes,)
        Mean shares of the votes.
    annotator_skill_ : ndarray of shape (n_annotators,)
        Share of the tags that are the one with most votes.
    n_iter_, converged_ : int, bool
        1 and True.

    Examples
    --------
    >>> from skcrowd.aggregation import TokenMajorityVote
    >>> from skcrowd.annotations import SequenceAnnotations
    >>> cells = [[["O", "B-X"], ["O", "B-X"], ["O", "O"]]]
    >>> y = SequenceAnnotations.from_cells(cells)
    >>> TokenMajorityVote().fit_predict(y)[0].tolist()
    ['O', 'B-X']
    """

    def __init__(self) -> None:
        pass

    def _infer(self, answers: TagAnswers) -> Inference:
        posterior, tags = self._tag(answers)
        return Inference(
            posterior,
            posterior.mean(axis=0),
            skill=agreement_with(posterior, answers),
            extras={"_tags": tags},
        )

    def _tag(
        self, answers: TagAnswers
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        return answers.votes, answers.votes.argmax(axis=1)
