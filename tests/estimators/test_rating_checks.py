"""Warnings of fits about crowds whose ratings mislead."""

import warnings

import numpy as np
import pytest
from _data import small

from skcrowd import Annotations, CrowdRegressor
from skcrowd.aggregation._dependence_ratings import find_dependent_ratings
from skcrowd.estimators._rating_checks import warn_of_rating_crowd
from skcrowd.exceptions import CrowdWarning


def crowd(noise, n_items=300, seed=0, spread=0.0, per_item=None, stars=False):
    """Draw the truth, and ratings to one decimal, or from 1 to 5.

    Parameters
    ----------
    noise : list of float
        Standard deviation of every annotator.
    spread : float
        How much the noise differs between items, the same for all annotators.
    per_item : int
        Number of ratings an item.
    """
    rng = np.random.default_rng(seed)
    truth = rng.normal(3, 1, n_items)
    size = np.array(noise) * rng.lognormal(0, spread, (n_items, 1))
    y = np.round(truth[:, None] + size * rng.standard_normal(size.shape), 1)
    if stars:
        y = np.clip(np.round(y), 1, 5)
    if per_item is not None:
        y[rng.random(y.shape).argsort(axis=1) >= per_item] = np.nan
    return truth, y


def annotations(y):
    item, annotator = np.nonzero(np.isfinite(y))
    return Annotations.from_long(
        item,
        annotator,
        y[item, annotator],
        kind="numbers",
        n_items=len(y),
        annotator_ids=range(y.shape[1]),
    )


def messages(y, gold=None):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_rating_crowd(annotations(y), gold)
    assert all(warning.category is CrowdWarning for warning in caught)
    return [str(warning.message) for warning in caught]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("form", [{}, {"spread": 0.7}, {"stars": True}])
@pytest.mark.parametrize("per_item", [3, None])
@pytest.mark.parametrize(
    "noise", [[0.6] * 5, [0.2, 0.4, 0.8, 1.6] * 3, [1e-9, 1e-9, 0.6, 0.6, 1, 1]]
)
def test_independent_annotators_are_no_reason_to_warn(noise, per_item, form, seed):
    truth, y = crowd(noise, 300, seed, per_item=per_item, **form)
    gold = np.where(np.arange(300) < 60, truth, np.nan)
    assert not messages(y, gold)
    assert (find_dependent_ratings(annotations(y)) == -1).all()


def test_very_few_items_show_nothing():
    _, y = crowd([9.0] * 6, n_items=15)
    y[:, 1] = y[:, 0]
    assert not messages(y)


@pytest.mark.parametrize("stars", [False, True])
def test_copies(stars):
    _, y = crowd([0.6] * 8, stars=stars)
    y[:, 7] = y[:, 2]
    (message,) = messages(y)
    assert "gave the same ratings" in message
    assert "2, 7." in message
    assert find_dependent_ratings(annotations(y)).tolist() == [-1, -1, 0, *[-1] * 4, 0]


def test_a_group_with_common_errors_that_outvotes_the_others():
    truth, y = crowd([0.4] * 10)
    rng = np.random.default_rng(1)
    error = rng.standard_normal((300, 1))
    y[:, :6] = 0.5 * truth[:, None] + error + 0.3 * rng.standard_normal((300, 6))
    (message,) = messages(y)
    assert "0, 1, 2, 3, 4, 5 err together" in message
    assert "60% of the ratings" in message
    assert find_dependent_ratings(annotations(y)).tolist() == [0] * 6 + [-1] * 4


def test_a_dominant_annotator_without_information():
    rng = np.random.default_rng(0)
    truth, y = crowd([0.4] * 9, n_items=900)
    y[:, 1:][rng.random((900, 8)) < 0.95] = np.nan
    assert not messages(y)
    y[:, 0] = rng.standard_normal(900)
    (message,) = messages(y)
    assert "annotator 0 gave 7" in message
    assert "do not correlate" in message
    y[:, 0] = -truth  # upside down tells as much
    assert not messages(y)


def test_a_crowd_whose_ratings_do_not_correlate():
    y = np.random.default_rng(1).standard_normal((300, 5))
    (message,) = messages(y)
    assert "the 5 annotators rate the same items, and their ratings do not" in message


def test_ratings_that_are_all_alike_are_no_evidence():
    assert not messages(np.full((300, 5), 2.0))


def test_gold_that_contradicts_the_ratings():
    truth, y = crowd([0.6] * 5)
    gold = np.where(np.arange(300) < 30, -truth, np.nan)
    (message,) = messages(y, gold)
    assert (
        "over 30 items the correlation of gold and the mean rating is -0.9" in message
    )
    assert not messages(y, np.where(np.arange(300) < 9, -truth, np.nan))
    shuffled = np.random.default_rng(0).permutation(truth)
    (message,) = messages(y, shuffled)
    assert "the same rows" in message


def test_a_fit_warns_and_its_report_has_the_group():
    truth, y = crowd([0.6] * 8)
    y[:, 7] = y[:, 2]
    X = truth[:, None].astype(np.float32)
    with pytest.warns(CrowdWarning, match=r"2, 7\.") as caught:
        reg = small("em", CrowdRegressor).fit(X, y)
    assert len(caught) == 1
    group = reg.annotator_report()["group"]
    assert group.tolist() == [None, None, 0, None, None, None, None, 0]
    reg.partial_fit(X[:20], np.column_stack([y[:20], y[:20, :1]]))
    assert reg.annotator_report()["group"].tolist() == [*group, None]


def test_a_known_truth_is_no_crowd():
    truth, _ = crowd([1.0])
    small("em", CrowdRegressor).fit(truth[:, None].astype(np.float32), truth)


def test_gold_far_from_all_ratings():
    truth, y = crowd([0.3] * 3, n_items=40)
    gold = np.where(np.arange(40) < 3, truth, np.nan)
    gold[5] = 999
    with pytest.warns(CrowdWarning, match=r"gold holds 999 \(1 such numbers\), far"):
        warn_of_rating_crowd(annotations(y), gold)
    with pytest.warns(CrowdWarning, match="gold holds 999"):
        warn_of_rating_crowd(annotations(y), np.where(gold == 999, gold, np.nan))
    warn_of_rating_crowd(annotations(y), 1000 + 40 * truth)  # in a unit of its own
