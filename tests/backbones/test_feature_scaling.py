import numpy as np
import pytest

from skcrowd.backbones import feature_scaling


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
