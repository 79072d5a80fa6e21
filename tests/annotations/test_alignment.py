"""Rows that belong together must not carry different labels."""

import warnings

import numpy as np
import pandas as pd
import pytest

from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.annotations._alignment import (
    check_aligned,
    row_names,
    without_row_names,
)
from skcrowd.exceptions import CrowdWarning

X = pd.DataFrame(np.arange(8.0).reshape(4, 2))
Y = pd.DataFrame([[0, 1], [1, 1], [0, 0], [1, 0]], columns=["ann", "bob"])
NAMES = {
    "strings": list("abcd"),
    "integers": [7, 3, 9, 4],
    "dates": pd.date_range("2020-01-01", periods=4),
    "zoned dates": pd.date_range("2020-01-01", periods=4, tz="Europe/Berlin"),
    "text dtype": pd.Index(list("abcd"), dtype="string"),
    "categories": pd.CategoricalIndex(list("abcd")),
    "pairs": pd.MultiIndex.from_product([[1, 2], ["a", "b"]]),
    "gap": [1.5, 2.5, np.nan, 3.5],
    "sliced": pd.RangeIndex(10, 14),
}
every_index = pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)


@every_index
def test_equal_labels(names):
    check_aligned(X=X.set_axis(names), y=Y.set_axis(names), gold=Y["ann"])
    check_aligned(
        X=X.set_axis(names), y=Annotations.from_dense(Y.set_axis(names)), gold=None
    )


@every_index
def test_labels_in_another_order(names):
    ours, theirs = X.set_axis(names), Y.set_axis(names).iloc[[0, 2, 1, 3]]
    told = r"X and y have the same row labels in another order: row 1 is .* y = y\.loc"
    with pytest.raises(ValueError, match=told):
        check_aligned(X=ours, y=theirs)
    check_aligned(X=ours, y=theirs.reset_index(drop=True))
    told = r"X = X\.loc\[y\.item_names\].*dataclasses\.replace\(y, item_names=None\)"
    with pytest.raises(ValueError, match=told):
        check_aligned(X=ours, y=Annotations.from_dense(theirs))


def test_the_advice_works():
    ours = X.set_axis(NAMES["pairs"])
    theirs = Y.set_axis(NAMES["pairs"]).iloc[::-1]
    check_aligned(X=ours, y=theirs.loc[ours.index])
    annotations = Annotations.from_dense(theirs)
    check_aligned(X=ours.loc[annotations.item_names], y=annotations)
    check_aligned(X=ours, y=without_row_names(annotations))


@pytest.mark.parametrize(
    ("ours", "theirs", "seen"),
    [
        (list("abcd"), list("abce"), r"row 3 is 'd' in X and 'e' in y \(1 of 4"),
        ([7, 3, 9, 4], list("7394"), r"row 0 is 7 in X and '7' in y \(4 of 4"),
        (list("aabb"), list("abab"), r"row 1 is 'a' in X and 'b' in y \(2 of 4"),
        ([1, 2, None, 4], [1, 2, 3, 4], r"row 2 is nan in X and 3 in y"),
    ],
)
def test_other_labels(ours, theirs, seen):
    with pytest.raises(ValueError, match=seen) as caught:
        check_aligned(X=X.set_axis(ours), y=Y.set_axis(theirs))
    assert "different row labels" in str(caught.value)
    assert ".loc" not in str(caught.value)


def test_repeated_labels_in_the_same_order():
    check_aligned(X=X.set_axis(list("aabb")), y=Y.set_axis(list("aabb")))


@every_index
def test_positions_fit_any_other_labels(names):
    check_aligned(X=X, y=Y.set_axis(names))
    check_aligned(X=X.set_axis(names), y=Y, gold=Y["ann"], sample_weight=None)


def test_a_part_of_the_positions_fits_labels_that_are_no_numbers():
    part = X.set_axis([5, 9, 2, 7])
    check_aligned(X=part, y=Y.set_axis(list("abcd")))
    with pytest.raises(ValueError, match="row 0 is 5 in X and 105 in y"):
        check_aligned(X=part, y=Y.set_axis([105, 109, 102, 107]))


def test_positions_in_another_order():
    moved = Y.sample(frac=1, random_state=0)
    with pytest.raises(ValueError, match="in another order: row 0 is 0 in X"):
        check_aligned(X=X, y=moved)
    with pytest.raises(ValueError, match="y and gold have the same row labels"):
        check_aligned(X=None, y=Y, gold=moved["ann"])
    check_aligned(X=X.loc[moved.index], y=moved)
    with pytest.raises(ValueError, match=r"y = y\.reset_index\(drop=True\)\.$"):
        check_aligned(X=X, y=moved)
    told = r"position: X = X\.reset_index\(drop=True\)\.$"
    with pytest.raises(ValueError, match=told):
        check_aligned(X=X.loc[moved.index], y=Y)


@pytest.mark.parametrize(
    "unlabelled", [X.to_numpy(), X.to_numpy().tolist()], ids=["array", "list"]
)
def test_rows_that_were_moved_beside_an_X_without_labels(unlabelled):
    moved = Y.iloc[[2, 0, 1, 3]]
    told = r"y are labelled 0 to 3.*row 0 is 2.*set_output.*y\.reset_index\(drop=True\)"
    with pytest.warns(CrowdWarning, match=told) as caught:
        check_aligned(X=unlabelled, y=moved)
    assert caught[0].filename == __file__
    with pytest.warns(CrowdWarning, match="gold are labelled"):
        check_aligned(X=unlabelled, y=Y.to_numpy(), gold=moved["ann"])
    check_aligned(X=unlabelled, y=moved.reset_index(drop=True))
    check_aligned(X=unlabelled, y=moved, may_warn=False)
    check_aligned(X=unlabelled[:3], y=moved.iloc[:3].set_axis([2, 7, 4]))  # a subset


def test_what_has_another_number_of_rows_is_left_aside():
    check_aligned(X=X.set_axis(list("abcd")), y=Y.set_axis(list("xyzw")).iloc[:3])


def test_labels_of_other_packages_are_not_looked_for():
    polars = pytest.importorskip("polars")
    table = polars.DataFrame({"index": [3, 2, 1, 0]})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_aligned(X=X, y=table, gold=list("abcd"), sample_weight=np.ones(4))


@every_index
def test_frames_keep_their_index_as_names(names):
    annotations = Annotations.from_dense(Y.set_axis(names))
    assert annotations.item_names.shape == (4,)
    selected = Annotations.from_dense(Y.set_axis(names).iloc[[3, 0]])
    assert annotations[[3, 0]] == selected
    assert repr(annotations) == repr(Annotations.from_dense(Y))
    cells = Y.set_axis(names).map(lambda tag: [tag])
    np.testing.assert_array_equal(
        SequenceAnnotations.from_cells(cells).sequence_names, annotations.item_names
    )
    gold = SequenceAnnotations.from_gold(cells["ann"])
    np.testing.assert_array_equal(gold.sequence_names, annotations.item_names)


def test_positions_are_no_names():
    assert Annotations.from_dense(Y).item_names is None
    assert Annotations.from_dense(Y) == Annotations.from_dense(Y.set_axis([0, 1, 2, 3]))
    assert row_names(Y) is row_names(Y.to_numpy()) is row_names(None) is None
    assert without_row_names("a list") == "a list"


def test_names_show_in_a_long_table():
    table = Annotations.from_dense(Y.set_axis(NAMES["pairs"])).to_long()
    assert table["item"].tolist()[::2] == NAMES["pairs"].tolist()
