"""A consensus is written as what the answers are, and refused if it is not."""

import datetime
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from skcrowd.io import (
    read_label_studio,
    read_prodigy,
    read_table,
    write_argilla,
    write_label_studio,
    write_prodigy,
)

WRITERS = write_label_studio, write_prodigy, write_argilla
writers = pytest.mark.parametrize("write", WRITERS)
TAGS = [np.array(["O", "O", "B-PER", "O"]), ["B-PER", "I-PER", "O"]]
SPANS = [[(8, 11, "PER")], [(0, 8, "PER")]]


def loaded(path):
    text = path.read_text(encoding="utf-8")
    if text.startswith("["):
        return json.loads(text)
    return [json.loads(line) for line in text.splitlines()]


def span_tasks(field="text"):
    def result(start, end):
        value = {"start": start, "end": end, "labels": ["PER"]}
        return [
            {"from_name": "q", "to_name": field, "type": "labels", "value": value},
        ]

    texts = ["Ann met Bob.", "Zoe Zhou left"]
    return [
        {
            "id": k,
            "data": {"title": f"title {k}", field: text},
            "annotations": [{"completed_by": 1, "result": result(0, 3)}],
        }
        for k, text in enumerate(texts)
    ]


@pytest.fixture
def spans():
    return read_label_studio(span_tasks(), data=True)


@pytest.fixture
def labels():
    rows = {"item": [1, 2], "user": "aa", "label": "xy", "text": ["p", "q"]}
    return read_table(rows, data=True)


@pytest.fixture
def sets():
    rows = {"item": [1, 2], "user": "aa", "label": [["x", "y"], ["y"]], "text": "pq"}
    return read_table(rows, data=["text"])


@pytest.fixture
def numbers():
    rows = {"item": [1, 2], "user": "aa", "label": [1.5, 4.0], "text": "pq"}
    return read_table(rows, data=["text"])


def written_spans(write, task):
    if write is write_prodigy:
        return [(s["start"], s["end"], s["label"]) for s in task["spans"]]
    if write is write_argilla:
        values = task["suggestions"]["q"]["value"]
        return [tuple(span.values()) for span in values]
    values = [one["value"] for one in task["predictions"][0]["result"]]
    return [(v["start"], v["end"], *v["labels"]) for v in values]


@writers
def test_tags_become_spans(write, spans, tmp_path):
    assert [len(tokens) for tokens in spans.tokens] == [4, 3]
    for tags in (TAGS, dict(enumerate(TAGS))):
        tasks = loaded(write(tmp_path / "a.json", spans, labels=tags))
        assert [written_spans(write, task) for task in tasks] == SPANS
    tasks = loaded(write(tmp_path / "a.json", spans, labels=[["O"] * 4, []]))
    assert [written_spans(write, task) for task in tasks] == [[], []]


@writers
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (["O", "B-PER"], "item 0 in labels has 2 tags, but its text 4 tokens"),
        (["O", "PER", "O", "O"], "has the tag 'PER'; tags are 'O', or such as"),
        (["O", "B-LOC", "O", "O"], r"has the label 'LOC', which is none .*\['PER'\]"),
        ([(0, 3, "LOC")], "has the label 'LOC'"),
        ([(0, 99, "PER")], "does not lie in the text, which has 12 characters"),
        ([(0, 3)], r"a span is \(start, end, label\)"),
        ("PER", r"labels holds 'PER' for the item 0, but an answer is a list of spans"),
    ],
)
def test_what_are_no_spans_of_the_text(write, spans, tmp_path, value, message):
    with pytest.raises(ValueError, match=message):
        write(tmp_path / "a.json", spans, labels={0: value})
    assert not (tmp_path / "a.json").exists()


