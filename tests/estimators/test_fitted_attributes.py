"""What a fitted classifier tells."""

import numpy as np
import pandas as pd
import pytest
import skorch
from _data import small
from sklearn.exceptions import NotFittedError

from skcrowd import Annotations
from skcrowd.annotators import AnnotatorModel
from skcrowd.methods import LABEL_METHODS


@pytest.mark.parametrize("name", LABEL_METHODS)
def test_attributes(name, items, answers):
    clf = small(name).fit(items[0], answers)
    assert clf.classes_.tolist() == [0, 1, 2]
    assert clf.n_annotators_ == 5
    assert clf.annotator_confusion_.shape == (5, 3, 3)
    assert clf.annotator_confusion_.dtype == np.float64
    assert clf.class_prior_.shape == (3,)
    assert clf.class_prior_.sum() == pytest.approx(1)
    assert clf.n_features_in_ == 3
    assert isinstance(clf.net_, skorch.NeuralNet)
    assert clf.history_ is clf.net_.history
    assert clf.n_iter_ == len(clf.history_) == 4
    assert isinstance(clf.annotator_model_, AnnotatorModel)
    np.testing.assert_array_equal(
        clf.annotator_model_.confusion(), clf.annotator_confusion_
    )


def test_annotators_are_the_columns_of_a_frame(items, answers):
    frame = pd.DataFrame(answers, columns=["ann", "bob", "cy", "dan", "eve"])
    clf = small().fit(items[0], frame)
    assert list(clf.annotators_) == list(frame.columns)


def test_annotators_of_a_long_table(items, answers):
    item, annotator = np.nonzero(answers >= 0)
    names = np.array(["w4", "w0", "w3", "w1", "w2"])
    labels = answers[item, annotator]
    long = Annotations.from_long(item, names[annotator], labels, n_items=60)
    clf, plain = small().fit(items[0], long), small().fit(items[0], answers)
    assert clf.annotators_.tolist() == ["w0", "w1", "w2", "w3", "w4"]
    np.testing.assert_allclose(
        clf.annotator_confusion_,
        plain.annotator_confusion_[np.argsort(names)],
        atol=1e-6,
    )


def test_annotators_without_names_are_numbered(items, answers):
    assert list(small().fit(items[0], answers).annotators_) == [0, 1, 2, 3, 4]


def test_feature_names_are_kept_and_checked(items, answers):
    X = pd.DataFrame(items[0], columns=["a", "b", "c"])
    clf = small().fit(X, answers)
    assert clf.feature_names_in_.tolist() == ["a", "b", "c"]
    assert (clf.predict(X) == small().fit(items[0], answers).predict(items[0])).all()
    with pytest.raises(ValueError, match="feature names"):
        clf.predict(X[["b", "a", "c"]])
    assert not hasattr(clf.fit(items[0], answers), "feature_names_in_")


def test_posterior_is_there_where_the_method_has_one(items, answers):
    clf = small("em").fit(items[0], answers)
    assert clf.posterior_.shape == (60, 3)
    clf.set_params(method="crowd_layer").fit(items[0], answers)
    assert not hasattr(clf, "posterior_")
    clf.set_params(method="majority_vote").fit(items[0], answers)
    assert hasattr(clf, "posterior_")


def test_posterior_of_the_vote_is_the_vote(items, answers):
    clf = small("majority_vote").fit(items[0], answers)
    shares = [[(row == k).sum() / 3 for k in range(3)] for row in answers]
    np.testing.assert_allclose(clf.posterior_, shares)
    np.testing.assert_allclose(clf.class_prior_, np.mean(shares, axis=0))


def test_posterior_of_em_is_network_times_answers(items, answers):
    clf = small("em").fit(items[0], answers)
    expected = clf.predict_proba(items[0])
    for item, annotator in np.argwhere(answers >= 0):
        answer = answers[item, annotator]
        expected[item] *= clf.annotator_confusion_[annotator, :, answer]
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(clf.posterior_, expected, atol=1e-9)


def test_class_prior_weighs_the_items(items, answers):
    weight = np.linspace(0, 3, 60)
    clf = small("em").fit(items[0], answers, sample_weight=weight)
    expected = np.average(clf.posterior_[1:], axis=0, weights=weight[1:])
    np.testing.assert_allclose(clf.class_prior_, expected)
    assert np.isnan(clf.posterior_[0]).all()


def test_annotator_proba_is_a_mixture_of_confusion_rows(items, answers):
    clf = small("em").fit(items[0], answers)
    expected = np.einsum(
        "nk,rkj->nrj", clf.predict_proba(items[0]), clf.annotator_confusion_
    )
    found = clf.predict_annotator_proba(items[0])
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("name", LABEL_METHODS)
def test_many_pairs_are_worked_off_in_chunks(name, items, answers, monkeypatch):
    clf = small(name).fit(items[0], answers)
    proba = clf.predict_annotator_proba(items[0])
    score = clf.score(items[0], answers)
    monkeypatch.setattr("skcrowd.estimators._answer_probabilities.NUMBERS_AT_ONCE", 99)
    np.testing.assert_allclose(clf.predict_annotator_proba(items[0]), proba)
    assert clf.score(items[0], answers) == pytest.approx(score)


@pytest.mark.parametrize(
    "verb", ["predict", "predict_proba", "predict_annotator_proba"]
)
def test_nothing_is_predicted_before_fit(verb, items):
    with pytest.raises(NotFittedError):
        getattr(small(), verb)(items[0])


def test_prediction_is_the_most_probable_class(items, answers):
    clf = small(max_epochs=20).fit(items[0], answers)
    proba = clf.predict_proba(items[0])
    assert (clf.classes_[proba.argmax(axis=1)] == clf.predict(items[0])).all()
    np.testing.assert_allclose(proba.sum(axis=1), 1)
