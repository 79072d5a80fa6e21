import numpy as np
import pytest
import torch
from torch import nn

from skcrowd.backbones import MLP


def linear_sizes(network):
    linear = [m for m in network.modules() if isinstance(m, nn.Linear)]
    return [(layer.in_features, layer.out_features) for layer in linear]


@pytest.mark.parametrize(
    ("hidden", "sizes"),
    [
        ((), [(6, 3)]),
        ((5,), [(6, 5), (5, 3)]),
        ([5, 4], [(6, 5), (5, 4), (4, 3)]),
    ],
)
def test_hidden_layers(hidden, sizes):
    network = MLP(6, 3, hidden=hidden)
    assert linear_sizes(network) == sizes
    assert sum(isinstance(m, nn.ReLU) for m in network.modules()) == len(hidden)


def test_forward_is_affine_relu_affine_on_scaled_features():
    rng = np.random.default_rng(0)
    center, scale = rng.standard_normal(4), rng.uniform(1, 2, 4)
    network = MLP(4, 3, hidden=(5,), center=center, scale=scale).double()
    weights = [parameter.detach().numpy() for parameter in network.parameters()]
    X = rng.standard_normal((6, 4))
    hidden = np.maximum((X - center) / scale @ weights[0].T + weights[1], 0)
    expected = hidden @ weights[2].T + weights[3]
    np.testing.assert_allclose(network(torch.tensor(X)).detach(), expected, rtol=1e-9)


def test_images_are_flattened():
    network = MLP(12, 2)
    X = torch.randn(5, 3, 4)
    assert torch.equal(network(X), network(X.flatten(1)))


def test_scaling_is_not_trained_but_kept():
    network = MLP(2, 2, center=[1.0, 2.0], scale=[3.0, 4.0])
    assert {"center", "scale"} <= set(network.state_dict())
    assert not {"center", "scale"} & {name for name, _ in network.named_parameters()}


@pytest.mark.parametrize("wrong", [object(), "a", [1.0, 2.0, 3.0], np.nan, {}])
@pytest.mark.parametrize("name", ["center", "scale"])
def test_scaling_by_what_is_no_number(name, wrong):
    with pytest.raises(ValueError, match=f"{name} must hold a finite.* of 2 features"):
        MLP(2, 2, **{name: wrong})


@pytest.mark.parametrize("name", ["dropout", "input_dropout"])
def test_dropout_is_for_training_only(name):
    torch.manual_seed(0)
    network = MLP(8, 3, **{name: 0.5})
    X = torch.randn(4, 8)
    assert not torch.equal(network(X), network(X))
    network.eval()
    assert torch.equal(network(X), network(X))


@pytest.mark.parametrize("hidden", [(), (5,), (5, 4)])
@pytest.mark.parametrize("scaled", [False, True])
def test_sparse_features_get_the_scores_of_dense_ones(hidden, scaled):
    rng = np.random.default_rng(0)
    X = torch.tensor(rng.standard_normal((7, 4)) * (rng.random((7, 4)) < 0.4))
    scaling = {"center": rng.standard_normal(4), "scale": rng.uniform(1, 2, 4)}
    network = MLP(4, 3, hidden=hidden, **(scaling if scaled else {})).double()
    for sparse in (X.to_sparse(), torch.cat([X / 2, X / 2]).to_sparse()):
        dense = sparse.to_dense()
        torch.testing.assert_close(network(sparse), network(dense))
    gradients = []
    for features in (X, X.to_sparse()):
        loss = (network(features) ** 2).sum()
        gradients.append(torch.autograd.grad(loss, [*network.parameters()]))
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_entries_of_a_sparse_tensor_that_occur_twice_add_up():
    network = MLP(2, 3, center=[1.0, 2.0], scale=[3.0, 4.0])
    twice = torch.sparse_coo_tensor(
        [[0, 0], [1, 1]], [1.0, 2.0], (1, 2), check_invariants=False
    )
    torch.testing.assert_close(network(twice), network(torch.tensor([[0.0, 3.0]])))


@pytest.mark.parametrize("name", ["dropout", "input_dropout"])
def test_dropout_of_sparse_features_is_for_training_only(name):
    torch.manual_seed(0)
    network = MLP(8, 3, **{name: 0.5})
    X = torch.randn(4, 8).to_sparse()
    assert not torch.equal(network(X), network(X))
    network.eval()
    assert torch.equal(network(X), network(X))