@writers
def test_unknown_and_repeated_items(write, labels, tmp_path):
    path = tmp_path / "a.json"
    with pytest.raises(
        ValueError, match=r"labels has 1 names .* such as 99; .* as 1\."
    ):
        write(path, labels, labels={99: "x"})
    with pytest.raises(ValueError, match="such as '1'; those of the export"):
        write(path, labels, labels={"1": "x"})
    with pytest.raises(ValueError, match="scores has 1 names"):
        write(path, labels, scores={"1": 0.5})
    twice = pd.Series(["x", "y"], index=pd.Index([1, 1], name="item"))
    with pytest.raises(ValueError, match="labels has several entries for the item 1"):
        write(path, labels, labels=twice)
    table = pd.DataFrame({"item": [1, 2], "label": ["x", "y"]})
    with pytest.raises(ValueError, match=r"table with the columns \['item', 'label'\]"):
        write(path, labels, labels=table)
    for given in ("xy", 5):
        with pytest.raises(ValueError, match=f"labels is {given!r}; give a list with"):
            write(path, labels, labels=given)
    assert not path.exists()


@writers
def test_labels_that_do_not_fit(write, labels, tmp_path):
    path = tmp_path / "a.json"
    with pytest.raises(
        ValueError, match=r"'z' for the item 2, .*none of .*\['x', 'y'\]"
    ):
        write(path, labels, labels=["x", "z"])
    with pytest.raises(ValueError, match="for the item 1, but an answer is a single"):
        write(path, labels, labels=[["x"], "y"])
    known = replace(labels, gold={1: "z"})
    tasks = loaded(write(path, known, labels=["z", None]))
    assert "'z'" in str(tasks[0])
    if write is write_prodigy:
        assert [option["id"] for option in tasks[0]["options"]] == ["x", "y", "z"]
        assert (tasks[0]["accept"], tasks[1]["accept"]) == (["z"], [])


@writers
def test_whole_floats_are_integers_of_the_classes(write, tmp_path):
    rows = {"item": [1, 2], "user": "aa", "label": [0, 1], "text": "pq"}
    export = read_table(rows, data=["text"])
    tasks = loaded(write(tmp_path / "a.json", export, labels=np.array([1.0, np.nan])))
    assert "1.0" not in str(tasks)
    assert not tasks[1].get("predictions")
    assert not tasks[1].get("accept")
    assert not tasks[1].get("suggestions")


@writers
@pytest.mark.parametrize(
    "given",
    [
        [[1, 0], [0, 1]],
        np.array([[True, False], [False, True]]),
        pd.DataFrame([[1, 0], [0, 1]], columns=["x", "y"]),
        [{"x"}, ["y"]],
    ],
)
def test_sets_and_rows_of_indicators(write, sets, tmp_path, given):
    text = str(loaded(write(tmp_path / "a.json", sets, labels=given)))
    mark = {
        write_label_studio: "{{'choices': ['{0}']}}",
        write_prodigy: "'accept': ['{0}']",
        write_argilla: "'value': ['{0}']",
    }[write]
    assert all(mark.format(label) in text for label in "xy")


@writers
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("xy", r"labels holds 'xy' for the item 1, but an answer is a set of labels"),
        (3, "labels holds 3 for the item 1, but an answer is a set of labels"),
        (["x", "z"], "'z' for the item 1, which is none of the labels"),
        (np.array([0.7, 0.2]), r"row \[0.7, 0.2\] .* has 0 or 1 for each of the 2"),
        (np.array([1, 0, 1]), r"row \[1, 0, 1\]"),
    ],
)
def test_what_are_no_sets(write, sets, tmp_path, value, message):
    with pytest.raises(ValueError, match=message):
        write(tmp_path / "a.json", sets, labels={1: value})


def test_a_list_of_0_and_1_may_be_two_things(tmp_path):
    rows = {"item": [1, 2], "user": "aa", "label": [[0, 1], [1]], "text": "pq"}
    export = read_table(rows, data=["text"])
    with pytest.raises(ValueError, match="give a set of labels, or a row of an array"):
        write_label_studio(tmp_path / "a.json", export, labels=[[0, 1], [1, 1]])
    path = write_label_studio(tmp_path / "a.json", export, labels=np.eye(2))
    values = [task["predictions"][0]["result"][0]["value"] for task in loaded(path)]
    assert values == [{"choices": ["0"]}, {"choices": ["1"]}]


