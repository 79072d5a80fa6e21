import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    StratifiedKFold,
    check_cv,
    train_test_split,
)
from sklearn.utils import _safe_indexing
from sklearn.utils.multiclass import type_of_target

from skcrowd.annotations import Annotations

LABELS = {
    "int": [0, 1, 2],
    "negative": [-3, -1, 4],
    "bool": [False, True, True],
    "str": ["cat", "dog", "eel"],
}
FAMILIES = [*LABELS, "numbers"]


def make(family, n_items=12, n_annotators=4, seed=0):
    """Answers of one family, a third of them missing, every class present."""
    rng = np.random.default_rng(seed)
    values = np.array(LABELS.get(family, [0.5, -1.0, 2.25]), dtype=object)
    dense = values[rng.integers(3, size=(n_items, n_annotators))]
    dense[rng.random(dense.shape) < 1 / 3] = None
    dense[:3, 0] = values
    kind = "numbers" if family == "numbers" else "labels"
    return Annotations.from_dense(dense, kind=kind, missing_label=None)


def cells(A):
    """Answers as a matrix of objects that can be compared, None for missing."""
    return A.to_dense(missing=None)


@pytest.fixture(params=FAMILIES)
def annotations(request):
    return make(request.param)


@st.composite
def annotation_sets(draw):
    family = draw(st.sampled_from(FAMILIES))
    shape = draw(st.tuples(st.integers(3, 9), st.integers(1, 5)))
    return make(family, *shape, seed=draw(st.integers(0, 999)))


def test_fields_are_sorted_triples():
    A = Annotations.from_dense(np.array([[2, -1], [-1, 0], [1, 1]]))
    assert A.item.tolist() == [0, 1, 2, 2]
    assert A.annotator.tolist() == [0, 1, 0, 1]
    assert A.answer.tolist() == [2, 0, 1, 1]
    assert A.item.dtype == A.annotator.dtype == A.answer.dtype == np.int64
    assert (A.shape, A.ndim, A.kind, len(A)) == ((3, 2), 2, "labels", 3)
    assert (A.n_items, A.n_annotators, A.n_answers) == (3, 2, 4)
    assert A.indptr.tolist() == [0, 1, 2, 4]
    assert A.answers_per_item.tolist() == [1, 1, 2]
    assert A.answers_per_annotator.tolist() == [2, 2]
    assert A.annotator_names.tolist() == [0, 1]
    assert A.item_names is None


def test_indptr_counts_items_without_answers():
    A = Annotations.from_long([1], [0], [5], n_items=4)
    assert A.indptr.tolist() == [0, 0, 1, 1, 1]
    assert A.indptr is A.indptr


def test_arrays_are_read_only_and_not_shared_with_the_caller():
    item = np.array([0, 1])
    A = Annotations(item, np.array([0, 0]), np.array([0, 0]), (2, 1), np.array([7]))
    item[0] = 1
    assert A.item.tolist() == [0, 1]
    for name in ("item", "annotator", "answer", "classes", "annotator_names", "indptr"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(A, name)[0] = 1
    with pytest.raises(AttributeError):
        A.shape = (1, 1)


@pytest.mark.parametrize(
    "clone", [copy.copy, copy.deepcopy, lambda A: pickle.loads(pickle.dumps(A))]
)
def test_copies_are_equal_and_read_only(annotations, clone):
    twin = clone(annotations)
    assert twin == annotations
    assert not twin.answer.flags.writeable


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (([1, 0], [0, 0], [0, 0], (2, 1)), "must be sorted"),
        (([0, 0], [0, 0], [0, 0], (2, 1)), "each pair once"),
        (([0, 2], [0, 0], [0, 0], (2, 1)), "item must lie between 0 and 1"),
        (([0, 1], [0, 0], [0, 9], (2, 1)), "answer must lie between 0 and 0"),
        (([0, 1], [0], [0, 0], (2, 1)), "equally long"),
    ],
)
def test_direct_construction_is_checked(fields, message):
    with pytest.raises(ValueError, match=message):
        Annotations(*map(np.array, fields[:3]), fields[3], np.array(["a"]))


@given(annotation_sets(), st.data())
def test_permuting_rows_commutes_with_slicing(A, data):
    order = data.draw(st.permutations(range(len(A))))
    cut = slice(data.draw(st.integers(-3, 9)), data.draw(st.integers(-3, 9)))
    assert A[order][cut] == A[np.arange(len(A))[order][cut]]
    np.testing.assert_array_equal(cells(A[order]), cells(A)[order])


