"""Table of the chosen queries."""

import numpy as np
from scipy import sparse

from ._queries import best_queries, check_limits

__all__ = ["ask"]


def ask(pd, beliefs, answered, names, items, n, limits):
    """Choose questions.

    Parameters
    ----------
    pd : module
        pandas.
    beliefs : LabelBeliefs or NumberBeliefs
    answered : tuple of ndarray of shape (n_pairs,)
        Item and annotator of the pairs that are not to be asked.
    names : ndarray of shape (n_annotators,)
    items : tuple (str, ndarray of shape (n_items,))
        What an item is called, and the items' names.
    n : int
    limits : dict
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
    return pd.DataFrame(
        {
            noun: item_names[item],
            "annotator": names[annotator],
            "expected_gain": gain,
        }
    )
