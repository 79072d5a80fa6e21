"""Scores of held-out answers, against what they are defined as."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from _data import blobs, crowd, small
from _sequence_data import ANSWERS, FEATURES, LENGTHS, TRUTH, quick
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from sklearn.base import clone

from skcrowd import CrowdRegressor
from skcrowd.aggregation import measure_disagreement, sequence_dawid_skene
from skcrowd.annotations import Annotations
from skcrowd.metrics import SCORERS, AnswerEvaluation, AnswerScorer, span_f1_score
from skcrowd.metrics._scorer_names import (
    agreement,
    answer_information,
    answer_log_likelihood,
    consensus,
    determinant_information,
    item_log_likelihood,
    structured_agreement,
    weighted_agreement,
)

OF_ANSWERS = [name for name, s in SCORERS.items() if isinstance(s, AnswerScorer)]
OF_NUMBERS = [name for name in OF_ANSWERS if name != "determinant_information"]


class Told:
    """Stands in for a fitted estimator that says what a test wants."""

    def __init__(self, evaluation):
        self.evaluation = evaluation

    def evaluate_answers(self, X, y):
        return self.evaluation


def judged_labels(y, proba, confusion, log_likelihood=None, lengths=None, tags=None):
    """Set answers (-1 is missing) beside given probabilities and confusions."""
    proba, confusion = np.array(proba, float), np.array(confusion, float)
    n_classes = proba.shape[1]
    answers = Annotations.from_dense(y, missing_label=-1, classes=range(n_classes))
    if tags is not None:
        answers = Annotations(
            answers.item, answers.annotator, answers.answer, answers.shape, tags
        )
    if log_likelihood is None:
        joint = proba[answers.item, :, None] * confusion[answers.annotator]
        of_answer = joint.sum(axis=1)[np.arange(answers.n_answers), answers.answer]
        log_likelihood = np.log(of_answer)
    return AnswerEvaluation(
        answers,
        answers.annotator,
        log_likelihood,
        truth=np.log(proba),
        predicted=proba.argmax(axis=1),
        confusion=confusion,
        lengths=lengths,
    )


def score(scorer, evaluation, weight=None):
    n_samples = evaluation.annotations.n_items
    n_samples = n_samples if evaluation.lengths is None else len(evaluation.lengths)
    return scorer(Told(evaluation), np.empty((n_samples, 1)), None, weight)


Y = np.array([[0, 0, 1], [1, -1, 1], [0, 1, -1]])
PROBA = [[0.7, 0.3], [0.2, 0.8], [0.4, 0.6]]
GOOD, SPAMMER = [[0.9, 0.1], [0.2, 0.8]], [[0.5, 0.5], [0.5, 0.5]]
CONFUSION = [GOOD, SPAMMER, GOOD]


@pytest.fixture
def labels():
    return judged_labels(Y, PROBA, CONFUSION)


def test_log_likelihood_by_hand(labels):
    p = np.array(PROBA) @ np.array(GOOD)
    told = [p[0, 0], 0.5, p[0, 1], p[1, 1], p[1, 1], p[2, 0], 0.5]
    assert score(answer_log_likelihood, labels) == pytest.approx(np.log(told).mean())


def test_joint_log_likelihood_by_hand(labels):
    total = 0.0
    for answers, proba in zip(Y, PROBA, strict=True):
        of_class = [
            proba[k]
            * np.prod([CONFUSION[r][k][a] for r, a in enumerate(answers) if a >= 0])
            for k in (0, 1)
        ]
        total += np.log(sum(of_class))
    assert score(item_log_likelihood, labels) == pytest.approx(total / 7)


def test_of_one_answer_an_item_both_likelihoods_are_one():
    y = np.array([[0, -1, -1], [-1, 1, -1], [-1, -1, 0]])
    evaluation = judged_labels(y, PROBA, CONFUSION)
    assert score(item_log_likelihood, evaluation) == pytest.approx(
        score(answer_log_likelihood, evaluation)
    )


def test_agreement_by_hand(labels):
    assert score(agreement, labels) == pytest.approx(5 / 7)
    weighted = score(agreement, labels, [1, 0, 2])
    assert weighted == pytest.approx((2 + 2 * 1) / (3 + 2 * 2))


def test_spammers_do_not_count_in_weighted_agreement(labels):
    assert score(weighted_agreement, labels) == pytest.approx(3 / 5)


def test_information_of_independent_predictions_is_none():
    same = judged_labels(np.array([[0], [1], [0], [1]]), [[0.3, 0.7]] * 4, [GOOD])
    assert score(answer_information, same) == pytest.approx(0, abs=1e-12)
    assert score(determinant_information, same) < 0.05


def test_information_does_not_ask_for_agreement():
    proba = np.eye(2)[[0, 1, 0, 1]] * 0.98 + 0.01
    right = judged_labels(np.array([[0], [1], [0], [1]]), proba, [GOOD])
    swapped = judged_labels(np.array([[1], [0], [1], [0]]), proba, [GOOD])
    for scorer in (answer_information, determinant_information):
        assert score(scorer, right) == pytest.approx(score(scorer, swapped))
    assert score(answer_information, right) == pytest.approx(np.log(2), abs=0.1)
    assert score(determinant_information, right) == pytest.approx(1, abs=0.1)


def test_a_shared_confusion_changes_no_ranking_by_determinant():
    """Where predictions and answers are independent given the truth."""
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1], 500)
    models = 0.2 * rng.dirichlet([1, 1], size=(4, 2)) + 0.8 * np.eye(2)

    def ranking(crowd):
        answers = np.concatenate([np.arange(500) < 500 * row[1] for row in crowd])
        scores = []
        for model in models:
            evaluation = judged_labels(
                answers[:, None].astype(int), model[truth], [crowd]
            )
            scores.append(score(determinant_information, evaluation))
        return np.argsort(scores).tolist()

    assert ranking([[1, 0], [0, 1]]) == ranking([[0.9, 0.1], [0.6, 0.4]])


def test_consensus_is_the_expected_share_of_right_predictions():
    y = np.tile([[0, 0, 0], [1, 1, 1]], (10, 1))
    proba = np.tile([[0.9, 0.1], [0.2, 0.8]], (10, 1))
    confusion = [GOOD] * 3
    assert score(consensus, judged_labels(y, proba, confusion)) > 0.99
    proba[0] = [0.3, 0.7]
    wrong = score(consensus, judged_labels(y, proba, confusion))
    assert wrong == pytest.approx(0.95, abs=0.01)


def mixed_up(seed=0):
    """Half of all answers to the classes 0 and 1 take one for the other."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(4, size=400)
    guess = np.where(truth[:, None] < 2, rng.integers(2, size=(400, 3)), truth[:, None])
    return truth, guess


