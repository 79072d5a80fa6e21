import json

import pytest

from skcrowd.exceptions import CrowdWarning
from skcrowd.io import read_answers, read_toloka


def write(tmp_path, *lines):
    path = tmp_path / "assignments.tsv"
    path.write_text("\n".join("\t".join(line.split()) for line in lines) + "\n")
    return path


def test_pool(samples):
    export = read_toloka(samples / "toloka.tsv", data=True)
    assert export.question == "animal"
    assert export.items == ["1.png | one", "2.png | two"]
    assert export.annotations[0] == {"w1": "cat"}
    assert export.annotations[1] == {"w1": "dog", "w3": "cat"}
    assert export.gold == {"1.png | one": "cat"}
    assert export.left_out == {"rejected assignments": 1}
    assert export.data["image"] == ["1.png", "2.png"]


def test_items(samples, tmp_path):
    assert read_toloka(samples / "toloka.tsv", item="INPUT:image").items == [
        "1.png",
        "2.png",
    ]
    head = "INPUT:a OUTPUT:b ASSIGNMENT:worker_id ASSIGNMENT:task_id"
    assert read_toloka(write(tmp_path, head, "x yes w1 t9")).items == ["t9"]
    with pytest.raises(ValueError, match=r"row 1 .*has no column 'image'"):
        read_toloka(samples / "toloka.tsv", item="image")


def test_lists_of_labels(tmp_path):
    head = "INPUT:a OUTPUT:b ASSIGNMENT:worker_id"
    path = write(tmp_path, head, 'x ["p","q"] w1', "x [] w2")
    assert read_toloka(path, label="q").annotations[0] == {"w1": 1, "w2": 0}


def test_aggregated_results_are_refused(tmp_path):
    path = write(tmp_path, "INPUT:a OUTPUT:b CONFIDENCE:b", "x y 90%")
    with pytest.raises(ValueError, match="not the aggregated results"):
        read_toloka(path)


def test_the_time_of_a_page_is_shared_among_its_tasks(samples):
    export = read_toloka(samples / "toloka_times.tsv", question="animal")
    assert export.items == ["t1", "t2"]
    assert export.annotations.time.tolist() == [10, 4, 10]
    assert export.gold == {"t2": "dog"}
    assert export.left_out["skipped assignments"] == 1
    assert read_toloka(samples / "toloka.tsv").annotations.time is None


def test_a_malformed_time(tmp_path):
    head = "INPUT:a OUTPUT:b ASSIGNMENT:worker_id ASSIGNMENT:started"
    path = write(tmp_path, f"{head} ASSIGNMENT:submitted", "x yes w1 today now")
    with pytest.raises(ValueError, match=r"row 1 .*'today' is no time"):
        read_toloka(path)


def test_without_its_name_a_page_is_what_was_started_and_submitted_at_once(tmp_path):
    times = "ASSIGNMENT:started ASSIGNMENT:submitted"
    head = f"INPUT:a OUTPUT:b ASSIGNMENT:worker_id {times}"
    page = "w1 2026-01-05T10:00:00 2026-01-05T10:01:00"
    path = write(tmp_path, head, f"x yes {page}", f"y no {page}")
    assert read_toloka(path).annotations.time.tolist() == [30, 30]
    (tmp_path / "2").mkdir()
    later = "w1 2026-01-06T10:00:00 2026-01-06T10:02:00"
    other = write(tmp_path / "2", head, f"z yes {later}")
    assert read_toloka([path, other]).annotations.time.tolist() == [30, 30, 120]


def test_gold_that_contradicts_itself_is_refused(tmp_path):
    head = "INPUT:a OUTPUT:b GOLDEN:b ASSIGNMENT:worker_id"
    assert read_toloka(write(tmp_path, head, "x p p w1", "x q p w2")).gold == {"x": "p"}
    lists = '["p","q"]', '["q","p"]'
    path = write(tmp_path, head, *(f"x {one} {one} w{one[2]}" for one in lists))
    assert read_toloka(path).gold == {"x": {"p", "q"}}
    with pytest.raises(ValueError, match=r"row 2 .*'b' is 'q', and was 'p' before"):
        read_toloka(write(tmp_path, head, "x p p w1", "x p q w2"))


