"""True labels in one dimension, answers in two, of every type."""

import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest
import torch
from _data import SORTS, Linear, answer_forms, assert_same_fit, with_mlp
from scipy.sparse import csr_matrix
from sklearn.exceptions import DataConversionWarning

from skcrowd import Annotations, CrowdClassifier
from skcrowd.annotations._check import split_off_truth
from skcrowd.estimators._labels import encode_gold
from skcrowd.methods import LABEL_METHODS


def test_true_labels_mean_plain_supervised_learning(items):
    X, truth = items
    network = Linear(3, 3).double()
    clf = CrowdClassifier(network, batch_size=60, max_epochs=5, lr=1e-2).fit(X, truth)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(
            network(torch.tensor(X)), torch.tensor(truth)
        )
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    np.testing.assert_allclose(clf.history_[:, "train_loss"], losses, rtol=1e-9)
    np.testing.assert_allclose(
        clf.net_.module_.layer.weight.detach(), network.layer.weight.detach()
    )


@pytest.mark.parametrize("name", SORTS[CrowdClassifier])
def test_true_labels_have_one_perfect_annotator(name, items):
    X, truth = items
    clf = with_mlp(name).fit(X, truth)
    np.testing.assert_allclose(clf.annotator_confusion_, np.eye(3)[None], atol=1e-9)
    assert clf.n_annotators_ == 1
    assert (clf.posterior_ == np.eye(3)[truth]).all()
    np.testing.assert_allclose(clf.class_prior_, np.bincount(truth) / 60)
    np.testing.assert_allclose(
        clf.predict_annotator_proba(X)[:, 0], clf.predict_proba(X), atol=1e-9
    )


@pytest.fixture(scope="module")
def of_truth(items):
    return with_mlp("em").fit(*items)


@pytest.mark.parametrize("name", LABEL_METHODS)
def test_the_method_does_not_matter_for_true_labels(name, items, of_truth):
    assert_same_fit(with_mlp(name).fit(*items), of_truth)


LABELS = {
    "int": [0, 1, 2],
    "negative": [-3, -1, 1],
    "far": [10, 20, 1000],
    "float": [0.0, 1.0, 2.0],
    "strings": ["a", "b", "c"],
    "objects": np.array(["a", "b", "c"], dtype=object),
}


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_true_labels_of_any_type(labels, items):
    X, truth = items
    labels = np.asarray(labels)
    clf = with_mlp().fit(X, labels[truth])
    assert_same_fit(clf, with_mlp().fit(X, truth))
    assert (clf.classes_ == labels).all()
    assert set(clf.predict(X)) <= set(labels)
    assert clf.score(X, labels[truth]) == with_mlp().fit(X, truth).score(X, truth)


@pytest.mark.parametrize(
    "form", [list, tuple, pd.Series, lambda y: pd.Series(y).astype("category")]
)
def test_true_labels_in_any_container(form, items):
    X, truth = items
    assert_same_fit(with_mlp().fit(X, form(truth)), with_mlp().fit(X, truth))


def test_booleans_are_labels(items):
    X, truth = items
    for y in (truth > 0, np.stack([truth > 0, truth > 1], axis=1)):
        clf = with_mlp().fit(X, y)
        assert clf.classes_.tolist() == [False, True]
        assert clf.predict(X).dtype == bool


@pytest.fixture(scope="module")
def of_codes(items, answers):
    """Fit a method to the answers as codes; several tests compare with the same fit."""
    return cache(lambda name: with_mlp(name).fit(items[0], answers))


@pytest.mark.parametrize("labels", [[5, 7, 9], ["a", "b", "c"]])
@pytest.mark.parametrize("name", SORTS[CrowdClassifier])
def test_answers_of_any_type(name, labels, items, answers, of_codes):
    X = items[0]
    missing = -1 if labels[0] == 5 else ""
    words = np.array([*labels, missing])
    clf, plain = with_mlp(name).fit(X, words[answers]), of_codes(name)
    assert clf.classes_.tolist() == labels
    assert_same_fit(clf, plain)
    assert (clf.predict(X) == words[plain.predict(X)]).all()


