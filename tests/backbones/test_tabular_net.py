import numpy as np
import pytest
import torch
from torch import nn

from skcrowd.backbones import TabularNet
from skcrowd.backbones._tabular_net import GATE_RATE

EDGES = np.array([[-1.0, 0.0, 2.0], [0.0, 1.0, 1.0], [5.0, 5.0, 5.0]])


def randomised(network):
    """The network in float64, with random weights instead of zeros."""
    torch.manual_seed(0)
    for parameter in network.double().parameters():
        nn.init.normal_(parameter)
    return network


def test_only_the_linear_map_starts_at_zero_so_that_all_layers_learn_at_once():
    net = TabularNet(4, 3)
    assert (net.linear.weight == 0).all()
    assert (net.linear.bias == 0).all()
    torch.nn.functional.cross_entropy(
        net(torch.randn(5, 4)), torch.tensor([0, 1, 2, 0, 1])
    ).backward()
    assert all(p.grad.abs().max() > 0 for p in net.parameters())


def test_scores_are_a_linear_map_plus_a_perceptron_of_gated_inputs():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((6, 3))
    scaling = {"center": X[0], "scale": [1, 2, 4]}
    network = randomised(TabularNet(3, 2, (5,), gate_decay=0, **scaling))
    weights = {k: v.detach().numpy() for k, v in network.named_parameters()}
    inputs = (X - X[0]) / [1, 2, 4] * GATE_RATE * weights["gates"]
    hidden = inputs @ weights["layers.0.weight"].T + weights["layers.0.bias"]
    expected = inputs @ weights["linear.weight"].T + weights["linear.bias"]
    expected += np.maximum(hidden, 0) @ weights["layers.2.weight"].T
    np.testing.assert_allclose(network(torch.tensor(X)).detach(), expected)


def test_bins_are_encoded_by_the_share_below_the_value():
    encoding = TabularNet(3, 1, edges=EDGES).double().encoding
    X = torch.tensor([[-3.0, 0.25, 5.0], [1.0, 9.0, 5.0]], dtype=torch.float64)
    assert encoding.source.tolist() == [0, 1, 2, 0, 0, 1]
    bins = encoding(X)[:, 3:] + 0.5
    assert bins.tolist() == [[0, 0, 0.25], [1, 0.5, 1]]


def test_features_are_clipped():
    network = randomised(TabularNet(2, 2, lower=[0, 0], upper=[1, 1]))
    far = torch.tensor([[-1e9, 1e9]], dtype=torch.float64)
    assert torch.equal(network(far), network(far.clip(0, 1)))


@pytest.mark.parametrize("gate_decay", [None, 0.1])
@pytest.mark.parametrize("hidden", [(), (5,), (5, 4)])
def test_sparse_features_get_the_scores_of_dense_ones(hidden, gate_decay):
    rng = np.random.default_rng(0)
    X = torch.tensor(rng.standard_normal((7, 4)) * (rng.random((7, 4)) < 0.4))
    scaling = {"center": rng.standard_normal(4), "scale": rng.uniform(1, 2, 4)}
    network = randomised(TabularNet(4, 3, hidden, gate_decay=gate_decay, **scaling))
    gradients = []
    for features in (X, X.to_sparse()):
        torch.testing.assert_close(network(features), network(X))
        loss = (network(features) ** 2).sum()
        gradients.append(torch.autograd.grad(loss, [*network.parameters()]))
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("form", ["dense", "sparse", "image"])
def test_columns_that_are_not_used_change_nothing(form):
    rng = np.random.default_rng(0)
    X = torch.tensor(rng.standard_normal((5, 6)) * (rng.random((5, 6)) < 0.6))
    columns = [1, 2, 5]
    of_columns = {"gate_decay": 0.1, "scale": [1, 2, 3], "edges": np.eye(3)}
    if form == "sparse":  # which are not encoded
        del of_columns["edges"]
    few = randomised(TabularNet(3, 2, **of_columns))
    network = randomised(TabularNet(6, 2, columns=columns, **of_columns))
    state = network.state_dict()
    del state["columns"]
    few.load_state_dict(state)
    made = {
        "dense": lambda X: X,
        "sparse": torch.Tensor.to_sparse,
        "image": lambda X: X.reshape(5, 2, 3),
    }[form]
    expected = few(X[:, columns])
    torch.testing.assert_close(network(made(X)), expected)
    X[:, [0, 3, 4]] = 7
    torch.testing.assert_close(network(made(X)), expected)


@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_dropout_is_for_training_only(form):
    network = randomised(TabularNet(8, 3, dropout=0.5, input_dropout=0.5))
    X = torch.randn(4, 8, dtype=torch.float64)
    X = X.to_sparse() if form == "sparse" else X
    assert not torch.equal(network(X), network(X))
    network.eval()
    assert torch.equal(network(X), network(X))


def test_penalties_are_in_the_gradients_and_not_in_the_loss():
    X = torch.randn(6, 4, dtype=torch.float64)
    free = randomised(TabularNet(4, 2, hidden=(3,), gate_decay=0))
    penalised = randomised(TabularNet(4, 2, (3,), weight_decay=0.3, gate_decay=0.2))
    assert torch.equal(free(X), penalised(X))
    free.train()
    loss = (free(X) ** 2).sum()
    weights = [p for p in free.parameters() if p.ndim > 1]
    gates = GATE_RATE * free.gates
    loss = loss + 0.15 * sum((w**2).sum() for w in weights) + 0.1 * (gates**2).sum()
    loss.backward()
    (penalised(X) ** 2).sum().backward()
    for ours, theirs in zip(penalised.parameters(), free.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"lower": [0.0]}, "lower and upper must hold"),
        ({"upper": [0.0, np.nan, 1]}, "lower and upper must hold"),
        ({"edges": np.zeros(3)}, "edges must hold"),
        ({"edges": np.full((3, 2), np.inf)}, "edges must hold"),
        ({"scale": np.zeros(3)}, "scale must hold"),
        ({"hidden": (0,)}, "hidden must be positive"),
        ({"columns": [0, 3]}, "columns must be ascending numbers from 0 to 2"),
        ({"columns": [-1, 0]}, "columns must be ascending numbers"),
        ({"columns": [1, 1]}, "columns must be ascending numbers"),
        ({"columns": []}, "columns must be ascending numbers"),
        ({"columns": [0.0, 1.0]}, "columns must be ascending numbers"),
        ({"columns": [0, 2], "scale": np.ones(3)}, "scale must hold"),
    ],
)
def test_wrong_settings(wrong, message):
    with pytest.raises(ValueError, match=message):
        TabularNet(3, 2, **wrong)