@pytest.mark.parametrize("type_", ["number", "rating"])
def test_numbers_are_never_choices(numbers, tmp_path, type_):
    path = tmp_path / "a.json"
    for given in ([2, 3], np.array([2, 3]), [2.0, 3.0]):
        write_label_studio(path, numbers, labels=given, number=type_)
        regions = [one["predictions"][0]["result"][0] for one in loaded(path)]
        assert [one["type"] for one in regions] == [type_] * 2
        assert [one["value"] for one in regions] == [{type_: 2}, {type_: 3}]
    tasks = [task | {"id": k} for k, task in enumerate(loaded(path))]
    again = read_label_studio(tasks, predictions=True)
    assert again.annotations.kind == "numbers"


def test_what_are_no_numbers(numbers, tmp_path):
    path = tmp_path / "a.json"
    for value in ("good", "2", True, np.inf, [2]):
        with pytest.raises(ValueError, match="for the item 1, where a finite number"):
            write_label_studio(path, numbers, labels={1: value})
        with pytest.raises(ValueError, match="scores holds"):
            write_argilla(path, numbers, scores={1: value})
    with pytest.raises(ValueError, match="number must be 'number' or 'rating'"):
        write_label_studio(path, numbers, number="stars")
    with pytest.raises(ValueError, match="for which Prodigy has no interface"):
        write_prodigy(path, numbers, labels=[1, 2])


@writers
def test_scores_that_are_not_known(write, labels, tmp_path):
    given = {"labels": ["x", "y"], "scores": [np.nan, 0.5]}
    path = write(tmp_path / "a.json", labels, **given)
    assert "NaN" not in path.read_text()
    assert "0.5" in path.read_text()


@writers
def test_values_that_json_lacks(write, tmp_path):
    table = pd.DataFrame({"item": [1, 2], "user": ["a", "a"], "label": ["x", "y"]})
    table["text"] = ["p", "q"]
    table["day"] = pd.to_datetime(["2026-01-05", None])
    table["vector"] = [np.array([1.0, np.nan]), np.array([2.0, np.inf])]
    export = read_table(table, data=True)
    day = np.datetime64("2026-01-05")
    note = pd.DataFrame({"item": [1], "seen": [datetime.date(2026, 1, 5)]})
    note["more"] = [[day, {"a": np.float32(2)}]]
    tasks = loaded(write(tmp_path / "a.json", export, note))
    assert "2026-01-05" in str(tasks)
    assert "2.0" in str(tasks)
    if write is not write_prodigy:
        (task,) = tasks
        data = task["data" if write is write_label_studio else "fields"]
        assert data["day"] == "2026-01-05 00:00:00"
        assert data["vector"] == [1.0, None]


def test_spans_are_written_with_the_text_that_they_cover(tmp_path):
    export = read_label_studio(span_tasks("review"), data=True)
    path = write_label_studio(
        tmp_path / "a.json", export, labels=SPANS, to_name="review"
    )
    tasks = [task | {"id": k} for k, task in enumerate(loaded(path))]
    values = [task["predictions"][0]["result"][0]["value"] for task in tasks]
    assert [value["text"] for value in values] == ["Bob", "Zoe Zhou"]
    again = read_label_studio(tasks, predictions=True)
    assert [next(iter(row.values())) for row in again.spans] == SPANS
    assert again.left_out == {}


@writers
def test_texts_of_spans_are_shown_if_the_data_lack_them(write, tmp_path):
    export = read_label_studio(span_tasks("review"), data=["title"])
    tasks = loaded(write(tmp_path / "a.json", export, labels=SPANS))
    assert [written_spans(write, task) for task in tasks] == SPANS
    assert "Ann met Bob." in str(tasks[0])


@writers
def test_another_column_may_be_named_text(write, tmp_path):
    tasks = span_tasks("review")
    for task in tasks:
        task["data"]["text"] = "something else"
    export = read_label_studio(tasks, data=True)
    written = loaded(write(tmp_path / "a.json", export, labels=SPANS))
    assert [written_spans(write, task) for task in written] == SPANS
    if write is write_label_studio:
        (region,) = written[0]["predictions"][0]["result"]
        assert (region["to_name"], region["value"]["text"]) == ("review", "Bob")
    if write is write_prodigy:
        done = [t | {"answer": "accept", "_annotator_id": "x"} for t in written]
        assert read_prodigy(done).texts == export.texts
    export = read_label_studio(tasks, data=["text"])
    with pytest.raises(ValueError, match="not in the column 'text' of the data"):
        write(tmp_path / "b.json", export, labels=SPANS)