@pytest.mark.parametrize("name", SORTS[CrowdClassifier])
def test_all_forms_of_the_answers_are_one(name, items, answers, of_codes):
    """Forms are read before a method sees them: em gets all, each other sort one."""
    plain = of_codes(name)
    forms = [*answer_forms(answers).values()]
    if name != "em":
        forms = [forms[list(LABEL_METHODS).index(name) % len(forms)]]
    for form in forms:
        assert_same_fit(with_mlp(name).fit(items[0], form), plain)


def test_a_column_is_read_as_true_labels_with_a_warning(items):
    X, truth = items
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        clf = with_mlp().fit(X, truth[:, None])
    assert_same_fit(clf, with_mlp().fit(X, truth))
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        score = clf.score(X, truth[:, None])
    assert score == clf.score(X, truth)


def test_the_warning_points_at_the_caller(items):
    X, truth = items
    clf = with_mlp()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        clf.fit(X, truth[:, None])
        clf.score(X, truth[:, None])
    assert {warning.filename for warning in caught} == {__file__}


@pytest.mark.parametrize(
    "form",
    [lambda y: y, lambda y: pd.DataFrame(y), lambda y: np.where(y < 0, np.nan, y)],
)
def test_a_column_with_gaps_is_one_annotator(form, items, answers):
    column = answers[:, :1]
    clf = with_mlp().fit(items[0], form(column))
    assert clf.n_annotators_ == 1
    assert_same_fit(clf, with_mlp().fit(items[0], Annotations.from_dense(column)))


@pytest.mark.parametrize(
    ("y", "is_gold"),
    [
        ([0, 1], True),
        (("a", "b"), True),
        (np.array([0, 1]), True),
        (pd.Series([0, 1]), True),
        ([[0, 1], [1, -1]], False),
        ([(0, 1), (1, 1)], False),
        ([np.array([0, 1]), np.array([1, 1])], False),
        (np.array([[0, 1]]), False),
        (np.array([[0], [-1]]), False),
        (pd.DataFrame({"ann": [0, 1], "bob": [1, 1]}), False),
        (csr_matrix([[1], [2]]), False),
        (Annotations.from_dense([[1], [2]]), False),
    ],
)
def test_the_shape_tells_labels_from_answers(y, is_gold):
    same, found = split_off_truth(y)
    assert same is y
    assert found is is_gold


def test_a_list_of_columns_is_read_like_an_array():
    with pytest.warns(DataConversionWarning):
        _, is_gold = split_off_truth([[0], [1]])
    assert is_gold


def test_encode_gold_sorts_labels_or_takes_the_order_given():
    y = ["b", "c", "a", "b"]
    annotations, classes = encode_gold(y)
    assert (annotations.answer.tolist(), classes.tolist()) == (
        [1, 2, 0, 1],
        list("abc"),
    )
    annotations, classes = encode_gold(y, ["c", "d", "b", "a"])
    assert annotations.answer.tolist() == [2, 0, 3, 2]
    assert classes.tolist() == list("cdba")


@pytest.mark.parametrize("dtype", [int, float])
def test_minus_one_among_true_labels_is_a_label_with_a_warning(dtype, items):
    X, truth = items
    y = np.where(np.arange(60) % 9, truth, -1).astype(dtype)
    with pytest.warns(
        UserWarning, match=r"y is 1-D and holds -1 \(7 times\)"
    ) as record:
        clf = with_mlp(max_epochs=1).fit(X, y)
    assert record[0].filename == __file__
    assert clf.classes_.tolist() == [-1, 0, 1, 2]
    same = with_mlp(max_epochs=1, classes=[-1, 0, 1, 2]).fit(X, y)
    assert_same_fit(same, clf)


@pytest.mark.parametrize("labels", [[-1, 1], [-1, 0], [-2, -1, 0]])
def test_minus_one_among_others_is_a_label(labels, items):
    y = np.array(labels)[items[1] % len(labels)]
    assert with_mlp(max_epochs=1).fit(items[0], y).classes_.tolist() == labels
