import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skcrowd.exceptions import CrowdWarning
from skcrowd.io import read_answers, read_argilla


def test_columns_of_version_2(samples):
    path = samples / "argilla_2.jsonl"
    export = read_argilla(path, question="mood", data=True)
    assert export.items == ["r1", "r2"]
    assert export.annotations[0] == {"u1": "good", "u2": "bad"}
    assert export.annotations[1] == {"u1": "bad"}
    assert export.left_out["responses that are discarded"] == 1
    assert export.data == {"text": ["Lovely soup.", "Cold soup."]}
    stars = read_argilla(path, question="stars").annotations
    assert stars.kind == "numbers"
    assert stars[0] == {"u1": 5.0, "u2": 2.0}
    with pytest.raises(ValueError, match="several questions"):
        read_argilla(path)


def test_columns_of_version_1(samples):
    export = read_argilla(samples / "argilla_1.json")
    assert export.annotations[0] == {"u1": "good"}
    assert export.annotations[1] == {"u2": "bad"}
    assert export.left_out == {"responses that are draft": 1}


def test_records_with_spans(samples):
    export = read_argilla(samples / "argilla_records.json")
    assert export.spans == [{"u1": [(0, 3, "PER")], "u2": []}]


def test_responses_by_user(samples):
    export = read_argilla(samples / "argilla_users.json")
    assert export.annotations[0] == {"u1": "good", "u2": "bad"}


def test_parquet(tmp_path):
    columns = {
        "id": ["r1"],
        "text": ["Lovely"],
        "mood.responses": [["good", "bad"]],
        "mood.responses.users": [["u1", "u2"]],
        "mood.responses.status": [["submitted", "submitted"]],
    }
    path = tmp_path / "train.parquet"
    pq.write_table(pa.table(columns), path)
    export = read_answers(path)
    assert export.tool == "Argilla"
    assert read_argilla([path]).annotations == export.annotations
    assert export.annotations[0] == {"u1": "good", "u2": "bad"}


def record(*values, users=None, **fields):
    users = [f"u{k}" for k in range(len(values))] if users is None else users
    fields = fields or {"text": "Ann met Bob."}
    return {
        "id": "1",
        **fields,
        "q.responses": list(values),
        "q.responses.users": users,
    }


def test_several_labels():
    records = [record(["a", "b"], [])]
    assert read_argilla(records).annotations[0] == {"u0": ["a", "b"], "u1": []}
    with pytest.raises(ValueError, match="several labels"):
        read_argilla(records, kind="labels")
    assert read_argilla(records, label="a").annotations[0] == {"u0": 1, "u1": 0}


def test_the_text_of_spans():
    spans = [{"start": 0, "end": 3, "label": "PER"}]
    two = record(spans, title="Bob", body="Ann")
    with pytest.raises(ValueError, match=r"pass text=, one of \['title', 'body'\]"):
        read_argilla([two])
    assert read_argilla([two], text="body").texts == ["Ann"]
    with pytest.raises(ValueError, match="does not lie in field 'text'"):
        read_argilla([record(spans, text="An")])


def test_malformed_records():
    with pytest.raises(ValueError, match=r"with_responses=True"):
        read_argilla([record("a", users=[None])])
    with pytest.raises(ValueError, match="2 responses, but 1 users"):
        read_argilla([record("a", "b", users=["u1"])])
    with pytest.raises(ValueError, match="ranking or other"):
        read_argilla([record([{"value": "a", "rank": 1}])])
    with pytest.raises(ValueError, match="record 1 has no id"):
        read_argilla([{"text": "x", "q.responses": ["a"]}])


def test_dicts_of_lists_as_datasets_returns_them(samples):
    path = samples / "argilla_1_table.jsonl"
    mood = read_answers(path, question="mood")
    assert mood.tool == "Argilla"
    assert mood.items == ["record 1", "record 2"]
    assert mood.annotations[0] == {"u1": "good"}
    assert mood.left_out["responses that are draft"] == 1
    names = read_argilla(path, question="names")
    assert names.spans == [{"u1": [(0, 6, "PRAISE")]}, {}]


def test_one_annotation_a_record_as_before_version_1(samples):
    export = read_answers(samples / "argilla_0.jsonl")
    assert export.tool == "Argilla"
    assert export.spans[0] == {"ann": [(0, 3, "PER")], "bob": []}
    assert export.left_out == {"responses that are discarded": 1}


def test_rankings_of_two_are_preferences(samples):
    ranked = read_argilla(samples / "argilla_1_table.jsonl", question="better")
    assert ranked.annotations[0] == {"u1": "two", "u2": "tie"}
    orders = [record(["one", "two"], ["two", "one"], one="Yes.", two="No.")]
    assert read_argilla(orders).annotations[0] == {"u0": "one", "u1": "two"}
    pairs = read_argilla(orders, pair=("one", "two")).annotations
    assert pairs.item_names.tolist() == ["No.", "Yes."]
    sets = read_argilla(orders, kind="sets").annotations
    assert sets.classes.tolist() == ["one", "two"]


def test_longer_rankings_are_not_sets():
    with pytest.raises(ValueError, match=r"2 of q \(ranking or other\)"):
        read_argilla([record(["a", "b", "c"], ["c", "b", "a"])])


def test_a_user_that_is_the_text_none_is_nobody():
    with pytest.raises(ValueError, match="no answer names its annotator"):
        read_argilla([record("a", users=["None"])])


