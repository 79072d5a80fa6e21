"""What is wrong with X, y or the weights is said, and what to do."""

import numpy as np
import pandas as pd
import pytest
import torch
from _data import small
from scipy.sparse import csr_matrix

from skcrowd import Annotations, CrowdClassifier
from skcrowd.methods import METHODS


def test_lengths_must_match(items, answers):
    for y in (answers[:50], items[1][:50], Annotations.from_dense(answers[:50])):
        with pytest.raises(ValueError, match=r"inconsistent numbers of samples"):
            small().fit(items[0], y)


NO_ANSWER = {
    "int": np.full((60, 3), -1),
    "float": np.full((60, 3), np.nan),
    "objects": np.full((60, 3), None),
    "strings": np.full((60, 3), ""),
    "sparse": csr_matrix((60, 3)),
    "frame": pd.DataFrame(np.full((60, 3), np.nan)),
    "column": np.full((60, 1), np.nan),
}


@pytest.mark.parametrize("y", NO_ANSWER.values(), ids=NO_ANSWER)
def test_no_answer_at_all(y, items):
    with pytest.raises(ValueError, match=r"no answer|no annotation|at least one"):
        small().fit(items[0], y)


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
        small().fit(items[0], y)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_features_must_be_finite(value, items, answers):
    X = items[0].copy()
    X[3, 1] = value
    for y in (answers, items[1]):
        with pytest.raises(ValueError, match=r"NaN|infinity"):
            small().fit(X, y)
    clf = small().fit(items[0], answers)
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        clf.predict(X)


def test_sparse_features_are_refused(items, answers):
    X = csr_matrix(items[0])
    with pytest.raises(TypeError, match=r"[Dd]ense"):
        small().fit(X, answers)
    with pytest.raises(TypeError, match=r"[Dd]ense"):
        small().fit(items[0], answers).predict(X)


@pytest.mark.parametrize("shape", [(60, 2), (60, 4), (60, 3, 1)])
def test_predict_wants_the_features_of_fit(shape, items, answers):
    clf = small().fit(items[0], answers)
    with pytest.raises(ValueError, match=r"features|shape"):
        clf.predict(np.zeros(shape))


@pytest.mark.parametrize("X", [np.zeros((0, 3)), np.zeros(60), np.float64(3)])
def test_features_must_be_a_matrix_at_least(X, answers):
    with pytest.raises(ValueError, match=r"sample|1D array|scalar|inconsistent"):
        small().fit(X, answers)


def test_answers_of_two_or_more_dimensions_too_many(items, answers):
    with pytest.raises(ValueError, match=r"3|dimension|matrix"):
        small().fit(items[0], answers[:, :, None])


def test_missing_true_labels_are_an_error(items):
    with pytest.raises(ValueError, match=r"NaN"):
        small().fit(items[0], np.where(items[1] == 0, np.nan, items[1]))


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
def test_wrong_weights(y, weight, message, items, answers):
    y = items[1] if y == "gold" else answers
    with pytest.raises(ValueError, match=message):
        small().fit(items[0], y, sample_weight=weight)


@pytest.mark.parametrize("name", METHODS)
def test_only_items_without_answers_have_weight(name, items, answers):
    y = np.where(np.arange(60)[:, None] < 30, answers, -1)
    weight = np.where(np.arange(60) < 30, 0.0, 1.0)
    with pytest.raises(ValueError, match=r"no answer"):
        small(name).fit(items[0], y, sample_weight=weight)


def test_a_class_that_only_weightless_items_have_is_no_class(items, answers):
    weight = (answers != 2).all(axis=1).astype(float)
    clf = small().fit(items[0], answers, sample_weight=weight)
    assert clf.classes_.tolist() == [0, 1]
    clf = small().fit(*items, sample_weight=(items[1] != 2).astype(float))
    assert clf.classes_.tolist() == [0, 1]


@pytest.mark.parametrize("form", [np.asarray, pd.DataFrame, np.ndarray.tolist])
def test_features_in_any_container(form, items, answers):
    clf = small().fit(form(items[0]), answers)
    expected = small().fit(items[0], answers).predict_proba(items[0])
    np.testing.assert_allclose(clf.predict_proba(form(items[0])), expected)


@pytest.mark.parametrize("order", ["C", "F"])
def test_memory_order_does_not_matter(order, items, answers):
    X = np.array(np.repeat(items[0], 2, axis=1), order=order)[:, ::2]
    clf = small().fit(X, answers)
    expected = small().fit(items[0], answers).predict_proba(items[0])
    np.testing.assert_allclose(clf.predict_proba(X), expected)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, ""])
@pytest.mark.parametrize("classes", [None, ["b", "a"]])
def test_certain_labels_cannot_be_missing(missing, classes, items):
    y = np.array(["a", "b"] * 30, dtype=object)
    y[7] = missing
    with pytest.raises(ValueError, match=r"missing label .* at row 7"):
        small(classes=classes).fit(items[0], y)


@pytest.mark.parametrize("name", METHODS)
def test_training_that_diverges_is_an_error(name, items, answers):
    X = items[0].astype(np.float32)
    with pytest.raises(ValueError, match="training diverged"):
        small(name, lr=1e38).fit(X, answers)


def test_scores_that_are_not_finite_are_an_error(items, answers):
    module = torch.nn.Linear(3, 3)
    module.weight.data.fill_(float("nan"))
    with pytest.raises(ValueError, match="not finite"):
        CrowdClassifier(module).fit(items[0], answers)


@pytest.mark.parametrize("device", ["gpu", "nonsense:1"])
def test_a_device_that_torch_does_not_know(device, items, answers):
    with pytest.raises(ValueError, match="no device that torch knows"):
        small(device=device).fit(items[0], answers)


def test_weights_on_unanswered_items_only(items, answers):
    y = answers.copy()
    y[:5] = -1
    weight = (np.arange(60) < 5).astype(float)
    for form in (y, Annotations.from_dense(y)):
        with pytest.raises(ValueError, match="no answer at all"):
            small().fit(items[0], form, sample_weight=weight)
