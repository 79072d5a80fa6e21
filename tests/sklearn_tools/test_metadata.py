"""Weights and lengths reach fit and score by metadata routing."""

import numpy as np
import pytest
import sklearn
from _sequence_data import ANSWERS, FEATURES, LENGTHS, padded
from _tool_outcomes import as_container, estimator, features
from _tools import flat
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_score,
    cross_validate,
    learning_curve,
)
from sklearn.pipeline import make_pipeline
from sklearn.utils import _safe_indexing

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger

KINDS = [CrowdClassifier, CrowdRegressor, CrowdSequenceTagger]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def kind(request):
    return request.param


@pytest.fixture(autouse=True)
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def weights(kind):
    return np.random.default_rng(0).integers(0, 3, len(features(kind))).astype(float)


def by_hand(kind, in_fit, in_score):
    """Cross-validate over two folds, one fit after another."""
    X, y, weight, scores = features(kind), as_container(kind), weights(kind), []
    for train, test in KFold(2).split(X):
        to_fit = weight[train] if in_fit else None
        to_score = weight[test] if in_score else None
        fitted = estimator(kind).fit(_safe_indexing(X, train), y[train], to_fit)
        scores.append(fitted.score(_safe_indexing(X, test), y[test], to_score))
    return scores


@pytest.mark.parametrize(
    ("piped", "in_fit", "in_score"),
    [
        (False, True, True),
        (False, True, False),
        (False, False, True),
        (True, True, True),
        (True, False, True),
    ],
)
def test_weights_go_where_they_are_requested(kind, piped, in_fit, in_score):
    model = estimator(kind)
    model.set_fit_request(sample_weight=in_fit)
    model.set_score_request(sample_weight=in_score)
    model = make_pipeline("passthrough", model) if piped else model
    params = {"sample_weight": weights(kind)} if in_fit or in_score else {}
    settings = {"cv": 2, "error_score": "raise", "params": params}
    scores = cross_val_score(model, features(kind), as_container(kind), **settings)
    assert scores.tolist() == by_hand(kind, in_fit, in_score)


def test_weights_are_routed_through_a_search(kind):
    X, y, weight = features(kind), as_container(kind), weights(kind)
    model = estimator(kind).set_fit_request(sample_weight=True)
    model.set_score_request(sample_weight=True)
    found = GridSearchCV(
        make_pipeline("passthrough", model),
        {f"{kind.__name__.lower()}__lr": [model.lr]},
        cv=2,
        error_score="raise",
    ).fit(X, y, sample_weight=weight)
    splits = [found.cv_results_[f"split{k}_test_score"][0] for k in range(2)]
    assert splits == by_hand(kind, True, True)
    plain = estimator(kind).fit(X, y, weight)
    np.testing.assert_array_equal(flat(found.predict(X)), flat(plain.predict(X)))


def test_weights_nobody_requested_are_an_error(kind):
    X, y, weight = features(kind), as_container(kind), weights(kind)
    found = GridSearchCV(estimator(kind), {"lr": [0.1]}, cv=2)
    with pytest.raises(ValueError, match=r"sample_weight.* not explicitly set"):
        found.fit(X, y, sample_weight=weight)


def test_lengths_of_padded_sequences_are_routed_everywhere():
    X, lengths = padded(FEATURES, garbage=np.nan)
    plain, model = (estimator(CrowdSequenceTagger) for _ in range(2))
    model.set_fit_request(lengths=True).set_score_request(lengths=True)
    model.set_partial_fit_request(lengths=True)  # learning_curve may ask for parts
    params, settings = {"lengths": lengths}, {"cv": 2, "error_score": "raise"}
    for tool in (cross_val_score, cross_validate, learning_curve):
        options = {**settings}
        if tool is learning_curve:
            options["train_sizes"] = [1.0]
        ours = tool(model, X, ANSWERS, params=params, **options)
        theirs = tool(plain, FEATURES, ANSWERS, **options)
        ours, theirs = (
            found["test_score"] if tool is cross_validate else found[-1]
            for found in (ours, theirs)
        )
        np.testing.assert_array_equal(ours, theirs)
    found = GridSearchCV(model, {"lr": [1e-2, 1e-1]}, **settings)
    found.fit(X, ANSWERS, lengths=lengths, sample_weight=None)
    assert found.score(X, ANSWERS, lengths=lengths) == found.best_estimator_.score(
        FEATURES, ANSWERS
    )
    assert lengths.tolist() == LENGTHS.tolist()
