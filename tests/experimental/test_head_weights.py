"""The weights of an average, by likelihood."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import softmax

from skcrowd.experimental._head_weights import most_likely_weights


def context(n_heads=3, n_items=40, seed=0):
    rng = np.random.default_rng(seed)
    answers = rng.dirichlet(np.ones(2), (n_heads, n_items)).transpose(0, 2, 1)
    return rng, answers, rng.random((n_heads, n_items)) < 0.7


def test_two_heads_by_hand():
    rng, answers, may_vote = context(2)
    target, weight = rng.dirichlet(np.ones(2), 40), rng.uniform(0.5, 2, 40)
    found = most_likely_weights(answers, may_vote, target, weight, 0.5)

    def loss(log_odds):
        logs = np.array([log_odds, -log_odds])
        weights, value = softmax(logs), 0.25 * logs @ logs
        for n in np.flatnonzero(may_vote.any(axis=0)):
            allowed = weights * may_vote[:, n]
            average = allowed @ answers[:, :, n] / allowed.sum()
            value -= weight[n] * target[n] @ np.log(average)
        return value

    best = minimize_scalar(loss, bounds=(-10, 10), method="bounded").x
    np.testing.assert_allclose(found, softmax([best, -best]), atol=1e-4)


def test_the_head_that_is_right_counts_most():
    rng, answers, may_vote = context()
    target = np.eye(2)[rng.integers(0, 2, 40)]
    answers[1] = 0.9 * target.T + 0.05
    weights = most_likely_weights(answers, may_vote, target, np.ones(40), 0.1)
    assert weights[1] > 0.8
    np.testing.assert_allclose(weights.sum(), 1)


def test_where_nobody_may_vote_all_count_alike():
    _, answers, may_vote = context()
    target = np.full((40, 2), 0.5)
    weights = most_likely_weights(answers, may_vote & False, target, np.ones(40), 1.0)
    np.testing.assert_allclose(weights, 1 / 3)


def test_items_of_no_weight_and_heads_that_may_not_vote_are_nothing():
    rng, answers, may_vote = context()
    target, weight = rng.dirichlet(np.ones(2), 40), np.arange(40.0) % 3
    found = most_likely_weights(answers, may_vote, target, weight, 1.0)
    answers = np.where(may_vote[:, None], answers, 0.123)
    kept = weight > 0
    again = most_likely_weights(
        answers[:, :, kept], may_vote[:, kept], target[kept], weight[kept], 1.0
    )
    np.testing.assert_allclose(found, again)


def test_one_head_is_all():
    rng, answers, may_vote = context(1)
    target = rng.dirichlet(np.ones(2), 40)
    weights = most_likely_weights(answers, may_vote, target, np.ones(40), 1.0)
    assert weights.tolist() == [1]
