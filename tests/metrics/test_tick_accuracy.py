"""Precision and recall of ticked labels."""

import numpy as np

from skcrowd.annotations import Annotations
from skcrowd.metrics._tick_accuracy import TickCounts, tick_counts

# two items with two labels each, two annotators; columns are annotator and label
DECISIONS = Annotations.from_dense(
    [[1, -1, 0, -1], [-1, 0, -1, 1], [1, -1, 1, -1], [-1, 1, -1, 1]], classes=[0, 1]
)
APPLIES = np.array([0.9, 0.2, 0.6, 1.0])
POSTERIOR = np.stack([1 - APPLIES, APPLIES], axis=1)


def counts():
    return tick_counts(DECISIONS, POSTERIOR, POSTERIOR, n_labels=2)


def test_expected_precision_recall_and_f1():
    columns = counts().columns(0.95, by_label=False)
    assert columns["n_ticked"].tolist() == [3, 3]
    hits = np.array([0.9 + 0.6 + 1.0, 0.2 + 0.6 + 1.0])
    np.testing.assert_allclose(columns["precision"], hits / 3)
    np.testing.assert_allclose(columns["recall"], hits / APPLIES.sum())
    np.testing.assert_allclose(columns["f1"], 2 * hits / (3 + APPLIES.sum()))
    left = np.array([1 - 0.2, 1 - 0.9])
    np.testing.assert_allclose(columns["accuracy"], (hits + left) / 4)


def test_by_label():
    columns = counts().columns(0.95, by_label=True)
    assert columns["n_ticked"].tolist() == [2, 1, 1, 2]
    np.testing.assert_allclose(columns["precision"], [0.75, 1.0, 0.6, 0.6])
    np.testing.assert_allclose(columns["recall"], [1.0, 1 / 1.2, 0.4, 1.0])


def test_who_ticks_nothing_has_no_precision():
    nothing = Annotations.from_dense([[0, -1], [-1, 0]], classes=[0, 1])
    found = tick_counts(nothing, POSTERIOR[:2], POSTERIOR[:2], n_labels=2)
    columns = found.columns(0.95, by_label=False)
    assert np.isnan(columns["precision"][0])
    assert columns["recall"][0] == 0
    assert (columns["precision_low"][0], columns["precision_high"][0]) == (0, 1)


def test_decisions_that_are_right_or_wrong_together_widen_the_intervals():
    applies = np.repeat(np.arange(40) % 2, 4).astype(float)  # all four labels, or none
    ticks = np.where(np.arange(160)[:, None] % 4 == np.arange(4), 1, -1)
    posterior = np.stack([1 - applies, applies], axis=1)
    decisions = Annotations.from_dense(ticks, classes=[0, 1])
    together = tick_counts(decisions, posterior, posterior, n_labels=4)
    shuffled = posterior[np.random.default_rng(0).permutation(160)]
    apart = tick_counts(decisions, shuffled, shuffled, n_labels=4)
    widths = [
        c["precision_high"][0] - c["precision_low"][0]
        for c in (found.columns(0.95, by_label=False) for found in (together, apart))
    ]
    assert widths[0] > 1.4 * widths[1]


def test_counts_are_restored_from_plain_tuples():
    stored = counts().stored()
    assert type(stored[2]) is tuple
    restored = TickCounts.of(stored).columns(0.9, by_label=True)
    for name, values in counts().columns(0.9, by_label=True).items():
        np.testing.assert_array_equal(restored[name], values)
