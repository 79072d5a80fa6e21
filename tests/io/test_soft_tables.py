"""Tables whose answers give each label a probability."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrowd.annotations import Annotations, MultilabelAnnotations
from skcrowd.io import read_answers, read_table

ROWS = {
    "task": ["t2", "t1", "t2"],
    "worker": ["bob", "ann", "ann"],
    "p_yes": [0.25, 1, 0.5],
    "p_no": [0.75, 0, 0.5],
}
SHARES = st.sampled_from([(1, 0, 0), (0.5, 0.25, 0.25), (0.2, 0.3, 0.5)])


def changed(row, **values):
    table = pd.DataFrame(ROWS)
    for name, value in values.items():
        table[name] = table[name].astype(object)
        table.loc[row, name] = value
    return table


def test_distributions_over_the_labels():
    export = read_table(ROWS, probabilities="p_")
    assert export.items == ["t2", "t1"]
    expected = Annotations.from_long(
        "task",
        "worker",
        None,
        data=ROWS,
        item_ids=["t2", "t1"],
        probabilities={"yes": "p_yes", "no": "p_no"},
    )
    pd.testing.assert_frame_equal(export.annotations.to_long(), expected.to_long())
    assert export.annotations.classes.tolist() == ["yes", "no"]
    assert export.annotations[0] == {"ann": "yes", "bob": "no"}
    assert export.left_out == {}
    assert export.data == {}
    by_name = read_table(ROWS, probabilities={"no": "p_no", "yes": "p_yes"})
    assert by_name.annotations.classes.tolist() == ["no", "yes"]
    shares = by_name.annotations.with_classes(["yes", "no"]).probabilities
    np.testing.assert_array_equal(shares, expected.probabilities)


def test_probabilities_that_labels_apply():
    table = changed(2, p_yes=None, p_no=0.9)
    export = read_table(table, probabilities="p_", kind="sets")
    expected = MultilabelAnnotations.from_long(
        "task",
        "worker",
        None,
        data=table,
        item_ids=["t2", "t1"],
        probabilities={"yes": "p_yes", "no": "p_no"},
    )
    assert export.annotations == expected
    assert export.annotations[1] == {"ann": ["yes"]}
    one = read_table(ROWS, probabilities={"yes": "p_yes"}, kind="sets")
    assert one.annotations.classes.tolist() == ["yes"]


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "jsonl"])
def test_files(ending, tmp_path):
    path, table = tmp_path / f"a.{ending}", pd.DataFrame(ROWS)
    write = {
        "csv": lambda: table.to_csv(path, index=False, sep=";", decimal=","),
        "tsv": lambda: table.to_csv(path, index=False, sep="\t"),
        "parquet": lambda: table.to_parquet(path),
        "jsonl": lambda: table.to_json(path, orient="records", lines=True),
    }
    write[ending]()
    export = read_answers(path, "table", probabilities="p_")
    assert export.annotations == read_table(ROWS, probabilities="p_").annotations


def test_what_is_beside_probabilities():
    table = pd.DataFrame(ROWS).assign(
        w=[2, 1, 1], s=[1, 2, 3], t=[9, 8, 7], gold=["no", "", "no"], text="x"
    )
    columns = {"weight": "w", "confidence": "s", "time": "t"}
    export = read_table(table, probabilities="p_", **columns, data=["text"])
    assert export.annotations.weight.tolist() == [1, 2, 1]
    assert export.annotations.confidence.tolist() == [3, 1, 2]
    assert export.annotations.time.tolist() == [7, 9, 8]
    assert export.gold == {"t2": "no"}
    assert export.data == {"text": ["x", "x"]}
    del columns["time"]
    sets = read_table(table, probabilities="p_", kind="sets", **columns)
    assert sets.gold == {"t2": {"no"}}
    assert sets.annotations.decisions.weight.tolist() == [1, 2, 1, 2, 1, 1]
    with pytest.raises(ValueError, match=r"\['time'\] of sets of labels are not kept"):
        read_table(table, probabilities="p_", kind="sets", time="t")


def test_labels_that_are_numbers():
    table = {
        "id": [7, 8],
        "user": [1, 1],
        "p0": [0.5, 1],
        "p1": [0.5, 0],
        "gold": ["1", ""],
    }
    export = read_table(table, probabilities="p")
    assert export.annotations.classes.tolist() == [0, 1]
    assert export.gold == {7: 1}


def test_rows_without_any_are_no_answers():
    table = changed(0, p_yes="", p_no=None)
    export = read_table(table, probabilities="p_")
    assert export.left_out == {"rows without an answer": 1}
    assert export.annotations.n_answers == 2


def test_repeated_answers():
    table = changed(0, worker="ann")
    with pytest.raises(
        ValueError, match="record 3: annotator 'ann' answers item 't2' ag"
    ):
        read_table(table, probabilities="p_")
    last = read_table(table, probabilities="p_", repeated="last").annotations
    assert last.probabilities.tolist() == [[0.5, 0.5], [1, 0]]


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (changed(1, p_no=0.5), {}, r"record 2 are \[1\.0, 0\.5\], which sum to 1\.5"),
        (changed(1, p_no=-0.1), {}, "record 2 .* hold a negative or missing one"),
        (changed(1, p_no=None), {}, "record 2 .* hold a negative or missing one"),
        (changed(1, p_no="?"), {}, r"record 2: the probability of 'no' is '\?', which"),
        (
            changed(1, p_no=2),
            {"kind": "sets"},
            "2 at record 2, label 'no' .* from 0 to 1",
        ),
        (
            ROWS,
            {"probabilities": "q_"},
            r"probabilities='q_' finds the columns \[\] amo",
        ),
        (ROWS, {"probabilities": "p_y"}, r"finds the columns \['p_yes'\] among"),
        (
            ROWS,
            {"probabilities": {"a": "p_yes"}},
            r"finds the columns \['p_yes'\] among",
        ),
        (
            ROWS,
            {"probabilities": {"a": "p_yes", "b": "p_no", "c": "x"}},
            r"names \['x'\]",
        ),
        (
            ROWS,
            {"probabilities": {"a": "p_no", "b": "p_no"}},
            "a column for each label",
        ),
        (ROWS, {"answer": "p_yes"}, "leave out answer"),
        (ROWS, {"unsure": "?", "pair": ("task", "worker")}, "leave out unsure, pair"),
        (ROWS, {"annotators": ["worker"]}, "leave out annotators"),
        (ROWS, {"separator": "|", "nothing": "-"}, "leave out separator, nothing"),
        (ROWS, {"kind": "numbers"}, "leave out kind='numbers'"),
    ],
)
def test_what_cannot_be_read(table, options, message):
    with pytest.raises(ValueError, match=message):
        read_table(table, **{"probabilities": "p_", **options})


@given(
    st.lists(
        st.lists(st.none() | SHARES, min_size=3, max_size=3), min_size=1, max_size=4
    )
)
def test_a_long_table_of_soft_labels_is_read_again(cells):
    cells[0][0] = cells[0][0] or (1, 0, 0)
    values = np.array(
        [[(np.nan,) * 3 if c is None else c for c in row] for row in cells]
    )
    names = {"classes": ["a", "b", "c"], "annotator_names": ["x", "y", "z"]}
    A = Annotations.from_soft_labels(values, **names)
    A = A[A.answers_per_item > 0].select_annotators(A.answers_per_annotator > 0)
    M = MultilabelAnnotations.from_soft_labels(values, **names)
    M = M[M.answers_per_item > 0].select_annotators(M.answers_per_annotator > 0)
    for annotations, kind in ((A, "auto"), (M, "sets")):
        table = annotations.to_long()
        read = read_table(table, probabilities="probability_", kind=kind).annotations
        pd.testing.assert_frame_equal(read.to_long(), table)


def test_ticks_that_were_written_are_read():
    M = MultilabelAnnotations.from_cells(
        [[{"cat", "dog"}, set()], [None, {"dog"}]], annotator_names=["ann", "bob"]
    )
    read = read_table(M.to_long(), kind="sets", nothing="nothing").annotations
    assert read.decisions == M.decisions
    assert read.item_names.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("gold", "known"), [(["x"], {1: "x"}), ("y", {1: "y"}), ([], None)]
)
def test_true_answers_that_are_lists(gold, known):
    row = {"item": 1, "annotator": "a", "gold": gold, "p_x": 0.9, "p_y": 0.1}
    export = read_table([row], probabilities="p_")
    assert export.gold == known
    with pytest.raises(ValueError, match=r"of item 1 has several labels, \('x', 'y'\)"):
        read_table([row | {"gold": ["x", "y"]}], probabilities="p_")
