"""Means of ratings, plain and weighted."""

import numpy as np
import pytest
from _data import rated, rating_forms
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrowd import Annotations
from skcrowd.aggregation import answer_mean, weighted_mean
from skcrowd.aggregation._weighted_mean import answer_mean_var

Y = np.array([[1.0, 2.0, np.nan], [np.nan, -1.5, np.nan], [0.0, 4.0, 5.0]])


def dense(y):
    return Annotations.from_dense(y, kind="numbers", missing_label=None)


def test_the_mean_is_that_of_the_answers_given():
    np.testing.assert_allclose(answer_mean(dense(Y)), [1.5, -1.5, 3])


def test_items_without_answers_get_the_average():
    y = np.vstack([Y, np.full(3, np.nan)])
    mean = answer_mean(dense(y))
    np.testing.assert_array_equal(mean[:3], answer_mean(dense(Y)))
    assert mean[3] == pytest.approx(mean[:3].mean())


@pytest.mark.parametrize("function", [answer_mean, weighted_mean])
def test_every_form_of_the_answers(function):
    def mean(y):
        found = function(y)
        return found.mean if function is weighted_mean else found

    ratings = Y + 2  # none is -1, which could be taken for a missing one
    for form in rating_forms(ratings).values():
        np.testing.assert_array_equal(mean(form), mean(dense(ratings)))


@pytest.mark.parametrize("function", [answer_mean, weighted_mean])
def test_no_answer_at_all(function):
    nobody = Annotations.from_long([0], [0], [1.0], kind="numbers", n_items=2)[[1]]
    with pytest.raises(ValueError, match=r"no answer|no item with an answer"):
        function(nobody)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_variance_of_the_mean_pools_the_spread(weighted):
    weight = np.array([2.0, 1.0, 3.0]) if weighted else np.ones(3)
    squares = np.array([0.5, 0.0, 14.0])
    freedom = np.array([1, 0, 2])
    spread = weight @ squares / (weight @ freedom)
    found = answer_mean_var(dense(Y), weight if weighted else None)
    np.testing.assert_allclose(found, spread / [2, 1, 3])


def test_the_variance_is_the_error_of_the_mean():
    _, truth, simulation = rated(4000, np.tile([1.0, 0.0, 0.5], (6, 1)), 3)
    error = answer_mean(simulation.annotations) - truth
    var = answer_mean_var(simulation.annotations)
    np.testing.assert_allclose(var, 0.25 / 3, rtol=0.1)
    assert (error**2).mean() == pytest.approx(var.mean(), rel=0.1)


def test_of_single_answers_a_tenth_of_their_variance_is_noise():
    var = answer_mean_var(dense([[1.0, np.nan], [np.nan, 3.0]]))
    np.testing.assert_allclose(var, 0.1)
    assert np.isfinite(answer_mean_var(dense([[1.0], [np.nan]]))).all()


def error(mean, truth):
    """Root mean square error up to the offset of the crowd."""
    return (mean - truth).std()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_beats_the_plain_mean(seed):
    kinds = {"expert": 2, "average": 3, "biased": 3, "noisy": 3}
    _, truth, simulation = rated(600, kinds, 4, seed)
    result = weighted_mean(simulation.annotations)
    plain = error(answer_mean(simulation.annotations), truth)
    assert error(result.mean, truth) < 0.7 * plain
    assert result.n_iter < 100
    biased = np.abs(simulation.bias - simulation.bias.mean()) > 0.5
    assert biased.any()
    correlation = np.corrcoef(result.rating_parameters.bias, simulation.bias)[0, 1]
    assert correlation > 0.95
    noise = np.sqrt(result.rating_parameters.noise_var)
    assert np.corrcoef(noise, simulation.noise_std)[0, 1] > 0.95


def test_learns_scales_where_asked():
    parameters = [[0.5, 1.5, 0.2], [1.0, 0.0, 0.2], [2.0, -3.0, 0.2]]
    _, truth, simulation = rated(500, np.array(parameters))
    found = weighted_mean(simulation.annotations, scale_std=0.5)
    fixed = weighted_mean(simulation.annotations, scale_std=0.0)
    np.testing.assert_allclose(found.rating_parameters.scale, [0.5, 1, 2], rtol=0.1)
    np.testing.assert_array_equal(fixed.rating_parameters.scale, 1)
    assert error(found.mean, truth) < error(fixed.mean, truth)