def test_prodigy_marks_tokens(spans, tmp_path):
    with pytest.raises(ValueError, match=r"\(3, 4, 'PER'\) of the item 0 covers no"):
        write_prodigy(tmp_path / "a.jsonl", spans, labels={0: [(3, 4, "PER")]})


CHOICES = {"from_name": "mood", "to_name": "review", "type": "choices"}


def chosen(*labels):
    result = [CHOICES | {"value": {"choices": list(labels)}}]
    return {"completed_by": len(labels), "result": result}


def mood_task(*annotations):
    return {"id": 1, "data": {"review": "Hi"}, "annotations": list(annotations)}


def test_predictions_name_the_control_and_the_object_of_the_export(tmp_path):
    task = mood_task(chosen("good"))
    export = read_label_studio([task], data=True)
    (written,) = loaded(write_label_studio(tmp_path / "a", export, labels=["good"]))
    assert written["predictions"][0]["result"] == task["annotations"][0]["result"]
    path = write_label_studio(tmp_path / "a", export, labels=["good"], to_name="x")
    (region,) = loaded(path)[0]["predictions"][0]["result"]
    assert region["to_name"] == "x"


def test_controls_on_two_texts_keep_their_names(tmp_path):
    tasks = span_tasks("claim")
    for task in tasks:
        (control,) = task["annotations"][0]["result"]
        task["annotations"][0]["result"].append(control | {"to_name": "title"})
    export = read_label_studio(tasks, question="q (claim)", data=True)
    path = write_label_studio(tmp_path / "a.json", export, labels=SPANS)
    (region,) = loaded(path)[0]["predictions"][0]["result"]
    assert (region["from_name"], region["to_name"]) == ("q", "claim")


@writers
def test_one_of_several_labels_is_written_as_a_label(write, tmp_path):
    export = read_label_studio(
        [mood_task(chosen("good", "odd"), chosen("odd"))], label="odd", data=True
    )
    for consensus, label in ((1, ["odd"]), (0, []), (np.int64(1), ["odd"])):
        (task,) = loaded(write(tmp_path / "a.json", export, labels=[consensus]))
        if write is write_label_studio:
            (region,) = task["predictions"][0]["result"]
            assert (region["from_name"], region["to_name"]) == ("mood", "review")
            assert region["value"] == {"choices": label}
        elif write is write_argilla:
            assert task["suggestions"]["mood"]["value"] == label
        else:
            assert task["accept"] == label
            assert [option["id"] for option in task["options"]] == ["odd"]
    for wrong in ("odd", 2):
        with pytest.raises(ValueError, match="labels holds"):
            write(tmp_path / "b.json", export, labels=[wrong])


@pytest.mark.parametrize(
    ("answers", "labels"), [([[1], [0]], [1, 0]), ([[1, 0], [0]], [{1, 0}, {0}])]
)
def test_integers_that_prodigy_offers_are_read_again(answers, labels, tmp_path):
    task = {"text": "p", "answer": "accept", "_annotator_id": "x"}
    tasks = [task | {"_input_hash": k, "accept": a} for k, a in enumerate(answers)]
    export = read_prodigy(tasks, data=True)
    written = loaded(write_prodigy(tmp_path / "a.jsonl", export, labels=labels))
    again = read_prodigy([task | w | {"_input_hash": k} for k, w in enumerate(written)])
    assert again.annotations == export.annotations


def test_booleans_are_labels_of_argilla(tmp_path):
    rows = {"item": [1, 2], "user": "aa", "label": [True, False], "text": "pq"}
    export = read_table(rows, data=["text"])
    tasks = loaded(write_argilla(tmp_path / "a.json", export, labels=[False, True]))
    values = [task["suggestions"]["answer"]["value"] for task in tasks]
    assert values == ["False", "True"]
