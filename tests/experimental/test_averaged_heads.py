"""The average of several heads, as a network that skorch can ask."""

import copy
import pickle

import pytest
import torch
from torch import nn

from skcrowd.experimental._averaged_heads import AveragedHeads
from skcrowd.training._features import LastFeatures


def make():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)).double()
    offsets = torch.randn(2, 3, 6).double()
    weight = torch.tensor([0.25, 0.75]).double()
    heads = AveragedHeads(network, LastFeatures(network), offsets, weight)
    return heads, network, offsets, weight


def by_hand(network, offsets, weight, X):
    features = network[:2](X)
    average = 0
    for offset, w in zip(offsets, weight, strict=True):
        scores = network[2](features) + features @ offset[:, :-1].t() + offset[:, -1]
        average = average + w * scores.softmax(-1)
    return average


@pytest.mark.parametrize("shape", [(7,), (2, 3), (1,)])
def test_it_is_the_log_of_the_average(shape):
    heads, *parts = make()
    X = torch.randn(*shape, 4).double()
    found = heads(X)
    assert found.shape == (*shape, 3)
    torch.testing.assert_close(found.exp(), by_hand(*parts, X))


def test_many_items_are_worked_off_in_parts(monkeypatch):
    heads, *_ = make()
    X = torch.randn(10, 4).double()
    expected = heads(X)
    monkeypatch.setattr("skcrowd.experimental._averaged_heads.NUMBERS_AT_ONCE", 20)
    torch.testing.assert_close(heads(X), expected)


def test_it_shows_what_the_heads_share_behind_the_features():
    heads, network, *_ = make()
    X = torch.randn(6, 4).double()
    heads(X)
    seen = heads.features.seen
    assert heads.features.width == 8
    expected = [network[:2](X), network(X).log_softmax(1)]
    torch.testing.assert_close(seen, torch.cat(expected, 1))


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_copies_look_at_their_own_features(duplicate):
    heads, *_ = make()
    heads(torch.zeros(3, 4).double())
    twin, X = duplicate(heads), torch.randn(5, 4).double()
    expected = heads(X)
    heads(torch.zeros(2, 4).double())
    torch.testing.assert_close(twin(X), expected)
    assert len(twin.features.seen) == 5
