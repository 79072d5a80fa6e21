import numpy as np
import pytest

from skcrowd.aggregation._calibrated_variances import calibrated_variances
from skcrowd.annotations import check_annotations


def rated(n_items, n_annotators, noise_std, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.normal(scale=2.0, size=n_items)
    scale, bias = np.linspace(0.5, 1.5, n_annotators), np.arange(n_annotators)
    y = scale * truth[:, None] + bias
    y += noise_std * rng.standard_normal(y.shape)
    return check_annotations(y, kind="numbers"), scale, bias


@pytest.mark.parametrize("assumed", [0.25, 1.0, 4.0])
def test_both_variances_are_found(assumed):
    annotations, scale, bias = rated(2000, 4, 0.7)
    parameters = scale, bias, np.full(4, assumed)
    var, factor = calibrated_variances(annotations, parameters, np.zeros(2000), 1.0)
    assert var == pytest.approx(4, rel=0.1)
    assert factor * assumed == pytest.approx(0.49, rel=0.1)


def test_few_ratings_hardly_change_what_was_known():
    annotations, scale, bias = rated(1, 1, 0.7)
    parameters = scale, bias, np.ones(1)
    var, factor = calibrated_variances(annotations, parameters, np.zeros(1), 4.0)
    assert 2 < var < 8
    assert 0.4 < factor < 2.5


def test_a_variance_of_zero_can_grow():
    annotations, scale, bias = rated(500, 3, 0.5)
    parameters = scale, bias, np.full(3, 0.25)
    var, _ = calibrated_variances(annotations, parameters, np.zeros(500), 0.0)
    assert 0 < var < np.inf
