import json

import pytest
from _export_samples import SAMPLES, UNREADABLE, options

from skcrowd.exceptions import CrowdWarning
from skcrowd.io import FORMATS, read_answers


def test_all_samples_are_listed(samples):
    found = {
        str(path.relative_to(samples)).split("/")[0] for path in samples.rglob("*.*")
    }
    assert found == {name.split("/")[0] for name in SAMPLES}


@pytest.mark.parametrize(("name", "format"), SAMPLES.items())
def test_formats_are_recognised(samples, monkeypatch, name, format):
    seen = []
    for known in FORMATS:
        monkeypatch.setitem(
            FORMATS,
            known,
            FORMATS[known]._replace(read=lambda path, k=known: seen.append(k)),
        )
    read_answers(samples / name)
    assert seen == [format]


@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in UNREADABLE])
def test_all_samples_are_read_and_described(samples, name):
    export = read_answers(samples / name, **options(name))
    assert export.annotations.shape[0] == len(export.items) >= 1
    text = repr(export)
    assert text.startswith(f"Export of {export.tool}, question {export.question!r}")
    assert all(f"{why}: {n}" in text for why, n in export.left_out.items())


def test_the_format_may_be_given(samples):
    path = samples / "mturk_batch.csv"
    export = read_answers(
        path,
        "table",
        item="HITId",
        annotator="WorkerId",
        answer="Answer.mood",
        repeated="last",
    )
    assert export.tool == "a table"
    with pytest.raises(ValueError, match=r"format must be one of \['cvat', "):
        read_answers(path, "excel")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", '{"x": 1}', r"a.json is of no format .* begins with \['x'\]"),
        ("a.txt", "hello\0", "a.txt is of no format"),
        ("a.txt", "<html>", "a.txt is of no format"),
        ("a.csv", "x,y\n1,2\n", r"pass annotator=, one of \['x', 'y'\]"),
        ("a.zip", "PK", "is an archive; unzip it"),
        ("a.json", '{"images": [], "annotations": [], "categories": []}', "CVAT"),
    ],
)
def test_other_files(tmp_path, name, text, message):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_answers(path)


@pytest.mark.parametrize(
    ("names", "format"),
    [
        ({"item": 1, "text": "hi", "worker": "a"}, "a table"),
        ({"item": 1, "text": "hi", "annotator": "a"}, "a table"),
        ({"id": 1, "text": "hi", "worker": "a"}, "a table"),
        ({"id": 1, "text": "hi", "user": "a"}, "doccano"),
        ({"id": 1, "text": "hi", "user": "a", "item": 7, "rater": "b"}, "doccano"),
        ({"text": "hi", "user": "a"}, "doccano"),
    ],
)
def test_lists_of_labels_and_a_text(tmp_path, names, format):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(names | {"label": ["x", "y"]}), encoding="utf-8")
    export = read_answers(path)
    assert export.tool == format
    assert export.annotations[0] == {"a": ["x", "y"]}


def test_spans_are_those_of_doccano(tmp_path):
    path = tmp_path / "a.jsonl"
    record = {"id": 1, "text": "Ann", "worker": "a", "label": [[0, 3, "PER"]]}
    path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(ValueError, match="Share annotations across all users"):
        read_answers(path)


def test_a_folder_of_something_else(tmp_path):
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    with pytest.raises(ValueError, match=r"no format .* with \['notes.txt'\]"):
        read_answers(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_answers(tmp_path / "missing.json")


def test_cvat_is_refused(samples):
    with pytest.raises(ValueError, match="not who made them"):
        read_answers(samples / "cvat.xml")


def stored(number):
    value = {"choices": ["a"]}
    result = {"from_name": "mood", "type": "choices", "value": value}
    task = {"id": 7, "data": {"text": "Hi"}}
    return {"completed_by": number, "result": [result], "task": task}


def accepted(name):
    task = {"text": "Hi", "_input_hash": 1, "accept": ["a"], "answer": "accept"}
    return task | {"_annotator_id": name}


def responded(user, number):
    answers = {"mood.responses": ["a"], "mood.responses.users": [user]}
    return {"id": number, "text": "Hi"} | answers


@pytest.mark.parametrize(
    ("name", "records"),
    [
        ("label_studio", [stored(1), stored(2)]),
        ("prodigy", [accepted("ann"), accepted("bob")]),
        ("argilla", [responded("u", 1), responded("v", 2)]),
    ],
)
def test_a_folder_of_several_files(name, records, tmp_path):
    for number, record in enumerate(records):
        (tmp_path / f"{number}").write_text(json.dumps(record))
    (tmp_path / ".hidden").write_text("x")
    export = read_answers(tmp_path)
    assert export.tool == FORMATS[name].title
    assert export.annotations.n_annotators == 2


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            {"source-ref": "s3://a/1.jpg", "animal": 0, "animal-metadata": {}},
            "An output manifest holds one label",
        ),
        (
            {"answers": [{"answerContent": {"c": {"label": "cat"}}, "workerId": "w"}]},
            "worker-response, a file for each task",
        ),
        (
            {"datasetObjectId": "0", "dataObject": {}, "annotations": []},
            "is of SageMaker Ground Truth",
        ),
        (
            {"id": 1, "data": {}, "results": {"judgments": [{"worker_id": 7}]}},
            "report of Appen in JSON, .* download the full report as CSV",
        ),
    ],
)
def test_platforms_whose_json_is_refused(tmp_path, record, message):
    path = tmp_path / "output.manifest"
    path.write_text(json.dumps(record))
    with pytest.raises(ValueError, match=message):
        read_answers(path)


