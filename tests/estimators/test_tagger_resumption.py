"""Gold, priors, class weights, parts and warm starts of the tagger."""

import numpy as np
import pandas as pd
import pytest
from _sequence_data import (
    ANSWERS,
    FEATURES,
    LENGTHS,
    RECURRENT,
    TAGS,
    TOKENS,
    TRUTH,
    assert_same_tags,
    features_for,
    flat,
    quick,
    sentences,
    tagged,
    tagger,
    take,
    words_for,
)
from sklearn import config_context
from sklearn.model_selection import GridSearchCV, KFold

from skcrowd import SequenceAnnotations
from skcrowd.exceptions import CrowdWarning

NAMES = ["sequence_em", "em", "crowd_layer", "dawid_skene", "majority_vote", "kd_crowd"]


def gold_of(known):
    """True tags of the sequences in `known`, None for the others."""
    return [tags if k in known else None for k, tags in enumerate(TRUTH)]


def codes(tags):
    return np.array([TAGS.index(tag) for tag in tags])


@pytest.mark.parametrize(
    ("name", "X"),
    [
        *[pytest.param(name, FEATURES, id=name) for name in NAMES],
        *[pytest.param(name, TOKENS, id=f"{name}-tokens") for name in RECURRENT],
    ],
)
def test_gold_is_the_truth_of_its_sequences(name, X):
    known = set(range(0, 24, 3))
    fitted = tagger(name).fit(X, ANSWERS, gold=gold_of(known))
    assert_same_tags(take(fitted.inferred_tags_, known), take(TRUTH, known))
    if hasattr(fitted, "posterior_"):
        for k in known:
            expected = np.eye(len(TAGS))[codes(TRUTH[k])]
            np.testing.assert_array_equal(fitted.posterior_[k], expected)


@pytest.mark.parametrize("name", NAMES)
def test_annotators_are_judged_by_gold(name):
    wrong = [["O"] * len(tags) for tags in TRUTH]
    for tags in wrong[:3]:
        tags[0] = "B-PER"
    y = SequenceAnnotations.from_cells([[t, t] for t in wrong], classes=TAGS)
    few = {"max_epochs": 20, "lr": 3e-2}
    if name == "crowd_layer":  # its table is learned by gradient steps alone
        few = {"max_epochs": 60}
    with pytest.warns(CrowdWarning, match="gold contradicts the majority"):
        fitted = tagger(name, **few).fit(FEATURES, y, gold=TRUTH)
    o, names = TAGS.index("O"), [k for k, tag in enumerate(TAGS) if tag != "O"]
    assert (fitted.annotator_confusion_[:, names, o] > 0.5).all()
    assert fitted.score(FEATURES, TRUTH) > 0.7


@pytest.mark.parametrize("name", NAMES)
def test_sequences_with_gold_need_no_answers(name):
    cells = ANSWERS.to_cells()
    known = set(range(12, 24))
    cells[12:] = None
    y = SequenceAnnotations.from_cells(cells, LENGTHS, classes=TAGS)
    settings = {"max_epochs": 14, "lr": 3e-2}
    fitted = tagger(name, **settings).fit(FEATURES, y, gold=gold_of(known))
    assert_same_tags(fitted.inferred_tags_[12:], TRUTH[12:])
    without = tagger(name, **settings).fit(FEATURES, y)
    n_right = (
        np.mean(flat(clf.predict(FEATURES[12:])) == flat(TRUTH[12:]))
        for clf in (fitted, without)
    )
    assert next(n_right) > next(n_right)


def test_single_tags_may_be_known():
    gold = [[tags[0], *[None] * (len(tags) - 1)] for tags in TRUTH]
    fitted = tagger("em").fit(FEATURES, ANSWERS, gold=gold)
    for posterior, tags in zip(fitted.posterior_, TRUTH, strict=True):
        assert posterior[0, TAGS.index(tags[0])] == 1
        assert (posterior[1:] < 1).all()


def test_gold_of_a_table():
    X = np.concatenate(FEATURES)
    truth, y = flat(TRUTH), ANSWERS.tokens
    gold = np.where(np.arange(len(X)) < 20, truth, None)
    fitted = tagger("em", module__hidden=8).fit(X, y, gold=gold)
    expected = np.eye(len(TAGS))[codes(truth[:20])]
    np.testing.assert_array_equal(fitted.posterior_[:20], expected)


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        (TRUTH[:5], r"gold has shape \(5,\), but X has 24 samples"),
        ([["B-ORG"] * len(t) for t in TRUTH], "gold holds the label 'B-ORG'"),
    ],
)
def test_gold_that_does_not_fit_is_an_error(gold, message):
    with pytest.raises(ValueError, match=message):
        tagger("em", classes=TAGS).fit(FEATURES, ANSWERS, gold=gold)


