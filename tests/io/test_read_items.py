"""read_items: names and texts of items that nobody has answered."""

import gzip
import json

import pytest

from skcrowd.io import read_items


def write(folder, name, text):
    """Write a file, packed if its name says so, and return its path."""
    opened = gzip.open if name.endswith(".gz") else open
    with opened(folder / name, "wt", encoding="utf-8") as file:
        file.write(text)
    return folder / name


ITEMS = ["a", "b"], ["Lovely!", "Not again, ü."]
RECORDS = [{"id": i, "text": text} for i, text in zip(*ITEMS, strict=True)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("new.csv", 'id,text\na,Lovely!\nb,"Not again, ü."\n'),
        ("new.csv.gz", 'text,id\nLovely!,a\n"Not again, ü.",b\n'),
        ("new.tsv", "id\ttext\na\tLovely!\nb\tNot again, ü.\n"),
        ("new.json", json.dumps(RECORDS)),
        ("new.jsonl", "\n".join(map(json.dumps, RECORDS))),
    ],
)
def test_every_form_reads_the_same(name, text, tmp_path):
    assert read_items(write(tmp_path, name, text)) == ITEMS


def test_items_without_names_are_numbered(tmp_path):
    path = write(tmp_path, "new.csv", "review\nLovely!\nNot again.\n")
    assert read_items(path) == ([0, 1], ["Lovely!", "Not again."])


def test_columns_may_be_named(tmp_path):
    path = write(tmp_path, "new.csv", "film,text,summary\nM,long,short\n")
    assert read_items(path) == ([0], ["long"])
    assert read_items(path, item="film", text="summary") == (["M"], ["short"])


@pytest.mark.parametrize(
    ("name", "text", "options", "message"),
    [
        ("a.csv", "", {}, "a.csv is empty"),
        ("a.csv", "id,text\n", {}, "has a header, but no row"),
        ("a.csv", "id,text\na,x\nb, \n", {}, r"row 2 \(line 3\) has no text in 'text'"),
        ("a.csv", "id,text\na,x\n,y\n", {}, r"row 2 \(line 3\) has no name in 'id'"),
        ("a.jsonl", '{"text": "x", "id": 1}\n{"text": "y"}', {}, "has no name in 'id'"),
        ("a.jsonl", '{"text": "x"}\n{"id": 3}', {}, "record 2 .* has no text"),
        ("a.json", '[{"text": 5}]', {}, "has no text"),
        ("a.json", "[1, 2]", {}, "expected an object"),
        ("a.csv", "b,c\nx,y\n", {}, r"not certain .* text=, one of \['b', 'c'\]"),
        ("a.csv", "b,c\nx,y\n", {"text": "d"}, "text='d' is no column"),
        ("a.csv", "b,c\nx,y\n", {"item": "d", "text": "b"}, "item='d' is no column"),
    ],
)
def test_what_cannot_be_read_is_said(name, text, options, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        read_items(write(tmp_path, name, text), **options)
