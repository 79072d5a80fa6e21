"""make_annotations: a crowd answers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrowd.annotations import Annotations
from skcrowd.datasets import make_annotations
from skcrowd.metrics import empirical_confusion

CROWD = {
    "expert": 2,
    "average": 2,
    "biased": 2,
    "one_class_spammer": 1,
    "random": 1,
    "adversarial": 1,
}


def labels(n_items, n_classes=3, seed=0):
    return np.random.RandomState(seed).randint(n_classes, size=n_items)


def same(a, b):
    return (
        np.array_equal(a.item, b.item)
        and np.array_equal(a.annotator, b.annotator)
        and np.array_equal(a.answer, b.answer)
    )


def test_the_bunch_holds_what_is_documented():
    y_true = labels(200)
    crowd = make_annotations(y_true, CROWD, answers_per_item=4, random_state=0)
    annotations = crowd.annotations
    assert isinstance(annotations, Annotations)
    assert annotations.shape == (200, 9)
    assert crowd.confusion.shape == (9, 3, 3)
    assert crowd.kind.shape == (9,)
    assert crowd.classes.tolist() == annotations.classes.tolist() == [0, 1, 2]
    assert annotations.n_answers == 800
    assert crowd.share_answered == pytest.approx(4 / 9)
    right = annotations.answer == y_true[annotations.item]
    assert crowd.share_right == pytest.approx(right.mean())


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), n_classes=st.integers(2, 5))
def test_the_counted_confusion_approaches_the_true_one(seed, n_classes):
    y_true = labels(6_000 * n_classes, n_classes, seed)
    crowd = make_annotations(y_true, CROWD, random_state=seed)
    counted = empirical_confusion(crowd.annotations, y_true)
    np.testing.assert_allclose(counted, crowd.confusion, atol=0.04)


def test_explicit_confusions_are_obeyed_exactly():
    shift = np.roll(np.eye(3), 1, axis=1)
    y_true = labels(50)
    crowd = make_annotations(y_true, [np.eye(3), shift], random_state=0)
    dense = crowd.annotations.to_dense()
    np.testing.assert_array_equal(dense[:, 0], y_true)
    np.testing.assert_array_equal(dense[:, 1], (y_true + 1) % 3)


def test_an_answer_of_probability_zero_never_occurs():
    row = np.array([0.1] * 10 + [0.0])  # its cumulative sum ends below 1
    crowd = make_annotations(
        labels(20_000, 11), np.tile(row, (3, 11, 1)), random_state=0
    )
    assert crowd.annotations.answer.max() == 9


@pytest.mark.parametrize("answers_per_item", [None, 2, 2.5])
@pytest.mark.parametrize("workload", ["equal", "zipf"])
def test_the_same_seed_gives_the_same_bits(answers_per_item, workload):
    if answers_per_item is None:
        workload = "equal"
    options = {"answers_per_item": answers_per_item, "workload": workload}
    y_true = labels(100)
    first = make_annotations(y_true, 12, random_state=3, **options)
    again = make_annotations(y_true, 12, random_state=3, **options)
    other = make_annotations(y_true, 12, random_state=4, **options)
    assert same(first.annotations, again.annotations)
    np.testing.assert_array_equal(first.confusion, again.confusion)
    assert not same(first.annotations, other.annotations)


def test_the_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    make_annotations(labels(50), 5, answers_per_item=2, random_state=0)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize(
    ("y_true", "classes"),
    [
        (["cat", "dog", "cat", "ant"], ["ant", "cat", "dog"]),
        (np.array(["b", "a", "b"], dtype=object), ["a", "b"]),
        ([True, False, True], [False, True]),
        (np.array([2.0, 7.0, 2.0]), [2, 7]),
        (np.array([-1, 1, 1]), [-1, 1]),
        (pd.Series(["x", "y", "x"], dtype="category"), ["x", "y"]),
        (pd.Series([3, 4, 3], dtype="Int64"), [3, 4]),
        (np.array([[1], [2]])[:, 0], [1, 2]),
    ],
)
def test_labels_of_any_dtype(y_true, classes):
    crowd = make_annotations(y_true, {"expert": 2}, random_state=0)
    assert crowd.classes.tolist() == classes
    assert crowd.annotations.classes.tolist() == classes
    assert crowd.annotations.shape == (len(y_true), 2)


def test_labels_do_not_change_the_answers():
    codes = labels(60)
    names = np.array(["ant", "bee", "cow"])[codes]
    of_codes = make_annotations(codes, 6, random_state=0)
    of_names = make_annotations(names, 6, random_state=0)
    assert same(of_codes.annotations, of_names.annotations)


def test_classes_that_do_not_occur_can_be_answered():
    crowd = make_annotations(
        ["dog"] * 200, {"random": 2}, classes=["fox", "dog", "cat"], random_state=0
    )
    assert crowd.classes.tolist() == ["fox", "dog", "cat"]
    assert set(crowd.annotations.answer) == {0, 1, 2}


@pytest.mark.parametrize(
    ("y_true", "message"),
    [
        ([], "y_true is empty"),
        ([0.0, np.nan, 1.0], r"missing value \(.*nan.*\) at row 1"),
        (np.array(["a", None], dtype=object), r"missing value \(None\) at row 1"),
        (pd.Series([1, None, 2], dtype="Int64"), "missing value .* at row 1"),
        ([0.5, 1.0], "continuous: it holds 0.5 at row 0"),
        ([0.0, np.inf], "infinity"),
        (["a", "a"], "at least 2 classes.*got 1"),
        ([[0, 1], [1, 0]], "1d array"),
    ],
)
def test_wrong_truths_are_refused(y_true, message):
    with pytest.raises(ValueError, match=message):
        make_annotations(y_true, 3)


def test_a_label_outside_the_classes_is_refused():
    with pytest.raises(ValueError, match="'cow' at row 1 of y_true is not among"):
        make_annotations(["cat", "cow"], 3, classes=["cat", "dog"])


def test_memory_and_time_follow_the_answers():
    """A dense 200 000 x 50 000 matrix of answers would take 10 GB and more."""
    crowd = make_annotations(
        labels(200_000),
        {"average": 50_000},
        answers_per_item=3,
        workload="zipf",
        random_state=0,
    )
    assert crowd.annotations.shape == (200_000, 50_000)
    assert len(crowd.annotations.answer) == 600_000
