"""Ratings: the posterior of the truth, and what the answers tell of each annotator."""

import numpy as np
import pytest
from _data import rated
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from skcrowd import Annotations
from skcrowd.aggregation import (
    RatingParameters,
    apply_identifiability_constraint,
    fit_rating_parameters,
    rating_posterior,
)
from skcrowd.aggregation._rating_parameters import fit_noise

PARAMETERS = np.array(  # scale, bias, noise_std
    [[1.0, 0.5, 0.3], [0.7, -0.5, 0.6], [1.4, 1.0, 1.0], [1.0, -0.8, 0.2]]
)


def crowd_of(n_items=3000, answers_per_item=None, parameters=PARAMETERS):
    """Truth and the answers of given annotators."""
    _, truth, simulation = rated(n_items, parameters, answers_per_item)
    return truth, simulation.annotations


def dense(y):
    return Annotations.from_dense(y, kind="numbers", missing_label=None)


def random_problem(seed, n_items=40, n_annotators=4):
    """Answers with gaps, and an inferred truth."""
    rng = np.random.default_rng(seed)
    y = rng.standard_normal((n_items, n_annotators))
    y[rng.random(y.shape) < 0.4] = np.nan
    y[np.arange(n_annotators), np.arange(n_annotators)] = 1.0
    return y, rng.standard_normal(n_items), rng.uniform(0.1, 1, n_items)


def assert_annotators(first, second, **tolerance):
    for ours, theirs in zip(first, second, strict=True):
        np.testing.assert_allclose(ours, theirs, **{"rtol": 1e-8, **tolerance})


def test_the_posterior_is_that_of_a_fine_grid():
    y = np.array([[1.0, np.nan, 2.5, 0.0], [np.nan, -1.5, np.nan, np.nan]])
    scale, bias, noise_std = PARAMETERS.T
    mean, var = rating_posterior(
        dense(y), (scale, bias, noise_std**2), np.array([0.3, -0.4]), 2.0
    )
    grid = np.linspace(-15, 15, 200_001)
    for item, center in enumerate([0.3, -0.4]):
        log_density = norm.logpdf(grid, center, np.sqrt(2.0))
        for r in np.flatnonzero(~np.isnan(y[item])):
            expected = scale[r] * grid + bias[r]
            log_density += norm.logpdf(y[item, r], expected, noise_std[r])
        density = np.exp(log_density - log_density.max())
        density /= density.sum()
        assert mean[item] == pytest.approx(density @ grid, abs=1e-8)
        spread = density @ (grid - density @ grid) ** 2
        assert var[item] == pytest.approx(spread, rel=1e-6)


def test_without_answers_the_posterior_is_the_prior():
    annotations = dense([[1.0], [np.nan]])
    rating_parameters = np.ones(1), np.zeros(1), np.ones(1)
    mean, var = rating_posterior(
        annotations, rating_parameters, np.array([0.0, 7.0]), 3.0
    )
    assert (mean[1], var[1]) == (pytest.approx(7.0), pytest.approx(3.0))


def test_recovers_annotators_who_gave_many_answers():
    truth, annotations = crowd_of()
    zeros = np.zeros(len(truth))
    rating_parameters = fit_rating_parameters(
        annotations, truth, zeros, scale_std=10.0, pseudo_counts=0.0
    )
    scale, bias, noise_std = PARAMETERS.T
    np.testing.assert_allclose(rating_parameters.scale, scale, atol=0.03)
    np.testing.assert_allclose(
        np.sqrt(rating_parameters.noise_var), noise_std, rtol=0.05
    )
    center = truth.mean()
    at_mean = rating_parameters.scale * center + rating_parameters.bias
    np.testing.assert_allclose(at_mean, scale * center + bias, atol=0.06)


def few_and_many():
    """Annotators, the last of whom is 4 too high, noisy, and gave 2 answers or 400."""
    truth, annotations = crowd_of(400)
    column = (truth + 4 + np.tile([-6, 6], 200))[:, None]
    for rows in (np.arange(400) < 2, np.arange(400) >= 0, np.zeros(400, dtype=bool)):
        more = np.where(rows[:, None], column, np.nan)
        y = dense(np.hstack([annotations.to_dense(), more]))
        yield fit_rating_parameters(y, truth, np.zeros(400))


