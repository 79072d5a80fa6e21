"""Many classes and annotators: confusions are counts, and everything is as before."""

import pickle
import tracemalloc

import numpy as np
import pytest
from _data import Linear, by_item, small
from _interruptions import fit_in_pieces
from _sequence_data import TAGS, features_for, sentences, tagged
from sklearn.base import clone

import skcrowd
from skcrowd import CrowdClassifier, CrowdSequenceTagger
from skcrowd.aggregation import LazyConfusion, _expected_counts
from skcrowd.annotations import Annotations, _memory
from skcrowd.methods import RegularizedEM
from skcrowd.metrics import get_scorer

COUNTED = ["regularized_em", "em", "dawid_skene", "majority_vote", "kd_crowd"]
# The default method starts on the vote where a table would be large.
ON_THE_VOTE = {
    "regularized_em": {"method__n_folds": None},
    "kd_crowd": {"method__teacher": RegularizedEM(n_folds=None)},
}
MODELLED = ["crowd_layer", "confusion_layer", "annot_mix"]
SCORES = [
    "agreement",
    "answer_information",
    "answer_log_likelihood",
    "item_log_likelihood",
    "structured_agreement",
]


@pytest.fixture
def large(monkeypatch):
    """Take every array for large from now on."""

    def switch():
        monkeypatch.setattr(_memory, "LARGE", 0)
        monkeypatch.setattr(_memory, "AT_ONCE", 20)
        monkeypatch.setattr(_expected_counts, "PAIRS_AT_ONCE", 12)

    return switch


def told(estimator, X, y):
    """All that a fit tells, and what it is asked for later, as arrays."""
    report, quality = (
        estimator.annotator_report(),
        estimator.label_quality(X, y, cv="prefit"),
    )
    return [
        estimator.predict_proba(X),
        estimator.predict_annotator_proba(X[:7]),
        estimator.annotator_confusion_,
        estimator.class_prior_,
        report.select_dtypes("number").to_numpy(),
        quality.select_dtypes("number").to_numpy(),
        estimator.next_queries(X, y, 5)["expected_gain"].to_numpy(),
        *by_item(estimator),
        *(get_scorer(name)(estimator, X, y) for name in SCORES),
    ]


def assert_told_alike(ours, theirs):
    for mine, yours in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, yours, atol=2e-5)


# Held-out answers and priors are the estimator's: of methods that count answers, with
# networks of folds and without, and of those that train an annotator model.
SETTINGS = {
    "plain": ({}, COUNTED + MODELLED),
    "early stopping": ({"early_stopping": True}, ["regularized_em", "crowd_layer"]),
    "prior": ({"annotator_prior": {0: 0.9, 3: (0.4, 7)}}, ["em", "annot_mix"]),
}


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        pytest.param(name, settings, id=f"{name}-{of_settings}")
        for of_settings, (settings, names) in SETTINGS.items()
        for name in names
    ],
)
def test_a_fit_is_the_same_but_for_rounding(name, settings, items, answers, large):
    X, fit = items[0], small(name, **settings, **ON_THE_VOTE.get(name, {}))
    gold = np.where(np.arange(60) < 6, items[1], -1)
    expected = told(clone(fit).fit(X, answers, gold=gold), X, answers)
    large()
    assert_told_alike(told(fit.fit(X, answers, gold=gold), X, answers), expected)
    assert isinstance(vars(fit)["annotator_confusion_"], LazyConfusion)


@pytest.mark.parametrize("name", ["em", "majority_vote", "crowd_layer"])
def test_further_parts_and_annotators(name, items, answers, large):
    def parts():
        fit = small(name).partial_fit(items[0][:30], answers[:30, :3], range(3))
        fit.partial_fit(items[0][30:], answers[30:])
        return fit.set_params(warm_start=True).fit(items[0], answers)

    expected = told(parts(), items[0], answers)
    large()
    assert_told_alike(told(parts(), items[0], answers), expected)


def test_parts_that_become_large(items, answers, monkeypatch):
    def parts(limit):
        fit = small("em").partial_fit(items[0][:30], answers[:30, :3], range(3))
        monkeypatch.setattr(_memory, "LARGE", limit)
        return fit.partial_fit(items[0][30:], answers[30:]).annotator_confusion_

    np.testing.assert_allclose(parts(4 * 9), parts(2**24), atol=1e-5)


def test_the_tagger(large):
    truth = sentences(12)
    X, y = features_for(truth), tagged(truth)
    fit = CrowdSequenceTagger(
        Linear, method="em", max_epochs=3, random_state=0, classes=TAGS
    )
    expected = clone(fit).fit(X, y)
    large()
    fit.fit(X, y)
    assert isinstance(vars(fit)["annotator_confusion_"], LazyConfusion)
    np.testing.assert_allclose(
        fit.annotator_confusion_, expected.annotator_confusion_, atol=1e-5
    )
    np.testing.assert_allclose(fit.score(X, y), expected.score(X, y), atol=1e-5)


