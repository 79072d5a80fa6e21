"""Pipelines, grid search and cross-validation with every form of answers."""

import numpy as np
import pytest
from _data import answer_forms, small
from sklearn.base import clone
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skcrowd import Annotations, CrowdClassifier

GRID = [
    {
        "method": ["em", "majority_vote"],
        "module__hidden": [(4,), (8,)],
        "lr": [1e-3, 1e-2],
    },
    {
        "method": ["crowd_layer"],
        "method__connection": ["MW", "VW"],
        "method__warm_epochs": [1],
        "optimizer__weight_decay": [0.0, 1e-2],
    },
]
# scikit-learn counts the classes of y before it splits by a number of folds.
FOLDS = {"float": KFold(3), "object": KFold(3), "masked": 3, "list": 3}
FORMS = ("int", "csr", "coo", "dense annotations", "float", "strings", "masked")


def in_pipeline(grid):
    return [{f"crowdclassifier__{k}": v for k, v in part.items()} for part in grid]


def estimator(**parameters):
    return CrowdClassifier(max_epochs=2, random_state=0, **parameters)


def search(model, grid, X, y, cv):
    return GridSearchCV(model, grid, cv=cv, error_score="raise").fit(X, y)


def in_form(y, form):
    """Write answers in a form of which rows can be taken."""
    y = answer_forms(y)[form]
    return y.tocsr() if form == "coo" else y


@pytest.mark.parametrize("form", FORMS)
def test_grid_search_over_a_pipeline(items, answers, form):
    model = make_pipeline(StandardScaler(), estimator())
    cv = FOLDS.get(form, 3)
    found = search(model, in_pipeline(GRID), items[0], in_form(answers, form), cv)
    assert np.isfinite(found.cv_results_["mean_test_score"]).all()
    assert len(found.cv_results_["params"]) == 12
    assert found.best_score_ < 0
    assert found.predict(items[0]).shape == (60,)


def test_every_form_is_searched_with_the_same_result(items, answers):
    grid = {"method": ["em", "crowd_layer"], "lr": [1e-3, 1e-2]}
    scores = [
        search(estimator(), grid, items[0], in_form(answers, form), KFold(3))
        for form in ("int", "csr", "float", "dense annotations")
    ]
    for other in scores[1:]:
        np.testing.assert_array_equal(
            other.cv_results_["mean_test_score"],
            scores[0].cv_results_["mean_test_score"],
        )


def test_the_parameters_searched_over_arrive(items, answers):
    found = search(estimator(), GRID[1:], items[0], answers, 3)
    best = found.best_estimator_
    connection = found.best_params_["method__connection"]
    decay = found.best_params_["optimizer__weight_decay"]
    shape = (5, 9) if connection == "MW" else (5, 3)
    assert best.annotator_model_.weight.shape == shape
    assert best.net_.optimizer_.param_groups[0]["weight_decay"] == decay


def test_a_method_object_can_be_searched(items, answers):
    model = small("em", max_epochs=2)
    found = search(model, {"method__pseudo_counts": [0.5, 5.0]}, items[0], answers, 3)
    assert len(set(found.cv_results_["mean_test_score"])) == 2


def test_search_with_true_labels_is_plain_classification(items):
    X, truth = items
    found = search(estimator(), {"lr": [1e-4, 1e-1]}, X, truth, 3)
    assert found.best_params_ == {"lr": 1e-1}
    assert 0.5 < found.best_score_ <= 1


@pytest.mark.parametrize("form", ["int", "dense annotations"])
def test_cross_validation_scores_by_answers(items, answers, form):
    scores = cross_val_score(estimator(), items[0], in_form(answers, form), cv=3)
    assert ((scores < 0) & np.isfinite(scores)).all()


def test_split_then_fit(items, answers):
    y = Annotations.from_dense(answers)
    X_train, X_test, y_train, y_test = train_test_split(items[0], y, random_state=0)
    clf = estimator().fit(X_train, y_train)
    assert np.isfinite(clf.score(X_test, y_test))
    assert clf.n_annotators_ == 5


def test_a_pipeline_survives_clone_and_refit(items, answers):
    model = make_pipeline(StandardScaler(), estimator(module__hidden=(4,)))
    first = model.fit(items[0], answers).predict_proba(items[0])
    second = clone(model).fit(items[0], answers).predict_proba(items[0])
    assert (first == second).all()


def test_weights_pass_through_a_pipeline(items, answers):
    model = make_pipeline(StandardScaler(), estimator())
    weight = np.where(np.arange(60) < 40, 1.0, 0.0)
    model.fit(items[0], answers, crowdclassifier__sample_weight=weight)
    assert np.isnan(model[-1].posterior_[40:]).all()
