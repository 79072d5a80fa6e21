"""Scores by a few true labels, alone and beside the answers."""

import numpy as np
import pandas as pd
import pytest
from _data import small
from _sequence_data import ANSWERS, FEATURES, TRUTH, padded, quick
from sklearn.base import clone
from sklearn.metrics import accuracy_score, log_loss, r2_score

from skcrowd import CrowdRegressor
from skcrowd.aggregation import dawid_skene
from skcrowd.exceptions import CrowdWarning
from skcrowd.metrics import span_f1_score
from skcrowd.metrics._gold_scorers import corrected_mean
from skcrowd.metrics._scorer_names import (
    consensus,
    corrected_consensus,
    gold_and_answers,
    gold_log_likelihood,
    gold_score,
    structured_agreement,
)

ALL = [gold_score, gold_log_likelihood, corrected_consensus, gold_and_answers]
KNOWN = np.arange(0, 60, 3)


@pytest.fixture(scope="module")
def clf(items, answers):
    return small(max_epochs=10).fit(items[0], answers)


@pytest.fixture(scope="module")
def reg(rated_items):
    return small("em", CrowdRegressor, max_epochs=20).fit(
        rated_items[0], rated_items[2]
    )


def gold_forms(truth):
    """Every form of true labels of which most are missing."""
    known = np.isin(np.arange(len(truth)), KNOWN)
    objects = np.where(known, truth.astype(object), None)
    return {
        "integers": np.where(known, truth, -1),
        "floats": np.where(known, truth, np.nan),
        "objects": objects,
        "list": objects.tolist(),
        "masked": np.ma.MaskedArray(np.where(known, truth, 0), ~known),
        "series": pd.Series(objects),
        "nullable series": pd.Series(objects).astype("Int64"),
    }


@pytest.mark.parametrize(
    ("form", "why"),
    [(str, "which never are equal"), (bool, "of which True may be the label 1")],
)
@pytest.mark.parametrize("scorer", ALL)
def test_gold_of_another_type_is_refused(scorer, form, why, clf, items, answers):
    gold = (items[1] > 0).astype(form)
    with pytest.raises(ValueError, match=f"gold holds .* {why}"):
        scorer(clf, items[0], answers, gold=gold)


@pytest.mark.parametrize("scorer", ALL)
def test_booleans_are_gold_of_the_classes_0_and_1(scorer, items, answers):
    X, truth = items
    y, gold = np.minimum(answers, 1), np.minimum(truth, 1)
    binary = small(max_epochs=10).fit(X, y)
    given = scorer(binary, X, y, gold=gold.astype(bool))
    assert given == scorer(binary, X, y, gold=gold)


@pytest.mark.parametrize("form", gold_forms(np.zeros(60, int)))
@pytest.mark.parametrize("scorer", ALL)
def test_every_form_of_gold_gives_the_same_score(scorer, form, clf, items, answers):
    forms = gold_forms(items[1])
    given = scorer(clf, items[0], answers, gold=forms[form])
    assert given == scorer(clf, items[0], answers, gold=forms["integers"])


def test_gold_scores_see_the_known_items_only(clf, items, answers):
    X, truth = items
    gold = gold_forms(truth)["integers"]
    expected = accuracy_score(truth[KNOWN], clf.predict(X[KNOWN]))
    assert gold_score(clf, X, answers, gold=gold) == expected
    assert gold_score(clf, X, gold=gold) == expected
    loss = log_loss(truth[KNOWN], clf.predict_proba(X[KNOWN]))
    assert gold_log_likelihood(clf, X, answers, gold=gold) == pytest.approx(-loss)


def test_weights_of_gold(clf, items, answers):
    X, truth = items
    gold, weight = gold_forms(truth)["floats"], np.linspace(0, 1, 60)
    expected = accuracy_score(
        truth[KNOWN], clf.predict(X[KNOWN]), sample_weight=weight[KNOWN]
    )
    scored = gold_score(clf, X, answers, sample_weight=weight, gold=gold)
    assert scored == pytest.approx(expected)


