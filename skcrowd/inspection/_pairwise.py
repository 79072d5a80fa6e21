"""Agreement of every two annotators on the items that both answered."""

import numpy as np
from scipy import sparse

from skcrowd.annotations import Annotations

__all__ = ["pairwise_agreement"]


def pairwise_agreement(annotations: Annotations) -> np.ndarray:
    """Share of equal labels, or correlation of ratings, (n_annotators, n_annotators).

    NaN where two have no common item; of ratings also where the correlation is not
    defined.
    """
    if annotations.kind == "numbers":
        return _correlation(annotations)
    n_classes = len(annotations.classes)
    cell = annotations.item * n_classes + annotations.answer
    # Rows are pairs of item and class, so that a product counts equal answers.
    answered = _matrix(np.ones(len(cell)), cell, annotations)
    equal = (answered.T @ answered).toarray()
    return _divide(equal, _n_common(annotations))


def _matrix(
    values: np.ndarray, row: np.ndarray, annotations: Annotations
) -> sparse.csr_array:
    shape = int(row.max(initial=-1)) + 1, annotations.n_annotators
    return sparse.csr_array((values, (row, annotations.annotator)), shape)


def _n_common(annotations: Annotations) -> np.ndarray:
    answered = _matrix(np.ones(annotations.n_answers), annotations.item, annotations)
    return np.asarray((answered.T @ answered).toarray())


def _correlation(annotations: Annotations) -> np.ndarray:
    """Pearson's correlation on the common items, from sums over them.

    r = (n Sxy - Sx Sy) / sqrt((n Sxx - Sx^2) (n Syy - Sy^2)).
    """
    ratings = annotations.answer - annotations.answer.mean()
    x = _matrix(ratings, annotations.item, annotations)
    square = _matrix(ratings**2, annotations.item, annotations)
    answered = _matrix(np.ones(len(ratings)), annotations.item, annotations)
    n = (answered.T @ answered).toarray()
    total = (x.T @ answered).toarray()  # [a, b]: sum of a's ratings of common items
    own = n * (square.T @ answered).toarray() - total**2
    product = n * (x.T @ x).toarray() - total * total.T
    scale = np.sqrt(np.maximum(own, 0) * np.maximum(own.T, 0))
    tiny = 1e-12 * n**2 * (ratings**2).max(initial=0)
    correlation: np.ndarray = np.clip(
        _divide(product, np.where(scale > tiny, scale, 0)), -1, 1
    )
    return correlation


def _divide(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    known = denominator > 0
    return np.where(known, numerator / np.where(known, denominator, 1), np.nan)
