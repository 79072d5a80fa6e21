"""What the last layer sees, also after copying."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from _data import small
from torch import nn

from skcrowd.training._features import LastFeatures


def test_remembers_the_input_of_the_last_linear_layer():
    module = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2), nn.Dropout())
    features = LastFeatures(module)
    assert features.width == 4
    X = torch.randn(5, 3)
    module(X)
    assert torch.equal(features.last, module[:2](X))
    copied = pickle.loads(pickle.dumps((module, features)))
    copied[0](2 * X)
    assert torch.equal(copied[1].last, copied[0][:2](2 * X))


def test_a_network_without_a_last_linear_layer_is_refused():
    with pytest.raises(ValueError, match=r"nn\.Linear"):
        LastFeatures(nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)))


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))]
)
def test_a_copied_net_shows_its_own_features(duplicate, items, answers):
    net = small("conal").fit(items[0], answers).net_
    twin = duplicate(net)
    for parameter in net.module_.parameters():
        parameter.data.zero_()
    shown = twin.hidden_features(items[0])
    assert shown.shape == (60, 8)
    assert shown.any()
    assert np.isfinite(shown.numpy()).all()
    assert not net.hidden_features(items[0]).any()


def test_every_thread_sees_its_own_batch():
    module = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    features = LastFeatures(module)
    X = torch.randn(5, 3)
    module(X)
    with ThreadPoolExecutor(1) as other:
        assert other.submit(lambda: features.last).result() is None
        other.submit(module, X[:2]).result()
        seen = other.submit(lambda: features.last).result()
    assert torch.equal(seen, module[:2](X[:2]))
    assert torch.equal(features.last, module[:2](X))
