from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrowd.annotations import Annotations
from skcrowd.annotations._lookup import factorize, object_array, positions


@given(st.lists(st.integers(-50, 50) | st.sampled_from([-(2**63), 2**63 - 1])))
def test_factorize_integers_is_unique(values):
    values = np.array(values, dtype=np.int64)
    codes, distinct = factorize(values)
    np.testing.assert_array_equal(distinct, np.unique(values))
    np.testing.assert_array_equal(distinct[codes], values)


@given(st.lists(st.text(max_size=3), min_size=1))
def test_factorize_strings_is_unique(values):
    codes, distinct = factorize(object_array(values))
    assert distinct.tolist() == sorted(set(values))
    assert distinct[codes].tolist() == values


@given(
    st.lists(st.integers(0, 9)), st.lists(st.integers(0, 9), min_size=1, unique=True)
)
def test_positions_finds_places(values, vocabulary):
    expected = [vocabulary.index(v) if v in vocabulary else -1 for v in values]
    values = np.array(values, dtype=np.int64)
    assert positions(values, np.array(vocabulary)).tolist() == expected
    words = object_array([str(v) for v in vocabulary])
    assert positions(object_array([str(v) for v in values]), words).tolist() == expected
    assert (positions(values, words) == -1).all()


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        ([[3, 1], [None, 3]], [1, 3]),
        ([[3.0, 1.0], [np.nan, 3.0]], [1, 3]),
        ([["b", "a"], [None, "b"]], ["a", "b"]),
        ([["10", "9"], [None, "9"]], ["10", "9"]),
        ([[True, None], [False, True]], [False, True]),
        ([[5, 5], [None, 5]], [5]),
    ],
)
def test_classes_are_sorted_and_of_one_type(y, classes):
    A = Annotations.from_dense(y)
    assert A.classes.tolist() == classes
    assert [type(c) for c in A.classes.tolist()] == [type(c) for c in classes]


def test_classes_given_keep_their_order():
    A = Annotations.from_dense([["b", "a"]], classes=["c", "b", "a"])
    assert A.classes.tolist() == ["c", "b", "a"]
    assert A.answer.tolist() == [1, 2]
    A = Annotations.from_dense([[1, 0]], classes=[1.0, 0.0])
    assert (A.classes.dtype, A.answer.tolist()) == (np.int64, [0, 1])


@pytest.mark.parametrize(
    ("classes", "error", "message"),
    [
        ([0, 1, 0], ValueError, "0 more than once"),
        ([1, 1.0], ValueError, "1 more than once"),
        ([], ValueError, "empty"),
        ([0, None], ValueError, "missing value"),
        (["a", ""], ValueError, "missing value"),
        ([0, "a"], ValueError, "classes mixes numbers .* and strings"),
        ([0.5, 1], ValueError, "position 0 of classes"),
        ([[0, 1]], TypeError, "list"),
        ("ab", TypeError, "1-D"),
        (3, TypeError, "1-D"),
    ],
)
def test_bad_classes(classes, error, message):
    with pytest.raises(error, match=message):
        Annotations.from_dense([[0, 1]], classes=classes)


def test_label_outside_classes_is_named_with_its_place():
    with pytest.raises(
        ValueError, match=r"label 7 at row 1, annotator 'bob' is not among .*\[0, 1\]"
    ):
        Annotations.from_dense(
            [[0, 1], [1, 7]], classes=[0, 1], annotator_names=["ann", "bob"]
        )
    with pytest.raises(ValueError, match="label '1'"):
        Annotations.from_dense([["1"]], classes=[1])


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        ([[0.5, 1.0]], ValueError, "Unknown label type: continuous.*row 0.*numbers"),
        ([[np.inf, 1.0]], ValueError, "infinity, first at row 0"),
        ([[1.0, 1e300]], ValueError, "too large"),
        ([[2**70, None]], ValueError, "64 bits"),
        (np.array([[2**63]], dtype=np.uint64), ValueError, "64 bits"),
        (pd.DataFrame({"a": [2**63]}), ValueError, "64 bits"),
        ([[1 + 2j, 0]], ValueError, "Complex data not supported"),
        ([[1 + 2j, None]], ValueError, "Complex data not supported"),
        ([["a", 1]], ValueError, "mixes strings .*'a'.* and numbers .*1"),
        (np.array([[True, 2]], dtype=object), ValueError, "booleans .* and numbers"),
        ([[b"a", b"b"]], TypeError, "bytes"),
        (np.array([[b"a"]]), TypeError, "bytes"),
        ([[Decimal(1), None]], TypeError, "type Decimal"),
        ([[{}, None]], TypeError, "of type dict"),
        (np.array([["2020-01-01"]], dtype="M8[D]"), TypeError, "labels must be"),
    ],
)
def test_what_is_no_label(y, error, message):
    with pytest.raises(error, match=message):
        Annotations.from_dense(y)


def test_numbers():
    y = [[1, None], [-1, 2.5]]
    A = Annotations.from_dense(y, kind="numbers", missing_label=None)
    assert (A.kind, A.classes, A.answer.dtype) == ("numbers", None, np.float64)
    assert A.answer.tolist() == [1.0, -1.0, 2.5]
    assert A.labels is A.answer
    with pytest.raises(ValueError, match="infinity"):
        Annotations.from_dense([[np.inf]], kind="numbers")
    with pytest.raises(ValueError, match="string 'a' at row 0"):
        Annotations.from_dense([["a"]], kind="numbers")
    with pytest.raises(ValueError, match="have no"):
        Annotations.from_dense([[1.5]], kind="numbers", classes=[1])
    with pytest.raises(ValueError, match="kind must be 'labels' or 'numbers'"):
        Annotations.from_dense([[1.5]], kind="number")
