import json

import numpy as np
import pytest

from skcrowd.exceptions import CrowdWarning
from skcrowd.io import read_answers, read_potato


def test_a_folder_for_each_user(samples):
    folder = samples / "potato_output"
    export = read_potato(folder, question="mood", data=True)
    assert export.items == ["i1", "i2"]
    assert export.annotations[0] == {"ann": "good", "bob": "bad"}
    assert export.texts == ["Lovely soup.", "Ann met Bob."]
    fresh = read_potato(folder, question="fresh").annotations
    assert fresh.kind == "numbers"
    assert fresh[0] == {"ann": 4.0, "bob": 2.0}
    names = read_potato(folder, question="names")
    assert names.spans == [{"ann": [(0, 3, "PER")], "bob": [(8, 11, "PER")]}]
    with pytest.raises(ValueError, match="several questions"):
        read_potato(folder)


def test_states(samples):
    export = read_potato(samples / "potato_states")
    assert export.annotations[0] == {"cem": "good"}
    assert export.annotations[1] == {"cem": "bad"}


def record(scheme, **more):
    return {"id": 1, "label_annotations": {"q": scheme}, "user": "x", **more}


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ({"good": "1"}, "good"),
        ({"good": True, "bad": False}, "good"),
        ({"good": "good"}, "good"),
        ({"scale_3": "3"}, 3.0),
        ({"scale_1": True}, 1.0),
        ({"slider": "0"}, 0.0),
        ({"4": "4"}, 4.0),
        (["good"], "good"),
        ({"good": "q:::good"}, "good"),
        ({"labels": {"good": True, "bad": False}}, "good"),
        ({"labels": ["good"]}, "good"),
        ({"labels": "1"}, "labels"),
    ],
)
def test_forms_of_answers(scheme, expected):
    assert read_potato([record(scheme)]).annotations[0] == {"x": expected}


def test_several_labels():
    records = [record({"a": "1", "b": "1"}), record({"b": "1"}, user="y")]
    assert read_potato(records).annotations[0] == {"x": ["a", "b"], "y": ["b"]}
    assert read_potato(records, label="a").annotations[0] == {"x": 1, "y": 0}


def test_malformed_records(tmp_path):
    with pytest.raises(ValueError, match=r"1 of q \(free text\)"):
        read_potato([record({"box": "lovely"})])
    with pytest.raises(ValueError, match="record 1 has no label_annotations"):
        read_potato([{"id": 1}])
    with pytest.raises(ValueError, match="scheme:label:start:end, got 'a:b'"):
        read_potato([record({}, span_annotations={"a:b": "true"})])
    with pytest.raises(ValueError, match="Pass the folder annotation_output"):
        read_potato([record({"good": "1"}) | {"user": None}])
    with pytest.raises(ValueError, match="there is no annotated_instances"):
        read_potato(tmp_path)


def test_comparisons_are_labels_or_numbers():
    records = [record({"selection": "A"}), record({"selection": "tie"}, user="y")]
    assert read_potato(records).annotations[0] == {"x": "A", "y": "tie"}
    records = [record({"scale_value": "-2"}), record({"scale_value": "1"}, user="y")]
    assert read_potato(records).annotations[0] == {"x": -2.0, "y": 1.0}
    with pytest.raises(ValueError, match=r"1 of q \(ranking\)"):
        read_potato([record({"rank_order": "B,A"})])


@pytest.mark.parametrize("name", ["potato_instances.tsv", "potato_export.csv"])
def test_tables(samples, name):
    mood = read_potato(samples / name, question="mood", data=True)
    assert mood.annotations[0] == {"ann": "good", "bob": "bad"}
    assert mood.annotations[1] == {"ann": "bad"}
    fresh = read_potato(samples / name, question="fresh").annotations
    assert fresh[0] == {"ann": 2.0, "bob": 1.0}


def test_an_export_of_version_2(samples):
    mood = read_potato(samples / "potato_export.jsonl", question="mood")
    assert mood.annotations[0] == {"ann": "good", "bob": "bad"}
    assert mood.left_out == {"answers to another question, 'names'": 1}


