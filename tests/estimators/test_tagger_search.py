"""Cross-validation, search and pipelines over sequences."""

import numpy as np
import pytest
import sklearn
from _sequence_data import (
    ANSWERS,
    FEATURES,
    FORMS,
    TAGS,
    TOKENS,
    TRUTH,
    TokenLinear,
    assert_same_tags,
    fitted_quick,
    flat,
    padded,
    quick,
    tagger,
    take,
)
from sklearn.base import clone
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_predict,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import make_pipeline

from skcrowd.annotations import SequenceAnnotations
from skcrowd.metrics import span_f1_score, token_accuracy_score
from skcrowd.metrics._spans import span_f1_scorer, token_accuracy_scorer

GOLD = [np.array(tags) for tags in TRUTH]
SCORERS = {span_f1_scorer: span_f1_score, token_accuracy_scorer: token_accuracy_score}
both_forms = pytest.mark.parametrize("X", FORMS.values(), ids=FORMS)


def by_hand(clf, X, y, score):
    """Cross-validate over three folds, one fit after another."""
    values = []
    for train, test in KFold(3).split(X):
        rows = y[train] if isinstance(y, SequenceAnnotations) else take(y, train)
        fitted = clone(clf).fit(take(X, train), rows)
        values.append(score(fitted, take(X, test), test))
    return values


@both_forms
def test_cross_validation_without_true_tags(X):
    clf = quick()
    expected = by_hand(
        clf, X, ANSWERS, lambda fitted, X, rows: fitted.score(X, ANSWERS[rows])
    )
    assert cross_val_score(clf, X, ANSWERS, cv=3).tolist() == expected
    assert len(set(expected)) == 3


@both_forms
@pytest.mark.parametrize("scorer", SCORERS, ids=["spans", "tokens"])
def test_cross_validation_with_true_tags(X, scorer):
    clf = quick(max_epochs=4, lr=0.1, classes=TAGS)
    expected = by_hand(
        clf,
        X,
        GOLD,
        lambda fitted, X, rows: SCORERS[scorer](take(GOLD, rows), fitted.predict(X)),
    )
    found = cross_val_score(clf, X, GOLD, cv=3, scoring=scorer)
    assert found.tolist() == expected
    assert len(set(expected)) == 3


def test_the_score_of_true_tags_is_the_scorer_of_spans():
    clf = tagger("em", module=TokenLinear, lr=0.3, max_epochs=4, classes=TAGS)
    ours, theirs = (
        cross_val_score(clf, FEATURES, GOLD, cv=3, scoring=scoring)
        for scoring in (None, span_f1_scorer)
    )
    assert ours.tolist() == theirs.tolist()
    assert ours.min() > 0.3


def test_one_annotator_who_is_not_trusted_is_scored_as_the_truth():
    y, clf = SequenceAnnotations.from_gold(TRUTH), quick()
    found = cross_val_score(clf, FEATURES, y, cv=3, scoring=token_accuracy_scorer)
    expected = by_hand(
        clf,
        FEATURES,
        y,
        lambda fitted, X, rows: token_accuracy_score(y[rows], fitted.predict(X)),
    )
    assert found.tolist() == expected
    assert min(found) > 0


def test_scorers_take_true_tags_of_a_fit_to_annotations():
    clf = fitted_quick()
    for scorer, score in SCORERS.items():
        assert scorer(clf, FEATURES, TRUTH) == score(TRUTH, clf.predict(FEATURES))


def test_annotations_keep_all_classes_in_folds_without_them():
    seen = []
    cv = [(np.flatnonzero(["I-LOC" not in tags for tags in TRUTH]), np.arange(3))]
    cross_val_score(
        quick(),
        TOKENS,
        ANSWERS,
        cv=cv,
        scoring=lambda clf, X, y: seen.append(clf.classes_.tolist()) or 0.0,
    )
    assert seen == [TAGS]


@both_forms
@pytest.mark.parametrize("y", [ANSWERS, GOLD], ids=["answers", "gold"])
def test_grid_search(X, y):
    grid = {"method": ["em", "majority_vote"], "lr": [1e-4, 0.1]}
    clf = quick(max_epochs=3, classes=TAGS)
    found = GridSearchCV(clf, grid, cv=2, error_score="raise").fit(X, y)
    scores = found.cv_results_["mean_test_score"]
    assert len(scores) == 4
    assert np.isfinite(scores).all()
    assert found.best_score_ == max(scores)
    best = clone(clf).set_params(**found.best_params_).fit(X, y)
    assert_same_tags(found.predict(X), best.predict(X))
    if y is ANSWERS:
        assert found.best_params_["lr"] == 0.1
        assert scores.max() < 0


