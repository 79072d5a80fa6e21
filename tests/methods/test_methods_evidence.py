"""Every method uses weights, stated confidences and soft labels of answers."""

import numpy as np
import pytest
from sklearn.model_selection import KFold, cross_val_score

from skcrowd import CrowdClassifier
from skcrowd.annotations import Annotations
from skcrowd.backbones import MLP
from skcrowd.methods import LABEL_METHODS
from skcrowd.methods._row_order import RowOrder
from skcrowd.metrics import get_scorer
from skcrowd.training._data import CrowdDataset

N_ITEMS, N_ANNOTATORS, N_CLASSES = 60, 5, 3


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    z = rng.integers(N_CLASSES, size=N_ITEMS)
    X = (rng.normal(size=(N_ITEMS, 4)) + 2 * np.eye(N_CLASSES, 4)[z]).astype(np.float32)
    y = np.where(rng.random((N_ITEMS, N_ANNOTATORS)) < 0.7, z[:, None], 0)
    y[rng.random(y.shape) < 0.4] = -1
    chance = np.where(y == z[:, None], 0.9, 0.3) + 0.1 * rng.random(y.shape)
    plain = Annotations.from_dense(y, classes=np.arange(N_CLASSES))
    soft = np.full((*y.shape, N_CLASSES), np.nan)
    soft[plain.item, plain.annotator] = 0.7 * np.eye(N_CLASSES)[plain.answer] + 0.1
    forms = {
        "confidence": plain.with_details(confidence=chance),
        "weight": plain.with_details(weight=1 + (chance > 0.6)),
        "soft": Annotations.from_soft_labels(soft),
    }
    return X, plain, forms


@pytest.fixture(scope="module")
def predict(data):
    """Predictions of a method for each form of the answers."""
    X, plain, forms = data

    def fit(method, form):
        settings = {"module": MLP, "max_epochs": 4, "random_state": 0}
        clf = CrowdClassifier(method=method, **settings)
        annotations = plain if form == "plain" else forms[form]
        return clf.fit(X, annotations).predict_proba(X)

    return fit


@pytest.mark.parametrize("method", LABEL_METHODS)
def test_methods_use_evidence(predict, method):
    plain = predict(method, "plain")
    for form in ("confidence", "weight", "soft"):
        assert not np.allclose(predict(method, form), plain, atol=1e-6), form


def test_plain_forms_are_bit_equal(data):
    X, plain, _ = data
    soft = np.full((N_ITEMS, N_ANNOTATORS, N_CLASSES), np.nan)
    soft[plain.item, plain.annotator] = np.eye(N_CLASSES)[plain.answer]
    clf = CrowdClassifier(max_epochs=4, random_state=0)
    expected = clf.fit(X, plain).predict_proba(X)
    same = {
        "certain": Annotations.from_soft_labels(soft),
        "weights of 1": plain.with_details(weight=np.ones(plain.n_answers)),
        "equally sure": plain.with_details(confidence=np.ones(plain.n_answers)),
        "timed": plain.with_details(time=np.ones(plain.n_answers)),
    }
    for name, annotations in same.items():
        found = clf.fit(X, annotations).predict_proba(X)
        np.testing.assert_array_equal(found, expected, err_msg=name)


def test_searches_and_splitters(data):
    X, _, forms = data
    clf = CrowdClassifier(method="majority_vote", max_epochs=2, random_state=0)
    scores = cross_val_score(
        clf, X, forms["confidence"], cv=KFold(2), scoring=get_scorer("agreement")
    )
    assert np.isfinite(scores).all()


def test_rows_with_other_details_are_not_the_same():
    class Context:
        X = np.zeros((4, 2))
        annotations = Annotations.from_dense(
            [[0], [0], [0], [1]], confidence=[[1], [2], [1], [1]]
        )

    order = RowOrder(Context())
    hashes = order._answer_hashes(np.arange(1))
    assert hashes[0] == hashes[2] != hashes[1]


def test_batches_carry_powers():
    import torch

    y = {
        "annotator": torch.tensor([0, 1, 0]),
        "answer": torch.tensor([1, 0, 1]),
        "answer_power": torch.tensor([0.5, 2.0, 3.0]),
        "indptr": torch.tensor([0, 2, 3]),
        "item_weight": torch.tensor(1.0),
        "answer_weight": torch.tensor([10.0, 100.0]),
    }
    dataset = CrowdDataset(np.zeros((2, 1), dtype=np.float32), y)
    (batch,) = dataset.batches(torch.tensor([1, 0]), 4)
    _, given = dataset[batch]
    assert given["answer_weight"].tolist() == [300.0, 5.0, 20.0]
    assert given["answer_power"].tolist() == [3.0, 0.5, 2.0]
