"""Pipelines, grid search and cross-validation with every form of answers."""

import numpy as np
import pytest
from _data import FORMS, by_item, predictions, small
from sklearn.base import clone
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.annotators import AFFINE_CONNECTIONS, CONNECTIONS
from skcrowd.backbones import MLP

METHOD_OF = {CrowdClassifier: "majority_vote", CrowdRegressor: "mean"}
CONNECTIONS_OF = {CrowdClassifier: ["MW", "VW"], CrowdRegressor: ["S", "B"]}


def grids(kind):
    """Two grids of 8 and 4 points."""
    return [
        {
            "method": ["em", METHOD_OF[kind]],
            "module__hidden": [(4,), (8,)],
            "lr": [1e-3, 1e-2],
        },
        {
            "method": ["crowd_layer"],
            "method__connection": CONNECTIONS_OF[kind],
            "method__warm_epochs": [1],
            "optimizer__weight_decay": [0.0, 1e-2],
        },
    ]


# scikit-learn counts the classes of y before it splits by a number of folds.
FOLDS = {"float": KFold(3), "object": KFold(3), "masked": 3, "list": 3}
LABEL_FORMS = ("int", "csr", "coo", "dense annotations", "float", "strings", "masked")
NUMBER_FORMS = ("float", "masked", "list", "csr", "dense annotations")
NAMED = {CrowdClassifier: LABEL_FORMS, CrowdRegressor: NUMBER_FORMS}
EVERY_FORM = [(kind, form) for kind, forms in NAMED.items() for form in forms]


def in_pipeline(kind, grid):
    prefix = kind.__name__.lower()
    return [{f"{prefix}__{k}": v for k, v in part.items()} for part in grid]


def estimator(kind, **parameters):
    return kind(max_epochs=2, random_state=0, **parameters)


def search(model, grid, X, y, cv):
    return GridSearchCV(model, grid, cv=cv, error_score="raise").fit(X, y)


def in_form(kind, y, form):
    """Write answers in a form of which rows can be taken."""
    y = FORMS[kind](y)[form]
    return y.tocsr() if form == "coo" else y


def test_grid_search_over_a_pipeline(kind, data):
    model = make_pipeline(StandardScaler(), estimator(kind))
    found = search(model, in_pipeline(kind, grids(kind)), *data, 2)
    assert np.isfinite(found.cv_results_["mean_test_score"]).all()
    assert len(found.cv_results_["params"]) == 12
    assert found.predict(data[0]).shape == (60,)


@pytest.mark.parametrize(("kind", "form"), EVERY_FORM)
def test_every_form_is_searched_over(kind, data, form):
    """Rows are taken of a form, whatever is searched over: two points tell."""
    model = make_pipeline(StandardScaler(), estimator(kind, module=MLP))
    cv = FOLDS.get(form, 3) if kind is CrowdClassifier else 3
    grid = in_pipeline(kind, [{"method": [METHOD_OF[kind], "crowd_layer"]}])
    found = search(model, grid, data[0], in_form(kind, data[1], form), cv)
    assert np.isfinite(found.cv_results_["mean_test_score"]).all()
    assert len(found.cv_results_["params"]) == 2
    assert found.predict(data[0]).shape == (60,)


def test_every_form_is_searched_with_the_same_result(kind, data):
    model = estimator(kind, module=MLP)
    grid = {"method": ["em", "crowd_layer"], "lr": [1e-2]}
    scores = [
        search(model, grid, data[0], in_form(kind, data[1], form), KFold(3))
        for form in ("csr", "float", "dense annotations")
    ]
    for other in scores[1:]:
        np.testing.assert_array_equal(
            other.cv_results_["mean_test_score"],
            scores[0].cv_results_["mean_test_score"],
        )


def test_the_parameters_searched_over_arrive(kind, data):
    found = search(estimator(kind, module=MLP), grids(kind)[1:], *data, 2)
    best = found.best_estimator_
    connection = found.best_params_["method__connection"]
    decay = found.best_params_["optimizer__weight_decay"]
    trained = best.net_.criterion_.annotators
    assert type(trained) is {**CONNECTIONS, **AFFINE_CONNECTIONS}[connection]
    assert best.net_.optimizer_.param_groups[0]["weight_decay"] == decay


def test_a_method_object_can_be_searched(kind, data):
    model = small("em", kind, max_epochs=2)
    found = search(model, {"method__pseudo_counts": [0.5, 5.0]}, *data, 3)
    assert len(set(found.cv_results_["mean_test_score"])) == 2


def test_search_with_the_truth_is_plain_learning(kind, gold):
    X, truth = gold
    found = search(estimator(kind, module=MLP), {"lr": [1e-4, 1e-1]}, X, truth, 3)
    assert found.best_params_ == {"lr": 1e-1}
    assert 0.2 < found.best_score_ <= 1


@pytest.mark.parametrize("form", ["masked", "dense annotations"])
def test_cross_validation_scores_by_answers(kind, data, form):
    scores = cross_val_score(
        estimator(kind), data[0], in_form(kind, data[1], form), cv=3
    )
    assert np.isfinite(scores).all()
    assert len(set(scores)) == 3


def test_split_then_fit(kind, data):
    y = in_form(kind, data[1], "dense annotations")
    X_train, X_test, y_train, y_test = train_test_split(data[0], y, random_state=0)
    clf = estimator(kind).fit(X_train, y_train)
    assert np.isfinite(clf.score(X_test, y_test))
    assert clf.n_annotators_ == 5


def test_a_pipeline_survives_clone_and_refit(kind, data):
    model = make_pipeline(StandardScaler(), estimator(kind, module__hidden=(4,)))
    first = predictions(model.fit(*data)[-1], data[0])
    second = predictions(clone(model).fit(*data)[-1], data[0])
    assert (first == second).all()


def test_weights_pass_through_a_pipeline(kind, data):
    model = make_pipeline(StandardScaler(), estimator(kind))
    weight = np.where(np.arange(60) < 40, 1.0, 0.0)
    model.fit(*data, **{f"{kind.__name__.lower()}__sample_weight": weight})
    assert np.isnan(by_item(model[-1])[0][40:]).all()


def test_one_answer_missing_does_not_stop_a_number_of_folds(rated_items):
    X, _, y = rated_items
    assert np.isnan(y).any()
    found = search(estimator(CrowdRegressor), {"lr": [1e-3, 1e-2]}, X, y, 3)
    assert np.isfinite(found.cv_results_["mean_test_score"]).all()
    assert np.isfinite(cross_val_score(estimator(CrowdRegressor), X, y, cv=3)).all()
