import gzip
import json

import pytest

from skcrowd.exceptions import CrowdWarning
from skcrowd.io import read_answers, read_doccano


def test_a_file_for_each_user(samples):
    folder = samples / "doccano_users"
    export = read_doccano(folder)
    assert export.items == [1, 2, 3]
    assert export.annotations[0] == {
        "ann": ["B-PER", "O", "B-PER", "O"],
        "bob": ["B-PER", "O", "O", "O"],
    }
    assert export.annotations[1] == {"ann": ["O", "O", "O"]}
    assert export.annotations[2] == {}
    paths = [folder / "ann.jsonl", folder / "bob.jsonl"]
    assert read_doccano(paths).annotations == export.annotations[:2]
    named = read_doccano(dict(zip("xy", paths, strict=True)))
    assert named.annotations.annotator_names.tolist() == ["x", "y"]


def test_entities(samples):
    export = read_doccano(samples / "doccano_entities.jsonl")
    assert export.spans == [{"ann": [(0, 3, "PER")], "bob": [(8, 11, "PER")]}]


def test_classes(samples):
    path = samples / "doccano_classes.jsonl"
    export = read_doccano(path, data=True)
    assert export.annotations[0] == {"ann": "good", "bob": "bad"}
    assert export.annotations[1] == {"ann": "bad"}
    assert export.texts == ["Lovely soup.", "Cold soup."]
    assert export.left_out == {"submissions without an answer to the question": 1}
    good = read_doccano(path, label="good").annotations
    assert good[1] == {"ann": 0, "bob": 0}


def test_old_exports_with_users(samples):
    export = read_doccano(samples / "doccano_old_users.jsonl")
    assert export.spans == [{1: [(0, 3, "4"), (8, 11, "4")], 2: [(0, 3, "5")]}, {}]


@pytest.mark.parametrize("field", ["label", "labels"])
def test_names_of_the_field(field):
    record = {"id": 1, "text": "Ann", field: [[0, 3, "PER"]], "user": "x"}
    assert read_doccano([record]).annotations[0] == {"x": ["B-PER"]}


def test_emoji_count_as_one_character_unless_told():
    record = {"id": 1, "text": "\U0001f600 Ann", "user": "x"}
    export = read_doccano([record | {"label": [[2, 5, "PER"]]}])
    assert export.annotations[0] == {"x": ["O", "B-PER"]}
    old = read_doccano([record | {"label": [[3, 6, "PER"]]}], offsets="utf-16")
    assert old.annotations == export.annotations


def test_spans_outside_the_text_are_counted():
    record = {"id": 1, "text": "Ann", "label": [[0, 3, "PER"], [2, 9, "X"]], "user": 1}
    with pytest.warns(CrowdWarning, match=r"spans are left out \(1\), whose text is"):
        export = read_doccano([record])
    assert export.left_out == {"spans that are not in the text": 1}


def test_nobody_is_named(samples, tmp_path):
    path = samples / "doccano_users" / "ann.jsonl"
    with pytest.raises(ValueError, match="Share annotations across all users"):
        read_doccano(path)
    (tmp_path / "all.jsonl").write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match="no file for each user"):
        read_doccano(tmp_path)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"id": 1, "text": "a"}, "record 1 has none of the fields"),
        ({"id": 1, "text": "a", "label": [[0, 1]]}, "record 1: a span is"),
        (
            {"id": 1, "text": "a", "label": [["x", 1, "P"]]},
            "record 1: a span begins or ends at 'x'",
        ),
        ({"text": None, "label": ["x"]}, "record 1 has no id"),
        (
            {"id": 1, "text": "a", "annotations": [{"text": "b", "user": 1}]},
            r"1 of label \(text\)",
        ),
    ],
)
def test_malformed_records(record, message):
    with pytest.raises(ValueError, match=message):
        read_doccano([record | {"user": "x"}])


def test_spans_and_classes_are_two_questions():
    record = {"id": 1, "text": "Ann left.", "entities": [[0, 3, "PER"]], "cats": ["x"]}
    records = [record | {"user": "u"}, record | {"user": "v", "cats": ["y"]}]
    with pytest.raises(ValueError, match=r"several questions: 'entities'.*'cats'"):
        read_doccano(records)
    found = read_doccano(records, question="cats").annotations[0]
    assert found == {"u": "x", "v": "y"}
    tags = read_doccano(records, question="entities").annotations[0]
    assert tags["u"] == ["B-PER", "O", "O"]


def test_images_and_relations(tmp_path):
    path = tmp_path / "ann.jsonl"
    path.write_text('{"id": 1, "filename": "a.png", "label": ["cat"], "user": "u"}')
    assert read_answers(path).annotations[0] == {"u": "cat"}
    span = {"id": 5, "label": "PER", "start_offset": 0, "end_offset": 3}
    record = {"id": 1, "text": "Ann left.", "entities": [span], "user": "u"}
    export = read_doccano([record | {"relations": [{"from_id": 5, "to_id": 5}]}])
    assert export.left_out == {"relations between spans": 1}
    with pytest.raises(ValueError, match="has 'bbox', regions of an image"):
        read_doccano([{"id": 1, "filename": "a.png", "bbox": []}])


@pytest.mark.parametrize("field", ["label", "annotations"])
def test_images_that_have_no_id_are_named_by_their_file(tmp_path, field):
    answer = ["cat"] if field == "label" else [{"label": "cat", "user": "u"}]
    records = [{"filename": name, "data": "d", field: answer} for name in ("a", "b")]
    for user in ("ann", "bob"):
        path = tmp_path / f"{user}.json"
        path.write_text(json.dumps(records))
    export = read_answers(tmp_path, data=True)
    assert export.items == ["a", "b"]
    assert export.data["data"] == ["d", "d"]


