"""Tables in the forms that people have them in."""

import csv
import json
from collections import namedtuple
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from skcrowd.exceptions import CrowdWarning
from skcrowd.io import read_answers, read_table

ROWS = [(1, "a", "x"), (1, "b", "y"), (2, "a", "y")]
NAMES = "item", "annotator", "label"
FRAME = pd.DataFrame(ROWS, columns=list(NAMES))


def long(export):
    return list(export.annotations.to_long().itertuples(index=False, name=None))


def written(tmp_path, text, name="answers.json"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "index", [["item"], ["item", "annotator"]], ids=["items", "items and annotators"]
)
def test_an_index_with_names_is_a_column(index):
    assert long(read_table(FRAME.set_index(index))) == ROWS


def test_a_series_with_an_index_of_items_and_annotators():
    assert long(read_table(FRAME.set_index(["item", "annotator"])["label"])) == ROWS


@pytest.mark.parametrize("index", [["i", "j"], [7, 9], [0, 1]])
def test_the_index_of_a_wide_frame_names_its_items(index):
    wide = pd.DataFrame({"ann": ["x", "y"], "bob": ["x", None]}, index=index)
    export = read_table(wide, annotators=["ann", "bob"])
    assert export.items == index
    assert export.annotations[1] == {"ann": "y"}


def test_a_wide_frame_with_a_column_of_items_does_without_its_index():
    wide = pd.DataFrame({"item": ["i", "j"], "ann": ["x", "y"]}, index=[5, 6])
    assert read_table(wide, annotators=["ann"]).items == ["i", "j"]


ANSWERS = {"id": [1, 1, 2], "rater": ["a", "b", "a"], "choice": ["x", "y", "y"]}


@pytest.mark.parametrize("name", ["sample", "label", "user", "Text"])
def test_an_index_is_no_column_where_one_holds_the_same(name):
    frame = pd.DataFrame(ANSWERS).rename_axis(name)
    assert long(read_table(frame)) == ROWS
    assert long(read_table(pd.DataFrame(ANSWERS).rename_axis("note"))) == ROWS


def test_an_index_of_true_answers_beside_those_of_a_column():
    frame = pd.DataFrame({**ANSWERS, "truth": ["x", "x", None]}).rename_axis("gold")
    assert read_table(frame).gold == {1: "x"}


def test_an_index_that_the_user_names_is_a_column():
    frame = pd.DataFrame(ANSWERS).rename_axis("sample")
    assert read_table(frame, item="sample").items == [0, 1, 2]
    with pytest.raises(ValueError, match="'sample'"):
        read_table(frame, data=["sample"])
    named = pd.DataFrame(ANSWERS).set_index("id")
    assert long(read_table(named.assign(sample=5), item="id")) == ROWS


@pytest.mark.parametrize("named", [{}, {"pair": ("one", "two")}])
def test_the_index_of_a_wide_frame_names_no_pairs(named):
    first, second = named.get("pair", ("first", "second"))
    wide = pd.DataFrame({first: ["b", "b"], second: ["c", "c"], "ann": ["b", "c"]})
    export = read_table(wide, annotators=["ann"], repeated="last", **named)
    assert export.annotations.n_comparisons == 1
    assert export.items == ["b", "c"]


@pytest.mark.parametrize("name", ["Review ID", "tweet_id", "HITId"])
def test_items_of_one_text_are_told_by_their_ids(name):
    texts = ["fine", "fine", "fine"]
    frame = pd.DataFrame({"Text": texts, name: [1, 1, 2], "Rater": ["a", "b", "a"]})
    export = read_table(frame.assign(Stars=[4, 5, 1]), answer="Stars")
    assert export.items == [1, 2]
    with pytest.raises(ValueError, match="answers item 'fine' again"):
        read_table(frame.assign(Stars=[4, 5, 1]), answer="Stars", item="Text")


def test_columns_whose_names_are_numbers():
    frame = pd.DataFrame(ROWS)
    assert long(read_table(frame, item=0, annotator=1, answer=2)) == ROWS
    wide = pd.DataFrame({"item": [1, 2], 0: ["x", "y"], 1: ["x", "x"]})
    assert read_table(wide, annotators=[0, 1]).annotations[1] == {0: "y", 1: "x"}


