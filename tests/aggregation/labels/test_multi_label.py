"""Several labels an item, with annotators shared."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from skcrowd.aggregation import MultiLabelDawidSkene, dawid_skene
from skcrowd.annotations import Annotations, MultilabelAnnotations


def crowd(seed=0, n_items=120):
    """Draw answers about four labels; the last two are asked of few items."""
    rng = np.random.default_rng(seed)
    accuracy = np.array([0.95, 0.9, 0.85, 0.6, 0.55, 0.5])
    truth = rng.uniform(size=(n_items, 4)) < [0.5, 0.4, 0.5, 0.4]
    right = rng.uniform(size=(4, n_items, 6)) < accuracy
    y = np.where(right, truth.T[:, :, None], ~truth.T[:, :, None]).astype(int)
    y[rng.uniform(size=y.shape) < 0.4] = -1
    y[2:, 25:] = -1
    return y, truth


def test_labels_of_items():
    y, truth = crowd()
    model = MultiLabelDawidSkene().fit(y)
    assert (model.predict()[:, :2] == truth[:, :2]).mean() > 0.85
    assert model.predict_proba().shape == (120, 4)
    assert model.annotator_confusion_.shape == (4, 6, 2, 2)
    np.testing.assert_allclose(model.annotator_confusion_.sum(axis=3), 1)
    assert model.converged_
    named = MultiLabelDawidSkene().fit(dict(zip("abcd", y, strict=True)))
    assert named.labels_.tolist() == list("abcd")
    np.testing.assert_array_equal(named.predict(), model.predict())


@pytest.mark.filterwarnings("ignore:.*did not converge")
def test_shared_annotators_help_rare_labels():
    gain = []
    for seed in range(8):
        y, truth = crowd(seed)
        right = [
            (MultiLabelDawidSkene(shared_counts=n).fit_predict(y) == truth)[:25, 2:]
            for n in (10, 0)
        ]
        gain.append(right[0].mean() - right[1].mean())
    assert np.mean(gain) > 0.02


def test_each_on_its_own_is_dawid_skene():
    y, _ = crowd()
    model = MultiLabelDawidSkene(shared_counts=0).fit(y)
    expected = dawid_skene(y[0], pseudo_counts=3.0).posterior[:, 1]
    np.testing.assert_allclose(model.predict_proba()[:, 0], expected)


def test_sets_of_labels_are_tables_of_yes_and_no():
    y, _ = crowd()
    expected = MultiLabelDawidSkene().fit(y)
    cube = np.where(y < 0, np.nan, y).transpose(1, 2, 0)
    sets = MultilabelAnnotations.from_indicators(cube, classes=list("abcd"))
    model = MultiLabelDawidSkene().fit(sets)
    assert model.labels_.tolist() == list("abcd")
    np.testing.assert_array_equal(model.predict_proba(), expected.predict_proba())


@pytest.mark.parametrize(
    "gold",
    [
        {0: {"a", "d"}, 5: set()},
        [{"a", "d"}, *[None] * 4, set(), *[None] * 114],
        np.array([[1, 0, 0, 1], *[[-1] * 4] * 4, [0] * 4, *[[-1] * 4] * 114]),
        np.array([[1.0, 0, 0, 1], *[[np.nan] * 4] * 4, [0] * 4, *[[np.nan] * 4] * 114]),
    ],
    ids=["mapping", "sets", "integers", "numbers"],
)
def test_gold_is_kept(gold):
    y, _ = crowd()
    named = dict(zip("abcd", y, strict=True))
    model = MultiLabelDawidSkene().fit(named, gold=gold)
    assert model.predict()[[0, 5]].tolist() == [[1, 0, 0, 1], [0, 0, 0, 0]]
    np.testing.assert_array_equal(model.predict_proba()[0], [1, 0, 0, 1])
    with pytest.raises(ValueError, match="gold has 2 rows"):
        MultiLabelDawidSkene().fit(named, gold=[{"a"}, None])


def test_gold_in_a_table_is_read_by_the_names_of_its_columns():
    y = {"cat": [[1, 1, 0], [0, 0, 0]], "dog": [[0, 0, 0], [1, 1, 0]]}
    columns = {"dog": [1, 0], "cat": [0, 0]}
    for table in (pd.DataFrame(columns), pl.DataFrame(columns)):
        model = MultiLabelDawidSkene().fit(y, gold=table)
        assert model.predict().tolist() == [[0, 1], [0, 0]]
    one = MultiLabelDawidSkene().fit(y, gold=pd.DataFrame({"dog": [1, None]}))
    assert one._answers.gold.tolist() == [-1, 1, -1, -1]
    with pytest.raises(ValueError, match=r"name each column .* leave out \['cow'\]"):
        MultiLabelDawidSkene().fit(y, gold=pd.DataFrame({"dog": [1, 0], "cow": 1}))


@pytest.mark.parametrize("labels", [["cat", "dog"], [0, 1]])
def test_rows_of_indicators_are_no_sets(labels):
    y = dict(zip(labels, [[[1, 1], [0, 0]], [[0, 0], [1, 1]]], strict=True))
    rows = [[0, 1], [None, -1]]
    assert MultiLabelDawidSkene().fit(y, gold=rows)._answers.gold.tolist() == [
        *(0, 1, -1, -1)
    ]
    with pytest.raises(ValueError, match=r"shape \(2, 3\) has no column for each"):
        MultiLabelDawidSkene().fit(y, gold=np.ones((2, 3)))
    with pytest.raises(ValueError, match="gold holds 2; give 1"):
        MultiLabelDawidSkene().fit(y, gold=np.full((2, 2), 2))


@pytest.mark.parametrize(
    "nothing", [{}, {0: None}, [None, np.nan], np.full((2, 2), -1)]
)
def test_gold_that_says_nothing_is_none(nothing):
    y = {"cat": [[1, 1, 0], [0, 0, 0]], "dog": [[0, 0, 0], [1, 1, 0]]}
    model = MultiLabelDawidSkene().fit(y, gold=nothing)
    expected = MultiLabelDawidSkene().fit(y).predict_proba()
    np.testing.assert_array_equal(model.predict_proba(), expected)


def test_predict_other_items():
    y, truth = crowd()
    model = MultiLabelDawidSkene(tol=1e-9).fit(y)
    np.testing.assert_allclose(model.predict_proba(y), model.posterior_, atol=1e-6)
    assert (model.predict(y[:, :9])[:, :2] == truth[:9, :2]).mean() > 0.85
    part = model.predict_proba({1: y[1][:9]})
    np.testing.assert_allclose(part[:, 1], model.posterior_[:9, 1], atol=1e-6)
    np.testing.assert_allclose(part[:, 0], model.label_prior_[0])
    with pytest.raises(ValueError, match="'cow'"):
        model.predict({"cow": y[0]})


def test_partial_fit_has_all_answers():
    y, _ = crowd()
    gold = np.full((120, 4), -1)
    gold[3], gold[100, :2] = [0, 0, 1, 0], 1
    whole = MultiLabelDawidSkene(tol=1e-8).fit(y, gold=gold)
    part = MultiLabelDawidSkene(tol=1e-8).partial_fit(y[:, :70], gold=gold[:70])
    part.partial_fit({0: y[0, 70:], 1: y[1, 70:]}, gold=gold[70:, :2])
    np.testing.assert_allclose(part.predict_proba(), whole.predict_proba(), atol=1e-4)
    assert part.predict()[100, :2].tolist() == [1, 1]
    assert part.predict()[3].tolist() == [0, 0, 1, 0]


def test_partial_fit_joins_items_labels_and_annotators_by_name():
    first = [("i1", "ann", "cat"), ("i1", "bob", "cat"), ("i2", "ann", "dog")]
    second = [("i2", "bob", "cow"), ("i2", "cy", "cow"), ("i3", "cy", "cat")]
    tables = [
        MultilabelAnnotations.from_long(*zip(*rows, strict=True))
        for rows in (first, second)
    ]
    model = MultiLabelDawidSkene().partial_fit(tables[0]).partial_fit(tables[1])
    assert model.item_names_.tolist() == ["i1", "i2", "i3"]
    assert model.labels_.tolist() == ["cat", "dog", "cow"]
    assert model.annotators_.tolist() == ["ann", "bob", "cy"]
    assert model._answers.n_items == 9
    assert model._answers.annotations.n_answers == 6 + 6
    with pytest.raises(ValueError, match="label 'cat' of item 'i1' before"):
        model.partial_fit(tables[0])


def test_annotator_prior_decides():
    y = {"cat": [[1, 0], [0, 1]] * 4, "dog": [[0, 1], [1, 0]] * 4}
    prior = {0: (0.95, 200), 1: (0.5, 200)}
    model = MultiLabelDawidSkene(annotator_prior=prior)
    assert model.fit_predict(y).tolist() == [[1, 0], [0, 1]] * 4


def test_clone_and_pickle():
    y, _ = crowd()
    model = clone(MultiLabelDawidSkene(tol=1e-3)).fit(y)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(), model.predict_proba())
    assert not hasattr(clone(model), "posterior_")


@pytest.mark.filterwarnings("ignore:y holds -1")
def test_wrong_tables_are_refused():
    y, _ = crowd()
    with pytest.raises(ValueError, match="same items and annotators"):
        MultiLabelDawidSkene().fit({"a": y[0], "b": y[1][:, :5]})
    with pytest.raises(ValueError, match="2"):
        MultiLabelDawidSkene().fit([[[0, 2], [1, 1]]])
    with pytest.raises(ValueError, match="no label"):
        MultiLabelDawidSkene().fit({})
    with pytest.warns(ConvergenceWarning, match="MultiLabelDawidSkene did not"):
        MultiLabelDawidSkene(max_iter=1).fit(y)
    with pytest.raises(NotFittedError):
        clone(MultiLabelDawidSkene()).predict()


def sets_of(y, **details):
    indicators = np.where(y < 0, np.nan, y).transpose(1, 2, 0)
    return MultilabelAnnotations.from_indicators(indicators, **details)


def test_an_answer_of_weight_w_is_w_equal_answers():
    y, _ = crowd()
    weight = np.ones((120, 6))
    weight[:, 2] = 3
    copied = np.concatenate([y, y[:, :, [2, 2]]], axis=2)
    model = MultiLabelDawidSkene(shared_counts=0, pseudo_counts=0, max_iter=20, tol=0)
    found = clone(model).fit(sets_of(y, weight=weight)).predict_proba()
    expected = clone(model).fit(copied).predict_proba()
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_weights_and_confidences_of_sets():
    y, truth = crowd()
    plain = MultiLabelDawidSkene().fit(sets_of(y)).predict_proba()
    same = MultiLabelDawidSkene().fit(sets_of(y, weight=np.ones((120, 6))))
    np.testing.assert_array_equal(same.predict_proba(), plain)
    is_right = (y == truth.T[:, :, None]).transpose(1, 2, 0)
    sure = is_right + 0.5 * np.random.default_rng(0).random(is_right.shape)
    by_sure = MultiLabelDawidSkene().fit(sets_of(y, confidence=sure)).predict_proba()
    likelihood = [np.log(np.where(truth, p, 1 - p)).mean() for p in (by_sure, plain)]
    assert likelihood[0] > likelihood[1]
    half = np.random.default_rng(1).random((120, 6)) < 0.7
    some = MultiLabelDawidSkene().fit(sets_of(y, weight=half)).predict_proba()
    fewer = MultiLabelDawidSkene().fit(np.where(half, y, -1)).predict_proba()
    np.testing.assert_allclose(some, fewer, atol=1e-12)


def test_tables_of_labels_may_have_weights():
    y, _ = crowd()
    weight = np.random.default_rng(0).uniform(1, 3, (4, 120, 6))
    tables = {
        name: Annotations.from_dense(y[k], weight=weight[k], time=weight[k])
        for k, name in enumerate("abcd")
    }
    found = MultiLabelDawidSkene().fit(tables).predict_proba()
    sets = sets_of(y, classes=list("abcd"), weight=weight.transpose(1, 2, 0))
    expected = MultiLabelDawidSkene().fit(sets).predict_proba()
    np.testing.assert_array_equal(found, expected)


def soft_crowd(seed=0):
    """Probabilities of labels that are the more decided the more they are right."""
    y, truth = crowd(seed)
    rng = np.random.default_rng(seed)
    is_right = y == truth.T[:, :, None]
    sure = np.where(is_right, 0.6, 0.5) + 0.4 * rng.random(y.shape)
    applies = np.where(y == 1, sure, 1 - sure)
    return np.where(y < 0, np.nan, applies).transpose(1, 2, 0), y, truth


def test_tables_of_labels_may_be_soft():
    soft, y, _ = soft_crowd()
    both = np.stack([1 - soft, soft], axis=-1)
    tables = {
        name: Annotations.from_soft_labels(both[:, :, k])
        for k, name in enumerate("abc")
    }
    tables["d"] = Annotations.from_dense(y[3], classes=[0, 1])
    found = MultiLabelDawidSkene().fit(tables).predict_proba()
    soft[:, :, 3] = np.where(y[3] < 0, np.nan, y[3])
    sets = MultilabelAnnotations.from_soft_labels(soft, classes=list("abcd"))
    expected = MultiLabelDawidSkene().fit(sets).predict_proba()
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_certain_probabilities_are_ticks():
    y, _ = crowd()
    certain = np.where(y < 0, np.nan, y).transpose(1, 2, 0)
    soft = MultilabelAnnotations.from_soft_labels(certain)
    model, plain = (MultiLabelDawidSkene().fit(a) for a in (soft, sets_of(y)))
    np.testing.assert_array_equal(model.predict_proba(), plain.predict_proba())
    np.testing.assert_array_equal(
        model.annotator_confusion_, plain.annotator_confusion_
    )


def test_probabilities_of_labels_are_used():
    gain = []
    for seed in range(4):
        soft, y, truth = soft_crowd(seed)
        models = [
            MultiLabelDawidSkene().fit(a)
            for a in (MultilabelAnnotations.from_soft_labels(soft), sets_of(y))
        ]
        used, ignored = ((m.predict() == truth)[:, :2].mean() for m in models)
        gain.append(used - ignored)
    assert np.mean(gain) > 0.02
    sets = MultilabelAnnotations.from_soft_labels(soft)
    without = sets.without_details("probabilities")
    np.testing.assert_array_equal(
        MultiLabelDawidSkene().fit(without).predict_proba(), models[1].predict_proba()
    )
    assert not np.allclose(
        models[0].predict_proba(sets), models[0].predict_proba(without)
    )


def test_probabilities_are_free_of_the_order():
    soft, *_ = soft_crowd()
    items, annotator, labels = (
        np.random.default_rng(0).permutation(n) for n in soft.shape
    )
    moved = soft[items][:, annotator][:, :, labels]
    one, other = (
        MultiLabelDawidSkene().fit(MultilabelAnnotations.from_soft_labels(a))
        for a in (soft, moved)
    )
    np.testing.assert_allclose(
        one.predict_proba()[items][:, labels], other.predict_proba(), atol=1e-6
    )
    np.testing.assert_allclose(
        one.annotator_confusion_[labels][:, annotator],
        other.annotator_confusion_,
        atol=1e-6,
    )


def test_even_probabilities_say_nothing():
    """Given the annotators, half for all labels is as good as no answer."""
    soft, y, _ = soft_crowd()
    model = MultiLabelDawidSkene().fit(sets_of(y))
    even, absent = soft.copy(), soft.copy()
    even[:, 2][~np.isnan(soft[:, 2])], absent[:, 2] = 0.5, np.nan
    found, expected = (
        model.predict_proba(MultilabelAnnotations.from_soft_labels(a))
        for a in (even, absent)
    )
    # what is typical of a crowd is shared by all, so that others count slightly more
    np.testing.assert_allclose(found, expected, atol=0.05)
    alone = np.full_like(soft, np.nan)
    alone[:, 2] = 0.5
    proba = model.predict_proba(MultilabelAnnotations.from_soft_labels(alone))
    np.testing.assert_allclose(proba, np.tile(model.label_prior_, (120, 1)))


def test_joined_sets_keep_their_weights():
    y, _ = crowd()
    weight = np.random.default_rng(0).uniform(1, 3, (120, 6))
    sets = sets_of(y, weight=weight)
    model = MultiLabelDawidSkene().fit(sets[:80])
    model.partial_fit(sets[80:].select_annotators([5, 2, 0, 1, 4, 3]))
    assert model._answers.sets == sets
    soft = MultilabelAnnotations.from_soft_labels(soft_crowd()[0])
    model = MultiLabelDawidSkene().fit(soft[:80])
    model.partial_fit(soft[80:].select_annotators([5, 2, 0, 1, 4, 3]))
    assert model._answers.sets == soft