def test_time_spent(samples):
    one = record({"good": "1"}, behavioral_data={"time_string": "0d 0h 1m 2s "})
    two = record({"good": "1"}, user="y", behavioral_data={"total_time_ms": 2500})
    three = record({"bad": "1"}, user="z", behavioral_data={})
    assert read_potato([one, two, three]).annotations.time[:2].tolist() == [62, 2.5]
    state = read_potato(samples / "potato_states").annotations
    assert state.time[0] == 8
    assert np.isnan(state.time[1])


@pytest.mark.parametrize("box", ["slider", "number", "text_box"])
def test_0_and_1_are_numbers_in_a_box_for_numbers(box):
    for given in (["0", "1", "7"], [0, 1, 7]):
        records = [record({box: v}) | {"id": k} for k, v in enumerate(given)]
        assert read_potato(records).annotations.answer.tolist() == [0, 1, 7]
    assert read_potato([record({"good": 1, "bad": 0})]).annotations[0] == {"x": "good"}


@pytest.mark.parametrize("box", ["scale", "slider_value", "text_box"])
def test_a_boolean_is_a_box_that_is_ticked_no_number(box):
    assert read_potato([record({box: True})]).annotations[0] == {"x": box}
    records = [record({box: v}) | {"id": k} for k, v in enumerate(["2", True])]
    with pytest.raises(ValueError, match="a set of labels, and by a number before"):
        read_potato(records)


def test_spans_of_a_table_that_are_no_json_are_refused(tmp_path):
    path = tmp_path / "annotations.csv"
    path.write_text("instance_id,user_id,names._spans\n1,ann,[{\n")
    with pytest.raises(
        ValueError, match=r"row 1 .*spans of 'names' are no list as JSON"
    ):
        read_potato(path)


@pytest.mark.parametrize(
    ("schemes", "expected"),
    [
        ([{"scale_10": "0"}, {"scale_9": "9"}, {"scale_12": "2"}], [10, 9, 12]),
        ([{"10": "0"}, {"9": "9"}, {"12": "2"}], [10, 9, 12]),
        ([{"scale_11": "1"}, {"scale_1": "1"}], [11, 1]),
    ],
)
def test_the_key_of_a_point_is_no_number(schemes, expected):
    records = [record(scheme) | {"id": k} for k, scheme in enumerate(schemes)]
    assert read_potato(records).annotations.answer.tolist() == expected


@pytest.mark.parametrize(
    ("schemes", "expected"),
    [
        ([{"neutral": "2"}, {"bad": "3"}], ["neutral", "bad"]),
        ([{"good": "1"}, {"bad": "2"}], ["good", "bad"]),
        ([{"good": "g"}, {"bad": "b"}, {"good": "g"}], ["good", "bad", "good"]),
        ([{"first": "1"}, {"tenth": "0"}], ["first", "tenth"]),
        ([{"2011": "1"}, {"2012": "1"}], ["2011", "2012"]),
        ([{"good": "good"}, {"bad": "2"}], ["good", "bad"]),
        ([{"select-one": "x"}, {"select-one": "France"}], ["x", "France"]),
    ],
)
def test_the_key_of_a_label_is_no_number(schemes, expected):
    records = [record(scheme) | {"id": k} for k, scheme in enumerate(schemes)]
    annotations = read_potato(records).annotations
    assert [annotations[k]["x"] for k in range(len(schemes))] == expected


@pytest.mark.parametrize(
    ("schemes", "expected"),
    [
        ([{"x": "1", "y": "2"}], [["x", "y"]]),
        ([{"x": "1", "j": "0"}, {"x": "1", "y": "2"}], [["j", "x"], ["x", "y"]]),
        ([{"x": "1", "y": "0"}, {"x": "1", "y": "1"}], [["x"], ["x", "y"]]),
    ],
)
def test_keys_of_several_labels(schemes, expected):
    records = [record(scheme) | {"id": k} for k, scheme in enumerate(schemes)]
    annotations = read_potato(records, kind="sets").annotations
    assert [sorted(annotations[k]["x"]) for k in range(len(schemes))] == expected


@pytest.mark.parametrize("given", [["4", "2"], ["1", "4", "0"], ["34", "4", "1"]])
def test_values_in_a_box_with_a_name_are_numbers(given):
    records = [record({"age": value}) | {"id": k} for k, value in enumerate(given)]
    answers = read_potato(records).annotations.answer
    assert answers.tolist() == list(map(float, given))


