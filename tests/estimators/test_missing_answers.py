"""Signs and text that may mark missing answers, at the doors of the estimators."""

import warnings

import numpy as np
import pandas as pd
import pytest
from _data import with_mlp
from scipy.sparse import csr_array, lil_array
from sklearn.exceptions import DataConversionWarning
from sklearn.model_selection import GridSearchCV, cross_validate

from skcrowd import Annotations, CrowdRegressor, CrowdSequenceTagger
from skcrowd.exceptions import CrowdWarning
from skcrowd.metrics import get_scorer, token_accuracy_score
from skcrowd.model_selection import (
    AnswerKFold,
    VoteStratifiedKFold,
    cross_val_answer_score,
    cross_val_predict,
)

NAN = float("nan")
X = np.random.default_rng(0).normal(size=(12, 3)).astype(np.float32)
LABELS = np.random.default_rng(1).integers(0, 2, (12, 3))
STARS = np.random.default_rng(2).integers(1, 6, (12, 3)).astype(float)
STARS[:3] = [[1, 2, 3], [5, 4, 3], [2, 2, 1]]


def quick(**parameters):
    return with_mlp(max_epochs=1, **parameters)


def regressor(**parameters):
    return CrowdRegressor(max_epochs=1, random_state=0, **parameters)


def tagger(**parameters):
    return CrowdSequenceTagger(max_epochs=1, random_state=0, **parameters)


def words(*, missing, form=list):
    """Answers in words, the first of them missing."""
    y = np.array(["cat", "dog"], dtype=object)[LABELS]
    y[0, 0] = missing
    return y.tolist() if form is list else form(y.tolist())


# ---- what numpy makes of a missing value among strings ----


@pytest.mark.parametrize("missing", [NAN, None, pd.NA])
def test_lists_of_strings_may_hold_missing_answers(missing):
    assert quick().fit(X, words(missing=missing)).classes_.tolist() == ["cat", "dog"]
    column = [[row[0]] for row in words(missing=missing)]
    clf = quick().fit(X, column)
    assert (clf.n_annotators_, clf.classes_.tolist()) == (1, ["cat", "dog"])


@pytest.mark.parametrize("missing", [NAN, None, pd.NA, ""])
@pytest.mark.parametrize("form", [list, tuple, pd.Series])
def test_a_truth_with_a_missing_value_is_refused(missing, form):
    truth = words(missing=missing)
    y = form([row[0] for row in truth])
    with pytest.raises(ValueError, match=r"missing value .* at row 0 \(1 in all\)"):
        quick().fit(X, y)
    clf = quick().fit(X, LABELS.astype(str))
    with pytest.raises(ValueError, match="missing value"):
        clf.score(X, y)


def test_a_column_of_several_types_is_refused():
    with (
        pytest.warns(DataConversionWarning),
        pytest.raises(ValueError, match="mixes"),
    ):
        quick().fit(X[:4], [[1], ["x"], [1], ["x"]])


@pytest.mark.parametrize("dtype", [str, object])
def test_strings_are_no_true_numbers(dtype):
    y = STARS[:, 0].astype(int).astype(str).astype(dtype)
    with pytest.raises(ValueError, match="holds the string"):
        regressor().fit(X, y)
    with pytest.raises(ValueError, match="holds the string"):
        regressor().fit(X, y.tolist())


def test_text_that_was_nan_is_a_label_with_a_warning():
    y = words(missing=NAN, form=np.array)
    with pytest.warns(CrowdWarning, match=r"'nan' \(once\)") as caught:
        clf = quick().fit(X, y)
    assert [w.filename for w in caught] == [__file__]
    assert clf.classes_.tolist() == ["cat", "dog", "nan"]
    clf.score(X, y)  # known by now
    clf.label_quality(X, y)
    quick(classes=["cat", "dog", "nan"]).fit(X, y)
    quick().fit(X, Annotations.from_dense(y, missing_label="nan"))
    with pytest.warns(CrowdWarning, match="'nan'"):
        quick().fit(X, y[:, 0])
    quick(classes=["cat", "dog", "nan"]).fit(X, y[:, 0])


# ---- signs ----


@pytest.mark.parametrize("dtype", [int, float, object, "Int64"])
def test_minus_one_is_missing_whatever_the_dtype(dtype):
    y = LABELS.copy()
    y[0, 0] = -1
    form = pd.DataFrame(y).astype(dtype) if dtype == "Int64" else y.astype(dtype)
    if dtype is not float:
        clf = quick().fit(X, form)
    else:
        with pytest.warns(CrowdWarning, match="-1 was read as missing"):
            clf = quick().fit(X, form)
    assert clf.classes_.tolist() == [0, 1]
    assert clf.annotator_n_answers_.sum() == 35
    clf.score(X, form)


def test_minus_one_in_the_truth_counts_as_wrong_with_a_warning():
    clf = quick().fit(X, LABELS)
    truth = np.where(np.arange(12) < 3, -1, LABELS[:, 0])
    with pytest.warns(CrowdWarning, match=r"y is 1-D and holds -1 \(3 times\)"):
        assert clf.score(X, truth) <= 9 / 12


def test_signs_among_ratings():
    y = np.where(np.arange(12)[:, None] < 3, -1, STARS)
    with pytest.warns(CrowdWarning, match=r"-1 \(9 times\) beside"):
        reg = regressor().fit(X, y)
    with pytest.warns(CrowdWarning, match="rating"):
        reg.score(X, y)
    with pytest.warns(CrowdWarning, match="number"):
        regressor().fit(X, y[:, 0])
    with pytest.warns(CrowdWarning, match="number"):
        reg.score(X, y[:, 0])
    regressor().fit(X, Annotations.from_dense(y, kind="numbers", missing_label=None))


