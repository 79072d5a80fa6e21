"""Table of the chosen queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from ._queries import best_queries, check_limits

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import Array, IntArray

    from ._beliefs import LabelBeliefs, LabelSetBeliefs, NumberBeliefs

__all__ = ["ask"]


def ask(
    pandas: Any,
    beliefs: LabelBeliefs | LabelSetBeliefs | NumberBeliefs,
    answered: tuple[IntArray, IntArray],
    names: Array,
    items: tuple[str, Array],
    n: int,
    **limits: Any,
) -> pd.DataFrame:
    """Choose questions.

    Parameters
    ----------
    pandas : module
    beliefs : LabelBeliefs, LabelSetBeliefs or NumberBeliefs
    answered : tuple of ndarray of shape (n_pairs,)
        Item and annotator of the pairs that are not to be asked.
    names : ndarray of shape (n_annotators,)
    items : tuple (str, ndarray of shape (n_items,))
        What an item is called, and the items' names.
    n : int
    **limits
        Parameters of ``next_queries``.

    Returns
    -------
    queries : DataFrame of shape (n_queries, 3)
    """
    checked = check_limits(n, names=names, **limits)
    shape = beliefs.n_items, len(names)
    closed = sparse.csr_array((np.ones(len(answered[0])), answered), shape)
    item, annotator, gain = best_queries(beliefs, closed, checked)
    noun, item_names = items
    return pandas.DataFrame(
        {
            noun: item_names[item],
            "annotator": names[annotator],
            "expected_gain": gain,
        }
    )
