"""What the docs say to do where a tool cannot take answers."""

from dataclasses import replace

import numpy as np
import pytest
from _tool_outcomes import (
    ANSWERED,
    LABELS,
    NUMBERS,
    RATED,
    X_LABELS,
    X_RATED,
    estimator,
)
from _tools import bagging
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    TunedThresholdClassifierCV,
)

from skcrowd import Annotations, CrowdClassifier, CrowdRegressor

NAMES = np.array(["b", "c", "a"])
TRUTH = NAMES[LABELS]
NAMED = np.where(ANSWERED < 0, "", NAMES[ANSWERED])


def classifier(**parameters):
    settings = {"max_epochs": 40, "module__hidden": (16,), **parameters}
    return estimator(CrowdClassifier).set_params(**settings)


@pytest.fixture(scope="module")
def fitted():
    """Three fits that differ by their seed."""
    return [classifier(random_state=k).fit(X_LABELS, NAMED) for k in range(3)]


@pytest.fixture(scope="module")
def rating_parameters():
    """Two fits to ratings that differ by their seed."""
    model = estimator(CrowdRegressor)
    return [clone(model).set_params(random_state=k).fit(X_RATED, RATED) for k in (0, 1)]


def frozen(members):
    return [(str(k), FrozenEstimator(member)) for k, member in enumerate(members)]


@pytest.mark.parametrize("y", ["truth", "consensus"])
@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_a_fitted_classifier_is_calibrated(fitted, method, y):
    y = TRUTH if y == "truth" else fitted[0].predict(X_LABELS)
    calibrated = CalibratedClassifierCV(FrozenEstimator(fitted[0]), method=method)
    calibrated.fit(X_LABELS, y)
    assert calibrated.classes_.tolist() == ["a", "b", "c"]
    assert calibrated.score(X_LABELS, TRUTH) > 0.9
    ours = fitted[0].predict_proba(X_LABELS)
    theirs = calibrated.predict_proba(X_LABELS)
    assert (ours.argmax(axis=1) == theirs.argmax(axis=1)).mean() > 0.9
    assert (ours != theirs).any()


def test_fitted_classifiers_vote(fitted):
    votes = VotingClassifier(frozen(fitted), voting="soft").fit(X_LABELS, TRUTH)
    proba = np.mean([clf.predict_proba(X_LABELS) for clf in fitted], axis=0)
    np.testing.assert_allclose(votes.predict_proba(X_LABELS), proba)
    assert (votes.predict(X_LABELS) == fitted[0].classes_[proba.argmax(axis=1)]).all()


def test_fitted_classifiers_cannot_vote_hard(fitted):
    votes = VotingClassifier(frozen(fitted)).fit(X_LABELS, TRUTH)
    with pytest.raises(TypeError, match="Cannot cast array data"):
        votes.predict(X_LABELS)


@pytest.mark.parametrize("cv", ["prefit", 2])
def test_fitted_classifiers_are_stacked(fitted, cv):
    members = frozen(fitted)
    stack = StackingClassifier(members, cv=cv).fit(X_LABELS, TRUTH)
    assert stack.score(X_LABELS, TRUTH) > 0.9
    proba = np.hstack([clf.predict_proba(X_LABELS) for clf in fitted])
    np.testing.assert_allclose(stack.transform(X_LABELS), proba)


def test_fitted_regressors_are_averaged_and_stacked(rating_parameters):
    mean = np.mean([reg.predict(X_RATED) for reg in rating_parameters], axis=0)
    votes = VotingRegressor(frozen(rating_parameters)).fit(X_RATED, NUMBERS)
    np.testing.assert_allclose(votes.predict(X_RATED), mean)
    stack = StackingRegressor(frozen(rating_parameters), cv="prefit").fit(
        X_RATED, NUMBERS
    )
    assert stack.score(X_RATED, NUMBERS) > votes.score(X_RATED, NUMBERS)


def test_a_threshold_for_a_fitted_classifier():
    answers = np.where(ANSWERED < 0, "", np.array(["no", "yes", "yes"])[ANSWERED])
    truth = np.array(["no", "yes", "yes"])[LABELS]
    clf = FrozenEstimator(classifier().fit(X_LABELS, answers))
    strict, loose = (
        FixedThresholdClassifier(clf, threshold=t, pos_label="yes") for t in (0.9, 0.1)
    )
    said = [
        (model.fit(X_LABELS, truth).predict(X_LABELS) == "yes").sum()
        for model in (strict, loose)
    ]
    assert said[0] < said[1]
    tuned = TunedThresholdClassifierCV(clf, cv="prefit", refit=False)
    assert tuned.fit(X_LABELS, truth).score(X_LABELS, truth) > 0.9


def test_bagging_of_ratings_learns_from_who_rated_what():
    y = np.where(np.isnan(RATED), None, RATED.astype(object))
    ours = bagging(estimator(CrowdRegressor), X_RATED, y, None)
    less = y.copy()
    less[:, 0] = None
    theirs = bagging(estimator(CrowdRegressor), X_RATED, less, None)
    assert (ours != theirs).any()


def test_ratings_are_transformed_before():
    model = estimator(CrowdRegressor)
    A = Annotations.from_dense(RATED, kind="numbers")
    ours = clone(model).fit(X_RATED, replace(A, answer=np.sinh(A.answer)))
    theirs = clone(model).fit(X_RATED, np.sinh(RATED))
    assert (ours.predict(X_RATED) == theirs.predict(X_RATED)).all()


def test_true_numbers_are_transformed_by_scikit_learn():
    model = TransformedTargetRegressor(
        estimator(CrowdRegressor), func=np.sinh, inverse_func=np.arcsinh
    )
    plain = estimator(CrowdRegressor).fit(X_RATED, np.sinh(NUMBERS)).predict(X_RATED)
    assert (model.fit(X_RATED, NUMBERS).predict(X_RATED) == np.arcsinh(plain)).all()


def test_a_scorer_that_needs_truth_says_so():
    search = GridSearchCV(classifier(), {"lr": [0.1]}, scoring="accuracy", cv=2)
    with (
        pytest.warns(UserWarning, match="mix of multiclass-multioutput and"),
        pytest.warns(UserWarning, match="One or more of the test scores"),
    ):
        search.fit(X_LABELS, ANSWERED)
    strict = clone(search).set_params(error_score="raise")
    with pytest.raises(ValueError, match="mix of multiclass-multioutput and"):
        strict.fit(X_LABELS, ANSWERED)
