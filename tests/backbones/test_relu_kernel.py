import numpy as np

from skcrowd.backbones._relu_kernel import relu_kernel


def test_products_are_those_of_the_gradients_of_a_wide_network():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((8, 3))
    kernel = relu_kernel(X)
    inputs = np.column_stack([X, np.ones(8)])
    before = inputs @ rng.standard_normal((4, 200_000))
    last = 2 * np.maximum(before, 0) @ np.maximum(before, 0).T / 200_000
    is_on = (before > 0).astype(float)
    first = 2 * (inputs @ inputs.T) * (is_on @ is_on.T) / 200_000
    np.testing.assert_allclose(kernel, (last + first) / 2, rtol=0.02, atol=0.02)


def test_equal_rows_have_equal_products():
    kernel = relu_kernel(np.array([[1.0, 2], [1, 2], [0, 0]]))
    np.testing.assert_allclose(kernel[0], kernel[1], atol=1e-7)
    np.testing.assert_allclose(kernel[0, 1], kernel[0, 0], atol=1e-7)