def test_named_tuples_are_read_by_their_names():
    row = namedtuple("row", ["annotator", "label", "item"])
    rows = [row("a", "x", 1), row("b", "y", 1), row("a", "y", 2)]
    assert long(read_table(rows)) == ROWS


@pytest.mark.parametrize(
    "table",
    [
        np.array(ROWS, dtype=object),
        np.array(ROWS, dtype=[(name, object) for name in NAMES]),
        [{0: 1, "annotator": "a", "label": "x"}],
    ],
    ids=["2-D", "structured", "numbers as keys"],
)
def test_arrays(table):
    given = {"item": 0} if isinstance(table, list) else {}
    assert long(read_table(table, **given)) == ROWS[: len(table)]


def test_lazy_tables_and_streams():
    pl, pa = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    columns = dict(zip(NAMES, map(list, zip(*ROWS, strict=True)), strict=True))
    assert long(read_table(pl.DataFrame(columns).lazy())) == ROWS
    assert long(read_table(pa.table(columns).to_reader())) == ROWS


@pytest.mark.parametrize("orient", ["columns", "records", "split", "table"])
def test_json_as_pandas_writes_it(tmp_path, orient):
    path = written(tmp_path, FRAME.to_json(orient=orient))
    assert long(read_answers(path)) == ROWS


def test_json_with_a_list_for_each_column(tmp_path):
    path = written(tmp_path, json.dumps(FRAME.to_dict(orient="list")))
    assert long(read_answers(path)) == ROWS


def test_a_record_whose_lists_are_no_columns(tmp_path):
    record = {"item": 1, "annotator": "a", "label": ["x", "y"], "text": "t"}
    export = read_table(written(tmp_path, json.dumps(record)))
    assert export.annotations.n_items == 1


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (None, "got NoneType"),
        (3, "got int"),
        (StringIO("item,annotator,label\n"), "got an open file"),
    ],
)
def test_what_is_no_table(table, message):
    with pytest.raises(TypeError, match=f"a table is a path, .* {message}"):
        read_table(table)


def test_columns_of_different_lengths():
    with pytest.raises(ValueError, match=r"equally long, got {'item': 2, 'label': 1}"):
        read_table({"item": [1, 2], "label": ["x"]})


def test_a_header_among_tuples():
    rows = csv.reader(StringIO("item,annotator,label\n1,a,x\n"))
    with pytest.raises(ValueError, match="holds names of columns, not an answer"):
        read_table(rows)


def test_bytes_are_texts():
    rows = [(b"i", b"a", b"caf\xc3\xa9")]
    assert long(read_table(rows)) == [("i", "a", "café")]
    with pytest.raises(ValueError, match="is no text in UTF-8"):
        read_table([("i", "a", b"\xff")])


def test_durations_are_seconds():
    frame = FRAME.assign(took=pd.to_timedelta([1, 90, 3.5], unit="s"))
    times = read_table(frame, time="took").annotations.time
    assert times.tolist() == [1, 90, 3.5]


def test_rows_without_any_value_are_left_out():
    frame = pd.concat([FRAME, pd.DataFrame([{"item": None}])], ignore_index=True)
    assert long(read_table(frame)) == ROWS


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((["i"], "a", "x"), r"the item \['i'\]; an item is named by a text or a numb"),
        ((1, "a", {"x": 0.5}), r"{'x': 0.5} is an object"),
    ],
)
def test_cells_that_are_neither_names_nor_answers(row, message):
    with pytest.raises(ValueError, match=message):
        read_table([row])


def test_true_answers_that_only_later_rows_have(tmp_path):
    rows = [
        {"item": 1, "worker": "a", "label": "x"},
        {"item": 2, "worker": "a", "label": "y", "gold": "x"},
        {"item": 1, "worker": "b", "label": "x"},
    ]
    assert read_table(rows).gold == {2: "x"}
    lines = "\n".join(map(json.dumps, rows))
    assert read_answers(written(tmp_path, lines, "a.jsonl")).gold == {2: "x"}


