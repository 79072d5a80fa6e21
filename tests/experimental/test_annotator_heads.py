"""Heads of annotators: offsets from what the network says, on its features."""

import numpy as np
import pytest
import torch

from skcrowd.experimental._annotator_heads import AnnotatorHeads

N_ANNOTATORS, N_CLASSES, N_FEATURES = 4, 3, 5


def random(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def make(n_answers=(2, 1, 4, 0), shrinkage=1.0):
    model = AnnotatorHeads(N_ANNOTATORS, N_CLASSES, np.array(n_answers), shrinkage)
    model.build(N_FEATURES)
    model.double()
    model.offset.data += random(*model.offset.shape)
    return model


def by_hand(model, log_truth, annotator, features):
    """Answers of one pair after another, (n_classes, n_pairs)."""
    columns = []
    for pair, r in enumerate(annotator.tolist()):
        own = model.offset[r].view(N_CLASSES, N_FEATURES + 1)
        scores = log_truth[:, pair] + own[:, :-1] @ features[pair] + own[:, -1]
        columns.append(scores.log_softmax(0))
    return torch.stack(columns, 1)


@pytest.fixture
def pairs():
    return (
        random(N_CLASSES, 6, seed=1).log_softmax(0),
        torch.tensor([0, 2, 2, 1, 3, 0]),
        random(6, N_FEATURES, seed=2),
    )


def test_a_head_adds_to_what_the_network_says(pairs):
    model = make()
    torch.testing.assert_close(model(*pairs), by_hand(model, *pairs))


def test_many_pairs_are_worked_off_in_parts(pairs, monkeypatch):
    model = make()
    expected = model(*pairs)
    monkeypatch.setattr("skcrowd.experimental._annotator_heads.NUMBERS_AT_ONCE", 40)
    torch.testing.assert_close(model(*pairs), expected)


def test_the_loss_holds_offsets_near_zero(pairs):
    model = make(shrinkage=3.0)
    log_truth, annotator, features = pairs
    item, answer = torch.arange(6), torch.tensor([0, 1, 2, 2, 1, 0])
    found = model.loss(log_truth, item, annotator, answer, features)
    likelihood = model.answer_log_likelihood(
        log_truth, item, annotator, answer, features
    )
    share = torch.tensor([1 / 2, 1, 1 / 4, 0], dtype=torch.float64)
    prior = 1.5 * (model.offset**2).sum(1) * share
    torch.testing.assert_close(found, prior[annotator] - likelihood)


def test_settled_heads_read_what_they_share_behind_the_features(pairs):
    model = make()
    log_truth, annotator, features = pairs
    expected = model(*pairs)
    model.finalize(np.full((N_ANNOTATORS, N_CLASSES, N_CLASSES), 1 / 3))
    shown = torch.cat([features, log_truth.t()], 1)
    torch.testing.assert_close(model(0 * log_truth, annotator, shown), expected)


def test_without_features_the_confusions_answer(pairs):
    model = make()
    confusion = np.random.default_rng(0).dirichlet(np.ones(3), (N_ANNOTATORS, 3))
    model.finalize(confusion)
    np.testing.assert_allclose(model.confusion(), confusion)
    log_truth, annotator, _ = pairs
    expected = np.einsum("in,nij->jn", log_truth.exp(), confusion[annotator])
    np.testing.assert_allclose(model(log_truth, annotator).exp(), expected)
    item, answer = torch.arange(6), torch.tensor([0, 1, 2, 2, 1, 0])
    found = model.answer_log_likelihood(log_truth, item, annotator, answer)
    np.testing.assert_allclose(found.exp(), expected[answer, item])


def test_large_tables_have_sparse_gradients(pairs, monkeypatch):
    monkeypatch.setattr("skcrowd.annotators._annotator_model.SPARSE_FROM", 1)
    model = make()
    log_truth, annotator, features = pairs
    item = torch.arange(6)
    model.loss(log_truth, item, annotator, item % 3, features).sum().backward()
    sparse = model.offset.grad
    assert sparse.is_sparse
    monkeypatch.undo()
    dense = make()
    dense.loss(log_truth, item, annotator, item % 3, features).sum().backward()
    torch.testing.assert_close(sparse.to_dense(), dense.offset.grad)


def test_no_pair_is_no_answer():
    model, nobody = make(), torch.zeros(0, dtype=torch.int64)
    shown = torch.zeros(3, 2).double(), torch.zeros(2, N_FEATURES).double()
    found = model.loss(shown[0], nobody, nobody, nobody, shown[1])
    assert found.shape == (0,)
