"""Assignment of annotators to items, with memory linear in the number of answers."""

from numbers import Real

import numpy as np

BLOCK = 2**20  # random keys in memory at a time


def assign(n_items, n_annotators, answers_per_item, workload, rng):
    """Choose the annotators of every item.

    Parameters
    ----------
    n_items, n_annotators : int
    answers_per_item : int, float or None
        See `skcrowd.datasets.make_annotations`.
    workload : {"equal", "zipf"} or array-like of shape (n_annotators,)
    rng : RandomState

    Returns
    -------
    item, annotator : ndarrays of shape (n_answers,)
        Sorted by item, then annotator; no pair occurs twice.
    """
    weights = _weights(workload, n_annotators, rng)
    if answers_per_item is None:
        _check_everyone(workload)
        return _everyone(n_items, n_annotators)
    _check_answers_per_item(answers_per_item, n_annotators)
    counts = _counts(n_items, answers_per_item, rng)
    annotator = np.empty(counts.sum(), dtype=np.intp)
    start = np.cumsum(counts) - counts
    for count in np.unique(counts):
        rows = np.flatnonzero(counts == count)
        cells = start[rows, None] + np.arange(count)
        annotator[cells] = np.sort(draw_distinct(len(rows), count, weights, rng))
    return np.repeat(np.arange(n_items), counts), annotator


def draw_distinct(n_rows, n_draws, weights, rng):
    """Draw `n_draws` distinct annotators for each row, one after another.

    Each draw is proportional to the weights of those not yet drawn. Few draws from
    many are made by drawing again what was drawn before; many draws from few by
    random keys (Efraimidis & Spirakis, 2006), block by block. Both give the same
    distribution.

    Returns
    -------
    ndarray of shape (n_rows, n_draws)
    """
    draw = _draw_again if _is_few(n_draws, weights) else _draw_by_key
    return draw(n_rows, n_draws, weights, rng)


def _is_few(n_draws, weights):
    """Whether repeated draws are rare and cheap to detect."""
    n_annotators = len(weights)
    if n_draws**2 > 16 * n_annotators or 4 * n_draws > n_annotators:
        return False
    return np.sort(weights)[-n_draws:].sum() <= 0.9 * weights.sum()


def _draw_again(n_rows, n_draws, weights, rng):
    cumulative = np.cumsum(weights)
    cumulative /= cumulative[-1]
    drawn = np.empty((n_rows, n_draws), dtype=np.intp)
    for column in range(n_draws):
        rows = np.arange(n_rows)
        while len(rows):
            new = np.searchsorted(cumulative, rng.random_sample(len(rows)), "right")
            drawn[rows, column] = new
            rows = rows[(drawn[rows, :column] == new[:, None]).any(axis=1)]
    return drawn


def _draw_by_key(n_rows, n_draws, weights, rng):
    n_annotators = len(weights)
    drawn = np.empty((n_rows, n_draws), dtype=np.intp)
    step = max(1, BLOCK // n_annotators)
    for first in range(0, n_rows, step):
        block = drawn[first : first + step]
        keys = rng.standard_exponential((len(block), n_annotators)) / weights
        block[:] = np.argpartition(keys, n_draws - 1, axis=1)[:, :n_draws]
    return drawn


def _everyone(n_items, n_annotators):
    item = np.repeat(np.arange(n_items), n_annotators)
    return item, np.tile(np.arange(n_annotators), n_items)


def _counts(n_items, mean, rng):
    """Return the numbers of answers per item, integers with the given mean."""
    least = int(mean)
    more = rng.random_sample(n_items) < mean - least
    return np.where(more, least + 1, least)


def _check_everyone(workload):
    if not isinstance(workload, str) or workload != "equal":
        raise ValueError(
            f"workload={workload!r} changes nothing while everyone answers everything "
            "(answers_per_item=None); give answers_per_item, or leave workload out."
        )


def _check_answers_per_item(answers_per_item, n_annotators):
    is_number = isinstance(answers_per_item, Real) and not isinstance(
        answers_per_item, bool
    )
    if not is_number or not 1 <= answers_per_item <= n_annotators:
        raise ValueError(
            f"answers_per_item={answers_per_item!r} with {n_annotators} annotators; "
            "each item is answered by that many different annotators, so give a "
            f"number from 1 to {n_annotators}, or None for everyone."
        )


def _weights(workload, n_annotators, rng):
    """Return the relative workload of every annotator, shape (n_annotators,)."""
    if not isinstance(workload, str):
        return _given_weights(workload, n_annotators)
    if workload == "equal":
        return np.ones(n_annotators)
    if workload == "zipf":
        return 1.0 / rng.permutation(np.arange(1, n_annotators + 1))
    raise ValueError(
        f"Unknown workload {workload!r}; choose 'equal', 'zipf', or give an array of "
        "one positive weight per annotator."
    )


def _given_weights(workload, n_annotators):
    weights = np.asarray(workload, dtype=np.float64)
    if weights.shape != (n_annotators,):
        raise ValueError(
            f"workload has shape {weights.shape}; with {n_annotators} annotators it "
            f"must be 'equal', 'zipf' or an array of shape ({n_annotators},)."
        )
    if not (np.isfinite(weights) & (weights > 0)).all():
        raise ValueError(
            f"workload holds {weights[~(weights > 0) | np.isinf(weights)][0]}; every "
            "annotator needs a positive finite weight."
        )
    return weights
