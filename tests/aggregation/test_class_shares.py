"""Shares of the classes among known labels."""

import numpy as np
import pytest

from skcrowd.aggregation import class_shares


def test_shares_are_smoothed_and_in_the_order_of_the_classes():
    found = class_shares(["b", "a", "b"], ["b", "c", "a"], pseudo_counts=3)
    np.testing.assert_allclose(found, [3 / 6, 1 / 6, 2 / 6])


def test_without_pseudo_counts_they_are_frequencies():
    found = class_shares(np.array([2, 2, 0, 2]), [0, 1, 2], pseudo_counts=0)
    np.testing.assert_allclose(found, [0.25, 0, 0.75])


def test_no_labels_are_uniform_shares():
    np.testing.assert_allclose(class_shares([], [5, 7]), 0.5)


def test_numbers_of_any_kind_are_equal():
    np.testing.assert_allclose(
        class_shares([1.0, 0.0, 1.0], np.array([0, 1]), 1), [1.5 / 4, 2.5 / 4]
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([0, 3, 4], [0, 1]), "hold 3.*2 label"),
        (([0], [0, 0]), "each once"),
        (([], []), "at least one class"),
        (([[0]], [0, 1]), "labels must be one-dimensional"),
        ((["1"], [0, 1]), "'1'"),
        (([], [0, 1], 0), "no shares"),
        (([0], [0, 1], -1), "pseudo_counts"),
    ],
)
def test_wrong_input_is_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        class_shares(*arguments)
