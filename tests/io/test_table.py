import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skcrowd.exceptions import CrowdWarning
from skcrowd.io import read_answers, read_items, read_table
from skcrowd.io._label_order import with_order

ROWS = {
    "task": ["t2", "t1", "t2"],
    "worker": ["bob", "ann", "ann"],
    "label": ["yes", "no", "no"],
    "text": ["two", "one", "two"],
    "gold": ["yes", "", "yes"],
}


def parquet(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table(ROWS), path)
    return path


def csv(tmp_path):
    path = tmp_path / "a.csv"
    pd.DataFrame(ROWS).to_csv(path, index=False)
    return path


def tsv(tmp_path):
    path = tmp_path / "a.tsv"
    pd.DataFrame(ROWS).to_csv(path, index=False, sep="\t")
    return path


def jsonl(tmp_path):
    path = tmp_path / "a.jsonl"
    pd.DataFrame(ROWS).to_json(path, orient="records", lines=True)
    return path


TABLES = {
    "dict": lambda _: ROWS,
    "pandas": lambda _: pd.DataFrame(ROWS),
    "polars": lambda _: pl.DataFrame(ROWS),
    "arrow": lambda _: pa.table(ROWS),
    "records": lambda _: iter(pd.DataFrame(ROWS).to_dict("records")),
    "csv": csv,
    "tsv": tsv,
    "jsonl": jsonl,
    "parquet": parquet,
}


@pytest.mark.parametrize("make", TABLES.values(), ids=TABLES)
def test_every_kind_of_table(make, tmp_path):
    export = read_table(make(tmp_path), data=["text"])
    assert export.items == ["t2", "t1"]
    assert export.annotations[0] == {"ann": "no", "bob": "yes"}
    assert export.annotations[1] == {"ann": "no"}
    assert export.gold == {"t2": "yes"}
    assert export.data == {"text": ["two", "one"]}


@pytest.mark.parametrize("make", [csv, tsv, jsonl, parquet])
def test_tables_are_recognised(make, tmp_path):
    export = read_answers(make(tmp_path))
    assert export.tool == "a table"
    assert export.annotations.n_answers == 3


def test_tuples():
    export = read_table([(7, "ann", 1), (7, "bob", 0), (8, "ann", 1)])
    assert export.items == [7, 8]
    assert export.annotations.classes.tolist() == [0, 1]
    with pytest.raises(TypeError, match="a row must be a tuple"):
        read_table([(7, "ann")])


