"""What a file holds is seen from its beginning where its name does not say it."""

import gzip
import json

import pandas as pd
import pytest

from skcrowd.io import (
    read_answers,
    read_argilla,
    read_doccano,
    read_items,
    read_potato,
    read_table,
)
from skcrowd.io._label_order import stated_order

ROWS = [
    {"item": "t1", "annotator": "ann", "label": "cat"},
    {"item": "t1", "annotator": "bob", "label": "dog"},
]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)
CSV = "item,annotator,label\nt1,ann,cat\nt1,bob,dog\n"
NAMES = ["answers.txt", "answers.jl", "answers", "answers.csv.old", "a.JSONL", "a.csv"]


def same(export):
    return export.annotations[0] == {"ann": "cat", "bob": "dog"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "content",
    [
        LINES.encode(),
        json.dumps(ROWS, indent=2).encode(),
        f"\n\n  {LINES}".encode(),
        LINES.encode("utf-8-sig"),
        LINES.encode("utf-16"),
        gzip.compress(LINES.encode(), mtime=0),
    ],
)
def test_json_of_any_name(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert same(read_answers(path))
    assert same(read_table(path))


@pytest.mark.parametrize("name", ["answers.txt", "answers", "answers.data"])
def test_tables_of_any_name(tmp_path, name):
    path = tmp_path / name
    path.write_text(CSV)
    assert same(read_answers(path))
    frame = pd.DataFrame(ROWS)
    frame["label"] = pd.Categorical(frame["label"], ["dog", "cat"], ordered=True)
    frame.to_parquet(path)
    for read in (read_answers, read_table):
        export = read(path)
        assert same(export)
        assert export.annotations.ordered
    assert stated_order(path, ["label"]) == ["dog", "cat"]


@pytest.mark.parametrize("header", ["[item],annotator,label", "{item},annotator,label"])
def test_columns_in_brackets_are_no_json(tmp_path, header):
    path = tmp_path / "answers.csv"
    path.write_text(CSV.replace("item,annotator,label", header))
    column = header.partition(",")[0]
    assert same(read_table(path, item=column))
    assert same(read_answers(path, item=column))


@pytest.mark.parametrize("name", ["new.txt", "new", "new.jl"])
def test_items_of_any_name(tmp_path, name):
    path = tmp_path / name
    path.write_text('{"id": "a", "text": "Lovely!"}\n')
    assert read_items(path) == (["a"], ["Lovely!"])
    path.write_text("id,text\na,Lovely!\n")
    assert read_items(path) == (["a"], ["Lovely!"])


@pytest.mark.parametrize("name", ["d.PARQUET", "d.Pq", "d.data", "d"])
def test_argilla_of_any_name(tmp_path, name):
    record = {"id": "7", "text": "Lovely!", "mood.responses": ["good", "bad"]}
    record["mood.responses.users"] = ["u1", "u2"]
    record["mood.responses.status"] = ["submitted", "submitted"]
    path = tmp_path / name
    pd.DataFrame([record]).to_parquet(path)
    for read in (read_answers, read_argilla):
        assert read(path).annotations[0] == {"u1": "good", "u2": "bad"}
    path = tmp_path / "d.txt"
    path.write_text("id,text,mood.responses\n7,Lovely!,good\n")
    with pytest.raises(ValueError, match=r"d.txt is no JSON: a CSV file does not keep"):
        read_argilla(path)


@pytest.mark.parametrize("name", ["potato.txt", "potato", "potato.CSV"])
def test_potato_of_any_name(tmp_path, name):
    path = tmp_path / name
    path.write_text("user,instance_id,mood:::good,mood:::bad\nu,1,true,\nv,1,,true\n")
    for read in (read_answers, read_potato):
        assert read(path).annotations[0] == {"u": "good", "v": "bad"}


def test_doccano_of_any_name(tmp_path):
    one, other = tmp_path / "u.txt", tmp_path / "v.txt"
    one.write_text("id,text,label\n1,a,good\n")
    other.write_text('{"id": "1", "text": "a", "label": ["bad"]}\n')
    read = read_doccano({"u": one, "v": other})
    assert read.annotations[0] == {"u": "good", "v": "bad"}


@pytest.mark.parametrize(
    "read", [read_answers, read_table, read_argilla, read_potato, read_items]
)
def test_folders_and_pipes_are_refused(tmp_path, read):
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises((OSError, ValueError), match="folder"):
        read(folder)
    for name in ("/dev/null", "-"):
        with pytest.raises(
            ValueError, match=rf"{name} is a pipe or a device, .* first"
        ):
            read(name)
