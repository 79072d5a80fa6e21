"""Annotators who err together, on crowds whose groups are known."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skcrowd.annotations import Annotations, check_sequence_annotations
from skcrowd.metrics import annotator_dependence


def crowd(seed, n_items=200, n_annotators=10, n_classes=3, per_item=None):
    """Independent annotators, items of very uneven difficulty."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(n_classes, size=n_items)
    shape = n_items, n_annotators
    ability = rng.normal(1.2, 0.5, n_annotators)
    difficulty = rng.normal(0, 1.5, (n_items, 1))
    is_right = rng.random(shape) < 1 / (1 + np.exp(difficulty - ability))
    other = (truth[:, None] + rng.integers(1, n_classes, size=shape)) % n_classes
    answers = np.where(is_right, truth[:, None], other)
    if per_item is not None:
        order = np.argsort(rng.random(shape), axis=1)
        np.put_along_axis(answers, order[:, per_item:], -1, axis=1)
    return answers


@pytest.mark.parametrize("n_classes", [2, 5])
@pytest.mark.parametrize("per_item", [None, 5])
def test_hard_items_are_no_dependence(n_classes, per_item):
    false_alarms = 0
    for seed in range(20):
        y = crowd(seed, n_classes=n_classes, per_item=per_item)
        false_alarms += annotator_dependence(y).n_groups > 0
    assert false_alarms <= 2


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_finds_a_double_account(noise):
    found = 0
    for seed in range(10):
        y = crowd(seed, n_classes=5)
        kept = np.random.default_rng(seed).random(len(y)) >= noise
        y[kept, 7] = y[kept, 2]
        found += annotator_dependence(y).groups == [[2, 7]]
    assert found >= 9


def test_finds_two_groups_and_counts_votes():
    y = crowd(0, n_annotators=12)
    y[:, 5] = y[:, 1]
    y[:, 9] = y[:, 8]
    result = annotator_dependence(y)
    assert sorted(result.groups) == [[1, 5], [8, 9]]
    assert_allclose(result.effective_votes, 10, atol=0.01)
    assert (result.group_p_value < 0.05).all()


def test_copies_that_outvote_the_rest_are_the_group():
    y = crowd(3, n_items=300)
    rng = np.random.default_rng(0)
    y[:, 3:] = np.where(rng.random(300) < 0.5, y[:, 0], rng.integers(3, size=300))[
        :, None
    ]
    assert annotator_dependence(y).groups == [list(range(3, 10))]


def test_few_common_items_make_no_claim():
    y = crowd(1)
    y[:, 7] = -1
    y[:19, 7] = y[:19, 2]
    result = annotator_dependence(y)
    table = result.to_frame().set_index(["annotator_1", "annotator_2"])
    assert result.n_groups == 0
    assert table.loc[(2, 7), "n_common"] == 19
    assert np.isnan(table.loc[(2, 7), "excess"])
    assert "can't be tested" in repr(result)


def test_three_annotators_are_too_few():
    y = crowd(1, n_annotators=3)
    y[:, 1] = y[:, 0]
    result = annotator_dependence(y)
    assert result.n_groups == 0
    assert np.isnan(result.excess).all()


def test_one_class_for_all_is_no_dependence():
    y = crowd(2)
    y[:, :2] = 0
    result = annotator_dependence(y)
    assert result.n_groups == 0
    assert np.isnan(result.excess[(result.first == 0) & (result.second == 1)]).all()


def test_no_common_items():
    result = annotator_dependence(np.array([[0, -1], [-1, 1], [1, -1]]))
    assert result.n_groups == 0
    assert result.effective_votes == 2
    assert result.to_frame().empty
    assert "no group" in repr(result)


def test_names_and_table():
    y = crowd(0, n_annotators=6)
    y[:, 5] = y[:, 0]
    names = list("abcdef")
    result = annotator_dependence(Annotations.from_dense(y, annotator_names=names))
    assert result.groups == [["a", "f"]]
    table = result.to_frame()
    assert table.shape == (15, 5)
    assert table.loc[0, ["annotator_1", "annotator_2", "group"]].tolist() == [
        "a",
        "f",
        0,
    ]
    assert "a, f: excess agreement 1.00" in repr(result)


def test_rows_and_names_of_classes_do_not_matter():
    y = crowd(4, n_items=150)
    y[:, 4] = y[:, 6]
    first = annotator_dependence(y)
    second = annotator_dependence(2 - y)
    assert_allclose(second.excess, first.excess)
    assert second.groups == first.groups == [[4, 6]]


def test_sparse_large_crowd():
    y = crowd(0, n_items=1000, n_annotators=100, per_item=5)
    y[:, 99] = y[:, 0]
    result = annotator_dependence(y)
    assert result.groups == [[0, 99]]


def test_other_answers_are_refused():
    ratings = Annotations.from_dense(
        np.random.default_rng(0).random((5, 3)), kind="numbers"
    )
    with pytest.raises(ValueError, match="got ratings"):
        annotator_dependence(ratings)
    sequences = check_sequence_annotations([[["O"], ["I"]]], [1], ["I", "O"])
    with pytest.raises(ValueError, match="got tag sequences"):
        annotator_dependence(sequences)


@pytest.mark.parametrize(
    ("parameters", "match"),
    [({"min_excess": 1.0}, "min_excess"), ({"level": 0}, "level")],
)
def test_parameters_out_of_range(parameters, match):
    with pytest.raises(ValueError, match=match):
        annotator_dependence(crowd(0), **parameters)