def test_words_are_gold_too(items, answers):
    words = np.array(["a", "b", "c", ""])
    clf = small().fit(items[0], words[answers])
    gold = np.where(np.isin(np.arange(60), KNOWN), words[items[1]], "")
    plain = small().fit(items[0], answers)
    for scorer in ALL:
        ours = scorer(clf, items[0], words[answers], gold=gold)
        theirs = gold_forms(items[1])["integers"]
        assert ours == scorer(plain, items[0], answers, gold=theirs)


def test_minus_one_may_be_a_class(items, answers):
    y = np.where(answers < 0, np.nan, answers - 1.0)
    clf = small(classes=[-1, 0, 1]).fit(items[0], y)
    gold = items[1] - 1
    assert gold_score(clf, items[0], gold=gold) == clf.score(items[0], gold)


def test_numbers(reg, rated_items):
    X, truth, y = rated_items
    gold = np.full(60, np.nan)
    gold[KNOWN] = truth[KNOWN]
    expected = r2_score(truth[KNOWN], reg.predict(X[KNOWN]))
    assert gold_score(reg, X, y, gold=gold) == pytest.approx(expected)
    offset = gold + 10 * reg.prediction_std_
    assert gold_log_likelihood(reg, X, gold=gold) > gold_log_likelihood(
        reg, X, gold=offset
    )
    error = ((reg.predict(X) - truth) ** 2).mean()
    all_known = corrected_consensus(reg, X, y, gold=truth)
    assert all_known == pytest.approx(-error)


def test_minus_one_is_a_number(reg, rated_items):
    X = rated_items[0]
    gold = np.full(60, -1)
    gold[0] = 3
    with pytest.warns(CrowdWarning, match=r"gold holds -1 \(59 times\)") as caught:
        score = gold_score(reg, X, gold=gold)
    assert len(caught) == 1
    with pytest.warns(CrowdWarning):
        assert score == reg.score(X, gold)


def test_tags():
    clf = quick().fit(FEATURES, ANSWERS)
    gold = [tags if k % 3 == 0 else None for k, tags in enumerate(TRUTH)]
    rows = range(0, len(TRUTH), 3)
    expected = span_f1_score([TRUTH[k] for k in rows], clf.predict(FEATURES)[::3])
    assert gold_score(clf, FEATURES, ANSWERS, gold=gold) == expected
    proba = clf.predict_proba(FEATURES)
    log_proba = [
        np.log(proba[k][t, clf.classes_.tolist().index(tag)])
        for k in rows
        for t, tag in enumerate(TRUTH[k])
    ]
    scored = gold_log_likelihood(clf, FEATURES, ANSWERS, gold=gold)
    assert scored == pytest.approx(np.mean(log_proba), rel=1e-6)
    right = np.concatenate(clf.predict(FEATURES)) == np.concatenate(TRUTH)
    complete = corrected_consensus(clf, FEATURES, ANSWERS, gold=TRUTH)
    assert complete == pytest.approx(right.mean())


def test_lengths_of_padded_sequences_go_with_gold():
    X, lengths = padded(FEATURES, garbage=np.nan)
    clf = quick().fit(X, ANSWERS, lengths=lengths)
    plain = quick().fit(FEATURES, ANSWERS)
    gold = [tags if k < 9 else None for k, tags in enumerate(TRUTH)]
    for scorer in ALL:
        ours = scorer(clf, X, ANSWERS, gold=gold, lengths=lengths)
        assert ours == pytest.approx(scorer(plain, FEATURES, ANSWERS, gold=gold))


def test_corrected_consensus_with_all_labels_is_accuracy(clf, items, answers):
    X, truth = items
    full = corrected_consensus(clf, X, answers, gold=truth)
    assert full == pytest.approx(clf.score(X, truth))


