"""Answers beside what an estimator says of them: what scorers read."""

import numpy as np
import pytest
from _data import with_mlp
from _sequence_data import ANSWERS, FEATURES, LENGTHS, TRUTH, flat, padded, quick

from skcrowd import Annotations, CrowdRegressor
from skcrowd.metrics import AnswerEvaluation
from skcrowd.metrics._scorer_names import answer_log_likelihood


@pytest.fixture(scope="module")
def clf(items, answers):
    return with_mlp(max_epochs=6).fit(items[0], answers)


def test_labels(clf, items, answers):
    X = items[0]
    evaluation = clf.evaluate_answers(X, answers)
    assert isinstance(evaluation, AnswerEvaluation)
    assert evaluation.kind == "labels"
    assert evaluation.lengths is None
    np.testing.assert_array_equal(evaluation.annotations.to_dense(), answers)
    item, annotator = np.nonzero(answers >= 0)
    np.testing.assert_array_equal(evaluation.annotator, annotator)
    proba = clf.predict_annotator_proba(X)[item, annotator, answers[item, annotator]]
    np.testing.assert_allclose(np.exp(evaluation.log_likelihood), proba)
    np.testing.assert_allclose(np.exp(evaluation.truth), clf.predict_proba(X))
    np.testing.assert_array_equal(clf.classes_[evaluation.predicted], clf.predict(X))
    assert evaluation.confusion is clf.annotator_confusion_


def test_annotators_are_numbered_as_in_fit(items, answers):
    names = np.array(list("abcde"))
    y = Annotations.from_dense(answers, annotator_names=names)
    clf = with_mlp().fit(items[0], y)
    evaluation = clf.evaluate_answers(items[0], y.select_annotators([3, 1]))
    assert set(evaluation.annotator.tolist()) == {1, 3}


def test_numbers(rated_items):
    X, _, y = rated_items
    reg = with_mlp("em", CrowdRegressor).fit(X, y)
    evaluation = reg.evaluate_answers(X, y)
    assert evaluation.kind == "numbers"
    np.testing.assert_array_equal(evaluation.predicted, reg.predict(X))
    assert evaluation.noise_std is reg.annotator_noise_std_
    assert evaluation.prediction_std == reg.prediction_std_
    expected = answer_log_likelihood(reg, X, y)
    assert evaluation.mean(evaluation.log_likelihood) == expected


@pytest.mark.parametrize("is_padded", [False, True])
def test_tags(is_padded):
    X, given = FEATURES, {}
    if is_padded:
        X, lengths = padded(FEATURES, garbage=np.nan)
        given = {"lengths": lengths}
    clf = quick().fit(X, ANSWERS, **given)
    evaluation = clf.evaluate_answers(X, ANSWERS, **given)
    assert evaluation.annotations.n_items == LENGTHS.sum()
    np.testing.assert_array_equal(evaluation.lengths, LENGTHS)
    tags = flat(clf.predict(X, **given))
    np.testing.assert_array_equal(clf.classes_[evaluation.predicted], tags)
    weight = np.arange(24.0)
    np.testing.assert_array_equal(
        evaluation.item_weight(weight), np.repeat(weight, LENGTHS)
    )
    expected = answer_log_likelihood(clf, X, ANSWERS, weight, **given)
    assert evaluation.mean(evaluation.log_likelihood, weight) == expected


def test_true_labels_are_no_answers(clf, items, rated_items):
    reg = with_mlp("em", CrowdRegressor).fit(rated_items[0], rated_items[2])
    tagger = quick().fit(FEATURES, ANSWERS)
    for estimator, X, y in (
        (clf, *items),
        (reg, *rated_items[:2]),
        (tagger, FEATURES, TRUTH),
    ):
        with pytest.raises(ValueError, match="y "):
            estimator.evaluate_answers(X, y)


def test_weights_must_fit(clf, items, answers):
    evaluation = clf.evaluate_answers(items[0], answers)
    with pytest.raises(ValueError, match="not negative"):
        evaluation.item_weight(-np.ones(60))
    with pytest.raises(ValueError, match="shape"):
        evaluation.item_weight(np.ones(7))
