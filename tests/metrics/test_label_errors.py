"""expected_label_errors: how many labels are wrong, with an interval."""

import numpy as np
import pytest
from scipy.stats import binom

from skcrowd.metrics import expected_label_errors


def test_equal_probabilities_give_the_binomial_quantiles():
    errors = expected_label_errors(np.full(200, 0.9), calibration_std=0)
    low, high = binom.ppf([0.025, 0.975], 200, 0.1)
    assert errors.estimate == pytest.approx(20)
    assert errors[1:] == (low, high)


def test_intervals_hold_the_number_of_wrong_labels():
    rng = np.random.default_rng(0)
    right = rng.beta(5, 0.5, size=150)
    low, high = expected_label_errors(right, calibration_std=0)[1:]
    wrong = (rng.random((2000, 150)) > right).sum(axis=1)
    assert 0.94 < np.mean((low <= wrong) & (wrong <= high)) < 0.985


def test_intervals_hold_it_when_calibration_is_off():
    rng = np.random.default_rng(0)
    right = rng.beta(5, 0.5, size=150)
    low, high = expected_label_errors(right, calibration_std=0.4)[1:]
    odds = (1 - right) / right * np.exp(0.4 * rng.standard_normal((2000, 1)))
    wrong = (rng.random((2000, 150)) < odds / (1 + odds)).sum(axis=1)
    assert 0.93 < np.mean((low <= wrong) & (wrong <= high)) < 0.985


def test_doubt_and_level_make_it_wider():
    right = np.linspace(0.5, 1, 100)
    widths = [
        np.ptp(expected_label_errors(right, **options)[1:])
        for options in (
            {"level": 0.5},
            {"calibration_std": 0},
            {},
            {"calibration_std": 1.0},
        )
    ]
    assert widths == sorted(widths)
    assert widths[0] < widths[-1]


@pytest.mark.parametrize(
    ("right", "expected"), [([], 0), ([1.0, 1.0], 0), ([0.0] * 3, 3)]
)
def test_where_nothing_is_in_doubt(right, expected):
    assert expected_label_errors(right) == (expected, expected, expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"consensus_probability": [1.2]}, "1 values are none"),
        ({"consensus_probability": [np.nan, 0.5]}, "1 values are none"),
        ({"consensus_probability": [[0.5]]}, r"its shape is \(1, 1\)"),
        ({"level": 1.0}, "level is 1.0"),
        ({"calibration_std": -1.0}, "calibration_std is -1.0"),
        ({"calibration_std": np.nan}, "calibration_std is nan"),
    ],
)
def test_wrong_input(options, message):
    with pytest.raises(ValueError, match=message):
        expected_label_errors(**{"consensus_probability": [0.5], **options})
