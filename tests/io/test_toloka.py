import pytest

from skcrowd.io import read_toloka


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
