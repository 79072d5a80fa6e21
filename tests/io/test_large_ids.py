"""Names that are integers beyond 64 bits, or beyond what a float holds exactly."""

import pandas as pd
import pytest

from skcrowd.io import read_label_studio, read_table

LARGE = 2**63
IDS = [5, LARGE + 1, LARGE + 2]


def test_large_ids_of_items_and_annotators_are_exact():
    items = read_table([(k, "ann", "xy"[k % 2]) for k in IDS])
    assert items.items == IDS
    assert items.annotations.item_names.tolist() == IDS
    annotators = read_table([("t", k, "xy"[k % 2]) for k in IDS]).annotations
    assert annotators.annotator_names.tolist() == IDS
    assert annotators[0] == {5: "y", LARGE + 1: "y", LARGE + 2: "x"}


@pytest.mark.parametrize("least", [-7, 2**64])
def test_ids_that_fit_no_type_of_numpy_are_exact(least):
    ids = sorted([least, LARGE + 1])
    export = read_table([(k, k, "x") for k in ids])
    assert export.annotations.item_names.tolist() == ids
    assert export.annotations.annotator_names.tolist() == ids


def test_small_ids_are_int64():
    annotations = read_table([(k, k, "x") for k in (3, 2**63 - 1)]).annotations
    assert annotations.item_names.dtype == annotations.annotator_names.dtype == "int64"


def test_large_ids_of_other_answers_are_exact():
    sets = read_table([(k, k, ["x", "y"]) for k in IDS]).annotations
    assert sets.item_names.tolist() == sets.decisions.annotator_names.tolist() == IDS
    soft = pd.DataFrame({"item": IDS, "annotator": IDS, "p_x": 0.3, "p_y": 0.7})
    soft = read_table(soft.astype({"item": "uint64"}), probabilities="p_").annotations
    assert soft.item_names.tolist() == soft.annotator_names.tolist() == IDS
    rows = [
        {"first": IDS[0], "second": k, "preferred": k, "annotator": annotator}
        for k in IDS[1:]
        for annotator in IDS
    ]
    pairs = read_table(rows).annotations
    assert pairs.item_names.tolist() == pairs.annotator_names.tolist() == IDS


def test_large_ids_of_spans_are_exact():
    value = {"start": 0, "end": 3, "text": "Ann", "labels": ["PER"]}
    result = {"from_name": "q", "to_name": "text", "type": "labels", "value": value}
    tasks = [
        {
            "id": k,
            "data": {"text": "Ann met"},
            "annotations": [{"completed_by": k, "result": [result]}],
        }
        for k in IDS
    ]
    annotations = read_label_studio(tasks).annotations
    assert annotations.sequence_names.tolist() == IDS
    assert annotations.annotator_names.tolist() == IDS


@pytest.mark.parametrize("column", ["item", "annotator", "label"])
def test_floats_that_may_be_several_integers_are_refused(column):
    table = pd.DataFrame({"item": [1, 2], "annotator": [1, 2], "label": [1, 2]})
    table[column] = [1.0, float(2**53)]
    with pytest.raises(ValueError, match=r"9007199254740992.0 is a float.* strings"):
        read_table(table)


def test_labels_beyond_64_bits_are_refused():
    with pytest.raises(ValueError, match=r"do not fit 64 bits; .* use strings"):
        read_table([(k, "ann", k) for k in IDS])


@pytest.mark.parametrize(
    "row",
    [
        ("1.23457E+17", "a", "x"),
        ("i", "1,23457E+17", "x"),
        ("9e+15", "a", "x"),
        ("1E+11", "a", "x"),
        ("1.5E+05", "a", "x"),
    ],
)
def test_names_that_a_spreadsheet_has_rounded(row):
    with pytest.raises(
        ValueError, match=r"is named '.*(?i:e)\+(1[157]|05)', as spreadsheets"
    ):
        read_table([row, ("j", "b", "y")])


def test_names_that_look_like_rounded_ones():
    names = ["7E5", "E+10", "1e-05", "2.5", "1e+05", "-3e+10"]
    assert read_table([(name, "a", "x") for name in names]).items == names