@pytest.mark.parametrize("scorer", SCORERS, ids=["spans", "tokens"])
def test_grid_search_with_a_scorer(scorer):
    clf = tagger("em", module=TokenLinear, max_epochs=4, classes=TAGS)
    found = GridSearchCV(clf, {"lr": [1e-6, 0.2]}, cv=2, scoring=scorer)
    found.fit(FEATURES, GOLD)
    assert found.best_params_ == {"lr": 0.2}
    assert found.score(FEATURES, TRUTH) == scorer(
        found.best_estimator_, FEATURES, TRUTH
    )


def test_parameters_of_decoding_can_be_searched():
    grid = {"decode": ["viterbi", "argmax"], "transitions": ["valid", "learned"]}
    found = GridSearchCV(quick(), grid, cv=2, error_score="raise")
    found.fit(FEATURES, GOLD)
    assert len(found.cv_results_["params"]) == 4


@both_forms
@pytest.mark.parametrize("y", [ANSWERS, GOLD], ids=["answers", "gold"])
def test_split_then_fit(X, y):
    rows = np.arange(24)
    X_train, X_test, y_train, y_test, _, test = train_test_split(
        X, y, rows, random_state=0
    )
    clf = quick().fit(X_train, y_train)
    expected = ANSWERS[test] if y is ANSWERS else take(TRUTH, test)
    assert clf.score(X_test, y_test) == clf.score(take(X, test), expected)


@pytest.mark.parametrize("form", FORMS)
def test_a_pipeline(form):
    X, plain = FORMS[form], fitted_quick(form)
    model = make_pipeline("passthrough", quick()).fit(X, ANSWERS)
    assert_same_tags(model.predict(X), plain.predict(X))
    assert model.score(X, ANSWERS) == plain.score(X, ANSWERS)
    assert model.score(X, TRUTH) == plain.score(X, TRUTH)
    again = clone(model).fit(X, ANSWERS)
    assert (flat(again.predict_proba(X)) == flat(plain.predict_proba(X))).all()
    weight = np.r_[0, np.ones(23)]
    model.fit(X, ANSWERS, crowdsequencetagger__sample_weight=weight)
    assert np.isnan(model[-1].posterior_[0]).all()
    scores = cross_val_score(model, X, ANSWERS, cv=2)
    assert scores.tolist() == cross_val_score(plain, X, ANSWERS, cv=2).tolist()


def test_lengths_are_routed_through_a_search():
    X, lengths = padded(FEATURES, garbage=np.nan)
    plain = quick()
    with sklearn.config_context(enable_metadata_routing=True):
        clf = quick()
        clf.set_fit_request(lengths=True).set_score_request(lengths=True)
        clf.set_predict_request(lengths=True)
        for y in (ANSWERS, GOLD):
            ours = cross_val_score(clf, X, y, cv=2, params={"lengths": lengths})
            assert ours.tolist() == cross_val_score(plain, FEATURES, y, cv=2).tolist()
        found = GridSearchCV(clf, {"lr": [1e-3, 0.05]}, cv=2, error_score="raise")
        found.fit(X, ANSWERS, lengths=lengths)
        assert found.best_params_ == {"lr": 0.05}
        assert_same_tags(
            found.best_estimator_.predict(X, lengths=lengths),
            quick(lr=0.05).fit(FEATURES, ANSWERS).predict(FEATURES),
        )
        model = make_pipeline("passthrough", clf).fit(X, ANSWERS, lengths=lengths)
        expected = fitted_quick().predict(FEATURES)
        assert_same_tags(model.predict(X, lengths=lengths), expected)


def test_weights_are_routed_through_cross_validation():
    weight = np.random.default_rng(0).integers(1, 4, 24)
    with sklearn.config_context(enable_metadata_routing=True):
        clf = quick().set_fit_request(sample_weight=True)
        clf.set_score_request(sample_weight=True)
        params = {"sample_weight": weight}
        weighted = cross_val_score(clf, FEATURES, ANSWERS, cv=3, params=params)
    expected = []
    for train, test in KFold(3).split(FEATURES):
        clf = quick().fit(take(FEATURES, train), ANSWERS[train], weight[train])
        expected.append(clf.score(take(FEATURES, test), ANSWERS[test], weight[test]))
    assert weighted.tolist() == expected


def test_sequences_of_one_length_are_predicted_in_folds():
    X = np.array([array[:1] for array in FEATURES])
    proba = cross_val_predict(
        quick(), X[:, 0], [tags[0] for tags in TRUTH], cv=3, method="predict_proba"
    )
    assert proba.shape[0] == 24
