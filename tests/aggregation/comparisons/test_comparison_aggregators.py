"""Aggregators of pairwise comparisons."""

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from skcrowd.aggregation import (
    COMPARISON_AGGREGATORS,
    BradleyTerry,
    Comparisons,
    CrowdBradleyTerry,
)
from skcrowd.exceptions import CrowdWarning

AGGREGATORS = [
    pytest.param(cls(), id=name) for name, cls in COMPARISON_AGGREGATORS.items()
]


def simulated(seed=0, n=3000, position=0.0, tie=-np.inf, skill=(1.0,) * 5):
    """Draw comparisons by the model; return them and the true scores."""
    rng = np.random.default_rng(seed)
    score = rng.normal(size=20)
    score -= score.mean()
    first = rng.integers(20, size=n)
    second = (first + rng.integers(1, 20, size=n)) % 20
    annotator = rng.integers(len(skill), size=n)
    a, b = score[first] + position, score[second]
    logits = np.stack([a, b, tie + (a + b) / 2], axis=1)
    outcome = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    is_reversed = rng.uniform(size=n) > np.array(skill)[annotator]
    outcome = np.where(is_reversed & (outcome < 2), 1 - outcome, outcome)
    names = np.array([f"item {k:02}" for k in range(20)], dtype=object)
    pair = np.stack([first, second, first], axis=1)
    preferred = names[pair[np.arange(n), outcome]]
    preferred[outcome == 2] = None
    y = Comparisons.from_long(names[first], names[second], preferred, annotator)
    return y, score


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_scores_and_effects(aggregator):
    y, score = simulated(position=0.5, tie=-0.5)
    model = clone(aggregator).fit(y)
    assert np.abs(model.predict() - score).mean() < 0.15
    assert model.scores_.mean() == pytest.approx(0, abs=1e-9)
    assert model.position_effect_ == pytest.approx(0.5, abs=0.25)
    assert model.tie_effect_ == pytest.approx(-0.5, abs=0.15)
    assert model.ranking_[0] == model.items_[score.argmax()]
    assert model.n_iter_ >= 1
    assert model.converged_
    first = model.items_[[3, 5]]
    proba = model.predict_proba(first, model.items_[[4, 1]])
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    with pytest.raises(ValueError, match="nobody"):
        model.predict_proba(["nobody"], first[:1])


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_gold_is_kept(aggregator):
    y, score = simulated()
    names = y.item_names
    known = dict(zip(names[:4], score[:4] + 100, strict=True))
    for gold in (known, pd.Series(known)):
        model = clone(aggregator).fit(y, gold=gold)
        np.testing.assert_array_equal(model.predict()[:4], score[:4] + 100)
        np.testing.assert_allclose(model.predict(), score + 100, atol=0.6)
    free = clone(aggregator).fit(y)
    wrong = {names[0]: free.scores_.max() + 3, names[1]: free.scores_[1]}
    model = clone(aggregator).fit(y, gold=wrong)
    assert model.scores_[:2].tolist() == list(wrong.values())
    everything = dict(zip(names, score, strict=True))
    model = clone(aggregator).fit(y, gold=everything)
    np.testing.assert_array_equal(model.predict(), score)
    none = clone(aggregator).fit(y, gold=dict.fromkeys(names[:2]))
    np.testing.assert_array_equal(none.predict(), free.predict())
    for refused in (
        {"nobody": 1.0},
        [1.0] * 20,
        {names[0]: "high"},
        {names[0]: np.inf},
    ):
        with pytest.raises(ValueError, match="gold"):
            clone(aggregator).fit(y, gold=refused)


