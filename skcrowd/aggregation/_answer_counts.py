"""The two sums over the answers that every expectation-maximisation needs."""

import numpy as np
from scipy import sparse

__all__ = ["AnswerCounts"]


class AnswerCounts:
    """The answers as one sparse incidence matrix.

    Row ``r * n_classes + j`` stands for "annotator r answered class j", column n
    for item n. Both sums of the Dawid-Skene model are products with it, at a cost
    of answers × classes, whatever the number of annotators.

    Parameters
    ----------
    annotations : Annotations
        Answers of kind "labels".
    n_classes : int, default=None
        Number of classes; by default that of ``annotations.classes``.
    """

    def __init__(self, annotations, n_classes=None):
        self.n_classes = len(annotations.classes) if n_classes is None else n_classes
        self.n_annotators = annotations.n_annotators
        row = annotations.annotator * self.n_classes + annotations.answer
        shape = (self.n_annotators * self.n_classes, annotations.n_items)
        ones = np.ones(annotations.n_answers)
        self._incidence = sparse.csc_array((ones, row, annotations.indptr), shape)

    def per_item(self):
        """Count the answers of every class, shape (n_items, n_classes)."""
        fold = sparse.csr_array(np.tile(np.eye(self.n_classes), self.n_annotators))
        return (fold @ self._incidence).toarray().T

    def soft_counts(self, posterior, sample_weight=None):
        """Sum the posterior over the answers each annotator gave.

        Parameters
        ----------
        posterior : ndarray of shape (n_items, n_classes)
        sample_weight : ndarray of shape (n_items,), default=None

        Returns
        -------
        counts : ndarray of shape (n_annotators, n_classes, n_classes)
            ``counts[r, i, j]``: how often r answered j where the truth is i.
        """
        if sample_weight is not None:
            posterior = posterior * sample_weight[:, None]
        counts = self._incidence @ posterior
        shape = (self.n_annotators, self.n_classes, self.n_classes)
        return np.ascontiguousarray(counts.reshape(shape).transpose(0, 2, 1))

    def log_likelihood(self, confusion):
        """Log-probability of every item's answers given each class.

        Parameters
        ----------
        confusion : ndarray of shape (n_annotators, n_classes, n_classes)

        Returns
        -------
        log_likelihood : ndarray of shape (n_items, n_classes)
        """
        tiny = np.finfo(np.float64).tiny
        log_confusion = np.log(np.maximum(confusion, tiny)).transpose(0, 2, 1)
        return self._incidence.T @ log_confusion.reshape(-1, self.n_classes)
