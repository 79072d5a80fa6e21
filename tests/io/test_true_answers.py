"""True answers that are lists, or written in another way than the answers."""

import json

import pytest

from skcrowd.exceptions import CrowdWarning
from skcrowd.io import read_label_studio, read_table, read_toloka

SEVERAL = "true answer to '.*' of item .* has several labels"


def rows(gold, *labels):
    annotator = zip("abc", labels, strict=False)
    return [
        {"item": 1, "worker": w, "label": one, "gold": gold} for w, one in annotator
    ]


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
    unsure = read_table(rows(["?"], "x", "?"), unsure="?")
    assert unsure.gold is None
    assert unsure.left_out == {"true answers that are signs of not knowing": 1}


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
    def annotation(annotator, labels, **more):
        value = {"choices": labels}
        result = {"from_name": "mood", "to_name": "text", "type": "choices"}
        return {
            "completed_by": annotator,
            "result": [result | {"value": value}],
            **more,
        }

    path = tmp_path / "export.json"
    annotations = [
        annotation(1, ["a"]),
        annotation(2, ["b"]),
        annotation(3, true, ground_truth=True),
    ]
    task = {"id": 5, "data": {"text": "hm"}, "annotations": annotations}
    path.write_text(json.dumps([task]))
    assert read_label_studio(path).gold == ({5: set(true)} if true else None)


def in_csv(tmp_path, *lines):
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["item,worker,label,gold", *lines]))
    return path


@pytest.mark.parametrize("again", ["1", "1.00", "1,0"])
def test_a_true_whole_number_in_two_forms(again, tmp_path):
    path = in_csv(tmp_path, "1,a,1,1.0", f'1,b,0,"{again}"', "2,a,0,0")
    assert read_table(path).gold == {1: 1, 2: 0}
    assert read_table(path, kind="sets").gold == {1: {1}, 2: {0}}


def test_a_true_rating_in_two_forms(tmp_path):
    path = in_csv(tmp_path, "1,a,1.5,2.5", "1,b,2,2.50")
    assert read_table(path).gold == {1: 2.5}
    with pytest.raises(ValueError, match=r"item 1: .* is '2\.50', and was '2\.5' "):
        read_table(path, kind="labels")


@pytest.mark.parametrize("kind", ["auto", "sets"])
def test_true_texts_that_are_one_number_contradict(kind, tmp_path):
    path = in_csv(tmp_path, "1,a,x,1.0", "1,b,0,1")
    with pytest.raises(ValueError, match=r"item 1: .*'1'.*, and was .*'1\.0'.* before"):
        read_table(path, kind=kind)
    for again in ("2", "01", "1.000"):
        path = in_csv(tmp_path, "1,a,1,1", f"1,b,0,{again}")
        with pytest.raises(ValueError, match=f"row 2.*'{again}'.*, and was .*'1'"):
            read_table(path, kind=kind)


def test_a_confidence_in_two_forms(tmp_path):
    path = tmp_path / "a.csv"
    rows = ["1,a,x,0.9", '1,a,y,"0,90"', "1,b,x,1", "1,b,y,1.0"]
    path.write_text("\n".join(["item,worker,label,sure", *rows]))
    export = read_table(path, kind="sets", confidence="sure")
    assert set(export.annotations.decisions.confidence) == {0.9, 1.0}
    path.write_text("\n".join(["item,worker,label,sure", *rows[:1], "1,a,y,0.91"]))
    with pytest.raises(ValueError, match=r"has the confidence '0\.91'"):
        read_table(path, kind="sets", confidence="sure")


@pytest.mark.parametrize(
    ("labels", "gold"),
    [
        (["x", "y"], True),
        (["x", "y"], "x\ny"),
        (["1.5", "2"], "high"),
        (["x", "y"], "z"),
    ],
)
def test_true_answers_that_nobody_has_given(labels, gold):
    with pytest.warns(CrowdWarning, match="true answers hold .*, which nobody has ans"):
        read_table(rows(gold, *labels))


def test_nothing_is_said_of_true_ratings_and_sets():
    assert read_table(rows(["x", "z"], ["x", "y"], ["y"])).gold == {1: {"x", "z"}}
    assert read_table(rows(2.25, 1.5, 2.5)).gold == {1: 2.25}


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        (["item,annotator,label", "a,ann,x", "a,bob,y"], {}),
        (["item,ann,bob", "a,x,y"], {"annotators": ["ann", "bob"]}),
        (["item,ann,bob", "a,x,y"], {"annotators": ["ann", "bob"], "separator": "|"}),
    ],
)
def test_row_numbers_without_a_name_are_no_true_answers(tmp_path, rows, options):
    heads = ["", *map(str, range(len(rows) - 1))]
    lines = [f"{head},{row}" for head, row in zip(heads, rows, strict=True)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines))
    export = read_table(path, **options)
    assert export.gold is None
    assert export.annotations.classes.tolist() == ["x", "y"]
