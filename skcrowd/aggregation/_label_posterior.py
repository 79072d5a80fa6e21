"""The posterior of the truth of labels by Bayes' rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import softmax

from skcrowd.aggregation._answer_counts import AnswerCounts

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray
    from skcrowd.aggregation._vote_discount import DependentGroups
    from skcrowd.annotations import Annotations


__all__ = ["label_posterior"]


def label_posterior(
    log_prior: FloatArray,
    annotations: Annotations,
    confusion: FloatArray,
    *,
    least_log_prior: float = -np.inf,
    groups: DependentGroups | None = None,
) -> FloatArray:
    """Return the posterior of the truth given a prior and the answers.

    ``p(k | answers) ∝ p(k) Π_r C_r[k, answer of r]``

    Parameters
    ----------
    log_prior : ndarray of shape (n_items, n_classes)
        Log-probabilities of the classes without the answers, such as those that a
        network predicts.
    annotations : Annotations of shape (n_items, n_annotators)
        Answers of kind "labels".
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or LazyConfusion
        ``[r, i, j]`` = P(r answers j | truth is i).
    least_log_prior : float, default=-inf
        Lower bound of `log_prior`.
    groups : DependentGroups, default=None
        Annotators who err together, whose answers to an item count as the effective
        number of independent ones.

    Returns
    -------
    posterior : ndarray of shape (n_items, n_classes)
        Rows sum to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.aggregation._label_posterior import label_posterior
    >>> from skcrowd.annotations import Annotations
    >>> answers = Annotations.from_dense([[0, 1], [1, 1]])
    >>> confusion = np.array([[[0.9, 0.1], [0.1, 0.9]], [[0.6, 0.4], [0.4, 0.6]]])
    >>> label_posterior(np.log([[0.5, 0.5], [0.8, 0.2]]), answers, confusion).round(2)
    array([[0.86, 0.14],
           [0.23, 0.77]])
    """
    # Classes of prior -inf stay impossible whatever the answers are. Probabilities in
    # float32 underflow to 0, so a prior that comes from them needs a lower bound.
    log_prior = np.maximum(log_prior, least_log_prior)
    counts = AnswerCounts(annotations, log_prior.shape[1])
    weight = None if groups is None else groups.answer_weights(annotations)
    return softmax(log_prior + counts.log_likelihood(confusion, weight), axis=1)
