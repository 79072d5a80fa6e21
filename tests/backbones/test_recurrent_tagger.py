"""The default network for sequences."""

import numpy as np
import pytest
import torch

from skcrowd.backbones import RecurrentTagger, Vocabulary

TOKENS = ["Ann", "met", "Bob", "Ann", "left"]


def on_features(**options):
    torch.manual_seed(0)
    return RecurrentTagger(n_outputs=3, n_features=4, hidden=5, **options).eval()


def on_codes(**options):
    torch.manual_seed(0)
    vocabulary = Vocabulary().fit(TOKENS)
    network = RecurrentTagger(n_outputs=3, hidden=5, **vocabulary.sizes, **options)
    return network.eval(), torch.tensor(vocabulary.encode(TOKENS))


def test_padding_changes_nothing():
    network, X = on_features(), torch.randn(1, 3, 4)
    alone = network(X, torch.tensor([3]))
    padded = torch.cat([X, torch.full((1, 2, 4), 1e3)], dim=1)
    batch = torch.cat([padded, torch.randn(1, 5, 4)])
    among = network(batch, torch.tensor([3, 5]))
    torch.testing.assert_close(among[:1, :3], alone)


def test_both_directions_reach_every_token():
    network, X = on_features(), torch.randn(1, 4, 4, requires_grad=True)
    network(X, torch.tensor([4]))[0, 1].sum().backward()
    assert (X.grad.abs().sum(dim=-1) > 0).all()


@pytest.mark.parametrize("length", [65, 112, 113, 300])
def test_long_sequences_are_cut_into_windows(length):
    network = on_features()
    X, lengths = torch.randn(2, length, 4), torch.tensor([length, 7])
    scores = network(X, lengths)
    assert scores.shape == (2, length, 3)
    torch.testing.assert_close(scores[1:, :7], network(X[1:, :7], lengths[1:]))
    start, end = (
        network(X[:1, :64], torch.tensor([64])),
        network(X[:1, -64:], torch.tensor([64])),
    )
    torch.testing.assert_close(scores[:1, :56], start[:, :56])
    torch.testing.assert_close(scores[:1, -8:], end[:, -8:])


def test_every_token_of_a_window_has_context_on_both_sides():
    network, X = on_features(), torch.randn(1, 200, 4, requires_grad=True)
    for token in (0, 7, 55, 56, 57, 103, 104, 150, 199):
        (gradient,) = torch.autograd.grad(
            network(X, torch.tensor([200]))[0, token].sum(), X
        )
        reached = gradient[0].abs().sum(dim=1).nonzero()
        assert reached[0] <= max(0, token - 8)
        assert reached[-1] >= min(199, token + 8)
        assert len(reached) <= 64


def test_features_are_brought_to_a_common_scale():
    center, scale = np.array([1.0, 2, 3, 4]), np.array([2.0, 4, 8, 16])
    X, lengths = torch.randn(2, 3, 4), torch.tensor([3, 2])
    scaled = on_features(center=center, scale=scale)
    given = X * torch.tensor(scale) + torch.tensor(center)
    torch.testing.assert_close(
        scaled(given.float(), lengths), on_features()(X, lengths), atol=1e-5, rtol=1e-5
    )


def test_codes_are_embedded():
    network, codes = on_codes()
    scores = network(codes[None], torch.tensor([5]))
    assert scores.shape == (1, 5, 3)
    changed = codes.clone()
    changed[0, 1] += 1  # the shape of the first token alone
    assert (network(changed[None], torch.tensor([5])) != scores).any()


def test_in_training_words_and_affixes_are_forgotten_at_random():
    network, codes = on_codes(dropout=0.0, input_dropout=0.0, affix_dropout=0.0)
    first, *others = (network.train()(codes[None], torch.tensor([5])) for _ in range(5))
    assert any((first != other).any() for other in others)
    certain, codes = on_codes(dropout=0.0, input_dropout=0.0, affix_dropout=0.0)
    certain.inputs.unknown.zero_()
    first, second = (certain.train()(codes[None], torch.tensor([5])) for _ in range(2))
    torch.testing.assert_close(first, second)


def test_without_counts_no_word_is_forgotten():
    sizes = {**Vocabulary().fit(TOKENS).sizes, "word_counts": None}
    network = RecurrentTagger(n_outputs=2, **sizes)
    assert not network.inputs.unknown.any()


@pytest.mark.parametrize("name", ["dropout", "input_dropout", "affix_dropout"])
def test_dropout_is_for_training_only(name):
    off = {"dropout": 0.0, "input_dropout": 0.0, "affix_dropout": 0.0}
    network, codes = on_codes(**{**off, name: 0.5})
    network.inputs.unknown.zero_()
    lengths = torch.tensor([5])
    still = [network(codes[None], lengths) for _ in range(2)]
    torch.testing.assert_close(*still)
    moving = [network.train()(codes[None], lengths) for _ in range(2)]
    assert (moving[0] != moving[1]).any()


@pytest.mark.parametrize(
    ("option", "value"),
    [("hidden", 7), ("n_layers", 2), ("word_units", 5), ("affix_units", 5)],
)
def test_sizes_can_be_chosen(option, value):
    sizes = Vocabulary().fit(TOKENS).sizes
    usual, other = (
        RecurrentTagger(n_outputs=2, **sizes, **options)
        for options in ({}, {option: value})
    )
    count = [sum(p.numel() for p in net.parameters()) for net in (usual, other)]
    assert count[0] != count[1]