def rows_of(y, rows):
    columns = {f: getattr(y, f)[rows] for f in ("first", "second", "outcome")}
    return replace(y, **columns, annotator=y.annotator[rows])


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_partial_fit_has_all_comparisons(aggregator):
    y, _ = simulated(position=0.5, tie=-0.5, skill=(0.95, 0.9, 0.8, 0.6, 0.3))
    if "tol" in aggregator.get_params():
        aggregator = clone(aggregator).set_params(tol=1e-5)
    gold = {y.item_names[k]: k / 10 for k in (3, 8)}
    first, second = y.item_names[[3, 8]]
    for whole_gold, gold_of_parts in (
        (None, (None, None)),
        (gold, ({first: 0.3}, {second: 0.8})),
    ):
        whole = clone(aggregator).fit(y, gold=whole_gold)
        part = clone(aggregator)
        halves = slice(0, 1200), slice(1200, None)
        for rows, known in zip(halves, gold_of_parts, strict=True):
            part.partial_fit(rows_of(y, rows), gold=known)
        assert part.n_iter_ <= whole.n_iter_
        np.testing.assert_allclose(part.scores_, whole.scores_, atol=1e-2)
        np.testing.assert_allclose(
            part.annotator_skill_, whole.annotator_skill_, atol=1e-3
        )


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_partial_fit_joins_items_and_annotators_by_name(aggregator):
    model = clone(aggregator).partial_fit([["a", "b"], ["b", "c"]])
    model.partial_fit(Comparisons.from_winners(["a", "d"], ["c", "a"], ["ann", "bo"]))
    assert model.items_.tolist() == ["a", "b", "c", "d"]
    assert model.annotators_.tolist() == [0, "ann", "bo"]
    assert model.ranking_.tolist() == ["d", "a", "b", "c"]
    with pytest.raises(ValueError, match="shown first"):
        model.partial_fit(Comparisons.from_long(["a"], ["b"], ["a"]))


def test_annotator_prior_decides():
    y = Comparisons.from_winners(["a", "b"] * 5, ["b", "a"] * 5, ["ann", "bo"] * 5)
    for better, worse in (("ann", "bo"), ("bo", "ann")):
        prior = {better: (0.95, 200), worse: (0.5, 200)}
        model = CrowdBradleyTerry(annotator_prior=prior).fit(y)
        assert model.ranking_[0] == ("a" if better == "ann" else "b")


def test_a_prior_of_nobody_is_said_unless_annotators_may_still_come():
    y = Comparisons.from_winners(["a", "b"], ["b", "c"], ["ann", "bo"])
    model = CrowdBradleyTerry(annotator_prior={"anna": 0.9, "bo": 0.8})
    with pytest.warns(CrowdWarning, match="holds 'anna', who gave no answer in y"):
        model.fit(y)
    clone(model).partial_fit(y)  # no warning


def test_skill_is_the_share_of_preferences_for_the_better_item():
    winners, losers = list("aaab") + ["b"], list("bcbc") + ["a"]
    y = Comparisons.from_winners(winners, losers, ["ann"] * 3 + ["bo"] * 2)
    model = BradleyTerry().fit(y)
    assert model.ranking_.tolist() == ["a", "b", "c"]
    assert model.annotator_skill_.tolist() == [1.0, 0.5]


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_clone_and_pickle(aggregator):
    model = clone(aggregator).fit(simulated(n=200)[0])
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(), model.predict())
    with pytest.raises(NotFittedError):
        clone(model).predict()


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_extremes(aggregator):
    always = clone(aggregator).fit([[0, 1], [1, 2], [0, 2]])
    assert np.isfinite(always.scores_).all()
    assert always.tie_effect_ == -np.inf
    assert always.predict_proba([0], [1])[0, 2] == 0
    apart = clone(aggregator).fit([["a", "b"], ["c", "d"]])
    assert np.isfinite(apart.scores_).all()
    only_ties = Comparisons.from_winners([0, 1], [1, 2], ties=[True, True])
    np.testing.assert_allclose(clone(aggregator).fit(only_ties).scores_, 0, atol=1e-5)


def test_two_items_in_closed_form():
    # maximum likelihood: the odds of the preferences; ν = ties / √(wins · losses)
    y = Comparisons.from_winners(
        ["a"] * 60 + ["b"] * 20 + ["a"] * 30,
        ["b"] * 60 + ["a"] * 20 + ["b"] * 30,
        ties=[False] * 80 + [True] * 30,
    )
    model = BradleyTerry(score_std=1e4).fit(y)
    assert model.scores_[0] - model.scores_[1] == pytest.approx(np.log(3), abs=1e-3)
    assert model.tie_effect_ == pytest.approx(np.log(30 / 1200**0.5), abs=0.01)
    assert model.position_effect_ == 0


def test_position_is_not_estimated_where_it_is_switched_off():
    y, _ = simulated(position=1.0)
    assert BradleyTerry(position_effect=False).fit(y).position_effect_ == 0
    assert BradleyTerry().fit(y).position_effect_ > 0.7


