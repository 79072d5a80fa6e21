"""Forms in which versions and storages of Label Studio write the same answers."""

import json

import pytest

from skcrowd.exceptions import CrowdWarning
from skcrowd.io import read_answers, read_label_studio

OWN = {"annotation_id": 1, "created_at": "", "updated_at": "", "lead_time": 2.5}


def record(name, value, annotator=1, **data):
    """Return a record of JSON-MIN."""
    return {**(data or {"text": "Ann met Bob."}), "id": 7, name: value} | {
        "annotator": annotator,
        **OWN,
    }


def task(*results, **more):
    return {
        "id": 7,
        "data": {"text": "Ann met Bob."},
        "annotations": [{"completed_by": 1, "result": list(results)}],
        **more,
    }


def choice(**value):
    control = {"from_name": "mood", "to_name": "text", "type": "choices"}
    return control | {"value": {"choices": ["good"], **value}}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([{"rating": 4}], 4.0),
        ([{"number": 2.5}], 2.5),
        ([{"selected": "left"}], "left"),
        ([{"choices": ["a"]}], "a"),
        ({"choices": ["a", "b"]}, ["a", "b"]),
    ],
)
def test_lists_of_json_min(value, expected):
    assert read_label_studio([record("q", value)]).annotations[0] == {1: expected}


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ([{"taxonomy": [["a"]]}], "paths of a tree"),
        ([{"datetime": "2026"}], "a time"),
        ([{"ranker": {}}], "a ranking"),
    ],
)
def test_lists_of_json_min_that_cannot_be_read(value, word):
    name = next(iter(value[0]))
    with pytest.raises(ValueError, match=rf"1 of q \({name}, {word}\)"):
        read_label_studio([record("q", value)])


def test_data_of_json_min_with_an_id_of_their_own():
    answers = {"mood": "good"}, {"mood": "bad", "stars": [{"rating": 3}]}
    records = [
        {"id": 7, "text": "Lovely!", **given, "annotator": k, **OWN}
        for k, given in enumerate(answers)
    ]
    with pytest.raises(ValueError, match=r"several questions: 'mood' .* 'stars'"):
        read_label_studio(records)
    only = read_label_studio(records[:1], data=True)
    assert (only.question, only.texts) == ("mood", ["Lovely!"])
    export = read_label_studio(records, question="mood", data=True)
    assert export.annotations[0] == {0: "good", 1: "bad"}
    assert export.texts == ["Lovely!"]
    only = read_label_studio(records, data=["text"], question="mood")
    assert only.data == {"text": ["Lovely!"]}
    with pytest.raises(ValueError, match="the id 7 occurs again with other data"):
        read_label_studio([records[0], records[0] | {"text": "no"}], question="mood")


def test_a_mistyped_question_of_json_min_with_its_id_first():
    first = {"id": 7, "text": "Lovely!", "annotator": 1, **OWN}
    second = {"id": 7, "text": "Lovely!", "mood": "good", "annotator": 2, **OWN}
    records = [first, second]
    message = r"no question 'mod'; it is one of the fields \['text', 'mood'\]"
    with pytest.raises(ValueError, match=message):
        read_label_studio(records, question="mod")
    assert read_label_studio(records, question="mood").annotations[0] == {2: "good"}


def test_a_question_of_json_min_that_stands_among_the_data():
    first = {"text": "Lovely!", "mood": "good", "id": 7, "annotator": 1, **OWN}
    second = {"text": "Lovely!", "id": 7, "mood": "bad", "annotator": 2, **OWN}
    with pytest.warns(CrowdWarning, match="'mood' stands among the data"):
        export = read_label_studio([first, second], question="mood")
    assert export.annotations[0] == {1: "good", 2: "bad"}


