"""Classes that have an order."""

import numpy as np
import pandas as pd
import pytest
from _data import small
from scipy.special import softmax
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skcrowd
from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.aggregation import AnswerCounts
from skcrowd.annotations import Annotations
from skcrowd.annotations._ordered_categories import ordered_categories
from skcrowd.estimators._class_order import median_class
from skcrowd.metrics import get_scorer

NAMES = np.array(["poor", "fair", "good", "great"])  # not in sorted order
DTYPE = pd.CategoricalDtype(NAMES, ordered=True)


@pytest.fixture(scope="module")
def stars():
    """Return features, codes of answers by five annotators, and of the truth.

    The second last annotator answers a step too high, the last one a step too low.
    """
    rng = np.random.default_rng(0)
    X = rng.standard_normal((120, 2))
    truth = np.digitize(X[:, 0], [-0.7, 0, 0.7])
    shift = np.array([0, 0, 0, 1, -1])
    noise = rng.choice([-1, 0, 1], size=(120, 5), p=[0.15, 0.7, 0.15])
    y = np.clip(truth[:, None] + shift + noise, 0, 3)
    y[rng.uniform(size=y.shape) < 0.2] = -1
    return X, y, truth


@pytest.fixture(scope="module")
def fitted(stars):
    return quick(ordinal=True).fit(*stars[:2])


def quick(**params):
    settings = {"method": "em", "max_epochs": 20, "batch_size": 16, "random_state": 0}
    return CrowdClassifier(**settings, **params)


def named(y):
    """Return the answers as texts, None where there is none."""
    return np.where(y < 0, None, NAMES[np.maximum(y, 0)])


def table(y):
    return pd.DataFrame(named(y)).astype(DTYPE)


def long(frame):
    """Return the same answers, read from a long table."""
    rows = frame.reset_index(names="item").melt("item", var_name="who").dropna()
    rows["value"] = rows["value"].astype(DTYPE)
    assert rows["value"].cat.ordered
    return Annotations.from_long("item", "who", "value", data=rows, n_items=len(frame))


def test_predictions_are_medians(fitted, stars):
    X = stars[0]
    proba = fitted.predict_proba(X)
    below = np.cumsum(proba, axis=1)
    code = fitted.predict(X)
    rows = np.arange(len(X))
    assert (below[rows, code] >= 0.5).all()
    assert (below[rows, np.maximum(code - 1, 0)] < 0.5)[code > 0].all()
    assert fitted.class_order_.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("seed", range(3))
def test_the_median_has_the_smallest_expected_distance(seed):
    rng = np.random.default_rng(seed)
    proba, ranks = rng.dirichlet(np.ones(5), size=20), rng.permutation(5)
    distance = proba @ np.abs(ranks[:, None] - ranks)
    rows = np.arange(20)
    found = median_class(proba, ranks)
    np.testing.assert_allclose(distance[rows, found], distance.min(axis=1))
    np.testing.assert_array_equal(median_class(3 * proba, ranks), found)


def test_the_order_changes_the_network_and_its_predictions(fitted, stars):
    X, y, truth = stars
    nominal = quick(ordinal=False).fit(X, y)
    assert not hasattr(nominal, "class_order_")
    assert nominal.net_.module_.ordered is None
    assert fitted.net_.module_.ordered is not None
    changed = fitted.predict_proba(X) - nominal.predict_proba(X)
    assert np.abs(changed).max() > 0.01
    assert np.abs(fitted.predict(X) - truth).mean() < 0.3


@pytest.mark.parametrize("method", ["em", "majority_vote", "regularized_em"])
def test_methods_know_the_order(method, stars):
    X, y, _ = stars
    net = {"module": torch_linear}
    ordered, nominal = (
        small(method, ordinal=ordinal, **net).fit(X, y) for ordinal in (True, False)
    )
    difference = ordered.annotator_confusion_ - nominal.annotator_confusion_
    assert np.abs(difference).max() > 1e-3


def torch_linear(**_):
    from torch import nn

    return nn.Linear(2, 4)


def test_all_ways_to_state_an_order_are_one(fitted, stars):
    X, y, _ = stars
    expected = NAMES[fitted.predict(X)]
    ways = [
        quick(ordinal=True, classes=NAMES).fit(X, named(y)),
        quick().fit(X, table(y)),
        quick(ordinal=True).fit(X, Annotations.from_dense(named(y), classes=NAMES)),
        quick().fit(X, Annotations.from_dense(table(y))),
    ]
    assert long(table(y)) == Annotations.from_dense(table(y))
    for clf in ways:
        assert clf.class_order_.tolist() == NAMES.tolist()
        assert clf.classes_.tolist() == sorted(NAMES)
        by_rank = clf.predict_proba(X)[:, np.argsort(clf._class_ranks)]
        np.testing.assert_allclose(by_rank, fitted.predict_proba(X), atol=0.02)
        assert np.mean(clf.predict(X) == expected) > 0.98


