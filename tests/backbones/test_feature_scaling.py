import numpy as np
import pytest
from scipy.sparse import csr_array, csr_matrix

from skcrowd.annotations import _memory
from skcrowd.backbones import _feature_scaling
from skcrowd.backbones._feature_scaling import feature_scaling


def scaled_deviation(X):
    center, scale = feature_scaling(X)
    return ((X - center) / scale).std(axis=0)


@pytest.fixture
def X():
    return np.random.default_rng(0).standard_normal((200, 5)) * [1, 1.2, 2, 1e6, 1e-6]


def test_centers_every_feature(X):
    center, scale = feature_scaling(X + 10)
    np.testing.assert_allclose(center, X.mean(axis=0) + 10)
    assert (scale > 0).all()


def test_near_features_keep_their_ratio_and_far_ones_come_to_the_range(X):
    deviation = X.std(axis=0)
    scaled = scaled_deviation(X)
    middle = np.median(deviation)
    np.testing.assert_allclose(scaled[:3], deviation[:3] / middle)
    np.testing.assert_allclose(scaled[3:], [3, 1 / 3])


@pytest.mark.parametrize("factor", [1e-5, 1e5])
def test_units_of_the_whole_do_not_matter(X, factor):
    np.testing.assert_allclose(scaled_deviation(X * factor), scaled_deviation(X))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [0.0, 0.1, 1e4])
def test_constant_features_are_left_alone(dtype, value):
    X = np.random.default_rng(0).standard_normal((50, 3)).astype(dtype)
    X[:, 1] = value
    center, scale = feature_scaling(X)
    assert np.abs((X[:, 1] - center[1]) / scale[1]).max() < 1e-2
    assert (scaled_deviation(X)[[0, 2]] > 0.3).all()


def test_only_constant_features():
    center, scale = feature_scaling(np.full((4, 2), 7.0))
    assert center.tolist() == [7, 7]
    assert scale.tolist() == [1, 1]


def test_weights_are_repetitions(X):
    weight = np.random.default_rng(1).integers(0, 4, len(X))
    weighted = feature_scaling(X, weight)
    repeated = feature_scaling(np.repeat(X, weight, axis=0))
    np.testing.assert_allclose(weighted, repeated)


def test_images_are_flattened(X):
    flat = feature_scaling(X[:, :4])
    np.testing.assert_array_equal(feature_scaling(X[:, :4].reshape(-1, 2, 2)), flat)


def sparse_features(dtype):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 5)) * (rng.random((200, 5)) < 0.3)
    X[:, 3], X[:, 4] = 0, 0.1
    return X.astype(dtype)


@pytest.mark.parametrize("form", [csr_matrix, csr_array])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sparse_features_get_one_scale_and_no_centre(form, weighted, dtype):
    X = sparse_features(dtype)
    weight = np.random.default_rng(1).uniform(0, 2, 200) if weighted else np.ones(200)
    mean = np.average(X.astype(float), axis=0, weights=weight)
    variance = np.average((X - mean) ** 2, axis=0, weights=weight)
    center, scale = feature_scaling(form(X), weight if weighted else None)
    assert center.dtype == scale.dtype == np.float64
    assert (center == 0).all()
    np.testing.assert_allclose(scale, np.sqrt(variance.mean()), rtol=1e-4)
    assert scale.shape == (5,)


@pytest.mark.parametrize("factor", [1e-30, 1e30])
def test_units_of_sparse_features_do_not_matter(factor):
    X = sparse_features(np.float32)
    _, scale = feature_scaling(csr_matrix(X))
    _, other = feature_scaling(csr_matrix(X * np.float32(factor)))
    np.testing.assert_allclose(other, scale * factor, rtol=1e-4)


@pytest.mark.parametrize("X", [csr_matrix((4, 2)), csr_matrix(np.zeros((4, 2)) + 7)])
def test_sparse_features_that_do_not_vary(X):
    for weight in (None, np.linspace(0.1, 2, 4)):
        center, scale = feature_scaling(X, weight)
        assert center.tolist() == [0, 0]
        assert ((scale > 0) & np.isfinite(scale)).all()


@pytest.mark.parametrize("n_items", [50, 200, 5000])
def test_a_constant_feature_is_found_among_any_number_of_items(n_items):
    X = np.random.default_rng(0).standard_normal((n_items, 3)).astype(np.float32)
    X[:, 1] = 0.1
    assert 0.3 < feature_scaling(X)[1][1] < 3


@pytest.mark.parametrize("weighted", [False, True])
def test_blocks_of_a_large_array_change_nothing(X, weighted, monkeypatch):
    X[:, 2] = 3.0
    weight = np.linspace(0, 2, len(X)) if weighted else None
    whole = feature_scaling(X, weight)
    monkeypatch.setattr(_feature_scaling, "IN_BLOCKS", 0)
    monkeypatch.setattr(_memory, "LARGE", 0)
    monkeypatch.setattr(_memory, "AT_ONCE", 100)
    for found, expected in zip(feature_scaling(X, weight), whole, strict=True):
        np.testing.assert_allclose(found, expected)