def test_a_column_for_each_annotator(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text("document;ann;bob;text\nd1;3,5;2,5;one\nd2;;4;two\n")
    export = read_answers(path, annotators=["ann", "bob"], data=["text"])
    assert [export.annotations[0], export.annotations[1]] == [
        {"ann": 3.5, "bob": 2.5},
        {"bob": 4.0},
    ]
    assert export.texts == ["one", "two"]
    with pytest.raises(ValueError, match=r"lacks the columns \['eve'\]"):
        read_table(path, annotators=["ann", "eve"])
    with pytest.raises(ValueError, match="annotators=, the list"):
        read_table(path)


def test_columns_may_be_given():
    rows = {"where": [1, 1], "who": ["a", "b"], "what": ["x", "y"]}
    with pytest.raises(ValueError, match=r"pass annotator=, one of \['where', 'who'"):
        read_table(rows)
    export = read_table(rows, item="where", annotator="who", answer="what")
    assert export.annotations[0] == {"a": "x", "b": "y"}
    with pytest.raises(ValueError, match="item='place' is no column"):
        read_table(rows, item="place", annotator="who", answer="what")


@pytest.mark.parametrize(
    ("labels", "kind", "classes"),
    [
        (["1", "0", "1"], "labels", [0, 1]),
        (["01", "0", "1"], "labels", ["0", "01", "1"]),
        (["1.5", "2", "1"], "numbers", None),
        ([1.0, 2.0, np.nan], "labels", [1, 2]),
        ([True, False, True], "labels", [False, True]),
        (["yes", "no", "maybe"], "labels", ["maybe", "no", "yes"]),
    ],
)
def test_types_of_answers(labels, kind, classes):
    rows = pd.DataFrame({"item": [1, 2, 3], "annotator": "ann", "label": labels})
    annotations = read_table(rows).annotations
    assert annotations.kind == kind
    assert annotations.classes is None or annotations.classes.tolist() == classes


def test_kind_may_be_given():
    rows = [(1, "a", "3"), (2, "a", "5")]
    assert read_table(rows, kind="numbers").annotations[1] == {"a": 5.0}
    with pytest.raises(ValueError, match=r"is no number: .*'x'"):
        read_table([(1, "a", "x")], kind="numbers")


def test_repeated_answers_are_an_error_unless_one_is_to_be_kept():
    rows = [(1, "a", "x"), (1, "a", "y"), (2, "a", "y")]
    with pytest.raises(ValueError, match="record 2: annotator 'a' answers item 1"):
        read_table(rows)
    assert read_table(rows, repeated="last").annotations[0] == {"a": "y"}
    assert read_table(rows, repeated="first").annotations[0] == {"a": "x"}
    with pytest.raises(ValueError, match="repeated must be one of"):
        read_table(rows, repeated="all")


def test_empty_cells_are_no_answers():
    rows = [(1, "a", "x"), (1, "b", ""), (2, "b", None), (2, None, "x")]
    export = read_table(rows)
    assert export.annotations.n_answers == 1
    assert export.left_out == {
        "rows without an answer": 2,
        "answers without the name of an annotator": 1,
    }
    with pytest.raises(ValueError, match="record 1 has no item"):
        read_table([(None, "a", "x")])
    with pytest.raises(ValueError, match=r"no answer names.*Add a column"):
        read_table([(1, None, "x")])
    with pytest.raises(ValueError, match="the file has no answer"):
        read_table([(1, "a", "")])


def test_missing_values_of_pandas():
    rows = pd.DataFrame(
        {
            "item": pd.array([1, 1, 2], dtype="Int64"),
            "annotator": pd.array(["a", "b", None], dtype="string"),
            "label": pd.array([3, None, 3], dtype="Int64"),
        }
    )
    export = read_table(rows)
    assert export.annotations[0] == {"a": 3}
    assert export.annotations.n_answers == 1


def test_ids_of_answers_are_no_items():
    rows = {"id": [1, 2], "annotator": ["a", "b"], "label": ["x", "y"], "text": "pp"}
    with pytest.warns(CrowdWarning, match="column 'id' may number the answers"):
        read_table(rows)
    assert read_table(rows, item="text").annotations[0] == {"a": "x", "b": "y"}


def test_other_columns_may_differ_between_answers():
    rows = [
        {"item": 1, "annotator": "a", "label": "x", "seconds": 3},
        {"item": 1, "annotator": "b", "label": "x", "seconds": 4},
    ]
    assert read_table(rows).annotations.n_answers == 2


def test_spreadsheets_name_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK")
    with pytest.raises((ImportError, ValueError), match=r"openpyxl|Excel"):
        read_table(path)


def test_parquet_without_pyarrow(tmp_path, monkeypatch):
    path = parquet(tmp_path)
    expected = read_table(path)
    monkeypatch.setattr("skcrowd.io._parquet.find_spec", lambda name: None)
    assert read_answers(path).annotations == expected.annotations
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ImportError, match="pip install pyarrow"):
        read_table(path)


def test_details(tmp_path):
    rows = {
        "task": ["t1", "t1", "t2", "t2", "t3"],
        "worker": ["ann", "bob", "ann", "bob", "bob"],
        "label": ["yes", "no", "?", "yes", "no"],
        "sure": ["0.9", "", "0.1", "0.4", "1"],
        "count": ["1", "2", "1", "1", "0"],
        "seconds": ["3", "4", "5", "", "6"],
    }
    path = tmp_path / "a.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    columns = {"confidence": "sure", "weight": "count", "time": "seconds"}
    found = read_answers(path, **columns, unsure="?").annotations
    np.testing.assert_equal(found.confidence, [0.9, np.nan, 0.4])
    assert found.weight.tolist() == [1, 2, 1]
    np.testing.assert_equal(found.time, [3, 4, np.nan])
    assert found.unsure.tolist() == [[1, 0]]
    with pytest.raises(ValueError, match="confidence='certain' is no column"):
        read_table(rows, confidence="certain")
    with pytest.raises(ValueError, match="weight of an answer is no number: 'a'"):
        read_table(rows | {"count": ["a"] * 5}, weight="count")
    with pytest.raises(ValueError, match="weight holds -1"):
        read_table(rows | {"count": ["-1"] * 5}, weight="count")


