"""minimize_bounded: the minimum that a general minimiser finds."""

import numpy as np
import pytest
from scipy.optimize import minimize

from skcrowd.aggregation._bounded_newton import minimize_bounded


def quadratic(rng, n):
    """Draw a convex quadratic function with its derivatives."""
    root, center = rng.standard_normal((n, n)), 2 * rng.standard_normal(n)
    hessian = root @ root.T + 0.1 * np.eye(n)

    def function(x):
        gradient = hessian @ (x - center)
        return float(gradient @ (x - center)) / 2, gradient, hessian

    return function


def double_well(x):
    """Minima at ±1 in the first variable, a maximum between them."""
    first, rest = x[0], x[1:]
    value = (first**2 - 1) ** 2 + rest @ rest
    gradient = np.append(4 * first * (first**2 - 1), 2 * rest)
    return float(value), gradient, np.diag([12 * first**2 - 4, *(2.0 + 0 * rest)])


@pytest.mark.parametrize("n", [1, 2, 3])
def test_it_finds_the_minimum_of_a_general_minimiser(n):
    rng = np.random.default_rng(n)
    for _ in range(20):
        function = quadratic(rng, n)
        found = minimize_bounded(function, np.zeros(n), -1.0, 1.5)
        expected = minimize(
            lambda x, f=function: f(x)[:2],
            np.zeros(n),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-1, 1.5)] * n,
            options={"gtol": 1e-10, "ftol": 1e-15},
        )
        np.testing.assert_allclose(found, expected.x, atol=1e-5)


@pytest.mark.parametrize("start", [0.1, 0.5, 2.5, -0.1])
def test_it_goes_downhill_where_the_function_is_concave(start):
    found = minimize_bounded(double_well, np.array([start, 2.0]), -3.0, 3.0)
    np.testing.assert_allclose(found, [np.sign(start), 0], atol=1e-4)


def test_it_begins_and_ends_between_the_bounds():
    found = minimize_bounded(double_well, np.array([9.0, -9.0]), 1.5, 2.0)
    np.testing.assert_array_equal(found, [1.5, 1.5])


def test_a_minimum_is_left_alone():
    calls = []

    def counted(x):
        calls.append(x)
        return double_well(x)

    at = np.array([1.0, 0.0])
    np.testing.assert_array_equal(minimize_bounded(counted, at, -2.0, 2.0), at)
    assert len(calls) == 1
