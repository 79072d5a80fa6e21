"""CrowdRegressor where crowds, networks or tables are not as one would like them."""

import numpy as np
import pandas as pd
import pytest
from _data import small
from torch import nn

from skcrowd import CrowdRegressor
from skcrowd.datasets import make_annotations
from skcrowd.exceptions import CrowdWarning


def regressor(**parameters):
    return small("em", CrowdRegressor, **parameters)


def blobs_of_numbers(n_items, noise=0.0):
    """Items whose truth is a curved function of three features."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_items, 3)).astype(np.float32)
    truth = 3 + X[:, 0] + np.abs(X[:, 1]) + noise * rng.standard_normal(n_items)
    return X, truth


def test_honest_annotators_decide_the_scale_against_fewer_adversaries():
    X, truth = blobs_of_numbers(300)
    crowd = make_annotations(
        truth,
        {"average": 3, "adversarial": 2},
        kind="numbers",
        answers_per_item=3,
        random_state=0,
    )
    reg = CrowdRegressor(random_state=0, lr=1e-2).fit(X, crowd.annotations)
    assert reg.score(X, truth) > 0.9
    np.testing.assert_array_equal(np.sign(reg.annotator_scale_), [1, 1, 1, -1, -1])


@pytest.mark.parametrize("n_annotators", [10, 300])
def test_the_spread_is_honest_about_a_network_that_memorises(n_annotators):
    X, truth = blobs_of_numbers(1000, noise=0.3)
    crowd = make_annotations(
        truth[:500],
        {"average": n_annotators},
        kind="numbers",
        answers_per_item=3,
        random_state=0,
    )
    reg = CrowdRegressor(random_state=0, lr=1e-2, max_epochs=60)
    reg.fit(X[:500], crowd.annotations)
    predicted, std = reg.predict(X[500:], return_std=True)
    error = np.std(predicted - truth[500:])
    assert 0.6 * error < std[0] < 1.6 * error
    reg.set_params(calibrate=False).fit(X[:500], crowd.annotations)
    assert reg.prediction_std_ < std[0]


def test_ratings_are_matched_by_the_numbers_of_annotators(rated_items):
    X, _, y = rated_items
    reg = regressor().fit(X, pd.DataFrame(y, columns=range(5)))
    some = pd.DataFrame(y[:, [4, 2]], columns=[4, 2])
    alone = np.full_like(y, np.nan)
    alone[:, [4, 2]] = y[:, [4, 2]]
    assert reg.score(X, some) == pytest.approx(reg.score(X, alone))


def test_stars_with_minus_one_are_told_so(rated_items):
    X = rated_items[0]
    stars = np.arange(300).reshape(60, 5) % 5 + 1
    stars[::3, 0] = -1
    with pytest.warns(CrowdWarning, match=r"-1 \(20 times\).*read as a rating"):
        regressor().fit(X, stars)
    regressor().fit(X, stars - 2)


def test_a_network_with_a_bare_squeeze_predicts_one_item(rated_items):
    class Squeezed(nn.Linear):
        def forward(self, X):
            return super().forward(X).squeeze()

    X, _, y = rated_items
    reg = CrowdRegressor(Squeezed(3, 1), max_epochs=2, random_state=0).fit(X, y)
    np.testing.assert_allclose(reg.predict(X[:1]), reg.predict(X)[:1], rtol=1e-5)


@pytest.mark.parametrize("rating", [0.0, 0.1, 3.0, -1e6])
@pytest.mark.parametrize("method", ["em", "crowd_layer", "kd_crowd", "mean"])
def test_ratings_that_are_all_the_same_are_the_truth(method, rating):
    X, _ = blobs_of_numbers(60)
    reg = CrowdRegressor(method=method, max_epochs=2, random_state=0)
    reg.fit(X, np.full((60, 3), rating))
    predicted, std = reg.predict(X, return_std=True)
    np.testing.assert_allclose(predicted, rating, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(reg.posterior_mean_, rating, rtol=1e-7, atol=1e-7)
    assert (std < 1e-6 * (abs(rating) or 1.0)).all()


@pytest.mark.parametrize("n_known", [1, 5, 20])
@pytest.mark.parametrize("truth", [4.0, 103.0, 3.0])
def test_known_truths_that_are_all_the_same_decide_where_ratings_are(truth, n_known):
    X, _ = blobs_of_numbers(60)
    gold = np.where(np.arange(60) < n_known, truth, np.nan)
    reg = CrowdRegressor(random_state=0).fit(X, np.full((60, 4), 3.0), gold=gold)
    # as if one more item, rated 3, were known: once of the shift, once of the network
    expected = truth - (truth - 3) / (n_known + 1) ** 2
    np.testing.assert_allclose(reg.predict(X), expected, rtol=1e-6)


def test_known_truths_that_hardly_differ_are_like_those_that_are_the_same():
    X, _ = blobs_of_numbers(60)
    gold = np.where(np.arange(60) < 20, 103 + 1e-3 * X[:, 0], np.nan)
    reg = CrowdRegressor(random_state=0).fit(X, np.full((60, 4), 3.0), gold=gold)
    np.testing.assert_allclose(reg.predict(X), 103, atol=0.5)


def test_a_prior_has_the_unit_of_ratings_that_are_all_the_same():
    X, _ = blobs_of_numbers(20)
    prior = pd.Series([0.5, 1.0, 2.0])
    reg = CrowdRegressor(annotator_prior=prior, max_epochs=2, random_state=0)
    assert np.isfinite(reg.fit(X, np.full((20, 3), 3.0)).predict(X)).all()


@pytest.mark.parametrize("settings", [{}, {"warm_start": True}])
def test_other_ratings_may_follow_those_that_are_all_the_same(settings):
    X, truth = blobs_of_numbers(60)
    reg = CrowdRegressor(
        method="em", lr=1e-2, max_epochs=30, random_state=0, **settings
    )
    call = reg.fit if settings else reg.partial_fit
    call(X, np.full((60, 3), 3.0))
    for _ in range(1 if settings else 60):
        call(X, np.repeat(truth[:, None], 3, axis=1))
    assert reg.score(X, truth) > 0.5


def test_gold_decides_the_unit_of_ratings_that_are_all_the_same():
    X, truth = blobs_of_numbers(60)
    reg = CrowdRegressor(method="em", lr=1e-2, max_epochs=60, random_state=0)
    reg.fit(X, np.full((60, 3), 3.0), gold=truth)
    assert reg.score(X, truth) > 0.5