def test_the_reverse_order_is_the_same(fitted, stars):
    X, y, _ = stars
    reverse = quick(ordinal=True).fit(X, np.where(y < 0, y, 3 - y))
    np.testing.assert_allclose(
        reverse.predict_proba(X)[:, ::-1], fitted.predict_proba(X), atol=0.02
    )
    np.testing.assert_allclose(
        reverse.posterior_[:, ::-1], fitted.posterior_, atol=0.02
    )


def test_an_order_may_be_that_of_the_alphabet(stars):
    X, y, _ = stars
    names = np.array(["a", "b", "c", "d"])
    y = Annotations.from_dense(np.where(y < 0, None, names[np.maximum(y, 0)]))

    def quick(**params):
        params |= {"random_state": 0, "max_epochs": 1}
        return CrowdClassifier(method="majority_vote", **params)

    ordered = quick().fit(X, y.with_classes(names, ordered=True))
    assert ordered.class_order_.tolist() == names.tolist()
    assert quick(ordinal=True, classes=names).fit(X, y).class_order_[0] == "a"
    assert not hasattr(quick().fit(X, y), "class_order_")
    assert not hasattr(ordered.fit(X, y), "class_order_")
    with pytest.raises(ValueError, match="order of the classes"):
        quick(ordinal=True).fit(X, y)


def test_texts_need_an_order(stars):
    X, y, _ = stars
    with pytest.raises(ValueError, match="order of the classes"):
        quick(ordinal=True).fit(X, named(y))
    with pytest.raises(ValueError, match="'ordinal' parameter"):
        quick(ordinal="yes").fit(X, y)


def test_ordered_categories_are_those_of_all_columns(stars):
    y = table(stars[1])
    assert ordered_categories(y).tolist() == NAMES.tolist()
    assert ordered_categories(y[0]).tolist() == NAMES.tolist()
    assert ordered_categories(y.astype(object)) is None
    assert ordered_categories(y.assign(b=y[0].cat.as_unordered())) is None
    assert ordered_categories(stars[1]) is None


def test_reports_show_biases_in_steps(fitted, stars):
    report = fitted.annotator_report()
    bias = report["rank_bias"].to_numpy()
    assert bias[3] > 0.3
    assert bias[4] < -0.3
    assert np.abs(bias[:3]).max() < 0.25
    assert (report["rank_error"] >= np.abs(bias)).all()


def on_a_scale(seed, noise, n_answers, n_items=150):
    """Draw answers of annotators who hear the true class of five with some noise."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_items, 4))
    latent = X[:, 0] + X[:, 1]
    truth = np.searchsorted(np.quantile(latent, [0.2, 0.4, 0.6, 0.8]), latent)
    y = np.full((n_items, len(noise)), -1)
    for column, (size, n) in enumerate(zip(noise, n_answers, strict=True)):
        items = rng.choice(n_items, n, replace=False)
        heard = truth[items] + size * rng.standard_normal(n)
        y[items, column] = np.clip(np.round(heard), 0, 4)
    return X.astype(np.float32), y, truth


def ten_levels(seed, n_items=300, per_item=4):
    """Draw answers on ten levels; some answer too high or low, some hardly listen."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_items, 4))
    latent = X[:, 0] + X[:, 1] + 0.5 * rng.standard_normal(n_items)
    cuts = np.quantile(latent, np.arange(1, 10) / 10)
    truth = np.searchsorted(cuts, latent)
    bias = np.repeat([0, 2, -2, 0], [8, 4, 3, 5])
    noise = np.repeat([1.2, 1.5, 1.5, 4], [8, 4, 3, 5])
    y = np.full((n_items, len(bias)), -1)
    for n in range(n_items):
        annotator = rng.choice(len(bias), per_item, replace=False)
        heard = (
            truth[n]
            + bias[annotator]
            + noise[annotator] * rng.standard_normal(per_item)
        )
        y[n, annotator] = np.clip(np.round(heard), 0, 9)
    return X.astype(np.float32), y, truth


