"""What holds for every entry of LABEL_METHODS and for no other."""

import copy
from functools import cache

import numpy as np
import pytest
import torch
from _data import answer_log_proba, blobs, crowd, random_answers, with_mlp

from skcrowd import Annotations, CrowdClassifier
from skcrowd.backbones import MLP
from skcrowd.methods import LABEL_METHODS
from skcrowd.metrics import empirical_confusion

pytestmark = pytest.mark.parametrize("name", LABEL_METHODS)


def trained(name, X, y, **parameters):
    """Fit long enough to learn something."""
    settings = {"method": name, "max_epochs": 15, "lr": 2e-2, "random_state": 0}
    settings.update(batch_size=128, module=MLP, module__hidden=(16,))
    no_dropout = {"module__dropout": 0.0, "module__input_dropout": 0.0}
    clf = CrowdClassifier(**{**settings, **no_dropout, **parameters})
    return clf.fit(X.astype(np.float32), y)


@pytest.fixture(scope="module")
def on_gold_items(gold_items):
    """Fit a method on the gold items; several tests ask the same fit."""
    X, _, simulation = gold_items
    return cache(lambda name: trained(name, X, simulation.annotations))


def test_recovers_the_confusions_of_a_simulated_crowd(name, gold_items, on_gold_items):
    simulation = gold_items[2]
    clf = on_gold_items(name)
    error = np.abs(clf.annotator_confusion_ - simulation.confusion).mean()
    blind = np.abs(1 / 3 - simulation.confusion).mean()
    assert error < min(0.1, blind / 3)


def spammed_crowd(truth):
    """Three good annotators and three who hardly ever look: the vote is misled."""
    good = np.full((3, 3), 0.05) + 0.85 * np.eye(3)
    spam = np.tile([0.9, 0.05, 0.05], (3, 1))
    return crowd(truth, np.array([good] * 3 + [spam] * 3), answers_per_item=4)


@cache
def among_spammers(name):
    """Fit a method on their answers."""
    X, truth = blobs(600, seed=1)
    return trained(name, X, spammed_crowd(truth).annotations)


def test_beats_the_vote_where_spammers_mislead_it(name):
    X_test, truth_test = blobs(500, seed=2)
    vote = among_spammers("majority_vote").score(X_test, truth_test)
    found = among_spammers(name).score(X_test, truth_test)
    assert found >= vote
    assert name == "majority_vote" or found > 0.97 > vote + 0.2


def test_finds_who_spams(name):
    confusion = among_spammers(name).annotator_confusion_
    right = confusion.diagonal(axis1=1, axis2=2).mean(axis=1)
    assert right[:3].min() > right[3:].max() + 0.2


def test_learns_who_is_an_adversary(name):
    X, truth = blobs(400, n_classes=2)
    good, bad = np.array([[[0.9, 0.1], [0.1, 0.9]], [[0.1, 0.9], [0.9, 0.1]]])
    answers = crowd(truth, np.array([good, good, good, bad]), answers_per_item=3)
    clf = trained(name, X, answers.annotations, batch_size=64)
    right = clf.annotator_confusion_[:, [0, 1], [0, 1]]
    assert (right[:3] > 0.5).all()
    assert (right[3] < 0.5).all()


def test_one_answer_an_item_is_enough(name, gold_items):
    X, truth, _ = gold_items
    simulation = crowd(truth, {"expert": 3, "average": 2}, answers_per_item=1)
    clf = trained(name, X, simulation.annotations)
    assert simulation.share_right < 0.95 < clf.score(X, truth)


def test_one_annotator_is_enough(name, items):
    X, truth = items
    y = Annotations.from_dense(truth[:, None])
    clf = trained(name, X, y, max_epochs=30)
    assert clf.n_annotators_ == 1
    assert clf.score(X, truth) > 0.9


@pytest.mark.parametrize("n_classes", [1, 12])
def test_any_number_of_classes(name, n_classes):
    X, _ = blobs(60, n_classes)
    y = random_answers(np.random.default_rng(0), 60, 4, n_classes)
    clf = with_mlp(name).fit(X, Annotations.from_dense(y))
    assert clf.classes_.tolist() == list(range(n_classes))
    assert_probabilities(clf, X)


def test_classes_that_nobody_named(name, items, answers):
    X = items[0]
    clf = with_mlp(name, classes=[0, 1, 2, 3, 4]).fit(X, answers)
    assert clf.classes_.tolist() == [0, 1, 2, 3, 4]
    assert_probabilities(clf, X)


def assert_probabilities(clf, X):
    n_items, n_classes, n_annotators = len(X), len(clf.classes_), clf.n_annotators_
    proba = {
        "predict_proba": (clf.predict_proba(X), (n_items, n_classes)),
        "predict_annotator_proba": (
            clf.predict_annotator_proba(X),
            (n_items, n_annotators, n_classes),
        ),
        "annotator_confusion_": (
            clf.annotator_confusion_,
            (n_annotators, n_classes, n_classes),
        ),
        "class_prior_": (clf.class_prior_, (n_classes,)),
    }
    if hasattr(clf, "posterior_"):
        proba["posterior_"] = clf.posterior_, (n_items, n_classes)
    for what, (values, shape) in proba.items():
        assert values.shape == shape, what
        assert ((values >= 0) & (values <= 1 + 1e-9)).all(), what
        np.testing.assert_allclose(values.sum(axis=-1), 1, rtol=0, atol=1e-6)


def test_everything_is_a_probability(name, items, answers):
    """In single precision with early stopping; other fits in test_method_contract."""
    X = items[0].astype(np.float32)
    clf = with_mlp(name, early_stopping=True).fit(X, answers)
    assert_probabilities(clf, X)


def test_answer_probabilities_come_from_the_confusions(name, items, answers):
    X = items[0]
    clf = with_mlp(name).fit(X, answers)
    certain = np.log(np.eye(3).clip(1e-300))
    model = copy.deepcopy(clf.annotator_model_).double()
    with torch.no_grad():
        expected = answer_log_proba(model, certain, [1, 1, 1]).exp()
    np.testing.assert_allclose(clf.annotator_confusion_[1], expected, atol=1e-6)


def test_posterior_is_nearer_to_the_truth_than_the_vote(
    name, gold_items, on_gold_items
):
    X, truth, _ = gold_items
    clf, vote = on_gold_items(name), on_gold_items("majority_vote")
    everyone = np.arange(len(truth))
    inferred = getattr(clf, "posterior_", clf.predict_proba(X))[everyone, truth]
    assert inferred.mean() >= vote.posterior_[everyone, truth].mean()


def test_confusions_match_the_answers_against_the_truth(
    name, gold_items, on_gold_items
):
    _, truth, simulation = gold_items
    clf = on_gold_items(name)
    counted = empirical_confusion(simulation.annotations, truth)
    blind = np.abs(1 / 3 - counted).mean()
    assert np.abs(clf.annotator_confusion_ - counted).mean() < blind / 3
