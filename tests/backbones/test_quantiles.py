import numpy as np
import pytest

from skcrowd.backbones._quantiles import bin_edges, clipping_range, feature_quantiles


@pytest.fixture
def X():
    return np.random.default_rng(0).standard_normal((200, 3)) * [1, 1e6, 1e-6]


def test_quantiles_of_items_of_equal_weight(X):
    shares = np.array([0, 0.25, 0.5, 1])
    found = feature_quantiles(X, np.ones(200), shares)
    np.testing.assert_array_equal(
        found, np.quantile(X, shares, axis=0, method="inverted_cdf")
    )


@pytest.mark.parametrize("function", [clipping_range, lambda X, w: bin_edges(X, w, 7)])
def test_weights_are_repetitions(X, function):
    weight = np.random.default_rng(1).integers(1, 4, len(X))
    repeated = np.repeat(X, weight, axis=0)
    np.testing.assert_array_equal(
        function(X, weight), function(repeated, np.ones(len(repeated)))
    )


def test_outliers_are_clipped_and_normal_values_are_not(X):
    X[0, 0], X[1, 1] = 1e9, -1e12
    lower, upper = clipping_range(X, np.ones(200))
    outside = (lower > X) | (upper < X)
    assert np.argwhere(outside).tolist() == [[0, 0], [1, 1]]


def test_rare_and_constant_features_are_not_clipped():
    X = np.zeros((100, 2))
    X[0, 0] = 1
    assert np.isinf(clipping_range(X, np.ones(100))).all()


def test_a_feature_that_is_mostly_zero_is_clipped_by_outer_quantiles():
    X = np.zeros((100, 1))
    X[:20, 0], X[0, 0] = np.linspace(1, 2, 20), 1e9
    assert 2 < clipping_range(X, np.ones(100))[1][0] < 20


def test_edges_have_equal_weights_between_them(X):
    edges = bin_edges(X, np.ones(200), 4)
    assert edges.shape == (3, 5)
    counts = np.histogram(X[:, 1], edges[1])[0]
    assert np.abs(counts - 50).max() <= 1
