"""Answers that are sets of labels, or prefer one of two items, from every tool."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from skcrowd.aggregation import Comparisons
from skcrowd.annotations import MultilabelAnnotations
from skcrowd.io import (
    read_answers,
    read_argilla,
    read_label_studio,
    read_mturk,
    read_prodigy,
    read_table,
    read_toloka,
    write_argilla,
    write_label_studio,
    write_prodigy,
)

SETS = [("i", "ann", ["x", "y"]), ("i", "bo", []), ("j", "ann", ["y"])]
EXPECTED = [{"ann": ["x", "y"], "bo": []}, {"ann": ["y"]}]


def rows(cells):
    return [dict(zip(("item", "annotator", "label"), c, strict=True)) for c in cells]


def label_sets(export):
    assert isinstance(export.annotations, MultilabelAnnotations)
    return [export.annotations[row] for row in range(len(export.items))]


@pytest.mark.parametrize(
    ("table", "options"),
    [
        (SETS, {}),
        ([(i, r, json.dumps(s)) for i, r, s in SETS], {}),
        ([(i, r, "|".join(s) or "-") for i, r, s in SETS], {"separator": "|"}),
        ([(i, r, x) for i, r, s in SETS for x in s or ["-"]], {}),
        ([(i, r, tuple(s)) for i, r, s in SETS], {"kind": "sets"}),
    ],
    ids=["lists", "JSON", "separator", "rows", "tuples"],
)
def test_sets_in_a_table(table, options):
    if any(row[2] == "-" for row in table):
        options = options | {"nothing": "-"}
    assert label_sets(read_table(rows(table), **options)) == EXPECTED


def test_a_set_has_each_label_once_and_gold_is_a_set(tmp_path):
    path = tmp_path / "sets.csv"
    path.write_text("item,user,label,gold\n1,a,x,x|y\n1,a,x,x|y\n2,a,y,\n")
    export = read_answers(path, separator="|")
    assert label_sets(export) == [{"a": ["x"]}, {"a": ["y"]}]
    assert export.gold == {1: {"x", "y"}}


def test_what_are_no_sets():
    with pytest.raises(ValueError, match="separator and nothing are for sets"):
        read_table(SETS, separator="|", kind="labels")
    with pytest.raises(ValueError, match="nobody chose any label"):
        read_table([("i", "a", [])], kind="sets")
    with pytest.raises(ValueError, match="pass one of the two"):
        read_label_studio([], label="x", kind="sets")
    ratings = [{"id": 1, "q.responses": [4], "q.responses.users": ["u"]}]
    with pytest.raises(ValueError, match="an answer is a number"):
        read_argilla(ratings, kind="sets")


def test_sets_become_tasks(tmp_path):
    table = [row | {"text": f"text {row['item']}"} for row in rows(SETS)]
    export = read_table(table, data=["text"])
    indicators = np.array([[1, 1], [0, 1]])
    for labels in (indicators, [{"y", "x"}, ["y"]], {"i": ("x", "y"), "j": {"y"}}):
        path = write_label_studio(tmp_path / "tasks", export, labels=labels)
        (first, _) = json.loads(path.read_text())
        result = first["predictions"][0]["result"][0]
        assert result["value"] == {"choices": ["x", "y"]}
    path = write_argilla(tmp_path / "tasks", export, ["j"], labels=indicators)
    (record,) = json.loads(path.read_text())
    assert record["suggestions"]["answer"]["value"] == ["y"]
    path = write_prodigy(tmp_path / "tasks", export, ["j"], labels=indicators)
    assert json.loads(path.read_text())["accept"] == ["y"]


PAIRS = [
    ("p", "q", "first", "ann"),
    ("q", "r", "tie", "ann"),
    ("p", "r", "second", "b"),
]


def comparisons(export):
    """Who preferred what: (first, second, preferred, annotator)."""
    y = export.annotations
    outcomes = np.array(["first", "second", "tie"])[y.outcome]
    names = y.item_names[y.first], y.item_names[y.second]
    return list(zip(*names, outcomes, y.annotator_names[y.annotator], strict=True))


@pytest.mark.parametrize(
    "header",
    [
        ("first", "second", "preferred", "annotator"),
        ("Left", "Right", "Choice", "Worker"),
        ("model_a", "model_b", "winner", "judge"),
        ("Response 1", "Response 2", "better", "rater"),
    ],
)
@pytest.mark.parametrize("said", ["place", "column", "name"])
def test_pairs_in_a_table(header, said):
    table = []
    for first, second, outcome, annotator in PAIRS:
        place = {"first": 0, "second": 1}.get(outcome)
        word = {
            "place": outcome,
            "column": header[place] if place is not None else "TIE",
            "name": (first, second)[place] if place is not None else "both",
        }[said]
        row = first, second, word, annotator
        table.append(dict(zip(header, row, strict=True)))
    export = read_table(table)
    assert comparisons(export) == PAIRS
    assert export.items == ["p", "q", "r"]


def test_pairs_of_a_table_that_cannot_be_read(tmp_path):
    table = [{"first": "p", "second": "q", "winner": "z", "user": "a"}]
    with pytest.raises(ValueError, match=r"'z' about 'p \| q' is neither of the items"):
        read_table(table)
    with pytest.raises(ValueError, match=r"pair names \['x'\]"):
        read_table(table, pair=("x", "first"))
    with pytest.raises(ValueError, match="the names of the two columns"):
        read_table(table, pair=("first", "first"))
    with pytest.raises(ValueError, match="no pair of different items"):
        read_table([{"first": "p", "second": "p", "winner": "p", "user": "a"}])
    same = {"first": "r", "second": "r", "winner": "tie", "user": "a"}
    good = table[0] | {"winner": "p"}
    export = read_table([same, good], data=True)
    assert export.left_out == {"pairs of an item with itself": 1}
    assert export.texts == ["p", "q"]
    (task,) = json.loads(write_label_studio(tmp_path / "a.json", export).read_text())
    assert task["data"] == {"first": "p", "second": "q"}


def pairwise(selected, to_name="left,right"):
    control = {"from_name": "pw", "to_name": to_name, "type": "pairwise"}
    return [control | {"value": {"selected": selected}}]


def test_pairs_of_label_studio():
    tasks = [
        {
            "id": k,
            "data": {"left": first, "right": second, "prompt": "?"},
            "annotations": [
                {"completed_by": annotator, "result": pairwise(said)}
                for annotator, said in (("u", "left"), ("v", "right"))
            ],
        }
        for k, (first, second) in enumerate([("p", "q"), ("q", "r")])
    ]
    expected = [
        ("p", "q", "first", "u"),
        ("p", "q", "second", "v"),
        ("q", "r", "first", "u"),
        ("q", "r", "second", "v"),
    ]
    assert comparisons(read_label_studio(tasks)) == expected
    labels = read_label_studio(tasks, kind="labels").annotations
    assert labels.classes.tolist() == ["left", "right"]
    for task in tasks:
        for annotation in task["annotations"]:
            annotation["result"][0]["to_name"] = "txt-1,txt-2"
    assert read_label_studio(tasks).annotations.kind == "labels"
    given = read_label_studio(tasks, pair=("left", "right"))
    assert comparisons(given) == expected


def test_pairs_of_other_tools(tmp_path):
    record = {"id": 1, "r-1": "p", "r-2": "q", "best.responses": ["r-1", "r-2", "tie"]}
    record["best.responses.users"] = ["u", "v", "w"]
    export = read_argilla([record], pair=("r-1", "r-2"))
    assert [said for *_, said, _ in comparisons(export)] == ["first", "second", "tie"]
    path = tmp_path / "batch.csv"
    path.write_text("HITId,WorkerId,Input.a,Input.b,Answer.q\nH,W,1.png,2.png,b\n")
    assert comparisons(read_mturk(path, pair=("a", "b"))) == [
        ("1.png", "2.png", "second", "W")
    ]
    path = tmp_path / "pool.tsv"
    path.write_text(
        "INPUT:l\tINPUT:r\tOUTPUT:q\tASSIGNMENT:worker_id\n1.png\t2.png\tleft\tw\n"
    )
    assert comparisons(read_toloka(path, pair=("l", "r"))) == [
        ("1.png", "2.png", "first", "w")
    ]


DETAILS = [{"confidence": "sure"}, {"weight": "sure"}, {"time": "sure"}]


def given_details(answers):
    """A table of sets or pairs with a column of numbers, and how it is read."""
    table = rows(SETS)
    options = {}
    if answers == "separator":
        table = [row | {"label": "|".join(row["label"])} for row in table]
        options = {"separator": "|"}
    elif answers == "rows":
        table = rows([(i, r, x) for i, r, s in SETS for x in s])
        options = {"kind": "sets"}
    elif answers == "pairs":
        names = "first", "second", "preferred", "annotator"
        table = [dict(zip(names, row, strict=True)) for row in PAIRS]
    return [row | {"sure": 0.5} for row in table], options


@pytest.mark.parametrize("asked", [*DETAILS, {"unsure": "?"}, {"unsure": ["?"]}])
@pytest.mark.parametrize("answers", ["sets", "separator", "rows", "pairs"])
def test_details_that_are_asked_for_are_kept_or_refused(answers, asked):
    table, options = given_details(answers)
    (name,) = asked
    if answers != "pairs" and name in ("confidence", "weight"):
        decisions = read_table(table, **options, **asked).annotations.decisions
        assert getattr(decisions, name).tolist() == [0.5] * decisions.n_answers
        return
    what = "preferences" if answers == "pairs" else "sets of labels"
    with pytest.raises(ValueError, match=rf"\['{name}'\] of {what} are not kept"):
        read_table(table, **options, **asked)


def test_numbers_of_sets_are_those_of_their_rows():
    table = [
        {"item": "b", "annotator": "zoe", "label": "x", "w": "2", "sure": ""},
        {"item": "a", "annotator": "zoe", "label": "y", "w": "3", "sure": "7"},
        {"item": "a", "annotator": "ann", "label": "y", "w": "0", "sure": "1"},
        {"item": "b", "annotator": "ann", "label": "y", "w": "5", "sure": "4"},
        {"item": "b", "annotator": "zoe", "label": "y", "w": "2", "sure": ""},
    ]
    options = {"kind": "sets", "weight": "w", "confidence": "sure"}
    found = read_table(table, **options).annotations
    numbers = found.decisions.to_long()[["item", "annotator", "weight", "confidence"]]
    assert found.item_names.tolist() == ["b", "a"]
    expected = [
        *[(0, "ann", 5, 4), (0, "zoe", 2, np.nan), (1, "ann", 5, 4)],
        *[(1, "zoe", 2, np.nan), (2, "zoe", 3, 7), (3, "zoe", 3, 7)],
    ]
    np.testing.assert_equal([tuple(row) for row in numbers.to_numpy()], expected)
    table[-1]["w"] = "2.5"
    with pytest.raises(ValueError, match=r"weight '2.5', and an earlier row .* '2'"):
        read_table(table, **options)


def times_of(kind):
    """Two answers of Label Studio, of which one has a time."""
    value, control = {
        "sets of labels": ({"choices": ["x", "y"]}, ("left", "choices")),
        "preferences": ({"selected": "left"}, ("left,right", "pairwise")),
        "spans": (
            {"start": 0, "end": 1, "text": "p", "labels": ["x"]},
            ("left", "labels"),
        ),
    }[kind]
    to_name, form = control
    result = {"from_name": "c", "to_name": to_name, "type": form, "value": value}
    given = [{"completed_by": "u", "lead_time": 2.5, "result": [result]}]
    given.append({"completed_by": "v", "result": [result]})
    data = {"left": "p", "right": "q"}
    return [{"id": 1, "data": data, "annotations": given}]


@pytest.mark.parametrize("kind", ["sets of labels", "preferences", "spans"])
def test_times_in_the_file_are_counted_as_left_out(kind):
    options = {"text": "left"} if kind == "spans" else {}
    export = read_label_studio(times_of(kind), **options)
    assert export.annotations.n_annotators == 2
    assert export.left_out == {f"time of answers that are {kind}": 1}
    assert f"time of answers that are {kind}: 1" in repr(export)


def test_times_of_one_label_of_a_set_are_kept():
    found = read_label_studio(times_of("sets of labels"), label="x").annotations
    np.testing.assert_equal(found.time, [2.5, np.nan])


def test_times_of_mechanical_turk(tmp_path):
    path = tmp_path / "batch.csv"
    path.write_text(
        "HITId,WorkerId,WorkTimeInSeconds,Input.a,Input.b,Answer.q,Answer.c.x,Answer.c.y\n"
        "H,W,7,1.png,2.png,b,true,true\n"
    )
    pairs = read_mturk(path, question="q", pair=("a", "b"))
    assert pairs.left_out["time of answers that are preferences"] == 1
    sets = read_mturk(path, question="c")
    assert sets.left_out["time of answers that are sets of labels"] == 1


PREFERENCES = [
    {"first": "a", "second": "b", "preferred": "a", "annotator": "ann"},
    {"first": "c", "second": "b", "preferred": "b", "annotator": "ann"},
    {"first": "a", "second": "b", "preferred": "tie", "annotator": "bo"},
]


@pytest.mark.parametrize("write", [write_label_studio, write_prodigy, write_argilla])
def test_pairs_are_written_and_read_again(write, tmp_path):
    export = read_table(PREFERENCES)
    consensus = pd.Series(
        ["first", "second"], index=pd.Index(["a | b", "c | b"], name="item")
    )
    queue = pd.DataFrame({"item": ["c | b", "a | c"], "annotator": ["bo", "ann"]})
    path = write(tmp_path / "tasks.json", export, queue, labels=consensus)
    text = path.read_text()
    tasks = list(map(json.loads, text.splitlines())) if text[0] == "{" else None
    tasks = json.loads(text) if tasks is None else tasks
    assert len(tasks) == 2
    if write is write_label_studio:
        assert tasks[0]["data"] == {"first": "c", "second": "b"}
        tasks = [task | {"id": k} for k, task in enumerate(tasks)]
        again = read_label_studio(tasks, predictions=True)
    elif write is write_prodigy:
        assert [option["text"] for option in tasks[1]["options"]] == ["a", "c", "tie"]
        assert tasks[1]["meta"] == {"item": "a | c", "annotator": "ann"}
        done = {"answer": "accept", "_annotator_id": "x"}
        again = read_prodigy([tasks[0] | done], pair=("first", "second"))
    else:
        assert tasks[1]["suggestions"] == {}
        value = tasks[0]["suggestions"]["answer"]["value"]
        said = {"answer": [{"value": value, "user_id": "x", "status": "submitted"}]}
        again = read_argilla([tasks[0] | {"responses": said}], pair=("first", "second"))
    assert isinstance(again.annotations, Comparisons)
    assert again.annotations.item_names.tolist() == ["b", "c"]
    assert again.annotations.first.tolist() == [1]
    assert again.annotations.outcome.tolist() == [1]  # the second, which is "b"


def test_all_pairs_are_written_with_their_texts(tmp_path):
    export = replace(read_table(PREFERENCES), data={"text": ["Ann", "Bob", "Cem"]})
    path = write_argilla(tmp_path / "a.json", export, labels=["tie", None])
    first, second = json.loads(path.read_text())
    assert (first["id"], second["id"]) == ("a | b", "c | b")
    assert second["fields"] == {"first": "Cem", "second": "Bob"}
    assert first["suggestions"]["answer"]["value"] == "tie"
    path = write_label_studio(tmp_path / "b.json", export, labels=["tie", "first"])
    ties, preferred = json.loads(path.read_text())
    assert ties["predictions"][0]["result"] == []
    assert preferred["predictions"][0]["result"][0]["value"] == {"selected": "left"}


def test_pairs_that_cannot_be_written(tmp_path):
    export, path = read_table(PREFERENCES), tmp_path / "a.json"
    with pytest.raises(ValueError, match=r"names that are not in the export.*'a \| z'"):
        write_argilla(path, export, ["a | z"])
    with pytest.raises(ValueError, match="'first', 'second' or 'tie' is preferred"):
        write_argilla(path, export, labels=["a", "b"])


@pytest.mark.parametrize("write", [write_label_studio, write_prodigy, write_argilla])
def test_a_consensus_of_sets_by_name(write, tmp_path):
    export = read_table(rows(SETS), data=True)
    export = replace(export, data={"text": ["p", "q"]})
    path = write(tmp_path / "a.json", export, ["j"], labels={"j": ["y", "x"]})
    assert '["x", "y"]' in path.read_text()


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        ([("second", "b", "second"), ("b", "tie", "first")], [1, 0]),
        ([("second", "b", "second"), ("b", "tie", "tie")], [0, 1]),
        ([("b", "c", "b"), ("c", "b", "tie")], [0, 2]),
        ([("b", "c", "c"), ("c", "d", "first")], [1, 0]),
    ],
    ids=["places", "names", "names and ties", "some of both"],
)
def test_words_that_are_names_and_places(rows, outcome):
    rows = [
        dict(zip(("first", "second", "preferred"), row, strict=True)) for row in rows
    ]
    table = pd.DataFrame(rows).assign(annotator="ann")
    read = read_table(table, answer="preferred", pair=("first", "second"))
    assert read.annotations.outcome.tolist() == outcome


def test_a_word_that_may_be_both_among_answers_of_both_kinds_is_refused():
    rows = {
        "first": ["second", "x"],
        "second": ["b", "y"],
        "preferred": ["second", "x"],
    }
    rows["preferred"] += ["first"]
    rows["first"], rows["second"] = [*rows["first"], "x"], [*rows["second"], "z"]
    table = pd.DataFrame(rows).assign(annotator="ann")
    with pytest.raises(ValueError, match=r"'second' about .* but also a place or a"):
        read_table(table, answer="preferred", pair=("first", "second"))