def test_gold_reaches_a_search():
    known = set(range(0, 24, 2))
    with config_context(enable_metadata_routing=True):
        model = tagger("em").set_fit_request(gold=True)
        search = GridSearchCV(model, {"lr": [1e-3, 1e-2]}, cv=KFold(2))
        search.fit(FEATURES, ANSWERS, gold=gold_of(known))
    best = search.best_estimator_
    assert_same_tags(take(best.inferred_tags_, known), take(TRUTH, known))


@pytest.mark.parametrize("name", ["sequence_em", "em", "crowd_layer", "dawid_skene"])
def test_an_expert_is_believed(name):
    plain, told = (
        tagger(name, max_epochs=7, lr=3e-2, annotator_prior=prior).fit(
            FEATURES, ANSWERS
        )
        for prior in (None, {0: (0.999, 5000)})
    )
    ours, theirs = (
        np.einsum("rii->r", clf.annotator_confusion_) for clf in (told, plain)
    )
    assert ours[0] > theirs[0]
    assert ours.argmax() == 0


def test_balanced_tags_are_predicted_more_often():
    plain, balanced = (
        tagger("em", class_weight=weight, decode="argmax").fit(FEATURES, ANSWERS)
        for weight in (None, {"O": 0.01})
    )
    n_outside = [
        np.count_nonzero(flat(clf.predict(FEATURES)) == "O")
        for clf in (balanced, plain)
    ]
    assert n_outside[0] < n_outside[1]


@pytest.mark.parametrize(
    ("name", "form"),
    [*[(name, "features") for name in NAMES], ("sequence_em", "tokens")],
)
def test_parts_add_up(name, form):
    truth = sentences(300, seed=1)
    X = {"features": features_for, "tokens": words_for}[form](truth)
    y = tagged(truth)
    model = tagger(name, lr=3e-2, batch_size=4)
    for start in range(0, 300, 30):
        part = slice(start, start + 30)
        model.partial_fit(X[part], y[part])
    assert np.mean(flat(model.predict(X)) == flat(truth)) > 0.6
    assert model.n_iter_ == 10
    n_answers = y.tokens.answers_per_annotator
    np.testing.assert_array_equal(model.annotator_n_answers_, n_answers)
    np.testing.assert_allclose(model._answer_counts.sum(axis=(1, 2)), n_answers)


def test_new_annotators_may_come():
    few = ANSWERS[:12].select_annotators([0, 1])
    model = tagger("em").partial_fit(FEATURES[:12], few)
    model.partial_fit(FEATURES[12:], ANSWERS[12:])
    assert model.n_annotators_ == 4
    assert np.isfinite(model.annotator_confusion_).all()


def test_a_warm_start_keeps_words_and_network():
    model = tagger("em", warm_start=True, max_epochs=10).fit(TOKENS, ANSWERS)
    words, before = model.vocabulary_, flat(model.predict_proba(TOKENS))
    model.set_params(max_epochs=1, lr=1e-9).fit(TOKENS[:12], ANSWERS[:12])
    assert model.vocabulary_ is words
    np.testing.assert_allclose(flat(model.predict_proba(TOKENS)), before, atol=1e-4)
    with pytest.raises(ValueError, match="X"):
        model.fit(FEATURES, ANSWERS)


@pytest.mark.parametrize("call", ["partial_fit", "fit"])
@pytest.mark.parametrize("form", ["flat", "cells", "frame of cells", "table"])
def test_a_part_of_one_annotator_is_answers_after_answers(form, call):
    words = [["Ann"], ["met"], ["Bob"], ["Lee"]]
    first = np.array([["B", "O"], ["O", None], ["B", "B"], ["O", "B"]], dtype=object)
    column = first[:, :1].copy()
    cells = np.empty((4, 1), dtype=object)
    cells[:, 0] = [[tag] for tag in column[:, 0]]
    X, part = words, column
    if form == "table":
        X = np.eye(4)
    elif form == "cells":
        part = cells
    elif form == "frame of cells":
        part = pd.DataFrame(cells)
    model = quick(module__hidden=4, warm_start=True).fit(X, first)
    getattr(model, call)(X, part)
    assert not model._is_truth_given
    assert model.annotator_n_answers_[0] == (8 if call == "partial_fit" else 4)


def test_true_tags_do_not_follow_on_answers():
    words = [["Ann", "met"], ["Bob"]]
    model = quick().fit(words, [[["B", "O"], None], [["B"], ["O"]]])
    with pytest.raises(
        ValueError, match="a 1-D y of true values, but the fit that it resumes"
    ):
        model.partial_fit(words, [["B", "O"], ["B"]])
