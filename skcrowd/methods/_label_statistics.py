"""Statistics of labels: votes, counts by inferred truth, posterior of the truth."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.special import softmax

from skcrowd.aggregation import (
    AnswerCounts,
    LazyConfusion,
    majority_vote,
    shrunk_confusion,
)
from skcrowd.aggregation._majority_vote import shares_of_votes
from skcrowd.aggregation._pooled_confusion import shrunk_to_typical
from skcrowd.aggregation._scale_confusion import scale_confusion
from skcrowd.aggregation._scale_posterior import scale_posterior
from skcrowd.annotations._memory import is_large, row_blocks

if TYPE_CHECKING:
    from skcrowd._typing import Confusions, Counts, FloatArray

    from ._training_context import TrainingContext


__all__ = ["LabelStatistics"]


class LabelStatistics:
    """Statistics of the labels of a fit, with gold and side information.

    Parameters
    ----------
    context : TrainingContext
    """

    def __init__(self, context: TrainingContext) -> None:
        self._context = context

    @cached_property
    def counts(self) -> AnswerCounts:
        """The answers as AnswerCounts."""
        context = self._context
        return AnswerCounts(context.annotations, evidence=context.evidence)

    def votes(self, soft: bool = True) -> FloatArray:
        """Return the shares of the votes, gold clamped.

        Parameters
        ----------
        soft : bool, default=True
            See :func:`skcrowd.aggregation.majority_vote`.

        Returns
        -------
        votes : ndarray of shape (n_items, n_classes)
        """
        context = self._context
        if not context.annotations.n_answers:
            return context.clamp_gold(majority_vote(context.annotations, soft=soft))
        votes = shares_of_votes(context.annotations, context.evidence, soft=soft)
        return context.clamp_gold(votes)

    def initial_posterior(self) -> FloatArray:
        """Return the posterior to start with: the soft vote, or that of a previous fit.

        Returns
        -------
        posterior : ndarray of shape (n_items, n_classes)
        """
        side_information = self._context.side_information
        if side_information.is_cold_start:
            return self.votes()
        previous = side_information.previous_fit
        log_truth = self._context.predict_truth(previous.net)
        return self.posterior(log_truth, previous.rating_parameters)

    def expected_counts(self, posterior: FloatArray) -> Counts:
        """Count the answers of each annotator by the inferred truth.

        Answers to items outside this fit (``annotator_counts`` of the side information)
        are added. See :meth:`skcrowd.aggregation.AnswerCounts.expected_counts`.

        Parameters
        ----------
        posterior : ndarray of shape (n_items, n_classes)

        Returns
        -------
        counts : ndarray of shape (n_annotators, n_classes, n_classes), or \
                ExpectedCounts
        """
        weight = self._context.training_weight
        counts = self.counts.expected_counts(posterior, weight)
        elsewhere = self._context.side_information.annotator_counts
        return counts if elsewhere is None else counts + elsewhere

    def confusion(
        self, counts: Counts, pseudo_counts: float, *, typical: bool = False
    ) -> Confusions:
        """Estimate the confusion matrices of the annotators.

        Rows are shrunk to the confusion of the crowd, or, where the classes have an
        order, to one by the annotator's bias, slope and spread on the scale.

        Parameters
        ----------
        counts : ndarray of shape (n_annotators, n_classes, n_classes), or \
                ExpectedCounts
            ExpectedCounts are shrunk to the crowd, also where there is an order.
        pseudo_counts : float
        typical : bool, default=False
            Whether the crowd is the typical annotator, not all answers.

        Returns
        -------
        confusion : ndarray of shape (n_annotators, n_classes, n_classes), or \
                CountedConfusion
        """
        ranks = self._context.class_ranks
        if ranks is not None and isinstance(counts, np.ndarray):
            return scale_confusion(counts, ranks, pseudo_counts)
        if typical:
            return shrunk_to_typical(counts, pseudo_counts)
        return shrunk_confusion(counts, pseudo_counts)

    def posterior(
        self,
        log_truth: FloatArray,
        confusion: Confusions,
        overwrite: bool = False,
        answer_weight: FloatArray | None = None,
    ) -> FloatArray:
        """Combine the network's prediction with the answers by Bayes' rule.

        ``log p(z | x, y) = log p(z | x) + sum_r log p(y_r | z) + const``

        Where the classes have an order, z is at one of three places in its class, see
        :func:`skcrowd.aggregation._scale_posterior.scale_posterior`.

        Parameters
        ----------
        log_truth : ndarray of shape (n_items, n_classes)
            Log-probabilities of the classes as the network predicts them.
        confusion : ndarray of shape (n_annotators, n_classes, n_classes), or \
                LazyConfusion
        overwrite : bool, default=False
            Whether log_truth may be changed, which saves memory where it is large.
        answer_weight : ndarray of shape (n_answers,), default=None
            Factors of the log-probabilities of the answers, below 1 where annotators
            err together.

        Returns
        -------
        posterior : ndarray of shape (n_items, n_classes)
            Gold clamped.
        """
        if isinstance(confusion, LazyConfusion) or is_large(*log_truth.shape):
            joint = log_truth if overwrite else log_truth.copy()
            self.counts.add_log_likelihood(joint, confusion, answer_weight)
            # block by block, because softmax takes several arrays of its input's size
            for rows in row_blocks(*joint.shape):
                joint[rows] = softmax(joint[rows], axis=1)
            return self._context.clamp_gold(joint)
        ranks = self._context.class_ranks
        if ranks is not None and len(ranks) > 1 and isinstance(confusion, np.ndarray):
            found = scale_posterior(
                self.counts, log_truth, confusion, ranks, answer_weight
            )
            return self._context.clamp_gold(found)
        given_truth = self.counts.log_likelihood(confusion, answer_weight)
        scores = torch.as_tensor(log_truth + given_truth)
        posterior = scores.t().contiguous().softmax(dim=0).t().numpy()
        return self._context.clamp_gold(posterior)
