"""Features too large for the network are an error, never a NaN."""

from functools import cache

import numpy as np
import pytest
from _data import blobs, crowd, rated, small
from _sequence_data import ANSWERS, FEATURES, quick
from scipy.sparse import csr_matrix
from torch import nn

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.backbones import MLP
from skcrowd.metrics._scorer_names import agreement

KINDS = CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
METHODS = (
    "predict",
    "predict_proba",
    "predict_annotator_proba",
    "predict_annotator",
    "score",
    "evaluate_answers",
    "label_quality",
)
CALLS = [(kind, m) for kind in KINDS for m in METHODS if hasattr(kind, m)]
NEED_Y = {"score", "evaluate_answers", "label_quality"}


class Fragile(nn.Linear):
    """A network that does not bear features above 100."""

    def __init__(self, n_features, n_outputs):
        super().__init__(n_features, n_outputs)

    def forward(self, X):
        scores = super().forward(X)
        return scores.where(X.abs().amax(dim=-1, keepdim=True) < 100, float("nan"))


@cache
def task(kind, module=None):
    """Return an estimator fitted in float32, its X in float64, and answers."""
    if kind is CrowdSequenceTagger:
        parameters = {} if module is None else {"module": module}
        single = [sequence.astype(np.float32) for sequence in FEATURES]
        return quick(**parameters).fit(single, ANSWERS), FEATURES, ANSWERS
    if kind is CrowdClassifier:
        X, truth = blobs(30)
        y = crowd(truth, 4).annotations
    else:
        X, _, simulation = rated(30, 4)
        y = simulation.annotations
    settings = {"module__hidden": (8,)} if module is None else {}
    estimator = CrowdRegressor if kind is CrowdRegressor else CrowdClassifier
    estimator = estimator(module, max_epochs=1, lr=1e-2, random_state=0, **settings)
    return estimator.fit(X.astype(np.float32), y), X, y


def with_one(X, value):
    """Put a value into the last row, or the last token of the last sequence."""
    if isinstance(X, list):
        return [*X[:-1], with_one(X[-1], value)]
    X = X.copy()
    X[-1, 0] = value
    return X


def where(X):
    if not isinstance(X, list):
        return rf"row {len(X) - 1} of X \(1 of {len(X)} rows\)"
    return rf"token {len(X[-1]) - 1} of sequence {len(X) - 1} of X \(1 of"


@pytest.mark.parametrize(("kind", "method"), CALLS)
@pytest.mark.parametrize("value", [1e300, -1e39])
def test_too_large_for_the_precision(kind, method, value):
    estimator, X, y = task(kind)
    args = (with_one(X, value), y) if method in NEED_Y else (with_one(X, value),)
    told = f"X holds features of up to .* at {where(X)}.*, too large for float32"
    with pytest.raises(ValueError, match=told):
        getattr(estimator, method)(*args)


@pytest.mark.parametrize(("kind", "method"), CALLS)
def test_a_network_that_returns_nan(kind, method):
    estimator, X, y = task(kind, Fragile)
    args = (with_one(X, 1e3), y) if method in NEED_Y else (with_one(X, 1e3),)
    with pytest.raises(ValueError, match=f"Fragile returns NaN .* {where(X)}"):
        getattr(estimator, method)(*args)


def test_the_default_network_of_huge_features():
    _, X, y = task(CrowdClassifier)
    X = (X / 1000).astype(np.float32)
    clf = CrowdClassifier(max_epochs=1, random_state=0).fit(X, y)
    X[-1] = np.finfo(np.float32).max
    assert np.isfinite(agreement(clf, X, y))  # features are clipped
    flat = CrowdClassifier(MLP, max_epochs=1, random_state=0).fit(X[:-1], y[:-1])
    with pytest.raises(ValueError, match="MLP returns NaN or infinity for row 29"):
        agreement(flat, X, y)
    reg, X, _ = task(CrowdRegressor, Fragile)
    with pytest.raises(ValueError, match="Fragile returns NaN or infinity for row 29"):
        reg.predict(with_one(X, 1e3), return_std=True)


@pytest.mark.parametrize("kind", KINDS)
def test_double_precision_holds_more(kind):
    estimator, X, y = task(kind)
    double = estimator.__class__(**estimator.get_params()).fit(X, y)
    predicted = double.predict(with_one(X, 1e39))
    assert len(predicted) == len(X)


def test_sparse_features():
    X, truth = blobs(30)
    single = csr_matrix(X.astype(np.float32))
    clf = CrowdClassifier(max_epochs=1, random_state=0)
    clf.fit(single, crowd(truth, 4).annotations)
    with pytest.raises(ValueError, match=r"row 29 of X \(1 of 30 rows\), too large"):
        clf.predict(csr_matrix(with_one(X, 1e300)))


def test_numbers_that_overflow_in_their_unit():
    X, _, simulation = rated(30, 4)
    y = simulation.annotations.to_dense() * 1e100
    reg = small(kind=CrowdRegressor, max_epochs=1, module=MLP).fit(X, y)
    assert np.isfinite(reg.predict(X)).all()
    with pytest.raises(ValueError, match="predictions overflow, first for row 29"):
        reg.predict(with_one(X, 1e300))


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_features_that_cannot_be_scaled(kind):
    _, X, y = task(kind)
    X = X / np.abs(X).max() * 1.5e308
    with pytest.raises(ValueError, match=r"up to 1.5e\+308, too large to compute with"):
        kind(max_epochs=1, random_state=0).fit(X, y)


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_huge_features_are_scaled(kind):
    _, X, y = task(kind)
    huge = (X / np.abs(X).max() * 9e36).astype(np.float32)
    estimator = kind(max_epochs=1, random_state=0).fit(huge, y)
    values = getattr(estimator, "predict_proba", estimator.predict)(huge)
    assert np.isfinite(values).all()


def test_what_was_fitted_continues_in_its_precision():
    estimator, X, y = task(CrowdClassifier)
    going = CrowdClassifier(**estimator.get_params()).fit(X.astype(np.float32), y)
    with pytest.raises(ValueError, match="too large for float32"):
        going.partial_fit(with_one(X, 1e300), y)