def test_fields_that_later_rows_lack_are_empty():
    rows = [
        {"item": 1, "worker": "a", "label": "x", "gold": "x", "sure": 0.5},
        {"item": 2, "worker": "a", "label": "y"},
        {"item": 2, "worker": "b"},
    ]
    export = read_table(rows, confidence="sure")
    assert export.gold == {1: "x"}
    assert export.annotations.confidence.tolist() == pytest.approx(
        [0.5, np.nan], nan_ok=True
    )
    assert export.left_out == {"rows without an answer": 1}


def test_later_rows_with_a_likelier_column():
    rows = [
        {"item": 1, "worker": "a", "value": "x"},
        {"item": 1, "worker": "b", "value": "x", "label": "y"},
    ]
    with pytest.raises(ValueError, match=r"record 2 has a column 'label', .* 'value'"):
        read_table(rows)
    assert long(read_table(rows, answer="value")) == [(1, "a", "x"), (1, "b", "x")]


@pytest.mark.parametrize(
    "more", [{"image": "p"}, {"item_id": 5}, {"item": 5, "first": 1, "second": 2}]
)
def test_later_rows_with_what_may_name_items(more):
    rows = [{"id": item, "user": user, "label": label} for item, user, label in ROWS]
    assert long(read_table([*rows[:2], rows[2] | more])) == ROWS


def test_later_rows_with_what_may_name_pairs():
    rows = [
        {"left": "p", "right": "q", "user": user, "preferred": "p"} for user in "abc"
    ]
    for more in {"id": 7}, {"first": 1, "second": 2}:
        export = read_table([rows[0], rows[1] | more, rows[2]])
        assert export.items == ["p", "q"]
        assert export.annotations.n_comparisons == 3


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            {"answer": "x", "label": "y"},
            r"answers were read from .* 'answer', but \['l",
        ),
        (
            {"label": "x", "Label": "y"},
            r"answers were read from .* 'label', but \['Lab",
        ),
        ({"label": "x", "user": "u"}, r"annotators were read .* 'worker', but \['user"),
        (
            {"label": "x", "gold": "x", "truth": "y"},
            "true answers were read from .* 'gold'",
        ),
    ],
)
def test_several_columns_that_may_be_meant(row, message):
    with pytest.warns(CrowdWarning, match=message):
        read_table([{"item": 1, "worker": "w"} | row, {"item": 2, "worker": "w"} | row])


UNCLEAR = ["category", "score", "rating", "value", "tag", "code", "username"]


@pytest.mark.parametrize("name", UNCLEAR)
def test_unclear_names_beside_a_clear_one_are_no_question(name):
    rows = [
        {"item": item, "annotator": user, "label": label, name: 5}
        for item, user, label in ROWS
    ]
    assert long(read_table(rows)) == ROWS


def test_unclear_names_alone_are_a_question():
    rows = [{"item": k, "rater": "a", "rating": 1, "score": 2} for k in "ij"]
    with pytest.warns(CrowdWarning, match=r"column 'rating', but \['score'\] may hold"):
        read_table(rows)
    with pytest.warns(CrowdWarning, match=r"column 'username', but \['rater'\] may"):
        read_table([row | {"username": "u"} for row in rows], answer="score")


def test_columns_that_are_used_otherwise_are_no_question():
    rows = [
        {"item": item, "annotator": user, "response": label, **more}
        for item, user, label in ROWS
        for more in [{"category": "c", "score": 0.5, "vote": 2}]
    ]
    export = read_table(rows, data=["category"], confidence="score", weight="vote")
    assert long(export)[0][:3] == ROWS[0]
    assert export.annotations.weight.tolist() == [2, 2, 2]


def test_one_column_may_be_confidence_and_weight():
    export = read_table(FRAME.assign(sure=0.5), confidence="sure", weight="sure")
    assert export.annotations.confidence.tolist() == [0.5, 0.5, 0.5]
    assert export.annotations.weight.tolist() == [0.5, 0.5, 0.5]


def test_two_names_of_one_annotator_are_no_question():
    row = {"item": 1, "worker_id": 7, "worker": "w", "label": "x"}
    assert read_table([row]).annotations[0] == {"w": "x"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"item": "worker", "annotator": "worker"},
            "'worker' is named as annotator and",
        ),
        ({"gold": "label"}, "'label' is named as answer and as gold"),
        ({"confidence": "label"}, "'label' is named as answer and as confidence"),
    ],
)
def test_one_column_for_two_parts(given, message):
    with pytest.raises(ValueError, match=message):
        read_table([{"item": 1, "worker": "a", "label": "x"}], **given)