def sureness(truth, share):
    """Predictions right half of the time among 0 and 1: unsure, or sure."""
    unsure = np.where(truth[:, None] < 2, [[0.5, 0.5, 0, 0]], np.eye(4)[truth])
    return 0.96 * (share * np.eye(4)[truth] + (1 - share) * unsure) + 0.01


def test_structure_turns_agreement_into_information():
    truth, answers = mixed_up()
    confusion = [np.eye(4) * 0.6 + 0.1] * 3
    evaluation = judged_labels(answers, sureness(truth, 0.2), confusion)
    told = score(answer_information, evaluation) / np.log(4)
    agrees = score(weighted_agreement, evaluation)
    assert score(structured_agreement, evaluation) == pytest.approx(told)
    at_random = clone(structured_agreement).set_params(structure_weight=0.0)
    assert score(at_random, evaluation) == agrees
    share = measure_disagreement(evaluation.annotations).structure * 0.5
    half = clone(structured_agreement).set_params(structure_weight=0.5)
    assert score(half, evaluation) == pytest.approx((1 - share) * agrees + share * told)


def test_structured_agreement_prefers_the_right_model_where_a_crowd_mixes_up():
    truth, answers = mixed_up()
    confusion = np.eye(4) * 0.96 + 0.01
    mixing = confusion.copy()
    mixing[:2, :2] = 0.485
    unsure = judged_labels(answers, sureness(truth, 0.01), [confusion] * 3)
    sure = judged_labels(answers, sureness(truth, 0.9), [mixing] * 3)
    assert score(structured_agreement, sure) > score(structured_agreement, unsure)


def test_single_answers_are_their_own_consensus():
    y = np.array([[0, -1, -1], [-1, 1, -1], [-1, -1, 0]])
    evaluation = judged_labels(y, PROBA, CONFUSION)
    assert score(consensus, evaluation) == score(agreement, evaluation)


