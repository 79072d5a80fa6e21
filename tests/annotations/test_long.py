import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from skcrowd.annotations import Annotations, concatenate

TABLE = pd.DataFrame(
    {
        "task": ["t3", "t1", "t3", "t2"],
        "worker": [7, 5, 5, 7],
        "label": ["a", "b", "c", None],
    }
)
NAMES = ("task", "worker", "label")


def test_ids_are_sorted_and_kept():
    A = Annotations.from_long(*NAMES, data=TABLE)
    assert A.item_names.tolist() == ["t1", "t2", "t3"]
    assert A.annotator_names.tolist() == [5, 7]
    assert A.to_dense().tolist() == [["b", ""], ["", ""], ["c", "a"]]


@pytest.mark.parametrize("dtype", [object, "string", "category"])
def test_arrays_mappings_and_frames_read_alike(dtype):
    expected = Annotations.from_long(*NAMES, data=TABLE)
    frame = TABLE.astype({"task": dtype, "label": dtype})
    assert Annotations.from_long(*NAMES, data=frame) == expected
    assert Annotations.from_long(*NAMES, data=TABLE.to_dict("list")) == expected
    assert Annotations.from_long(*(frame[n] for n in NAMES)) == expected
    assert Annotations.from_long(*(TABLE[n].tolist() for n in NAMES)) == expected


def test_item_ids_give_the_order_of_the_rows():
    A = Annotations.from_long(*NAMES, data=TABLE, item_ids=["t3", "t0", "t2", "t1"])
    assert A.shape == (4, 2)
    assert A.answers_per_item.tolist() == [2, 0, 0, 1]
    assert A.item_names.tolist() == ["t3", "t0", "t2", "t1"]


def test_annotator_ids_give_the_order_of_the_columns():
    A = Annotations.from_long(*NAMES, data=TABLE, annotator_ids=pd.Index([9, 7, 5]))
    assert A.annotator_names.tolist() == [9, 7, 5]
    assert A[2] == {7: "a", 5: "c"}


def test_row_numbers():
    A = Annotations.from_long([2.0, 0.0], ["x", "y"], [1, 0], n_items=4)
    assert (A.shape, A.item.tolist(), A.item_names) == ((4, 2), [0, 2], None)


def test_minus_one_is_a_label_and_masked_is_missing():
    labels = np.ma.MaskedArray([-1, 1, 5], [False, False, True])
    A = Annotations.from_long([0, 1, 2], [0, 0, 0], labels)
    assert A.classes.tolist() == [-1, 1]
    assert A.n_items == 3


def test_dates_and_other_sortable_ids():
    days = pd.to_datetime(["2020-01-02", "2020-01-01"])
    A = Annotations.from_long(days, pd.Series([(0, 1), (0, 0)]), [1, 2])
    assert A.labels.tolist() == [2, 1]
    assert A[0] == {(0, 0): 2}


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (([0, 1, 0], [5, 5, 5], [1, 1, 2]), {}, ValueError, r"item 0, annotator 5 \(1"),
        (([0], [0, 1], [1]), {}, ValueError, "equally long.*'annotators': 2"),
        (([], [], []), {}, ValueError, "no rows"),
        (([0, None], [0, 1], [1, 1]), {}, ValueError, "item id in row 1 is missing"),
        (([0], [np.nan], [1]), {}, ValueError, "annotator id in row 0 is missing"),
        (([0], [0], [None]), {}, ValueError, "no answer at all"),
        (([0, 4], [0, 1], [1, 1]), {"n_items": 4}, ValueError, "0 to 3, got .* 0 to 4"),
        ((["a"], [0], [1]), {"n_items": 4}, ValueError, "row numbers.*item_ids"),
        (
            (["a"], [0], [1]),
            {"item_ids": ["b"]},
            ValueError,
            "'a' .table row 0. is not",
        ),
        ((["1"], [0], [1]), {"item_ids": [1]}, ValueError, "'1'"),
        (([0], [3], [1]), {"annotator_ids": [1]}, ValueError, "annotator 3"),
        (([0], [0], [1]), {"item_ids": [0, 0]}, ValueError, "0 more than once"),
        (([0], [0], [1]), {"item_ids": []}, ValueError, "item_ids is empty"),
        (
            ([0], [0], [1]),
            {"item_ids": [0], "n_items": 2},
            ValueError,
            "n_items=2, but",
        ),
        (([0, "a"], [0, 1], [1, 1]), {}, TypeError, "int, str"),
        ((0, 1, 2), {}, ValueError, "1-D"),
        (
            ("task", "w", "label"),
            {"data": TABLE},
            ValueError,
            "annotators='w' is no col",
        ),
        (("task", "worker", "label"), {}, TypeError, "data=df"),
        ((TABLE, "worker", "label"), {}, TypeError, "data=df"),
        (([0], [0], [0.5]), {}, ValueError, "continuous.*item 0, annotator 0"),
        (([0], [0], ["a"]), {"kind": "numbers"}, ValueError, "numbers are needed"),
        (([0], [0], ["a"]), {"kind": "x"}, ValueError, "kind must be"),
        (([0], [0], ["a"]), {"classes": ["b"]}, ValueError, "label 'a' at item 0"),
    ],
)
def test_errors(arguments, options, error, message):
    with pytest.raises(error, match=message):
        Annotations.from_long(*arguments, **options)


