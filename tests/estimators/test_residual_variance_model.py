"""The standard deviation that comes with predictions differs between items."""

import pickle

import numpy as np
import pytest
from _data import small
from scipy import sparse

from skcrowd import CrowdRegressor, load, save
from skcrowd.annotations import _memory
from skcrowd.datasets import make_annotations
from skcrowd.estimators._residual_variance_model import fit_residual_variance

N_ITEMS = 1000


def residuals(varies, seed=0):
    """Draw features, prediction, residual, variance of the ratings' noise, and std."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((N_ITEMS, 3))
    std = np.exp(0.7 * X[:, 1] - 0.5) if varies else np.full(N_ITEMS, 0.6)
    error_var = rng.choice([0.1, 0.3], N_ITEMS)
    residual = np.sqrt(std**2 + error_var) * rng.standard_normal(N_ITEMS)
    return X, X[:, 0], residual, error_var, std


def fit(X, prediction, residual, error_var, weight=None):
    weight = np.ones(len(prediction)) if weight is None else weight
    return fit_residual_variance(prediction, X, residual, error_var, weight)


def test_a_variance_that_depends_on_features_is_found():
    X, prediction, residual, error_var, std = residuals(True)
    found = fit(X, prediction, residual, error_var).std(prediction, X)
    assert np.corrcoef(np.log(found), np.log(std))[0, 1] > 0.9
    assert np.sqrt(np.mean(found**2)) == pytest.approx(
        np.sqrt(np.mean(std**2)), rel=0.15
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_constant_variance_is_left_constant(seed):
    assert fit(*residuals(False, seed)[:4]) is None


def test_few_items_have_one_variance():
    X, prediction, residual, error_var, _ = residuals(True)
    few = slice(90)
    assert fit(X[few], prediction[few], residual[few], error_var[few]) is None


def test_weights_are_repetition():
    X, prediction, residual, error_var, _ = residuals(True)
    weight = np.random.default_rng(0).integers(1, 3, N_ITEMS)
    weighted = fit(X, prediction, residual, error_var, weight.astype(float))
    repeated = fit(
        *(np.repeat(v, weight, 0) for v in (X, prediction, residual, error_var))
    )
    # The standard errors that choose the penalty differ little.
    np.testing.assert_allclose(
        weighted.linear, repeated.linear, atol=0.1 * np.abs(weighted.linear).max()
    )


def test_the_order_of_items_is_nothing():
    X, prediction, residual, error_var, _ = residuals(True)
    order = np.random.default_rng(0).permutation(N_ITEMS)
    first = fit(X, prediction, residual, error_var).std(prediction, X)
    other = fit(*(v[order] for v in (X, prediction, residual, error_var)))
    np.testing.assert_allclose(other.std(prediction, X), first, rtol=1e-6)


def test_far_from_the_data_it_stays_within_what_was_seen():
    X, prediction, residual, error_var, _ = residuals(True)
    spread = fit(X, prediction, residual, error_var)
    far = spread.std(np.array([1e12, -1e12]), np.full((2, 3), 1e12))
    assert (np.exp(spread.low / 2) <= far).all()
    assert (far <= np.exp(spread.high / 2) * (1 + 1e-12)).all()


@pytest.fixture(scope="module")
def varied():
    """A regressor whose predictions are of different accuracy, and its features."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((N_ITEMS, 3))
    std = np.exp(X[:, 1] - 0.5)
    truth = X[:, 0] + std * rng.standard_normal(N_ITEMS)
    crowd = make_annotations(truth, {"expert": 4}, kind="numbers", random_state=0)
    reg = small("em", CrowdRegressor, max_epochs=20, calibrate=True)
    return reg.fit(X, crowd.annotations), X, std


def test_a_regressor_knows_where_it_is_uncertain(varied, tmp_path):
    reg, X, std = varied
    mean, found = reg.predict(X, return_std=True)
    np.testing.assert_array_equal(mean, reg.predict(X))
    assert np.corrcoef(np.log(found), np.log(std))[0, 1] > 0.8
    save(reg, tmp_path / "regressor")
    for copy in (load(tmp_path / "regressor"), pickle.loads(pickle.dumps(reg))):
        np.testing.assert_array_equal(copy.predict(X, return_std=True)[1], found)


def test_sparse_features_leave_the_prediction():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((N_ITEMS, 1))
    std = np.exp(X[:, 0] - 0.5)
    truth = 2 * X[:, 0] + std * rng.standard_normal(N_ITEMS)
    crowd = make_annotations(truth, {"expert": 4}, kind="numbers", random_state=0)
    reg = small("em", CrowdRegressor, max_epochs=20)
    reg.fit(sparse.csr_matrix(X), crowd.annotations)
    found = reg.predict(sparse.csr_matrix(X), return_std=True)[1]
    assert np.corrcoef(np.log(found), np.log(std))[0, 1] > 0.8


def test_blocks_of_items_change_nothing(monkeypatch):
    X, prediction, residual, error_var, _ = residuals(True)
    spread = fit(X, prediction, residual, error_var)
    whole = spread.std(prediction, X)
    monkeypatch.setattr(_memory, "LARGE", 100)
    monkeypatch.setattr(_memory, "AT_ONCE", 100)
    np.testing.assert_allclose(spread.std(prediction, X), whole)
