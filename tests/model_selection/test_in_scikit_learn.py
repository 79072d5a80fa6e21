"""The splitters of items as ``cv`` of scikit-learn's own tools."""

import numpy as np
import pytest
from _data import FORMS, small
from _sequence_data import ANSWERS, FEATURES, TRUTH, TokenLinear, quick, string_forms
from sklearn import config_context
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    cross_val_score,
    cross_validate,
    learning_curve,
)

from skcrowd import CrowdClassifier
from skcrowd.model_selection import (
    LeaveAnnotatorsOut,
    VoteStratifiedGroupKFold,
    VoteStratifiedKFold,
    VoteStratifiedShuffleSplit,
)

SPLITTERS = [
    VoteStratifiedKFold(2),
    VoteStratifiedShuffleSplit(2, test_size=0.3, random_state=0),
    VoteStratifiedGroupKFold(2),
    LeaveAnnotatorsOut(2),
]
REFUSED = (ValueError, TypeError, RuntimeWarning)
every_splitter = pytest.mark.parametrize(
    "cv", SPLITTERS, ids=lambda cv: type(cv).__name__
)


def quickest(kind=CrowdClassifier):
    return small(kind=kind, max_epochs=1)


def tagger():
    return quick(module=TokenLinear, max_epochs=1)


@pytest.fixture(params=["items", "sequences"])
def task(request, kind, data):
    """An estimator with features and answers; half the people see half the items."""
    if request.param == "sequences":
        sequence, annotator = ANSWERS.pairs
        y = ANSWERS.select_answers((sequence < 12) == (annotator < 2))
        return tagger(), FEATURES, y
    missing = -1 if kind is CrowdClassifier else np.nan
    y = data[1].copy()
    y[:30, 2:] = y[30:, :2] = missing
    return quickest(kind), data[0], y


@every_splitter
def test_cross_validate(cv, task):
    groups = np.arange(len(task[2])) // 2
    groups = groups if isinstance(cv, VoteStratifiedGroupKFold) else None
    scores = cross_validate(*task, cv=cv, groups=groups, error_score="raise")
    assert np.isfinite(scores["test_score"]).all()
    assert len(scores["test_score"]) == 2


def test_groups_are_routed(task):
    params = {"groups": np.arange(len(task[2])) // 2}
    cv = VoteStratifiedGroupKFold(2)
    plain = cross_val_score(*task, cv=cv, **params)
    with config_context(enable_metadata_routing=True):
        routed = cross_val_score(*task, cv=cv, params=params)
    np.testing.assert_array_equal(plain, routed)


@pytest.mark.parametrize("search", [GridSearchCV, HalvingGridSearchCV])
def test_searches(search, task):
    estimator, X, y = task
    options = {}
    if search is HalvingGridSearchCV:
        options = {"min_resources": 20, "factor": 2, "random_state": 0}
    if search is HalvingGridSearchCV and isinstance(X, list):
        options["min_resources"] = 12
    found = search(
        estimator, {"lr": [1e-3, 1e-2]}, cv=VoteStratifiedKFold(2), **options
    )
    found.set_params(error_score="raise").fit(X, y)
    assert np.isfinite(found.cv_results_["mean_test_score"]).all()


def test_learning_curve(task):
    sizes, _, scores = learning_curve(
        *task, cv=VoteStratifiedKFold(2), train_sizes=[0.6, 1.0], error_score="raise"
    )
    assert np.isfinite(scores).all()
    assert sizes[1] == len(task[2]) // 2


def test_forms_that_a_number_of_folds_refuses(kind, data):
    """Scikit-learn counts the classes of y before it splits by a number of folds."""
    X, y = data
    forms = FORMS[kind](y)
    refused = ["float", "object", "nullable frame"] if kind is CrowdClassifier else []
    for form in refused:
        with pytest.raises(REFUSED):
            cross_val_score(quickest(kind), X, forms[form], cv=2)
    scores = [
        cross_val_score(quickest(kind), X, forms[form], cv=VoteStratifiedKFold(2))
        for form in ("float", "object", "nullable frame", "dense annotations")
    ]
    for other in scores[1:]:
        np.testing.assert_array_equal(other, scores[0])


@pytest.mark.parametrize("form", ["cells", "cells of lists", "true tags"])
def test_forms_of_tags_that_a_number_of_folds_refuses(form):
    y = TRUTH if form == "true tags" else string_forms(ANSWERS)[form]
    with pytest.raises(REFUSED):
        cross_val_score(tagger(), FEATURES, y, cv=2)
    scores = cross_val_score(tagger(), FEATURES, y, cv=VoteStratifiedKFold(2))
    assert np.isfinite(scores).all()
