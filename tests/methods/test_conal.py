"""CoNAL: the gate of the confusions, and what it learns."""

import copy

import numpy as np
import torch
from _data import blobs, small

from skcrowd import CrowdClassifier
from skcrowd.backbones import MLP
from skcrowd.datasets import make_annotations
from skcrowd.methods import CoNAL
from skcrowd.methods._conal import _mean_gate


def test_the_gate_is_averaged_over_answers_of_a_class():
    rng = np.random.default_rng(0)
    annotator = np.array([0, 0, 2, 2, 2, 0])
    gate, weight = rng.random((1, 6)), rng.random((2, 6))
    found = _mean_gate(*map(torch.tensor, (gate, weight, annotator)), 3).numpy()
    for i in range(2):
        crowd = (weight[i] @ gate[0] + 0.5) / (weight[i].sum() + 1)
        for r in range(3):
            own = annotator == r
            total = weight[i, own] @ gate[0, own] + crowd
            assert np.isclose(found[i, r], total / (weight[i, own].sum() + 1))


def test_answers_depend_on_more_than_the_networks_opinion(items, answers):
    X = items[0]
    clf = small(CoNAL(warm_epochs=1), max_epochs=10).fit(X, answers)
    model, n_items = copy.deepcopy(clf.annotator_model_), len(X)
    logit = model.gate_logit(
        clf.net_.hidden_features(X), torch.arange(n_items), torch.full((n_items,), 2)
    )
    gate = logit.sigmoid().detach().numpy().reshape(n_items, 1, 1)
    assert np.ptp(gate) > 1e-4
    shape = -1, 3, 3
    common, own = (
        table.detach().reshape(shape).softmax(dim=2).numpy()
        for table in (model.common, model.individual)
    )
    mixed = gate * common[0] + (1 - gate) * own[2]
    expected = np.einsum("ni,nij->nj", clf.predict_proba(X), mixed)
    found = clf.predict_annotator_proba(X)[:, 2]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_confusions_match_the_mean_answers_to_a_class():
    X, truth = blobs(600, seed=1)
    answers = make_annotations(
        truth, {"average": 5}, answers_per_item=3, random_state=0
    )
    clf = CrowdClassifier(MLP, method="conal", max_epochs=20, lr=1e-2, random_state=0)
    clf.fit(X.astype(np.float32), answers.annotations)
    proba = clf.predict_annotator_proba(X)
    for k in range(3):
        told = proba[truth == k].mean(axis=0)
        np.testing.assert_allclose(clf.annotator_confusion_[:, k], told, atol=0.03)
