"""Several answers of one annotator in one record: one counts, and the others too."""

import pytest

from skcrowd.io import (
    read_argilla,
    read_label_studio,
    read_mturk,
    read_prodigy,
    read_table,
)

AGAIN = "repeated answers of one annotator to one item"


def argilla(users, values, **more):
    record = {"id": "1", "text": "a", "q.responses": values, "q.responses.users": users}
    return [record | more]


def label_studio(*values, places=(None, None)):
    result = [
        {"from_name": "q", "to_name": "x", "type": "choices", "value": {"choices": [v]}}
        | ({} if place is None else {"item_index": place})
        for v, place in zip(values, places, strict=True)
    ]
    annotation = {"completed_by": "u", "result": result}
    return [{"id": 1, "data": {"text": "a"}, "annotations": [annotation]}]


READ = [
    (read_argilla, argilla(["u", "u", "v"], ["x", "y", "x"])),
    (read_label_studio, label_studio("x", "y")),
    (read_label_studio, label_studio("x", "y", places=(0, 0))),
]


@pytest.mark.parametrize(("read", "records"), READ)
def test_one_answer_counts(read, records):
    for options, kept in (({}, "y"), ({"repeated": "first"}, "x")):
        for question in (None, "q"):
            export = read(records, question=question, **options)
            assert export.annotations[0]["u"] == kept
            assert export.left_out == {AGAIN: 1}
    with pytest.raises(
        ValueError, match=r"^record 1: an annotator answers 'q' 2 times"
    ):
        read(records, repeated="error")


def test_answers_to_another_question_may_be_repeated():
    more = {"p.responses": ["z"], "p.responses.users": ["u"]}
    records = argilla(["u", "u"], ["x", "y"], **more)
    export = read_argilla(records, question="p", repeated="error")
    assert export.annotations[0] == {"u": "z"}
    assert export.left_out == {"answers to another question, 'q'": 1}


def test_answers_without_users_are_counted_one_by_one():
    with pytest.raises(
        ValueError, match=r"no answer names its annotator \(3 of them\)"
    ):
        read_argilla(argilla(None, ["x", "y", "x"]))
    export = read_argilla(argilla([None, "None", "u"], ["x", "y", "x"]))
    assert export.left_out == {"answers without the name of an annotator": 2}


def test_answers_about_several_images_are_not_those_about_the_task():
    records = label_studio("x", "y", places=(0, 1))
    with pytest.raises(ValueError, match=r"2 of q \(one for each of several images\)"):
        read_label_studio(records)
    other = {"from_name": "p", "to_name": "x", "type": "rating", "value": {"rating": 4}}
    records[0]["annotations"][0]["result"].append(other)
    export = read_label_studio(records)
    found = "answers to q (one for each of several images), which cannot be read"
    assert export.left_out == {found: 2}


def rows(*cells):
    names = "item", "user", "label"
    return [dict(zip(names, (1, "a", cell), strict=True)) for cell in cells]


@pytest.mark.parametrize(
    ("cells", "options"),
    [
        (("x|y", "x"), {"separator": "|"}),
        ((["x", "y"], ["x"]), {}),
        ((["x", "y"], ["x"]), {"kind": "sets"}),
        (('["x", "y"]', "x"), {"kind": "sets"}),
    ],
)
def test_cells_with_several_labels_are_whole_answers(cells, options):
    for repeated, kept in (("first", ["x", "y"]), ("last", ["x"])):
        export = read_table(rows(*cells), repeated=repeated, **options)
        assert export.annotations[0] == {"a": kept}
        assert export.left_out == {AGAIN: 1}
    with pytest.raises(ValueError, match="annotator 'a' answers item 1 again"):
        read_table(rows(*cells), **options)


@pytest.mark.parametrize("options", [{"separator": "|"}, {"kind": "sets"}])
def test_rows_with_one_label_each_are_one_set(options):
    assert read_table(rows("x", "y"), **options).annotations[0] == {"a": ["x", "y"]}
    lists = [row | {"item": 2} for row in rows(["z"])]
    assert read_table(rows("x") + lists, kind="sets").annotations[0] == {"a": ["x"]}


def test_numbers_of_whole_answers_may_differ():
    table = [row | {"sure": k} for k, row in enumerate(rows("x|y", "x"))]
    given = {"separator": "|", "confidence": "sure", "repeated": "last"}
    decisions = read_table(table, **given).annotations.decisions
    assert set(decisions.confidence) == {1}


def test_mechanical_turk_names_a_field_twice(tmp_path):
    path = tmp_path / "a.csv"
    answers = '"[{""q"": ""x""}, {""q"": ""y""}]"'
    path.write_text(f"HITId,WorkerId,Answer.taskAnswers\nH,W,{answers}\n")
    with pytest.raises(ValueError, match=r"the field 'q' is answered twice"):
        read_mturk(path)


def at(created_at, label, **more):
    own = {"annotation_id": 1, "lead_time": 1.0, "created_at": created_at}
    return {"text": "a", "id": 1, "q": label, "annotator": 1, **own, **more}


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ("2026-01-05T10:00:00.5Z", "2026-01-05T10:00:00.25Z"),
        ("2026-01-05T10:00:00Z", "2026-01-05T11:30:00+02:00"),
        (1767600001, 1767600000),
    ],
)
def test_the_last_annotation_of_label_studio_is_the_newest(newer, older):
    records = [at(newer, "new"), at(older, "old")]  # as JSON-MIN has them
    assert read_label_studio(records).annotations[0] == {1: "new"}
    first = read_label_studio(records, repeated="first")
    assert first.annotations[0] == {1: "old"}
    (task,) = label_studio("old", places=(None,))
    (annotation,) = task["annotations"]
    (task_2,) = label_studio("new", places=(None,))
    made = [task_2["annotations"][0] | {"created_at": newer}]
    made.append(annotation | {"created_at": older})
    export = read_label_studio([task | {"annotations": made}])
    assert export.annotations[0] == {"u": "new"}


def test_the_last_task_of_prodigy_is_the_newest():
    task = {"text": "a", "_input_hash": 1, "answer": "accept", "_annotator_id": "u"}
    tasks = [
        task | {"accept": ["new"], "_timestamp": 1767600001},
        task | {"accept": ["old"], "_timestamp": 1767600000},
    ]
    assert read_prodigy(tasks).annotations[0] == {"u": "new"}
    undated = [{k: v for k, v in one.items() if k != "_timestamp"} for one in tasks]
    assert read_prodigy(undated).annotations[0] == {"u": "old"}