@pytest.mark.slow
def test_predictions_and_answers_together_infer_best():
    errors = []
    for seed in range(3):
        X, y, truth = ten_levels(seed)
        clf = CrowdClassifier(ordinal=True, random_state=seed).fit(X, y)
        ratings = CrowdRegressor(random_state=seed).fit(X, np.where(y < 0, np.nan, y))
        answers = Annotations.from_dense(y, classes=np.arange(10))
        given_truth = AnswerCounts(answers).log_likelihood(clf.annotator_confusion_)
        found = [
            median_class(clf.posterior_, np.arange(10)),
            clf.predict(X),
            median_class(softmax(given_truth, axis=1), np.arange(10)),
            np.clip(np.rint(ratings.posterior_mean_), 0, 9),
        ]
        errors.append([np.abs(each - truth).mean() for each in found])
    both, *others = np.mean(errors, axis=0)
    assert both < min(others)


def test_intervals_of_accuracy_are_narrow_on_a_scale():
    noise, n_answers = [0.35, *[0.7] * 6], [81, *[62] * 6]
    holds, width = [], []
    for seed in range(6):
        X, y, truth = on_a_scale(seed, noise, n_answers)
        clf = CrowdClassifier(ordinal=True, random_state=0).fit(X, y)
        report = clf.annotator_report()
        own = (y == truth[:, None]).sum(axis=0) / n_answers
        low, high = report["accuracy_low"], report["accuracy_high"]
        holds.append((low <= own) & (own <= high))
        width.append(high - low)
    assert np.mean(holds) >= 0.9
    assert np.mean(width, axis=0)[0] < 0.35
    assert np.mean(width) < 0.4


def test_scores_know_the_order(fitted, stars):
    X, y, truth = stars
    score = get_scorer("ordinal_agreement")(fitted, X, y)
    assert fitted.score(X, y) == score
    gold = {"gold": truth}
    error = -get_scorer("gold_neg_rank_error")(fitted, X, y, **gold)
    assert error == pytest.approx(np.abs(fitted.predict(X) - truth).mean())
    from sklearn.metrics import cohen_kappa_score

    kappa = cohen_kappa_score(truth, fitted.predict(X), weights="quadratic")
    found = get_scorer("gold_quadratic_kappa")(fitted, X, y, **gold)
    assert found == pytest.approx(kappa)
    assert fitted.score(X, truth) == np.mean(fitted.predict(X) == truth)


def test_scores_follow_the_order_of_names(stars):
    X, y, truth = stars
    clf = quick().fit(X, table(y))
    error = -get_scorer("gold_neg_rank_error")(clf, X, gold=NAMES[truth])
    place = {name: rank for rank, name in enumerate(NAMES)}
    expected = np.abs([place[name] for name in clf.predict(X)] - truth).mean()
    assert error == pytest.approx(expected)


def test_searches_and_pipelines(stars):
    X, y, truth = stars
    pipe = make_pipeline(StandardScaler(), quick(ordinal=True))
    grid = {"crowdclassifier__ordinal": [True, False]}
    search = GridSearchCV(pipe, grid, cv=KFold(2)).fit(X, y)
    assert search.score(X, truth) > 0.6
    assert clone(quick(ordinal=True)).ordinal is True


def test_an_order_is_saved(fitted, stars, tmp_path):
    skcrowd.save(fitted, tmp_path / "clf.skcrowd")
    loaded = skcrowd.load(tmp_path / "clf.skcrowd")
    assert loaded.class_order_.tolist() == fitted.class_order_.tolist()
    np.testing.assert_array_equal(loaded.predict(stars[0]), fitted.predict(stars[0]))


def test_parts_keep_the_order(stars):
    X, y, truth = stars
    clf = quick(ordinal=True)
    for _ in range(3):
        clf.partial_fit(X[:60], named(y)[:60], classes=NAMES)
        clf.partial_fit(X[60:], named(y)[60:])
    assert clf.class_order_.tolist() == NAMES.tolist()
    warm = quick(ordinal=True, warm_start=True, classes=NAMES).fit(X, named(y))
    assert warm.fit(X, named(y)).class_order_.tolist() == NAMES.tolist()
    assert np.mean(warm.predict(X) == NAMES[truth]) > 0.6


def test_gold_and_true_labels_have_an_order(stars):
    X, y, truth = stars
    gold = np.where(np.arange(len(X)) < 40, truth, -1)
    clf = quick(ordinal=True).fit(X, y, gold=gold)
    np.testing.assert_array_equal(clf.posterior_[:40].argmax(axis=1), truth[:40])
    known = quick().fit(X, pd.Series(NAMES[truth]).astype(DTYPE))
    assert known.class_order_.tolist() == NAMES.tolist()
    assert np.mean(known.predict(X) == NAMES[truth]) > 0.8