def test_characters_in_a_box_are_free_text():
    with pytest.raises(ValueError, match=r"2 of q \(free text\)"):
        read_potato([record({"box": "k"}), record({"box": "l"})])
    mixed = [record({"good": "2"}), record({"selection": "A"}) | {"id": 2}]
    with pytest.raises(ValueError, match="a set of labels, and by a label in other"):
        read_potato(mixed)


@pytest.mark.parametrize(
    ("text", "place", "covered", "expected"),
    [
        ("Ann & Bob met", (0, 9), "Ann &amp; Bob", "Ann & Bob"),
        ("Ann &amp; Bob met", (0, 9), "Ann & Bob", "Ann &amp; Bob"),
        ("Ann &amp; Bob met", (6, 9), "Bob", "Bob"),
        ("Ann &amp; Bob met", (0, 13), "Ann & Bob", "Ann &amp; Bob"),
        ("A&B &who; &lt; Bob", (12, 15), "Bob", "Bob"),
        ("Ann\u00a0Lee met", (0, 7), " Ann Lee", "Ann\u00a0Lee"),
    ],
)
def test_spans_of_texts_that_html_escapes(text, place, covered, expected):
    span = {"schema": "q", "name": "X", "start": place[0], "end": place[1]}
    given = {"displayed_text": text, "span_annotations": [span | {"text": covered}]}
    export = read_potato([record({}) | {"label_annotations": {}} | given])
    (found,) = export.spans[0]["x"]
    assert text[found.start : found.end] == expected


def test_best_and_worst_are_no_labels():
    with pytest.raises(ValueError, match=r"2 of q \(ranking\)"):
        read_potato([record({"best": "A", "worst": "B"})] * 2)


def test_decisions_of_triage():
    decisions = enumerate(["accept", "reject", "skip"])
    records = [record({"decision": d}, user=f"u{k}") for k, d in decisions]
    export = read_potato(records)
    assert export.annotations[0] == {"u0": "accept", "u1": "reject"}
    assert export.left_out["instances that were skipped (q)"] == 1


def test_ratings_of_several_aspects_are_no_labels():
    with pytest.raises(ValueError, match=r"1 of q \(free text\)"):
        read_potato([record({"clarity": "3", "style": "3"})])
    several = record({f"l{k}": str((k + 1) % 10) for k in range(12)})
    assert len(read_potato([several]).annotations[0]["x"]) == 12


SPAN = {"schema": "names", "name": "PER", "title": "P", "start": 0, "end": 3, "id": "s"}
STATE = {
    "user_id": "cem",
    "instance_id_to_label_to_value": {"7": [[{"schema": "q", "name": "a"}, "a"]]},
    "instance_id_to_span_to_value": {"7": [[SPAN, "true"]], "8": [[SPAN, "true"]]},
}
EXPORTED = {"instance_id": "7", "user_id": "ann", "labels": {}}


@pytest.mark.parametrize(
    "output",
    [STATE, EXPORTED | {"spans": {"names": [SPAN]}}, EXPORTED | {"spans": [SPAN]}],
)
def test_texts_of_version_2_are_given(output):
    texts = {7: "Ann met Bob.", "8": "Bob slept."}
    export = read_potato([output], question="names", texts=texts)
    annotator = output["user_id"]
    assert export.spans[0] == {annotator: [(0, 3, "PER")]}
    assert export.texts[0] == "Ann met Bob."
    with pytest.raises(ValueError, match=r"of names \(spans, .* pass texts="):
        read_potato([output], question="names")


EMOJI = "\U0001f600 Ann met Bob"


def test_places_of_spans_after_an_emoji():
    span = {"schema": "names", "annotation": "PER"}
    one = record({}, displayed_text=EMOJI)
    for place in ({"start": 2, "end": 5}, {"start": 3, "end": 6}):
        cut = EMOJI[place["start"] : place["end"]]  # as exports of version 2 cut it
        for more in ({}, {"span": "Ann"}, {"text": "Ann"}, {"text": cut}):
            marked = one | {"span_annotations": [span | place | more]}
            assert read_potato([marked], question="names").spans == [
                {"x": [(2, 5, "PER")]}
            ]
    marked = one | {"span_annotations": {"names:PER:4:5": "true"}}
    with pytest.raises(ValueError, match=r"record 1: .*pass offsets="):
        read_potato([marked], question="names")
    with pytest.warns(CrowdWarning, match="cut a token"):
        export = read_potato([marked], question="names", offsets="utf-16")
    assert export.spans == [{"x": [(3, 4, "PER")]}]


