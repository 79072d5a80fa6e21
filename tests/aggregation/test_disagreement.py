import numpy as np
import pytest
from _data import crowd
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrowd import Annotations
from skcrowd.aggregation import measure_disagreement
from skcrowd.annotations import _memory


def truth_of(shares, n_items=3000):
    counts = np.round(np.array(shares) * n_items).astype(int)
    return np.repeat(np.arange(len(shares)), counts)


def alike(accuracy, n_classes, n_annotators=6):
    """Confusions of annotators who err at random, all alike."""
    off = (1 - accuracy) / (n_classes - 1)
    one = np.full((n_classes, n_classes), off) + (accuracy - off) * np.eye(n_classes)
    return np.array([one] * n_annotators)


def brute_pairs(dense):
    """Pairs of answers to the same item, each answer against the mean of the others."""
    n_classes = dense.max() + 1
    pairs = np.zeros((n_classes, n_classes))
    for row in dense:
        given = row[row >= 0]
        for i in range(len(given)):
            for j in range(len(given)):
                if i != j:
                    pairs[given[i], given[j]] += 1 / (len(given) - 1)
    return pairs


def test_pairs_of_annotators_who_agree_alike():
    dense = np.array([[0, 0, -1], [1, -1, 1], [-1, 2, 2], [0, 0, 0], [1, 2, 1]])
    found = measure_disagreement(dense)
    assert found.pairs.shape == (3, 3)
    np.testing.assert_allclose(found.pairs, found.pairs.T)
    # trust scales what an annotator's answers count, but for the last item all agree
    assert (found.pairs <= brute_pairs(dense) + 1e-12).all()
    assert found.pairs[1, 2] > 0 == found.pairs[0, 1]


@pytest.mark.parametrize(("accuracy", "n_classes"), [(0.75, 2), (0.8, 3), (0.7, 6)])
def test_finds_the_rate_of_random_errors(accuracy, n_classes):
    shares = np.full(n_classes, 1 / n_classes)
    answers = crowd(truth_of(shares), alike(accuracy, n_classes), 3).annotations
    found = measure_disagreement(answers)
    assert found.error == pytest.approx((1 - accuracy) / (n_classes - 1), rel=0.15)
    assert found.structure < 0.05
    assert found.reliability == pytest.approx(1 - n_classes * found.error)


@pytest.mark.parametrize("shares", [(0.9, 0.1), (0.6, 0.3, 0.1)])
def test_shares_are_nearer_to_the_truth_than_those_of_the_votes(shares):
    answers = crowd(truth_of(shares), alike(0.75, len(shares)), 3).annotations
    found = measure_disagreement(answers)
    votes = np.bincount(answers.answer) / answers.n_answers
    ours, theirs = (np.abs(s - shares).sum() for s in (found.class_shares, votes))
    assert ours < theirs / 2
    assert found.class_shares.sum() == pytest.approx(1)


def test_finds_classes_that_are_mixed_up():
    confusion = np.full((4, 4), 0.02) + 0.92 * np.eye(4)
    confusion[0] = [0.58, 0.38, 0.02, 0.02]
    answers = crowd(truth_of([0.25] * 4), np.array([confusion] * 6), 3).annotations
    found = measure_disagreement(answers)
    assert found.structure > 0.4
    assert found.excess[0, 1] == found.excess.max() > 0
    np.testing.assert_allclose(found.mixing.sum(axis=0), 1)
    np.testing.assert_allclose(found.mixing.sum(axis=1), 1)
    assert (found.mixing >= 0).all()
    shares = np.average(np.eye(4)[answers.answer], axis=0)
    apart = np.abs(np.subtract(*shares[:2]))
    mixed = np.linalg.matrix_power(found.mixing, 3) @ shares
    assert np.abs(np.subtract(*mixed[:2])) < apart
    np.testing.assert_allclose(mixed[2:], shares[2:], atol=0.02)


def test_spammers_are_not_trusted():
    good, spam = alike(0.85, 3, 4), np.tile([0.0, 0.0, 1.0], (4, 3, 1))
    truth = truth_of([0.5, 0.4, 0.1], 1200)
    with_spam = crowd(truth, np.concatenate([good, spam]), 6).annotations
    found = measure_disagreement(with_spam)
    np.testing.assert_allclose(found.class_shares, [0.5, 0.4, 0.1], atol=0.05)


def test_single_answers_tell_nothing_but_the_votes():
    dense = np.array([[0, -1], [-1, 1], [1, -1], [-1, -1]])
    found = measure_disagreement(dense)
    assert found.error == found.structure == 0
    assert found.reliability == 1
    np.testing.assert_allclose(found.class_shares, [1 / 3, 2 / 3])
    np.testing.assert_allclose(found.mixing, np.eye(2))


def test_a_crowd_that_never_disagrees():
    found = measure_disagreement([[0, 0], [1, 1], [1, 1]])
    assert found.error == found.structure == 0
    np.testing.assert_allclose(found.class_shares, [1 / 3, 2 / 3])


def test_one_class():
    found = measure_disagreement(Annotations.from_dense([[3, 3], [3, -1]]))
    np.testing.assert_allclose(found.class_shares, [1])
    assert found.structure == 0


@settings(max_examples=20)
@given(seed=st.integers(0, 2**31 - 1))
def test_weights_are_repetitions_and_order_is_nothing(seed):
    rng = np.random.default_rng(seed)
    dense = rng.integers(-1, 3, (25, 4))
    dense[0], weight = [0, 1, 2, 0], rng.integers(0, 3, 25)
    weight[0] = 1
    rows = np.repeat(np.arange(25), weight)
    people = rng.permutation(4)
    weighted = measure_disagreement(dense, weight)
    kinds = {"classes": [0, 1, 2]}
    repeated = measure_disagreement(Annotations.from_dense(dense[rows], **kinds))
    others = measure_disagreement(
        Annotations.from_dense(rng.permutation(dense[rows])[:, people], **kinds)
    )
    for name in ("pairs", "error", "class_shares", "excess", "mixing"):
        ours = getattr(weighted, name)
        np.testing.assert_allclose(ours, getattr(repeated, name), atol=1e-9)
        np.testing.assert_allclose(ours, getattr(others, name), atol=1e-9)


def test_blocks_of_answers_change_nothing(monkeypatch):
    truth = truth_of([0.5, 0.4, 0.1], 300)
    answers = crowd(truth, alike(0.8, 3, 5), 3).annotations
    whole = measure_disagreement(answers, np.linspace(1, 2, len(truth)))
    monkeypatch.setattr(_memory, "LARGE", 20)
    monkeypatch.setattr(_memory, "AT_ONCE", 30)
    in_blocks = measure_disagreement(answers, np.linspace(1, 2, len(truth)))
    for found, expected in zip(in_blocks, whole, strict=True):
        np.testing.assert_allclose(found, expected)
