"""A long table where a matrix is expected is recognised by its columns."""

import pandas as pd
import polars as pl
import pytest

from skcrowd.annotations import (
    Annotations,
    MultilabelAnnotations,
    SequenceAnnotations,
    check_annotations,
)
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


def test_renamed_columns_are_annotators():
    table = pd.DataFrame([["i1", "ann", "yes"], ["i2", "bob", "no"]])
    table.columns = ["a", "b", "c"]
    classes = ["ann", "bob", "i1", "i2", "no", "yes"]
    assert Annotations.from_dense(table, classes=classes).shape == (2, 3)
