"""The confusion matrices of simulated annotators."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrowd.datasets import annotator_confusions
from skcrowd.datasets._kinds import KINDS

KIND = pytest.mark.parametrize("kind", sorted(KINDS))


def draw(kind, n_classes=5, count=200, seed=0):
    return annotator_confusions({kind: count}, n_classes, random_state=seed)[0]


@KIND
@pytest.mark.parametrize("n_classes", [2, 3, 10])
def test_every_kind_gives_probabilities(kind, n_classes):
    confusion = draw(kind, n_classes)
    assert confusion.shape == (200, n_classes, n_classes)
    assert (confusion >= 0).all()
    np.testing.assert_allclose(confusion.sum(axis=2), 1.0, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("kind", "low", "high"), [("expert", 0.90, 0.99), ("average", 0.60, 0.85)]
)
def test_good_annotators_are_right_as_often_as_documented(kind, low, high):
    diagonal = draw(kind).diagonal(axis1=1, axis2=2)
    assert diagonal.min() >= low
    assert diagonal.max() <= high


def test_average_annotators_differ():
    confusion = draw("average", count=2)
    assert not np.allclose(confusion[0], confusion[1])


@pytest.mark.parametrize("n_classes", [2, 3, 10])
def test_biased_mistake_half_of_the_classes_for_one_other(n_classes):
    confusion = draw("biased", n_classes)
    favourite = confusion.argmax(axis=2)
    mistaken = (favourite != np.arange(n_classes)).sum(axis=1)
    assert (mistaken == max(1, n_classes // 2)).all()
    assert confusion.max(axis=2).min() >= 0.55


def test_one_class_spammer_always_answers_the_same():
    confusion = draw("one_class_spammer")
    answered = confusion.argmax(axis=2)
    assert (confusion.max(axis=2) == 1).all()
    assert (answered == answered[:, :1]).all()
    assert len(np.unique(answered)) == 5


def test_random_is_uniform():
    assert (draw("random") == 0.2).all()


@pytest.mark.parametrize("n_classes", [2, 3, 10])
def test_adversarial_swaps_all_classes(n_classes):
    swap = draw("adversarial", n_classes).argmax(axis=2)
    assert (np.sort(swap, axis=1) == np.arange(n_classes)).all()
    assert (swap != np.arange(n_classes)).all()
    assert draw("adversarial", n_classes).max(axis=2).min() >= 0.80


def test_the_order_is_that_of_the_mapping():
    counts = {"random": 2, "average": 0, "one_class_spammer": 1}
    confusion, kind = annotator_confusions(counts, 4, random_state=0)
    assert kind.tolist() == ["random", "random", "one_class_spammer"]
    assert (confusion[:2] == 0.25).all()
    assert (confusion[2].max(axis=1) == 1).all()


@settings(deadline=None)
@given(st.integers(1, 300))
def test_a_mixed_crowd_has_the_size_asked_for(size):
    confusion, kind = annotator_confusions(size, 3, random_state=0)
    assert len(confusion) == len(kind) == size


def test_a_mixed_crowd_of_twenty_has_every_kind():
    _, kind = annotator_confusions(20, 3, random_state=0)
    assert set(kind) == set(KINDS)


def test_given_matrices_are_copied():
    given_confusion = np.full((2, 3, 3), 1 / 3, dtype=np.float32)
    confusion, kind = annotator_confusions(given_confusion, 3)
    np.testing.assert_array_equal(confusion, given_confusion)
    assert confusion is not given_confusion
    assert kind.tolist() == ["given", "given"]


@pytest.mark.parametrize(
    ("annotators", "message"),
    [
        ({"genius": 2}, "Unknown kind of annotator 'genius'.*'expert', 'average'"),
        ({"expert": -1}, r"annotators\['expert'\] is -1"),
        ({"expert": 1.5}, r"annotators\['expert'\] is 1.5"),
        ({"expert": 0}, "holds no annotator"),
        ({}, "holds no annotator"),
        (0, "empty crowd"),
        (-3, "empty crowd"),
        ("expert", "annotators is a str that is no array"),
        (2.5, r"shape \(\).*\(n_annotators, 3, 3\)"),
        (np.eye(3), r"shape \(3, 3\).*\(n_annotators, 3, 3\)"),
        (np.eye(2)[None], r"shape \(1, 2, 2\).*\(n_annotators, 3, 3\)"),
        (np.empty((0, 3, 3)), "without any annotator"),
        (np.ones((1, 3, 3)), "Row 0 of the confusion matrix of annotator 0"),
        ([np.eye(3), np.diag([1, 1, np.nan])], "Row 2 .* of annotator 1"),
        ([[[1.5, -0.5, 0], [0, 1, 0], [0, 0, 1]]], "Row 0 .* of annotator 0"),
    ],
)
def test_wrong_crowds_are_refused(annotators, message):
    with pytest.raises(ValueError, match=message):
        annotator_confusions(annotators, 3)


def test_one_class_is_refused():
    with pytest.raises(ValueError, match=r"at least 2 classes.*got 1"):
        annotator_confusions(3, 1)
