"""Columns that are not what their place says."""

import numpy as np
import pandas as pd
import pytest

from skcrowd.annotations import Annotations, MultilabelAnnotations
from skcrowd.exceptions import CrowdWarning

ITEMS, WHO = ["i", "i", "j"], ["a", "b", "a"]
SHARES = [[0.4, 0.6], [0.1, 0.9], [1.0, 0.0]]


def soft(shares, classes=None):
    return Annotations.from_long(
        ITEMS, WHO, None, probabilities=shares, classes=classes
    )


@pytest.mark.parametrize("classes", [["cat", "dog"], ["dog", "cat"], None])
def test_columns_of_probabilities_are_those_of_their_names(classes):
    A = soft(pd.DataFrame(SHARES, columns=["dog", "cat"]), classes)
    found = dict(zip(A.classes.tolist(), A.probabilities.T.tolist(), strict=True))
    assert found == {"dog": [0.4, 0.1, 1], "cat": [0.6, 0.9, 0]}


def test_columns_of_probabilities_of_polars():
    pl = pytest.importorskip("polars")
    shares = pl.DataFrame(SHARES, schema=["dog", "cat"], orient="row")
    assert soft(shares, ["cat", "dog"]).probabilities[0].tolist() == [0.6, 0.4]


@pytest.mark.parametrize("columns", [["p_cat", "p_dog"], [0, 1]])
def test_columns_of_probabilities_with_other_names_are_in_the_order_of_classes(columns):
    A = soft(pd.DataFrame(SHARES, columns=columns), ["cat", "dog"])
    assert A.probabilities.tolist() == SHARES


def test_columns_of_probabilities_of_other_classes():
    with pytest.raises(ValueError, match=r"columns for \['dog', 'bird'\], but classes"):
        soft(pd.DataFrame(SHARES, columns=["dog", "bird"]), ["cat", "dog"])


@pytest.mark.parametrize(
    ("columns", "classes"), [([0, 1], [1, 0]), ([False, True], [True, False])]
)
def test_columns_named_by_numbers_or_booleans_are_those_of_their_names(
    columns, classes
):
    A = soft(pd.DataFrame(SHARES, columns=columns), classes)
    found = dict(zip(A.classes.tolist(), A.probabilities.T.tolist(), strict=True))
    assert found == {columns[0]: [0.4, 0.1, 1], columns[1]: [0.6, 0.9, 0]}


@pytest.mark.parametrize(
    ("columns", "classes"),
    [(None, [1, 0]), ([1, 0], [True, False]), ([False, True], [1, 0])],
)
def test_columns_without_the_names_of_classes_are_in_their_order(columns, classes):
    A = soft(pd.DataFrame(SHARES, columns=columns), classes)
    found = dict(zip(A.classes.tolist(), A.probabilities.T.tolist(), strict=True))
    assert found == {classes[0]: [0.4, 0.1, 1], classes[1]: [0.6, 0.9, 0]}


def test_two_columns_of_probabilities_of_one_name():
    with pytest.raises(ValueError, match="several columns named 'dog'"):
        soft(pd.DataFrame(SHARES, columns=["dog", "dog"]), ["cat", "dog"])


def test_a_column_beside_those_of_a_shuffled_table():
    table = pd.DataFrame({"item": ITEMS, "who": WHO}).iloc[[2, 0, 1]]
    labels = pd.Series(["x", "y", "x"])
    with pytest.raises(ValueError, match="in another order") as caught:
        Annotations.from_long(table["item"], table["who"], labels)
    advice = str(caught.value)
    assert "items = items.reset_index(drop=True), annotators = annotators" in advice
    assert "labels.reset_index" not in advice
    assert ".loc" not in advice
    table = table.reset_index(drop=True)
    A = Annotations.from_long(table["item"], table["who"], labels)
    assert A.to_dense().tolist() == [["y", "x"], ["x", ""]]


@pytest.mark.parametrize("unsure", [[True, False, False], np.array([True]), True])
def test_a_mask_is_no_sign_of_not_knowing(unsure):
    with pytest.raises(ValueError, match="unsure holds True, but no answer is a truth"):
        Annotations.from_long(ITEMS, WHO, ["x", "?", "x"], unsure=unsure)
    truth = Annotations.from_long(ITEMS, WHO, [True, False, True], unsure=False)
    assert truth.classes.tolist() == [True]


def test_signs_of_not_knowing_may_be_a_set():
    A = Annotations.from_long(ITEMS, WHO, ["x", "?", "x"], unsure={"?", "-"})
    assert len(A.unsure) == 1


@pytest.mark.parametrize("moved", ["items", "annotators", "labels", "confidence"])
def test_columns_in_another_order(moved):
    columns = {"items": ITEMS, "annotators": WHO, "labels": ["x", "y", "x"]}
    columns |= {"confidence": [1, 2, 3]}
    series = {name: pd.Series(values) for name, values in columns.items()}
    assert Annotations.from_long(**series).n_answers == 3
    series[moved] = series[moved].iloc[[2, 1, 0]]
    with pytest.raises(ValueError, match="have the same row labels in another order"):
        Annotations.from_long(**series)


@pytest.mark.parametrize("container", [Annotations, MultilabelAnnotations])
@pytest.mark.parametrize("form", [list, pd.Series])
@pytest.mark.parametrize("cell", [["x", "y"], {"x", "y"}, np.array(["x"])])
def test_lists_where_a_label_belongs(container, form, cell):
    with pytest.raises(
        ValueError, match=r"labels holds .* in row 1, where one value b"
    ):
        container.from_long(ITEMS, WHO, form(["x", cell, "y"]))


@pytest.mark.parametrize("name", ["item", "Task ID", "doc_id"])
def test_a_column_of_items_among_annotators(name):
    frame = pd.DataFrame({name: ["i", "j"], "ann": ["x", "y"], "bob": ["x", None]})
    with pytest.warns(
        CrowdWarning, match=f"the column '{name}' of y is named as items"
    ):
        Annotations.from_dense(frame)


def test_an_annotator_with_the_name_of_an_item():
    frame = pd.DataFrame({"sample": ["x", "y"], "bob": ["x", "y"]})
    assert Annotations.from_dense(frame).n_annotators == 2
