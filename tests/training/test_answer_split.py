import numpy as np
import pytest
import torch

from skcrowd.training._data import BatchLoader, CrowdDataset
from skcrowd.training._split import AnswerSplit, hold_out_items

EVERYONE = np.arange(60)


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5, 0.9])
def test_share_of_items_held_out_is_rounded_up(fraction):
    held_out = hold_out_items(EVERYONE % 3, EVERYONE, fraction, 0)
    assert held_out.dtype == bool
    assert held_out.shape == (60,)
    assert held_out.sum() == np.ceil(60 * fraction)


def test_classes_keep_their_shares():
    votes = np.repeat([0, 1, 2], [30, 20, 10])
    held_out = hold_out_items(votes, EVERYONE, 0.5, 0)
    assert np.bincount(votes[held_out]).tolist() == [15, 10, 5]


@pytest.mark.parametrize(
    ("votes", "fraction"),
    [
        pytest.param(np.r_[np.zeros(59, int), 1], 0.2, id="a class with one item"),
        pytest.param(EVERYONE % 30, 0.2, id="more classes than held out"),
        pytest.param(EVERYONE % 30, 0.8, id="more classes than left"),
        pytest.param(np.zeros(60, int), 0.2, id="one class"),
    ],
)
def test_splits_where_it_cannot_stratify(votes, fraction):
    held_out = hold_out_items(votes, EVERYONE, fraction, 0)
    assert held_out.sum() == np.ceil(60 * fraction)


def test_only_candidates_are_held_out():
    candidates = np.array([3, 5, 8, 13, 21, 34])
    held_out = hold_out_items(EVERYONE % 2, candidates, 0.5, 0)
    assert held_out.sum() == 3
    assert set(np.flatnonzero(held_out)) <= set(candidates)


def test_the_seed_decides():
    first, same, other = (
        hold_out_items(EVERYONE % 3, EVERYONE, 0.3, seed) for seed in (0, 0, 1)
    )
    assert (first == same).all()
    assert (first != other).any()


@pytest.mark.parametrize("n_candidates", [1, 2])
def test_something_must_be_left_to_train_on(n_candidates):
    with pytest.raises(ValueError, match="leaves none to train on"):
        hold_out_items(EVERYONE % 3, EVERYONE[:n_candidates], 0.9, 0)


@pytest.mark.parametrize("rows", [None, [7, 2, 9, 4]])
def test_every_item_trains_or_judges(rows):
    held_out = np.arange(10) % 3 == 0
    X = np.arange(10.0)[:, None]
    dataset = CrowdDataset(X, None, None if rows is None else torch.tensor(rows))
    train, judge = AnswerSplit(held_out)(dataset)
    shown = list(range(10)) if rows is None else rows
    trained, evaluation = (
        [int(item) for features, _ in BatchLoader(part, 3) for item in features]
        for part in (train, judge)
    )
    assert trained == [row for row in shown if not held_out[row]]
    assert evaluation == [row for row in shown if held_out[row]]
