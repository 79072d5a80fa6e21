"""One pass over blocks of items does both steps of EM."""

import numpy as np
import pytest

from skcrowd.aggregation import AnswerCounts, _item_blocks, dawid_skene
from skcrowd.aggregation._item_blocks import ItemBlocks
from skcrowd.datasets import make_annotations


@pytest.fixture
def crowd():
    truth = np.arange(500) % 4
    drawn = make_annotations(truth, {"average": 12}, answers_per_item=3, random_state=0)
    return drawn.annotations


def random_posterior(n_items, n_classes):
    return np.random.default_rng(0).dirichlet(np.ones(n_classes), n_items)


@pytest.mark.parametrize("n_items", [7, 2**14])
def test_sums_and_update_equal_products_with_the_whole(crowd, monkeypatch, n_items):
    monkeypatch.setattr(_item_blocks, "ITEMS", n_items)
    counts, blocks = AnswerCounts(crowd), ItemBlocks.of(crowd)
    assert (len(blocks.blocks) > 8) == (n_items == 7)
    np.testing.assert_array_equal(blocks.votes(), counts.per_item())
    posterior = random_posterior(500, 4)
    weight = np.random.default_rng(1).uniform(0, 2, 500)
    weight[::7] = 0
    sums = blocks.sums(posterior, weight)
    np.testing.assert_allclose(sums.counts, counts.expected_counts(posterior, weight))
    np.testing.assert_allclose(sums.classes, weight @ posterior)
    confusion = np.random.default_rng(2).dirichlet(np.ones(4), (12, 4))
    prior, before = np.full(4, 0.25), posterior.copy()
    gold = np.where(np.arange(500) % 9, -1, 2)
    updated = blocks.update(posterior, confusion, prior, weight, gold)
    joint = np.log(prior) + counts.log_likelihood(confusion)
    expected = np.exp(joint) / np.exp(joint).sum(axis=1, keepdims=True)
    expected[::9] = np.eye(4)[2]
    np.testing.assert_allclose(posterior, expected)
    change = weight @ np.abs(expected - before).mean(axis=1)
    assert updated.change == pytest.approx(change)
    evidence = weight @ np.log(np.exp(joint).sum(axis=1))
    assert updated.log_likelihood == pytest.approx(evidence)
    expected = counts.expected_counts(posterior, weight)
    np.testing.assert_allclose(updated.counts, expected)


def test_the_number_of_threads_changes_no_bit(crowd, monkeypatch):
    monkeypatch.setattr(_item_blocks, "ITEMS", 13)
    results = []
    for n_threads in ("1", "3"):
        monkeypatch.setenv("OMP_NUM_THREADS", n_threads)
        results.append(dawid_skene(crowd, max_iter=20, tol=0))
    np.testing.assert_array_equal(results[0].posterior, results[1].posterior)
    np.testing.assert_array_equal(results[0].confusion, results[1].confusion)


def test_single_precision(crowd):
    double, single = dawid_skene(crowd), dawid_skene(crowd, dtype=np.float32)
    assert single.posterior.dtype == np.float32
    assert double.posterior.dtype == np.float64
    np.testing.assert_allclose(single.posterior, double.posterior, atol=1e-4)
