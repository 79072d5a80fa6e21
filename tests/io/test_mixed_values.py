"""Values of another form than the format has, and items that are mixed up."""

import json

import numpy as np
import pandas as pd
import pytest

from skcrowd.io import (
    read_answers,
    read_label_studio,
    read_potato,
    read_prodigy,
    read_table,
)


def label_studio(*result):
    annotation = {"completed_by": 1, "result": list(result)}
    return [{"id": 1, "data": {"text": "Ann"}, "annotations": [annotation]}]


def test_two_columns_of_one_name(tmp_path):
    frame = pd.DataFrame(
        [[1, "a", "x", "y"]], columns=["item", "user", "answer", "answer"]
    )
    with pytest.raises(ValueError, match="the table has several columns 'answer'"):
        read_table(frame)
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = pa.table([[1], ["a"], ["x"], ["y"]], names=list(frame.columns))
    with pytest.raises(ValueError, match="the table has several columns 'answer'"):
        read_table(table)
    parquet.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(ValueError, match=r"a\.parquet has several columns 'answer'"):
        read_table(tmp_path / "a.parquet")


@pytest.mark.parametrize("given", ["abc", 5])
def test_texts_are_no_lists_of_labels(given):
    match = rf"record 1: .* {given!r}, where a list"
    control = {"from_name": "q", "to_name": "text", "type": "choices"}
    with pytest.raises(ValueError, match=match):
        read_label_studio(label_studio(control | {"value": {"choices": given}}))
    task = {"text": "a", "_input_hash": 1, "answer": "accept", "_annotator_id": "x"}
    with pytest.raises(ValueError, match=match):
        read_prodigy([task | {"accept": given}])
    record = {"id": "7", "displayed_text": "Ann", "user": "ann"}
    record |= {"label_annotations": {}, "span_annotations": given}
    with pytest.raises(ValueError, match=match):
        read_potato([record])


def test_the_labels_of_a_span_are_a_list():
    span = {"from_name": "q", "to_name": "text", "type": "labels"}
    value = {"start": 0, "end": 3, "text": "Ann", "labels": "PER"}
    with pytest.raises(ValueError, match="labels of a span are 'PER', where a list"):
        read_label_studio(label_studio(span | {"value": value}))


def test_lists_with_an_empty_value():
    control = {"from_name": "q", "to_name": "text", "type": "choices"}
    match = r"\['x', None\], a list with an empty value"
    with pytest.raises(ValueError, match=match):
        read_label_studio(label_studio(control | {"value": {"choices": ["x", None]}}))
    record = {"id": "7", "user": "ann", "label_annotations": {"q": ["x", None]}}
    with pytest.raises(ValueError, match=match):
        read_potato([record])


def test_names_of_columns_are_lists():
    rows = [{"item": 1, "user": "a", "answer": "x", "text": "p"}]
    with pytest.raises(ValueError, match=r"give a list of columns: data=\['text'\]"):
        read_table(rows, data="text")
    with pytest.raises(ValueError, match=r"give a list of columns: \['ann'\]"):
        read_table([{"item": 1, "ann": "x"}], annotators="ann")


def test_one_input_hash_has_one_text():
    task = {"_input_hash": 1, "answer": "accept", "_annotator_id": "x", "accept": ["a"]}
    tasks = [task | {"text": "Hello"}, task | {"text": "Bye", "_annotator_id": "y"}]
    with pytest.raises(ValueError, match="record 2: the id 1 occurs again with other"):
        read_prodigy(tasks)
    tasks[1] |= {"text": "Hello", "meta": {"score": 2}}
    assert read_prodigy(tasks).annotations.n_answers == 2


def rows(*texts, name="text"):
    return [
        {"item": 1, "user": f"u{k}", "answer": "x", name: text}
        for k, text in enumerate(texts)
    ]


@pytest.mark.parametrize("data", [False, True, ["text"]])
def test_rows_of_an_item_have_one_text(data):
    with pytest.raises(
        ValueError, match=r"record 2 has the text 'Bye', and an earlier row of the same"
    ):
        read_table(rows("Hello", "Bye"), data=data)
    assert read_table(rows("Hello", "Hello"), data=data).items == [1]


def test_other_columns_are_compared_if_they_are_named(tmp_path):
    table = rows("Hello", "Bye", name="note")
    with pytest.raises(ValueError, match="record 2 has the note 'Bye'"):
        read_table(table, data=["note"])
    assert read_table(table, data=True).data["note"] == ["Hello"]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, table)))
    with pytest.raises(ValueError, match=r"a.jsonl, record 2 \(line 2\) has the note"):
        read_answers(path, data=["note"])


def test_a_later_row_may_say_what_the_first_does_not():
    for empty in (None, "", np.nan):
        assert read_table(rows(empty, "Hello"), data=["text"]).texts == ["Hello"]
        assert read_table(rows("Hello", empty), data=True).texts == ["Hello"]
    first = {"item": 1, "user": "u", "answer": "x"}  # as records of JSON may be
    with pytest.raises(ValueError, match="record 3 has the text 'Bye'"):
        read_table([first, *rows("Hello", "Bye")])
    frame = pd.DataFrame(rows("Hello", None))
    assert read_table(frame, data=True).texts == ["Hello"]
