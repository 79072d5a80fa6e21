"""What holds for every entry of NUMBER_METHODS and for no other."""

from functools import cache

import numpy as np
import pytest
from _data import assert_same_fit, everything, rated, rating_forms, with_mlp

from skcrowd import Annotations, CrowdRegressor
from skcrowd.backbones import MLP
from skcrowd.methods import NUMBER_METHODS

pytestmark = pytest.mark.parametrize("name", NUMBER_METHODS)
HAS_SCALES = ("em", "gaussian_layer", "weighted_mean")
PARAMETERS = np.array(  # scale, bias, noise_std
    [
        [1.0, -1.5, 0.3],
        [1.0, 1.5, 0.3],
        [1.0, 0.0, 0.3],
        [1.0, 0.8, 0.5],
        [1.0, -0.8, 3.0],
        [1.0, 0.0, 3.0],
    ]
)


@pytest.fixture(scope="module")
def biased():
    """600 items, three answers each, of annotators with different bias and noise."""
    X, truth, simulation = rated(600, PARAMETERS, 3)
    return X, truth, simulation.annotations


def trained(name, X, y, **parameters):
    """Fit long enough to learn something."""
    settings = {"module": MLP, "module__hidden": (16,), "max_epochs": 15, "lr": 2e-2}
    settings.update({"random_state": 0, "calibrate": False, **parameters})
    return CrowdRegressor(method=name, **settings).fit(X.astype(np.float32), y)


@pytest.fixture(scope="module")
def fits(biased):
    """Fit each method once, when it is first asked for."""
    return cache(lambda name: trained(name, biased[0], biased[2]))


def small_regressor(name, **parameters):
    return with_mlp(name, CrowdRegressor, **parameters)


def test_recovers_the_truth(name, biased, fits):
    X, truth, _ = biased
    assert fits(name).score(X, truth) > (0.75 if name == "mean" else 0.85)


def test_recovers_the_biases(name, fits):
    reg = fits(name)
    expected = PARAMETERS[:, 1] - PARAMETERS[:, 1].mean()
    found = reg.annotator_bias_ - reg.annotator_bias_.mean()
    correlation = np.corrcoef(found, expected)[0, 1]
    assert correlation > (0.75 if name == "crowd_layer" else 0.95)
    if name in HAS_SCALES:
        assert np.abs(found - expected)[:4].max() < 0.35


def test_recovers_the_noise(name, fits):
    noise = fits(name).annotator_noise_std_
    assert noise[:4].max() < noise[4:].min() - 0.5
    if name in HAS_SCALES:
        np.testing.assert_allclose(noise[4:], 3, rtol=0.2)


def test_recovers_the_scales_where_it_has_them(name):
    parameters = PARAMETERS.copy()
    parameters[:, 2] = 0.3
    parameters[:, 0] = [0.5, 0.75, 1.0, 1.0, 1.33, 2.0]
    parameters[:, 1] = 3 * (1 - parameters[:, 0])  # the lines turn about the mean
    X, truth, simulation = rated(600, parameters, 3)
    has_scales = name in HAS_SCALES
    options = {"method__scale_std": 0.5} if has_scales else {}
    reg = trained(name, X, simulation.annotations, max_epochs=20, **options)
    assert reg.score(X, truth) > 0.8
    if has_scales:
        found = reg.annotator_scale_ / np.exp(np.log(reg.annotator_scale_).mean())
        np.testing.assert_allclose(found, parameters[:, 0], rtol=0.25)


def test_the_posterior_is_nearer_to_the_truth_than_the_plain_mean(name, biased, fits):
    _, truth, y = biased
    plain = np.nanmean(y.to_dense(), axis=1)
    inferred = fits(name).posterior_mean_
    error = np.std(inferred - truth)
    if name == "mean":
        assert np.std(inferred - plain) < 1e-6
    else:
        assert error < 0.75 * np.std(plain - truth)


def test_all_forms_of_the_ratings_are_one(name, rated_items):
    X, _, y = rated_items
    plain, forms = small_regressor(name).fit(X, y), rating_forms(y)
    # Forms are read before the method is asked: all of them with one, one with others.
    for form in forms if name == "em" else ("csr",):
        assert_same_fit(small_regressor(name).fit(X, forms[form]), plain)


def test_one_rating_an_item_is_enough(name):
    X, truth, simulation = rated(600, PARAMETERS[:4], 1)
    reg = trained(name, X, simulation.annotations)
    assert np.isfinite(everything(reg, X)).all()
    assert reg.score(X, truth) > 0.75


def test_one_annotator_is_enough(name):
    X, truth, simulation = rated(300, PARAMETERS[2:3])
    reg = trained(name, X, simulation.annotations, max_epochs=60)
    assert reg.n_annotators_ == 1
    assert np.isfinite(everything(reg, X)).all()
    assert reg.score(X, truth) > 0.9


@pytest.mark.parametrize(
    ("value", "dtype"), [(0.0, np.float32), (7.0, np.float64), (-1e6, np.float32)]
)
def test_ratings_that_are_all_the_same(name, value, dtype, rated_items):
    X, _, y = rated_items
    same = np.where(np.isnan(y), np.nan, value)
    reg = small_regressor(name, max_epochs=10).fit(X.astype(dtype), same)
    assert np.isfinite(everything(reg, X)).all()
    assert np.isfinite(reg.prediction_std_)
    np.testing.assert_allclose(reg.posterior_mean_, value, atol=2)
    assert np.isfinite(reg.score(X, same))


def test_annotators_who_agree_to_the_last_digit(name, rated_items):
    X, truth, y = rated_items
    alike = np.where(np.isnan(y), np.nan, truth[:, None])
    reg = small_regressor(name, max_epochs=10).fit(X, alike)
    assert np.isfinite(everything(reg, X)).all()
    assert np.isfinite(reg.score(X, alike))
    assert np.abs(reg.annotator_bias_).max() < 0.5


@pytest.mark.parametrize("n_items", [1, 2, 3])
def test_very_few_items(name, n_items, rated_items):
    X, _, y = rated_items
    reg = small_regressor(name).fit(X[:n_items], y[:n_items])
    assert np.isfinite(everything(reg, X)).all()


def test_everything_is_finite_with_early_stopping(name, rated_items):
    X, _, y = rated_items
    reg = small_regressor(name, early_stopping=True).fit(X.astype(np.float32), y)
    assert np.isfinite(everything(reg, X)).all()
    assert "valid_loss" in reg.history_[-1]


def test_an_annotator_without_ratings_is_like_the_crowd(name, rated_items):
    X, _, y = rated_items
    silent = np.insert(y, 2, np.nan, axis=1)
    reg = small_regressor(name).fit(X, silent)
    others = np.delete(np.arange(6), 2)
    noise = reg.annotator_noise_std_
    assert noise[others].min() <= noise[2] <= noise[others].max()
    bias = np.abs(reg.annotator_bias_)
    assert bias[2] <= bias[others].max() + 1e-6
    assert np.isfinite(reg.score(X, Annotations.from_dense(silent, kind="numbers")))
