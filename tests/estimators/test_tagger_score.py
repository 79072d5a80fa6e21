"""Scores: span F1 or accuracy against true tags, log-probability of tags without."""

import numpy as np
import pandas as pd
import pytest
from _sequence_data import (
    ANSWERS,
    FEATURES,
    FORMS,
    LENGTHS,
    SEQUENCE_SORTS,
    TAGS,
    TOKENS,
    TRUTH,
    TokenLinear,
    fitted_quick,
    flat,
    gold_forms,
    padded,
    quick,
    string_forms,
    tagger,
    take,
)

from skcrowd.annotations import SequenceAnnotations
from skcrowd.metrics import span_f1_score, token_accuracy_score

WEIGHT = np.random.default_rng(0).integers(0, 4, 24)


def fast(name="em"):
    """Build a tagger that learns a lot in a few steps."""
    return tagger(name, module=TokenLinear, max_epochs=6, lr=0.2)


@pytest.fixture(scope="module", params=SEQUENCE_SORTS)
def clf(request):
    return fast(request.param).fit(FEATURES, ANSWERS)


def log_probabilities(clf, values):
    """log p(tag) of every tag given, and the tokens that they belong to."""
    token, annotator = np.nonzero(values != "")
    codes = [TAGS.index(tag) for tag in values[token, annotator]]
    proba = flat(clf.predict_annotator_proba(FEATURES))
    return token, np.log(proba[token, annotator, codes])


def test_true_tags_give_span_f1(clf):
    score, tags = clf.score(FEATURES, TRUTH), clf.predict(FEATURES)
    assert score == span_f1_score(TRUTH, tags)
    assert 0 < score < 1
    assert score != token_accuracy_score(TRUTH, tags)
    weighted = clf.score(FEATURES, TRUTH, sample_weight=WEIGHT)
    assert weighted == span_f1_score(TRUTH, tags, sample_weight=WEIGHT)
    rows = np.repeat(np.arange(24), WEIGHT)
    repeated = clf.score(take(FEATURES, rows), take(TRUTH, rows))
    assert weighted == pytest.approx(repeated)


@pytest.mark.parametrize("form", gold_forms(TRUTH))
def test_true_tags_in_any_form_give_the_same_score(form):
    clf = fitted_quick()
    expected = span_f1_score(TRUTH, clf.predict(FEATURES))
    assert clf.score(FEATURES, gold_forms(TRUTH)[form]) == expected


@pytest.mark.parametrize("X", FORMS.values(), ids=FORMS)
def test_tags_that_are_no_spans_give_the_share_of_right_tokens(X):
    truth = [[tag.replace("B-", "").replace("-", "") for tag in t] for t in TRUTH]
    clf = quick().fit(X, truth)
    expected = token_accuracy_score(truth, clf.predict(X))
    assert clf.score(X, truth) == expected
    right = flat(clf.predict(X)) == np.concatenate(truth)
    assert expected == right.mean()
    weighted = clf.score(X, truth, sample_weight=WEIGHT)
    assert weighted == pytest.approx(
        right @ np.repeat(WEIGHT, LENGTHS) / (WEIGHT @ LENGTHS)
    )


def test_integer_tags_give_the_share_of_right_tokens():
    truth = [[TAGS.index(tag) for tag in tags] for tags in TRUTH]
    clf = quick().fit(FEATURES, truth)
    assert clf.score(FEATURES, truth) == token_accuracy_score(
        truth, clf.predict(FEATURES)
    )


def test_true_tags_that_fit_never_saw_are_never_right():
    clf = fast().fit(FEATURES, ANSWERS)
    other = [[tag.replace("LOC", "GPE") for tag in tags] for tags in TRUTH]
    expected = span_f1_score(other, clf.predict(FEATURES))
    assert clf.score(FEATURES, other) == expected < clf.score(FEATURES, TRUTH)


def test_a_table_of_true_tags():
    X, labels = np.concatenate(FEATURES), np.concatenate(TRUTH)
    clf = quick().fit(X, ANSWERS.to_flat())
    expected = span_f1_score(labels[:, None], clf.predict(X)[:, None])
    assert clf.score(X, labels) == expected


def test_annotations_give_the_mean_log_probability(clf):
    _, expected = log_probabilities(clf, ANSWERS.to_flat())
    score = clf.score(FEATURES, ANSWERS)
    assert isinstance(score, float)
    assert score == pytest.approx(expected.mean())
    assert score < 0


def test_weights_are_repetitions(clf):
    rows = np.repeat(np.arange(24), WEIGHT)
    weighted = clf.score(FEATURES, ANSWERS, sample_weight=WEIGHT)
    repeated = clf.score(take(FEATURES, rows), ANSWERS[rows])
    assert weighted == pytest.approx(repeated)
    token, values = log_probabilities(clf, ANSWERS.to_flat())
    expected = np.average(values, weights=np.repeat(WEIGHT, LENGTHS)[token])
    assert weighted == pytest.approx(expected)


def test_every_form_gets_the_same_score(clf):
    scores = {clf.score(FEATURES, form) for form in string_forms(ANSWERS).values()}
    assert scores == {clf.score(FEATURES, ANSWERS)}


def test_lengths_are_heeded(clf):
    X, lengths = padded(FEATURES, garbage=np.nan)
    for y in (ANSWERS, TRUTH):
        assert clf.score(X, y, lengths=lengths) == clf.score(FEATURES, y)


def test_some_sequences_and_missing_tags_can_be_scored(clf):
    rows = np.flatnonzero(LENGTHS < 3)
    y = SequenceAnnotations.from_cells(ANSWERS.to_cells()[rows])
    assert y.classes.tolist() != TAGS
    tokens = np.flatnonzero(np.repeat(LENGTHS < 3, LENGTHS))
    token, values = log_probabilities(clf, ANSWERS.to_flat())
    expected = values[np.isin(token, tokens)].mean()
    assert clf.score(take(FEATURES, rows), y) == pytest.approx(expected)


def test_sequences_that_nobody_tagged_do_not_count(clf):
    cells = np.vstack([ANSWERS.to_cells(), np.full((4, 4), None)])
    score = clf.score([*FEATURES, *FEATURES[:4]], cells)
    assert score == pytest.approx(clf.score(FEATURES, ANSWERS))


def test_annotators_are_matched_by_name():
    names = ["ann", "bob", "cyd", "dan"]
    y = pd.DataFrame(ANSWERS.to_cells(), columns=names)
    clf = quick().fit(TOKENS, y)
    expected = clf.score(TOKENS, y)
    other = y[["cyd", "ann", "dan", "bob"]]
    assert clf.score(TOKENS, other) == pytest.approx(expected, rel=1e-12)
    assert clf.score(TOKENS, other.to_numpy()) != pytest.approx(expected, rel=1e-6)
    assert clf.score(TOKENS, ANSWERS) == expected
    some = y.copy()
    some[["ann", "dan"]] = None
    only = clf.score(TOKENS, y[["cyd", "bob"]])
    assert only == pytest.approx(clf.score(TOKENS, some), rel=1e-12)


def test_a_better_tagger_scores_higher():
    good = tagger("em", max_epochs=10, lr=0.1).fit(FEATURES, ANSWERS)
    early = tagger("em", max_epochs=1).fit(FEATURES, ANSWERS)
    assert good.score(FEATURES, ANSWERS) > early.score(FEATURES, ANSWERS)
    assert good.score(FEATURES, TRUTH) > early.score(FEATURES, TRUTH)
