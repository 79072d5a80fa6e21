"""Every method that takes rows of two arguments looks at their labels."""

import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest
from _data import blobs, crowd, rated, with_mlp
from _sequence_data import ANSWERS, FEATURES, LENGTHS, TOKENS, TRUTH, quick
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skcrowd import Annotations, CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.annotations import SequenceAnnotations
from skcrowd.exceptions import CrowdWarning
from skcrowd.metrics._scorer_names import agreement, gold_score, structured_agreement
from skcrowd.metrics._spans import span_f1_scorer, token_accuracy_scorer

KINDS = CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
MIXED_UP = "have the same row labels in another order"
every_kind = pytest.mark.parametrize("kind", KINDS)


def named(values):
    """Give rows names, in a table or, where a row is a sequence, in a Series."""
    names = [f"row {k}" for k in range(len(values))]
    if isinstance(values, list):
        return pd.Series(values, index=names)
    return pd.DataFrame(values, index=names) if values.ndim == 2 else named([*values])


@cache
def task(kind):
    """Return a fitted estimator and, named: X, answers and truth."""
    if kind is CrowdSequenceTagger:
        cells = pd.DataFrame(ANSWERS.to_cells())
        parts = named(TOKENS), cells.set_axis(named(TOKENS).index), named(TRUTH)
        estimator = quick(classes=ANSWERS.classes)
    elif kind is CrowdClassifier:
        X, truth = blobs(30)
        y = crowd(truth, 4).annotations.to_dense()
        parts, estimator = (named(X), named(y), named(truth)), with_mlp(max_epochs=1)
    else:
        X, truth, simulation = rated(30, 4)
        y = simulation.annotations.to_dense()
        parts = named(X), named(y), named(truth)
        estimator = with_mlp(kind=CrowdRegressor, max_epochs=1)
    return estimator.fit(*parts[:2]), *parts


CALLS = {
    "fit": lambda f, X, y, gold, w: clone(f).fit(X, y, w, gold=gold),
    "partial_fit": lambda f, X, y, gold, w: (
        clone(f).fit(X, y).partial_fit(X, y, sample_weight=w, gold=gold)
    ),
    "fit to the truth": lambda f, X, y, gold, w: clone(f).fit(X, gold, w),
    "score": lambda f, X, y, gold, w: f.score(X, y, w),
    "score by the truth": lambda f, X, y, gold, w: f.score(X, gold, w),
    "evaluate_answers": lambda f, X, y, gold, w: f.evaluate_answers(X, y),
    "label_quality": lambda f, X, y, gold, w: f.label_quality(X, y),
    "answer_quality": lambda f, X, y, gold, w: f.answer_quality(X, y),
    "next_queries": lambda f, X, y, gold, w: f.next_queries(X, y, 2),
    "scorer": lambda f, X, y, gold, w: agreement(f, X, y, w),
    "gold scorer": lambda f, X, y, gold, w: gold_score(f, X, y, w, gold=gold),
}
TAKES = {  # what of y, gold and the weights each call looks at
    "fit": "y gold w",
    "partial_fit": "y gold w",
    "fit to the truth": "gold w",
    "score": "y w",
    "score by the truth": "gold w",
    "evaluate_answers": "y",
    "label_quality": "y",
    "answer_quality": "y",
    "next_queries": "y",
    "scorer": "y w",
    "gold scorer": "y gold w",
}


@every_kind
@pytest.mark.parametrize("name", CALLS)
def test_every_door(kind, name):
    fitted, X, y, gold = task(kind)
    parts = {"y": y, "gold": gold, "w": pd.Series(1.0, index=X.index)}
    call = CALLS[name]
    call(fitted, X, **parts)
    for part in TAKES[name].split():
        moved = {**parts, part: parts[part].iloc[::-1]}
        with pytest.raises(ValueError, match=MIXED_UP):
            call(fitted, X, **moved)
        call(fitted, X.reset_index(drop=True), **parts)


@every_kind
def test_annotations_know_the_rows_of_their_table(kind):
    fitted, X, y, _ = task(kind)
    if kind is CrowdSequenceTagger:
        annotations = SequenceAnnotations.from_cells(y)
    else:
        numbers = "numbers" if kind is CrowdRegressor else "labels"
        annotations = Annotations.from_dense(y, kind=numbers)
    assert fitted.score(X, annotations) == fitted.score(X, y)
    for call in (clone(fitted).fit, fitted.score, fitted.label_quality):
        with pytest.raises(ValueError, match=MIXED_UP):
            call(X, annotations[::-1])
    by_name = fitted.label_quality(X, annotations).index.get_level_values(0).unique()
    assert by_name.tolist() == X.index.tolist()


@pytest.mark.parametrize("scorer", [span_f1_scorer, token_accuracy_scorer])
def test_scorers_of_true_tags(scorer):
    fitted, X, _, gold = task(CrowdSequenceTagger)
    by_row = scorer(fitted, X.tolist(), gold.tolist())
    assert clone(scorer, safe=False)(fitted, X, gold) == by_row
    with pytest.raises(ValueError, match=MIXED_UP):
        scorer(fitted, X, gold.iloc[::-1])


