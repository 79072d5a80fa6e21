"""The f-mutual information gain, against a double loop in float64."""

import math

import numpy as np
import pytest
import torch
from _data import random_log_proba

from skcrowd.training import DIVERGENCES
from skcrowd.training._f_information import information_gain

# ∂f(K) and f*(∂f(K)), as Cao et al. (2019) list them.
BY_HAND = {
    "kl": (lambda k: 1 + math.log(k), lambda k: k),
    "pearson": (lambda k: 2 * (k - 1), lambda k: k**2 - 1),
    "jensen_shannon": (
        lambda k: math.log(2 * k / (1 + k)),
        lambda k: -math.log(2 / (1 + k)),
    ),
    "squared_hellinger": (lambda k: 1 - k**-0.5, lambda k: k**0.5 - 1),
    "reverse_kl": (lambda k: -1 / k, lambda k: -1 + math.log(k)),
    "total_variation": (
        lambda k: math.copysign(0.5, k - 1),
        lambda k: math.copysign(0.5, k - 1),
    ),
}
PRIOR = np.array([0.5, 0.3, 0.2])

each_divergence = pytest.mark.parametrize("divergence", DIVERGENCES)


def opinions(n_items, seed=0):
    """Log-probabilities by two classifiers, (n_items, 3) each."""
    rng = np.random.default_rng(seed)
    return tuple(random_log_proba(rng, n_items, 3) for _ in range(2))


def by_loop(log_h, log_g, divergence):
    joint, product = BY_HAND[divergence]
    n_items = len(log_h)
    same, different = 0.0, 0.0
    for i in range(n_items):
        for j in range(n_items):
            ratio = sum(np.exp(log_h[i] + log_g[j]) / PRIOR)
            if i == j:
                same += joint(ratio)
            else:
                different += product(ratio)
    return same / n_items - different / (n_items * (n_items - 1))


def gain(log_h, log_g, divergence, repeats=None):
    tensors = (torch.as_tensor(v.T) for v in (log_h, log_g))
    repeats = None if repeats is None else torch.as_tensor(repeats)
    return information_gain(*tensors, torch.as_tensor(PRIOR), divergence, repeats)


def test_all_divergences_are_tested():
    assert set(BY_HAND) == set(DIVERGENCES)


@each_divergence
@pytest.mark.parametrize("n_items", [2, 3, 17])
def test_it_is_what_a_double_loop_finds(divergence, n_items):
    both = opinions(n_items)
    found = gain(*both, divergence).item()
    assert found == pytest.approx(by_loop(*both, divergence), rel=1e-12)


@each_divergence
def test_repeats_are_repetitions(divergence):
    both, repeats = opinions(6), np.array([1, 3, 1, 2, 5, 1])
    repeated = [np.repeat(v, repeats, axis=0) for v in both]
    found = gain(*both, divergence, repeats).item()
    assert found == pytest.approx(by_loop(*repeated, divergence), rel=1e-12)
    assert found != pytest.approx(by_loop(*both, divergence), rel=1e-6)


@each_divergence
def test_a_repeat_of_zero_is_removal(divergence):
    both = opinions(4)
    found = gain(*both, divergence, np.array([1, 1, 0, 1])).item()
    without = [np.delete(v, 2, axis=0) for v in both]
    assert found == pytest.approx(by_loop(*without, divergence), rel=1e-12)


@each_divergence
def test_a_single_item_has_no_pair(divergence):
    log_h, log_g = (torch.as_tensor(v.T).requires_grad_() for v in opinions(1))
    found = information_gain(log_h, log_g, torch.as_tensor(PRIOR), divergence)
    assert found.item() == 0
    found.backward()
    assert (log_h.grad == 0).all()


@each_divergence
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gradients_are_finite_where_opinions_are_certain(divergence, dtype):
    scores = 100 * torch.eye(3, dtype=dtype)[:, [0, 1, 2, 0]]
    scores.requires_grad_()
    log_g = (100 * torch.eye(3, dtype=dtype)[:, [0, 2, 1, 0]]).log_softmax(dim=0)
    prior = torch.as_tensor(PRIOR, dtype=dtype)
    information_gain(scores.log_softmax(dim=0), log_g, prior, divergence).backward()
    assert scores.grad.isfinite().all()


@each_divergence
def test_a_step_along_the_gradient_gains(divergence):
    log_h, log_g = (torch.as_tensor(v.T) for v in opinions(30))
    scores, prior = log_h.clone().requires_grad_(), torch.as_tensor(PRIOR)

    def smooth_gain(scores):
        return information_gain(scores.log_softmax(dim=0), log_g, prior, divergence)

    before = smooth_gain(scores)
    before.backward()
    after = smooth_gain(scores.detach() + scores.grad / scores.grad.norm())
    assert after > before
