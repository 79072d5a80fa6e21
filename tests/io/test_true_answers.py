"""True answers that are lists, or written in another way than the answers."""

import json

import pytest

from skcrowd.io import read_label_studio, read_table, read_toloka

SEVERAL = "true answer to '.*' of item .* has several labels"


def rows(gold, *labels):
    who = zip("abc", labels, strict=False)
    return [{"item": 1, "worker": w, "label": one, "gold": gold} for w, one in who]


def test_true_sets_make_sets_of_lists_with_one_label():
    export = read_table(rows(["x", "y"], ["x"], ["y"]))
    assert export.gold == {1: {"x", "y"}}
    assert export.annotations[0] == {"a": ["x"], "b": ["y"]}


def test_an_empty_true_list_among_single_labels_is_left_out():
    export = read_table(rows([], ["x"], ["y"]))
    assert export.gold is None
    assert export.left_out == {"true answers in which nothing was chosen": 1}
    assert read_table(rows([], ["x", "y"], [])).gold == {1: set()}
    assert read_table(rows([], ["x"], ["y"]), kind="sets").gold == {1: set()}


@pytest.mark.parametrize("true", [["x", "y"], '["x","y"]'])
def test_several_true_labels_among_plain_labels(true):
    with pytest.raises(ValueError, match=f"{SEVERAL}.* kind='sets'"):
        read_table(rows(true, "x", "y"))
    assert read_table(rows(true, "x", "y"), kind="sets").gold == {1: {"x", "y"}}


def test_several_true_ratings():
    with pytest.raises(ValueError, match="has several labels"):
        read_table(rows([1, 2], "1.5", "2"))
    export = read_table(rows(["2"], "1.5", "2"))
    assert export.annotations.kind == "numbers"
    assert export.gold == {1: 2.0}


def test_a_plain_true_label_of_lists_with_one_label():
    assert read_table(rows("xyz", ["xyz"], ["x"])).gold == {1: "xyz"}
    assert read_table(rows(["x"], "x", "y")).gold == {1: "x"}


def test_several_true_labels_in_toloka(tmp_path):
    path = tmp_path / "assignments.tsv"
    lines = [
        "INPUT:a\tOUTPUT:b\tGOLDEN:b\tASSIGNMENT:worker_id",
        '1\t["p"]\t["p","q"]\tw1',
        '1\t["q"]\t["p","q"]\tw2',
    ]
    path.write_text("\n".join(lines))
    assert read_toloka(path).gold == {1: {"p", "q"}}
    assert read_toloka(path, label="q").gold == {1: 1}
    with pytest.raises(ValueError, match=SEVERAL):
        read_toloka(path, kind="labels")


@pytest.mark.parametrize("true", [["a", "b"], []])
def test_true_choices_of_label_studio(true, tmp_path):
    def annotation(who, labels, **more):
        value = {"choices": labels}
        result = {"from_name": "mood", "to_name": "text", "type": "choices"}
        return {"completed_by": who, "result": [result | {"value": value}], **more}

    path = tmp_path / "export.json"
    annotations = [
        annotation(1, ["a"]),
        annotation(2, ["b"]),
        annotation(3, true, ground_truth=True),
    ]
    task = {"id": 5, "data": {"text": "hm"}, "annotations": annotations}
    path.write_text(json.dumps([task]))
    assert read_label_studio(path).gold == ({5: set(true)} if true else None)
