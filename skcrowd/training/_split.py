"""Held-out items for early stopping, stratified by the majority vote."""

import numpy as np
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit

__all__ = ["AnswerSplit", "hold_out_items"]


def hold_out_items(votes, candidates, fraction, random_state):
    """Choose the items whose answers validate training.

    Parameters
    ----------
    votes : ndarray of shape (n_items,)
        Class with most votes of every item. The split is stratified by it if every
        class has two items and fits into both parts.
    candidates : ndarray of shape (n_candidates,)
        Items that may be held out: those with an answer.
    fraction : float
        Share of the candidates to hold out.
    random_state : int

    Returns
    -------
    held_out : bool ndarray of shape (n_items,)

    Raises
    ------
    ValueError
        If no item would be left to train on.
    """
    n_held_out = int(np.ceil(fraction * len(candidates)))
    if n_held_out >= len(candidates):
        raise ValueError(
            f"early_stopping holds out {n_held_out} of {len(candidates)} items with an "
            "answer and leaves none to train on; lower validation_fraction or set "
            "early_stopping=False."
        )
    strata = votes[candidates]
    counts = np.unique(strata, return_counts=True)[1]
    fits = len(counts) <= min(n_held_out, len(candidates) - n_held_out)
    splitter = StratifiedShuffleSplit if counts.min() > 1 and fits else ShuffleSplit
    split = splitter(1, test_size=n_held_out, random_state=random_state)
    held_out = np.zeros(len(votes), dtype=bool)
    held_out[candidates[next(split.split(strata, strata))[1]]] = True
    return held_out


class AnswerSplit:
    """A ``train_split`` of skorch with given held-out items.

    Parameters
    ----------
    held_out : bool ndarray of shape (n_items,)
        The validation items.
    """

    def __init__(self, held_out):
        self.held_out = held_out

    def __call__(self, dataset, y=None):
        """Split a :class:`CrowdDataset` into training and held-out items."""
        rows = np.arange(len(dataset)) if dataset.rows is None else dataset.rows.numpy()
        held_out = self.held_out[rows]
        return dataset.subset(rows[~held_out]), dataset.subset(rows[held_out])
