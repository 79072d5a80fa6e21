"""Max-MIG: the gain of a batch, its weights, and the class prior."""

import numpy as np
import pytest
import torch
from _data import blobs, crowd, random_confusion, random_log_proba, small, whole

from skcrowd import CrowdClassifier
from skcrowd.annotators._weighted_aggregator import WeightedAggregator
from skcrowd.methods import MaxMIG
from skcrowd.methods._max_mig import _MinusGain
from skcrowd.training import DIVERGENCES
from skcrowd.training._f_information import information_gain

N_CLASSES, PRIOR = 3, np.array([0.5, 0.3, 0.2])
ITEM, ANNOTATOR, ANSWER = torch.tensor([[0, 0, 2, 3], [0, 1, 1, 0], [2, 0, 1, 1]])
rng = np.random.default_rng(0)
LOG_TRUTH = torch.tensor(random_log_proba(rng, 4, N_CLASSES).T)
AGGREGATOR = WeightedAggregator(random_confusion(rng, 2, N_CLASSES), PRIOR).double()


def batch(rows, weight, **beside):
    """Some of the items, each with its answers."""
    pairs = [
        (place, ANNOTATOR[k], ANSWER[k])
        for place, n in enumerate(rows)
        for k in np.flatnonzero(n == ITEM)
    ]
    item, annotator, answer = torch.tensor(pairs).T
    answers = {"item": item, "annotator": annotator, "answer": answer}
    return LOG_TRUTH[:, rows], answers | {"item_weight": torch.tensor(weight)} | beside


@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_a_weight_of_two_is_the_item_twice(divergence):
    loss = _MinusGain(divergence)
    twice = loss(*batch([0, 2, 2, 3], 1.0), AGGREGATOR)
    beside = {"repeats": torch.tensor([1.0, 2.0, 1.0])}
    weight = [0.75, 1.5, 0.75]
    once = loss(*batch([0, 2, 3], weight, **beside), AGGREGATOR)
    torch.testing.assert_close(once, twice)


def test_items_without_answers_are_left_out():
    weight = [1.0, 0.0, 1.0, 1.0]
    among = _MinusGain("kl")(*batch([0, 1, 2, 3], weight, n_rows=3), AGGREGATOR)
    alone = _MinusGain("kl")(*batch([0, 2, 3], 1.0), AGGREGATOR)
    torch.testing.assert_close(among, alone)


def test_the_loss_is_minus_the_gain():
    log_aggregate = AGGREGATOR.aggregate(ITEM, ANNOTATOR, ANSWER, 4)
    rows = [0, 2, 3]
    prior = torch.tensor(PRIOR)
    gain = information_gain(LOG_TRUTH[:, rows], log_aggregate[:, rows], prior)
    loss = _MinusGain("kl")(*batch(rows, 1.0), AGGREGATOR)
    torch.testing.assert_close(loss, -gain)


@pytest.fixture(scope="module")
def uneven():
    """Three classes of unequal shares, and a crowd of average annotators."""
    X, truth = blobs(400, seed=3)
    kept = (truth == 0) | (np.arange(400) % 4 == 0)
    simulation = crowd(truth[kept], {"average": 6}, answers_per_item=2)
    return X[kept].astype(np.float32), truth[kept], simulation.annotations


@pytest.mark.parametrize("divergence", DIVERGENCES)
def test_every_divergence_learns(divergence, uneven):
    X, truth, answers = uneven
    method = MaxMIG(divergence=divergence)
    clf = CrowdClassifier(method=method, max_epochs=20, lr=1e-2, random_state=0)
    assert clf.fit(X, answers).score(X, truth) > 0.95


def prior_after(class_prior, uneven):
    X, _, answers = uneven
    clf = small(MaxMIG(class_prior=class_prior, warm_epochs=1)).fit(X, answers)
    return clf.net_.criterion_.annotators.log_prior.exp().numpy()


def test_the_prior_is_given_or_found(uneven):
    shares = np.bincount(uneven[1]) / len(uneven[1])
    np.testing.assert_allclose(prior_after("uniform", uneven), 1 / 3, rtol=1e-5)
    np.testing.assert_allclose(
        prior_after([5, 3, 2], uneven), [0.5, 0.3, 0.2], rtol=1e-5
    )
    votes = prior_after("vote", uneven)
    updated = prior_after("update", uneven)
    assert np.abs(updated - shares).max() < np.abs(votes - shares).max()


def test_the_truth_is_network_times_aggregator_over_prior(uneven):
    X, _, answers = uneven
    clf = whole("max_mig").fit(X.astype(np.float64), answers)
    aggregator = clf.net_.criterion_.annotators
    pairs = (answers.item, answers.annotator, answers.answer)
    with torch.no_grad():
        given = aggregator.aggregate(*map(torch.tensor, pairs), len(X)).exp().numpy()
    joint = clf.predict_proba(X) * given.T / aggregator.log_prior.exp().numpy()
    expected = joint / joint.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(clf.posterior_, expected, atol=1e-9)