def test_its_standard_deviation_is_its_error():
    kinds = {"expert": 2, "average": 6, "noisy": 4}
    _, truth, simulation = rated(2000, kinds, 3)
    result = weighted_mean(simulation.annotations)
    standardised = (result.mean - truth - (result.mean - truth).mean()) / result.std
    assert standardised.std() == pytest.approx(1, abs=0.15)


few = settings(max_examples=10, deadline=None)
seeds = st.integers(0, 2**32 - 1)


def random_y(seed):
    rng = np.random.default_rng(seed)
    y = rng.standard_normal((30, 4)) + np.arange(4) + 2 * rng.standard_normal((30, 1))
    y[rng.random(y.shape) < 0.4] = np.nan
    y[np.arange(30), np.arange(30) % 4] = rng.standard_normal(30)
    return rng, y


@few
@given(seed=seeds, a=st.floats(0.01, 100), b=st.floats(-50, 50))
def test_another_unit(seed, a, b):
    _, y = random_y(seed)
    first, second = weighted_mean(dense(y)), weighted_mean(dense(a * y + b))
    assert first.n_iter == second.n_iter
    tolerance = {"rtol": 1e-6, "atol": 1e-6 * (a + abs(b))}
    np.testing.assert_allclose(second.mean, a * first.mean + b, **tolerance)
    np.testing.assert_allclose(second.std, a * first.std, **tolerance)


@few
@given(seed=seeds)
def test_the_order_of_items_and_annotators(seed):
    rng, y = random_y(seed)
    rows, columns = rng.permutation(30), rng.permutation(4)
    first = weighted_mean(dense(y))
    second = weighted_mean(dense(y[rows][:, columns]))
    np.testing.assert_allclose(second.mean, first.mean[rows], atol=1e-9)
    np.testing.assert_allclose(
        second.rating_parameters.bias, first.rating_parameters.bias[columns], atol=1e-9
    )


def test_weights_are_repetitions():
    rng, y = random_y(0)
    y[0] *= 50  # an outlier that weighs much
    weight = rng.integers(0, 3, 30)
    weight[0] = 9
    rows = np.repeat(np.arange(30), weight)
    weighted = weighted_mean(dense(y), sample_weight=weight)
    repeated = weighted_mean(dense(y[rows]))
    assert weighted.n_iter == repeated.n_iter
    np.testing.assert_allclose(weighted.mean[rows], repeated.mean, atol=1e-9)


def test_answers_of_no_weight_tell_nothing():
    _, y = random_y(0)
    weight = (np.arange(30) < 20).astype(float)
    other = y.copy()
    other[20:] = 1000 * other[20:] + 5
    first, second = (weighted_mean(dense(v), sample_weight=weight) for v in (y, other))
    assert first.n_iter == second.n_iter
    np.testing.assert_allclose(first.mean[:20], second.mean[:20], atol=1e-12)


def test_more_rounds_are_run_for_a_smaller_tolerance():
    _, y = random_y(0)
    rounds = [weighted_mean(dense(y), tol=tol).n_iter for tol in (0.5, 1e-2, 1e-6)]
    assert rounds[0] < rounds[1] < rounds[2]
    assert weighted_mean(dense(y), tol=0, max_iter=7).n_iter == 7


def test_annotators_without_answers():
    _, y = random_y(0)
    alone = weighted_mean(dense(y))
    among = weighted_mean(dense(np.insert(y, 2, np.nan, axis=1)))
    np.testing.assert_allclose(among.mean, alone.mean, atol=1e-12)
    assert np.isfinite(among.rating_parameters.bias).all()
    assert np.isfinite(among.rating_parameters.noise_var).all()


def test_equal_answers_are_the_mean():
    result = weighted_mean(np.full((6, 3), 5.0))
    np.testing.assert_allclose(result.mean, 5)
    np.testing.assert_allclose(result.std, 0, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_iter": 0}, "max_iter must be 1 or more"),
        ({"sample_weight": np.zeros(3)}, "nothing to infer"),
    ],
)
def test_what_cannot_be_inferred(options, message):
    with pytest.raises(ValueError, match=message):
        weighted_mean(dense(Y), **options)
