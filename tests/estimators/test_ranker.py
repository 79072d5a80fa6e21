"""Scores of items from the preferences of several annotators."""

import pickle

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from skorch.helper import SliceDict
from torch import nn

from skcrowd import CrowdClassifier, CrowdRanker, report
from skcrowd.aggregation import Comparisons
from skcrowd.estimators._checked_input import CheckedInput
from skcrowd.estimators._item_pairs import read_outcomes
from skcrowd.estimators._item_reader import ItemReader
from skcrowd.estimators._pair_network import DefaultPairNetwork

FAST = CrowdClassifier(method="confusion_layer", max_epochs=12, lr=1e-2, random_state=0)


@pytest.fixture(scope="module")
def crowd():
    """80 items, 240 pairs, and who prefers what: two good, one takes the first."""
    rng = np.random.default_rng(0)
    items = rng.normal(size=(80, 3)).astype(np.float32)
    truth = 2 * items[:, 0]
    first = rng.integers(0, 80, 240)
    second = (first + rng.integers(1, 80, 240)) % 80
    p = 1 / (1 + np.exp(truth[second] - truth[first]))
    y = np.where(rng.random((240, 4)) < p[:, None], "first", "second").astype(object)
    y[:, 2] = "first"
    y[:, 3] = np.where(rng.random(240) < 0.5, "first", "second")
    y[rng.random((240, 4)) < 0.2] = None
    return items, truth, first, second, y


@pytest.fixture(scope="module")
def ranker(crowd):
    items, _, first, second, y = crowd
    return CrowdRanker(FAST).fit((items[first], items[second]), y)


def test_scores_follow_what_people_like(crowd, ranker):
    items, truth, *_ = crowd
    scores = ranker.score_items(items)
    assert np.corrcoef(scores, truth)[0, 1] > 0.9
    np.testing.assert_array_equal(ranker.rank(items), np.argsort(-scores))


def test_habits_of_annotators(ranker):
    assert ranker.annotator_confusion_.shape == (4, 2, 2)
    assert ranker.position_effect_[2] > 0.4
    assert abs(ranker.position_effect_[[0, 1, 3]]).max() < 0.2
    report = ranker.annotator_report()
    assert report["position_effect"].tolist() == ranker.position_effect_.tolist()


def test_probabilities_are_those_of_the_scores(crowd, ranker):
    items, _, first, second, _ = crowd
    pairs = items[first], items[second]
    scores = ranker.score_items(items)
    expected = 1 / (1 + np.exp(scores[second] - scores[first]))
    proba = ranker.predict_proba(pairs)
    np.testing.assert_allclose(proba[:, 0], expected, atol=1e-5)
    chosen = np.where(proba[:, 0] > 0.5, "first", "second")
    np.testing.assert_array_equal(ranker.predict(pairs), chosen)
    assert ranker.score(pairs, chosen) == 1


def test_the_place_of_an_item_does_not_matter(crowd, ranker):
    items, _, first, second, _ = crowd
    proba = ranker.predict_proba((items[first], items[second]))
    turned = ranker.predict_proba((items[second], items[first]))
    np.testing.assert_allclose(proba, turned[:, ::-1], atol=1e-6)


def test_comparisons_of_named_items(crowd):
    items, truth, first, second, y = crowd
    row, annotator = np.nonzero(y != None)  # noqa: E711
    is_first = y[row, annotator] == "first"
    f, s = first[row], second[row]
    comparisons = Comparisons.from_long(f, s, np.where(is_first, f, s), annotator)
    ranker = CrowdRanker(FAST).fit(items[comparisons.item_names], comparisons)
    assert np.corrcoef(ranker.score_items(items), truth)[0, 1] > 0.9
    assert ranker.annotators_.tolist() == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="X has 5 items"):
        CrowdRanker(FAST).fit(items[:5], comparisons)
    X = items[comparisons.item_names]
    quality = ranker.label_quality(X, comparisons, cv="prefit")
    assert quality["n_answers"].sum() == len(comparisons)
    assert quality.index[0].split(" | ")[0] in set(map(str, comparisons.item_names))
    answers = ranker.answer_quality(X, comparisons, cv="prefit")
    assert len(answers) == len(comparisons)
    queries = ranker.next_queries(X, comparisons, 4)
    assert set(queries["item"]) <= set(quality.index)
    page = report(ranker, X, comparisons, cv="prefit").html
    assert "Which items are best" in page
    with pytest.raises(NotFittedError):
        CrowdRanker().label_quality(X, comparisons)