def test_annotators_with_few_answers_are_drawn_to_the_crowd():
    few, many, none = few_and_many()
    assert 0 < few.bias[4] < many.bias[4] - 0.3
    assert many.bias[4] == pytest.approx(4, abs=0.2)
    assert few.noise_var[4] < 0.8 * 36 < 0.9 * 36 < many.noise_var[4]
    assert few.noise_var[4] > few.noise_var[:4].max()
    assert none.noise_var[4] == pytest.approx(none.crowd_noise_var)
    assert none.bias[4] == pytest.approx(0, abs=1e-9)
    assert np.isfinite(np.concatenate(none[:3])).all()


def test_the_constraint_changes_no_expected_answer():
    rating_parameters, annotations, mean, var = unconstrained()
    fixed, stretch, offset = apply_identifiability_constraint(
        rating_parameters, annotations, mean, var
    )
    truth = np.linspace(-3, 5, 4)[:, None]
    np.testing.assert_allclose(
        fixed.scale * (stretch * truth + offset) + fixed.bias,
        rating_parameters.scale * truth + rating_parameters.bias,
        atol=1e-9,
    )
    np.testing.assert_array_equal(fixed.noise_var, rating_parameters.noise_var)


def unconstrained():
    """Annotators that squeeze and are too high, as a whole; answers, and the truth."""
    truth, annotations = crowd_of(200, 2)
    scale, bias, noise_std = PARAMETERS.T
    rating_parameters = RatingParameters(0.6 * scale, bias + 2, noise_std**2)
    return rating_parameters, annotations, truth, np.full(200, 0.1)


def test_under_the_constraint_the_crowd_as_a_whole_is_neither_biased_nor_stretched():
    rating_parameters, annotations, mean, var = unconstrained()
    fixed, _, _ = apply_identifiability_constraint(
        rating_parameters, annotations, mean, var
    )
    n_answers = np.bincount(annotations.annotator)
    at_mean = fixed.bias + (fixed.scale - 1) * annotations.answer.mean()
    assert n_answers @ at_mean == pytest.approx(0, abs=1e-8)
    assert fixed.scale.min() < 1 < fixed.scale.max()


def test_what_meets_the_constraint_stays():
    rating_parameters, annotations, mean, var = unconstrained()
    fixed, stretch, offset = apply_identifiability_constraint(
        rating_parameters, annotations, mean, var
    )
    again, same, nothing = apply_identifiability_constraint(
        fixed, annotations, stretch * mean + offset, stretch**2 * var
    )
    assert (same, nothing) == (pytest.approx(1), pytest.approx(0, abs=1e-9))
    np.testing.assert_allclose(again.bias, fixed.bias, atol=1e-9)
    np.testing.assert_allclose(again.scale, fixed.scale)


def test_a_crowd_that_says_nothing_has_finite_constrained_parameters():
    _, annotations, mean, var = unconstrained()
    rating_parameters = RatingParameters(np.zeros(4), np.arange(4.0), np.ones(4))
    fixed, stretch, offset = apply_identifiability_constraint(
        rating_parameters, annotations, mean, var
    )
    assert np.isfinite([*fixed.scale, *fixed.bias, stretch, offset]).all()
    assert stretch > 0


def test_pseudo_counts_draw_the_noise_to_the_crowd():
    truth, annotations = crowd_of(100)
    spreads = [
        np.ptp(
            fit_rating_parameters(
                annotations, truth, 0 * truth, pseudo_counts=n
            ).noise_var
        )
        for n in (0.0, 10.0, 1000.0)
    ]
    assert spreads[0] > spreads[1] > spreads[2]


few = settings(max_examples=15, deadline=None)
seeds = st.integers(0, 2**32 - 1)
widths = st.sampled_from([0.0, 0.3])


@pytest.mark.parametrize("scale_std", [0.0, 0.3])
def test_ratings_whose_squares_can_just_be_represented(scale_std):
    y, mean, var = random_problem(0)
    near = fit_rating_parameters(dense(y), mean, var, scale_std=scale_std)
    far = fit_rating_parameters(
        dense(1e150 * y), 1e150 * mean, 1e300 * var, scale_std=scale_std
    )
    np.testing.assert_allclose(far.scale, near.scale)
    np.testing.assert_allclose(far.bias, 1e150 * near.bias)
    np.testing.assert_allclose(far.noise_var, 1e300 * near.noise_var)


