"""Who answers what."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrowd.datasets import _assignment
from skcrowd.datasets._assignment import assign


def pairs(n_items, n_annotators, answers_per_item, workload="equal", seed=0):
    rng = np.random.RandomState(seed)
    return assign(n_items, n_annotators, answers_per_item, workload, rng)


@settings(deadline=None)
@given(
    n_items=st.integers(1, 30),
    n_annotators=st.integers(1, 60),
    share=st.floats(0, 1),
    workload=st.sampled_from(["equal", "zipf"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_answers_per_item_are_exact_and_distinct(
    n_items, n_annotators, share, workload, seed
):
    answers = max(1, round(share * n_annotators))
    item, annotator = pairs(n_items, n_annotators, answers, workload, seed)
    assert (np.bincount(item, minlength=n_items) == answers).all()
    assert ((annotator >= 0) & (annotator < n_annotators)).all()
    key = item * n_annotators + annotator
    assert (np.diff(key) > 0).all()  # sorted, and no pair twice


def test_everyone_answers_everything():
    item, annotator = pairs(3, 2, None)
    assert item.tolist() == [0, 0, 1, 1, 2, 2]
    assert annotator.tolist() == [0, 1, 0, 1, 0, 1]


def test_a_float_is_a_mean():
    item, _ = pairs(20_000, 50, 2.25)
    counts = np.bincount(item)
    assert set(counts) == {2, 3}
    assert counts.mean() == pytest.approx(2.25, abs=0.02)


def test_equal_workload_is_equal():
    _, annotator = pairs(40_000, 20, 3)
    share = np.bincount(annotator) / len(annotator)
    np.testing.assert_allclose(share, 1 / 20, atol=0.003)


def test_zipf_workload_is_steep():
    _, annotator = pairs(20_000, 1_000, 2, "zipf")
    counts = np.sort(np.bincount(annotator, minlength=1_000))[::-1]
    assert counts[:100].sum() > 0.5 * counts.sum()


def test_given_workload_sets_the_proportions():
    weights = np.array([4.0, 2.0, 1.0, 1.0])
    _, annotator = pairs(80_000, 4, 1, weights)
    share = np.bincount(annotator) / len(annotator)
    np.testing.assert_allclose(share, weights / 8, atol=0.006)


def test_both_ways_to_draw_have_the_same_distribution():
    weights = np.array([5.0, 3.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    share = [
        np.bincount(draw(60_000, 2, weights, np.random.RandomState(0)).ravel()) / 60_000
        for draw in (_assignment._draw_again, _assignment._draw_by_key)
    ]
    np.testing.assert_allclose(share[0], share[1], atol=0.01)


def test_one_annotator_may_do_nearly_all_of_the_work():
    weights = np.array([1e15] + [1.0] * 99)
    item, annotator = pairs(500, 100, 2, weights)
    assert (annotator[::2] == 0).all()
    assert len(np.unique(annotator[1::2])) > 90
    assert (np.bincount(item) == 2).all()


def test_blocks_cover_all_rows(monkeypatch):
    monkeypatch.setattr(_assignment, "BLOCK", 40)
    drawn = _assignment._draw_by_key(11, 7, np.ones(10), np.random.RandomState(0))
    assert drawn.shape == (11, 7)
    assert all(len(set(row)) == 7 for row in drawn.tolist())


@pytest.mark.parametrize("answers", [0, 0.5, -1, 6, 5.5, np.nan, "3", True])
def test_impossible_answers_per_item_are_refused(answers):
    with pytest.raises(ValueError, match=r"answers_per_item=.*from 1 to 5"):
        pairs(10, 5, answers)


@pytest.mark.parametrize(
    ("workload", "message"),
    [
        ("pareto", "Unknown workload 'pareto'.*'equal', 'zipf'"),
        ([1.0, 2.0], r"workload has shape \(2,\).*\(5,\)"),
        ([1, 1, 1, 1, 0], "workload holds 0.0"),
        ([1, 1, 1, 1, np.nan], "workload holds nan"),
        ([1, 1, 1, 1, np.inf], "workload holds inf"),
    ],
)
def test_wrong_workloads_are_refused(workload, message):
    with pytest.raises(ValueError, match=message):
        pairs(10, 5, 2, workload)


@pytest.mark.parametrize("workload", ["zipf", np.ones(5)])
def test_a_workload_without_effect_is_refused(workload):
    with pytest.raises(ValueError, match="changes nothing"):
        pairs(10, 5, None, workload)