def test_an_array_when_asked_for_and_no_name_of_an_unfitted_one(items, answers, large):
    large()
    fit = small("em")
    assert not hasattr(fit, "annotator_confusion_")
    with pytest.raises(AttributeError, match="'CrowdClassifier' object has no"):
        _ = fit.annotator_confusion_
    fit.fit(items[0], answers)
    confusion = fit.annotator_confusion_
    assert type(confusion) is np.ndarray
    assert (confusion.shape, confusion.dtype) == ((5, 3, 3), np.float64)
    np.testing.assert_allclose(confusion.sum(axis=2), 1)
    assert "annotator_confusion_" in dir(fit)


def test_nothing_is_made_by_looking(items, answers, large, monkeypatch):
    large()
    fit = small("em").fit(items[0], answers)

    def no_table(self, dtype=None, copy=None):
        raise AssertionError("the table was made")

    monkeypatch.setattr(LazyConfusion, "__array__", no_table)
    dir(fit), repr(fit), fit._repr_html_()
    fit.predict(items[0]), fit.score(items[0], answers), fit.annotator_report()
    fit.label_quality(items[0], answers), fit.answer_quality(items[0], answers)
    fit.predict_annotator_proba(items[0][:3]), fit.evaluate_answers(items[0], answers)


def test_what_does_not_fit_is_said(items, answers, large, monkeypatch):
    large()
    fit = small("em").fit(items[0], answers)
    monkeypatch.setattr(_memory, "available_memory", lambda: 100)
    sizes = "5 annotators and 3 classes would take about"
    with pytest.raises(ValueError, match=f"confusion matrices of {sizes}"):
        _ = fit.annotator_confusion_
    with pytest.raises(ValueError, match=r"60 items and 3 classes .* fewer items"):
        fit.predict(items[0])
    monkeypatch.setattr(_memory, "available_memory", lambda: 1000)
    with pytest.raises(ValueError, match=f"next_queries of {sizes}"):
        fit.next_queries(items[0][:10], answers[:10], 2)


@pytest.mark.parametrize("name", ["regularized_em", "crowd_layer"])
def test_pickles_and_files_keep_what_is_kept(name, items, answers, large, tmp_path):
    large()
    fit = small(name, early_stopping=True).fit(items[0], answers)
    skcrowd.save(fit, tmp_path / "model")
    for twin in (pickle.loads(pickle.dumps(fit)), skcrowd.load(tmp_path / "model")):
        kept = vars(twin)["annotator_confusion_"]
        assert type(kept) is type(vars(fit)["annotator_confusion_"])
        expected = told(fit, items[0], answers)
        for ours, theirs in zip(told(twin, items[0], answers), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)
        twin.set_params(early_stopping=False).partial_fit(items[0], answers)
        assert twin.n_iter_ > fit.n_iter_


@pytest.mark.parametrize("name", ["regularized_em", "em", "dawid_skene", "kd_crowd"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_an_interrupted_fit_resumes(
    name, early_stopping, items, answers, large, tmp_path
):
    large()
    fit = small(name, early_stopping=early_stopping, checkpoint=tmp_path)
    whole = clone(fit).set_params(checkpoint=None).fit(items[0], answers)
    pieces = fit_in_pieces(lambda: clone(fit).fit(items[0], answers), 2)
    assert pieces.n_iter_ == whole.n_iter_
    np.testing.assert_array_equal(
        pieces.annotator_confusion_, whole.annotator_confusion_
    )
    expected = whole.predict_proba(items[0])
    np.testing.assert_array_equal(pieces.predict_proba(items[0]), expected)


def test_files_of_counts_that_are_of_no_answers_are_refused(
    items, answers, large, tmp_path
):
    large()
    fit = small("em").fit(items[0], answers)
    fit._answer_counts.terms[0].item[0] = 10**6
    skcrowd.save(fit, tmp_path / "model")
    with pytest.raises(ValueError, match=r"counted answers are of what is not there"):
        skcrowd.load(tmp_path / "model")


def sparse_crowd(n_annotators, n_classes, n_items=200):
    """Three answers to each item of a crowd that knows many classes."""
    rng = np.random.default_rng(0)
    item, truth = np.arange(n_items).repeat(3), rng.integers(0, n_classes, n_items)
    annotator = rng.permuted(np.tile(np.arange(n_annotators), (n_items, 1)), axis=1)[
        :, :3
    ]
    answer = np.where(rng.random(3 * n_items) < 0.8, truth[item], 0)
    names = {"annotator_ids": range(n_annotators), "classes": range(n_classes)}
    y = Annotations.from_long(item, annotator.ravel(), answer, **names)
    return rng.normal(size=(n_items, 4)).astype(np.float32), y


@pytest.mark.parametrize("name", ["regularized_em", "em"])
def test_no_table_of_annotators_and_classes_is_made(name):
    n_annotators, n_classes = 300, 240
    clf = CrowdClassifier(Linear, method=name, max_epochs=2, random_state=0)

    def use(X, y):
        clf.fit(X, y).predict(X)
        clf.score(X, y), clf.label_quality(X, y, cv=2), clf.annotator_report()

    use(*sparse_crowd(4, 3))  # imports what it needs
    X, y = sparse_crowd(n_annotators, n_classes)
    tracemalloc.start()
    use(X, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * n_annotators * n_classes**2 / 4
    assert clf.annotator_confusion_.shape == (n_annotators, n_classes, n_classes)