def test_verdicts_that_reject(tmp_path):
    head = "INPUT:a OUTPUT:b ASSIGNMENT:worker_id ACCEPT:verdict"
    path = write(tmp_path, head, "x p w1 +", "x q w2 -")
    export = read_toloka(path)
    assert export.annotations[0] == {"w1": "p"}
    assert export.left_out == {"rejected assignments": 1}


def test_prefixes_may_be_written(samples):
    path = samples / "toloka.tsv"
    export = read_toloka(path, question="OUTPUT:animal", data=["INPUT:image"])
    assert (export.question, list(export.data)) == ("animal", ["image"])
    with pytest.raises(
        ValueError, match=r"data names \['colour'\], but the columns .*'i"
    ):
        read_toloka(path, data=["colour"])


def assignment(worker="u1", status="ACCEPTED", answers=("cat", "dog"), known="cat"):
    solutions = [{"output_values": {"animal": answer}} for answer in answers]
    control = [
        {"output_values": {"animal": one}, "correctness_weight": 1} for one in known
    ]
    return {
        "id": f"a-{worker}",
        "user_id": worker,
        "status": status,
        "tasks": [
            {
                "id": "t1",
                "input_values": {"image": "1.png"},
                "known_solutions": control,
            },
            {"id": "t2", "input_values": {"image": "2.png"}},
        ],
        "solutions": solutions or None,
        "created": "2026-01-05T10:00:00",
        "submitted": "2026-01-05T10:01:00",
    }


def assignments(tmp_path, *made, wrap=False):
    path = tmp_path / "assignments.json"
    path.write_text(json.dumps({"items": made, "has_more": False} if wrap else made))
    return path


@pytest.mark.parametrize("wrap", [False, True])
def test_assignments_in_json(tmp_path, wrap):
    made = (
        assignment(known=["cat"]),
        assignment("u2", "REJECTED", known=["cat"]),
        assignment("u3", "SKIPPED", (), ["cat"]),
    )
    path = assignments(tmp_path, *made, wrap=wrap)
    export = read_toloka(path, data=True) if wrap else read_answers(path, data=True)
    assert export.annotations[0] == {"u1": "cat"}
    assert export.annotations[1] == {"u1": "dog"}
    assert export.annotations.time.tolist() == [30, 30]
    assert export.gold == {"t1": "cat"}
    assert export.data == {"image": ["1.png", "2.png"]}
    assert export.left_out == {"rejected assignments": 2, "skipped assignments": 2}


def test_control_tasks_with_several_solutions(tmp_path):
    path = assignments(tmp_path, assignment(known=["cat", "dog"]))
    with pytest.warns(CrowdWarning, match="control tasks, such as 't1', have several"):
        assert read_toloka(path).gold is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tasks": None}, "is no assignment with its tasks"),
        ({"solutions": [{}]}, "has 2 tasks and 1 solutions"),
    ],
)
def test_assignments_that_are_not_whole(tmp_path, change, message):
    path = assignments(tmp_path, assignment(known=["cat"]) | change)
    with pytest.raises(ValueError, match=message):
        read_toloka(path)


def test_outputs_that_are_boxes_are_counted(tmp_path):
    boxes = '[{"type":"rectangle","data":{"p1":{"x":0.1,"y":0.2}}}]'
    head = "INPUT:image OUTPUT:boxes OUTPUT:animal ASSIGNMENT:worker_id"
    path = write(tmp_path, head, f"1.png {boxes} cat w1", "1.png {} dog w2")
    export = read_toloka(path)
    assert export.annotations[0] == {"w1": "cat", "w2": "dog"}
    counted = "answers to boxes (boxes, spans or other), which cannot be read"
    assert export.left_out == {counted: 1}
    with pytest.raises(ValueError, match=r"1 of boxes \(boxes, spans or other\)"):
        read_toloka(path, question="boxes")
