"""Answers that are sets of labels."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.model_selection import KFold, check_cv
from sklearn.utils import _safe_indexing

from skcrowd import CrowdClassifier
from skcrowd.annotations import Annotations, MultilabelAnnotations, check_annotations
from skcrowd.annotations._multilabel_target import read_multilabel
from skcrowd.annotations._strata import strata_of

CELLS = [[{"b", "a"}, {"c"}, None], [set(), None, {"a"}], [None, {"a", "c"}, {"c"}]]
INDICATORS = np.array(
    [
        [[1, 1, 0], [0, 0, 1], [np.nan] * 3],
        [[0, 0, 0], [np.nan] * 3, [1, 0, 0]],
        [[np.nan] * 3, [1, 0, 1], [0, 0, 1]],
    ]
)


def cells():
    return MultilabelAnnotations.from_cells(CELLS)


def test_sizes_and_representation():
    y = cells()
    assert (y.n_items, y.n_annotators, y.n_labels, y.n_answers) == (3, 3, 3, 6)
    assert y.shape == (3, 3)
    assert y.answers_per_item.tolist() == y.answers_per_annotator.tolist() == [2, 2, 2]
    head, answers, labels, _ = repr(y).splitlines()
    assert head == "MultilabelAnnotations of 3 items by 3 annotators"
    assert answers.startswith(
        "  6 answers (33.3% of the cells missing), per item: mean"
    )
    assert labels == "  sets of 3 labels: ['a', 'b', 'c']"
    assert "of 1 item by 1 annotator\n" in repr(y[:1].select_annotators([0]))


def test_nothing_ticked_is_an_answer_and_none_is_missing():
    y = cells()
    assert y[1] == {0: [], 2: ["a"]}
    np.testing.assert_array_equal(y.to_indicators(), INDICATORS)


@pytest.mark.parametrize(
    "y",
    [
        [[("b", "a"), ["c"], np.nan], [[], None, ["a"]], [None, ["a", "c"], ["c"]]],
        pd.DataFrame(CELLS),
        np.array(CELLS, dtype=object),
        cells().to_cells(),
        [[np.array(["a", "b"]), {"c"}, pd.NA], *CELLS[1:]],
    ],
)
def test_all_forms_of_cells_are_the_same(y):
    assert MultilabelAnnotations.from_cells(y) == cells()


def test_strings_are_split_where_a_separator_is_given():
    y = [["a, b", "c", ""], ["none", None, "a"], [np.nan, "a,c", "c"]]
    read = MultilabelAnnotations.from_cells(y, separator=",", nothing="none")
    assert read == cells()


def test_long_tables_are_the_same():
    table = pd.DataFrame(
        [
            *[(0, 0, "a"), (0, 0, "b"), (0, 1, "c"), (1, 0, "-"), (1, 2, "a")],
            *[(2, 1, "a"), (2, 1, "c"), (2, 2, "c")],
        ],
        columns=["task", "who", "label"],
    ).sample(frac=1, random_state=0)
    read = MultilabelAnnotations.from_long(
        "task", "who", "label", data=table, n_items=3, nothing="-"
    )
    assert read == cells()


def test_indicators_are_the_same_and_may_miss_single_labels():
    read = MultilabelAnnotations.from_indicators(INDICATORS, classes=["a", "b", "c"])
    assert read == cells()
    part = INDICATORS.copy()
    part[0, 0, 2] = np.nan
    read = MultilabelAnnotations.from_indicators(part)
    np.testing.assert_array_equal(read.to_indicators(), part)
    assert read.n_answers == 6


def test_masked_indicators_are_missing():
    masked = np.ma.masked_invalid(INDICATORS)
    read = MultilabelAnnotations.from_indicators(masked, classes=["a", "b", "c"])
    assert read == cells()


def test_items_and_annotators_are_selected():
    y = cells()
    np.testing.assert_array_equal(y[[2, 0]].to_indicators(), INDICATORS[[2, 0]])
    np.testing.assert_array_equal(y[1:].to_indicators(), INDICATORS[1:])
    mask = np.array([True, False, True])
    np.testing.assert_array_equal(y[mask].to_indicators(), INDICATORS[mask])
    chosen = y.select_annotators([2, 0])
    np.testing.assert_array_equal(chosen.to_indicators(), INDICATORS[:, [2, 0]])


def test_labels_are_reordered_and_added():
    y = cells().with_classes(["c", "d", "a", "b"])
    expected = INDICATORS[:, :, [2, 0, 0, 1]]
    expected[..., 1] = np.where(np.isnan(expected[..., 1]), np.nan, 0)
    np.testing.assert_array_equal(y.to_indicators(), expected)
    with pytest.raises(ValueError, match="lack the label 'b'"):
        y.with_classes(["a", "c", "d"])


def test_scikit_learn_splits_it_by_item():
    y = cells()
    assert isinstance(check_cv(3, y, classifier=True), KFold)
    assert _safe_indexing(y, [1]) == y[1:2]
    np.testing.assert_array_equal(np.asarray(y), INDICATORS)
    assert pickle.loads(pickle.dumps(y)) == y


def test_names_of_items_are_kept():
    frame = pd.DataFrame(CELLS, index=["x", "y", "z"], columns=["ann", "bo", "eve"])
    y = MultilabelAnnotations.from_cells(frame)
    assert y.item_names.tolist() == ["x", "y", "z"]
    assert y[2:].item_names.tolist() == ["z"]
    assert y[1] == {"ann": [], "eve": ["a"]}


@pytest.mark.parametrize(
    ("y", "options", "message"),
    [
        ([["a,b", "a"]], {}, "separator=\\.\\.\\.\\) splits"),
        ([[{"a"}, 3]], {}, "y holds 3 at"),
        ([[{"a"}], [{"a"}, {"b"}]], {}, "ragged"),
        ([[None, None]], {}, "no answer at all"),
        ([[set()]], {}, "nobody ticked any label"),
        ([[{"a", None}]], {}, "missing value"),
        ([[{"a"}]], {"classes": ["b"]}, "'a' at"),
        ([[{"a"}]], {"nothing": "none"}, "pass the separator"),
        ([{"a"}], {}, "a list with a cell for each annotator"),
        ([["a"]], {"separator": ""}, "must be the text between"),
    ],
)
def test_bad_cells_are_explained(y, options, message):
    with pytest.raises(ValueError, match=message):
        MultilabelAnnotations.from_cells(y, **options)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("x", "ann", "a"), ("x", "ann", None)], "label in table row 1 is missing"),
        ([("x", "ann", "a"), ("x", "ann", "a")], "more than once"),
        ([("x", "ann", "a"), ("x", "ann", "-")], "nothing was ticked, and"),
    ],
)
def test_bad_long_tables_are_explained(rows, message):
    with pytest.raises(ValueError, match=message):
        MultilabelAnnotations.from_long(*zip(*rows, strict=True), nothing="-")


@pytest.mark.parametrize(
    ("y", "options", "message"),
    [
        (np.zeros((2, 2)), {}, "shape \\(2, 2\\)"),
        (np.full((1, 1, 1), 2.0), {}, "holds 2 at"),
        (np.full((1, 1, 1), np.nan), {}, "no answer at all"),
        (np.zeros((1, 1, 2)), {"classes": ["a"]}, "has 2 labels"),
        (np.full((1, 1, 1), "a", dtype=object), {}, "other objects"),
    ],
)
def test_bad_indicators_are_explained(y, options, message):
    with pytest.raises(ValueError, match=message):
        MultilabelAnnotations.from_indicators(y, **options)


def test_decisions_must_fit_the_labels():
    decisions = cells().decisions
    with pytest.raises(ValueError, match="no multiple"):
        MultilabelAnnotations(decisions, ["a", "b"])
    with pytest.raises(ValueError, match="item_names"):
        MultilabelAnnotations(decisions, ["a", "b", "c"], ["x"])
    with pytest.raises(ValueError, match="not ticked"):
        MultilabelAnnotations(Annotations.from_dense([["x", "y"]]), ["a"])


TRUTH = np.array([[1, 0, 1], [0, 0, 0]])


@pytest.mark.parametrize(
    "y",
    [
        TRUTH,
        TRUTH.astype(bool),
        TRUTH.tolist(),
        sparse.csr_array(TRUTH),
        pd.DataFrame(TRUTH, columns=["a", "b", "c"]),
        [{"a", "c"}, set()],
    ],
)
def test_true_labels_are_indicators_or_a_list_of_sets(y):
    read, is_truth = read_multilabel(y, ["a", "b", "c"])
    assert is_truth
    np.testing.assert_array_equal(read.to_indicators()[:, 0], TRUTH)


@pytest.mark.parametrize(
    "y", [CELLS, INDICATORS, pd.DataFrame(CELLS), cells(), np.array(CELLS, object)]
)
def test_answers_have_a_column_for_each_annotator(y):
    read, is_truth = read_multilabel(y, ["a", "b", "c"])
    assert not is_truth
    assert read == cells()


@pytest.mark.parametrize("y", [[1, 2], ["a", "b"], np.array([0, 1]), [[0, 2]]])
def test_other_targets_are_refused(y):
    with pytest.raises(ValueError, match="true labels an indicator matrix"):
        read_multilabel(y)


def test_containers_of_single_labels_are_refused():
    with pytest.raises(TypeError, match="answers are no sets"):
        read_multilabel(Annotations.from_dense([["x", "y"]]))


@pytest.mark.parametrize(
    "y", [CELLS, cells(), [[["a"], ["b"]], [["a"], None]], [[("a",), ()], [(), None]]]
)
def test_estimators_of_single_labels_say_who_learns_from_sets(y):
    X = np.zeros((len(y), 2))
    with pytest.raises((TypeError, ValueError), match="CrowdMultilabelClassifier"):
        CrowdClassifier().fit(X, y)
    with pytest.raises((TypeError, ValueError), match="CrowdMultilabelClassifier"):
        check_annotations(y)


def test_strata_are_the_rarest_labels_that_most_ticked():
    y = [[{"a"}, {"a"}], [{"a", "b"}, {"b", "a"}], [{"b"}, set()], [None, None]]
    strata = strata_of(MultilabelAnnotations.from_cells(y))
    assert strata.tolist() == [1, 2, 0, -1]
