"""Every score of a fold in which little varies is a number, or a clear error."""

from functools import cache

import numpy as np
import pytest
from _data import blobs, crowd, rated, small
from _sequence_data import ANSWERS, FEATURES, TRUTH, fitted_quick
from sklearn.model_selection import KFold, cross_val_score

from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.annotations import SequenceAnnotations
from skcrowd.metrics import SCORERS

OF_PREDICTIONS = {"span_f1", "token_accuracy"}
NEED_GOLD = {name for name in SCORERS if "gold" in name} | {"corrected_consensus"}
every_scorer = pytest.mark.parametrize("name", sorted(set(SCORERS) - OF_PREDICTIONS))
FOLDS = "equal", "one annotator", "one answer"


@cache
def fitted(kind):
    if kind is CrowdClassifier:
        X, truth = blobs(30)
        return small(max_epochs=1).fit(X, crowd(truth, 4).annotations), X
    X, _, simulation = rated(30, 4)
    return small(kind=kind, max_epochs=1).fit(X, simulation.annotations), X


def answers(fold, value, missing):
    """Ten items that answers hardly tell apart."""
    y = np.full((10, 4), value)
    if fold == "equal":
        return y
    y[:, [0, 2, 3]] = missing
    if fold == "one answer":
        y[1:] = missing
    return y


@every_scorer
@pytest.mark.parametrize("value", [1, 0.1, 0.0, -3.0])
def test_answers_that_are_all_the_same(name, value):
    for fold in FOLDS:
        check_answers(name, fold, value)


def check_answers(name, fold, value):
    kind, missing = CrowdRegressor, np.nan
    if isinstance(value, int):
        kind, missing = CrowdClassifier, -1
    estimator, X = fitted(kind)
    gold = {"gold": np.full(10, value)} if name in NEED_GOLD else {}
    y = answers(fold, value, missing)
    if kind is CrowdRegressor and name == "determinant_information":
        with pytest.raises(ValueError, match="Use answer_information"):
            SCORERS[name](estimator, X[:10], y)
        return
    assert np.isfinite(SCORERS[name](estimator, X[:10], y, **gold))
    assert np.isfinite(estimator.score(X[:10], y))


@pytest.mark.parametrize("name", ["agreement", "weighted_agreement", "consensus"])
def test_constant_ratings_that_are_missed_score_nothing(name):
    estimator, X = fitted(CrowdRegressor)
    assert SCORERS[name](estimator, X[:10], np.full((10, 4), 0.1)) == 0.0
    assert estimator.score(X[:10], np.full((10, 4), 0.1)) == 0.0
    assert estimator.score(X[:10], np.full(10, 0.1)) == 0.0


def test_ratings_that_never_varied():
    X = fitted(CrowdRegressor)[1]
    constant = small(kind=CrowdRegressor, max_epochs=1).fit(X, np.full((30, 4), 3.1))
    for name in set(SCORERS) - OF_PREDICTIONS - {"determinant_information"}:
        gold = {"gold": np.full(10, 3.1)} if name in NEED_GOLD else {}
        score = SCORERS[name](constant, X[:10], np.full((10, 4), 3.1), **gold)
        assert np.isfinite(score), name


def test_folds_of_constant_ratings():
    X, _, simulation = rated(30, 4)
    y = simulation.annotations.to_dense()
    y[20:] = 5.0
    scores = cross_val_score(small(kind=CrowdRegressor), X, y, cv=KFold(3))
    assert np.isfinite(scores).all()
    assert scores[2] == 0.0


@pytest.mark.parametrize("classes", [None, [0, 1, 2]])
def test_a_crowd_that_knows_one_class(classes):
    X = fitted(CrowdClassifier)[1]
    clf = small(max_epochs=1, classes=classes).fit(X, np.zeros((30, 4), dtype=int))
    y = np.zeros((10, 4), dtype=int)
    assert np.isfinite(clf.score(X[:10], y))
    if classes is None:
        assert clf.score(X[:10], y) == SCORERS["agreement"](clf, X[:10], y) == 1.0


@every_scorer
@pytest.mark.parametrize("fold", FOLDS)
def test_tags_that_are_all_the_same(name, fold):
    tags = [["O"] * len(sequence) for sequence in FEATURES[:6]]
    cells = [[sequence] * 4 for sequence in tags]
    if fold != "equal":
        cells = [[None, row[1], None, None] for row in cells]
    if fold == "one answer":
        cells = [cells[0]] + [[None] * 4 for _ in cells[1:]]
    lengths = [len(sequence) for sequence in tags]
    y = SequenceAnnotations.from_cells(cells, lengths, classes=ANSWERS.classes)
    estimator = fitted_quick()
    gold = {"gold": tags} if name in NEED_GOLD else {}
    assert np.isfinite(SCORERS[name](estimator, FEATURES[:6], y, **gold))
    assert np.isfinite(estimator.score(FEATURES[:6], y))
    assert np.isfinite(estimator.score(FEATURES[:6], TRUTH[:6]))
