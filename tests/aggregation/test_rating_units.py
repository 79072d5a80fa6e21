"""The offset that gold fixes does not depend on the unit of the ratings."""

import numpy as np
import pytest

from skcrowd import Annotations
from skcrowd.aggregation import RatingParameters, apply_identifiability_constraint

ONE = np.ones(2)


def offset(y, gold, noise_var):
    annotations = Annotations.from_dense(y, kind="numbers", missing_label=None)
    parameters = RatingParameters(ONE, 0 * ONE, noise_var * ONE)
    mean = np.nanmean(y, axis=1)
    return apply_identifiability_constraint(
        parameters, annotations, mean, np.zeros(len(mean)), gold=gold
    )[2]


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_offset_follows_the_unit_of_the_ratings(unit):
    y = np.random.default_rng(0).standard_normal((30, 2))
    gold = y.mean(axis=1) - 0.5
    expected = unit * offset(y, gold, 0.1)
    assert offset(unit * y, unit * gold, 0.1 * unit**2) == pytest.approx(expected)


def test_equal_ratings_still_have_an_offset():
    y, gold = np.full((9, 2), 3.0), np.full(9, 2.0)
    assert offset(y, gold, 0.1) == pytest.approx(-0.9, rel=1e-3)
