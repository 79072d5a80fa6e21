"""Hashes of answers that do not depend on the order of items and annotators."""

import numpy as np
import pytest
from scipy import stats

from skcrowd.annotations import Annotations
from skcrowd.annotations._answer_keys import answer_keys, uniform_of_keys


@pytest.mark.parametrize("seed", range(5))
def test_keys_move_with_items_and_annotators(seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(-1, 2, (30, 4))
    rows, columns = rng.permutation(30), rng.permutation(4)
    moved = y[rows][:, columns]
    first, second = (answer_keys(Annotations.from_dense(t)) for t in (y, moved))
    np.testing.assert_array_equal(first.annotators[columns], second.annotators)
    of_first = first.of_answers(Annotations.from_dense(y))
    of_second = second.of_answers(Annotations.from_dense(moved))
    # equal items are numbered by position
    np.testing.assert_array_equal(np.sort(of_first), np.sort(of_second))


def test_equal_items_and_annotators_have_keys_of_their_own():
    keys = answer_keys(Annotations.from_dense(np.ones((50, 6), dtype=int)))
    assert len(set(keys.items.tolist())) == 50
    assert len(set(keys.annotators.tolist())) == 6


def test_what_is_known_beside_the_answers():
    a = Annotations.from_dense([[0, 0], [1, 1], [0, 0]])
    gold, prior = np.array([-1, 1, 0]), np.array([0.9, 0.1])
    keys, alike = answer_keys(a, (gold,), (prior,)), answer_keys(a)
    assert keys.items[0] == keys.items[2]  # not one after the other, by position
    assert alike.items[0] != alike.items[2]
    assert keys.annotators[0] == keys.annotators[1]
    assert alike.annotators[0] != alike.annotators[1]


def test_units_and_details_do_not_matter():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 5, (20, 3)).astype(float)
    keys, other = (
        answer_keys(Annotations.from_dense(t, kind="numbers"))
        for t in (y, 30 - 1e3 * y)
    )
    np.testing.assert_array_equal(keys.items, other.items)
    labels = Annotations.from_dense(y)
    weighed = labels.with_details(weight=rng.random(60))
    keys, other = answer_keys(labels), answer_keys(weighed)
    np.testing.assert_array_equal(keys.annotators, other.annotators)


def test_uniform_numbers():
    keys = answer_keys(Annotations.from_dense(np.zeros((3000, 2), dtype=int))).items
    drawn = uniform_of_keys(keys, 3, 2)
    assert drawn.shape == (3000, 2)
    assert ((drawn > 0) & (drawn < 1)).all()
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 0.1
    assert stats.kstest(drawn.ravel(), "uniform").pvalue > 0.001
    assert not np.isclose(drawn, uniform_of_keys(keys, 4, 2)).any()
