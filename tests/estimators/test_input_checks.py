"""What is wrong with X, y or the weights is said, and what to do."""

import numpy as np
import pandas as pd
import pytest
import torch
from _data import EVERY_METHOD, nobody, predictions, with_mlp
from scipy.sparse import csr_array, csr_matrix

from skcrowd import Annotations, CrowdClassifier, CrowdRegressor


def test_lengths_must_match(kind, gold, data):
    numbers = "numbers" if kind is CrowdRegressor else "labels"
    annotations = Annotations.from_dense(data[1][:50], kind=numbers)
    for y in (data[1][:50], gold[1][:50], annotations):
        with pytest.raises(ValueError, match=r"inconsistent numbers of samples"):
            with_mlp(kind=kind).fit(data[0], y)


NO_ANSWER = {
    "float": np.full((60, 3), np.nan),
    "objects": np.full((60, 3), None),
    "strings": np.full((60, 3), ""),
    "sparse": csr_matrix((60, 3)),
    "frame": pd.DataFrame(np.full((60, 3), np.nan)),
    "column": np.full((60, 1), np.nan),
}


@pytest.mark.parametrize("y", NO_ANSWER.values(), ids=NO_ANSWER)
def test_no_answer_at_all(kind, y, items):
    with pytest.raises(ValueError, match=r"no answer|no annotation|at least one"):
        with_mlp(kind=kind).fit(items[0], y)


@pytest.mark.parametrize(
    "y",
    [
        np.linspace(0, 1, 60),
        np.linspace(0, 1, 180).reshape(60, 3),
        Annotations.from_dense(np.linspace(0, 1, 180).reshape(60, 3), kind="numbers"),
    ],
    ids=["gold", "answers", "annotations"],
)
def test_numbers_are_no_labels(y, items):
    with pytest.raises(ValueError, match=r"[Cc]ontinuous|numbers|real|0\.00"):
        with_mlp().fit(items[0], y)


def test_no_label_in_an_integer_matrix(items):
    with pytest.raises(ValueError, match="no answer"):
        with_mlp().fit(items[0], np.full((60, 3), -1))


WORDS = np.array([["a", "b"], ["b", "a"]] * 30)
INFINITE = np.where(np.arange(120).reshape(60, 2) == 7, np.inf, 1.0)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (WORDS, "string 'a'"),
        (WORDS.astype(object), "string 'a'"),
        (WORDS[:, 0], "string 'a'|could not convert"),
        (INFINITE, "infinity, first at row 3, annotator 1"),
        (-INFINITE, "infinity"),
        (INFINITE[:, 1], "infinity"),
        (Annotations.from_dense(WORDS), "numbers are needed"),
        (np.full((60, 2), 1j), "[Cc]omplex"),
    ],
)
def test_what_is_no_number(y, message, items):
    with pytest.raises(ValueError, match=message):
        with_mlp(kind=CrowdRegressor).fit(items[0], y)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_features_must_be_finite(kind, value, gold, data):
    X = data[0].copy()
    X[3, 1] = value
    for y in (data[1], gold[1]):
        with pytest.raises(ValueError, match=r"NaN|infinity"):
            with_mlp(kind=kind).fit(X, y)
    clf = with_mlp(kind=kind).fit(*data)
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        clf.predict(X)


@pytest.mark.parametrize("shape", [(60, 2), (60, 4), (60, 3, 1)])
def test_predict_wants_the_features_of_fit(kind, shape, data):
    clf = with_mlp(kind=kind).fit(*data)
    with pytest.raises(ValueError, match=r"features|shape"):
        clf.predict(np.zeros(shape))


@pytest.mark.parametrize("X", [np.zeros((0, 3)), np.zeros(60), np.float64(3)])
def test_features_must_be_a_matrix_at_least(kind, X, data):
    with pytest.raises(ValueError, match=r"sample|1D array|scalar|inconsistent"):
        with_mlp(kind=kind).fit(X, data[1])


def test_answers_of_two_or_more_dimensions_too_many(kind, data):
    with pytest.raises(ValueError, match=r"3|dimension|matrix"):
        with_mlp(kind=kind).fit(data[0], data[1][:, :, None])


def test_missing_true_labels_are_an_error(kind, gold):
    X, truth = gold
    with pytest.raises(ValueError, match=r"NaN"):
        with_mlp(kind=kind).fit(X, np.where(truth > 1, np.nan, truth))


@pytest.mark.parametrize("y", ["gold", "answers"])
@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.zeros(60), "zero"),
        (np.full(60, -1.0), "[Nn]egative"),
        (np.r_[-1e-3, np.ones(59)], "[Nn]egative"),
        (np.r_[np.nan, np.ones(59)], "NaN"),
        (np.ones(59), "sample_weight"),
        (np.ones((60, 2)), "1D|dimension"),
    ],
)
def test_wrong_weights(kind, y, weight, message, gold, data):
    y = gold[1] if y == "gold" else data[1]
    with pytest.raises(ValueError, match=message):
        with_mlp(kind=kind).fit(data[0], y, sample_weight=weight)