def test_reliability_of_annotators():
    skill = (0.95, 0.9, 0.8, 0.5, 0.5, 0.1)
    y, score = simulated(1, n=6000, skill=skill)
    model, plain = CrowdBradleyTerry().fit(y), BradleyTerry().fit(y)
    np.testing.assert_allclose(model.annotator_skill_, skill, atol=0.12)
    better = np.corrcoef(model.scores_, score)[0, 1]
    assert better > np.corrcoef(plain.scores_, score)[0, 1]
    assert better > 0.95
    assert model.log_likelihood_ > plain.log_likelihood_


def test_weights_in_a_table_and_in_arrays():
    y, _ = simulated(n=300, tie=-1.0)
    items, names = y.item_names, y.annotator_names
    pairs = np.stack([y.first, y.second, y.first], axis=1)
    preferred = items[pairs[np.arange(300), y.outcome]]
    preferred[y.outcome == 2] = None
    table = pd.DataFrame(
        {
            "left": items[y.first],
            "right": items[y.second],
            "better": preferred,
            "who": names[y.annotator],
        }
    )
    read = Comparisons.from_long("left", "right", "better", "who", data=table)
    np.testing.assert_array_equal(read.outcome, y.outcome)
    np.testing.assert_array_equal(read.annotator, y.annotator)
    assert repr(read) == repr(y)
    assert len(read) == 300
    with pytest.raises(TypeError, match="name its columns"):
        BradleyTerry().fit(table)


def test_wrong_comparisons_are_refused():
    with pytest.raises(ValueError, match="with itself"):
        BradleyTerry().fit([["a", "a"]])
    with pytest.raises(ValueError, match="prefers 'c'"):
        Comparisons.from_long(["a"], ["b"], ["c"])
    with pytest.raises(ValueError, match="equally long"):
        Comparisons.from_long(["a"], ["b"], ["a", "b"])
    with pytest.raises(ValueError, match="no rows"):
        Comparisons.from_winners([], [])
    with pytest.raises(ValueError, match="shape"):
        BradleyTerry().fit([1, 2, 3])
    with pytest.raises(ValueError, match="reliability_prior"):
        CrowdBradleyTerry(reliability_prior=(0, 0)).fit([[0, 1]])
    with pytest.raises(ValueError, match="score_std"):
        BradleyTerry(score_std=0).fit([[0, 1]])


def test_convergence_warning():
    y, _ = simulated(n=300, skill=(0.9, 0.6, 0.4))
    with pytest.warns(ConvergenceWarning, match="CrowdBradleyTerry did not converge"):
        CrowdBradleyTerry(max_iter=2).fit(y)


@pytest.mark.parametrize("pair", [("a", "b"), (["a"], ["b", "a"]), ([["a"]], [["b"]])])
def test_probabilities_are_of_two_equally_long_lists(pair):
    with pytest.raises(ValueError, match="two lists of the same number of items"):
        BradleyTerry().fit([["a", "b"]]).predict_proba(*pair)


@pytest.mark.parametrize(
    "ties",
    [
        [True, False, True],
        [1, 0, 1],
        [1.0, 0.0, 1.0],
        np.array([1, 0, 1], dtype=np.uint8),
        [True, 0, np.True_],
        pd.array([True, False, True], dtype="boolean"),
        pd.array([1, 0, 1], dtype="Int64"),
    ],
)
def test_ties_as_booleans_and_as_numbers(ties):
    y = Comparisons.from_winners(list("abc"), list("bca"), ties=ties)
    assert y.outcome.tolist() == [2, 0, 2]


@pytest.mark.parametrize(
    ("ties", "value"),
    [
        (["False", "False", "True"], "'False'"),
        ([False, "", True], "''"),
        ([0.0, np.nan, 1.0], "nan"),
        ([False, None, True], "None"),
        ([0, 2, 1], "2"),
        ([0, -1, 1], "-1"),
        (pd.array([False, None, True], dtype="boolean"), "<NA>"),
        (np.ma.masked_array([False, True, True], [False, True, False]), "None"),
    ],
)
def test_ties_that_are_no_booleans_are_refused(ties, value):
    with pytest.raises(ValueError, match=rf"ties holds {value} at row [01]; give True"):
        Comparisons.from_winners(list("abc"), list("bca"), ties=ties)


def test_two_scores_known_of_one_item_are_refused():
    gold = pd.Series([1.0, 2.0], index=["a", "a"])
    with pytest.raises(ValueError, match="gold has several rows for 'a'"):
        CrowdBradleyTerry().fit([["a", "b"]], gold=gold)