def test_gold_of_ratings_marked_by_minus_one():
    gold = np.where(np.arange(12) < 9, -1, STARS[:, 0])
    with pytest.warns(CrowdWarning, match=r"gold holds -1 \(9 times\)"):
        reg = regressor().fit(X, STARS, gold=gold)
    with pytest.warns(CrowdWarning, match="gold holds -1"):
        get_scorer("gold_score")(reg, X, STARS, gold=gold)
    regressor().fit(X, STARS, gold=np.where(gold < 0, np.nan, gold))
    regressor().fit(X, STARS - 3, gold=gold)  # a scale that goes below zero


def test_gold_of_labels():
    gold = np.where(np.arange(12) < 9, -1, LABELS[:, 0])
    for form in (gold, gold.astype(float), gold.tolist()):
        clf = quick().fit(X, LABELS, gold=form)
        assert clf.classes_.tolist() == [0, 1]
        get_scorer("gold_score")(clf, X, LABELS, gold=form)
    text = np.array(["nan", "cat", *["dog"] * 10])
    with pytest.warns(CrowdWarning, match="gold holds the text 'nan'.*None"):
        quick().fit(X, words(missing=None), gold=text)


# ---- tags ----

SENTENCES = [["a", "b"], ["c"], ["d", "e", "f"]]
TRUTH = [[0, 1], [1], [2, 0, 1]]


@pytest.mark.parametrize("sign", [-1, -100])
def test_signs_in_true_tags_are_tags_with_a_warning(sign):
    y = [[0, 1], [1], [2, sign, 1]]
    with pytest.warns(CrowdWarning, match=f"y holds {sign} .once.*read as a tag"):
        fitted = tagger().fit(SENTENCES, y)
    fitted.score(SENTENCES, y)
    tagger(classes=[sign, 0, 1, 2]).fit(SENTENCES, y)
    other = tagger().fit(SENTENCES, TRUTH)
    with pytest.warns(CrowdWarning, match="read as a tag"):
        other.score(SENTENCES, y)
    with pytest.warns(CrowdWarning, match="y_true holds"):
        token_accuracy_score(y, TRUTH)


def test_signs_in_annotated_tags():
    cells = [[[0, 1], [0, -100]], [[1], None], [[2, 0, 1], [2, -1, 1]]]
    with pytest.warns(CrowdWarning, match="holds -100") as caught:
        fitted = tagger().fit(SENTENCES, cells)
    assert len(caught) == 1
    assert fitted.classes_.tolist() == [-100, 0, 1, 2]
    fitted.score(SENTENCES, cells)
    flat = [[0, 0], [1, 1], [1, -1], [2, 2], [0, -1], [1, 1]]
    fitted = tagger().fit(SENTENCES, flat)
    assert fitted.classes_.tolist() == [0, 1, 2]
    fitted.score(SENTENCES, np.array(flat, dtype=float))


def test_signs_in_gold_tags():
    cells = [[tags, tags] for tags in TRUTH]
    fitted = tagger().fit(SENTENCES, cells, gold=[[0, -1], None, None])
    assert fitted.classes_.tolist() == [0, 1, 2]
    with pytest.warns(CrowdWarning, match="gold holds -100"):
        tagger().fit(SENTENCES, cells, gold=[[0, -100], None, None])
    texts = [[["O", "B"], ["O", "B"]], [["O"], None], [["O", "O", "B"], None]]
    with pytest.warns(CrowdWarning, match="gold holds the text 'nan'"):
        tagger().fit(SENTENCES, texts, gold=[["O", "nan"], None, None])


# ---- sparse ----


def test_answers_zero_do_not_vanish():
    with pytest.raises(ValueError, match="LIL"):
        quick().fit(X, lil_array(LABELS))
    with pytest.warns(CrowdWarning, match="answers 0"):
        quick().fit(X, csr_array(LABELS))
    clf = quick().fit(X, LABELS)
    with pytest.raises(ValueError, match="LIL"):
        clf.score(X, lil_array(LABELS))


# ---- once ----


def caught_in(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [w for w in caught if issubclass(w.category, CrowdWarning)]


@pytest.mark.parametrize("cv", [2, VoteStratifiedKFold(2)])
def test_a_search_warns_once_where_it_began(cv):
    y = words(missing="nan", form=np.array)
    y[3:8, 1] = "nan"
    search = GridSearchCV(quick(), {"lr": [0.1, 0.2]}, cv=cv)
    for _ in range(2):
        caught = caught_in(lambda: search.fit(X, y))
        assert [w.filename for w in caught] == [__file__]


@pytest.mark.parametrize(
    "call",
    [
        lambda y: cross_validate(regressor(), X, y, cv=VoteStratifiedKFold(2)),
        lambda y: cross_val_answer_score(regressor(), X, y, cv=2),
        lambda y: cross_val_predict(regressor(), X, y, cv=2),
        lambda y: list(VoteStratifiedKFold(2, kind="numbers").split(X, y)),
        lambda y: list(AnswerKFold(2, kind="numbers").split_answers(y)),
    ],
)
def test_cross_validation_warns_once(call):
    y = np.where(np.arange(12)[:, None] % 3 == 0, -1, STARS)
    caught = caught_in(lambda: call(y))
    assert ["rating" in str(w.message) for w in caught] == [True]


def test_a_search_in_which_warnings_are_errors_ends_with_the_first():
    y = words(missing="nan", form=np.array)
    y[::2, 1] = "nan"
    search = GridSearchCV(quick(), {"lr": [0.1]}, cv=2, error_score="raise")
    with warnings.catch_warnings():
        warnings.simplefilter("error", CrowdWarning)
        with pytest.raises(CrowdWarning):
            search.fit(X, y)
