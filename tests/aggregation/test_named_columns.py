"""Columns of a table are found by the names of classes, whatever their type."""

import numpy as np
import pandas as pd
import pytest

from skcrowd.aggregation._given import given_proba, named_columns
from skcrowd.metrics import evaluate

PROBA = np.array([[0.9, 0.1], [0.2, 0.8]])


@pytest.mark.parametrize(
    ("columns", "classes"),
    [
        (["cat", "dog"], ["cat", "dog"]),
        ([0, 1], [0, 1]),
        ([0.0, 1.0], [0, 1]),
        ([False, True], [False, True]),
        (["0", "1"], [0, 1]),
        ([3, 7], [3.0, 7.0]),
        ([5, 2], [5, 2]),
    ],
)
def test_columns_are_found_in_any_order(columns, classes):
    table = pd.DataFrame(PROBA, columns=pd.Index(columns, dtype=object))
    for given in (table, table.iloc[:, ::-1]):
        found = given_proba(given, 2, 2, np.array(classes))
        np.testing.assert_array_equal(found, PROBA)


def test_numbers_are_places_unless_they_are_classes():
    assert named_columns([0, 1], np.array(["b", "a"]), "table") == [0, 1]
    assert named_columns([0, 1], np.array([1, 0]), "table") == [1, 0]
    assert named_columns([0, 1], np.array([2, 1]), "table") == [0, 1]


@pytest.mark.parametrize("columns", [["a", "c"], [1, 2], ["a", "a"], [False, True]])
def test_other_columns_are_refused(columns):
    with pytest.raises(ValueError, match="name each column as its label"):
        named_columns(columns, np.array(["a", "b"]), "table")


def test_evaluate_finds_classes_in_another_order():
    rng = np.random.default_rng(0)
    truth = rng.integers(2, size=100)
    answers = np.where(rng.random((100, 3)) < 0.9, truth[:, None], 1 - truth[:, None])
    table = pd.DataFrame({0: 0.95 - 0.9 * truth, 1: 0.05 + 0.9 * truth})
    found = evaluate(table, answers, classes=[1, 0], random_state=0)
    assert found.estimate > 0.9