def test_csv_for_each_user(samples):
    folder = samples / "doccano_csv"
    export = read_answers(folder, data=True)
    assert export.tool == "doccano"
    assert export.items == ["1", "2"]
    assert export.annotations[0] == {"ann": ["good"], "bob": ["bad", "cold"]}
    assert export.annotations[1] == {"ann": ["bad"], "bob": []}
    assert export.texts == ["Lovely soup, they say.", "Cold soup."]
    assert read_doccano(folder, label="good").annotations[0] == {"ann": 1, "bob": 0}


def test_two_files_of_one_name_are_refused(tmp_path):
    record = '{"id": 1, "text": "x", "label": ["A"]}'
    paths = [tmp_path / "1" / "ann.jsonl", tmp_path / "2" / "ann.jsonl.gz"]
    for path in paths:
        path.parent.mkdir()
    paths[0].write_text(record)
    paths[1].write_bytes(gzip.compress(record.encode()))
    with pytest.raises(ValueError, match="both named after 'ann'"):
        read_doccano(paths)
    assert read_doccano(paths[1:]).annotations[0] == {"ann": "A"}
    (tmp_path / "1" / "ann.csv").write_text("id,text,label\n2,y,B\n")
    with pytest.raises(ValueError, match="both named after 'ann'"):
        read_doccano(tmp_path / "1")
    with pytest.raises(ValueError, match="Share annotations across all users"):
        read_doccano([paths[0].rename(tmp_path / "all.jsonl")])


def test_a_label_with_the_sign_that_joins_labels_is_refused(tmp_path):
    (tmp_path / "ann.csv").write_text("id,text,label\n1,x,Java\n2,y,C#\n")
    with pytest.raises(ValueError, match=r"row 2 .*labels 'C#', which '#' joins"):
        read_doccano(tmp_path)


def test_one_item_named_in_two_ways_is_refused(tmp_path):
    (tmp_path / "ann.csv").write_text("id,text,label\n1,x,A\n")
    (tmp_path / "bob.jsonl").write_text('{"id": 1, "text": "x", "label": ["A"]}')
    with pytest.raises(ValueError, match="item '1' is named by a text in one record"):
        read_doccano(tmp_path)


def test_texts_in_the_field_data(tmp_path):
    record = {"id": 1, "data": "Ann met Bob."}
    users = {"ann": [[0, 3, "PER"]], "bob": []}
    for user, label in users.items():
        path = tmp_path / f"{user}.jsonl"
        path.write_text(json.dumps(record | {"label": label}))
    export = read_answers(tmp_path)
    assert export.spans == [{"ann": [(0, 3, "PER")], "bob": []}]
    assert export.texts == ["Ann met Bob."]
    one = tmp_path / "classes.jsonl"
    one.write_text(json.dumps(record | {"label": ["good"], "user": "ann"}))
    export = read_answers(one, data=True)
    assert (export.tool, export.texts) == ("doccano", ["Ann met Bob."])


def test_ids_before_2019_04():
    records = [
        {"doc_id": k, "text": "Hi", "labels": [label], "username": "ann"}
        for k, label in ((20, "a"), (21, "b"))
    ]
    export = read_doccano(records, data=True)
    assert export.items == [20, 21]
    assert [export.annotations[k] for k in (0, 1)] == [{"ann": "a"}, {"ann": "b"}]
    assert export.data == {"text": ["Hi", "Hi"]}


def test_fast_text_is_refused(tmp_path):
    path = tmp_path / "ann.txt"
    path.write_text("__label__good Lovely soup.\n")
    with pytest.raises(ValueError, match=r"fastText, which has no ids .* JSON Lines"):
        read_doccano({"ann": path})


@pytest.mark.parametrize("read", [read_doccano, read_answers])
@pytest.mark.parametrize(
    ("name", "empty"),
    [("ann.jsonl", ""), ("zoe.jsonl", "\n"), ("ann.json", "[]"), ("zoe.csv", "id,x\n")],
)
def test_users_without_an_answer_have_an_empty_file(tmp_path, read, name, empty):
    (tmp_path / name).write_text(empty)
    (tmp_path / "._bob.jsonl").write_bytes(
        b"\x00\x05\x16\x07"
    )  # of an archive of macOS
    for user, label in {"bob": "good", "cem": "bad"}.items():
        record = {"id": 1, "text": "Hi.", "label": [label]}
        (tmp_path / f"{user}.jsonl").write_text(json.dumps(record))
    export = read(tmp_path)
    assert export.annotations[0] == {"bob": "good", "cem": "bad"}
    assert export.left_out == {"files of users without an answer": 1}


def test_lines_may_end_as_on_old_machines(tmp_path):
    for user, end in (("ann", "\n"), ("bob", "\r")):
        lines = ["id,text,label", "1,Hi.,x", ""]
        (tmp_path / f"{user}.csv").write_bytes(end.join(lines).encode())
    assert read_doccano(tmp_path).annotations[0] == {"ann": "x", "bob": "x"}


def test_fields_of_regions_beside_annotations_are_data():
    record = {"text": "Hi.", "bbox": [1, 2], "annotations": [{"label": 1, "user": 1}]}
    assert read_doccano([record]).annotations[0] == {1: 1}


def test_a_folder_of_empty_files(tmp_path):
    (tmp_path / "ann.jsonl").write_text("")
    with pytest.raises(ValueError, match=r"ann\.jsonl holds no record"):
        read_doccano(tmp_path)


@pytest.mark.parametrize("name", ["bbox", "segmentation"])
def test_regions_of_images_are_refused(name):
    record = {"id": 1, "filename": "a.png", name: [], "user": "ann"}
    with pytest.raises(ValueError, match=f"has '{name}', regions of an image"):
        read_doccano([record])
