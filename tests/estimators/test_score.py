"""Scores: accuracy against true labels, agreement with answers without."""

import numpy as np
import pytest
from _data import SORTS, answer_forms, small
from sklearn.metrics import accuracy_score

from skcrowd import Annotations, CrowdClassifier
from skcrowd.backbones import MLP
from skcrowd.metrics._scorer_names import answer_log_likelihood, structured_agreement


@pytest.fixture(scope="module", params=SORTS[CrowdClassifier])
def clf(request, items, answers):
    return small(request.param, max_epochs=10).fit(items[0], answers)


def answer_log_proba(clf, X, y):
    """log p(answer) of every answer, item by item."""
    item, annotator = np.nonzero(y >= 0)
    answer = y[item, annotator]
    return item, np.log(clf.predict_annotator_proba(X)[item, annotator, answer])


def test_true_labels_give_accuracy(clf, items):
    X, truth = items
    predicted = clf.predict(X)
    assert clf.score(X, truth) == accuracy_score(truth, predicted)
    weight = np.linspace(0, 1, 60)
    expected = accuracy_score(truth, predicted, sample_weight=weight)
    assert clf.score(X, truth, sample_weight=weight) == pytest.approx(expected)


def test_answers_give_their_mean_log_probability(clf, items, answers):
    X = items[0]
    _, expected = answer_log_proba(clf, X, answers)
    score = answer_log_likelihood(clf, X, answers)
    assert isinstance(score, float)
    assert score == pytest.approx(expected.mean())
    assert score < 0


def test_the_score_of_answers_is_structured_agreement(clf, items, answers):
    X, weight = items[0], np.linspace(0, 1, 60)
    score = clf.score(X, answers, weight)
    assert isinstance(score, float)
    assert score == structured_agreement(clf, X, answers, weight)
    assert 0 < score < 1


def test_weights_are_repetitions(clf, items, answers):
    X = items[0]
    weight = np.random.default_rng(0).integers(0, 4, 60)
    rows = np.repeat(np.arange(60), weight)
    weighted = clf.score(X, answers, sample_weight=weight)
    assert weighted == pytest.approx(clf.score(X[rows], answers[rows]))
    as_list = clf.score(X, answers, sample_weight=weight.tolist())
    assert as_list == weighted


def test_every_form_gets_the_same_score(clf, items, answers):
    expected = clf.score(items[0], answers)
    forms = answer_forms(answers)
    del forms["strings"]
    assert {clf.score(items[0], form) for form in forms.values()} == {expected}


def test_words_get_the_same_score(items, answers):
    words = np.array(["a", "b", "c", ""])[answers]
    ours, theirs = small().fit(items[0], words), small().fit(items[0], answers)
    assert ours.score(items[0], words) == theirs.score(items[0], answers)
    assert ours.score(items[0], Annotations.from_dense(words)) == ours.score(
        items[0], words
    )


def test_a_better_model_scores_higher(items, answers):
    X, truth = items
    good = small(max_epochs=60).fit(X, answers)
    early = small(max_epochs=1, lr=1e-6, module=MLP).fit(X, answers)
    shuffled = small(max_epochs=60).fit(X[::-1], answers)
    assert good.score(X, answers) > early.score(X, answers)
    assert good.score(X, answers) > shuffled.score(X, answers)
    assert good.score(X, truth) > shuffled.score(X, truth)


def test_some_items_and_missing_classes_can_be_scored(clf, items, answers):
    rows = np.flatnonzero(items[1] == 0)[:5]
    _, expected = answer_log_proba(clf, items[0][rows], answers[rows])
    score = answer_log_likelihood(clf, items[0][rows], answers[rows])
    assert score == pytest.approx(expected.mean())
    assert 0 <= clf.score(items[0][rows], answers[rows]) <= 1


def test_items_without_answers_do_not_count(clf, items, answers):
    y = np.vstack([answers, np.full((10, 5), -1)])
    X = np.vstack([items[0], items[0][:10]])
    assert clf.score(X, y) == pytest.approx(clf.score(items[0], answers))


@pytest.mark.parametrize("n_annotators", [2, 4])
def test_another_number_of_annotators_is_an_error(clf, n_annotators, items, answers):
    with pytest.raises(ValueError, match=f"y has {n_annotators} annotators.* with 5"):
        clf.score(items[0], answers[:, :n_annotators])


def test_unknown_labels_are_an_error(clf, items, answers):
    with pytest.raises(ValueError, match="9"):
        clf.score(items[0], np.where(answers == 2, 9, answers))


def test_lengths_must_match(clf, items, answers):
    for y in (answers[:50], items[1][:50]):
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            clf.score(items[0], y)
    for y in (answers, items[1]):
        with pytest.raises(ValueError, match=r"sample_weight has shape \(7,\)"):
            clf.score(items[0], y, sample_weight=np.ones(7))


def test_a_fit_on_true_labels_can_be_scored_by_true_labels_only(items, answers):
    clf = small().fit(*items)
    assert 0 <= clf.score(*items) <= 1
    with pytest.raises(ValueError, match="y has 5 annotators"):
        clf.score(items[0], answers)


def named(y, names):
    return Annotations.from_dense(y, annotator_names=names)


def test_annotators_are_matched_by_name(items, answers):
    X = items[0]
    names = np.array(["ann", "bob", "cyd", "dan", "eve"])
    clf = small(max_epochs=10).fit(X, named(answers, names))
    expected = clf.score(X, named(answers, names))
    order = np.array([3, 0, 4, 1, 2])
    shuffled = named(answers[:, order], names[order])
    assert clf.score(X, shuffled) == pytest.approx(expected, rel=1e-12)
    assert clf.score(X, answers) == expected
    only = clf.score(X, named(answers[:, [1, 2]], names[[1, 2]]))
    missing = answers.copy()
    missing[:, [0, 3, 4]] = -1
    assert only == pytest.approx(clf.score(X, missing), rel=1e-12)


def test_unknown_annotators_are_named(items, answers):
    clf = small().fit(items[0], named(answers, list("abcde")))
    with pytest.raises(ValueError, match=r"not fitted with: 'x'"):
        clf.score(items[0], named(answers, list("abxde")))


def test_weights_without_any_answer_cannot_score(items, answers):
    y = answers.copy()
    y[:5] = -1
    weight = (np.arange(60) < 5).astype(float)
    with pytest.raises(ValueError, match="nothing to score"):
        small().fit(items[0], y).score(items[0], y, sample_weight=weight)
