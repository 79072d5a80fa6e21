"""A long table where a matrix is expected is recognised by its columns."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from skcrowd.annotations import (
    Annotations,
    MultilabelAnnotations,
    SequenceAnnotations,
    check_annotations,
)
from skcrowd.annotations._multilabel_target import read_multilabel
from skcrowd.annotations._usual_names import by_plain_name, long_columns


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["item", "annotator", "label"], ("item", "annotator", "label")),
        (["Label", "Worker ID", "time", "Task"], ("Task", "Worker ID", "Label")),
        (["sequence", "annotator", "tags"], ("sequence", "annotator", "tags")),
        (["item", "ann", "label"], None),
        (["worker", "label"], None),
        ([0, 1, 2], None),
        ([], None),
    ],
)
def test_columns_are_found_by_name(names, found):
    assert long_columns(names) == found


def test_the_first_of_two_equal_names_counts():
    assert by_plain_name(["Item", " item"]) == {"item": "Item"}


@pytest.mark.parametrize("library", [pd, pl])
@pytest.mark.parametrize(
    ("read", "message"),
    [
        (Annotations.from_dense, r"Annotations\.from_long\('task', 'worker', 'vote', "),
        (check_annotations, r"item_ids=ids\).*kind='numbers'"),
        (
            MultilabelAnnotations.from_cells,
            r"MultilabelAnnotations\.from_long\('task",
        ),
        (
            MultilabelAnnotations.from_indicators,
            r"MultilabelAnnotations\.from_long",
        ),
        (
            SequenceAnnotations.from_cells,
            r"it by SequenceAnnotations\.from_long\('t",
        ),
        (SequenceAnnotations.from_gold, r"sequence_ids=ids"),
    ],
)
def test_a_long_table_is_not_a_matrix(read, message, library):
    columns = {"task": ["i1", "i2"], "worker": ["ann", "bob"], "vote": ["yes", "no"]}
    table = library.DataFrame(columns)
    with pytest.raises(ValueError, match=message):
        read(table)


@pytest.mark.parametrize("library", [pd, pl])
@pytest.mark.parametrize("dtype", [int, float, bool])
@pytest.mark.parametrize(
    "names", [["document", "judge", "vote"], ["user", "image", "tag"]]
)
def test_indicators_are_a_matrix(names, dtype, library):
    matrix = np.array([[0, 1, 1], [1, 0, 0], [1, 1, 0]], dtype=dtype)
    table = library.DataFrame(dict(zip(names, matrix.T, strict=True)))
    sets, is_truth = read_multilabel(table)
    assert is_truth
    assert sets.classes.tolist() == names
    np.testing.assert_array_equal(sets.to_indicators()[:, 0], matrix)
    reordered, _ = read_multilabel(table, classes=names[::-1])
    np.testing.assert_array_equal(reordered.to_indicators()[:, 0], matrix[:, ::-1])
    assert Annotations.from_dense(table).annotator_names.tolist() == names


def test_numbers_that_are_no_indicators_are_a_long_table():
    table = pd.DataFrame([[0, 0, 1], [1, 0, 0], [2, 1, 1]])
    table.columns = ["document", "judge", "vote"]
    with pytest.raises(ValueError, match="a row for each answer"):
        read_multilabel(table)


@pytest.mark.parametrize("library", [pd, pl])
def test_columns_named_as_the_labels_are_true_labels(library):
    names = ["document", "judge", "vote"]
    table = library.DataFrame({name: [0.0, 1.0, np.nan] for name in names})
    with pytest.raises(ValueError, match="numbers that are not all 0 or 1"):
        read_multilabel(table, classes=names[::-1])


def test_renamed_columns_are_annotators():
    table = pd.DataFrame([["i1", "ann", "yes"], ["i2", "bob", "no"]])
    table.columns = ["a", "b", "c"]
    classes = ["ann", "bob", "i1", "i2", "no", "yes"]
    assert Annotations.from_dense(table, classes=classes).shape == (2, 3)
