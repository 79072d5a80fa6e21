"""How much confusions are shrunk, by the likelihood of answers."""

import numpy as np
import pytest

from skcrowd.aggregation._learned_shrinkage import (
    OWN_COUNTS,
    CountsOfOthers,
    answer_center,
    without_item,
)

N_ITEMS, N_ANNOTATORS, N_CLASSES = 400, 8, 3


def simulate(accuracy, seed=0):
    """Draw all answers of annotators, and count them by the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(N_CLASSES, size=N_ITEMS)
    item = np.repeat(np.arange(N_ITEMS), N_ANNOTATORS)
    annotator = np.tile(np.arange(N_ANNOTATORS), N_ITEMS)
    wrong = (truth[item] + rng.integers(1, N_CLASSES, len(item))) % N_CLASSES
    is_right = rng.random(len(item)) < np.asarray(accuracy)[annotator]
    return item, annotator, np.where(is_right, truth[item], wrong), truth


def counted(accuracy):
    """Return the counts of others, of answers with a known truth."""
    item, annotator, answer, truth = simulate(accuracy)
    table = np.zeros((N_ANNOTATORS, N_CLASSES, N_CLASSES))
    np.add.at(table, (annotator, truth[item], answer), 1)
    own = np.eye(N_CLASSES)[truth[item]]
    crowd = table.sum(axis=0)
    return CountsOfOthers(
        own,
        table[annotator, :, answer] - own,
        table.sum(axis=2)[annotator] - own,
        *without_item(crowd, item, answer, own, np.ones(len(item))),
        answer_center(crowd, answer),
    )


def test_annotators_who_are_alike_are_shrunk_most():
    alike = counted(np.full(N_ANNOTATORS, 0.7)).likely_counts()[1]
    different = counted(np.linspace(0.35, 0.99, N_ANNOTATORS)).likely_counts()[1]
    assert alike >= 128
    assert different <= 32


def test_the_counts_are_those_of_the_largest_likelihood():
    counts = counted(np.linspace(0.5, 0.9, N_ANNOTATORS))
    crowd, own = counts.likely_counts()
    likelihood = {
        n: (counts.posterior * np.log(counts.probability(crowd, n))).sum()
        for n in OWN_COUNTS
    }
    assert own == max(likelihood, key=likelihood.get)


def test_an_item_is_left_out_of_the_crowd():
    rng = np.random.default_rng(0)
    item, answer = np.array([0, 0, 0, 1, 1]), np.array([2, 2, 1, 0, 2])
    number = np.array([1.0, 0.5, 1.0, 2.0, 1.0])
    truth = rng.dirichlet(np.ones(N_CLASSES), 2)
    crowd, rest = np.zeros((3, 3)), np.zeros((2, 3, 3))
    for n, k, many in zip(item, answer, number, strict=True):
        crowd[:, k] += many * truth[n]
        rest[1 - n][:, k] += many * truth[n]
    count, total = without_item(crowd, item, answer, truth[item], number)
    for row, (n, k) in enumerate(zip(item, answer, strict=True)):
        assert count[row] == pytest.approx(rest[n][:, k], abs=1e-12)
        assert total[row] == pytest.approx(rest[n].sum(axis=1), abs=1e-12)


def test_the_center_has_the_accuracy_of_the_crowd():
    crowd = np.array([[80.0, 10, 10], [5, 90, 5], [15, 15, 70]])
    center = answer_center(crowd, np.array([0, 2]))
    assert center[0, 0] == center[1, 2] == pytest.approx(0.8, abs=0.001)
    assert center[0, 1] == center[1, 0] == pytest.approx(0.1, abs=0.001)


def test_without_counts_it_is_the_center():
    none = np.zeros((1, N_CLASSES))
    center = np.array([[0.8, 0.1, 0.1]])
    counts = CountsOfOthers(none, none, none, none, none, center)
    np.testing.assert_allclose(counts.probability(1, 4), center)
