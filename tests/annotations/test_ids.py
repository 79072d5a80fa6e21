"""Ids of items, sequences and annotators keep their value, or are refused."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import skcrowd
from skcrowd import Annotations, CrowdClassifier, SequenceAnnotations

BIG = [2**63 + 5, 2**63 + 6, 7]
WHO, LABELS = ["x", "y", "x"], ["p", "q", "p"]
FORMS = [
    pytest.param(lambda v: v, id="list"),
    pytest.param(lambda v: np.array(v, dtype=np.uint64), id="uint64"),
    pytest.param(lambda v: np.array(v, dtype=object), id="objects"),
    pytest.param(lambda v: pd.Series(v, dtype="uint64"), id="Series"),
    pytest.param(lambda v: pd.Series(v, dtype="UInt64"), id="nullable"),
    pytest.param(lambda v: pd.Index(v, dtype="uint64"), id="Index"),
    pytest.param(lambda v: pl.Series(v, dtype=pl.UInt64), id="polars"),
    pytest.param(lambda v: pa.array(v, type=pa.uint64()), id="Arrow"),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("ids", FORMS)
def test_large_item_ids_keep_their_value(form, ids):
    A = Annotations.from_long(form(BIG), WHO, LABELS)
    assert A.item_names.tolist() == sorted(BIG)
    A = Annotations.from_long(form(BIG), WHO, LABELS, item_ids=ids(BIG))
    assert A.item_names.tolist() == BIG
    assert A.item.tolist() == [0, 1, 2]
    few = Annotations.from_long([7], ["x"], ["p"], item_ids=ids(BIG))
    assert few.item.tolist() == [2]


@pytest.mark.parametrize("form", FORMS)
def test_large_annotator_ids_keep_their_value(form):
    A = Annotations.from_long([0, 1, 2], form(BIG), LABELS, annotator_ids=form(BIG))
    assert A.annotator_names.tolist() == BIG
    assert (
        Annotations.from_dense(
            [[0, 1, 0]], annotator_names=form(BIG)
        ).annotator_names.tolist()
        == BIG
    )
    assert A[0] == {BIG[0]: "p"}


def test_large_ids_of_both_signs_keep_their_value():
    ids = [2**63, -1, 2**64]
    assert Annotations.from_long(ids, WHO, LABELS).item_names.tolist() == sorted(ids)
    S = SequenceAnnotations.from_long(ids, WHO, [["p"]] * 3)
    assert S.sequence_names.tolist() == sorted(ids)


def test_columns_with_large_names_keep_them():
    columns = np.array(BIG, dtype=np.uint64)
    A = Annotations.from_dense(pd.DataFrame([[0, 1, 0]], columns=columns))
    assert A.annotator_names.tolist() == BIG


def test_large_sequence_ids_keep_their_value():
    S = SequenceAnnotations.from_long(
        np.array(BIG, dtype=np.uint64), WHO, [["p"], ["q"], ["p"]], sequence_ids=BIG
    )
    assert S.sequence_names.tolist() == BIG
    named = SequenceAnnotations(S.tokens, S.lengths, [2**63, -1, 7])
    assert named.sequence_names.tolist() == [2**63, -1, 7]
    A = Annotations([0], [0], [0], (2, 1), ["p"], item_names=[2**63, -1])
    assert A.item_names.tolist() == [2**63, -1]


def test_large_names_live_through_fit_and_files(tmp_path):
    X = np.random.default_rng(0).normal(size=(6, 2))
    Y = pd.DataFrame([[0, 1, 0], [1, 1, 0]] * 3, columns=np.array(BIG, dtype="uint64"))
    clf = CrowdClassifier(max_epochs=1, annotator_prior={BIG[1]: 0.9}).fit(X, Y)
    assert clf.annotators_.tolist() == BIG
    assert clf.score(X, Y[Y.columns[::-1]]) == pytest.approx(clf.score(X, Y))
    loaded = skcrowd.load(skcrowd.save(clf, tmp_path / "model"))
    assert loaded.annotators_.tolist() == BIG
    clf.partial_fit(X, Y.rename(columns={7: 2**64}))
    assert clf.annotators_.tolist() == [*BIG, 2**64]


def test_float_ids_do_not_collapse():
    A = Annotations.from_long([0.5, 1.5, 0.25], WHO, LABELS)
    assert A.item_names.tolist() == [0.25, 0.5, 1.5]
    A = Annotations.from_long([2.0, 1.0, 3.0], WHO, LABELS, item_ids=[1, 2, 3])
    assert A.item_names.dtype == np.int64
    A = Annotations.from_long([2.0, 2**60 + 1, 3], WHO, LABELS)
    assert A.item_names.tolist() == [2, 3, 2**60 + 1]
    A = Annotations.from_long([0.5, 2**60 + 1, 2**60], WHO, LABELS)
    assert A.item_names.tolist() == [0.5, 2**60, 2**60 + 1]


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([2.0**53, 1, 2], "item id in row 0 is the float64 9007199254740992.0"),
        (np.array([0, 2.0**60, 2]), "row 1 is the float64 .* pass integers or strings"),
        (np.array([1, 2**24, 3], dtype=np.float32), "row 1 is the float32 16777216.0"),
        (pd.Series([2**63, 1, 2], dtype=float), "row 0 is the float64"),
        ([1, np.inf, 2], "the float64 inf"),
        ([None, 1, 2], "the item id in row 0 is missing"),
    ],
)
def test_floats_that_may_have_collapsed_are_refused(ids, message):
    with pytest.raises(ValueError, match=message):
        Annotations.from_long(ids, WHO, LABELS)
    with pytest.raises(ValueError, match=message.replace("item id", "item_ids id")):
        Annotations.from_long([1, 2, 3], WHO, LABELS, item_ids=ids)


@pytest.mark.parametrize("ids", [[True, 1, 2], [True, 1.0, 0], [False, 0, 2**63]])
def test_true_is_not_one(ids):
    for form in (list, lambda v: np.array(v, dtype=object), pd.Series):
        with pytest.raises(TypeError, match="item ids mix booleans with numbers"):
            Annotations.from_long(form(ids), WHO, LABELS)
        with pytest.raises(TypeError, match="annotator ids mix booleans"):
            Annotations.from_long([0, 1, 2], form(ids), LABELS)


def test_booleans_alone_are_ids():
    A = Annotations.from_long([True, False, False], ["x", "y", "x"], LABELS)
    assert A.item_names.tolist() == [False, True]
    with pytest.raises(ValueError, match=r"True .* is not among item_ids"):
        Annotations.from_long([True, False], ["x", "y"], ["p", "q"], item_ids=[1, 0])


@pytest.mark.parametrize("ids", [["1", 1, 2], np.array(["1", 1, 2], dtype=object)])
def test_text_is_no_number(ids):
    with pytest.raises(TypeError, match="cannot be sorted together"):
        Annotations.from_long(ids, WHO, LABELS)
    A = Annotations.from_long(ids, WHO, LABELS, item_ids=[1, "1", 2])
    assert A.item_names.tolist() == [1, "1", 2]
    assert A.item.tolist() == [0, 1, 2]
    assert [A[0], A[1]] == [{"y": "q"}, {"x": "p"}]
    with pytest.raises(ValueError, match=r"'1' .* is not among item_ids"):
        Annotations.from_long(["1"], ["x"], ["p"], item_ids=[1])


@pytest.mark.parametrize("label", [[True, 1], [True, 0.0], [False, "no"], [1, "1"]])
def test_labels_of_two_types_do_not_merge(label):
    with pytest.raises(ValueError, match="y mixes"):
        Annotations.from_dense([label])
    with pytest.raises(ValueError, match="y mixes"):
        Annotations.from_long([0, 1], ["x", "x"], label)
    assert Annotations.from_dense([[True, np.nan]]).classes.tolist() == [True]


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame,
        dict,
        pl.DataFrame,
        pa.table,
        pa.RecordBatch.from_pydict,
        lambda d: np.array(
            list(zip(*d.values(), strict=True)),
            dtype=[("task", "u8"), ("who", "U1"), ("said", "U1")],
        ),
    ],
)
def test_tables_of_any_library(data):
    columns = {"task": np.array(BIG, dtype=np.uint64), "who": WHO, "said": LABELS}
    A = Annotations.from_long("task", "who", "said", data=data(columns))
    assert Annotations.from_long(BIG, WHO, LABELS) == A
    with pytest.raises(ValueError, match=r"labels='label' is no column .*'said'\]"):
        Annotations.from_long("task", "who", "label", data=data(columns))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            [{"task": 1, "who": "x", "said": "p"}],
            r"data is a list, .* no columns",
        ),
        (pl.LazyFrame({"task": [1]}), r"data is a LazyFrame, .* collected"),
    ],
)
def test_what_has_no_columns_is_no_table(data, message):
    with pytest.raises(TypeError, match=message):
        Annotations.from_long("task", "who", "said", data=data)


def test_missing_answers_of_tables_are_missing():
    for table in (pl.DataFrame, pa.table):
        long = table({"i": [0, 0, 1], "w": ["x", "y", "x"], "l": [1, None, 2**60 + 1]})
        A = Annotations.from_long("i", "w", "l", data=long)
        assert A.labels.tolist() == [1, 2**60 + 1]
        wide = table({"x": [1, 2**60 + 1], "y": [None, 1]})
        assert Annotations.from_dense(wide).labels.tolist() == [1, 2**60 + 1, 1]
    wide = pd.DataFrame({"x": np.array([1], "i8"), "y": np.array([2**62 + 1], "u8")})
    assert Annotations.from_dense(wide).labels.tolist() == [1, 2**62 + 1]


def test_a_masked_element_of_a_list_is_missing():
    y = np.ma.array([[0, 1], [1, 1]], mask=[[False, True], [False, False]])
    rows = [list(row) for row in y]
    assert rows[0][1] is np.ma.masked
    assert Annotations.from_dense(rows) == Annotations.from_dense(y)
    assert Annotations.from_long([0, 0], ["x", "y"], rows[0]).labels.tolist() == [0]
    S = SequenceAnnotations.from_cells([[["O", np.ma.masked]], [np.ma.masked]], [2, 1])
    assert S.tokens.n_answers == 1