def test_ties(crowd):
    items, truth, first, second, y = crowd
    close = abs(truth[first] - truth[second]) < 1.5
    tied = y.copy()
    tied[close, :2] = "tie"
    ranker = CrowdRanker(FAST).fit((items[first], items[second]), tied)
    assert ranker.classes_.tolist() == ["first", "second", "tie"]
    assert np.corrcoef(ranker.score_items(items), truth)[0, 1] > 0.8
    ends = items[[truth.argmax()] * 5], items[[truth.argmin()] * 5]
    same = ranker.predict_proba((items[:5], items[:5]))
    assert (same[:, 2] > ranker.predict_proba(ends)[:, 2] + 0.1).all()


class Scorer(nn.Module):
    def __init__(self, n_features, width=4):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(n_features, width), nn.ReLU(), nn.Linear(width, 1)
        )

    def forward(self, X):
        return self.layers(X)


@pytest.mark.parametrize("module", [Scorer, nn.Linear(3, 1)])
def test_networks_of_ones_own(module, crowd):
    items, truth, first, second, y = crowd
    if isinstance(module, nn.Module):  # it keeps its weights: not those of chance
        nn.init.zeros_(module.weight)
    own = clone(FAST).set_params(module=module, max_epochs=40)
    pairs = items[first], torch.from_numpy(items[second])
    ranker = CrowdRanker(own).fit(pairs, y)
    assert np.corrcoef(ranker.score_items(items), truth)[0, 1] > 0.6


def test_a_network_that_gives_no_score_is_refused(crowd):
    items, _, first, second, y = crowd
    own = clone(FAST).set_params(module=nn.Linear(3, 1), module__bias=False)
    with pytest.raises(ValueError, match="pass the class to use module__bias"):
        CrowdRanker(own).fit((items[first], items[second]), y)
    own = clone(FAST).set_params(module=nn.Linear(3, 2))
    with pytest.raises(ValueError, match="one score"):
        CrowdRanker(own).fit((items[first], items[second]), y)


def test_searches_and_pickles(crowd, ranker):
    items, _, first, second, y = crowd
    X = SliceDict(first=items[first], second=items[second])
    short = clone(FAST).set_params(max_epochs=5)
    y = np.where(y == None, "", y).astype(str)  # noqa: E711
    assert np.isfinite(cross_val_score(CrowdRanker(short), X, y, cv=2)).all()
    search = GridSearchCV(CrowdRanker(short), {"classifier__lr": [1e-6, 1e-2]}, cv=2)
    assert search.fit(X, y).best_params_ == {"classifier__lr": 1e-2}
    again = pickle.loads(pickle.dumps(ranker))
    np.testing.assert_array_equal(again.score_items(items), ranker.score_items(items))


def test_order_of_pairs_and_annotators(crowd, ranker):
    items, _, first, second, y = crowd
    order = np.random.default_rng(1).permutation(len(y))
    columns = [2, 0, 3, 1]
    pairs = items[first[order]], items[second[order]]
    other = CrowdRanker(FAST).fit(pairs, y[order][:, columns])
    np.testing.assert_allclose(
        other.score_items(items), ranker.score_items(items), atol=1e-4
    )
    np.testing.assert_allclose(
        other.position_effect_, ranker.position_effect_[columns], atol=1e-4
    )


def test_what_is_no_preference_is_refused(crowd):
    items, _, first, second, y = crowd
    pairs = items[first], items[second]
    with pytest.raises(ValueError, match="'first', 'second' or 'tie'"):
        CrowdRanker(FAST).fit(pairs, np.where(y == "first", "left", "right"))
    with pytest.raises(ValueError, match="only ties"):
        CrowdRanker(FAST).fit(pairs, np.full(y.shape, "tie"))
    with pytest.raises(ValueError, match="two items of each pair"):
        CrowdRanker(FAST).fit(items, y)
    with pytest.raises(ValueError, match="first items have shape"):
        CrowdRanker(FAST).fit((items[first], items[second][:, :2]), y)
    with pytest.raises(ValueError, match=r"items of shape \(2,\)"):
        CrowdRanker(FAST).fit(pairs, y).score_items(items[:, :2])
    with pytest.raises(TypeError, match="CrowdClassifier"):
        CrowdRanker(nn.Linear(3, 1)).fit(pairs, y)


