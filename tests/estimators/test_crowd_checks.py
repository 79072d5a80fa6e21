"""Warnings of fits about crowds whose answers mislead."""

import warnings

import numpy as np
import pytest
from _data import with_mlp

from skcrowd import Annotations, CrowdClassifier
from skcrowd.aggregation._dependence_pairs import some_items
from skcrowd.estimators import _crowd_checks
from skcrowd.estimators._crowd_checks import warn_of_crowd
from skcrowd.exceptions import CrowdWarning

N_CLASSES = 3


def crowd(accuracy, n_items=300, seed=0, spread=0.0, per_item=None):
    """Draw the truth, and answers of annotators that are right with an accuracy.

    Parameters
    ----------
    accuracy : list of float
    spread : float
        How much the accuracy differs between items, the same for all annotators.
    per_item : int
        Number of answers an item.
    """
    rng = np.random.default_rng(seed)
    truth = rng.integers(N_CLASSES, size=n_items)
    ease = 1 - spread * rng.random((n_items, 1)) ** 2
    is_right = rng.random((n_items, len(accuracy))) < np.array(accuracy) * ease
    wrong = (truth[:, None] + rng.integers(1, N_CLASSES, is_right.shape)) % N_CLASSES
    y = np.where(is_right, truth[:, None], wrong)
    if per_item is not None:
        order = rng.random(y.shape).argsort(axis=1)
        y[order >= per_item] = -1
    return truth, y


def messages(y, gold=None):
    annotations = Annotations.from_dense(y, classes=np.arange(N_CLASSES))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_crowd(annotations, gold)
    assert all(warning.category is CrowdWarning for warning in caught)
    return [str(warning.message) for warning in caught]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("spread", [0.0, 0.9])
@pytest.mark.parametrize("per_item", [2, 3, None])
@pytest.mark.parametrize(
    "accuracy",
    [[0.7] * 5, [1.0] * 4 + [0.6] * 4, [0.95] * 6, [0.9, 0.8, 0.7, 0.6, 1 / 3, 1 / 3]],
)
def test_independent_annotators_are_no_reason_to_warn(accuracy, per_item, spread, seed):
    truth, y = crowd(accuracy, 300, seed, spread, per_item)
    gold = np.where(np.arange(300) < 60, truth, -1)
    assert not messages(y, gold)


def test_very_few_items_show_nothing():
    _, y = crowd([1 / 3] * 6, n_items=20)
    y[:, 1] = y[:, 0]
    assert not messages(y)


def test_copies():
    _, y = crowd([0.7] * 8)
    y[:, 7] = y[:, 2]
    (message,) = messages(y)
    assert "gave the same answers" in message
    assert "2, 7." in message
    assert "annotator_dependence" in message


def test_two_who_never_err_are_no_copies():
    _, y = crowd([1.0, 1.0, 0.8, 0.8, 0.8, 0.8])
    assert not messages(y)


def test_a_group_that_outvotes_the_others():
    _, y = crowd([0.4] * 7 + [0.9] * 3)
    y[:, :7] = y[:, :1]
    (message,) = messages(y)
    assert "0, 1, 2, 3, 4, 5, 6 err together" in message
    assert "70% of the answers" in message


@pytest.mark.parametrize("kind", ["at random", "one class"])
def test_a_dominant_annotator_without_information(kind):
    _, y = crowd([1 / 3, *[0.9] * 8], n_items=900)
    y[:, 1:][np.random.default_rng(1).random((900, 8)) < 0.96] = -1
    if kind == "one class":
        y[:, 0] = 2
    (message,) = messages(y)
    assert "annotator 0 gave 7" in message


def test_a_dominant_annotator_who_agrees_with_the_others():
    _, y = crowd([0.8, *[0.9] * 8], n_items=900)
    y[:, 1:][np.random.default_rng(1).random((900, 8)) < 0.96] = -1
    assert not messages(y)


def test_a_crowd_at_chance():
    _, y = crowd([1 / 3] * 5)
    (message,) = messages(y)
    assert message.startswith("the 5 annotators agree no more often than by chance")


def test_some_of_a_crowd_that_are_right():
    """On average answers agree by chance, because others take classes for others."""
    truth, y = crowd([1.0, 1.0, 1 / 3, 1 / 3])
    y[:, 2:] = (truth[:, None] + [1, 2]) % N_CLASSES
    assert not messages(y)


def test_gold_that_contradicts_the_majority():
    truth, y = crowd([0.8] * 5)
    y[truth == 1] = np.where(y[truth == 1] == 1, 2, y[truth == 1])
    gold = np.where(np.arange(300) < 60, truth, -1)
    (message,) = messages(y, gold)
    assert "items of class 1 by gold, most annotators gave 2 to" in message
    assert not messages(y, np.where(np.arange(300) < 6, truth, -1))


def test_the_work_has_a_limit(monkeypatch):
    _, y = crowd([0.7] * 8, n_items=2000)
    y[:, 7] = y[:, 2]
    monkeypatch.setattr(_crowd_checks, "MOST_PAIRS", 28 * 500)
    annotations = Annotations.from_dense(y)
    assert len(some_items(annotations, 28 * 500)) == 500
    (message,) = messages(y)
    assert "2, 7." in message


def test_a_fit_warns_once_and_names_the_annotators():
    truth, y = crowd([0.7] * 8)
    y[:, 7] = y[:, 2]
    names = [f"ann{k}" for k in range(8)]
    answers = Annotations.from_dense(y, annotator_names=names)
    X = np.eye(N_CLASSES, dtype=np.float32)[truth]
    with pytest.warns(CrowdWarning, match=r"ann2, ann7\.") as caught:
        with_mlp("em", CrowdClassifier).fit(X, answers)
    assert len(caught) == 1


def test_a_known_truth_is_no_crowd():
    truth, _ = crowd([1.0])
    X = np.eye(N_CLASSES, dtype=np.float32)[truth]
    with_mlp("em", CrowdClassifier).fit(X, truth)
