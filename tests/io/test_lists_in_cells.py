"""Lists of labels in cells, as packages write and read them."""

import json

import numpy as np
import pandas as pd
import pytest

from skcrowd.annotations import SequenceAnnotations
from skcrowd.io import read_answers, read_argilla, read_table, read_toloka

NAMES = ["item", "user", "answer"]
ROWS = [(1, "a", ["x", "y"]), (1, "b", []), (2, "a", ["y"])]
EXPECTED = [{"a": ["x", "y"], "b": []}, {"a": ["y"]}]


def label_sets(export):
    return [export.annotations[row] for row in range(len(export.items))]


def one(cell):
    return [dict(zip(NAMES, (1, "a", cell), strict=True))]


@pytest.mark.parametrize("form", [list, tuple, set])
@pytest.mark.parametrize("kind", ["auto", "sets"])
def test_lists_that_python_wrote_into_csv(form, kind, tmp_path):
    path = tmp_path / "a.csv"
    rows = [(item, user, form(labels)) for item, user, labels in ROWS]
    if form is tuple:
        rows[1] = (1, "b", [])
    pd.DataFrame(rows, columns=NAMES).to_csv(path, index=False)
    assert label_sets(read_answers(path, kind=kind)) == EXPECTED


def test_arrays_as_cells(tmp_path):
    arrays = [(item, user, np.array(s, dtype=object)) for item, user, s in ROWS]
    frame = pd.DataFrame(arrays, columns=NAMES)
    frame["gold"] = [np.array(["x"]), None, np.array(["y"])]
    for table in (frame, arrays):
        assert label_sets(read_table(table)) == EXPECTED
        assert label_sets(read_table(table, kind="sets")) == EXPECTED
    assert read_table(frame).gold == {1: {"x"}, 2: {"y"}}


def test_parquet_by_path_and_by_pandas(tmp_path):
    pytest.importorskip("pyarrow")
    path = tmp_path / "a.parquet"
    pd.DataFrame(ROWS, columns=NAMES).to_parquet(path)
    for table in (path, pd.read_parquet(path)):
        assert label_sets(read_table(table)) == EXPECTED


@pytest.mark.parametrize(
    "text", ["['x', 'y']", '["x", "y"]', " ['x','y'] ", "('x', 'y')", "{'y', 'x'}"]
)
def test_ways_to_write_a_list(text):
    assert label_sets(read_table(one(text))) == [{"a": ["x", "y"]}]
    assert read_table(one(text), kind="labels").annotations.classes.tolist() == [text]


def test_long_tables_of_tags_are_no_sets():
    tags = SequenceAnnotations.from_cells([[["O", "B", "O"], ["O", "B", "B"]]])
    with pytest.raises(ValueError, match="Read lists of tags by"):
        read_table(tags.to_long(), item="sequence", answer="tags")


def test_whole_numbers_in_lists():
    for cell in ("[1, 2]", [1.0, 2.0], np.array([1, 2]), ["1", "2"]):
        assert label_sets(read_table(one(cell))) == [{"a": [1, 2]}]


@pytest.mark.parametrize(
    "text",
    [*("[laughs]", "(1, 2)", "(x)", "{'x': 1}", "[it's]", "(a, b)", "('x')", "['x'")],
)
def test_labels_in_brackets_stay_labels(text):
    assert read_table(one(text)).annotations.classes.tolist() == [text]


@pytest.mark.parametrize(
    "cell", [["x", None], ["x", np.nan], '["x", null]', "['x', nan]", ["x", ""]]
)
@pytest.mark.parametrize("kind", ["auto", "sets"])
def test_lists_with_an_empty_value(cell, kind):
    with pytest.raises(ValueError, match=r"record 1: the list .* holds an empty value"):
        read_table(one(cell), kind=kind)


@pytest.mark.parametrize("cell", [[0.2, 0.8], "[0.2, 0.8]", [["x"]], "[[0, 3]]", [{}]])
def test_lists_of_something_else(cell):
    with pytest.raises(ValueError, match="which is no label; labels are texts or"):
        read_table(one(cell))


@pytest.mark.parametrize(
    "text", ["['x' 'y']", "['x' 'y'\n 'z']", "[1 2]", "[x, y]", "['x' 'y' ... 'z']"]
)
@pytest.mark.parametrize("kind", ["auto", "sets"])
def test_texts_that_look_like_lists(text, kind):
    with pytest.raises(ValueError, match="looks like a list, but is neither JSON nor"):
        read_table(one(text), kind=kind)


@pytest.mark.parametrize("as_text", [False, True])
def test_lists_that_repeat_a_label_are_tags(as_text, tmp_path):
    tags = ["O", "O", "B-PER", "O"]
    row = {"id": 1, "annotator": "a", "label": json.dumps(tags) if as_text else tags}
    path = tmp_path / "tags.jsonl"
    path.write_text(json.dumps(row))
    with pytest.raises(ValueError, match=r"'O' 3 times.*SequenceAnnotations.from_long"):
        read_answers(path)
    assert label_sets(read_answers(path, kind="sets")) == [{"a": ["B-PER", "O"]}]


def test_brackets_without_end_are_a_label():
    text = "[" * 100_000 + "]" * 100_000
    assert read_table(one(text)).annotations.classes.tolist() == [text]


def test_lists_are_no_single_labels():
    for kind in ("labels", "numbers"):
        with pytest.raises(ValueError, match=f"is a list, but kind='{kind}' reads"):
            read_table(one(["x"]), kind=kind)


def test_lists_of_python_in_the_results_of_a_pool(tmp_path):
    path = tmp_path / "a.tsv"
    head = "INPUT:image\tOUTPUT:seen\tASSIGNMENT:worker_id\n"
    path.write_text(f"{head}1.png\t['cat', 'dog']\tw\n")
    assert label_sets(read_toloka(path)) == [{"w": ["cat", "dog"]}]


def test_rows_of_argilla_with_arrays():
    labels = np.empty(2, dtype=object)
    labels[:] = [np.array(["x", "y"]), np.array(["x"])]
    row = {"id": "1", "text": "a", "q.responses": labels}
    row["q.responses.users"] = np.array(["u", "v"])
    assert label_sets(read_argilla([row])) == [{"u": ["x", "y"], "v": ["x"]}]
