"""Confusions of annotators who answer by thresholds on a scale."""

import numpy as np
import pytest
from scipy.special import expit, softmax
from scipy.stats import dirichlet_multinomial

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


def test_who_leaves_out_levels_is_known_by_it():
    good = by_thresholds(0.0, 0.4, 1.0)
    even = np.zeros((6, 6))
    even[:, ::2] = good[:, ::2] + good[:, 1::2]
    counts = np.stack([20 * good] * 6 + [30 * even])
    found = scale_confusion(counts, RANKS, 3)
    np.testing.assert_allclose(found[-1], even, atol=0.06)
    np.testing.assert_allclose(found[0], good, atol=0.05)


@pytest.mark.parametrize("n_answers", [0, 2, 30, 400])  # to each class
def test_closeness_is_the_posterior_of_dirichlet_concentrations(n_answers):
    rng = np.random.default_rng(0)
    typical = CROWD[:2]
    counts = rng.poisson(n_answers * CROWD[::-1][:2]).astype(float)
    concentrations = np.array([3.0, 30.0, 300.0])
    log_posterior = np.empty((3, 2))
    for k, size in enumerate(concentrations):
        for r in range(2):
            rows = zip(counts[r], typical[r], strict=True)
            log_posterior[k, r] = 5 * np.log(size) + sum(
                dirichlet_multinomial.logpmf(row.astype(int), size * p, int(row.sum()))
                for row, p in rows
            )
    expected = softmax(log_posterior, axis=0)
    found = _scale_confusion._closeness(counts, typical, concentrations)
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-12)


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