def settings_of(first, second, y, held_out=None):
    """Return the settings of the default network for pairs of items."""
    n_pairs = len(y)
    weight = np.ones(n_pairs)
    held_out = np.zeros(n_pairs, dtype=bool) if held_out is None else held_out
    pairs, answers = ItemReader(True).read_pairs((first, second)), read_outcomes(y)
    checked = CheckedInput(
        pairs, answers, weight, None, held_out, None, False, 0, weight
    )
    return DefaultPairNetwork(first.shape[1])._choose_settings(checked)


def decay_of(quality, n_pairs, is_right=0.9):
    """Return the weight decay of the default network for a quality of items."""
    rng = np.random.default_rng(0)
    items = rng.normal(size=(100, 3)).astype(np.float32)
    first, second = rng.integers(0, 100, (2, n_pairs))
    is_better = quality(items)[first] > quality(items)[second]
    agrees = rng.random((n_pairs, 3)) < is_right
    y = np.where(is_better[:, None] == agrees, "first", "second")
    return settings_of(items[first], items[second], y)["weight_decay"]


def linear(items):
    return items @ np.array([1.0, -1.0, 0.5])


def curved(items):
    return np.sin(3 * items[:, 0]) * items[:, 1]


def test_a_linear_quality_gets_a_nearly_linear_network():
    assert decay_of(linear, 600) > 2 * decay_of(curved, 600)


def test_many_pairs_ask_for_less_weight_decay():
    assert decay_of(curved, 4000) < 0.5 * decay_of(curved, 300)


def test_answers_at_random_weaken_the_weight_decay_with_the_loss():
    some_guess = decay_of(curved, 2000, [0.95, 0.95, 0.5])
    assert some_guess < 0.8 * decay_of(curved, 2000, [0.95, 0.95, 0.95])


def test_settings_of_the_network_that_are_given_are_not_chosen():
    items = np.random.default_rng(0).normal(size=(40, 3))
    y = np.where(items[:20, :1] > items[20:, :1], "first", "second")
    classifier = CrowdClassifier(
        method="confusion_layer", max_epochs=1, random_state=0, module__weight_decay=0.5
    )
    ranker = CrowdRanker(classifier).fit((items[:20], items[20:]), y)
    assert ranker.classifier_.net_.module_.scorer.weight_decay == 0.5


@pytest.mark.parametrize("container", [np.asarray, csr_array])
def test_held_out_pairs_do_not_choose_the_settings(container):
    rng = np.random.default_rng(0)
    items = rng.normal(size=(60, 3))
    first, second = rng.integers(0, 60, (2, 300))
    is_better = items[first, 0] > items[second, 0]
    y = np.where(is_better[:, None] == (rng.random((300, 3)) < 0.8), "first", "second")
    held_out = np.arange(300) % 5 == 0
    turned = np.where(y == "first", "second", "first")
    others = items[first].copy()
    others[held_out] *= 9
    changed = np.where(held_out[:, None], turned, y)
    pairs = container(items[first]), container(items[second])
    found = settings_of(*pairs, y, held_out)
    same = settings_of(container(others), pairs[1], changed, held_out)
    without = settings_of(*(part[~held_out] for part in pairs), y[~held_out])
    for name, value in found.items():
        np.testing.assert_array_equal(same[name], value)
        np.testing.assert_allclose(without[name], value)
    assert found["weight_decay"] != settings_of(*pairs, y)["weight_decay"]


def test_held_out_answers_do_not_change_predictions(crowd):
    items, _, first, second, y = crowd
    pairs = ItemReader(True).read_pairs((items[first], items[second]))
    held_out = np.arange(len(y)) % 4 == 0
    changed = y.copy()
    changed[held_out] = np.where(y[held_out] == "first", "second", "first")
    clf = clone(FAST).set_params(module=DefaultPairNetwork(3), max_epochs=3)
    one, other = (
        clf.fit(pairs, read_outcomes(answers), validation=held_out).predict_proba(pairs)
        for answers in (y, changed)
    )
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("n_items", [1, 2])
def test_items_that_are_in_most_pairs_are_not_left_out(n_items):
    rng = np.random.default_rng(0)
    items = rng.normal(size=(30, 3))
    second = np.arange(30) % n_items  # all are compared with one, or with two
    y = np.where(items[:, 0] > items[second, 0], "first", "second")[:, None]
    assert 0 < settings_of(items, items[second], y)["weight_decay"] <= 0.1
