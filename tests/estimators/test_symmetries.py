"""What must not matter: order, names, forms; weights are repetitions."""

import numpy as np
import pytest
from _data import answer_forms, assert_same_fit, random_answers, whole
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrowd import Annotations
from skcrowd.methods import METHODS

N_ITEMS, N_ANNOTATORS, N_CLASSES = 24, 4, 3
EXACT = {"rtol": 0, "atol": 1e-8}

few = settings(max_examples=8, deadline=None)
seeds = st.integers(0, 2**32 - 1)
methods = pytest.mark.parametrize("name", METHODS)


def problem(seed):
    """Random generator, features, answers."""
    rng = np.random.default_rng(seed)
    y = random_answers(rng, N_ITEMS, N_ANNOTATORS, N_CLASSES)
    return rng, rng.standard_normal((N_ITEMS, 3)), y


def assert_same_posterior(first, second, items=slice(None)):
    assert hasattr(first, "posterior_") == hasattr(second, "posterior_")
    if hasattr(first, "posterior_"):
        np.testing.assert_allclose(first.posterior_[items], second.posterior_, **EXACT)


def assert_equal_fit(first, second, X):
    """Assert that two fits agree but for rounding."""
    np.testing.assert_allclose(
        first.annotator_confusion_, second.annotator_confusion_, **EXACT
    )
    np.testing.assert_allclose(first.predict_proba(X), second.predict_proba(X), **EXACT)
    np.testing.assert_allclose(first.class_prior_, second.class_prior_, **EXACT)


@methods
@few
@given(seed=seeds)
def test_the_order_of_annotators(name, seed):
    rng, X, y = problem(seed)
    order = rng.permutation(N_ANNOTATORS)
    clf, other = whole(name).fit(X, y), whole(name).fit(X, y[:, order])
    np.testing.assert_allclose(
        other.annotator_confusion_, clf.annotator_confusion_[order], **EXACT
    )
    np.testing.assert_allclose(other.predict_proba(X), clf.predict_proba(X), **EXACT)
    assert_same_posterior(other, clf)


@methods
@few
@given(seed=seeds)
def test_the_order_of_items(name, seed):
    rng, X, y = problem(seed)
    order = rng.permutation(N_ITEMS)
    clf, other = whole(name).fit(X, y), whole(name).fit(X[order], y[order])
    assert_equal_fit(other, clf, X)
    assert_same_posterior(clf, other, items=order)


@methods
@few
@given(seed=seeds, names=st.sets(st.text("abxyz", min_size=1), min_size=3, max_size=3))
def test_the_names_of_the_classes(name, seed, names):
    _, X, y = problem(seed)
    words = np.array([*sorted(names), ""])
    clf, other = whole(name).fit(X, y), whole(name).fit(X, words[y])
    assert other.classes_.tolist() == sorted(names)
    assert_same_fit(clf, other)
    assert (other.predict(X) == words[clf.predict(X)]).all()


@methods
@few
@given(seed=seeds, order=st.permutations(range(N_CLASSES)))
def test_the_order_given_to_the_classes(name, seed, order):
    _, X, y = problem(seed)
    places = np.argsort(order)
    clf = whole(name).fit(X, y)
    other = whole(name, classes=order).fit(X, np.where(y < 0, -1, np.array(order)[y]))
    assert other.classes_.tolist() == list(order)
    assert_same_fit(clf, other)
    assert (places[other.predict(X)] == clf.predict(X)).all()


@methods
@settings(max_examples=3, deadline=None)
@given(seed=seeds)
def test_the_form_of_the_answers(name, seed):
    _, X, y = problem(seed)
    clf = whole(name, max_epochs=2).fit(X, y)
    for form in answer_forms(y).values():
        assert_same_fit(clf, whole(name, max_epochs=2).fit(X, form))


@methods
@few
@given(seed=seeds)
def test_weights_are_repetitions(name, seed):
    rng, X, y = problem(seed)
    weight = rng.integers(0, 4, N_ITEMS)
    weight[:N_CLASSES] = 2
    rows = np.repeat(np.arange(N_ITEMS), weight)
    weighted = whole(name).fit(X, y, sample_weight=weight)
    repeated = whole(name).fit(X[rows], y[rows])
    assert_equal_fit(weighted, repeated, X)
    assert_same_posterior(weighted, repeated, items=rows)


@methods
@few
@given(seed=seeds)
def test_equal_weights_are_none(name, seed):
    _, X, y = problem(seed)
    ones = whole(name).fit(X, y, sample_weight=np.ones(N_ITEMS))
    assert_equal_fit(ones, whole(name).fit(X, y), X)


@methods
@few
@given(seed=seeds)
def test_weight_zero_is_removal(name, seed):
    rng, X, y = problem(seed)
    weight = rng.uniform(0.5, 2, N_ITEMS)
    weight[N_CLASSES:] *= rng.random(N_ITEMS - N_CLASSES) < 0.6
    kept = weight > 0
    weighted = whole(name).fit(X, y, sample_weight=weight)
    removed = whole(name).fit(X[kept], y[kept], sample_weight=weight[kept])
    assert_equal_fit(weighted, removed, X)
    assert_same_posterior(weighted, removed, items=kept)
    if hasattr(weighted, "posterior_"):
        assert np.isnan(weighted.posterior_[~kept]).all()


@few
@given(seed=seeds)
def test_true_labels_weights_are_repetitions(seed):
    rng, X, _ = problem(seed)
    truth = np.arange(N_ITEMS) % N_CLASSES
    weight = rng.integers(1, 4, N_ITEMS)
    rows = np.repeat(np.arange(N_ITEMS), weight)
    weighted = whole().fit(X, truth, sample_weight=weight)
    assert_equal_fit(weighted, whole().fit(X[rows], truth[rows]), X)


@methods
@few
@given(seed=seeds)
def test_items_that_one_annotation_container_holds_twice(name, seed):
    rng, X, y = problem(seed)
    rows = rng.integers(0, N_ITEMS, 30)
    annotations = Annotations.from_dense(y)
    classes = list(range(N_CLASSES))
    first = whole(name, classes=classes).fit(X[rows], annotations[rows])
    second = whole(name, classes=classes).fit(X[rows], y[rows])
    assert_same_fit(first, second)
