"""Scores on held-out answers of items that are in training."""

import numpy as np
import pytest
from _data import FORMS, small, with_mlp
from _sequence_data import ANSWERS, FEATURES, TRUTH, TokenLinear, padded, quick
from sklearn import config_context
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skcrowd import Annotations, CrowdClassifier
from skcrowd.model_selection import (
    AnnotatorKFold,
    AnswerKFold,
    VoteStratifiedKFold,
    cross_val_answer_score,
)

CV = AnswerKFold(3, random_state=0)


def quickest(kind=CrowdClassifier, **parameters):
    return with_mlp(kind=kind, max_epochs=2, **parameters)


def tagger():
    return quick(module=TokenLinear, max_epochs=1)


def container(kind, y):
    return Annotations.from_dense(
        y, kind="labels" if kind is CrowdClassifier else "numbers"
    )


@pytest.mark.parametrize("cv", [CV, AnnotatorKFold(3)])
def test_scores_are_those_by_hand(kind, data, cv):
    X, y = data
    ours = cross_val_answer_score(quickest(kind), X, y, cv=cv)
    pairs = list(cv.split_answers(container(kind, y)))
    theirs = [quickest(kind).fit(X, a).score(X, b) for a, b in pairs]
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    assert (cross_val_answer_score(quickest(kind), X, y, cv=pairs) == ours).all()


def test_scores_of_sequences():
    ours = cross_val_answer_score(tagger(), FEATURES, ANSWERS, cv=CV)
    theirs = [
        tagger().fit(FEATURES, a).score(FEATURES, b)
        for a, b in CV.split_answers(ANSWERS)
    ]
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)


def test_a_number_of_folds_gives_the_same_answers_each_time(kind, data):
    ours = cross_val_answer_score(quickest(kind), *data, cv=3)
    assert (cross_val_answer_score(quickest(kind), *data, cv=CV) == ours).all()
    assert len(cross_val_answer_score(quickest(kind), *data)) == 5


def test_every_form_is_scored_alike(kind, data):
    X, y = data
    first = cross_val_answer_score(quickest(kind), X, container(kind, y), cv=2)
    for form in FORMS[kind](y).values():
        scores = cross_val_answer_score(quickest(kind), X, form, cv=2)
        np.testing.assert_array_equal(scores, first)


def test_a_scorer_gets_the_items_whose_answers_are_held_out(kind, data):
    sizes = []

    def scorer(estimator, X, y):
        assert (y.answers_per_item > 0).all()
        sizes.append(len(X))
        return y.n_answers

    scores = cross_val_answer_score(quickest(kind), *data, cv=3, scoring=scorer)
    assert scores.tolist() == [
        test.n_answers for _, test in CV.split_answers(container(kind, data[1]))
    ]
    assert max(sizes) <= 60


def test_weights_and_pipelines(kind, data):
    X, y = data
    weight = np.arange(60) % 2
    pipeline = make_pipeline(StandardScaler(), quickest(kind))
    name = f"{kind.__name__.lower()}__sample_weight"
    ours = cross_val_answer_score(pipeline, X, y, cv=CV, params={name: weight})
    theirs = [
        clone(pipeline).fit(X, a, **{name: weight}).score(X, b)
        for a, b in CV.split_answers(container(kind, y))
    ]
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    plain = cross_val_answer_score(pipeline, X, y, cv=CV)
    assert (ours != plain).all()


def test_lengths_and_routing():
    X, lengths = padded(FEATURES, garbage=9.0)
    plain = cross_val_answer_score(tagger(), FEATURES, ANSWERS, cv=2)
    params = {"lengths": lengths}
    ours = cross_val_answer_score(tagger(), X, ANSWERS, cv=2, params=params)
    np.testing.assert_allclose(ours, plain, rtol=1e-5)
    with config_context(enable_metadata_routing=True):
        clf = tagger().set_fit_request(lengths=True).set_score_request(lengths=True)
        ours = cross_val_answer_score(clf, X, ANSWERS, cv=2, params=params)
    np.testing.assert_allclose(ours, plain, rtol=1e-5)


@pytest.mark.parametrize("cv", [VoteStratifiedKFold(3), "answers"])
def test_splitters_of_items_are_refused(kind, data, cv):
    with pytest.raises(ValueError, match="splits items; use AnswerKFold"):
        cross_val_answer_score(quickest(kind), *data, cv=cv)


def test_the_truth_has_no_answers(kind, gold):
    with pytest.raises(ValueError, match="no single answers to hold out"):
        cross_val_answer_score(quickest(kind), *gold)
    with pytest.raises(ValueError, match="no single answers to hold out"):
        cross_val_answer_score(tagger(), FEATURES, TRUTH)


def test_an_informed_estimator_scores_higher(kind, data):
    X, y = data
    result = small(kind=kind, max_epochs=30, lr=0.05)
    right = cross_val_answer_score(result, X, y, cv=CV).mean()
    shuffled = np.random.default_rng(0).permutation(X)
    assert right > cross_val_answer_score(result, shuffled, y, cv=CV).mean()
