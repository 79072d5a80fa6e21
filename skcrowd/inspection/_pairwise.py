"""Agreement of every two annotators on the items that both answered."""

import numpy as np

from skcrowd.aggregation._pairwise_counts import (
    count_common,
    count_equal,
    sum_of_products,
)
from skcrowd.annotations import Annotations

__all__ = ["pairwise_agreement"]


def pairwise_agreement(annotations: Annotations) -> np.ndarray:
    """Share of equal labels, or correlation of ratings, (n_annotators, n_annotators).

    NaN where two have no common item; of ratings also where the correlation is not
    defined.
    """
    if annotations.kind == "numbers":
        return _correlation(annotations)
    return _divide(count_equal(annotations), count_common(annotations))


def _correlation(annotations: Annotations) -> np.ndarray:
    """Pearson's correlation on the common items, from sums over them.

    r = (n Sxy - Sx Sy) / sqrt((n Sxx - Sx^2) (n Syy - Sy^2)).
    """
    x = annotations.answer - annotations.answer.mean()
    ones, item = np.ones(len(x)), annotations.item
    n = count_common(annotations)
    # [a, b]: sum of a's ratings of common items
    total = sum_of_products(annotations, item, x, ones)
    own = n * sum_of_products(annotations, item, x**2, ones) - total**2
    product = n * sum_of_products(annotations, item, x, x) - total * total.T
    scale = np.sqrt(np.maximum(own, 0) * np.maximum(own.T, 0))
    tiny = 1e-12 * n**2 * (x**2).max(initial=0)
    correlation: np.ndarray = np.clip(
        _divide(product, np.where(scale > tiny, scale, 0)), -1, 1
    )
    return correlation


def _divide(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    known = denominator > 0
    return np.where(known, numerator / np.where(known, denominator, 1), np.nan)
