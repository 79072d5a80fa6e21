import numpy as np
import pytest

from skcrowd.aggregation import pooled_confusion, shrunk_confusion
from skcrowd.aggregation._pooled_confusion import shrunk_to_typical

COUNTS = np.array(
    [
        [[3.0, 1.0], [0.5, 4.5]],
        [[0.0, 0.0], [2.0, 0.0]],
        [[0.0, 0.0], [0.0, 0.0]],
    ]
)


def test_pooled_confusion_adds_one_count_mostly_on_the_diagonal():
    expected = [[3.7 / 5, 1.3 / 5], [2.8 / 8, 5.2 / 8]]
    np.testing.assert_allclose(pooled_confusion(COUNTS), expected)


def test_pooled_confusion_of_three_classes_spreads_the_rest():
    expected = np.full((3, 3), 0.15) + 0.55 * np.eye(3)
    np.testing.assert_allclose(pooled_confusion(np.zeros((2, 3, 3))), expected)


def test_pseudo_counts_zero_is_relative_frequency_and_pooled_where_nothing_is_known():
    confusion = shrunk_confusion(COUNTS, 0)
    pooled = pooled_confusion(COUNTS)
    np.testing.assert_allclose(confusion[0], [[0.75, 0.25], [0.1, 0.9]])
    np.testing.assert_allclose(confusion[1], [pooled[0], [1, 0]])
    np.testing.assert_allclose(confusion[2], pooled)


def test_huge_pseudo_counts_makes_everyone_the_crowd():
    confusion = shrunk_confusion(COUNTS, 1e12)
    expected = np.broadcast_to(pooled_confusion(COUNTS), COUNTS.shape)
    np.testing.assert_allclose(confusion, expected, rtol=1e-9)


def test_pseudo_counts_counts_as_that_many_answers():
    expected = (COUNTS[0, 1] + 3 * pooled_confusion(COUNTS)[1]) / (5 + 3)
    np.testing.assert_allclose(shrunk_confusion(COUNTS, 3.0)[0, 1], expected)


@pytest.mark.parametrize("pseudo_counts", [0, 0.1, 1.0, 50.0])
@pytest.mark.parametrize("n_classes", [1, 2, 5])
def test_rows_are_probabilities(pseudo_counts, n_classes):
    rng = np.random.default_rng(0)
    counts = rng.poisson(0.5, (6, n_classes, n_classes)).astype(float)
    confusion = shrunk_confusion(counts, pseudo_counts)
    assert ((confusion >= 0) & (confusion <= 1)).all()
    np.testing.assert_allclose(confusion.sum(axis=2), 1, rtol=0, atol=1e-12)


@pytest.mark.parametrize("pseudo_counts", [0, 2.0])
def test_relabelling_permutes_truth_and_answer(pseudo_counts):
    rng = np.random.default_rng(0)
    counts = rng.poisson(1.0, (4, 5, 5)).astype(float)
    order = rng.permutation(5)
    both = np.ix_(range(4), order, order)
    np.testing.assert_allclose(
        shrunk_confusion(counts[both], pseudo_counts),
        shrunk_confusion(counts, pseudo_counts)[both],
        rtol=1e-13,
    )


def test_without_pseudo_counts_a_row_without_counts_is_the_typical_one():
    confusion = shrunk_to_typical(COUNTS, 0.0)
    np.testing.assert_allclose(confusion[0], [[0.75, 0.25], [0.1, 0.9]])
    np.testing.assert_array_equal(confusion[1, 0], confusion[2, 0])
    np.testing.assert_allclose(confusion[2].sum(axis=1), 1)
    assert np.isfinite(shrunk_to_typical(np.zeros((2, 3, 3)), 0.0)).all()
