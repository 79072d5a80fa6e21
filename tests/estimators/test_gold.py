"""``gold``: the known truth of some items."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
import torch
from _data import (
    EACH_SORT,
    METHODS,
    assert_same_fit,
    blobs,
    by_item,
    crowd,
    predictions,
    rated,
    whole,
    with_mlp,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch.callbacks import Callback

from skcrowd import Annotations, CrowdClassifier, CrowdRegressor
from skcrowd.backbones import MLP

UNKNOWN = {CrowdClassifier: -1, CrowdRegressor: np.nan}
each_sort = pytest.mark.parametrize(("kind", "name"), EACH_SORT)


def some(kind, truth, known):
    """Gold for the items in `known`."""
    dtype = np.int64 if kind is CrowdClassifier else float
    gold = np.full(len(truth), UNKNOWN[kind], dtype=dtype)
    gold[known] = truth[known]
    return gold


def crowd_of(kind, n_items=90):
    """X, truth and answers of four people to items that are easy to tell apart."""
    if kind is CrowdRegressor:
        X, truth, simulated = rated(n_items, 4)
    else:
        X, truth = blobs(n_items)
        simulated = crowd(truth, {"average": 4})
    return X, truth, simulated.annotations


warns_of_gold = pytest.mark.filterwarnings("ignore:gold contradicts the majority")


def all_wrong(kind, n_items=90):
    """X, truth and answers of people who all err in the same way."""
    X, truth, _ = crowd_of(kind, n_items)
    wrong = truth + 2.0 if kind is CrowdRegressor else (truth + 1) % 3
    return X, truth, np.tile(wrong[:, None], 4)


def right(kind, clf, X, truth):
    """Whether a fit predicts the truth."""
    return clf.score(X, truth) > (0.9 if kind is CrowdClassifier else 0.7)


def long(name, kind, **parameters):
    """Build an estimator that learns what is easy."""
    n_epochs = 15 if name == "crowd_layer" else 10
    settings = {"max_epochs": n_epochs, "batch_size": 16, "lr": 5e-2}
    return with_mlp(name, kind, **settings, **parameters)


@each_sort
def test_gold_is_the_truth_of_its_items(kind, name):
    X, truth, y = crowd_of(kind)
    known = np.arange(0, 90, 3)
    fitted = with_mlp(name, kind).fit(X, y, gold=some(kind, truth, known))
    for told in by_item(fitted)[:1]:
        expected = np.eye(3)[truth] if kind is CrowdClassifier else truth
        np.testing.assert_array_equal(told[known], expected[known])
    if kind is CrowdRegressor:
        assert (fitted.posterior_std_[known] == 0).all()
        assert (np.delete(fitted.posterior_std_, known) > 0).all()


@each_sort
@warns_of_gold
def test_network_and_annotators_are_judged_by_gold(kind, name):
    X, truth, y = all_wrong(kind)
    fitted = long(name, kind).fit(X, y, gold=truth)
    assert right(kind, fitted, X, truth)
    if kind is CrowdRegressor:
        np.testing.assert_allclose(fitted.annotator_bias_, 2, atol=0.35)
    else:
        shifted = fitted.annotator_confusion_[:, range(3), [1, 2, 0]]
        assert (shifted > 0.5).all()


@each_sort
@warns_of_gold
def test_gold_of_some_items_tells_what_the_crowd_gets_wrong(kind, name):
    X, truth, y = all_wrong(kind)
    gold = some(kind, truth, np.arange(0, 90, 2))
    without, with_gold = (
        long(name, kind).fit(X, y, gold=known) for known in (None, gold)
    )
    assert with_gold.score(X, truth) > without.score(X, truth) + 0.2


@each_sort
def test_items_with_gold_need_no_answers(kind, name):
    X, truth, y = crowd_of(kind)
    lonely = truth == 2 if kind is CrowdClassifier else X[:, 0] > 0
    y = np.where(lonely[:, None], UNKNOWN[kind], y.to_dense())
    gold = some(kind, truth, lonely)
    fitted = long(name, kind).fit(X, y, gold=gold)
    assert right(kind, fitted, X[lonely], truth[lonely])
    if kind is CrowdClassifier:
        assert fitted.classes_.tolist() == [0, 1, 2]


@each_sort
def test_gold_that_knows_nothing_changes_nothing(kind, name):
    X, _, y = crowd_of(kind)
    nothing = np.full(90, np.nan)
    first, second = (with_mlp(name, kind).fit(X, y, gold=g) for g in (None, nothing))
    assert_same_fit(first, second)


def label_forms(gold):
    """Every form of the same labels."""
    missing = gold < 0
    with_none = np.where(missing, None, gold.astype(object))
    return {
        "int": gold,
        "list": gold.tolist(),
        "float": np.where(missing, np.nan, gold),
        "object": with_none,
        "list with None": with_none.tolist(),
        "masked": np.ma.MaskedArray(np.abs(gold), missing),
        "series": pd.Series(gold),
        "nullable series": pd.Series(with_none).astype("Int64"),
    }


@pytest.mark.parametrize("form", list(label_forms(np.arange(3))))
def test_gold_comes_in_many_forms(form):
    X, truth, y = crowd_of(CrowdClassifier)
    gold = some(CrowdClassifier, truth, range(20))
    expected = with_mlp().fit(X, y, gold=gold)
    assert_same_fit(expected, with_mlp().fit(X, y, gold=label_forms(gold)[form]))


def test_gold_of_strings():
    X, truth, y = crowd_of(CrowdClassifier)
    names = np.array(["cat", "dog", "emu"])
    y = Annotations.from_dense(np.append(names, "")[y.to_dense()])
    gold = np.where(np.arange(90) < 20, names[truth], "")
    fitted = with_mlp().fit(X, y, gold=gold)
    assert (fitted.classes_[fitted.posterior_[:20].argmax(axis=1)] == gold[:20]).all()


def test_minus_one_may_be_a_class():
    X, truth, _ = crowd_of(CrowdClassifier)
    sign = np.where(truth == 0, -1, 1)
    y = Annotations.from_dense(np.tile(sign[:, None], 3), classes=[-1, 1])
    gold = pd.Series([-1 if s < 0 else None for s in sign], dtype="Int64")
    fitted = with_mlp().fit(X, y, gold=gold)
    np.testing.assert_array_equal(fitted.posterior_[sign < 0, 0], 1)


def test_a_class_that_only_gold_knows():
    X, truth, _ = crowd_of(CrowdClassifier)
    y = np.where(truth == 2, -1, truth)[:, None] * np.ones((1, 3), dtype=int)
    gold = some(CrowdClassifier, truth, truth == 2)
    assert with_mlp().fit(X, y, gold=gold).classes_.tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="gold holds the label 2"):
        with_mlp(classes=[0, 1]).fit(X, y, gold=gold)


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        (np.zeros(3, dtype=int), "gold has shape"),
        (np.zeros((90, 2), dtype=int), "gold has shape"),
        (np.full(90, "cat"), "gold holds strings such as 'cat', but y integers"),
    ],
)
def test_gold_that_does_not_fit_is_an_error(gold, message):
    X, _, y = crowd_of(CrowdClassifier)
    with pytest.raises(ValueError, match=message):
        with_mlp().fit(X, y, gold=gold)


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_gold_beside_the_truth_itself_is_an_error(kind):
    X, truth, _ = crowd_of(kind)
    with pytest.raises(ValueError, match="gold was given with a 1-D y"):
        with_mlp(kind=kind).fit(X, truth, gold=truth)


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_items_without_gold_judge_early_stopping(kind):
    X, truth, y = crowd_of(kind)
    gold = some(kind, truth, range(60))
    fitted = with_mlp(kind=kind, early_stopping=True, validation_fraction=0.5)
    net = fitted.fit(X, y, gold=gold).net_
    held_out = np.flatnonzero(net.train_split.held_out)
    assert len(held_out) == 15
    assert held_out.min() >= 60


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_items_with_gold_are_held_out_where_there_are_no_others(kind):
    X, truth, y = crowd_of(kind)
    fitted = with_mlp(kind=kind, early_stopping=True).fit(X, y, gold=truth)
    assert fitted.net_.train_split.held_out.sum() == 9


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_items_of_weight_zero_lose_their_gold(kind):
    X, truth, y = crowd_of(kind)
    weight, gold = np.ones(90), some(kind, truth, range(0, 90, 2))
    weight[:30] = 0
    fitted = with_mlp(kind=kind).fit(X, y, sample_weight=weight, gold=gold)
    rest = with_mlp(kind=kind).fit(X[30:], y[30:], gold=gold[30:])
    assert_same_fit(fitted, rest)


def in_order(name, order):
    """Return what is predicted for the items in their first order."""
    X, truth, y = crowd_of(CrowdClassifier)
    gold = some(CrowdClassifier, truth, range(0, 90, 4))
    fitted = whole(name, module=MLP).fit(X[order], y[order], gold=gold[order])
    return fitted.predict_proba(X)


in_first_order = cache(lambda name: in_order(name, np.arange(90)))


@pytest.mark.parametrize("name", ["em", "crowd_layer", "confusion_layer"])
@given(st.randoms(use_true_random=False))
@settings(max_examples=5, deadline=None)
def test_the_order_of_the_items_is_nothing(name, random):
    order = np.array(random.sample(range(90), 90))
    np.testing.assert_allclose(in_order(name, order), in_first_order(name), atol=1e-10)


@pytest.mark.parametrize("name", ["em", "crowd_layer", "dawid_skene"])
def test_a_weight_is_repetition_with_gold_too(name):
    X, truth, y = crowd_of(CrowdClassifier)
    gold = some(CrowdClassifier, truth, range(0, 90, 4))
    weight = 1 + np.arange(90) % 3
    rows = np.repeat(np.arange(90), weight)
    weighted = whole(name).fit(X, y, sample_weight=weight, gold=gold)
    repeated = whole(name).fit(X[rows], y[rows], gold=gold[rows])
    np.testing.assert_allclose(
        weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-10
    )


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_gold_reaches_a_pipeline_in_a_search(kind):
    X, truth, y = crowd_of(kind)
    gold = some(kind, truth, range(0, 90, 2))
    step = kind.__name__.lower()
    with config_context(enable_metadata_routing=True):
        estimator = with_mlp(kind=kind).set_fit_request(gold=True)
        model = make_pipeline(StandardScaler(), estimator)
        grid = {f"{step}__lr": [1e-3, 1e-2]}
        search = GridSearchCV(model, grid, cv=3).fit(X, y, gold=gold)
    fitted = search.best_estimator_[-1]
    told = by_item(fitted)[0]
    expected = np.eye(3)[truth] if kind is CrowdClassifier else truth
    np.testing.assert_array_equal(told[::2], expected[::2])


def test_nan_among_words_is_missing():
    X, truth, y = crowd_of(CrowdClassifier)
    words = np.array(["cat", "dog", "emu"])
    y = Annotations.from_dense(np.append(words, "")[y.to_dense()])
    gold = [words[k] if i < 20 else np.nan for i, k in enumerate(truth)]
    assert with_mlp().fit(X, y, gold=gold).classes_.tolist() == words.tolist()


def test_minus_one_is_missing_in_every_form():
    X, truth, y = crowd_of(CrowdClassifier)
    gold = np.where(np.arange(90) < 20, truth, -1)
    forms = gold.astype(float), [None if k % 2 else int(g) for k, g in enumerate(gold)]
    for form in forms:
        assert with_mlp().fit(X, y, gold=form).classes_.tolist() == [0, 1, 2]


@pytest.mark.parametrize("name", METHODS[CrowdRegressor])
def test_gold_far_from_the_ratings_is_followed(name):
    X, truth, y = crowd_of(CrowdRegressor, 150)
    gold = some(CrowdRegressor, truth + 30, np.arange(0, 150, 5))
    fitted = long(name, CrowdRegressor).fit(X, y, gold=gold)
    assert fitted.score(X, truth + 30) > 0.3
    assert np.median(fitted.annotator_bias_) == pytest.approx(-30, abs=3)


class NetworkWatch(Callback):
    """Write down the parameters of network and annotator model after every epoch."""

    def on_epoch_end(self, net, **kwargs):
        parts = [*net.module_.parameters(), *net.criterion_.annotators.buffers()]
        parameters = [part.detach().double().ravel() for part in parts]
        net.history.record("parameters", torch.cat(parameters).tolist())


def wrong_gold(kind, truth, held_out):
    wrong = truth + 50 if kind is CrowdRegressor else (truth + 1) % 3
    return np.where(held_out, wrong, truth)


@each_sort
def test_gold_and_answers_of_the_validation_set_are_not_learned(kind, name):
    X, truth, y = crowd_of(kind)
    held_out = np.arange(90) % 3 == 0
    wrong = wrong_gold(kind, truth, held_out)
    y = y.to_dense()
    others = np.where(held_out[:, None], np.where(y == y, wrong[:, None], y), y)
    one, other, third = (
        with_mlp(name, kind).fit(X, answers, gold=gold, validation=held_out)
        for gold, answers in ((truth, y), (wrong, y), (truth, others))
    )
    np.testing.assert_array_equal(predictions(one, X), predictions(other, X))
    np.testing.assert_array_equal(predictions(one, X), predictions(third, X))


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_answers_of_the_validation_set_do_not_order_equal_items(kind):
    X, _, y = crowd_of(kind)
    X, y = X[np.arange(90) % 8], y.to_dense()
    held_out = np.arange(90) % 3 == 0
    one, other = (
        with_mlp("em", kind, batch_size=16).fit(X, answers, validation=held_out)
        for answers in (y, np.where(held_out[:, None], (y + 1) % 3, y))
    )
    np.testing.assert_array_equal(predictions(one, X), predictions(other, X))


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_gold_of_held_out_items_is_not_learned(kind):
    """It chooses the epoch, as the loss of held-out items, and changes none."""
    X, truth, y = crowd_of(kind)
    settings = {"early_stopping": True, "validation_fraction": 0.3, "max_epochs": 4}
    watched = with_mlp("em", kind, callbacks=[NetworkWatch()], **settings)
    first = clone(watched).fit(X, y, gold=truth)
    other = wrong_gold(kind, truth, first.net_.train_split.held_out)
    second = clone(watched).fit(X, y, gold=other)
    learned = "train_loss", "parameters"
    assert first.history_[:, learned] == second.history_[:, learned]
    assert first.history_[:, "valid_loss"] != second.history_[:, "valid_loss"]
    one_epoch = with_mlp("em", kind, **{**settings, "max_epochs": 1})
    first, second = (clone(one_epoch).fit(X, y, gold=gold) for gold in (truth, other))
    np.testing.assert_array_equal(predictions(first, X), predictions(second, X))