@few
@given(seed=seeds, scale_std=widths, a=st.floats(0.01, 100), b=st.floats(-50, 50))
def test_another_unit(seed, scale_std, a, b):
    y, mean, var = random_problem(seed)
    first = fit_rating_parameters(dense(y), mean, var, scale_std=scale_std)
    second = fit_rating_parameters(
        dense(a * y + b), a * mean + b, a**2 * var, scale_std=scale_std
    )
    expected = (
        first.scale,
        a * first.bias + b * (1 - first.scale),
        a**2 * first.noise_var,
        a**2 * first.bias_var,
        a**2 * first.crowd_noise_var,
    )
    assert_annotators(second, expected, rtol=1e-5, atol=1e-6 * (a + abs(b)))


@few
@given(seed=seeds, scale_std=widths)
def test_the_order_of_items_and_annotators(seed, scale_std):
    y, mean, var = random_problem(seed)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(y)), rng.permutation(y.shape[1])
    first = fit_rating_parameters(dense(y), mean, var, scale_std=scale_std)
    second = fit_rating_parameters(
        dense(y[rows][:, columns]), mean[rows], var[rows], scale_std=scale_std
    )
    expected = [v[columns] if np.ndim(v) else v for v in first]
    assert_annotators(second, expected, atol=1e-10)


@few
@given(seed=seeds, scale_std=widths)
def test_weights_are_repetitions(seed, scale_std):
    y, mean, var = random_problem(seed)
    weight = np.random.default_rng(seed).integers(0, 4, len(y))
    weight[: y.shape[1]] = 2
    rows = np.repeat(np.arange(len(y)), weight)
    weighted = fit_rating_parameters(
        dense(y), mean, var, scale_std=scale_std, sample_weight=weight
    )
    repeated = fit_rating_parameters(
        dense(y[rows]), mean[rows], var[rows], scale_std=scale_std
    )
    assert_annotators(weighted, repeated, atol=1e-10)


def test_equal_answers_keep_everything_finite():
    y = np.full((10, 3), 5.0)
    for scale_std in (0.0, 0.3):
        rating_parameters = fit_rating_parameters(
            dense(y), np.full(10, 5.0), np.zeros(10), scale_std=scale_std
        )
        assert all(np.isfinite(values).all() for values in rating_parameters)
        np.testing.assert_allclose(rating_parameters.bias, 0, atol=1e-9)
        assert (rating_parameters.noise_var > 0).all()


def test_noise_is_measured_about_given_lines():
    truth, annotations = crowd_of(3000)
    scale, bias, noise_std = PARAMETERS.T
    rating_parameters = fit_noise(
        annotations, truth, 0 * truth, scale, bias, pseudo_counts=0.0
    )
    assert isinstance(rating_parameters, RatingParameters)
    np.testing.assert_array_equal(rating_parameters.scale, scale)
    np.testing.assert_array_equal(rating_parameters.bias, bias)
    np.testing.assert_allclose(
        np.sqrt(rating_parameters.noise_var), noise_std, rtol=0.05
    )


def test_what_is_unsure_of_the_truth_is_no_certain_noise():
    truth, annotations = crowd_of(50)
    scale, bias, _ = PARAMETERS.T
    sure, unsure = (
        fit_noise(annotations, truth, np.full(50, var), scale, bias).noise_var
        for var in (0.0, 0.5)
    )
    assert (unsure > sure).all()


def test_noise_by_a_slow_loop():
    y, mean, var = random_problem(0)
    scale, bias, _ = PARAMETERS.T
    weight = np.random.default_rng(1).uniform(0, 2, len(y))
    rating_parameters = fit_noise(
        dense(y), mean, var, scale, bias, pseudo_counts=2.0, sample_weight=weight
    )
    total, count = np.zeros(4), np.zeros(4)
    for n, r in np.argwhere(~np.isnan(y)):
        error = (y[n, r] - scale[r] * mean[n] - bias[r]) ** 2 + scale[r] ** 2 * var[n]
        total[r] += weight[n] * error
        count[r] += weight[n]
    crowd = total.sum() / count.sum()
    expected = (total + 2 * crowd) / (count + 2)
    np.testing.assert_allclose(rating_parameters.noise_var, expected)
    assert rating_parameters.crowd_noise_var == pytest.approx(crowd)
