"""empirical_confusion and confusion_error."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrowd.datasets import make_annotations
from skcrowd.metrics import confusion_error, empirical_confusion

NAN = np.nan


def crowd_of(seed, n_annotators=4, n_classes=3, n_items=60):
    gold = np.random.RandomState(seed).randint(n_classes, size=n_items)
    gold[:n_classes] = np.arange(n_classes)
    crowd = make_annotations(gold, n_annotators, answers_per_item=2, random_state=seed)
    return crowd, gold


def test_counts_by_hand():
    y = [["cat", None], ["dog", "cat"], ["cat", "dog"], ["dog", None]]
    confusion = empirical_confusion(y, ["cat", "dog", "dog", "dog"])
    expected = [[[1, 0], [1 / 3, 2 / 3]], [[NAN, NAN], [1 / 2, 1 / 2]]]
    np.testing.assert_allclose(confusion, expected)


def test_classes_order_rows_and_columns():
    y = [["cat", "cat"], ["dog", "cat"]]
    confusion = empirical_confusion(y, ["cat", "dog"], classes=["dog", "cat", "fox"])
    expected = [
        [[1, 0, 0], [0, 1, 0], [NAN] * 3],
        [[0, 1, 0], [0, 1, 0], [NAN] * 3],
    ]
    np.testing.assert_array_equal(confusion, expected)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_rows_are_probabilities_or_nan(seed):
    crowd, gold = crowd_of(seed)
    total = empirical_confusion(crowd.annotations, gold).sum(axis=2)
    assert np.allclose(total[~np.isnan(total)], 1)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.permutations(range(4)))
def test_permuting_annotators_permutes(seed, order):
    crowd, gold = crowd_of(seed)
    dense = crowd.annotations.to_dense()
    classes = crowd.classes
    confusion = empirical_confusion(dense, gold, classes=classes)
    permuted = empirical_confusion(dense[:, order], gold, classes=classes)
    np.testing.assert_array_equal(permuted, confusion[list(order)])


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        (["cat"], "inconsistent numbers of samples"),
        (["cat", "cow"], "gold holds 'cow' at row 1, which is none of the classes"),
        ([0, 1], "gold holds 0 at row 0"),
        (["cat", None], r"missing value \(None\) at row 1"),
        ([0.0, NAN], r"missing value \(.*nan.*\) at row 1"),
        ([["cat", "dog"]] * 2, "1d array"),
    ],
)
def test_wrong_gold_is_refused(gold, message):
    with pytest.raises(ValueError, match=message):
        empirical_confusion([["cat", "dog"], ["dog", "dog"]], gold)


def test_an_answer_outside_the_classes_is_refused():
    with pytest.raises(ValueError, match="'dog'"):
        empirical_confusion([["cat", "dog"]], ["cat"], classes=["cat", "fox"])


def random_pair(seed, n_annotators=4, n_classes=3):
    rng = np.random.RandomState(seed)
    return rng.dirichlet(np.ones(n_classes), size=(2, n_annotators, n_classes))


@settings(deadline=None)
@given(st.integers(0, 10_000), st.permutations(range(4)))
def test_error_is_a_symmetric_distance_blind_to_the_order(seed, order):
    a, b = random_pair(seed)
    error = confusion_error(a, b)
    assert confusion_error(a, a) == 0
    assert 0 < error <= 2 / 3
    assert confusion_error(b, a) == pytest.approx(error)
    assert confusion_error(a[list(order)], b[list(order)]) == pytest.approx(error)
    assert error == pytest.approx(np.abs(a - b).mean())


def test_rows_without_data_are_left_out():
    estimated, true = random_pair(0)
    expected = np.abs(estimated - true)[1:].mean()
    true[0] = NAN
    assert confusion_error(estimated, true) == pytest.approx(expected)
    estimated[0] = NAN
    assert confusion_error(estimated, true) == pytest.approx(expected)


@pytest.mark.parametrize("weights", [[3, 0, 1, 2], [True, False, True, True]])
def test_weights_by_annotator(weights):
    estimated, true = random_pair(1)
    each = np.abs(estimated - true).mean(axis=(1, 2))
    expected = np.average(each, weights=np.asarray(weights, dtype=float))
    assert confusion_error(estimated, true, weights=weights) == pytest.approx(expected)


def test_weights_by_row():
    estimated, true = random_pair(2)
    weights = np.random.RandomState(0).uniform(size=(4, 3))
    expected = np.average(np.abs(estimated - true).mean(axis=2), weights=weights)
    assert confusion_error(estimated, true, weights=weights) == pytest.approx(expected)


def test_weight_zero_hides_a_missing_estimate():
    estimated, true = random_pair(3)
    estimated[2] = NAN
    error = confusion_error(estimated, true, weights=[1, 1, 0, 1])
    assert np.isfinite(error)


def test_wrong_pairs_are_refused():
    a, b = random_pair(0)
    with pytest.raises(ValueError, match=r"\(3, 3, 3\) and true \(4, 3, 3\)"):
        confusion_error(a[:3], b)
    with pytest.raises(ValueError, match="n_annotators, n_classes, n_classes"):
        confusion_error(a[0], b[0])
    with pytest.raises(ValueError, match="No row of true is left"):
        confusion_error(a, np.full_like(b, NAN))
    a[0, 0] = NAN
    with pytest.raises(ValueError, match="estimated holds NaN"):
        confusion_error(a, b)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2], r"weights has shape \(2,\).*\(4,\).*\(4, 3\)"),
        ([1, 1, 1, -1], "negative or non-finite"),
        ([1, 1, 1, NAN], "negative or non-finite"),
        ([1, 1, 1, np.inf], "negative or non-finite"),
        ([0, 0, 0, 0], "No row of true is left"),
    ],
)
def test_wrong_weights_are_refused(weights, message):
    a, b = random_pair(0)
    with pytest.raises(ValueError, match=message):
        confusion_error(a, b, weights=weights)
