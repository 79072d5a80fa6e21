"""Doctor nets: heads, their average, and what is told of annotators."""

import copy
import pickle

import numpy as np
import pytest
from _data import Linear, blobs, crowd, small
from scipy.sparse import csr_matrix

from skcrowd import CrowdClassifier
from skcrowd.experimental import DoctorNet

WEIGHTS = ["equal", "answers", "dawid_skene"]


def fitted(X, y, weights="equal", **parameters):
    method = DoctorNet(weights=weights, warm_epochs=1)
    return small(method, **{"max_epochs": 8, **parameters}).fit(X, y)


@pytest.mark.parametrize("module", [None, Linear])
def test_equal_weights_average_the_heads(items, answers, module):
    hidden = {} if module is None else {"module": Linear, "module__hidden": None}
    if module is Linear:
        method = DoctorNet(weights="equal", warm_epochs=1)
        clf = CrowdClassifier(Linear, method=method, max_epochs=8, random_state=0)
        clf.fit(items[0], answers)
    else:
        clf = fitted(items[0], answers, **hidden)
    heads = clf.predict_annotator_proba(items[0])
    np.testing.assert_allclose(clf.predict_proba(items[0]), heads.mean(axis=1))


def test_a_network_that_scales_its_scores_is_averaged_as_it_was_trained(items, answers):
    method = DoctorNet(weights="equal", warm_epochs=1)
    clf = CrowdClassifier(Linear, method=method, max_epochs=8, random_state=0)
    clf.set_params(module__factor=3.0).fit(items[0], answers)
    heads = clf.predict_annotator_proba(items[0])
    np.testing.assert_allclose(clf.predict_proba(items[0]), heads.mean(axis=1))


@pytest.mark.parametrize("weights", WEIGHTS)
def test_who_gave_no_answer_has_no_vote(items, answers, weights):
    more = np.hstack([answers, np.full((60, 2), -1)])
    clf = fitted(items[0], more, weights)
    assert len(clf.net_.module_.log_weight) == 5
    np.testing.assert_allclose(clf.net_.module_.log_weight.exp().sum(), 1)
    told = clf.annotator_confusion_[5:]
    np.testing.assert_allclose(told[0], told[1])


@pytest.mark.parametrize("weights", WEIGHTS)
def test_where_everybody_answers_all_count_alike(items, weights):
    X, truth = items
    y = np.tile(truth[:, None], (1, 3))
    y[:20, 2] = 0
    np.testing.assert_allclose(
        fitted(X, y, weights).net_.module_.log_weight.exp(), 1 / 3
    )


def test_confusions_are_the_mean_answers_to_items_of_a_class(items, answers):
    X = items[0]
    clf = fitted(X, answers)
    heads, predicted = clf.predict_annotator_proba(X), clf.predict(X)
    for k in range(3):
        expected = heads[predicted == k].mean(axis=0)
        np.testing.assert_allclose(clf.annotator_confusion_[:, k], expected, atol=2e-3)


def test_learned_weights_tell_the_good_from_those_who_guess():
    X, truth = blobs(600, seed=1)
    good = np.full((3, 3), 0.05) + 0.85 * np.eye(3)
    guess = np.full((3, 3), 1 / 3)
    annotator = np.array([good] * 3 + [guess] * 3)
    answers = crowd(truth, annotator, answers_per_item=3).annotations
    clf = fitted(X, answers, "dawid_skene", max_epochs=20)
    log_weight = clf.net_.module_.log_weight.numpy()
    assert log_weight[:3].min() > log_weight[3:].max() + 1


def test_few_answers_do_not_make_a_head_of_ones_own(items, answers):
    X = items[0]
    few = np.full((60, 1), -1)
    few[0] = (answers[0].max() + 1) % 3
    clf = fitted(X, np.hstack([answers, few]))
    proba = clf.predict_annotator_proba(X)
    apart = np.abs(proba - proba[:, :5].mean(axis=1, keepdims=True)).mean(axis=(0, 2))
    assert apart[5] < 0.2


def test_items_that_teach_the_weights_are_bounded(items, answers, monkeypatch):
    every = fitted(items[0], answers, "answers").net_.module_.log_weight
    monkeypatch.setattr("skcrowd.experimental._doctor_net.NUMBERS_AT_ONCE", 20 * 15)
    some = fitted(items[0], answers, "answers").net_.module_.log_weight
    assert (every != some).any()
    rows = np.random.default_rng(0).permutation(60)
    again = fitted(items[0][rows], answers[rows], "answers").net_.module_.log_weight
    np.testing.assert_allclose(again, some, atol=1e-6)


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda clf: pickle.loads(pickle.dumps(clf))]
)
def test_copies_predict_the_same_of_other_items(items, answers, duplicate):
    clf = fitted(items[0], answers)
    X = items[0][::-1].copy()
    expected = clf.predict_annotator_proba(X)
    twin = duplicate(clf)
    np.testing.assert_array_equal(twin.predict_annotator_proba(X), expected)
    np.testing.assert_array_equal(twin.predict_proba(X), clf.predict_proba(X))


def test_sparse_features_are_the_same(items, answers):
    X = items[0]
    scale = {"module__center": np.zeros(3), "module__scale": np.ones(3)}
    # the default network, whose weight decay is read off in other limits
    scale.update(module=None, module__weight_decay=0.01)
    dense = fitted(X, answers, **scale)
    sparse = fitted(csr_matrix(X), answers, **scale)
    np.testing.assert_allclose(
        sparse.predict_annotator_proba(csr_matrix(X)),
        dense.predict_annotator_proba(X),
        atol=1e-8,
    )