TAGS = np.array(["O", "B-PER", "I-PER"])


def tagged(predicted):
    """Two sentences of two tokens; three annotators, one tag left out."""
    y = np.array([[1, 1, -1], [2, 0, -1], [0, 0, 1], [0, -1, 2]])
    proba = np.eye(3)[predicted] * 0.7 + 0.1
    confusion = [np.eye(3) * 0.7 + 0.1] * 3
    lengths = np.array([2, 2])
    return judged_labels(y, proba, confusion, lengths=lengths, tags=TAGS)


def test_agreement_of_tags_is_that_of_spans():
    evaluation = tagged([1, 2, 0, 0])
    said = [[1, 2], [1, 0], [0, 0], [0, 0], [1, 2]]
    predicted = [[1, 2], [1, 2], [0, 0], [0, 0], [0, 0]]
    expected = span_f1_score([TAGS[s] for s in said], [TAGS[p] for p in predicted])
    assert score(agreement, evaluation) == expected == 0.4
    twice = score(agreement, evaluation, [2, 1])
    assert twice == pytest.approx(2 * 2 / (2 * 4 + 1))


def test_tags_that_mark_no_spans_are_compared_one_by_one():
    evaluation = tagged([1, 2, 0, 0])
    plain = Annotations(
        evaluation.annotations.item,
        evaluation.annotations.annotator,
        evaluation.annotations.answer,
        evaluation.annotations.shape,
        np.array(["noun", "verb", "sign"]),
    )
    evaluation = replace(evaluation, annotations=plain)
    assert score(agreement, evaluation) == pytest.approx(6 / 9)
    assert 0 < score(consensus, evaluation) <= 1


def test_consensus_of_tags_is_that_of_spans():
    few, ends = ANSWERS[:12], np.cumsum(LENGTHS[:12])[:-1]
    clf = quick().fit(FEATURES, ANSWERS)
    best = np.split(few.classes[sequence_dawid_skene(few).tags], ends)
    expected = span_f1_score(best, clf.predict(FEATURES[:12]))
    assert consensus(clf, FEATURES[:12], few) == expected
    weight = np.r_[np.ones(12), np.zeros(12)]
    assert consensus(clf, FEATURES, ANSWERS, weight) == expected
    evaluation = clf.evaluate_answers(FEATURES[:12], few)
    codes = np.searchsorted(few.classes, np.concatenate(TRUTH[:12]))
    right = score(consensus, replace(evaluation, predicted=codes))
    assert right == span_f1_score(best, TRUTH[:12]) > expected


@pytest.fixture(scope="module")
def reg(rated_items):
    X, _, y = rated_items
    return small("em", CrowdRegressor, max_epochs=20).fit(X, y)


def test_joint_density_of_ratings(reg, rated_items):
    X, _, y = rated_items
    mean, total = reg.predict(X), 0.0
    for row, truth in zip(y, mean, strict=True):
        seen = ~np.isnan(row)
        scale = reg.annotator_scale_[seen]
        noise = np.diag(reg.annotator_noise_std_[seen] ** 2)
        total += multivariate_normal.logpdf(
            row[seen],
            scale * truth + reg.annotator_bias_[seen],
            np.outer(scale, scale) * reg.prediction_std_**2 + noise,
        )
    expected = total / (~np.isnan(y)).sum()
    assert item_log_likelihood(reg, X, y) == pytest.approx(expected)


def test_agreement_of_ratings_is_their_r2(reg, rated_items):
    X, _, y = rated_items
    left = y - reg.predict_annotator(X)
    expected = 1 - np.nansum(left**2) / np.nansum((y - np.nanmean(y)) ** 2)
    assert agreement(reg, X, y) == pytest.approx(expected)


def test_more_is_better(reg, rated_items):
    X, _, y = rated_items
    worse = small("em", CrowdRegressor, max_epochs=1, lr=1e-5).fit(X, y)
    for name in OF_NUMBERS:
        assert SCORERS[name](reg, X, y) > SCORERS[name](worse, X, y), name


def test_determinants_are_for_labels(reg, rated_items):
    with pytest.raises(ValueError, match="for labels and tags; y holds numbers"):
        determinant_information(reg, rated_items[0], rated_items[2])


