"""What RegularizedEM does beyond EM."""

import numpy as np
import pytest
from _data import assert_same_fit, blobs, crowd, whole
from sklearn.datasets import make_classification

from skcrowd.aggregation import measure_disagreement
from skcrowd.methods import EM, RegularizedEM


@pytest.fixture(scope="module")
def mixed_up():
    """Items of four classes; two of every five of class 0 are taken for class 1."""
    X, truth = blobs(400, 4, seed=3)
    confusion = np.full((4, 4), 0.02) + 0.92 * np.eye(4)
    confusion[0] = [0.58, 0.38, 0.02, 0.02]
    answers = crowd(truth, np.array([confusion] * 6), answers_per_item=3).annotations
    return X, truth, answers


@pytest.fixture(scope="module")
def rare():
    """Items of two classes that overlap, one of them rare, and poor annotators."""
    X, truth = make_classification(
        1200, 10, n_informative=4, weights=[0.9], flip_y=0, random_state=0
    )
    return X, truth, crowd(truth, {"average": 12}, answers_per_item=2).annotations


def fitted(X, answers, method=None, **parameters):
    method = RegularizedEM(**parameters) if method is None else method
    return whole(method, module=None, max_epochs=40, lr=1e-2).fit(X, answers)


def test_without_folds_and_both_weights_it_is_em(mixed_up):
    X, _, answers = mixed_up
    bare = fitted(X, answers, structure_weight=0.0, shares_weight=0.0, n_folds=None)
    assert_same_fit(bare, fitted(X, answers, EM()))


def test_where_errors_are_random_there_is_no_penalty(items, answers):
    assert measure_disagreement(answers).structure == 0
    without = fitted(items[0], answers, structure_weight=0.0)
    assert_same_fit(fitted(items[0], answers), without)


def test_where_classes_are_mixed_up_the_network_is_surer(mixed_up):
    X, truth, answers = mixed_up
    fits = [fitted(X, answers, structure_weight=w) for w in (0.0, 16.0)]
    entropy = [-np.log(clf.predict_proba(X).max(axis=1)).mean() for clf in fits]
    assert entropy[1] < 0.9 * entropy[0]
    assert fits[1].score(X, truth) >= fits[0].score(X, truth) - 0.01


def test_shares_of_a_rare_class_are_held(rare):
    X, truth, answers = rare
    share = truth.mean()
    # from the vote: folds start both so well that little is left to gain
    free, held = (fitted(X, answers, shares_weight=w, n_folds=None) for w in (0.0, 0.6))
    errors = [abs(clf.class_prior_[1] - share) for clf in (free, held)]
    assert errors[1] < errors[0] / 2
    assert held.score(X, truth) > free.score(X, truth)


def test_known_shares_are_used(rare):
    X, truth, answers = rare
    known = np.array([1 - truth.mean(), truth.mean()])
    told, misled = (
        fitted(X, answers, class_prior=shares) for shares in (known, known[::-1])
    )
    shares = [clf.class_prior_[1] for clf in (told, misled)]
    assert abs(shares[0] - known[1]) < 0.05
    assert shares[1] > shares[0] + 0.1


@pytest.mark.parametrize(
    ("class_prior", "message"),
    [([0.5, 0.5], "class_prior"), ([-1, 1, 1], "class_prior"), ("vot", "class_prior")],
)
def test_unusable_shares_are_named(class_prior, message, items, answers):
    method = RegularizedEM(class_prior=class_prior)
    with pytest.raises(ValueError, match=message):
        whole(method).fit(items[0], answers)
