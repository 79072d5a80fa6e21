"""What marks a missing answer, at every door."""

import numpy as np
import pandas as pd
import pytest
from _data import small

from skcrowd import Annotations, CrowdClassifier, CrowdRegressor
from skcrowd.annotations import SequenceAnnotations
from skcrowd.annotations._known import known_values
from skcrowd.exceptions import CrowdWarning
from skcrowd.metrics import get_scorer

NAN = float("nan")
TEXTS = ["nan", "NaN", "<NA>", "NaT", "None", "N/A", "NA", "null", " "]


def long_of(y, **options):
    """Read a matrix as a long table."""
    y = np.array(y, dtype=object)
    item, annotator = (place.ravel() for place in np.indices(y.shape))
    return Annotations.from_long(item, annotator, y.ravel().tolist(), **options)


def cells_of(y, **options):
    """Read a matrix as cells with one tag each."""
    return SequenceAnnotations.from_cells([[[v] for v in row] for row in y], **options)


def tokens_of(found):
    return found.tokens if isinstance(found, SequenceAnnotations) else found


DOORS = {
    "dense": Annotations.from_dense,
    "long": long_of,
    "cells": cells_of,
    "flat": lambda y, **options: SequenceAnnotations.from_flat(
        y, np.ones(len(y), dtype=int), **options
    ),
}


@pytest.fixture(params=DOORS)
def read(request):
    return lambda *given, **options: tokens_of(DOORS[request.param](*given, **options))


@pytest.mark.parametrize("missing", [None, NAN, np.nan, pd.NA, pd.NaT, ""])
def test_native_markers_among_strings_are_no_class(read, missing):
    found = read([["cat", missing], ["dog", "cat"]])
    assert found.classes.tolist() == ["cat", "dog"]
    assert found.n_answers == 3


@pytest.mark.parametrize("text", TEXTS)
def test_text_that_may_be_missing_is_a_label_with_a_warning(read, text):
    y = [["cat", text], ["dog", "cat"]]
    with pytest.warns(
        CrowdWarning, match=rf"{text!r} \(once\).*missing_label={text!r}"
    ):
        assert text in read(y).classes.tolist()
    assert read(y, missing_label=text).classes.tolist() == ["cat", "dog"]
    assert text in read(y, classes=["cat", "dog", text]).classes.tolist()
    assert text in read(y, missing_label=None).classes.tolist()