def test_lists_of_other_things_are_no_responses(tmp_path):
    ragged = {"seen": ["a", "b"], "times": [1]}
    assert read_argilla([record("x", text="Hi", notes=ragged)]).items == ["1"]
    path = tmp_path / "ann.jsonl"
    path.write_text(json.dumps({"id": 1, "text": "Hi", "meta": ragged, "label": ["a"]}))
    assert read_answers(tmp_path).annotations[0] == {"ann": "a"}
    with pytest.raises(ValueError, match="Share annotations across all users"):
        read_answers(path)


def test_lists_that_became_texts_are_refused(tmp_path):
    texts = record("a", "b") | {"q.responses": "ab"}
    with pytest.raises(ValueError, match=r"'q\.responses' is a text, where a list"):
        read_argilla([texts])
    path = tmp_path / "table.csv"
    path.write_text("id,text,q.responses,q.responses.users\n1,x,['a'],['u']\n")
    with pytest.raises(ValueError, match="a CSV file does not keep the lists"):
        read_answers(path)


def test_spans_that_are_triples():
    old = {"id": 1, "text": "Ann left.", "status": "Validated"}
    old |= {"annotation": [["PER", 0, 3]], "annotation_agent": "u"}
    assert read_argilla([old]).spans[0] == {"u": [(0, 3, "PER")]}


def test_rankings_on_which_all_agree_look_like_sets():
    same = [record(["a", "b"], ["a", "b"])]
    with pytest.warns(CrowdWarning, match="rankings on which all agree look the same"):
        assert read_argilla(same).annotations[0] == {"u0": ["a", "b"], "u1": ["a", "b"]}
    assert read_argilla(same, kind="sets").annotations.classes.tolist() == ["a", "b"]


EMOJI = "\U0001f600 Ann met Bob"


@pytest.mark.parametrize("unit", ["characters", "utf-16"])
@pytest.mark.parametrize("offsets", ["auto", None])
def test_spans_after_an_emoji_in_either_unit(unit, offsets):
    shift = unit == "utf-16"
    spans = [
        {"start": 2 + shift, "end": 5 + shift, "label": "PER"},
        {"start": 10 + shift, "end": 13 + shift, "label": "PER"},
    ]
    records = [record(spans, text=EMOJI)]
    export = read_argilla(records, offsets=offsets or unit)
    assert export.spans == [{"u0": [(2, 5, "PER"), (10, 13, "PER")]}]


def test_units_of_spans_that_are_not_certain():
    word = record([{"start": 3, "end": 6, "label": "PER"}], text=EMOJI)  # utf-16
    part = record([{"start": 4, "end": 5, "label": "PER"}], text=EMOJI) | {"id": "2"}
    with pytest.warns(CrowdWarning, match="cut a token"):
        assert read_argilla([word, part]).spans[1] == {"u0": [(3, 4, "PER")]}
    with pytest.raises(ValueError, match=r"record 1: .*pass offsets='characters'"):
        read_argilla([part])
    other = record([{"start": 2, "end": 5, "label": "PER"}], text=EMOJI) | {"id": "3"}
    with pytest.raises(ValueError, match=r"record 2: .*pass offsets='characters'"):
        read_argilla([word, other])


def test_questions_of_version_1_that_nobody_answered_are_no_data():
    more = {"q-suggestion": None, "q-suggestion-metadata": {}, "external_id": None}
    answered = [{"user_id": "u", "value": "a", "status": "submitted"}]
    records = [{"text": "x", "q": []} | more, {"text": "y", "q": answered} | more]
    export = read_argilla(records, data=True)
    assert export.data == {"text": ["x", "y"]}
    assert export.annotations[1] == {"u": "a"}


def test_a_field_may_have_the_name_of_a_question():
    export = read_argilla([record("a", q="Lovely!")], data=True)
    assert export.data["q"] == ["Lovely!"]


def test_discarded_responses_without_an_answer_are_counted():
    responses = [
        {"user_id": "u", "values": {}, "status": "discarded"},
        {"user_id": "v", "values": {"q": {"value": "a"}}, "status": "submitted"},
    ]
    export = read_argilla([{"id": 1, "fields": {"text": "x"}, "responses": responses}])
    assert export.annotations[0] == {"v": "a"}
    assert export.left_out == {"responses that are discarded": 1}


@pytest.mark.parametrize("is_file", [True, False])
def test_a_dict_of_columns(is_file, tmp_path):
    records = [record("a", "b"), record("b", users=["u1"]) | {"id": "2"}]
    columns = {name: [one[name] for one in records] for name in records[0]}
    path = tmp_path / "columns.json"
    path.write_text(json.dumps(columns))
    export = (read_answers if is_file else read_argilla)(path if is_file else columns)
    assert export.items == ["1", "2"]
    assert export.annotations[0] == {"u0": "a", "u1": "b"}
    with pytest.raises(ValueError, match="columns of different lengths"):
        read_argilla(columns | {"id": ["1"]})


def test_data_frames():
    records = [record(3, 1), record() | {"id": "2"}]
    for frame in (pd.DataFrame(records), pl.DataFrame(records)):
        assert read_argilla(frame).annotations[0] == {"u0": 3.0, "u1": 1.0}
    frame = pd.DataFrame(records)
    frame["q.responses"] = [np.array([3, 1]), np.nan]
    frame["q.responses.users"] = [np.array(["u0", "u1"]), None]
    assert read_argilla(frame).annotations[0] == {"u0": 3.0, "u1": 1.0}
