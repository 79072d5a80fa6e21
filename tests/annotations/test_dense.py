from contextlib import nullcontext

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.sparse import coo_array, csr_matrix

from skcrowd.annotations import Annotations, check_annotations
from skcrowd.exceptions import CrowdWarning

answers = arrays(
    np.int64,
    array_shapes(min_dims=2, max_dims=2, max_side=6),
    elements=st.integers(-1, 3),
).filter(lambda y: (y >= 0).any() and set(np.unique(y)) != {-1, 1})


def integer_forms(y):
    """Every form of the same integer answers (-1 is missing)."""
    missing = y < 0
    with_none = np.where(missing, None, y.astype(object))
    rows, columns = np.nonzero(~missing)
    triples = (y[~missing], (rows, columns))
    return {
        "int8": y.astype(np.int8),
        "list": y.tolist(),
        "float": np.where(missing, np.nan, y),
        "float32": np.where(missing, np.nan, y).astype(np.float32),
        "none": with_none,
        "none list": with_none.tolist(),
        "masked": np.ma.MaskedArray(np.where(missing, 9, y), missing),
        "frame": pd.DataFrame(y),
        "frame of floats": pd.DataFrame(np.where(missing, np.nan, y)),
        "frame of objects": pd.DataFrame(with_none),
        "nullable frame": pd.DataFrame(with_none).astype("Int64"),
        "nullable int frame": pd.DataFrame(y).astype("Int64"),
        "categorical frame": pd.DataFrame(with_none).astype("category"),
        "coo": coo_array(triples, shape=y.shape),
        "csr": csr_matrix(triples, shape=y.shape),
    }


@given(answers)
def test_all_integer_forms_are_equal(y):
    expected = Annotations.from_dense(y)
    np.testing.assert_array_equal(expected.to_dense(), y)
    for name, form in integer_forms(y).items():
        assert check_annotations(form) == expected, name
    item, annotator = np.nonzero(y + 7)
    labels = np.where(y < 0, np.nan, y).ravel()
    assert expected == Annotations.from_long(
        item, annotator, labels, n_items=len(y), annotator_ids=range(y.shape[1])
    )


@given(answers)
def test_all_string_forms_are_equal(y):
    missing = y < 0
    words = np.where(missing, "", np.char.add("c", y.astype(str)))
    with_none = np.where(missing, None, words.astype(object))
    expected = Annotations.from_dense(words)
    np.testing.assert_array_equal(expected.to_dense(), words)
    forms = {
        "list": words.tolist(),
        "none": with_none,
        "nan list": np.where(missing, np.nan, words.astype(object)).tolist(),
        "masked": np.ma.MaskedArray(words, missing),
        "frame": pd.DataFrame(with_none),
        "object frame": pd.DataFrame(with_none, dtype=object),
        "string frame": pd.DataFrame(with_none).astype("string"),
        "categorical": pd.DataFrame(with_none).astype("category"),
    }
    for name, form in forms.items():
        assert check_annotations(form) == expected, name


@given(answers)
def test_all_boolean_forms_are_equal(y):
    missing = y < 0
    with_none = np.where(missing, None, (y > 0).astype(object))
    expected = Annotations.from_dense(with_none)
    forms = {
        "list": with_none.tolist(),
        "masked": np.ma.MaskedArray(y > 0, missing),
        "frame": pd.DataFrame(with_none),
        "nullable": pd.DataFrame(with_none).astype("boolean"),
    }
    for name, form in forms.items():
        assert check_annotations(form) == expected, name


@given(answers)
def test_all_number_forms_are_equal(y):
    numbers = np.where(y < 0, np.nan, y - 1.5)
    with_none = np.where(y < 0, None, numbers.astype(object))
    expected = Annotations.from_dense(numbers, kind="numbers")
    forms = {
        "list": with_none.tolist(),
        "masked": np.ma.MaskedArray(np.nan_to_num(numbers), y < 0),
        "frame": pd.DataFrame(numbers),
        "nullable": pd.DataFrame(numbers).astype("Float64"),
        "object": with_none,
    }
    for name, form in forms.items():
        assert check_annotations(form, kind="numbers") == expected, name


def test_every_pandas_marker_is_missing():
    y = np.array([[0, pd.NA], [pd.NaT, None], [np.nan, 1], ["", 1]], dtype=object)
    assert Annotations.from_dense(y).n_answers == 3


def test_numpy_string_dtype():
    y = np.array([["a", ""], ["b", "a"]], dtype=np.dtypes.StringDType())
    assert Annotations.from_dense(y).classes.tolist() == ["a", "b"]