TABLE = """\
annotation_id,annotator,created_at,id,lead_time,mood,text,updated_at,was_cancelled
1,ann@b.org,2026,7,2.5,good,"Lovely {really}",2026,False
2,bo@b.org,2026,7,1.5,"{""choices"": [""good"", ""odd""]}","Lovely {really}",2026,False
3,cy@b.org,2026,7,1.5,bad,"Lovely {really}",2026,True
4,di@b.org,2026,7,1.5,,"Lovely {really}",2026,False
"""


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_tables(tmp_path, delimiter):
    path = tmp_path / "export.csv"
    path.write_text(
        TABLE
        if delimiter == ","
        else TABLE.replace(", ", "; ").replace(",", "\t").replace("; ", ", ")
    )
    with pytest.raises(ValueError, match=r"pass question=, one of \['mood', 'text'\]"):
        read_answers(path)
    export = read_answers(path, question="mood", data=True)
    assert export.tool == "Label Studio"
    assert export.annotations[0] == {
        "ann@b.org": ["good"],
        "bo@b.org": ["good", "odd"],
        "di@b.org": [],
    }
    assert export.items == [7]
    assert export.texts == ["Lovely {really}"]
    assert export.left_out["cancelled (skipped) annotations"] == 1


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('[{"rating": 4}]', 4.0),
        ('[{"start": 0, "end": 3, "text": "Ann", "labels": ["PER"]}]', ["B-PER", "O"]),
        ("[sic]", "[sic]"),
    ],
)
def test_cells_of_tables(tmp_path, cell, expected):
    path = tmp_path / "export.csv"
    quoted = cell.replace('"', '""')
    path.write_text(
        f'text,id,q,annotator,annotation_id,lead_time\nAnn met,7,"{quoted}",1,1,2\n'
    )
    export = read_answers(path)
    assert export.annotations[0] == {1: expected}


