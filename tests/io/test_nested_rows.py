"""Tables with a row for each item, which has lists of annotators and answers."""

import json

import numpy as np
import pandas as pd
import pytest

from skcrowd.io import read_answers, read_table

ANSWERS = [{"ann": "good", "bob": "bad"}, {"ann": "good", "cem": "good"}, {}]
SAID = [(["ann", "bob"], ["good", "bad"]), (["ann", "cem"], ["good", "good"]), ([], [])]


def rows(annotators="annotators", labels="labels", **more):
    return [
        {"id": k, "text": f"Text {k}.", annotators: who, labels: said, **more}
        for k, (who, said) in enumerate(SAID)
    ]


def check(export):
    assert export.items == [0, 1, 2]
    assert [export.annotations[k] for k in range(3)] == ANSWERS
    assert export.left_out == {"rows without an answer": 1}


@pytest.mark.parametrize(
    "names",
    [
        ("annotators", "labels"),
        ("annotator_ids", "annotations"),
        ("Worker IDs", "answers"),
        ("raters", "label"),
        ("user_id", "value"),
    ],
)
@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_lists_in_two_columns(tmp_path, names, ending):
    table = rows(*names)
    path = tmp_path / f"answers.{ending}"
    lines = map(json.dumps, table)
    path.write_text(json.dumps(table) if ending == "json" else "\n".join(lines))
    check(read_answers(path))
    check(read_table(table))
    check(read_table(pd.DataFrame(table)))
    export = read_table(table, data=True)
    assert export.texts == ["Text 0.", "Text 1.", "Text 2."]


@pytest.mark.parametrize("write", [str, json.dumps, np.array, tuple])
def test_lists_of_all_kinds(tmp_path, write):
    table = pd.DataFrame(rows())
    for name in ("annotators", "labels"):
        table[name] = [write(cell) for cell in table[name]]
    check(read_table(table))
    if write in (str, json.dumps):
        table.to_csv(tmp_path / "a.csv", index=False)
        check(read_answers(tmp_path / "a.csv"))


def as_objects(who, said):
    return [{"annotator_id": a, "label": b} for a, b in zip(who, said, strict=True)]


def as_lists(who, said):
    return {"annotator_id": who, "label": said, "target": [[]] * len(who)}


@pytest.mark.parametrize("form", [as_objects, as_lists])
@pytest.mark.parametrize("name", ["annotators", "annotations", "votes"])
def test_objects(tmp_path, form, name):
    table = [
        {"id": k, "text": f"Text {k}.", name: form(*one)} for k, one in enumerate(SAID)
    ]
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(map(json.dumps, table)))
    check(read_answers(path))
    check(read_table(table))


def test_names_may_be_given():
    table = [{"id": 1, "who": ["a", "b"], "said": [1.5, 2], "sure": [0.5, 0.9]}]
    export = read_table(table, annotator="who", answer="said", confidence="sure")
    assert export.annotations[0] == {"a": 1.5, "b": 2.0}
    assert export.annotations.confidence.tolist() == [0.5, 0.9]
    table = [{"id": 1, "label": "x", "votes": [{"who": "a", "label": "y"}]}]
    export = read_table(table, annotator="who", answer="label")
    assert export.annotations[0] == {"a": "y"}


def test_what_an_item_has_besides():
    table = [row | {"id": row["id"], "label": "odd", "gold": "good"} for row in rows()]
    export = read_table(table)
    assert [export.annotations[k] for k in range(3)] == ANSWERS
    assert export.gold == {0: "good", 1: "good", 2: "good"}
    inner = {"annotator": "a", "label": "y", "id": 9}
    export = read_table([{"id": 1, "label": "x", "votes": [inner]}])
    assert (export.items, export.annotations[0]) == ([1], {"a": "y"})


def test_items_without_answers_are_no_answers_numbered():
    table = rows()[::2]  # two answers to two items, which draws no warning
    assert read_table(table).annotations[0] == ANSWERS[0]
    assert read_table(
        [*table, {"id": 7, "annotators": None, "labels": None}]
    ).items == [
        0,
        2,
        7,
    ]


def test_sets_and_pairs_in_lists():
    table = [{"id": 1, "annotators": ["a", "b"], "labels": [["x", "y"], ["x"]]}]
    assert read_table(table).annotations[0] == {"a": ["x", "y"], "b": ["x"]}
    row = {"first": "p", "second": "q", "annotators": ["a", "b"]}
    table = [row | {"preferred": ["p", "tie"]}]
    comparisons = read_table(table).annotations
    assert comparisons.annotator_names.tolist() == ["a", "b"]


def test_lists_that_do_not_fit():
    table = rows()
    table[1]["labels"] = ["good"]
    with pytest.raises(ValueError, match=r"record 2 has lists that differ in length"):
        read_table(table)
    with pytest.raises(ValueError, match=r"record 1 has lists that differ in length"):
        read_table(table[1:])
    del table[1]["labels"]
    with pytest.raises(ValueError, match=r"record 2 lacks \['labels'\]"):
        read_table(table)
    table = [{"id": 1, "votes": as_objects("a", "x")}, {"id": 2, "votes": 3}]
    with pytest.raises(ValueError, match="record 2 has no list of objects in 'votes'"):
        read_table(table)


def test_other_lists_are_no_answers():
    row = {"id": 1, "user": "ann", "label": ["x", "y"], "tokens": ["a", "b"]}
    assert read_table([row]).annotations[0] == {"ann": ["x", "y"]}
    row = {"id": 1, "user": "ann", "label": "x", "seen": [{"user": "b", "label": "y"}]}
    assert read_table([row]).annotations[0] == {"ann": "x"}


def test_names_of_several_parts_are_one_annotator():
    table = [(f"i{k}", (f"site{k}", "1"), ("x", "y")) for k in range(2)]
    annotations = read_table(table).annotations
    assert annotations.n_annotators == 2
    assert list(annotations[0].values()) == [["x", "y"]]


def test_one_of_the_annotators_who_are_listed_answered():
    row = {"item": 1, "worker_id": "w1", "annotators": ["w1", "w2"]}
    annotations = read_table([row | {"label": ["a", "b"]}]).annotations
    assert annotations[0] == {"w1": ["a", "b"]}


@pytest.mark.parametrize("empty", [[], None])
@pytest.mark.parametrize("form", [as_objects, as_lists])
def test_rows_without_answers_come_first_or_last(empty, form):
    table = [{"id": k, "votes": form(*one)} for k, one in enumerate(SAID[:2])]
    none = {"id": 9, "votes": empty}
    for every in ([none, none, *table], [*table, none]):
        export = read_table(every)
        assert sorted(export.items) == [0, 1, 9]
        assert export.annotations.n_answers == 4
