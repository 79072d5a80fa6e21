"""The classifier of the answers."""

import numpy as np
import torch
from _data import random_confusion, random_log_proba

from skcrowd.annotators._weighted_aggregator import WeightedAggregator

N_ANNOTATORS, N_CLASSES = 4, 3
CONFUSION = random_confusion(np.random.default_rng(0), N_ANNOTATORS, N_CLASSES)
CONFUSION = CONFUSION.clip(0.01) / CONFUSION.clip(0.01).sum(axis=2, keepdims=True)
PRIOR = np.array([0.5, 0.3, 0.2])
ANSWERS = [[(0, 1), (2, 0)], [], [(1, 2)], [(0, 0), (1, 0), (2, 1), (3, 2)]]
TRIPLES = torch.tensor([(n, *pair) for n, got in enumerate(ANSWERS) for pair in got]).T


def test_starts_as_bayes_rule():
    model = WeightedAggregator(CONFUSION, PRIOR).double()
    found = model.aggregate(*TRIPLES, len(ANSWERS)).exp().detach().numpy()
    for n, got in enumerate(ANSWERS):
        joint = PRIOR * np.prod([CONFUSION[r, :, y] for r, y in got], axis=0)
        np.testing.assert_allclose(found[:, n], joint / joint.sum(), rtol=1e-5)


def test_the_weights_of_the_answers_given_are_summed():
    model = WeightedAggregator(CONFUSION, PRIOR).double()
    torch.manual_seed(0)
    model.weight.data.normal_()
    weight = model.weight.detach().numpy().reshape(N_ANNOTATORS, N_CLASSES, N_CLASSES)
    found = model.aggregate(*TRIPLES, len(ANSWERS)).exp().detach().numpy()
    for n, got in enumerate(ANSWERS):
        joint = PRIOR * np.exp(sum(weight[r, y] for r, y in got))
        np.testing.assert_allclose(found[:, n], joint / joint.sum(), rtol=1e-6)


def test_answers_cost_nothing_in_training_and_are_judged_by_the_confusions():
    model = WeightedAggregator(CONFUSION, PRIOR).double()
    log_truth = torch.tensor(random_log_proba(np.random.default_rng(1), 4, N_CLASSES).T)
    assert model.loss(log_truth, *TRIPLES).tolist() == [0] * TRIPLES.shape[1]
    other = random_confusion(np.random.default_rng(2), N_ANNOTATORS, N_CLASSES)
    model.replace(other)
    np.testing.assert_allclose(model.confusion(), other, rtol=1e-12)
    expected = [
        np.log(log_truth[:, n].exp().numpy() @ other[r][:, y])
        for n, r, y in TRIPLES.T.tolist()
    ]
    found = model.answer_log_likelihood(log_truth, *TRIPLES)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
