"""Regression of an annotator's ratings on the truth as the others show it."""

import numpy as np
import pytest

from skcrowd.aggregation import rating_posterior
from skcrowd.aggregation._own_influence import (
    calibrated_prior,
    rating_mean,
    without_own_influence,
)
from skcrowd.aggregation._rating_regression import (
    VAR,
    XX,
    XY,
    YY,
    N,
    X,
    Y,
    add_regressions,
    rating_regressions,
)
from skcrowd.annotations import check_annotations

N_ITEMS = 40


@pytest.fixture
def case():
    """Ratings, parameters of the annotators, and a prior of the truth."""
    rng = np.random.default_rng(0)
    y = rng.standard_normal((N_ITEMS, 4))
    y[rng.random(y.shape) < 0.3] = np.nan
    y[:, 0] = np.where(np.isnan(y[:, 0]), 0.0, y[:, 0])
    parameters = np.array([1.0, 0.5, -1, 2]), np.arange(4) / 4, np.array([1.0, 2, 1, 3])
    return y, parameters, rng.standard_normal(N_ITEMS)


def regressions(y, parameters, prior, weight=None, **options):
    weight = np.ones(len(y)) if weight is None else weight
    annotations = check_annotations(y, kind="numbers")
    options = {"prior_df": 10, "sample_weight": weight, **options}
    return rating_regressions(annotations, parameters, prior, 0.5, **options)


def test_the_truth_is_that_of_the_others(case):
    y, parameters, prior = case
    for r in range(4):
        others = y.copy()
        others[:, r] = np.nan
        annotations = check_annotations(others, kind="numbers")
        mean, var = rating_posterior(annotations, parameters, prior, 0.5)
        rated = ~np.isnan(y[:, r])
        weight = 1 / (parameters[2][r] + parameters[0][r] ** 2 * var[rated])
        weight = weight / weight.mean()
        x, z = mean[rated], y[rated, r]
        dx = x - np.average(x, weights=weight)
        dz = z - np.average(z, weights=weight)
        expected = {
            N: rated.sum(),
            X: np.average(x, weights=weight),
            Y: np.average(z, weights=weight),
            XX: weight @ dx**2,
            XY: weight @ (dx * dz),
            YY: weight @ dz**2,
            VAR: np.average(var[rated], weights=weight),
        }
        found = regressions(y, parameters, prior)[r]
        for column, value in expected.items():
            assert found[column] == pytest.approx(value), column


def test_a_rating_does_not_change_what_it_is_compared_with(case):
    y, parameters, prior = case
    other = y.copy()
    other[:, 0] += 100
    before, after = (
        regressions(ratings, parameters, prior)[0] for ratings in (y, other)
    )
    assert after[[X, XX, VAR]] == pytest.approx(before[[X, XX, VAR]])
    assert after[Y] == pytest.approx(before[Y] + 100)


def test_weights_are_repetition(case):
    y, parameters, prior = case
    weight = np.random.default_rng(1).integers(0, 3, N_ITEMS)
    weighted = regressions(y, parameters, prior, weight.astype(float))
    repeated = regressions(
        np.repeat(y, weight, 0), parameters, np.repeat(prior, weight)
    )
    assert weighted == pytest.approx(repeated)


def test_a_known_truth_is_compared_with_itself(case):
    y, parameters, prior = case
    truth = np.arange(N_ITEMS, dtype=float)
    found = regressions(y, parameters, prior, truth=truth)
    for r in range(4):
        x = truth[~np.isnan(y[:, r])]
        assert found[r, [X, XX]] == pytest.approx([x.mean(), x.var() * len(x)])
    assert (found[:, VAR:] == 0).all()


def test_statistics_of_parts_add_up(case):
    y, parameters, prior = case
    truth = np.arange(N_ITEMS, dtype=float)  # so that weights do not depend on parts
    parts = [
        regressions(y[part], parameters, prior[part], truth=truth[part])
        for part in (slice(15), slice(15, None))
    ]
    whole = regressions(y, parameters, prior, truth=truth)
    assert add_regressions(*parts) == pytest.approx(whole)
    nothing = np.zeros_like(whole)
    assert add_regressions(nothing, whole) == pytest.approx(whole)


def network_with_leverage(leverage, seed=0, n_items=4000):
    """Truth, ratings' mean, their precision, and predictions with and without them."""
    rng = np.random.default_rng(seed)
    truth = rng.standard_normal(n_items)
    precision = rng.choice([1.0, 2.0, 4.0], n_items)
    mean = truth + rng.standard_normal(n_items) / np.sqrt(precision)
    unseen = truth + 0.7 * rng.standard_normal(n_items)
    residual_var = np.mean((truth - unseen) ** 2)
    pull = precision / (precision + 1 / residual_var)
    # p = (1 - h) p' + h T with T = p + g (z - p)
    seen = unseen + leverage * pull / (1 - leverage + leverage * pull) * (mean - unseen)
    return truth, mean, precision, unseen, seen, residual_var


def test_the_influence_of_own_ratings_is_taken_off():
    truth, mean, precision, unseen, seen, var = network_with_leverage(0.4)
    weight = np.ones(len(truth))
    found = without_own_influence(seen, mean, precision, var, weight)
    assert np.std(seen - truth) < 0.9 * np.std(unseen - truth)
    assert np.std(found - unseen) < 0.1 * np.std(seen - unseen)
    untrained = without_own_influence(seen, mean, precision, var, 0 * weight)
    np.testing.assert_array_equal(untrained, seen)


def test_a_network_that_has_not_overfitted_is_left_alone():
    truth, mean, precision, unseen, _, var = network_with_leverage(0.0)
    found = without_own_influence(
        unseen, mean, precision, 0.9 * var, np.ones(len(truth))
    )
    np.testing.assert_array_equal(found, unseen)


def test_predictions_that_spread_too_widely_are_shrunk():
    truth, mean, precision, unseen, _, var = network_with_leverage(0.0)
    prior, prior_var = calibrated_prior(
        unseen, mean, precision, var, np.ones(len(truth))
    )
    slope = 1 / (1 + 0.7**2)
    assert np.polyfit(unseen, prior, 1)[0] == pytest.approx(slope, rel=0.05)
    assert prior_var == pytest.approx(np.mean((truth - prior) ** 2), rel=0.05)


def test_the_mean_of_ratings_is_weighted_by_precision():
    annotations = check_annotations([[1.0, 5.0], [np.nan, 3.0]], kind="numbers")
    parameters = np.array([1.0, 2.0]), np.array([0.0, 1.0]), np.array([1.0, 4.0])
    mean, precision = rating_mean(annotations, parameters)
    assert precision == pytest.approx([2.0, 1.0])
    assert mean == pytest.approx([1.5, 1.0])