def test_corrected_consensus_without_surprise_is_the_consensus(clf, items, answers):
    """One true label that says what the answers say corrects nothing."""
    plain = consensus(clf, items[0], answers)
    certain = dawid_skene(answers).posterior.max(axis=1) > 0.999
    row = np.flatnonzero(certain & (clf.predict(items[0]) == items[1]))[0]
    gold = np.full(60, -1)
    gold[row] = items[1][row]
    near = corrected_consensus(clf, items[0], answers, gold=gold)
    assert near == pytest.approx(plain, abs=0.01)


@pytest.mark.parametrize("worth", [0, 40])
def test_answers_are_worth_some_true_labels(worth, clf, items, answers):
    X, gold = items[0], gold_forms(items[1])["integers"]
    by_gold = gold_score(clf, X, gold=gold)
    by_answers = structured_agreement(clf, X, answers)
    both = clone(gold_and_answers).set_params(worth=worth)
    expected = (20 * by_gold + worth * by_answers) / (20 + worth)
    assert both(clf, X, answers, gold=gold) == pytest.approx(expected)


def test_a_proxy_helps_the_mean():
    """Over many draws of few labels it lies nearer to the mean over all items."""
    rng = np.random.default_rng(0)
    right = (rng.random(400) < 0.7).astype(float)
    proxy = np.clip(0.2 + 0.6 * right + rng.normal(0, 0.1, 400), 0, 1)
    errors = []
    for _ in range(300):
        rows = rng.permutation(400)[:20]
        helped = corrected_mean(proxy.mean(), proxy[rows], right[rows] > 0, np.ones(20))
        errors.append((helped - right.mean(), right[rows].mean() - right.mean()))
    helped, alone = np.sqrt(np.square(errors).mean(axis=0))
    assert helped < 0.5 * alone
    assert abs(np.mean(errors, axis=0)[0]) < 0.02


@pytest.mark.parametrize("scorer", ALL)
def test_no_gold_is_an_error(scorer, clf, items, answers):
    with pytest.raises(ValueError, match="enable_metadata_routing"):
        scorer(clf, items[0], answers)
    with pytest.raises(ValueError, match=r"shape \(59,\), but X has 60"):
        scorer(clf, items[0], answers, gold=items[1][:59])
    if scorer is not gold_and_answers:  # there the answers count
        with pytest.raises(ValueError, match="no true label at all among 60 samples"):
            scorer(clf, items[0], answers, gold=np.full(60, -1))


@pytest.mark.parametrize("scorer", [gold_log_likelihood, corrected_consensus])
def test_unknown_gold_labels_are_named(scorer, clf, items, answers):
    with pytest.raises(ValueError, match=r"gold holds 7, which is none of the classes"):
        scorer(clf, items[0], answers, gold=np.where(items[1] == 2, 7, items[1]))


def test_a_part_without_gold_is_scored_by_its_answers(items, answers):
    clf = small().fit(items[0], answers)
    nothing = np.full(60, -1)
    score = gold_and_answers(clf, items[0], answers, gold=nothing)
    assert score == structured_agreement(clf, items[0], answers)
    with pytest.raises(ValueError, match="gold holds no true label"):
        gold_score(clf, items[0], answers, gold=nothing)


def test_nan_among_words_and_minus_one_among_floats_are_missing(items, answers):
    words = np.array(["cat", "dog", "emu", ""])
    clf = small().fit(items[0], words[answers])
    gold = [words[k] if i < 20 else np.nan for i, k in enumerate(items[1])]
    expected = clf.score(items[0][:20], words[items[1]][:20])
    assert gold_score(clf, items[0], words[answers], gold=gold) == expected
    clf = small().fit(items[0], answers)
    gold = np.where(np.arange(60) < 20, items[1], -1.0)
    expected = clf.score(items[0][:20], items[1][:20])
    assert gold_score(clf, items[0], answers, gold=gold) == expected
