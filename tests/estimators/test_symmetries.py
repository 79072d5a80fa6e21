"""What must not matter: order, names, forms; weights are repetitions."""

from functools import lru_cache

import numpy as np
import pytest
from _data import (
    EACH_SORT,
    FORMS,
    METHODS,
    SORTS,
    assert_same_fit,
    by_annotator,
    by_item,
    of_all_items,
    predictions,
    random_y,
    whole,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrowd import Annotations, CrowdClassifier

N_ITEMS, N_ANNOTATORS, N_CLASSES = 24, 4, 3
EXACT = {"rtol": 0, "atol": 1e-8}

# An example is another set of data for two fits, and there are many methods.
few = settings(max_examples=2, deadline=None)
one = settings(max_examples=1, deadline=None)
seeds = st.integers(0, 2**32 - 1)
each_sort = pytest.mark.parametrize(("kind", "name"), EACH_SORT)
label_sorts = pytest.mark.parametrize("name", SORTS[CrowdClassifier])


def context(seed, kind=CrowdClassifier):
    """Random generator, features, answers."""
    rng = np.random.default_rng(seed)
    y = random_y(kind, rng, N_ITEMS, N_ANNOTATORS, N_CLASSES)
    return rng, rng.standard_normal((N_ITEMS, 3)), y


@lru_cache(maxsize=200)
def fitted(kind, name, seed):
    """Fit to the context of a seed, once for all tests that draw it, as all draw 0."""
    return whole(name, kind).fit(*context(seed, kind)[1:])


def assert_same_posterior(first, second, items=slice(None)):
    for ours, theirs in zip(by_item(first), by_item(second), strict=True):
        np.testing.assert_allclose(ours[items], theirs, **EXACT)


def assert_equal_fit(first, second, X):
    """Assert that two fits agree but for rounding."""
    for ours, theirs in zip(by_annotator(first), by_annotator(second), strict=True):
        np.testing.assert_allclose(ours, theirs, **EXACT)
    np.testing.assert_allclose(predictions(first, X), predictions(second, X), **EXACT)
    np.testing.assert_allclose(of_all_items(first), of_all_items(second), **EXACT)


@each_sort
@one
@given(seed=seeds)
def test_the_order_of_annotators(kind, name, seed):
    rng, X, y = context(seed, kind)
    order = rng.permutation(N_ANNOTATORS)
    clf = fitted(kind, name, seed)
    other = whole(name, kind).fit(X, y[:, order])
    for ours, theirs in zip(by_annotator(other), by_annotator(clf), strict=True):
        np.testing.assert_allclose(ours, theirs[order], **EXACT)
    np.testing.assert_allclose(predictions(other, X), predictions(clf, X), **EXACT)
    assert_same_posterior(other, clf)


@each_sort
@few
@given(seed=seeds)
def test_the_order_of_items(kind, name, seed):
    rng, X, y = context(seed, kind)
    order = rng.permutation(N_ITEMS)
    clf = fitted(kind, name, seed)
    other = whole(name, kind).fit(X[order], y[order])
    assert_equal_fit(other, clf, X)
    assert_same_posterior(clf, other, items=order)


@label_sorts
@few
@given(seed=seeds, names=st.sets(st.text("abxyz", min_size=1), min_size=3, max_size=3))
def test_the_names_of_the_classes(name, seed, names):
    _, X, y = context(seed)
    words = np.array([*sorted(names), ""])
    clf = fitted(CrowdClassifier, name, seed)
    other = whole(name).fit(X, words[y])
    assert other.classes_.tolist() == sorted(names)
    assert_same_fit(clf, other)
    assert (other.predict(X) == words[clf.predict(X)]).all()


@label_sorts
@one
@given(seed=seeds, order=st.permutations(range(N_CLASSES)))
def test_the_order_given_to_the_classes(name, seed, order):
    _, X, y = context(seed)
    clf = fitted(CrowdClassifier, name, seed)
    other = whole(name, classes=order).fit(X, y)
    assert other.classes_.tolist() == sorted(order)
    assert_same_fit(clf, other)
    assert (other.predict(X) == clf.predict(X)).all()


def some_forms(kind, name, y):
    """All forms for "em", of the others every few, so that the methods share them."""
    forms, names = list(FORMS[kind](y).values()), list(METHODS[kind])
    if name == "em":
        return forms
    n_shares = len(forms) // 2
    return forms[names.index(name) % n_shares :: n_shares]


@each_sort
def test_the_form_of_the_answers(kind, name):
    _, X, y = context(0, kind)
    clf = fitted(kind, name, 0)
    for form in some_forms(kind, name, y):
        assert_same_fit(clf, whole(name, kind).fit(X, form))


@each_sort
@few
@given(seed=seeds)
def test_weights_are_repetitions(kind, name, seed):
    rng, X, y = context(seed, kind)
    weight = rng.integers(0, 4, N_ITEMS)
    weight[:N_CLASSES] = 2
    rows = np.repeat(np.arange(N_ITEMS), weight)
    weighted = whole(name, kind).fit(X, y, sample_weight=weight)
    repeated = whole(name, kind).fit(X[rows], y[rows])
    assert_equal_fit(weighted, repeated, X)
    assert_same_posterior(weighted, repeated, items=rows)


@each_sort
@one
@given(seed=seeds)
def test_equal_weights_are_none(kind, name, seed):
    _, X, y = context(seed, kind)
    ones = whole(name, kind).fit(X, y, sample_weight=np.ones(N_ITEMS))
    assert_equal_fit(ones, fitted(kind, name, seed), X)


@each_sort
@few
@given(seed=seeds)
def test_weight_zero_is_removal(kind, name, seed):
    rng, X, y = context(seed, kind)
    weight = rng.uniform(0.5, 2, N_ITEMS)
    weight[N_CLASSES:] *= rng.random(N_ITEMS - N_CLASSES) < 0.6
    kept = weight > 0
    weighted = whole(name, kind).fit(X, y, sample_weight=weight)
    removed = whole(name, kind).fit(X[kept], y[kept], sample_weight=weight[kept])
    assert_equal_fit(weighted, removed, X)
    assert_same_posterior(weighted, removed, items=kept)
    for values in by_item(weighted):
        assert np.isnan(values[~kept]).all()


@few
@given(seed=seeds)
def test_true_labels_weights_are_repetitions(kind, seed):
    rng, X, _ = context(seed, kind)
    truth = np.arange(N_ITEMS) % N_CLASSES
    weight = rng.integers(1, 4, N_ITEMS)
    rows = np.repeat(np.arange(N_ITEMS), weight)
    weighted = whole(kind=kind).fit(X, truth, sample_weight=weight)
    assert_equal_fit(weighted, whole(kind=kind).fit(X[rows], truth[rows]), X)


@each_sort
@one
@given(seed=seeds)
def test_items_that_one_annotation_container_holds_twice(kind, name, seed):
    rng, X, y = context(seed, kind)
    rows = rng.integers(0, N_ITEMS, 30)
    is_classifier = kind is CrowdClassifier
    annotations = Annotations.from_dense(
        y, kind="labels" if is_classifier else "numbers"
    )
    classes = {"classes": list(range(N_CLASSES))} if is_classifier else {}
    first = whole(name, kind, **classes).fit(X[rows], annotations[rows])
    second = whole(name, kind, **classes).fit(X[rows], y[rows])
    assert_same_fit(first, second)
