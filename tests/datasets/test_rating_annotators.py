"""Scale, bias and noise of simulated annotators."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrowd.datasets._kinds import RATING_KINDS
from skcrowd.datasets._rating_annotators import draw_rating_parameters

KIND = pytest.mark.parametrize("kind", sorted(RATING_KINDS))
TRUTH = np.random.RandomState(0).normal(20.0, 4.0, size=500)


def draw(annotators, truth=TRUTH, seed=0):
    return draw_rating_parameters(annotators, truth, np.random.RandomState(seed))


def draw_relative(kind, count=400):
    """Scale, shift and noise of a kind, in standard deviations of the truth."""
    scale, bias, noise_std = draw({kind: count})[0]
    shift = scale * TRUTH.mean() + bias - TRUTH.mean()
    return scale, shift / TRUTH.std(), noise_std / TRUTH.std()


def assert_fills(values, low, high):
    """All values are in a range, and come near both ends of it."""
    slack = 0.05 * (high - low) + 1e-12
    assert low - 1e-12 <= values.min() <= low + slack
    assert high - slack <= values.max() <= high + 1e-12


@KIND
def test_kinds_fill_their_ranges(kind):
    scale, shift, noise = draw_relative(kind)
    assert_fills(scale, *RATING_KINDS[kind].scale)
    assert_fills(np.abs(shift), *RATING_KINDS[kind].shift)
    assert_fills(noise, *RATING_KINDS[kind].noise)


def test_biased_annotators_err_either_way():
    _, shift, _ = draw_relative("biased")
    assert (shift > 0).mean() == pytest.approx(0.5, abs=0.1)
    assert np.abs(shift).min() >= 0.5


def test_compressing_annotators_squeeze_towards_the_mean():
    scale, bias, _ = draw({"compressing": 50})[0]
    ends = np.array([TRUTH.min(), TRUTH.max()])
    rated = scale[:, None] * ends + bias[:, None]
    assert (rated[:, 0] > ends[0]).all()
    assert (rated[:, 1] < ends[1]).all()


def test_random_annotators_rate_around_the_mean():
    scale, bias, noise_std = draw({"random": 3})[0]
    assert (scale == 0).all()
    np.testing.assert_allclose(bias, TRUTH.mean())
    np.testing.assert_allclose(noise_std, TRUTH.std())


def test_adversarial_annotators_turn_the_scale_around():
    scale, bias, _ = draw({"adversarial": 50})[0]
    assert (scale == -1).all()
    assert np.abs(bias - 2 * TRUTH.mean()).max() <= 0.2 * TRUTH.std() + 1e-9


@given(
    unit=st.floats(1e-3, 1e3),
    origin=st.floats(-1e3, 1e3),
    seed=st.integers(0, 2**32 - 1),
)
def test_another_unit_of_the_truth_is_another_unit_of_the_annotators(
    unit, origin, seed
):
    (scale, bias, noise_std), _ = draw(12, TRUTH, seed)
    converted, _ = draw(12, unit * TRUTH + origin, seed)
    expected = scale, unit * bias + (1 - scale) * origin, unit * noise_std
    np.testing.assert_allclose(converted, expected, rtol=1e-6, atol=1e-6 * unit)


def test_the_order_of_the_items_does_not_matter():
    np.testing.assert_allclose(draw(9, TRUTH[::-1])[0], draw(9)[0], rtol=1e-12)


@pytest.mark.parametrize("truth", [[0.1] * 3, [7.0], [0.0, 0.0]])
def test_a_truth_without_spread_counts_as_spread_by_one(truth):
    (scale, bias, noise_std), _ = draw({"random": 2}, np.array(truth))
    assert (scale == 0).all()
    assert (bias == truth[0]).all()
    assert (noise_std == 1).all()


@pytest.mark.parametrize("unit", [1e-200, 1e200])
def test_extreme_units_have_a_spread_too(unit):
    _, _, noise_std = draw({"random": 1}, unit * TRUTH)[0]
    np.testing.assert_allclose(noise_std, unit * TRUTH.std())


def test_the_order_is_that_of_the_mapping():
    (scale, _, _), kind = draw({"random": 2, "noisy": 0, "adversarial": 1})
    assert kind.tolist() == ["random", "random", "adversarial"]
    assert scale.tolist() == [0, 0, -1]


def test_given_parameters_are_copied():
    explicit = np.array([[1.0, 0.5, 0.0], [0.5, 2.0, 3.0]])
    parameters, kind = draw(explicit)
    assert not np.shares_memory(parameters, explicit)
    np.testing.assert_array_equal(parameters.T, explicit)
    assert kind.tolist() == ["given", "given"]


@pytest.mark.parametrize(
    ("annotators", "message"),
    [
        ({"one_class_spammer": 1}, "'one_class_spammer'.*'compressing'.*noise_std"),
        ({"expert": -1}, r"annotators\['expert'\] is -1"),
        ({}, "holds no annotator"),
        (0, "empty crowd"),
        ("expert", "is a str that is no array.*columns scale, bias, noise_std"),
        (2.5, r"shape \(\).*\(n_annotators, 3\)"),
        ([1.0, 0.0, 0.1], r"shape \(3,\).*\(n_annotators, 3\)"),
        (np.ones((2, 2, 2)), r"shape \(2, 2, 2\).*\(n_annotators, 3\)"),
        (np.ones((4, 2)), r"shape \(4, 2\).*columns scale, bias, noise_std"),
        (np.empty((0, 3)), "without any annotator"),
        ([[1, 0, 0], [1, np.nan, 0]], "The bias of annotator 1 is nan.*finite"),
        ([[np.inf, 0, 0]], "The scale of annotator 0 is inf.*finite"),
        ([[1, 0, -0.5]], "The noise_std of annotator 0 is -0.5.*0 or more"),
        ([[1, 0, np.nan]], "The noise_std of annotator 0 is nan.*0 or more"),
    ],
)
def test_wrong_annotators_are_refused(annotators, message):
    with pytest.raises(ValueError, match=message):
        draw(annotators)
