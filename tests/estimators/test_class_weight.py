"""``class_weight``: the network predicts as if some classes were more frequent."""

import numpy as np
import pytest
from _data import SORTS, assert_same_fit, with_mlp
from sklearn.metrics import balanced_accuracy_score

from skcrowd import CrowdClassifier
from skcrowd.datasets import make_annotations
from skcrowd.metrics._scorer_names import answer_log_likelihood


@pytest.fixture(scope="module")
def rare():
    """Two classes that overlap, one of them rare; X, truth, answers."""
    rng = np.random.default_rng(0)
    truth = (rng.random(600) < 0.1).astype(int)
    X = rng.standard_normal((600, 2)) + 1.2 * truth[:, None]
    y = make_annotations(truth, {"average": 5}, answers_per_item=3, random_state=0)
    return X, truth, y.annotations


@pytest.mark.parametrize("name", ["em", "confusion_layer", "regularized_em"])
def test_balanced_weights_find_the_rare_class(name, rare):
    X, truth, y = rare
    plain, balanced = (
        with_mlp(name, max_epochs=12, lr=4e-2, class_weight=weight).fit(X, y)
        for weight in (None, "balanced")
    )
    assert balanced.predict(X).mean() > plain.predict(X).mean()
    ours, theirs = (
        balanced_accuracy_score(truth, e.predict(X)) for e in (balanced, plain)
    )
    assert ours > max(theirs, 0.7)


@pytest.mark.parametrize("name", ["em", "dawid_skene", "confusion_layer"])
def test_what_is_inferred_stays_as_it_is(name, rare):
    X, _, y = rare
    plain, balanced = (
        with_mlp(name, class_weight=weight).fit(X, y) for weight in (None, "balanced")
    )
    assert_same_fit(plain, balanced)
    np.testing.assert_array_equal(plain.class_prior_, balanced.class_prior_)
    scores = [answer_log_likelihood(fit, X, y) for fit in (plain, balanced)]
    assert scores[0] == scores[1]


def test_a_dict_weighs_by_label(rare):
    X, _, y = rare
    shares = [
        with_mlp("em", class_weight=weight, max_epochs=30).fit(X, y).predict(X).mean()
        for weight in ({0: 5.0}, {}, {1: 5.0}, {0: 1.0, 1: 25.0})
    ]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0] + 0.3


def test_only_the_ratio_of_weights_matters(rare):
    X, _, y = rare
    first, second = (
        with_mlp("em", class_weight={0: k, 1: 3 * k}).fit(X, y).predict_proba(X)
        for k in (1.0, 2.0)
    )
    np.testing.assert_allclose(first, second, atol=1e-12)


@pytest.mark.parametrize("name", SORTS[CrowdClassifier])
def test_balanced_weights_are_the_inverse_of_the_shares(name, rare):
    X, y = rare[0][:90], rare[2][:90]
    plain, balanced = (
        with_mlp(name, class_weight=weight).fit(X, y) for weight in (None, "balanced")
    )
    proba = plain.predict_proba(X)
    np.testing.assert_allclose(balanced.class_weight_ * proba.mean(axis=0), 0.5)
    weighted = balanced.class_weight_ * proba
    weighted /= weighted.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(balanced.predict_proba(X), weighted)


def test_probabilities_are_weighted(rare):
    X, _, y = rare
    plain, weighted = (
        with_mlp(class_weight=weight).fit(X, y).predict_proba(X)
        for weight in (None, {0: 1.0, 1: 3.0})
    )
    odds = weighted[:, 1] / weighted[:, 0]
    np.testing.assert_allclose(odds, 3 * plain[:, 1] / plain[:, 0])


@pytest.mark.parametrize(
    "weight", [{0: -1.0}, {1: np.nan}, {1: np.inf}, {0: 0.0, 1: 0.0}]
)
def test_weights_that_make_no_sense_are_an_error(weight, rare):
    clf = with_mlp(class_weight=weight)
    with pytest.raises(ValueError, match="negative or not finite"):
        clf.fit(rare[0], rare[2])
    assert not hasattr(clf, "net_")  # before any training
