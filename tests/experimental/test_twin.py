"""Two networks in one net."""

import numpy as np
import torch
from _data import Linear
from torch import nn

from skcrowd.experimental._twin import Twin, TwinScores

X = torch.tensor([[1.0, -1.0], [0.5, 2.0], [0.0, 1.0]])


def test_a_class_is_built_twice():
    twin = Twin(Linear, n_features=2, n_outputs=3)
    assert not torch.equal(twin.first.layer.weight, twin.second.layer.weight)


def test_an_instance_is_copied_and_its_last_layer_starts_anew():
    network = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 3))
    twin = Twin(network)
    assert torch.equal(twin.first[0].weight, twin.second[0].weight)
    assert torch.equal(twin.first[2].weight, network[2].weight)
    assert not torch.equal(twin.second[2].weight, network[2].weight)
    assert twin.first[2] is not network[2]


def test_in_training_both_score_and_afterwards_their_mean():
    twin = Twin(Linear, n_features=2, n_outputs=3)
    with torch.no_grad():
        both = [net(X) for net in (twin.first, twin.second)]
        assert torch.equal(twin(X), torch.cat(both, dim=1))
        mean = (both[0].softmax(dim=1) + both[1].softmax(dim=1)) / 2
        np.testing.assert_allclose(twin.eval()(X).exp(), mean, rtol=1e-5)


class WithLengths(nn.Module):
    def forward(self, X, lengths):
        return X * lengths[:, None, None]


def test_lengths_reach_the_networks_that_want_them():
    batch, lengths = torch.ones(2, 3, 4), torch.tensor([3, 1])
    assert torch.equal(Twin(WithLengths())(batch, lengths)[1, 0], torch.ones(8))
    assert Twin(nn.Linear(4, 2))(batch, lengths).shape == (2, 3, 4)


def test_the_losses_are_those_of_each_network():
    scores = torch.tensor([[2.0, 0.0, 0.0, 1.0], [0.5, 0.5, -1.0, 3.0]])
    target = torch.tensor([[1.0, 0.0], [0.25, 0.75]])
    output = TwinScores(2)
    log_truth = output.truth(scores)
    loss = output.target_loss(log_truth, target)
    for k in range(2):
        log_proba = scores[:, 2 * k : 2 * k + 2].log_softmax(dim=1)
        np.testing.assert_allclose(log_truth[:, k].T, log_proba, rtol=1e-6)
        np.testing.assert_allclose(loss[k], -(target * log_proba).sum(dim=1))


def test_a_single_row_of_scores_is_read_as_always():
    scores = torch.tensor([[2.0, 0.0]])
    expected = scores.log_softmax(dim=1).T
    assert torch.equal(TwinScores(2).truth(scores), expected)