@cache
def good_and_bad():
    """Two fits, and other items with answers."""
    X, truth = blobs(150)
    y = crowd(truth, {"average": 6}, answers_per_item=3).annotations
    good = small(max_epochs=20).fit(X[:90], y[:90])
    bad = small(max_epochs=1, lr=1e-5).fit(X[:90], y[:90])
    return (good, bad), X[90:], y[90:]


@pytest.mark.parametrize("name", OF_ANSWERS)
def test_better_labels_score_higher(name):
    fits, X, y = good_and_bad()
    ours, theirs = (SCORERS[name](clf, X, y) for clf in fits)
    assert isinstance(ours, float)
    assert ours > theirs


@pytest.mark.parametrize("name", OF_ANSWERS)
@settings(max_examples=15)
@given(seed=st.integers(0, 100))
def test_weights_are_repetitions(name, seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(-1, 3, size=(12, 3))
    y[:3] = [[0, 1, 2], [1, 1, -1], [2, -1, 2]]
    proba = rng.dirichlet(np.ones(3), size=12)
    confusion = rng.dirichlet(np.ones(3), size=(3, 3))
    weight = rng.integers(0, 3, size=12)
    weight[:3] = 1
    rows = np.repeat(np.arange(12), weight)
    weighted = score(SCORERS[name], judged_labels(y, proba, confusion), weight)
    repeated = score(SCORERS[name], judged_labels(y[rows], proba[rows], confusion))
    assert weighted == pytest.approx(repeated, abs=1e-3)


@pytest.mark.parametrize("name", OF_ANSWERS)
def test_annotators_and_items_without_answers_change_nothing(name):
    more = judged_labels(
        np.vstack([np.hstack([Y, np.full((3, 1), -1)]), np.full((1, 4), -1)]),
        [*PROBA, [0.5, 0.5]],
        [*CONFUSION, SPAMMER],
    )
    if name == "weighted_agreement":  # weighs by the mean prediction of all items
        more = judged_labels(
            np.hstack([Y, np.full((3, 1), -1)]), PROBA, [*CONFUSION, SPAMMER]
        )
    fewer = judged_labels(Y, PROBA, CONFUSION)
    assert score(SCORERS[name], more) == pytest.approx(score(SCORERS[name], fewer))


def test_weights_of_no_answer_are_an_error(labels):
    y = Y.copy()
    y[0] = -1
    evaluation = judged_labels(y, PROBA, CONFUSION)
    with pytest.raises(ValueError, match="nothing to score"):
        score(agreement, evaluation, [1, 0, 0])


EXACT = [n for n in OF_ANSWERS if n not in ("consensus", "structured_agreement")]


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("form", ["items", "spans"])
def test_an_answer_of_weight_w_is_w_equal_answers(name, form):
    more = {}
    if form == "spans":
        more = {"lengths": np.array([2, 1]), "tags": ["B-X", "O"]}
    plain = judged_labels(Y, PROBA, CONFUSION, **more)
    weight = np.where(plain.annotator == 1, 3.0, 1.0)
    weighted = replace(plain, annotations=plain.annotations.with_details(weight=weight))
    with_copies = np.column_stack([Y, Y[:, [1, 1]]])
    copied = judged_labels(with_copies, PROBA, CONFUSION + [SPAMMER] * 2, **more)
    scorer = SCORERS[name]
    for of_rows in (None, np.array([1.0, 2.0, 0.5])[: 3 - len(more) // 2]):
        found, expected = (score(scorer, e, of_rows) for e in (weighted, copied))
        np.testing.assert_allclose(found, expected)
    if name != "ordinal_agreement" or form == "items":
        assert score(scorer, weighted) != score(scorer, plain)
    ones = np.ones(plain.annotations.n_answers)
    same = replace(plain, annotations=plain.annotations.with_details(weight=ones))
    assert score(scorer, same) == score(scorer, plain)


def test_the_consensus_is_that_of_weighted_answers():
    plain = judged_labels(Y[:, :1], PROBA, CONFUSION[:1])
    np.testing.assert_allclose(score(consensus, plain), 2 / 3)
    two = judged_labels([[0, 1]], PROBA[:1], CONFUSION[:2])
    weight = np.array([1.0, 9.0])
    two = replace(two, annotations=two.annotations.with_details(weight=weight))
    assert score(consensus, two) < 0.5
