"""The mixture of a common and an individual confusion, by hand."""

import numpy as np
import pytest
import torch
from _data import random_confusion, random_log_proba

from skcrowd.annotators._common_noise import CommonNoise

N_ANNOTATORS, N_CLASSES, N_ITEMS, N_UNITS = 4, 3, 6, 5


@pytest.fixture
def model():
    """A float64 model that knows features, with random tables and embeddings."""
    rng = np.random.default_rng(0)
    model = CommonNoise(
        N_ANNOTATORS,
        N_CLASSES,
        start=random_confusion(rng, N_ANNOTATORS, N_CLASSES),
        common_start=random_confusion(rng, 1, N_CLASSES)[0],
        n_embedding=2,
    )
    torch.manual_seed(0)
    model.build(N_UNITS)
    model.annotator_embedding.data.normal_(std=2)
    return model.double()


@pytest.fixture
def answers():
    """log p(truth), features; item, annotator and answer of ten pairs."""
    rng = np.random.default_rng(1)
    log_truth = torch.tensor(random_log_proba(rng, N_ITEMS, N_CLASSES).T)
    features = torch.tensor(rng.standard_normal((N_ITEMS, N_UNITS)))
    sizes = N_ITEMS, N_ANNOTATORS, N_CLASSES
    return log_truth, features, *(torch.tensor(rng.integers(0, n, 10)) for n in sizes)


def tables(model):
    """Both confusions, from the logits."""
    shape = N_ANNOTATORS, N_CLASSES, N_CLASSES
    own = model.individual.detach().reshape(shape).softmax(dim=2).numpy()
    common = model.common.detach().reshape(shape[1:]).softmax(dim=1).numpy()
    return common, own


def gate_of(model, features, annotator):
    """The gate of an item and an annotator."""
    embedded = model.item_embedding.detach().numpy() @ features.numpy()
    embedded = embedded / np.sqrt(1 + embedded @ embedded)
    logit = model.annotator_embedding.detach().numpy()[annotator] @ embedded
    return 1 / (1 + np.exp(-logit))


def by_hand(model, answers):
    common, own = tables(model)
    log_truth, features, *pairs = answers
    likelihoods = []
    for n, r, y in zip(*(values.tolist() for values in pairs), strict=True):
        gate = gate_of(model, features[n], r)
        mixed = gate * common + (1 - gate) * own[r]
        likelihoods.append(sum(log_truth[:, n].exp().numpy() * mixed[:, y]))
    return np.log(likelihoods)


def test_the_likelihood_is_that_of_the_mixture(model, answers):
    log_truth, features, *pairs = answers
    found = model.answer_log_likelihood(log_truth, *pairs, features=features)
    np.testing.assert_allclose(found.detach(), by_hand(model, answers), rtol=1e-12)


def test_forward_takes_features_pair_by_pair(model, answers):
    log_truth, features, item, annotator, answer = answers
    log_answer = model(log_truth[:, item], annotator, features=features[item])
    np.testing.assert_allclose(log_answer.exp().sum(dim=0).detach(), 1, rtol=1e-12)
    found = log_answer.gather(0, answer[None])[0].detach()
    np.testing.assert_allclose(found, by_hand(model, answers), rtol=1e-12)


def test_the_reward_is_the_distance_to_the_common_confusion(model, answers):
    log_truth, features, *pairs = answers
    model.distance_weight = 0.7
    common, own = tables(model)
    distance = np.sqrt(((own - common) ** 2).sum(axis=(1, 2)))
    expected = -by_hand(model, answers) - 0.7 * distance[pairs[1]]
    found = model.loss(log_truth, *pairs, features=features)
    np.testing.assert_allclose(found.detach(), expected, rtol=1e-12)


def test_the_reward_has_a_slope_where_both_confusions_are_the_same(answers):
    log_truth, features, *pairs = answers
    model = CommonNoise(N_ANNOTATORS, N_CLASSES, distance_weight=1.0).double()
    model.build(N_UNITS)
    model.double().loss(log_truth, *pairs, features=features).sum().backward()
    assert all(table.grad.isfinite().all() for table in model.parameters())


def test_without_features_the_gate_is_that_of_the_class(model):
    rng = np.random.default_rng(2)
    gate = rng.random((N_CLASSES, N_ANNOTATORS))
    model.gate.copy_(torch.tensor(gate))
    common, own = tables(model)
    opened = gate.T[:, :, None]
    expected = opened * common + (1 - opened) * own
    np.testing.assert_allclose(model.confusion(), expected, rtol=1e-12)


def test_every_gate_starts_half_open(answers):
    model = CommonNoise(N_ANNOTATORS, N_CLASSES)
    model.build(N_UNITS)
    logit = model.double().gate_logit(*answers[1:4])
    assert logit.shape == (1, 10)
    assert (logit == 0).all()


def test_features_of_any_size_keep_the_gate_in_bounds(model, answers):
    _, features, item, annotator, _ = answers
    bound = model.annotator_embedding.norm(dim=1)[annotator]
    for scale in (0, 1, 1e6):
        logit = model.gate_logit(scale * features, item, annotator)[0]
        assert (logit.abs() <= bound).all()
