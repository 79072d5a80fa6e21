"""What is written is read again, and says what was to be said."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest

from skcrowd.io import (
    read_argilla,
    read_label_studio,
    read_prodigy,
    read_table,
    write_argilla,
    write_label_studio,
    write_prodigy,
)

ROWS = {
    "item": ["t1", "t2", "t3", "t1"],
    "annotator": ["ann", "ann", "ann", "bob"],
    "label": ["good", "bad", "good", "bad"],
    "text": ["Lovely \U0001f600", "Cold", "Soup", "Lovely \U0001f600"],
}
WRITERS = write_label_studio, write_prodigy, write_argilla
writers = pytest.mark.parametrize("write", WRITERS)
CONSENSUS = np.array(["good", "bad", "bad"])


@pytest.fixture
def export():
    return read_table(ROWS, data=["text"])


def loaded(path):
    text = path.read_text(encoding="utf-8")
    if text.startswith("["):
        return json.loads(text)
    return [json.loads(line) for line in text.splitlines()]


def item_of(task):
    return task.get("id") or task["meta"]["item"]


@writers
def test_all_items_or_some(write, export, tmp_path):
    path = tmp_path / "tasks.json"
    assert write(path, export) == path
    assert [item_of(task) for task in loaded(path)] == ["t1", "t2", "t3"]
    for items in (["t3", "t1", "t3"], np.array(["t3", "t1"]), pd.Series(["t3", "t1"])):
        write(str(path), export, items)
        assert [item_of(task) for task in loaded(path)] == ["t3", "t1"]


@writers
@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, dict])
def test_the_columns_of_a_queue_are_notes(write, make, export, tmp_path):
    queue = make({"item": ["t2", "t1", "t2"], "annotator": ["bob", "cem", "cem"]})
    first, second = loaded(write(tmp_path / "a.json", export, queue))
    assert "bob" in str(first)
    assert "cem" in str(first)
    assert "cem" in str(second)
    assert "bob" not in str(second)


@writers
def test_a_table_may_have_the_items_as_index(write, export, tmp_path):
    index = pd.Index(["t1", "t2", "t3"], name="item")
    quality = pd.DataFrame({"quality": [0.5, 0.1, np.nan]}, index=index)
    order = quality.sort_values("quality")
    tasks = loaded(write(tmp_path / "a.json", export, order))
    assert [item_of(task) for task in tasks] == ["t2", "t1", "t3"]
    assert "NaN" not in (tmp_path / "a.json").read_text()


@writers
def test_tables_of_sequences(write, export, tmp_path):
    table = pd.DataFrame({"sequence": ["t2"], "position": [3], "quality": [0.5]})
    for one in (table, table.set_index(["sequence", "position"])):
        (task,) = loaded(write(tmp_path / "a.json", export, one))
        assert item_of(task) == "t2"
        assert "position" in str(task)


def test_label_studio(export, tmp_path):
    known = {"labels": CONSENSUS, "scores": [0.9, 0.8, 0.5]}
    path = write_label_studio(tmp_path / "a.json", export, question="q", **known)
    task = loaded(path)[0]
    assert task["data"] == {"text": "Lovely \U0001f600"}
    assert task["predictions"][0]["score"] == 0.9
    numbered = [one | {"id": k} for k, one in enumerate(loaded(path))]
    again = read_label_studio(numbered, predictions=True)
    assert again.question == "q"
    assert again.annotations.labels.tolist() == CONSENSUS.tolist()


def test_prodigy(export, tmp_path):
    known = {"labels": CONSENSUS, "scores": [1, 1, 0]}
    path = write_prodigy(tmp_path / "a.jsonl", export, **known)
    tasks = loaded(path)
    assert [option["id"] for option in tasks[0]["options"]] == ["bad", "good"]
    assert tasks[2]["meta"] == {"item": "t3", "score": 0}
    done = [task | {"answer": "accept", "_annotator_id": "x"} for task in tasks]
    assert read_prodigy(done).annotations.labels.tolist() == CONSENSUS.tolist()


def test_argilla(export, tmp_path):
    path = write_argilla(tmp_path / "a.json", export, labels={"t2": "bad"})
    records = loaded(path)
    suggestion = {"value": "bad", "score": None, "agent": "skcrowd"}
    assert records[1]["suggestions"] == {"answer": suggestion}
    assert records[0]["suggestions"] == {}
    response = {"value": "bad", "user_id": "u", "status": "submitted"}
    done = [record | {"responses": {"answer": [response]}} for record in records]
    again = read_argilla(done)
    assert again.items == ["t1", "t2", "t3"]
    assert again.annotations[0] == {"u": "bad"}


@pytest.mark.parametrize("value", [2.5, np.float64(2.5)])
def test_numbers(value, tmp_path):
    rows = {"item": [1], "annotator": ["a"], "label": [1.5], "text": ["x"]}
    export = read_table(rows, data=True)
    (task,) = loaded(write_label_studio(tmp_path / "a.json", export, labels=[value]))
    (region,) = task["predictions"][0]["result"]
    assert region["type"] == "number"
    assert region["value"] == {"number": 2.5}


@writers
def test_spans(write, samples, tmp_path):
    export = read_label_studio(samples / "label_studio_spans.json")
    labels = [[(2, 5, "PER"), (10, 17, "PER")], []]
    tasks = loaded(write(tmp_path / "a.json", export, labels=labels))
    if write is write_label_studio:
        tasks = [task | {"id": k} for k, task in enumerate(tasks)]
        spans = read_label_studio(tasks, predictions=True).spans
    elif write is write_prodigy:
        assert tasks[0]["spans"][1]["token_end"] == 4
        done = [task | {"answer": "accept", "_annotator_id": "x"} for task in tasks]
        spans = read_prodigy(done).spans
    else:
        values = [task["suggestions"]["names"]["value"] for task in tasks]
        spans = [{"x": [tuple(s.values()) for s in value]} for value in values]
    assert [next(iter(row.values())) for row in spans] == labels


@writers
def test_what_does_not_fit(write, export, tmp_path):
    path = tmp_path / "a.json"
    with pytest.raises(ValueError, match=r"1 names that are not in the export.*'t9'"):
        write(path, export, ["t1", "t9"])
    with pytest.raises(ValueError, match="labels has 2 entries, but the export 3"):
        write(path, export, labels=["good", "bad"])
    with pytest.raises(ValueError, match="scores has 1 entries"):
        write(path, export, scores=[1])
    with pytest.raises(ValueError, match="without a column 'item'"):
        write(path, export, pd.DataFrame({"x": [1]}))
    with pytest.raises(ValueError, match="data=True"):
        write(path, read_table(ROWS))
    assert not path.exists()
