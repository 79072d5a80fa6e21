"""Confusion matrices of a crowd, drawn from their posterior given the truth."""

import numpy as np
from scipy.special import gammaln

from skcrowd.metrics._evaluate_shares import SharePrior, draw_categories

__all__ = ["ConfusionSampler"]

ERROR_SIZES = np.array([0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 32.0, 128.0])  # a wrong class
MIXTURE_COUNTS = 5.0  # pseudo-counts of the types of annotators, over all types
HYPER_EVERY = 3  # rounds between two draws of the parameters of the priors
TINY = np.finfo(np.float64).tiny


class ConfusionSampler:
    """Gibbs steps for the confusion matrices of a Dawid-Skene model.

    The prior is hierarchical. The diagonal of each annotator's confusion has a beta
    prior of the annotator's own mean and size, so that few answers in one class borrow
    from the others. What an annotator answers when wrong has a Dirichlet prior around
    the errors of the whole crowd, of a size that all share.

    Parameters
    ----------
    annotations : Annotations
        Answers of kind "labels".
    rng : numpy.random.Generator
    """

    def __init__(self, annotations, rng):
        self._answers = annotations
        self._rng = rng
        self._prior = SharePrior(rng)
        self._n_classes = len(annotations.classes)
        self._wrong = ~np.eye(self._n_classes, dtype=bool)
        n_types = self._prior.alpha.size
        self._log_mixture = np.full(n_types, -np.log(n_types))
        self._round = 0

    def log_likelihood(self, truth):
        """Draw confusions given the truth; return the log-likelihood of every class.

        Parameters
        ----------
        truth : int64 ndarray of shape (n_items,)

        Returns
        -------
        log_likelihood : ndarray of shape (n_items, n_classes)
            log P(answers to the item | its class, confusions).
        """
        answers = self._answers
        counts = self._count(truth)
        if self._round % HYPER_EVERY == 0:
            self._draw_priors(counts)
        self._round += 1
        confusion = self._draw_confusions(counts)
        log_confusion = np.log(np.maximum(confusion, TINY)).transpose(0, 2, 1)
        by_answer = log_confusion[answers.annotator, answers.answer]
        total = np.zeros((answers.n_items, self._n_classes))
        is_answered = answers.answers_per_item > 0
        starts = answers.indptr[:-1][is_answered]
        total[is_answered] = np.add.reduceat(by_answer, starts)
        return total

    def _count(self, truth):
        """Answers by annotator, truth and answer."""
        answers, n_classes = self._answers, self._n_classes
        shape = answers.n_annotators, n_classes, n_classes
        cell = (answers.annotator, truth[answers.item], answers.answer)
        place = np.ravel_multi_index(cell, shape)
        return np.bincount(place, minlength=np.prod(shape)).reshape(shape)

    def _draw_priors(self, counts):
        right = np.einsum("rkk->rk", counts)
        failures = counts.sum(axis=2) - right
        self._type = self._prior.draw_owner_types(right, failures, self._log_mixture)
        n_types = self._log_mixture.size
        types = np.bincount(self._type, minlength=n_types) + MIXTURE_COUNTS / n_types
        self._log_mixture = np.log(np.maximum(self._rng.dirichlet(types), TINY))
        if self._n_classes > 2:
            self._draw_error_prior(counts * self._wrong)

    def _draw_error_prior(self, errors):
        """Draw the crowd's errors, then the size of the prior around them."""
        crowd = self._rng.standard_gamma(errors.sum(axis=0) + 1.0) * self._wrong
        crowd /= crowd.sum(axis=1, keepdims=True)
        size = ERROR_SIZES * (self._n_classes - 1)
        row_total = errors.sum(axis=2).ravel()
        log_weight = gammaln(size) - gammaln(size + row_total[:, None])
        annotator, truth, answer = np.nonzero(errors)
        count = errors[annotator, truth, answer][:, None]
        base = size * crowd[truth, answer][:, None]
        log_weight = log_weight.sum(axis=0)
        log_weight += (gammaln(base + count) - gammaln(base)).sum(axis=0)
        chosen = draw_categories(log_weight[None], self._rng)[0]
        self._error_counts = size[chosen] * crowd

    def _draw_confusions(self, counts):
        right = np.einsum("rkk->rk", counts)
        failures = counts.sum(axis=2) - right
        diagonal = self._prior.draw_shares(right, failures, self._type)
        if self._n_classes > 2:
            errors = counts * self._wrong + self._error_counts
            errors = (self._rng.standard_gamma(errors) + TINY) * self._wrong
            errors /= errors.sum(axis=2, keepdims=True)
        else:
            errors = np.broadcast_to(self._wrong, counts.shape)
        confusion = (1 - diagonal)[:, :, None] * errors
        np.einsum("rkk->rk", confusion)[:] = diagonal
        return confusion