def test_metadata_of_a_source_are_no_manifest(tmp_path):
    path = tmp_path / "answers.jsonl"
    of_argilla = {"mood-suggestion": "a", "mood-suggestion-metadata": {}, "source": "s"}
    path.write_text(json.dumps(responded("u", 1) | of_argilla))
    assert read_answers(path).annotations[0] == {"u": "a"}
    row = {"item": 1, "rater": "u", "label": "a", "label-metadata": {}, "source": "s"}
    path.write_text(json.dumps(row))
    assert read_answers(path).annotations[0] == {"u": "a"}
    row = {"item": 1, "who": "u", "label": "a", "source": "s", "source-metadata": {}}
    path.write_text(json.dumps(row))
    assert read_answers(path, annotator="who").annotations[0] == {"u": "a"}


def test_metadata_beside_a_source_are_of_other_formats(tmp_path):
    path = tmp_path / "answers.json"
    given = {"user_id": "u", "value": "good", "status": "submitted"}
    record = {"id": "r1", "source": "web", "mood": [given], "mood-suggestion": "bad"}
    record |= {"mood-suggestion-metadata": {"type": None, "score": None}}
    path.write_text(json.dumps([record]))
    export = read_answers(path)
    assert (export.tool, export.annotations[0]) == ("Argilla", {"u": "good"})
    row = {"item": 1, "label": "x", "source": "web", "source-metadata": {"year": 2020}}
    for name, given in [("annotator", {}), ("who", {"annotator": "who"})]:
        for more in ({}, {"label-metadata": {"seconds": 3}}):
            path.write_text(json.dumps([row | {name: "ann"} | more]))
            export = read_answers(path, **given)
            assert (export.tool, export.annotations[0]) == ("a table", {"ann": "x"})


@pytest.mark.parametrize("named", [True, False])
def test_a_folder_with_parts_of_one_table(tmp_path, named):
    head = "what,who,says" if named else "item,annotator,label"
    for part, row in enumerate(["1,a,x", "1,b,y", "2,a,x"]):
        (tmp_path / f"part-{part}.csv").write_text(f"{head}\n{row}\n")
    given = {"item": "what", "annotator": "who", "answer": "says"} if named else {}
    export = read_answers(tmp_path, **given)
    assert export.annotations[0] == {"a": "x", "b": "y"}
    assert read_answers(tmp_path, "table", **given).items == [1, 2]


def test_a_folder_with_a_file_for_each_user_of_doccano(tmp_path):
    for user in "ab":
        (tmp_path / f"{user}.csv").write_text("id,text,label\n1,hello,x\n")
    assert read_answers(tmp_path).annotations[0] == {"a": "x", "b": "x"}


def users_of_doccano(folder, ending, fields, answers):
    """Write a file for each user, whose records have further fields."""
    for user, answer in answers.items():
        record = {"id": 1, "text": "Ann met", **fields, "label": answer}
        lines = [",".join(record), ",".join(map(str, record.values()))]
        text = json.dumps(record) if ending == "jsonl" else "\n".join(lines)
        (folder / f"{user}.{ending}").write_text(text + "\n", encoding="utf-8")


@pytest.mark.parametrize("field", ["user", "username"])
def test_folders_of_doccano_whose_records_name_people(tmp_path, field):
    for user in ("ann", "bob"):
        record = {"id": 1, "text": "Ann met", field: user}
        record["label"] = [[0, 3, "A"]] if user == "ann" else []
        (tmp_path / f"{user}.jsonl").write_text(json.dumps(record))
    export = read_answers(tmp_path, scheme="BIOES")
    assert export.annotations[0] == {"ann": ["S-A", "O"], "bob": ["O", "O"]}


def test_joined_labels_of_doccano_with_users(tmp_path):
    users_of_doccano(tmp_path, "csv", {"user": "ann"}, {"everyone": "A#B"})
    assert read_answers(tmp_path, kind="sets").annotations[0] == {"ann": ["A", "B"]}
    table = read_answers(tmp_path, "table").annotations
    assert table[0] == {"ann": "A#B"}
    assert read_answers(tmp_path, annotator="user").annotations == table


@pytest.mark.parametrize("field", ["rater", "worker"])
@pytest.mark.parametrize(
    ("ending", "label", "read"),
    [
        ("csv", "A", "A"),
        ("jsonl", ["A"], "A"),
        ("jsonl", [[0, 3, "A"]], ["B-A", "O"]),
    ],
)
def test_metadata_named_like_annotators_replace_no_user_of_doccano(
    tmp_path, field, ending, label, read
):
    answers = {"ann": label, "bob": label}
    users_of_doccano(tmp_path, ending, {field: "x"}, answers)
    with pytest.warns(CrowdWarning, match=f"if '{field}' names .* format='table'"):
        assert read_answers(tmp_path).annotations[0] == {"ann": read, "bob": read}


def test_options_of_other_readers_than_that_of_a_folder(tmp_path):
    for part, row in enumerate(["1,a,x", "1,b,y"]):
        (tmp_path / f"part-{part}.csv").write_text(f"item,annotator,label\n{row}\n")
    with pytest.raises(TypeError, match="table is read without the option 'scheme'"):
        read_answers(tmp_path, scheme="IOB2")