def test_names_of_a_long_table():
    fitted, X, y, _ = task(CrowdClassifier)
    table = Annotations.from_dense(y).to_long()
    sorted_by_name = Annotations.from_long("item", "annotator", "label", data=table)
    with pytest.raises(ValueError, match=MIXED_UP):
        fitted.score(X, sorted_by_name)
    in_order = Annotations.from_long(
        "item", "annotator", "label", data=table, item_ids=X.index
    )
    assert fitted.score(X, in_order) == fitted.score(X, y)


def test_other_opinions_are_checked_too():
    fitted, X, y, _ = task(CrowdClassifier)
    proba = pd.DataFrame(fitted.predict_proba(X), index=X.index)
    fitted.label_quality(X, y, pred_proba=proba)
    with pytest.raises(ValueError, match=f"X and pred_proba {MIXED_UP}"):
        fitted.next_queries(X, y, 2, pred_proba=proba.iloc[::-1])
    fitted, X, y, _ = task(CrowdRegressor)
    prediction = pd.Series(fitted.predict(X), index=X.index)
    with pytest.raises(ValueError, match=f"X and prediction {MIXED_UP}"):
        fitted.label_quality(X, y, prediction=prediction.iloc[::-1])


def test_lengths_of_padded_sequences():
    y = pd.DataFrame(ANSWERS.to_cells())
    X = np.zeros((len(FEATURES), LENGTHS.max(), 4))
    for row, sequence in zip(X, FEATURES, strict=True):
        row[: len(sequence)] = sequence
    lengths = pd.Series(LENGTHS)
    fitted = quick(classes=ANSWERS.classes).fit(X, y, lengths=lengths)
    for call in (clone(fitted).fit, fitted.score, fitted.label_quality):
        with pytest.raises(ValueError, match=f"y and lengths {MIXED_UP}"):
            call(X, y, lengths=lengths.iloc[::-1])


@every_kind
def test_folds_keep_their_index(kind):
    fitted, X, y, _ = task(kind)
    cv = KFold(2, shuffle=True, random_state=0)
    by_label = cross_val_score(fitted, X, y, cv=cv, error_score="raise")
    by_row = cross_val_score(fitted, X.reset_index(drop=True), y, cv=cv)
    np.testing.assert_array_equal(by_label, by_row)
    with pytest.raises(ValueError, match=r"All the 2 fits failed[\s\S]*row labels"):
        GridSearchCV(fitted, {"lr": [1e-2]}, cv=cv).fit(X, y.iloc[::-1])


def test_gold_that_is_routed_through_a_search():
    fitted, X, y, gold = task(CrowdClassifier)
    with config_context(enable_metadata_routing=True):
        estimator = clone(fitted).set_fit_request(gold=True)
        search = GridSearchCV(estimator, {"lr": [1e-2]}, cv=KFold(2))
        search.fit(X, y, gold=gold)
        with pytest.raises(ValueError, match="X and gold have different row labels"):
            search.fit(X, y, gold=gold.iloc[::-1])


def test_a_pipeline_that_takes_the_index_away():
    fitted, X, y, gold = task(CrowdClassifier)
    X, y, gold = (part.reset_index(drop=True) for part in (X, y, gold))
    moved = y.sample(frac=1, random_state=0)
    pipeline = make_pipeline(StandardScaler(), clone(fitted))
    with pytest.warns(CrowdWarning, match="the rows of y are labelled 0 to 29"):
        pipeline.fit(X, moved)
    gold = gold.loc[moved.index]
    with pytest.warns(CrowdWarning, match="the rows of gold are labelled 0 to 29"):
        pipeline.fit(X, y.to_numpy(), crowdclassifier__gold=gold)
    keeps = make_pipeline(
        StandardScaler().set_output(transform="pandas"), clone(fitted)
    )
    with pytest.raises(ValueError, match=MIXED_UP):
        keeps.fit(X, moved)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        keeps.fit(X.loc[moved.index], moved)
        pipeline.fit(X, moved.reset_index(drop=True))
        half = moved.iloc[:20]
        pipeline.fit(X.loc[half.index], half)
        cross_val_score(pipeline, X, y, cv=KFold(2, shuffle=True, random_state=0))


def test_scorers_look_before_the_pipeline_does():
    fitted, X, y, _ = task(CrowdClassifier)
    X, y = X.reset_index(drop=True), y.reset_index(drop=True)
    pipeline = make_pipeline(StandardScaler(), clone(fitted)).fit(X, y)
    order = np.random.default_rng(0).permutation(len(X))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        together = structured_agreement(pipeline, X.iloc[order], y.iloc[order])
    assert together == pytest.approx(structured_agreement(pipeline, X, y))
    with pytest.raises(ValueError, match=MIXED_UP):
        structured_agreement(pipeline, X, y.iloc[order])