def test_input_is_not_changed():
    columns = [np.array([0, 1]), np.array([0, 1]), np.array([1, 0])]
    ids = np.array([0, 1])
    Annotations.from_long(*columns, item_ids=ids, annotator_ids=ids)
    Annotations.from_long(*columns, n_items=2, classes=ids)
    assert all(array.flags.writeable for array in [*columns, ids])


def test_any_order_of_rows_reads_alike():
    rng = np.random.default_rng(0)
    item, annotator = np.divmod(rng.permutation(60)[:40], 6)
    label = rng.integers(3, size=40)
    expected = Annotations.from_long(item, annotator, label, n_items=10)
    order = rng.permutation(40)
    assert expected == Annotations.from_long(
        item[order], annotator[order], label[order], n_items=10
    )


def test_ordered_categories_are_the_classes_in_their_order():
    grades = ["bad", "fair", "good", "no idea"]
    answers = pd.Categorical(["good", "bad", "no idea"], grades, ordered=True)
    table = pd.DataFrame({"item": [0, 1, 1], "who": [0, 0, 1], "grade": answers})
    for A in (
        Annotations.from_long("item", "who", "grade", data=table, unsure="no idea"),
        Annotations.from_long([0, 1, 1], [0, 0, 1], table.grade, unsure="no idea"),
    ):
        assert A.classes.tolist() == ["bad", "fair", "good"]
        assert len(A.unsure) == 1
        assert A.ordered
    plain = table.assign(grade=table.grade.astype(str))
    A = Annotations.from_long("item", "who", "grade", data=plain)
    assert A.classes.tolist() == ["bad", "good", "no idea"]
    assert not A.ordered
    matrix = pd.DataFrame({"ann": answers[:2], "bob": answers[1:]})
    assert Annotations.from_dense(matrix).classes.tolist() == grades
    assert Annotations.from_dense(matrix).ordered


def test_orders_of_polars_and_arrow_are_those_of_the_classes():
    grades = ["bad", "fair", "good"]
    rows = {"item": [0, 1, 1], "who": [0, 0, 1], "grade": ["good", "bad", None]}
    named = pl.DataFrame(rows, schema_overrides={"grade": pl.Enum(grades)})
    codes = pa.array([2, 0, None])
    column = pa.DictionaryArray.from_arrays(codes, grades, ordered=True)
    arrow = pa.table(rows | {"grade": column})
    for table in (named, arrow):
        for answers in ("grade", table["grade"]):
            data = table if isinstance(answers, str) else None
            ids = ("item", "who") if data is not None else (rows["item"], rows["who"])
            A = Annotations.from_long(*ids, answers, data=data)
            assert A.ordered
            assert A.classes.tolist() == grades
            assert A.answer.tolist() == [2, 0]
    wide = pl.DataFrame({"ann": ["good", "bad"], "bob": ["bad", None]})
    wide = wide.with_columns(pl.all().cast(pl.Enum(grades)))
    assert Annotations.from_dense(wide).ordered
    assert Annotations.from_dense(wide.to_arrow()).classes.tolist() == grades
    assert not Annotations.from_dense(wide.cast(pl.Categorical)).ordered
    plain = pa.table(rows | {"grade": pa.DictionaryArray.from_arrays(codes, grades)})
    assert not Annotations.from_long("item", "who", "grade", data=plain).ordered


def test_an_order_stays_where_its_classes_do():
    plain = Annotations.from_dense([["poor", "good"], ["fair", None]])
    A = plain.with_classes(["poor", "fair", "good"], ordered=True)
    assert (
        A
        != A.with_classes(A.classes, ordered=False)
        == plain.with_classes(["poor", "fair", "good"])
    )
    assert "3 classes, from lowest to highest: ['poor'" in repr(A)
    kept = (
        *(A[:1], A[[1, 0]], A.select_annotators([1]), A.select_answers([0, 2])),
        *(A.with_details(weight=[1, 2, 1]), pickle.loads(pickle.dumps(A))),
        A.merge_annotators({"x": [0, 1]}, repeated="first"),
        A.with_classes(["poor", "so so", "fair", "good"]),
        concatenate([A, plain]),
    )
    assert all(each.ordered for each in kept)
    assert not A.with_classes(["fair", "good", "poor"]).ordered
    assert not concatenate([A, Annotations.from_dense([["bad"]])]).ordered
    with pytest.raises(ValueError, match="ordered=True is for classes"):
        replace(Annotations.from_dense([[1.5]], kind="numbers"), ordered=True)


def test_two_orders_are_joined_or_refused():
    plain = Annotations.from_dense([["poor", "good"]])
    A = plain.with_classes(["poor", "good"], ordered=True)
    more = plain.with_classes(["poor", "fair", "good"], ordered=True)
    for joined in (concatenate([A, more]), concatenate([more, A])):
        assert joined.classes.tolist() == ["poor", "fair", "good"]
        assert joined.ordered
    reverse = plain.with_classes(["good", "poor"], ordered=True)
    with pytest.raises(ValueError, match="say which holds, for both, by with_classes"):
        concatenate([A, reverse])


def test_an_empty_category_is_no_class():
    cells = pd.DataFrame({"a": ["lo", ""], "b": ["hi", "hi"]})
    y = cells.astype(pd.CategoricalDtype(["", "lo", "hi"], ordered=True))
    A = Annotations.from_dense(y)
    assert A.classes.tolist() == ["lo", "hi"]
    assert A.ordered
    assert A.n_answers == 3
