"""Columns of integers that pandas has written with decimals, as they have gaps."""

import warnings

import pandas as pd
import pytest

from skcrowd.exceptions import CrowdWarning
from skcrowd.io import read_answers, read_table
from skcrowd.io._label_order import with_order

LONG = {"item": [0, 0, 1, 1], "annotator": list("abab"), "answer": [0, 1, 1, 1]}


@pytest.fixture(autouse=True)
def _no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def read(tmp_path):
    """Write a table by pandas, and read it."""

    def read(columns, decimal=".", **options):
        path = tmp_path / "answers.csv"
        separator = ";" if decimal == "," else ","
        table = pd.DataFrame(columns)
        table.to_csv(path, index=False, decimal=decimal, sep=separator)
        return read_answers(path, **options)

    return read


@pytest.mark.parametrize("decimal", [".", ","])
def test_true_answers_are_those_that_annotators_gave(read, decimal):
    export = read({**LONG, "gold": [0, None, 1, None]}, decimal)
    assert export.annotations.classes.tolist() == [0, 1]
    assert export.gold == {0: 0, 1: 1}
    assert [type(value) for value in export.gold.values()] == [int, int]


def test_one_annotator_of_a_wide_table_has_gaps(read):
    table = {"item": [0, 1, 2], "a": [0, 1, None], "b": [1, 0, 1]}
    read_classes = read(table, annotators=["a", "b"]).annotations.classes
    assert read_classes.tolist() == [0, 1]


def test_true_answers_of_sets_and_soft_labels(read):
    sets = {**LONG, "answer": ["0|1", "1", "1", "0"], "gold": [0, None, 1, None]}
    export = read(sets, separator="|")
    assert export.annotations.classes.tolist() == [0, 1]
    assert export.gold == {0: {0}, 1: {1}}
    soft = {"item": [0, 1], "annotator": [1, 2], "p_0": [1, 0], "p_1": [0, 1]}
    export = read({**soft, "gold": [None, 1]}, probabilities="p_")
    assert export.annotations.classes.tolist() == [0, 1]
    assert export.gold == {1: 1}


def test_annotators_and_items_compared(read, tmp_path):
    names = read({**LONG, "annotator": [1, 2, None, 1]}).annotations.annotator_names
    assert names.tolist() == [1, 2]
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    pd.DataFrame({**LONG, "annotator": [1, 2, None, 1]}).to_csv(first, index=False)
    later = {**LONG, "item": [2, 2, 3, 3], "annotator": [1, 2, 1, 2]}
    pd.DataFrame(later).to_csv(second, index=False)
    both = read_table([first, second]).annotations
    assert both.annotator_names.tolist() == [1, 2]
    pairs = {"first": [0, 1, 2, 0], "second": [1, 2, None, 2]}
    pairs |= {"preferred": [1, None, 2, 2], "annotator": [1, 2, 1, 1]}
    comparisons = read(pairs).annotations
    assert comparisons.item_names.tolist() == [0, 1, 2]
    assert comparisons.outcome.tolist() == [1, 1]


def test_an_order_and_signs_of_doubt_may_be_written_so(read):
    export = read({**LONG, "answer": [0, None, 1, 2]}, unsure="2.0")
    assert export.annotations.classes.tolist() == [0, 1]
    ordered = with_order(export.annotations, ["2.0", "1.0", "0.0"])
    assert ordered.classes.tolist() == [2, 1, 0]


@pytest.mark.parametrize("answers", [["1.0", "01"], ["1.0", "x"], ["1.000", "2"]])
def test_other_labels_stay_as_they_are_written(read, answers):
    table = {"item": [0, 1], "annotator": ["a", "a"], "answer": answers}
    export = read(table)
    assert export.annotations.classes.tolist() == sorted(answers)


def test_true_answers_that_look_like_labels_are_warned_of(read):
    with pytest.warns(CrowdWarning, match="labels differ only .*'No' and 'no'"):
        read({**LONG, "answer": list("nyyy"), "gold": ["No", "", "no", ""]})