FORMS = {
    "int64": lambda y: np.array(y),
    "int8": lambda y: np.array(y, dtype=np.int8),
    "Int64": lambda y: pd.DataFrame(y).astype("Int64"),
    "object": lambda y: np.array(y, dtype=object),
    "list": lambda y: y,
    "float": lambda y: np.array(y, dtype=float),
    "Float64": lambda y: pd.DataFrame(y).astype("Float64"),
}
CERTAIN = ["int64", "int8", "Int64", "list", "object"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.filterwarnings("ignore::skcrowd.exceptions.CrowdWarning")
def test_minus_one_among_labels_is_missing_whatever_the_type(form):
    found = Annotations.from_dense(FORMS[form]([[0, -1], [2, 1]]))
    assert found.classes.tolist() == [0, 1, 2]
    assert found.n_answers == 3


@pytest.mark.parametrize("form", CERTAIN)
def test_minus_one_in_integers_is_read_without_a_warning(form):
    assert Annotations.from_dense(FORMS[form]([[0, -1], [2, 1]])).n_answers == 3


@pytest.mark.parametrize("form", ["int64", "float"])
def test_minus_one_beside_other_negative_labels_warns(form):
    with pytest.warns(CrowdWarning, match="other negative labels, such as -2"):
        found = Annotations.from_dense(FORMS[form]([[-2, -1], [0, 2]]))
    assert found.classes.tolist() == [-2, 0, 2]


def test_minus_one_beside_na_warns():
    y = pd.DataFrame([[0, -1], [2, None]]).astype("Int64")
    with pytest.warns(CrowdWarning, match="-1 was read as missing"):
        assert Annotations.from_dense(y).classes.tolist() == [0, 2]


def test_minus_one_in_a_long_table_is_a_label_with_a_warning():
    with pytest.warns(CrowdWarning, match=r"labels holds -1 \(once\).*read as a label"):
        assert long_of([[0, -1], [2, 1]]).classes.tolist() == [-1, 0, 1, 2]
    assert long_of([[0, -1], [2, 1]], missing_label=-1).n_answers == 3


@pytest.mark.parametrize("sign", [-1, -100])
@pytest.mark.parametrize("form", FORMS)
def test_a_sign_among_ratings_is_a_rating_with_a_warning(form, sign):
    y = FORMS[form]([[5, sign], [3, 4]])
    with pytest.warns(CrowdWarning, match=rf"holds {sign} \(once\).*read as a rating"):
        found = Annotations.from_dense(y, kind="numbers")
    assert found.n_answers == 4
    known = Annotations.from_dense(y, kind="numbers", missing_label=sign)
    assert known.n_answers == 3


def test_ratings_below_zero_are_no_signs():
    found = Annotations.from_dense([[-1.0, -3.5], [2.0, -100.0]], kind="numbers")
    assert found.n_answers == 4


def test_the_ignore_index_among_labels_warns(read):
    with pytest.warns(CrowdWarning, match=r"-100 \(once\)"):
        assert -100 in read([[0, -100], [2, 1]]).classes.tolist()


@pytest.mark.parametrize("missing", [None, NAN, pd.NA])
@pytest.mark.parametrize("make", [list, lambda y: np.array(y, dtype=object)])
def test_a_true_label_may_not_be_missing(make, missing, items):
    y = ["a" if t else "b" for t in items[1]]
    y[7] = missing
    with pytest.raises(ValueError, match=r"missing value.*at row 7"):
        small().fit(items[0], make(y))


def test_a_list_of_true_labels_may_not_mix_types(items):
    with pytest.raises(ValueError, match="mixes"):
        small().fit(items[0], [1, "x"] * 30)


def test_text_among_true_labels_warns(items):
    y = np.where(items[1] == 0, "nan", "a")
    with pytest.warns(CrowdWarning, match="'nan' .*was read as a label"):
        assert small().fit(items[0], y).classes_.tolist() == ["a", "nan"]


def test_signs_among_true_numbers_warn(items):
    y = np.where(items[1] == 0, -1.0, 3.0 + items[1])
    with pytest.warns(CrowdWarning, match="read as a number"):
        CrowdRegressor(max_epochs=1, calibrate=False).fit(items[0], y)


@pytest.mark.parametrize("missing", [None, NAN, pd.NA, "", -1])
def test_gold_labels(missing, items, answers):
    X, truth = items
    gold = [int(t) if k % 10 == 0 else missing for k, t in enumerate(truth)]
    if isinstance(missing, str):
        gold = [str(value) for value in gold]
        answers = np.where(answers < 0, "", answers.astype(str))
    rows, _ = known_values(gold, 60)
    assert rows.tolist() == list(range(0, 60, 10))
    clf = CrowdClassifier(max_epochs=1, random_state=0).fit(X, answers, gold=gold)
    assert len(clf.classes_) == 3
    assert np.isfinite(get_scorer("gold_score")(clf, X, answers, gold=gold))


def test_a_sign_among_gold_ratings_warns(rated_items):
    X, truth, y = rated_items
    gold = np.where(np.arange(60) % 10 == 0, np.abs(truth), -1.0)
    reg = CrowdRegressor(max_epochs=1, calibrate=False)
    with pytest.warns(CrowdWarning, match="gold holds -1"):
        reg.fit(X, y, gold=gold)


def test_a_warning_is_given_once_a_call(items):
    y = np.where(np.eye(60, 3, dtype=bool), "nan", "a").astype(object)
    y[:, 0] = "b"
    with pytest.warns(CrowdWarning) as record:
        small(max_epochs=1).fit(items[0], y)
    assert len(record) == 1
    assert record[0].filename == __file__
