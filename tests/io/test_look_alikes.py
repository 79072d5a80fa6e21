"""Names that are probably meant to be one, and answers of types that are equal."""

import json
import warnings

import pytest

from skcrowd.exceptions import CrowdWarning
from skcrowd.io import read_answers


def write(folder, rows, name="table.jsonl"):
    """Write a table of (item, annotator, label), and return its path."""
    columns = "item", "annotator", "label"
    records = [dict(zip(columns, row, strict=True)) for row in rows]
    path = folder / name
    path.write_text("\n".join(map(json.dumps, records)))
    return path


# Flags whose letters are tags, which are not shown.
ENGLAND_AND_SCOTLAND = tuple(
    "\U0001f3f4" + "".join(chr(0xE0000 + ord(one)) for one in f"{code}\x7f")
    for code in ("gbeng", "gbsct")
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cat", "cat "),
        ("cat", " cat"),
        ("a cat", "a  cat"),
        ("cat", "Cat"),
        ("TRUE", "true"),
        ("caf\u00e9", "cafe\u0301"),
        ("a\u00a0b", "a b"),
        ("1", "1.0"),
        ("2.50", "2.5"),
    ],
)
def test_labels_that_look_alike(tmp_path, one, other):
    path = write(tmp_path, [("a", "x", one), ("a", "y", other), ("b", "x", "zebra")])
    with pytest.warns(CrowdWarning, match="labels differ only in spaces"):
        export = read_answers(path)
    assert {one, other, "zebra"} == set(export.annotations.classes)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *[("cat", "cats"), ("1", "01"), ("1", "10"), ("1_0", "10"), ("a-b", "a b")],
        *[("9007199254740993", "9007199254740992"), ("9" * 400, "8" * 400)],
        *[("10\u00b2", "102"), ("\u2122", "TM"), ENGLAND_AND_SCOTLAND],
    ],
)
def test_other_labels_are_no_warning(tmp_path, one, other):
    path = write(tmp_path, [("a", "x", one), ("a", "y", other), ("b", "x", "zebra")])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(read_answers(path).annotations.classes) == 3


def test_items_and_annotators_that_look_alike(tmp_path):
    rows = [("a1", "Jos\u00e9", "p"), ("A1", "jose\u0301", "q")]
    with pytest.warns(CrowdWarning, match="annotators differ only") as found:
        read_answers(write(tmp_path, rows))
    assert len(found) == 1  # of items the case may matter


def test_whole_numbers_with_decimals_among_other_names(tmp_path):
    rows = [("1.0", "ann", "p"), ("1", "ann", "q")]
    with pytest.warns(CrowdWarning, match="items differ only in .*: '1' and '1.0'"):
        assert read_answers(write(tmp_path, rows)).items == ["1.0", "1"]
    rows = [("a", "1.0", "p"), ("a", "1", "q"), ("a", "ann", "q")]
    with pytest.warns(CrowdWarning, match="annotators differ .*: '1' and '1.0'"):
        assert read_answers(write(tmp_path, rows)).annotations.n_annotators == 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = [("1.1", "ann", "p"), ("1.10", "ann", "q"), ("01", "ann", "q")]
        rows += [("1", "ann", "q")]
        assert len(read_answers(write(tmp_path, rows)).items) == 4
    rows = [("a1", "x", "p"), ("a1 ", "y", "q")]
    with pytest.warns(CrowdWarning, match="items differ only .*'a1' and 'a1 '"):
        assert read_answers(write(tmp_path, rows)).annotations.shape == (2, 2)


def test_labels_in_sets_that_look_alike(tmp_path):
    rows = [("a", "x", ["cat", "dog"]), ("a", "y", ["cat "]), ("b", "x", [])]
    with pytest.warns(CrowdWarning, match="labels differ only .*'cat' and 'cat '"):
        read_answers(write(tmp_path, rows))


@pytest.mark.parametrize("number", [1, 0, 1.0])
def test_booleans_and_numbers_are_not_the_same(tmp_path, number):
    rows = [("a", "x", True), ("a", "y", False), ("b", "x", number)]
    with pytest.raises(ValueError, match="by booleans, such as true, and by numbers"):
        read_answers(write(tmp_path, rows))
    booleans = read_answers(write(tmp_path, rows[:2])).annotations
    assert booleans.classes.tolist() == [False, True]


@pytest.mark.parametrize("place", range(3))
def test_half_of_a_character_is_refused(tmp_path, place):
    row = ["a", "x", "cat"]
    row[place] = "cat \ud83d"
    path = write(tmp_path, [row, ("b", "y", "dog")])
    what = ("items", "annotators", "labels")[place]
    with pytest.raises(ValueError, match=rf"{what} hold 'cat \\ud83d'.*cut within it"):
        read_answers(path)


def control(type_, **value):
    return {"from_name": "q", "to_name": "text", "type": type_, "value": value}


def tasks(folder, *results):
    """Write a task of Label Studio, with an annotation for each of some results."""
    annotations = [
        {"id": k, "completed_by": k, "result": [result]}
        for k, result in enumerate(results)
    ]
    path = folder / "tasks.json"
    data = {"id": 1, "data": {"text": "Ann met"}, "annotations": annotations}
    path.write_text(json.dumps([data]))
    return path


@pytest.mark.parametrize("rating", [True, float("nan"), None, [5]])
def test_what_is_no_number_is_no_rating(tmp_path, rating):
    given = [control("rating", rating=r) for r in (4, 3, rating)]
    export = read_answers(tasks(tmp_path, *given))
    assert export.annotations.answer.tolist() == [4.0, 3.0]
    assert export.left_out["answers to q (rating), which cannot be read"] == 1


def test_booleans_and_numbers_among_choices(tmp_path):
    given = [control("choices", choices=[choice]) for choice in (1, True)]
    with pytest.raises(ValueError, match="by booleans, such as true, and by numbers"):
        read_answers(tasks(tmp_path, *given))


def test_a_span_without_a_label_has_none(tmp_path):
    given = control("labels", start=0, end=3, labels=[None])
    without = control("labels", start=0, end=3)
    one, other = read_answers(tasks(tmp_path, given, without)).spans[0].values()
    assert one == other
    assert one[0].label == ""


@pytest.mark.parametrize("answer", ["maybe", None, True])
def test_other_answers_than_those_of_prodigy(tmp_path, answer):
    task = {"text": "a", "_input_hash": 1, "_task_hash": 1, "_annotator_id": "x"}
    task |= {"options": [{"id": "p"}], "accept": ["p"], "answer": answer}
    path = tmp_path / "tasks.jsonl"
    path.write_text(json.dumps(task))
    with pytest.raises(ValueError, match=r"line 1.* is answered by .*accept"):
        read_answers(path)
