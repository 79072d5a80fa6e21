"""Confusions of annotators who answer by thresholds on a scale."""

import numpy as np
import pytest
from scipy.special import expit

from skcrowd.aggregation import _scale_confusion
from skcrowd.aggregation._scale_confusion import scale_confusion

RANKS = np.arange(6)
ALMOST_NO_OWN = 1e6  # pseudo-counts


def by_thresholds(bias, spread, slope, n_classes=6):
    """Return the confusion of one annotator, in steps of the scale."""
    place = np.arange(n_classes) - (n_classes - 1) / 2
    heard = slope * place + bias
    below = expit((place[:-1] + 0.5 - heard[:, None]) / spread)
    return np.diff(below, axis=1, prepend=0.0, append=1.0)


CROWD = np.stack(
    [
        by_thresholds(0.0, 0.4, 1.0),
        by_thresholds(0.9, 0.4, 1.0),
        by_thresholds(0.0, 0.9, 1.0),
        by_thresholds(-0.4, 0.4, 0.6),
    ]
)


@pytest.fixture
def counts():
    """Return counts of annotators who gave few answers, many, and none."""
    rng = np.random.default_rng(0)
    number = np.array([3, 20, 100, 0])[:, None]
    return rng.poisson(number[..., None] * CROWD).astype(float)


def test_many_answers_show_bias_spread_and_slope():
    found = scale_confusion(3000 * CROWD, RANKS, ALMOST_NO_OWN)
    np.testing.assert_allclose(found, CROWD, atol=0.02)


@pytest.mark.parametrize("n", [20, 100, 1000])  # answers to each class
@pytest.mark.parametrize("answer", [0, 4])
@pytest.mark.parametrize("share", [1.0, 0.95])
def test_who_nearly_always_gives_one_answer_is_known_by_it(n, answer, share):
    good = by_thresholds(0.0, 0.4, 1.0, 5)
    always = np.full((5, 5), (1 - share) / 4)
    always[:, answer] = share
    counts = np.stack([20 * good] * 6 + [n * always])
    found = scale_confusion(counts, np.arange(5), 3)[-1]
    np.testing.assert_allclose(found[:, answer], share, atol=0.08)
    np.testing.assert_allclose(found, always, atol=0.08)


def test_rows_are_probabilities_also_without_answers(counts):
    for pseudo_counts in (0, 3):
        found = scale_confusion(counts, RANKS, pseudo_counts)
        assert (found >= 0).all()
        np.testing.assert_allclose(found.sum(axis=2), 1)
    last = scale_confusion(np.zeros((1, 6, 6)), RANKS, 3)[0]
    np.testing.assert_allclose(last, last[::-1, ::-1])
    assert (last.argmax(axis=1) == RANKS).all()


def test_the_reverse_scale_has_the_reverse_confusions(counts):
    expected = scale_confusion(counts, RANKS, 3)
    reverse = scale_confusion(counts[:, ::-1, ::-1], RANKS, 3)
    np.testing.assert_allclose(reverse[:, ::-1, ::-1], expected, atol=1e-9)
    np.testing.assert_allclose(
        scale_confusion(counts, RANKS[::-1], 3), expected, atol=1e-9
    )


def test_the_order_of_the_codes_does_not_matter(counts):
    codes = np.array([3, 0, 5, 1, 4, 2])  # of the classes from lowest to highest
    ranks = np.argsort(codes)
    found = scale_confusion(counts[:, ranks][:, :, ranks], ranks, 3)
    expected = scale_confusion(counts, RANKS, 3)
    np.testing.assert_allclose(found, expected[:, ranks][:, :, ranks], atol=1e-12)


def test_own_answers_count_where_pseudo_counts_are_few():
    counts = np.stack([500 * np.eye(6)[[0, 0, 2, 2, 4, 4]], 100 * np.eye(6)])
    own, typical = (scale_confusion(counts, RANKS, n)[0] for n in (0, ALMOST_NO_OWN))
    np.testing.assert_allclose(own, np.eye(6)[[0, 0, 2, 2, 4, 4]])
    assert typical[1, 0] < 0.9


def test_blocks_of_annotators_are_one_crowd(counts, monkeypatch):
    expected = scale_confusion(counts, RANKS, 3)

    def one_by_one(n_rows, n_columns):
        return [slice(row, row + 1) for row in range(n_rows)]

    monkeypatch.setattr(_scale_confusion, "row_blocks", one_by_one)
    np.testing.assert_allclose(scale_confusion(counts, RANKS, 3), expected, atol=1e-12)


def test_derivatives_are_those_of_the_probabilities(counts):
    model = _scale_confusion._ThresholdModel(counts)
    effect = np.array([[0.3, -0.2, 0.8], [-0.5, 0.1, 1.2]])
    _, derivatives = model._probabilities(effect)
    for column in range(3):
        change = 1e-6 * np.eye(3)[column]
        up, down = (model._probabilities(effect + s * change)[0] for s in (1, -1))
        np.testing.assert_allclose(
            derivatives[..., column], (up - down) / 2e-6, atol=1e-7
        )
