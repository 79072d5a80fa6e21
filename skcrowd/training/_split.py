"""Hold out items, stratified on the vote, to judge training by their answers."""

import numpy as np
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit

__all__ = ["AnswerSplit"]


class AnswerSplit:
    """skorch's ``train_split``: some items train, the others judge.

    Parameters
    ----------
    votes : ndarray of shape (n_items,)
        Class with most votes of every item; stratifies where it can.
    fraction : float
        Share of the items that judge.
    random_state : int
    """

    def __init__(self, votes, fraction, random_state):
        self.votes = votes
        self.fraction = fraction
        self.random_state = random_state

    def __call__(self, dataset, y=None):
        """Split a :class:`CrowdDataset` into training and held-out items."""
        rows = np.arange(len(dataset)) if dataset.rows is None else dataset.rows.numpy()
        votes = self.votes[rows]
        n_held_out = int(np.ceil(self.fraction * len(rows)))
        counts = np.unique(votes, return_counts=True)[1]
        stratify = counts.min() > 1 and n_held_out >= len(counts)
        splitter = StratifiedShuffleSplit if stratify else ShuffleSplit
        split = splitter(1, test_size=n_held_out, random_state=self.random_state)
        train, held_out = next(split.split(rows, votes))
        return dataset.subset(rows[train]), dataset.subset(rows[held_out])
