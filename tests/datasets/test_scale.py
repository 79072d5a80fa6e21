"""The ends and the steps of a rating scale."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrowd.datasets._scale import read_scale, to_scale


def rated(answers, limits=None, step=None):
    scale = read_scale("numbers", limits, step)
    return to_scale(np.array(answers, dtype=float), *scale).tolist()


@pytest.mark.parametrize(
    ("limits", "step", "expected"),
    [
        (None, None, [-7.3, 0.2, 1.6, 2.9, 9.0]),
        ((0, 2), None, [0.0, 0.2, 1.6, 2.0, 2.0]),
        (None, 0.5, [-7.5, 0.0, 1.5, 3.0, 9.0]),
        ((1, 5), 1, [1.0, 1.0, 2.0, 3.0, 5.0]),
        ((0.5, 4.5), 2, [0.5, 0.5, 2.5, 2.5, 4.5]),
        ((-1, 1), 2, [-1.0, 1.0, 1.0, 1.0, 1.0]),
    ],
)
def test_answers_are_brought_onto_the_scale(limits, step, expected):
    assert rated([-7.3, 0.2, 1.6, 2.9, 9.0], limits, step) == expected


@given(
    answers=st.lists(st.floats(-1e6, 1e6), min_size=1),
    low=st.integers(-20, 20).map(lambda k: k / 10),
    n_steps=st.integers(1, 30),
    step=st.sampled_from([0.1, 0.25, 1 / 3, 1.0]),
)
def test_only_ratings_that_can_be_given_are_given(answers, low, n_steps, step):
    high = low + n_steps * step
    on_scale = np.array(rated(answers, (low, high), step))
    assert ((on_scale >= low) & (on_scale <= high)).all()
    ratings = low + step * np.arange(n_steps + 1)
    distance = np.abs(on_scale[:, None] - ratings).min(axis=1)
    assert distance.max() < 1e-9
    assert rated(on_scale, (low, high), step) == on_scale.tolist()


def test_zero_has_no_sign():
    assert not np.signbit(rated([-0.2, 0.2], step=1)).any()
    assert not np.signbit(rated([-0.2, 0.2], (0, 3), 1)).any()


@pytest.mark.parametrize(
    ("limits", "step"),
    [
        (np.array([1, 5]), np.float32(0.5)),
        ([1, np.int64(5)], Fraction(1, 2)),
    ],
)
def test_numbers_of_any_type_make_a_scale(limits, step):
    assert read_scale("numbers", limits, step) == ((1.0, 5.0), 0.5)


@pytest.mark.parametrize(
    "limits",
    [
        (5, 1),
        (1, 1),
        (0, np.inf),
        (np.nan, 1),
        (1,),
        (1, 2, 3),
        3,
        "15",
        ("1", "5"),
        (False, True),
        {1, 5},
        (0, 10**400),
        np.ones((2, 2)),
    ],
)
def test_wrong_limits_are_refused(limits):
    with pytest.raises(ValueError, match=r"(?s)limits=.*low < high"):
        read_scale("numbers", limits, None)


@pytest.mark.parametrize("step", [0, -1, np.inf, np.nan, "1", True, [1], 10**400])
def test_wrong_steps_are_refused(step):
    with pytest.raises(ValueError, match=r"step=.*greater than 0"):
        read_scale("numbers", None, step)


@pytest.mark.parametrize(
    ("limits", "step", "count"),
    [((1, 5), 3, "1.33333"), ((0, 1), 2, "0.5"), ((0, 1e300), 1e-300, "inf")],
)
def test_steps_that_miss_the_upper_limit_are_refused(limits, step, count):
    with pytest.raises(ValueError, match=f"in {count} steps, which is no whole number"):
        read_scale("numbers", limits, step)


@pytest.mark.parametrize("scale", [{"limits": (1, 5)}, {"step": 0.5}])
def test_labels_have_no_scale(scale):
    (name,) = scale
    with pytest.raises(ValueError, match=rf"{name}=.*kind='labels'; only numbers"):
        read_scale("labels", **{"limits": None, "step": None, **scale})


@pytest.mark.parametrize("limits", [None, (0, 1)])
@pytest.mark.parametrize("answer", [np.inf, np.nan])
def test_answers_beyond_the_floats_are_refused(answer, limits):
    with pytest.raises(ValueError, match="too large for 64-bit floats"):
        rated([0.5, answer], limits)