def test_options_of_tables_read_it_as_a_table(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("text,id,q,annotator,annotation_id,lead_time\nAnn met,7,x,1,1,2\n")
    export = read_answers(path, answer="q")
    assert export.tool == "a table"
    assert export.annotations[0] == {1: "x"}


@pytest.mark.parametrize("name", ["label", "Rating"])
def test_a_column_of_answers_among_usual_ones(tmp_path, name):
    path = tmp_path / "export.csv"
    path.write_text(TABLE.replace("mood", name))
    answers = {"ann@b.org": ["good"], "bo@b.org": ["good", "odd"], "di@b.org": []}
    assert read_answers(path).annotations[0] == answers
    path.write_text(TABLE.replace("mood", f"{name},topic").replace(",7,", ",7,7,"))
    with pytest.raises(
        ValueError, match=rf"pass question=, one of \['{name}', 'topic'"
    ):
        read_answers(path)


@pytest.mark.parametrize("option", [{"time": "lead_time"}, {"unsure": "?"}])
def test_options_that_tables_alone_have(tmp_path, option):
    path = tmp_path / "export.csv"
    path.write_text(
        "annotation_id,annotator,id,label,lead_time,text\n1,ann,7,x,2.5,Ann met\n"
    )
    export = read_answers(path, **option)
    assert (export.tool, export.annotations[0]) == ("a table", {"ann": "x"})


@pytest.mark.parametrize("is_array", [True, False])
def test_annotations_in_a_storage(tmp_path, is_array):
    kept = {"id": 5, "result": [choice()], "completed_by": {"id": 1, "email": "a@b"}}
    kept["task"] = {"id": 7, "data": {"text": "Lovely!"}}
    path = tmp_path / "5.json"
    path.write_text(json.dumps([kept] if is_array else kept))
    assert read_answers(path).annotations[0] == {"a@b": "good"}


@pytest.mark.parametrize(
    "region",
    [
        {"sequence": [], "framesCount": 9},
        {"ranges": [{"start": 1, "end": 2}]},
        {"imageDataURL": "data:"},
        {"vertices": []},
        {"startOffset": 0, "endOffset": 3},
    ],
)
def test_choices_about_a_region_are_none_about_the_task(region):
    with pytest.raises(ValueError, match=r"1 of mood \(choices, about a region\)"):
        read_label_studio([task(choice(**region))])


def test_drafts_are_counted():
    drafts = [{"user": "a@b", "result": [choice()]}]
    assert read_label_studio([task(choice(), drafts=drafts)]).left_out == {"drafts": 1}


@pytest.mark.parametrize("type_", ["labels", "hypertextlabels"])
def test_spans_of_hypertext_without_markup(type_):
    place = {"start": "/text()[1]", "end": "/text()[1]", "startOffset": 0}
    place |= {"endOffset": 3, "globalOffsets": {"start": 8, "end": 11}}
    control = {"from_name": "names", "to_name": "text", "type": type_}
    found = control | {"value": place | {"text": "Bob", type_: ["PER"]}}
    assert read_label_studio([task(found)]).spans == [{1: [(8, 11, "PER")]}]


def test_ground_truth_in_which_nothing_was_found():
    control = {"from_name": "names", "to_name": "text", "type": "labels"}
    value = {"start": 0, "end": 3, "text": "Ann", "labels": ["PER"]}
    one = task(control | {"value": value})
    true = {"completed_by": 9, "ground_truth": True, "result": []}
    one["annotations"].append(true)
    export = read_label_studio([one])
    assert export.gold == {7: ["O", "O", "O", "O"]}
    several = task(choice(choices=["good", "odd"]))
    several["annotations"].append(true)
    assert read_label_studio([several]).gold == {7: set()}
    single = task(choice())
    single["annotations"].append(true)
    assert read_label_studio([single]).gold is None
    one["annotations"].append(true | {"result": [control | {"value": value}]})
    with pytest.raises(ValueError, match="true answer to 'names'"):
        read_label_studio([one])


@pytest.mark.parametrize(
    ("value", "more"),
    [
        ({"start": 0, "end": 3, "channel": 0}, {}),
        ({"start": 0, "end": 3}, {"original_length": 12.5}),
        ({"start": 0, "end": 3.25}, {}),
    ],
)
def test_times_in_audio_are_no_places_in_its_address(value, more):
    region = {"from_name": "voice", "to_name": "audio", "type": "labels"} | more
    one = task(region | {"value": value | {"labels": ["Ann"]}})
    with pytest.raises(ValueError, match=r"1 of voice \(labels\)"):
        read_label_studio([one | {"data": {"audio": "https://example.org/a.wav"}}])


@pytest.mark.parametrize("objects", ["one,the other", "one, the other"])
def test_preferences_between_two_objects(objects):
    control = {"from_name": "better", "to_name": objects, "type": "pairwise"}
    found = task(control | {"value": {"selected": "left"}})
    found["data"] = {"one": "Lovely!", "the other": "Cold."}
    export = read_label_studio([found])
    assert export.items == ["Cold.", "Lovely!"]


def test_choices_about_regions_in_json_min():
    records = [record("mood", "good"), record("mood", ["good", "odd"], 2)]
    counted = r"2 of mood \(one for each of several regions, or lines of text\)"
    for question in (None, "mood"):
        with pytest.raises(ValueError, match=counted):
            read_label_studio(records, question=question)


def test_a_page_of_tasks_of_the_api(tmp_path):
    page = {"tasks": [task(choice()), task(choice()) | {"id": 8}], "total": 2}
    assert read_label_studio([page]).items == [7, 8]
    path = tmp_path / "page.json"
    path.write_text(json.dumps(page))
    assert read_answers(path).annotations[1] == {1: "good"}


def test_the_api_may_count_drafts_and_name_predictions():
    one = task(choice(), drafts=2, predictions=[4, 5])
    assert read_label_studio([one]).left_out == {"drafts": 2}
    with pytest.raises(ValueError, match=r"a prediction is 4; .* whole predictions"):
        read_label_studio([one], predictions=True)