@pytest.mark.parametrize(("kind", "name"), EVERY_METHOD)
def test_only_items_without_answers_have_weight(kind, name, data):
    y = np.vstack([data[1][:30], nobody(kind, 30, 5)])
    weight = np.where(np.arange(60) < 30, 0.0, 1.0)
    with pytest.raises(ValueError, match=r"no answer"):
        with_mlp(name, kind).fit(data[0], y, sample_weight=weight)


def test_a_class_that_only_weightless_items_have_is_no_class(items, answers):
    weight = (answers != 2).all(axis=1).astype(float)
    clf = with_mlp().fit(items[0], answers, sample_weight=weight)
    assert clf.classes_.tolist() == [0, 1]
    clf = with_mlp().fit(*items, sample_weight=(items[1] != 2).astype(float))
    assert clf.classes_.tolist() == [0, 1]


@pytest.mark.parametrize("form", [np.asarray, pd.DataFrame, np.ndarray.tolist])
def test_features_in_any_container(kind, form, data):
    clf = with_mlp(kind=kind).fit(form(data[0]), data[1])
    X = data[0].astype(np.float32) if form is np.ndarray.tolist else data[0]
    expected = predictions(with_mlp(kind=kind).fit(X, data[1]), X)
    np.testing.assert_allclose(predictions(clf, form(data[0])), expected, rtol=1e-5)


@pytest.mark.parametrize("order", ["C", "F"])
def test_memory_order_does_not_matter(kind, order, data):
    X = np.array(np.repeat(data[0], 2, axis=1), order=order)[:, ::2]
    clf = with_mlp(kind=kind).fit(X, data[1])
    expected = predictions(with_mlp(kind=kind).fit(*data), data[0])
    np.testing.assert_allclose(predictions(clf, X), expected)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, ""])
@pytest.mark.parametrize("classes", [None, ["b", "a"]])
def test_certain_labels_cannot_be_missing(missing, classes, items):
    y = np.array(["a", "b"] * 30, dtype=object)
    y[7] = missing
    with pytest.raises(ValueError, match=r"missing .* at row 7"):
        with_mlp(classes=classes).fit(items[0], y)


@pytest.mark.parametrize(("kind", "name"), EVERY_METHOD)
def test_training_that_diverges_is_an_error(kind, name, data):
    X = data[0].astype(np.float32)
    with pytest.raises(ValueError, match="training diverged"):
        with_mlp(name, kind, lr=1e38).fit(X, data[1])


def test_scores_that_are_not_finite_are_an_error(kind, data):
    module = torch.nn.Linear(3, 3 if kind is CrowdClassifier else 1)
    module.weight.data.fill_(float("nan"))
    with pytest.raises(ValueError, match="not finite"):
        kind(module).fit(*data)


@pytest.mark.parametrize("device", ["gpu", "nonsense:1"])
def test_a_device_that_torch_does_not_know(kind, device, data):
    with pytest.raises(ValueError, match="is not a device of torch"):
        with_mlp(kind=kind, device=device).fit(*data)


def test_weights_on_unanswered_items_only(kind, data):
    y = np.vstack([nobody(kind, 5, 5), data[1][5:]])
    weight = (np.arange(60) < 5).astype(float)
    numbers = "numbers" if kind is CrowdRegressor else "labels"
    for form in (y, Annotations.from_dense(y, kind=numbers)):
        with pytest.raises(ValueError, match="no answer at all"):
            with_mlp(kind=kind).fit(data[0], form, sample_weight=weight)


def test_a_certain_number_cannot_be_missing(rated_items):
    X, truth, _ = rated_items
    y = np.where(np.arange(60) == 7, np.nan, truth)
    with pytest.raises(ValueError, match=r"missing .* at row 7") as error:
        with_mlp(kind=CrowdRegressor).fit(X, y)
    assert "label" not in str(error.value)


def test_minus_one_is_not_advised_for_missing_numbers(items):
    with pytest.raises(ValueError, match="no answer") as error:
        with_mlp(kind=CrowdRegressor).fit(items[0], np.full((60, 3), np.nan))
    assert "-1" not in str(error.value)


@pytest.mark.parametrize("make", [np.asarray, csr_array])
def test_features_whose_squares_overflow_are_refused(kind, data, make):
    X = np.array(data[0], dtype=np.float64)
    X[3, 0] = -1e200
    with pytest.raises(ValueError, match=r"up to 1e\+200, too large to compute with"):
        with_mlp(kind=kind).fit(make(X), data[1])


def test_numbers_beyond_64_bits_are_refused(kind, data):
    with pytest.raises(ValueError, match=r"'lr' parameter .* of 64 bits"):
        with_mlp(kind=kind, lr=10**30).fit(*data)