@pytest.mark.parametrize(
    "rows",
    [
        slice(2, 7),
        slice(None, None, -1),
        slice(7, 2),
        [3, 1, 1, -1],
        np.array([0, 5], dtype=np.uint8),
        [],
        np.arange(12) % 3 == 0,
        pd.Series([3, 4]),
        pd.Series(np.arange(12) > 6),
        pd.Index([1, 2]),
        np.zeros(12, dtype=bool),
    ],
)
def test_rows_are_those_of_the_dense_matrix(annotations, rows):
    whole = np.arange(12)
    numbers = whole[np.array(rows, dtype=int) if isinstance(rows, list) else rows]
    for selected in (annotations[rows], annotations[rows, :], annotations[rows, ...]):
        np.testing.assert_array_equal(cells(selected), cells(annotations)[numbers])
        assert selected.shape == (len(numbers), 4)
        assert selected.classes is annotations.classes
        assert repr(selected)


def test_one_row_is_a_dict():
    A = Annotations.from_dense([["a", None], ["b", "a"]], annotator_names=["x", "y"])
    assert A[0] == {"x": "a"}
    assert A[np.int64(-1)] == {"x": "b", "y": "a"}
    assert list(A) == [{"x": "a"}, {"x": "b", "y": "a"}]


@pytest.mark.parametrize(
    "rows",
    [12, -13, [12], [0.5], "a", True, np.ones(3, dtype=bool), (0, 1), [[0]], None],
)
def test_bad_index_is_an_index_error(annotations, rows):
    with pytest.raises(IndexError):
        annotations[rows]


def test_item_names_follow_the_rows():
    A = Annotations.from_long(["c", "a", "b"], [0, 0, 0], [1, 2, 3])
    assert A[[2, 0]].item_names.tolist() == ["c", "a"]


@pytest.mark.parametrize(
    ("index", "columns"),
    [
        ([2, 0], [2, 0]),
        (slice(1, 3), [1, 2]),
        (np.array([True, False, False, True]), [0, 3]),
        ([-1], [3]),
        (1, [1]),
        ([], []),
    ],
)
def test_select_annotators_is_the_column_selection(annotations, index, columns):
    selected = annotations.select_annotators(index)
    expected = cells(annotations)[:, np.array(columns, dtype=int)]
    np.testing.assert_array_equal(cells(selected), expected)
    assert selected.annotator_names.tolist() == columns
    assert selected.classes is annotations.classes


def test_an_annotator_is_selected_once(annotations):
    with pytest.raises(ValueError, match="repeat"):
        annotations.select_annotators([1, 1])


@given(annotation_sets())
def test_reading_the_dense_form_again_gives_an_equal_container(A):
    dense = np.asarray(A)
    is_label = dense.dtype != np.int64  # there -1 stands for a missing answer
    again = Annotations.from_dense(
        dense,
        kind=A.kind,
        classes=A.classes,
        missing_label=None if is_label else "auto",
    )
    assert again == A


@given(annotation_sets())
def test_long_and_sparse_forms_hold_the_same_answers(A):
    table = A.to_long()
    assert list(table.columns) == ["item", "annotator", "label"]
    again = Annotations.from_long(
        "item",
        "annotator",
        "label",
        data=table,
        missing_label=None,
        n_items=A.n_items,
        annotator_ids=np.arange(A.n_annotators),
        kind=A.kind,
        classes=A.classes,
    )
    assert again == A
    sparse = A.to_sparse()
    assert (sparse.format, sparse.nnz) == ("csr", A.n_answers)
    sparse.data[:] = 0  # a copy


def test_natural_dense_forms():
    kinds = {f: np.asarray(make(f)).dtype.kind for f in FAMILIES}
    assert "".join(kinds[f] for f in FAMILIES) == "iOOUf"
    assert np.asarray(make("int"), dtype=float).dtype == float
    with pytest.raises(ValueError, match="copy"):
        make("int").__array__(copy=False)


def test_to_dense_with_a_marker():
    A = Annotations.from_dense([[1, None], [2, 1]])
    assert A.to_dense(missing=0).tolist() == [[1, 0], [2, 1]]
    assert np.isnan(A.to_dense(missing=np.nan)[0, 1])
    assert A.to_dense(missing="?").tolist() == [[1, "?"], [2, 1]]
    assert A.to_dense(missing=None)[0, 1] is None
    with pytest.raises(ValueError, match="one of the answers"):
        A.to_dense(missing=2)


def test_too_large_a_dense_form_names_the_way_out():
    A = Annotations.from_long([0], [0], [1], n_items=10**6, annotator_ids=range(10**4))
    with pytest.raises(ValueError, match=r"cv=KFold\(3\)"):
        np.asarray(A)
    with pytest.raises(ValueError, match="GiB"):
        type_of_target(A)


