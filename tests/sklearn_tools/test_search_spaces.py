"""Searches over method, ``method__…``, ``module__…``, ``optimizer__…`` and ``lr``."""

import numpy as np
import pytest
import torch
from _data import METHODS, Linear
from _sequence_data import FEATURES, TOKENS, TokenLinear
from _tool_outcomes import as_container, estimator, features
from _tools import flat
from scipy.stats import loguniform
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    ParameterGrid,
    RandomizedSearchCV,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.backbones import RecurrentTagger
from skcrowd.methods import EM, SEQUENCE_METHODS, GaussianEM

KINDS = [CrowdClassifier, CrowdRegressor, CrowdSequenceTagger]
of_all = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
NAMES = {**METHODS, CrowdSequenceTagger: SEQUENCE_METHODS}
VOTE = {CrowdRegressor: "mean"}  # else "majority_vote"
EM_OF = {CrowdRegressor: GaussianEM}  # else EM
OTHER = {CrowdRegressor: "S"}  # connection; else "VW"
SEARCHES = {
    "grid": (GridSearchCV, {}),
    "randomized": (RandomizedSearchCV, {"n_iter": 4, "random_state": 0}),
    "halving": (HalvingGridSearchCV, {"min_resources": 12, "random_state": 0}),
    "halving randomized": (
        HalvingRandomSearchCV,
        {"n_candidates": 4, "min_resources": 12, "random_state": 0},
    ),
}


def model(kind):
    """Build a pipeline of which everything can be searched."""
    last = estimator(kind)
    if kind is CrowdSequenceTagger:
        return make_pipeline("passthrough", last.set_params(module=None))
    return make_pipeline(StandardScaler(), last)


def grid(kind):
    """Return all sorts of parameters, together."""
    step = kind.__name__.lower()
    hidden = 3 if kind is CrowdSequenceTagger else (6,)
    shared = {"module__hidden": [hidden], "lr": [1e-2, 1e-1]}
    parts = [
        {"method": ["em"], "method__pseudo_counts": [0.5, 5.0], **shared},
        {
            "method": ["crowd_layer"],
            "method__connection": [OTHER.get(kind, "VW")],
            "optimizer__weight_decay": [0.0, 0.1],
        },
        {
            "method": [
                EM_OF.get(kind, EM)(warm_epochs=1),
                VOTE.get(kind, "majority_vote"),
            ]
        },
        {"optimizer": [torch.optim.SGD], "optimizer__momentum": [0.5]},
    ]
    return [{f"{step}__{key}": v for key, v in part.items()} for part in parts]


# How the searches cut y of each kind is in test_matrix.
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *[(CrowdClassifier, name) for name in SEARCHES],
        *[(k, "grid") for k in KINDS[1:]],
    ],
)
def test_a_search_over_a_pipeline(kind, name):
    X, y = features(kind), as_container(kind)
    search, options = SEARCHES[name]
    found = search(model(kind), grid(kind), cv=2, error_score="raise", **options)
    found.fit(X, y)
    scores = found.cv_results_["mean_test_score"]
    assert np.isfinite(scores).all()
    assert len(set(scores)) > 1
    step, best = kind.__name__.lower(), found.best_estimator_[-1]
    assert len(found.predict(X)) == len(X)
    for key, value in found.best_params_.items():
        given = best.get_params()[key.removeprefix(f"{step}__")]
        assert given == value or type(given) is type(value) is EM_OF.get(kind, EM)


@of_all
def test_every_point_of_a_grid_is_another_fit(kind):
    X, y, told = features(kind), as_container(kind), set()
    for point in ParameterGrid(grid(kind)):
        fitted = model(kind).set_params(**point).fit(X, y)
        is_regressor = kind is CrowdRegressor
        values = fitted.predict(X) if is_regressor else fitted.predict_proba(X)
        told.add(flat(values).tobytes())
    assert len(told) == 9


@pytest.mark.workers
def test_two_jobs_find_the_same():
    X, y = features(CrowdClassifier), as_container(CrowdClassifier)
    space = {"lr": [1e-2, 1e-1], "method": ["em", "crowd_layer"]}
    one, two = (
        GridSearchCV(estimator(CrowdClassifier), space, cv=2, n_jobs=n_jobs)
        for n_jobs in (None, 2)
    )
    ours, theirs = (s.fit(X, y).cv_results_["mean_test_score"] for s in (one, two))
    np.testing.assert_array_equal(ours, theirs)
    assert np.isfinite(ours).all()


@of_all
def test_methods_are_searched_by_name(kind):
    X, y = features(kind), as_container(kind)
    space = {
        "method": [
            "crowd_layer",
            "dawid_skene" if kind is not CrowdRegressor else "mean",
        ]
    }
    found = GridSearchCV(estimator(kind), space, cv=2, error_score="raise").fit(X, y)
    assert set(space["method"]) <= set(NAMES[kind])
    assert len(set(found.cv_results_["mean_test_score"])) == 2


@of_all
def test_networks_are_searched(kind):
    network = TokenLinear if kind is CrowdSequenceTagger else Linear
    clf = estimator(kind).set_params(module=None)
    clf.__dict__.pop("_routed", None)
    other = [None, network]
    found = GridSearchCV(clf, {"module": other}, cv=2, error_score="raise")
    found.fit(features(kind), as_container(kind))
    assert len(set(found.cv_results_["mean_test_score"])) == 2


def test_distributions_are_drawn_from():
    X, y = features(CrowdClassifier), as_container(CrowdClassifier)
    space = {"lr": loguniform(1e-3, 1e-1), "method__warm_epochs": [0, 1, 2]}
    search = RandomizedSearchCV(
        estimator(CrowdClassifier), space, n_iter=3, cv=2, random_state=0
    )
    rates = search.fit(X, y).cv_results_["param_lr"]
    assert len(set(rates)) == 3


def test_a_default_network_for_tokens_is_searched():
    clf = estimator(CrowdSequenceTagger).set_params(module=RecurrentTagger)
    space = {"module__hidden": [3, 4], "transitions": ["valid", "learned"]}
    for X in (TOKENS, FEATURES):
        found = GridSearchCV(clf, space, cv=2, error_score="raise")
        found.fit(X, as_container(CrowdSequenceTagger))
        assert np.isfinite(found.cv_results_["mean_test_score"]).all()