@pytest.mark.parametrize(
    "table",
    [
        "mood.good,mood.bad,mood\n1,x,good,bad,bad\n1,y,good,,\n",
        "mood.good,mood.bad,mood._room_id,mood._room\n1,x,,bad,r1,{}\n1,y,good,,r1,{}\n",
        "annotator_origin,annotator_origin_detail,mood.good,mood.bad\n"
        "1,x,human,,,bad\n1,y,llm,{},good,\n",
    ],
)
def test_columns_of_tables_that_are_no_labels(table, tmp_path):
    path = tmp_path / "annotations.csv"
    path.write_text("instance_id,user_id," + table)
    export = read_answers(path)
    assert export.tool == "Potato"
    assert export.annotations[0] == {"x": "bad", "y": "good"}


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "jsonl"])
def test_a_folder_of_each_form(form, tmp_path):
    for user, label in (("ann", "good"), ("bob", "bad")):
        path = tmp_path / user / f"annotated_instances.{form}"
        path.parent.mkdir()
        mark = {"csv": ",", "tsv": "\t"}.get(form)
        one = record({label: "1"}) | {"displayed_text": "Hi", "user": user}
        rows = ["user instance_id displayed_text q:::good q:::bad"]
        rows.append(f"{user} 1 Hi {' '.join(str(label == x) for x in ('good', 'bad'))}")
        text = "\n".join(rows).replace(" ", mark) if mark else json.dumps(one)
        path.write_text(text)
    export = read_answers(tmp_path)
    assert export.tool == "Potato"
    assert export.annotations[0] == {"ann": "good", "bob": "bad"}


@pytest.mark.parametrize("label", ["false", "False", "true", "True"])
def test_labels_may_be_truth_values(label):
    records = [record({label: label}), record({"other": "other"}, user="y")]
    assert read_potato(records).annotations[0] == {"x": label, "y": "other"}


def test_free_text_beside_labels_is_counted():
    records = [
        record({"a": "1", "free_response": "x"}),
        record({"free_response": "y"}, user="y"),
        record({"b": "1", "free_response": ""}, user="z"),
    ]
    export = read_potato(records)
    assert export.annotations[0] == {"x": "a", "z": "b"}
    assert export.left_out["answers to q (free text), which cannot be read"] == 2


def test_spans_of_dialogues_have_no_text():
    span = {"schema": "names", "name": "PER", "start": 0, "end": 3}
    one = record({"good": "1"}, displayed_text=["Ann: hi", "Bob: ho"])
    export = read_potato([one | {"span_annotations": [span]}])
    assert export.annotations[0] == {"x": "good"}
    assert list(export.left_out.values()) == [1]


def test_users_who_answered_nothing_have_an_empty_file(tmp_path):
    record = {
        "id": "1",
        "displayed_text": "Hi.",
        "label_annotations": {"m": {"x": "1"}},
    }
    for user, text in {"ann": "", "bob": json.dumps(record)}.items():
        (tmp_path / user).mkdir()
        (tmp_path / user / "annotated_instances.jsonl").write_text(text)
    export = read_answers(tmp_path)
    assert export.annotations[0] == {"bob": "x"}
    assert export.left_out == {"files of users without an answer": 1}


def test_folders_of_projects_and_of_one_user(tmp_path, monkeypatch):
    def write(*folders, label):
        folder = tmp_path.joinpath(*folders)
        folder.mkdir(parents=True)
        record = {"id": "1", "label_annotations": {"mood": {label: label}}}
        (folder / "annotated_instances.jsonl").write_text(json.dumps(record))

    write("soups", "ann", label="good")
    write("soups", "bob", label="bad")
    write("__MACOSX", "cem", label="bad")
    for folder in (tmp_path, tmp_path / "soups"):
        for read in (read_potato, read_answers):
            assert read(folder).annotations[0] == {"ann": "good", "bob": "bad"}
    user = tmp_path / "soups" / "ann"
    assert read_answers(user).annotations[0] == {"ann": "good"}
    monkeypatch.chdir(user)
    assert read_potato(".").annotations[0] == {"ann": "good"}
    write("salads", "ann", label="good")
    with pytest.raises(ValueError, match=r"several projects, \['salads', 'soups'\]"):
        read_potato(tmp_path)
