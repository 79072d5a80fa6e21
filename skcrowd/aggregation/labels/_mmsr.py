"""Skills from the agreement of pairs, robust to adversaries."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation._pairwise_counts import count_common, count_equal
from skcrowd.aggregation.labels._label_aggregator import LabelAggregator
from skcrowd.aggregation.labels._label_inference import Answers, Inference
from skcrowd.aggregation.labels._one_coin import one_coin_posterior
from skcrowd.annotations._memory import check_fits

__all__ = ["MMSR"]


class MMSR(LabelAggregator):
    """Matrix mean-subsequence-reduced: skills by robust rank-one completion.

    With one accuracy per annotator the chance-corrected agreement of two annotators is
    expected to be the product of their skills. The skills are found from the pairs
    with common items by alternating trimmed means, which leave out the most extreme
    ratios, such as those of adversaries; then the one-coin model gives the truth.

    Parameters
    ----------
    trim : int or None, default=None
        How many of the largest, and of the smallest, ratios of an annotator are left
        out. None: half of the smallest number of partners that an annotator has, less
        one, as in the reference implementation of the authors.
    max_iter : int, default=1000
        Maximum number of iterations.
    tol : float, default=1e-8
        Stop when no skill changes by more.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    posterior_ : ndarray of shape (n_items, n_classes)
    class_prior_ : ndarray of shape (n_classes,)
        Uniform.
    annotator_skill_ : ndarray of shape (n_annotators,)
        Accuracies.
    n_iter_ : int
    converged_ : bool

    Notes
    -----
    The signs are those of the leading eigenvector of the agreements, chosen so that
    most answers are better than chance. Memory grows with the square of the number of
    annotators.

    Accuracies are those of crowd-kit's ``MMSR``, whose skills are their log odds. Its
    scores are shares of the votes with these as weights, here they are posteriors.

    References
    ----------
    Q. Ma, A. Olshevsky. Adversarial crowdsourcing through robust rank-one matrix
    completion. NeurIPS 2020. arXiv:2010.12181

    Examples
    --------
    >>> from skcrowd.aggregation import MMSR
    >>> MMSR().fit_predict([[0, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]])
    array([0, 1, 0, 1])
    """

    _parameter_constraints: dict[str, Any] = {
        "trim": [None, Interval(Integral, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self, *, trim: int | None = None, max_iter: int = 1000, tol: float = 1e-8
    ) -> None:
        self.trim = trim
        self.max_iter = max_iter
        self.tol = tol

    def _infer(self, answers: Answers) -> Inference:
        n_classes = max(answers.n_classes, 2)
        product, n_common = _skill_products(answers, n_classes)
        known = n_common > 0
        trim = self.trim
        if trim is None:
            trim = max(int(known.sum(axis=0).min()) // 2 - 1, 0)
        skill, n_iter, change = self._complete(np.abs(product), known, trim)
        skill = skill * _signs(product, answers.per_annotator)
        # keep off the ends, where one answer would outweigh all others
        margin = 1 / np.sqrt(answers.n_items)
        skill = np.clip(skill, -1 / (n_classes - 1) + margin, 1 - margin)
        accuracy = skill * (n_classes - 1) / n_classes + 1 / n_classes
        prior = np.full(answers.n_classes, 1 / answers.n_classes)
        return Inference(
            one_coin_posterior(answers, accuracy, prior),
            prior,
            skill=accuracy,
            n_iter=n_iter,
            change=change,
            tol=self.tol,
        )

    def _complete(
        self, product: NDArray[np.float64], known: NDArray[np.bool_], trim: int
    ) -> tuple[NDArray[np.float64], int, float]:
        """Find s with ``s_r s_q ≈ product[r, q]`` where it is known."""
        has_partner = known.any(axis=0)
        total = np.where(known, product, 0).sum(axis=0)
        mean = total / np.maximum(known.sum(axis=0), 1)
        skill = np.sqrt(np.maximum(mean, 1e-3))
        n_iter, change = 0, np.inf
        while n_iter < self.max_iter and change > self.tol:
            n_iter += 1
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = np.where(known, product / skill[:, None], np.nan)
            updated = _trimmed_mean(ratio, skill, trim)
            updated = np.where(has_partner, np.clip(updated, 1e-3, 1e3), skill)
            updated = np.sqrt(updated * skill)  # damped: s and product / s alternate
            change = float(np.abs(updated - skill).max())
            skill = updated
        return np.where(has_partner, skill, 0.0), n_iter, change

    def _posterior_of(self, answers: Answers) -> NDArray[np.float64]:
        return one_coin_posterior(answers, self.annotator_skill_, self.class_prior_)


def _skill_products(
    answers: Answers, n_classes: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the chance-corrected agreement of all pairs, and their common items.

    ``n_classes / (n_classes - 1) agreement - 1 / (n_classes - 1)``
    """
    n = answers.n_annotators
    check_fits(
        6 * 8 * n**2, f"the agreement of {n} annotators", "use OneCoin or DawidSkene"
    )
    agreed = count_equal(answers.annotations)
    n_common = count_common(answers.annotations)
    np.fill_diagonal(n_common, 0)
    agreement = agreed / np.maximum(n_common, 1)
    product = (n_classes * agreement - 1) / (n_classes - 1)
    return np.where(n_common > 0, product, 0.0), n_common


def _trimmed_mean(
    ratio: NDArray[np.float64], current: NDArray[np.float64], trim: int
) -> NDArray[np.float64]:
    """Average columns without their most extreme entries.

    Parameters
    ----------
    ratio : ndarray of shape (n, n)
        NaN where unknown.
    current : ndarray of shape (n,)
        Of the entries above (below) it, up to `trim` of the largest (smallest) are
        left out.
    trim : int

    Returns
    -------
    mean : ndarray of shape (n,)
        `current` where nothing is left.
    """
    ordered = np.sort(ratio, axis=0)  # NaN last
    n_known = np.isfinite(ordered).sum(axis=0)
    n_below = np.minimum((ordered < current).sum(axis=0), trim)
    n_above = np.minimum((ordered > current).sum(axis=0), trim)
    place = np.arange(len(ordered))[:, None]
    kept = (place >= n_below) & (place < n_known - n_above)
    total = np.where(kept, ordered, 0.0).sum(axis=0)
    n_kept = kept.sum(axis=0)
    return np.where(n_kept > 0, total / np.maximum(n_kept, 1), current)


def _signs(
    product: NDArray[np.float64], n_answers: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the signs of the skills, by which most answers are above chance."""
    leading = np.linalg.eigh(product)[1][:, -1]
    sign = np.where(leading < 0, -1.0, 1.0)
    return sign if sign @ n_answers >= 0 else -sign