def test_frame_columns_are_the_annotator_names():
    frame = pd.DataFrame({"ann": ["a", None], "bob": ["b", "a"]})
    assert Annotations.from_dense(frame).annotator_names.tolist() == ["ann", "bob"]
    renamed = Annotations.from_dense(frame, annotator_names=[7, 8])
    assert renamed.annotator_names.tolist() == [7, 8]
    frame.columns = ["ann", "ann"]
    with pytest.raises(ValueError, match="'ann' more than once"):
        Annotations.from_dense(frame)
    with pytest.raises(ValueError, match=r"3 names.*2 annotators"):
        Annotations.from_dense([[0, 1]], annotator_names=["a", "b", "c"])


def test_mixed_numeric_columns_of_a_frame():
    frame = pd.DataFrame({"a": [0, 1], "b": [np.nan, 1.0], "c": [True, False]})
    assert Annotations.from_dense(frame[["a", "b"]]).labels.tolist() == [0, 1, 1]
    with pytest.raises(ValueError, match="mixes"):
        Annotations.from_dense(frame)


@pytest.mark.parametrize("dtype", [float, object])
def test_minus_one_is_missing_whatever_the_dtype(dtype):
    y = np.array([[-1, 0], [2, 1]], dtype=dtype)
    is_certain = dtype is object  # of integers
    expected = nullcontext() if is_certain else pytest.warns(CrowdWarning, match="-1")
    with expected:
        assert Annotations.from_dense(y).classes.tolist() == [0, 1, 2]
    assert Annotations.from_dense(y, missing_label=None).n_answers == 4
    assert Annotations.from_dense(y, missing_label=-1).n_answers == 3
    assert Annotations.from_dense(y, classes=[2, 1, 0, -1]).n_answers == 4
    y[0, 1] = np.nan
    with pytest.warns(CrowdWarning, match="beside NaN, None"):
        assert Annotations.from_dense(y).classes.tolist() == [1, 2]


def test_only_minus_one_and_one_is_ambiguous():
    y = np.array([[-1, 1], [1, -1]])
    with pytest.raises(ValueError, match=r"missing_label=-1.*missing_label=None"):
        Annotations.from_dense(y)
    assert Annotations.from_dense(y, missing_label=None).classes.tolist() == [-1, 1]
    assert Annotations.from_dense(y, missing_label=-1).classes.tolist() == [1]
    assert Annotations.from_dense(y, classes=[-1, 1]).n_answers == 4
    assert Annotations.from_dense(y, classes=[0, 1]).n_answers == 2
    with pytest.warns(CrowdWarning, match="-1 .2 times.*read as a rating"):
        assert Annotations.from_dense(y, kind="numbers").n_answers == 4


@pytest.mark.parametrize(
    ("y", "marker", "n_answers"),
    [
        ([[0, 9]], 9, 1),
        ([[0, -1]], np.nan, 2),
        ([[0, -1]], "?", 2),
        ([["a", "?"]], "?", 1),
        ([["a", None]], "?", 1),
        ([[0.0, 9.0]], 9, 1),
        ([[True, False]], 0, 2),
        (np.array([[0, 9, None]], dtype=object), 9, 1),
    ],
)
def test_missing_label(y, marker, n_answers):
    assert Annotations.from_dense(y, missing_label=marker).n_answers == n_answers


def test_missing_label_is_one_scalar():
    with pytest.raises(TypeError, match="one scalar"):
        Annotations.from_dense([[0, 1]], missing_label=[0, 1])


def test_items_and_annotators_without_answers_are_kept():
    A = Annotations.from_dense(np.array([[-1, -1], [-1, 0]]))
    assert (A.shape, A.answers_per_item.tolist()) == ((2, 2), [0, 1])


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (3, "must be a matrix .* the single value 3"),
        ([0, 1], "1 dimension"),
        (np.zeros((2, 2, 2)), "3 dimension"),
        (np.zeros((0, 3)), r"\(0, 3\) has no items"),
        (np.zeros((3, 0)), "no annotators"),
        ([[0, 1], [2]], r"ragged.*row 1.*\(2 and 1\)"),
        ([[None, None]], r"y of shape \(1, 2\) holds no answer at all"),
        (np.array([[-1, -1]]), "no answer at all"),
        ([["", ""]], "no answer at all"),
        (np.ma.MaskedArray([[1.0]], [[True]]), "no answer at all"),
    ],
)
def test_bad_shapes(y, message):
    with pytest.raises(ValueError, match=message):
        Annotations.from_dense(y)


def test_sparse_is_sent_to_its_reader():
    with pytest.raises(TypeError, match="from_sparse"):
        Annotations.from_dense(csr_matrix([[1]]))


def test_input_is_not_changed():
    for form in integer_forms(np.array([[0, -1], [2, 1]])).values():
        if isinstance(form, np.ndarray):
            before = form.copy()
            check_annotations(form)
            np.testing.assert_array_equal(form, before)
            assert form.flags.writeable