WIDE = [{"item": 1, "ann": "x", "bob": "y", "answer": "z", "annotator": "v"}]


def test_columns_of_a_wide_table_that_are_named_as_those_of_a_long_one():
    export = read_table(WIDE, annotators=["ann", "bob"], data=True)
    assert export.annotations[0] == {"ann": "x", "bob": "y"}
    assert export.data == {"item": [1], "answer": ["z"], "annotator": ["v"]}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"answer": "ann"}, r"so \['answer'\] cannot be a column"),
        ({"annotator": "ann"}, r"so \['annotator'\] cannot be a column"),
        ({"confidence": "bob"}, r"so \['confidence'\] cannot be a column"),
        ({"annotators": ["ann", "ann"]}, "give the column of each annotator, once"),
        ({"annotators": []}, "give the column of each annotator, once"),
        ({"annotators": ["item", "ann"], "item": None}, "no column is named as items"),
    ],
)
def test_options_that_a_wide_table_has_no_place_for(given, message):
    with pytest.raises(ValueError, match=message):
        read_table(WIDE, **{"annotators": ["ann", "bob"]} | given)


APPEN = (
    "_unit_id,_golden,_trust,_worker_id,mood,orig__golden,mood_gold,text\n"
    '100,false,0.9,77,"good\nbad",,,a\n'
    "100,false,0.8,78,bad,,,a\n"
    "101,true,0.2,77,good,true,bad,b\n"
)


def test_full_reports_of_appen(tmp_path):
    path = written(tmp_path, APPEN, "full.csv")
    with pytest.warns(CrowdWarning, match=r"several lines, 'good\\nbad', and was read"):
        export = read_table(path, answer="mood")
    assert export.gold == {101: "bad"}
    assert export.annotations.annotator_names.tolist() == [77, 78]
    sets = read_table(path, answer="mood", separator="\n").annotations
    assert sets.classes.tolist() == ["bad", "good"]
    with pytest.raises(
        ValueError, match=r"pass answer=, one of \['_unit_id', '_golden'"
    ):
        read_answers(path)


JOINED = [(1, "a", "x, y"), (1, "b", "x"), (2, "b", "y")]


def test_labels_that_join_others():
    with pytest.warns(CrowdWarning, match="label 'x, y' joins other labels by ','"):
        read_table(JOINED)
    assert long(read_table(JOINED, kind="labels")) == JOINED
    sets = read_table(JOINED, separator=",").annotations
    assert sets.classes.tolist() == ["x", "y"]
    rows = [(1, "a", "well, no"), (1, "b", "no")]
    assert long(read_table(rows)) == rows
    rows = [(1, "a", "x/y"), (1, "b", "x"), (2, "a", "y"), (2, "b", "y / x")]
    with pytest.warns(CrowdWarning, match=r"'x/y' joins .* '/', .* separator='/'"):
        read_table(rows)


def test_labels_with_a_slash_may_be_single():
    rows = [(1, "a", "C/C++"), (1, "b", "C"), (2, "a", "C++")]
    assert long(read_table(rows)) == rows
    rows = [(item, "a", label) for item, label in enumerate(["N", "A", "A/N", "N/A"])]
    with pytest.warns(CrowdWarning) as warned:
        read_table(rows)
    assert ["the text 'N/A'" in str(one.message) for one in warned] == [True]


@pytest.mark.parametrize("others", [{}, {"notes": pd.DataFrame({"a": [1]})}])
def test_sheets(tmp_path, monkeypatch, others):
    sheets = {"empty": pd.DataFrame(), "answers": FRAME} | others
    given = {}

    def read_excel(path, **options):
        given.update(options)
        return sheets

    monkeypatch.setattr(pd, "read_excel", read_excel)
    path = written(tmp_path, "", "answers.xlsx")
    if others:
        with pytest.warns(CrowdWarning, match="'answers' alone was read"):
            read_table(path)
    else:
        assert long(read_table(path)) == ROWS
    assert given["keep_default_na"] is False
