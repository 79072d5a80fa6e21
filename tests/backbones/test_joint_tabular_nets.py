import numpy as np
import pytest
import torch
from torch import nn

from skcrowd.backbones import TabularNet
from skcrowd.backbones._joint_tabular_nets import JointTabularNets

N_FEATURES, N_OUTPUTS, N_ITEMS, N_NETS = 6, 3, 9, 4
EDGES = np.linspace(-1, 1, 5)[None].repeat(N_FEATURES, axis=0)
SETTINGS = {
    "plain": {},
    "scaled": {"center": np.arange(6.0), "scale": np.arange(1, 7.0), "lower": [-1] * 6},
    "encoded": {"edges": EDGES},
    "linear": {"hidden": ()},
    "deep": {"hidden": (5, 4), "weight_decay": 0.1},
    "gated": {"gate_decay": 0.2, "weight_decay": 0.1, "edges": EDGES},
    "ordered": {"ranks": [2, 0, 1], "weight_decay": 0.1},
    "columns": {"columns": [0, 2, 5]},
}


def some_nets(settings):
    torch.manual_seed(0)
    nets = [TabularNet(N_FEATURES, N_OUTPUTS, **settings) for _ in range(N_NETS)]
    for net in nets:
        for parameter in net.double().parameters():
            nn.init.normal_(parameter, std=0.5)
    return nets


def scored(net, X, weight):
    """Scores, and gradients of a weighted sum of them."""
    net.zero_grad()
    scores = net(X)
    (weight * scores).sum().backward()
    return scores.detach(), [p.grad.clone() for p in net.parameters()]


@pytest.mark.parametrize("is_sparse", [False, True])
@pytest.mark.parametrize("name", SETTINGS)
def test_scores_and_gradients_are_those_of_each_network_alone(name, is_sparse):
    settings = SETTINGS[name]
    if is_sparse and "edges" in settings:
        settings = {**settings, "edges": None}
    nets = some_nets(settings)
    X = torch.randn(N_ITEMS, N_FEATURES, dtype=torch.float64)
    X = (X * (X > 0)).to_sparse() if is_sparse else X
    weight = torch.randn(N_NETS, N_ITEMS, N_OUTPUTS, dtype=torch.float64)
    alone = [scored(net, X, w) for net, w in zip(nets, weight, strict=True)]
    joint = JointTabularNets(nets)
    together, gradients = scored(joint, X, weight.transpose(0, 1))
    assert together.shape == (N_ITEMS, N_NETS, N_OUTPUTS)
    expected = torch.stack([scores for scores, _ in alone], dim=1)
    torch.testing.assert_close(together, expected)
    of_each = [gradient for _, net_gradients in alone for gradient in net_gradients]
    torch.testing.assert_close(gradients, of_each)


@pytest.mark.parametrize("is_sparse", [False, True])
def test_inputs_and_hidden_units_are_dropped_in_training_alone(is_sparse):
    joint = JointTabularNets(some_nets({"dropout": 0.5, "input_dropout": 0.5}))
    X = torch.randn(N_ITEMS, N_FEATURES, dtype=torch.float64)
    X = X.to_sparse() if is_sparse else X
    assert not torch.equal(joint(X), joint(X))
    joint.eval()
    assert torch.equal(joint(X), joint(X))
    expected = torch.stack([net(X) for net in joint.nets], dim=1)
    torch.testing.assert_close(joint(X), expected)
