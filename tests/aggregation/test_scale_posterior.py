"""Posterior of classes that are parts of a scale."""

import numpy as np
import pytest
from scipy.special import log_softmax

from skcrowd.aggregation import AnswerCounts
from skcrowd.aggregation._scale_posterior import PLACES, scale_posterior
from skcrowd.annotations import Annotations

N_CLASSES = 4
RANKS = np.arange(N_CLASSES)


@pytest.fixture
def parts():
    """Return answers of three annotators to six items, predictions and confusions."""
    rng = np.random.default_rng(0)
    y = rng.integers(-1, N_CLASSES, size=(6, 3))
    y[0] = -1
    log_truth = log_softmax(rng.normal(size=(6, N_CLASSES)), axis=1)
    return y, log_truth, rng.dirichlet(np.ones(N_CLASSES), size=(3, N_CLASSES))


def counted(y):
    return AnswerCounts(Annotations.from_dense(y, classes=RANKS))


def at_place(log_confusion, k, place):
    """Return the log-probabilities of the answers of a truth near class k."""
    other = k + 1 if place > 0 else k - 1
    if 0 <= other < N_CLASSES:
        moved = log_confusion[k] + abs(place) * (
            log_confusion[other] - log_confusion[k]
        )
    else:
        inner = min(max(k, 1), N_CLASSES - 2)
        inner = inner if k != inner else k
        moved = log_confusion[k] + abs(place) * (
            log_confusion[k] - log_confusion[inner]
        )
    return log_softmax(moved)


def test_it_is_the_sum_over_places_in_each_class(parts):
    y, log_truth, confusion = parts
    expected = np.zeros_like(log_truth)
    for n in range(len(y)):
        for k in range(N_CLASSES):
            low, high = max(k - 1, 0), min(k + 1, N_CLASSES - 1)
            slope = (log_truth[n, high] - log_truth[n, low]) / (high - low)
            shares = np.exp(slope * np.array(PLACES))
            shares /= shares.sum()
            for share, place in zip(shares, PLACES, strict=True):
                joint = share * np.exp(log_truth[n, k])
                for r in np.flatnonzero(y[n] >= 0):
                    answers = at_place(np.log(confusion[r]), k, place)
                    joint *= np.exp(answers[y[n, r]])
                expected[n, k] += joint
    expected /= expected.sum(axis=1, keepdims=True)
    found = scale_posterior(counted(y), log_truth, confusion, RANKS)
    np.testing.assert_allclose(found, expected)


def test_without_answers_it_is_the_prediction(parts):
    y, log_truth, confusion = parts
    found = scale_posterior(counted(y), log_truth, confusion, RANKS)
    np.testing.assert_allclose(found[0], np.exp(log_truth[0]))


def test_the_reverse_scale_and_other_codes_give_the_same(parts):
    y, log_truth, confusion = parts
    expected = scale_posterior(counted(y), log_truth, confusion, RANKS)
    reverse = scale_posterior(
        counted(np.where(y < 0, y, N_CLASSES - 1 - y)),
        log_truth[:, ::-1],
        confusion[:, ::-1, ::-1],
        RANKS,
    )
    np.testing.assert_allclose(reverse[:, ::-1], expected)
    ranks = np.array([2, 0, 3, 1])  # of the codes
    codes = np.argsort(ranks)
    other = scale_posterior(
        counted(np.where(y < 0, y, codes[y])),
        log_truth[:, ranks],
        confusion[:, ranks][:, :, ranks],
        ranks,
    )
    np.testing.assert_allclose(other, expected[:, ranks])


def test_answers_of_weight_zero_do_not_count(parts):
    y, log_truth, confusion = parts
    counts = counted(y)
    weight = np.zeros(np.count_nonzero(y >= 0))
    found = scale_posterior(counts, log_truth, confusion, RANKS, weight)
    np.testing.assert_allclose(found, np.exp(log_truth))


def test_what_is_between_two_classes_is_less_certain_than_by_independent_errors():
    confusion = np.full((40, N_CLASSES, N_CLASSES), 0.02)
    confusion[:, RANKS, RANKS] = 0.7
    confusion[:, RANKS[1:], RANKS[:-1]] = 0.2
    confusion[:, RANKS[:-1], RANKS[1:]] = 0.2
    confusion /= confusion.sum(axis=2, keepdims=True)
    y = np.full((1, 40), 1)
    y[0, :17] = 2
    log_truth = np.full((1, N_CLASSES), -np.log(N_CLASSES))
    counts = counted(y)
    found = scale_posterior(counts, log_truth, confusion, RANKS)
    independent = np.exp(log_softmax(counts.log_likelihood(confusion), axis=1))
    assert found[0, 1] > found[0, 2]
    assert found[0, 2] > 2 * independent[0, 2]


def test_a_class_that_is_impossible_stays_so(parts):
    y, log_truth, confusion = parts
    log_truth[:, 0] = -np.inf
    found = scale_posterior(counted(y), log_truth, confusion, RANKS)
    assert (found[:, 0] == 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1)
