"""next_queries: whom to ask about what."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from _data import nobody, random_confusion, with_mlp
from _sequence_data import ANSWERS, FEATURES, LENGTHS, fitted, tagger
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.exceptions import NotFittedError

from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.estimators._insight import _beliefs
from skcrowd.estimators._insight._beliefs import LabelBeliefs, NumberBeliefs
from skcrowd.estimators._insight._queries import best_queries, check_limits

KINDS = [CrowdClassifier, CrowdRegressor]
NAMES = ["ann", "bob", "cid", "dan", "eve"]
seeds = st.integers(0, 2**32 - 1)


def random_beliefs(rng, kind, n_items=6, n_annotators=3, n_classes=3):
    if kind == "numbers":
        return NumberBeliefs(
            rng.gamma(2, size=n_items), rng.gamma(2, size=n_annotators)
        )
    proba = rng.dirichlet(np.ones(n_classes), n_items)
    return LabelBeliefs(proba, random_confusion(rng, n_annotators, n_classes))


def information(joint):
    """Mutual information of the first axis and all others."""
    joint = joint.reshape(len(joint), -1)
    product = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
    seen = joint > 0
    return float(np.sum(joint[seen] * np.log(joint[seen] / product[seen])))


def told_by(beliefs, item, annotators):
    """What the answers of some annotators tell of an item together."""
    if isinstance(beliefs, NumberBeliefs):
        var = beliefs.var[item]
        precision = beliefs.precision[list(annotators)].sum()
        return var - 1 / (1 / var + precision)
    joint = beliefs.posterior[item]
    for annotator in annotators:
        confusion = beliefs.confusion[annotator]
        shape = confusion.shape[:1] + (1,) * (joint.ndim - 1) + confusion.shape[1:]
        joint = joint[..., None] * confusion.reshape(shape)
    return information(joint)


def greedy(beliefs, answered, limits):
    """Choose one pair after another, all gains computed again each time."""
    chosen = []
    n_annotators = answered.shape[1]
    while len(chosen) < limits.n:
        best = None
        for item in range(beliefs.n_items):
            asked = [a for i, a, _ in chosen if i == item]
            if len(asked) >= limits.per_item:
                continue
            for annotator in range(n_annotators):
                load = sum(a == annotator for _, a, _ in chosen)
                is_open = annotator in limits.available and annotator not in asked
                if answered[item, annotator] or not is_open:
                    continue
                if load >= limits.per_annotator:
                    continue
                before = told_by(beliefs, item, asked)
                gain = told_by(beliefs, item, [*asked, annotator]) - before
                if best is None or gain > best[2]:
                    best = item, annotator, gain
        if best is None:
            break
        chosen.append(best)
    return chosen


@settings(max_examples=40, deadline=None)
@given(
    seed=seeds,
    kind=st.sampled_from(["labels", "numbers"]),
    n=st.integers(1, 12),
    per_item=st.integers(1, 3),
    per_annotator=st.sampled_from([None, "auto", 2]),
)
def test_the_choice_is_greedy(seed, kind, n, per_item, per_annotator):
    rng = np.random.default_rng(seed)
    beliefs = random_beliefs(rng, kind)
    answered = rng.random((6, 3)) < 0.2
    annotators = rng.permutation(3)[: rng.integers(1, 4)]
    limits = check_limits(n, per_item, per_annotator, annotators, np.arange(3))
    item, annotator, gain = best_queries(beliefs, sparse.csr_array(answered), limits)
    expected = greedy(beliefs, answered, limits)
    assert len(gain) == len(expected)
    np.testing.assert_allclose(gain, [g for _, _, g in expected], atol=1e-10)
    assert list(zip(item, annotator, strict=True)) == [(i, a) for i, a, _ in expected]


@pytest.mark.parametrize("kind", ["labels", "numbers"])
def test_blocks_change_nothing(monkeypatch, kind):
    def choose():
        beliefs = random_beliefs(np.random.default_rng(0), kind, 40, 5)
        closed = sparse.csr_array((40, 5))
        limits = check_limits(12, 2, "auto", None, np.arange(5))
        return beliefs.items_at_once, best_queries(beliefs, closed, limits)

    at_once, expected = choose()
    monkeypatch.setattr(_beliefs, "NUMBERS_AT_ONCE", 50)
    fewer, told = choose()
    assert fewer < 40 < at_once
    for ours, theirs in zip(told, expected, strict=True):
        np.testing.assert_allclose(ours, theirs)


def test_too_many_outcomes_are_dropped(monkeypatch):
    beliefs = random_beliefs(np.random.default_rng(0), "labels", 1, 5)
    closed = sparse.csr_array((1, 5))
    limits = check_limits(5, 5, 5, None, np.arange(5))
    exact = best_queries(beliefs, closed, limits)[2]
    monkeypatch.setattr(_beliefs, "MOST_OUTCOMES", 8)
    rough = best_queries(beliefs, closed, limits)[2]
    np.testing.assert_allclose(rough[:2], exact[:2])
    assert rough.sum() == pytest.approx(exact.sum(), rel=0.3)
    assert all(a >= b for a, b in pairwise(rough))


def test_a_sentence_gains_what_its_tokens_gain():
    rng = np.random.default_rng(0)
    tokens = random_beliefs(rng, "labels", 7)
    offsets = np.array([0, 2, 3, 7])
    sentences = LabelBeliefs(tokens.posterior, tokens.confusion, offsets)
    by_token = tokens.gains(0, 7)
    expected = [by_token[a:b].sum(axis=0) for a, b in pairwise(offsets)]
    np.testing.assert_allclose(sentences.gains(0, 3), expected)
    np.testing.assert_allclose(sentences.gains(1, 3), expected[1:])
    after = sentences.after(sentences.start(2), 1)
    alone = [tokens.gain(tokens.after(tokens.start(k), 1)) for k in range(3, 7)]
    np.testing.assert_allclose(sentences.gain(after), np.sum(alone, axis=0))


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.__name__)
def case(request, items, answers, rated_items):
    """A fitted estimator, features, answers."""
    is_classifier = request.param is CrowdClassifier
    X, y = (items[0], answers) if is_classifier else rated_items[::2]
    y = pd.DataFrame(y, columns=NAMES)
    return with_mlp("em", request.param).fit(X, y), X, y


def numbered(queries):
    """Items and annotators, as numbers."""
    return queries["item"].to_numpy(), [NAMES.index(a) for a in queries["annotator"]]


def is_missing(y):
    return np.isnan(y) | (y == -1) if (y == -1).any().any() else np.isnan(y)


def test_only_what_has_not_been_answered_is_asked(case):
    estimator, X, y = case
    queries = estimator.next_queries(X, y, 1000, max_per_item=5, max_per_annotator=None)
    open_pairs = is_missing(y.to_numpy())
    assert len(queries) == open_pairs.sum()
    assert not queries.duplicated(["item", "annotator"]).any()
    assert open_pairs[numbered(queries)].all()
    gains = queries["expected_gain"]
    assert gains.is_monotonic_decreasing
    assert (gains >= 0).all()


def test_limits_hold(case):
    estimator, X, y = case
    queries = estimator.next_queries(X, y, 20)
    assert len(queries) == 20
    assert queries["item"].is_unique
    assert queries["annotator"].value_counts().max() <= 8  # twice an even share
    queries = estimator.next_queries(X, y, 20, max_per_item=2, max_per_annotator=3)
    assert len(queries) == 15
    assert queries["item"].value_counts().max() <= 2
    assert queries["annotator"].value_counts().max() == 3
    some = estimator.next_queries(X, y, 20, annotators=["eve", "bob"])
    assert set(some["annotator"]) <= {"eve", "bob"}


def test_without_limits_the_best_is_asked_most(case):
    estimator, X, _ = case
    queries = estimator.next_queries(X, None, 20, max_per_annotator=None)
    even = estimator.next_queries(X, None, 20, max_per_annotator=4)
    assert queries["annotator"].value_counts().max() > 8
    assert (even["annotator"].value_counts() == 4).all()
    assert queries["expected_gain"].sum() > even["expected_gain"].sum()


def test_the_first_gain_is_that_of_one_answer(case):
    estimator, X, y = case
    first = estimator.next_queries(X, y, 1).iloc[0]
    item, annotator = [first["item"]], NAMES.index(first["annotator"])
    if isinstance(estimator, CrowdRegressor):
        var = estimator.label_quality(X, y, cv="prefit")["std"].iloc[item[0]] ** 2
        scale = estimator.annotator_scale_[annotator]
        noise_var = estimator.annotator_noise_std_[annotator] ** 2
        expected = var - 1 / (1 / var + scale**2 / noise_var)
    else:
        answered = y.to_numpy()[item[0]]
        posterior = estimator.predict_proba(X[item])[0]
        for k in np.flatnonzero(answered >= 0):
            posterior = posterior * estimator.annotator_confusion_[k, :, answered[k]]
        confusion = estimator.annotator_confusion_[annotator]
        expected = information((posterior / posterior.sum())[:, None] * confusion)
    assert first["expected_gain"] == pytest.approx(expected, rel=1e-4)


@settings(max_examples=15)
@given(seed=seeds)
def test_the_order_of_items(case, seed):
    estimator, X, y = case
    if isinstance(estimator, CrowdRegressor):
        y = y.iloc[:20]  # the fewer, the fewer ties
        X = X[:20]
    order = np.random.default_rng(seed).permutation(len(X))
    told = estimator.next_queries(X, y, 15)
    moved = y.iloc[order].reset_index(drop=True)
    other = estimator.next_queries(X[order], moved, 15)
    gains = told["expected_gain"], other["expected_gain"]
    np.testing.assert_allclose(*gains, rtol=1e-4, atol=1e-9)
    if isinstance(estimator, CrowdClassifier):
        assert order[other["item"]].tolist() == told["item"].tolist()


def test_other_opinions_change_what_is_asked(items, answers):
    clf = with_mlp("em").fit(items[0], answers)
    proba = np.tile([1.0, 0.0, 0.0], (60, 1))
    proba[7] = 1 / 3
    queries = clf.next_queries(items[0], None, 3, pred_proba=proba)
    assert queries["item"][0] == 7
    assert queries["expected_gain"][0] > 0
    assert queries["expected_gain"][1:].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 0}, "n is 0"),
        ({"n": 2.5}, "n is 2.5"),
        ({"n": True}, "n is True"),
        ({"max_per_item": 0}, "max_per_item is 0"),
        ({"max_per_annotator": 0}, "max_per_annotator is 0"),
        ({"max_per_annotator": "all"}, "max_per_annotator is 'all'"),
        ({"annotators": ["zoe"]}, "annotators names 'zoe'"),
        ({"annotators": []}, "annotators names nobody"),
    ],
)
def test_wrong_parameters(case, options, message):
    estimator, X, y = case
    with pytest.raises(ValueError, match=message):
        estimator.next_queries(X, y, **{"n": 1, **options})


def test_unknown_annotators_and_wrong_shapes(case):
    estimator, X, y = case
    with pytest.raises(ValueError, match="not fitted with: 'zoe'"):
        estimator.next_queries(X, y.rename(columns={"bob": "zoe"}), 1)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        estimator.next_queries(X, y[:-1], 1)
    with pytest.raises(ValueError, match="no answer at all"):
        estimator.next_queries(X, nobody(type(estimator), 60, 5), 1)


@pytest.mark.parametrize("estimator", [*(kind() for kind in KINDS), tagger()])
def test_unfitted(estimator):
    with pytest.raises(NotFittedError):
        estimator.next_queries(np.zeros((2, 2)), None, 1)


def test_sequences_are_asked_as_a_whole():
    clf = fitted("em")
    queries = clf.next_queries(FEATURES, ANSWERS, 1000, max_per_annotator=None)
    tagged = set(zip(*ANSWERS.pairs, strict=True))
    asked = set(zip(queries["sequence"], queries["annotator"], strict=True))
    assert len(asked) == len(queries) == 24
    assert not asked & tagged
    first = queries.iloc[0]
    both = clf.next_queries(
        FEATURES, None, 1000, max_per_item=4, max_per_annotator=None
    )
    assert len(both) == 24 * 4
    assert first["expected_gain"] > 0
    assert both["expected_gain"].is_monotonic_decreasing


def test_long_sequences_gain_more():
    clf = fitted("em")
    proba = np.full((LENGTHS.sum(), len(clf.classes_)), 1 / len(clf.classes_))
    queries = clf.next_queries(
        FEATURES, None, 24, pred_proba=proba, max_per_annotator=None
    )
    lengths = LENGTHS[queries["sequence"]]
    assert (np.diff(lengths) <= 0).all()
    per_token = queries["expected_gain"] / lengths
    assert per_token.to_numpy() == pytest.approx(per_token[0])