def test_equality_and_hash(annotations):
    assert annotations == annotations[:]
    assert annotations != annotations[1:]
    assert annotations != "annotations"
    assert make("int") != make("str")
    assert Annotations.from_dense([[True, False]]) != Annotations.from_dense([[1, 0]])
    with pytest.raises(TypeError, match="unhashable"):
        hash(annotations)


def test_with_classes_encodes_again():
    A = Annotations.from_dense([["b", "a"]])
    B = A.with_classes(["b", "z", "a"])
    assert (B.answer.tolist(), B.labels.tolist()) == ([0, 2], ["b", "a"])
    assert A.with_classes(["a", "b"]) is A
    with pytest.raises(ValueError, match=r"'b' at row 0, annotator 0 .*\['a'\]"):
        A.with_classes(["a"])


def test_repr_is_short_whatever_the_size():
    names = [f"class number {i}" * 9 for i in range(1000)]
    A = Annotations.from_long(range(1000), range(1000), names, classes=names)
    assert len(repr(A)) < 500
    assert "1000 items by 1000 annotators" in repr(A)
    assert "numbers from -1 to 2.25" in repr(make("numbers"))


def test_to_long_without_pandas_names_the_pip_line(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        make("int").to_long()


# ---- scikit-learn ----


def test_train_test_split_and_kfold(annotations):
    X = np.arange(24.0).reshape(12, 2)
    X_train, X_test, A_train, A_test = train_test_split(X, annotations, random_state=0)
    assert isinstance(A_train, Annotations)
    assert A_test == annotations[(X_test[:, 0] / 2).astype(int)]
    assert len(X_train) == len(A_train)
    for train, test in KFold(3).split(X, annotations):
        assert len(annotations[train]) + len(annotations[test]) == 12


@pytest.mark.parametrize("family", LABELS)
@pytest.mark.parametrize("n_annotators", [1, 4])
def test_check_cv_of_a_classifier(family, n_annotators):
    A = make(family, n_annotators=n_annotators)
    splitter = check_cv(3, A, classifier=True)
    assert isinstance(splitter, (KFold, StratifiedKFold))
    assert isinstance(check_cv(3, make(family), classifier=True), KFold)


def test_check_cv_of_numbers():
    assert isinstance(check_cv(3, make("numbers"), classifier=False), KFold)
    full = Annotations.from_dense([[1.5, 2.5], [0.5, 0.1]], kind="numbers")
    assert isinstance(check_cv(2, full, classifier=True), KFold)


def test_safe_indexing(annotations):
    for rows in (np.array([4, 0]), [4, 0], slice(2, 5), np.arange(12) % 2 == 0):
        assert _safe_indexing(annotations, rows) == annotations[rows]
    assert _safe_indexing(annotations, 3) == annotations[3]


class _Reads(BaseEstimator):
    def __init__(self, shift=0):
        self.shift = shift

    def fit(self, X, y):
        assert isinstance(y, Annotations)
        self.n_ = y.n_answers
        return self

    def score(self, X, y):
        return float(y.n_answers + self.shift)


class _Classifier(ClassifierMixin, _Reads):
    pass


class _Regressor(RegressorMixin, _Reads):
    pass


@pytest.mark.parametrize("family", FAMILIES)
def test_grid_search(family):
    model = _Regressor() if family == "numbers" else _Classifier()
    search = GridSearchCV(model, {"shift": [0, 1]}, cv=3, scoring=_Reads.score)
    search.fit(np.zeros((12, 1)), make(family))
    assert search.best_params_ == {"shift": 1}


@pytest.mark.parametrize("index", [slice(1, None, 2), [4, 0], "mask"])
def test_select_answers_leaves_the_others_missing(annotations, index):
    everyone = np.arange(annotations.n_answers)
    index = everyone % 3 == 1 if isinstance(index, str) else index
    kept = annotations.select_answers(index)
    expected = cells(annotations)
    gone = np.setdiff1d(everyone, everyone[index])
    expected[annotations.item[gone], annotations.annotator[gone]] = None
    np.testing.assert_array_equal(cells(kept), expected)
    for name in ("shape", "kind"):
        assert getattr(kept, name) == getattr(annotations, name)
    np.testing.assert_array_equal(kept.annotator_names, annotations.annotator_names)


def test_no_answer_may_be_selected(annotations):
    assert annotations.select_answers([]).n_answers == 0


@pytest.mark.parametrize(
    ("index", "error", "message"),
    [
        ([1, 1], ValueError, "answer 1 more than once"),
        ([-1, 999], IndexError, "answer 999 is out of range"),
        ([True], IndexError, "does not fit"),
    ],
)
def test_a_bad_index_of_answers_raises(annotations, index, error, message):
    with pytest.raises(error, match=message):
        annotations.select_answers(index)
