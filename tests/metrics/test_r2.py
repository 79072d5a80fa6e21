"""R² stays finite, and is scikit-learn's wherever numbers vary."""

import numpy as np
import pytest
from sklearn.metrics import r2_score

from skcrowd.metrics._r2 import r2_of_numbers, weighted_r2

ONES = np.ones(7)


@pytest.mark.parametrize("size", [1e-310, 1e-200, 1.0, 1e150, 1e307])
def test_it_is_that_of_scikit_learn(size):
    rng = np.random.default_rng(0)
    true, pred, weight = rng.normal(size=(3, 7))
    expected = r2_score(true, pred, sample_weight=np.abs(weight))
    found = weighted_r2(size * true, size * pred, np.abs(weight))
    assert found == pytest.approx(expected, rel=1e-3 if size < 1e-300 else 1e-12)


@pytest.mark.parametrize("value", [0.0, 0.1, -0.3, 3.0, 1e-300, 1e300])
def test_numbers_that_do_not_vary(value):
    true = np.full(7, value)
    exact = true * (1 + np.finfo(float).eps)
    weight = np.linspace(0.1, 0.7, 7)
    assert weighted_r2(true, exact, weight) == 1.0
    assert weighted_r2(exact, true, weight) == 1.0
    wrong = true.copy()
    wrong[3] += abs(value) * 1e-6 or 1e-300
    assert weighted_r2(true, wrong, weight) == 0.0


def test_rounding_is_no_variance():
    true = np.array([0.1 + 0.2, 0.3, 0.3])
    assert r2_score(true, true + 1) < -1e20
    assert weighted_r2(true, true + 1, np.ones(3)) == 0.0


def test_small_variance_is_variance():
    true = 1 + 1e-9 * np.arange(7.0)
    assert weighted_r2(true, true, ONES) == 1.0
    assert weighted_r2(true, true[::-1], ONES) == pytest.approx(-3.0, rel=1e-6)


def test_weights_of_zero_do_not_vary():
    true = np.array([5.0, 5.0, 1.0])
    assert weighted_r2(true, np.array([5.0, 5.0, 2.0]), np.array([1.0, 2.0, 0.0])) == 1


def test_far_too_large_is_finite():
    true = 1e-300 * np.arange(7.0)
    assert np.isfinite(weighted_r2(true, np.full(7, 1e300), ONES))


@pytest.mark.parametrize(
    ("y", "weight", "told"),
    [
        ([1.0, np.nan], None, "NaN"),
        ([1.0, 2.0, 3.0], None, "inconsistent numbers"),
        ([1.0, 2.0], [0.0, 0.0], "(?i)sample.weight"),
    ],
)
def test_what_cannot_be_scored(y, weight, told):
    with pytest.raises(ValueError, match=told):
        r2_of_numbers(y, np.ones(2), weight)