def test_ordered_categories_keep_their_order(tmp_path):
    grades = ["poor", "so so", "good", "?"]
    answer = pd.Categorical(["good", "poor", "?"], grades, ordered=True)
    frame = pd.DataFrame({"item": [1, 1, 2], "worker": list("aba"), "label": answer})
    frame.to_parquet(tmp_path / "t.parquet")
    levels = pl.Enum(grades)
    named = pl.DataFrame(frame.assign(label=frame["label"].astype(str))).with_columns(
        pl.col("label").cast(levels)
    )
    arrow = pa.Table.from_pandas(frame)
    for table in (frame, tmp_path / "t.parquet", named, arrow, dict(frame)):
        annotations = read_table(table, unsure="?").annotations
        assert annotations.ordered
        assert annotations.classes.tolist() == ["poor", "so so", "good"]
    wide = pd.DataFrame({"item": [1, 2], "ann": answer[:2], "bob": answer[1::-1]})
    read = read_table(wide, annotators=["ann", "bob"]).annotations
    assert read.classes.tolist() == grades
    mixed = wide.assign(bob=["poor", "good"])
    assert not read_table(mixed, annotators=["ann", "bob"]).annotations.ordered


@pytest.mark.parametrize(
    ("answers", "order", "classes"),
    [
        ([1.0, 3.0, None], [3.0, 2.0, 1.0], [3, 2, 1]),
        ([True, True, True], [True, False], [True, False]),
        (["1", "10", "2"], ["1", "2", "10"], [1, 2, 10]),
        ([1, "a", "a"], ["a", 1], ["a", "1"]),
        (["lo", "", "hi"], ["", "lo", "hi"], ["lo", "hi"]),
    ],
)
def test_ordered_categories_have_the_type_of_the_answers(
    answers, order, classes, tmp_path
):
    column = pd.Categorical(answers, order, ordered=True)
    rows = {"item": [0, 0, 1], "annotator": ["a", "b", "a"], "label": column}
    tables = [pd.DataFrame(rows)]
    if all(isinstance(label, str) for label in order):  # which Parquet keeps
        tables[0].to_parquet(tmp_path / "table.parquet")
        tables.append(tmp_path / "table.parquet")
    for table in tables:
        read = read_table(table).annotations
        assert read.ordered
        assert read.classes.tolist() == classes


def test_an_order_of_other_labels_is_refused():
    read = read_table([("i", "a", 1), ("i", "b", 2)]).annotations
    with pytest.raises(ValueError, match=r"holds '3\.5', but the answers are int"):
        with_order(read, ["1", "2", "3.5"])
    assert with_order(read, ["3", "2", "1"]).classes.tolist() == [3, 2, 1]


@pytest.mark.parametrize("sign", ["99", 99, ["99", "?"]])
@pytest.mark.parametrize("kind", ["labels", "numbers"])
def test_a_sign_of_not_knowing_has_the_type_that_it_was_read_as(sign, kind, tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text("item,annotator,label\n1,a,1\n1,b,99\n2,a,2\n")
    read = read_table(path, unsure=sign, kind=kind).annotations
    assert read.answer.tolist() == ([0, 1] if kind == "labels" else [1, 2])
    assert read.unsure.tolist() == [[0, 1]]


@pytest.mark.parametrize("title", ["# made by a tool", "Results", "Answers of 2026"])
@pytest.mark.parametrize("blank", ["", "\n"])
def test_a_title_above_the_header_is_named(tmp_path, title, blank):
    path = tmp_path / "answers.csv"
    path.write_text(f"{title}\n{blank}item,annotator,label\n1,a,x\n")
    with pytest.raises(ValueError, match=f"{title}.* is no header; the next one"):
        read_table(path)


def test_columns_separated_by_spaces_are_named(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text("item annotator label\n1 a x\n1 b y\n")
    with pytest.raises(ValueError, match="separate columns by commas or tabs"):
        read_table(path)


def test_one_column_may_hold_names_of_columns(tmp_path):
    path = tmp_path / "items.csv"
    path.write_text("text\nHello, world\n")
    assert read_items(path) == ([0], ["Hello, world"])


def test_a_dict_of_one_answer_is_no_table():
    with pytest.raises(ValueError, match="'item' holds 1; pass lists of one length"):
        read_table({"item": 1, "annotator": "a", "label": "x"})
