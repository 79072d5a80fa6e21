"""Annotators who err together, on crowds whose groups are known."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skcrowd.annotations import (
    Annotations,
    MultilabelAnnotations,
    SequenceAnnotations,
    check_sequence_annotations,
)
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


def test_forms_of_other_kinds_are_read():
    ratings = rating_crowd(0)
    read = annotator_dependence(ratings)
    given = Annotations.from_dense(ratings, kind="numbers")
    assert_allclose(annotator_dependence(given).excess, read.excess)
    stars = rating_crowd(0, stars=True)
    as_ratings = annotator_dependence(stars, kind="numbers")
    as_labels = annotator_dependence(stars)
    assert not np.allclose(as_ratings.excess, as_labels.excess)
    cells = [[["O", "I"], ["O", "I"]], [["I", "I"], None]]
    sequences = check_sequence_annotations(cells)
    assert annotator_dependence(sequences).n_common.tolist() == [2]
    assert annotator_dependence(cells).n_common.tolist() == [2]
    assert annotator_dependence(cells, kind="sequences").n_common.tolist() == [2]


def test_what_is_no_crowd_is_refused():
    sequences = check_sequence_annotations([[["O"], ["I"]]])
    with pytest.raises(ValueError, match="kind is 'labels'"):
        annotator_dependence(sequences, kind="labels")
    with pytest.raises(ValueError, match="kind must be one of"):
        annotator_dependence(crowd(0), kind="ratings")
    with pytest.raises(ValueError, match="one answer for each item"):
        annotator_dependence(["a", "b", "a"])
    sets = MultilabelAnnotations.from_indicators(np.ones((3, 2, 2)))
    with pytest.raises(TypeError, match="sets of labels"):
        annotator_dependence(sets)


def rating_crowd(seed, n_items=100, n_annotators=10, stars=False, per_item=None):
    """Annotators of different offsets, scales and noise; some items are hard."""
    rng = np.random.default_rng(seed)
    noise = rng.uniform(0.3, 1.2, n_annotators) * rng.lognormal(0, 0.5, (n_items, 1))
    scale, offset = rng.uniform(0.7, 1.3, n_annotators), rng.normal(0, 0.4, (1, 1))
    y = 3 + offset + scale * rng.normal(size=(n_items, 1))
    y = y + noise * rng.standard_normal(noise.shape)
    y = np.clip(np.round(y), 1, 5) if stars else np.round(y, 1) + 10
    if per_item is not None:
        y[rng.random(y.shape).argsort(axis=1) >= per_item] = np.nan
    return y


@pytest.mark.parametrize("stars", [False, True])
@pytest.mark.parametrize("per_item", [None, 5])
def test_items_hard_to_rate_are_no_dependence(stars, per_item):
    false_alarms = 0
    for seed in range(20):
        y = rating_crowd(seed, stars=stars, per_item=per_item)
        false_alarms += annotator_dependence(y, kind="numbers").n_groups > 0
    assert false_alarms <= 1


@pytest.mark.parametrize("stars", [False, True])
@pytest.mark.parametrize("n_items", [80, 100])
def test_finds_a_copied_annotator(stars, n_items):
    found = 0
    for seed in range(20):
        y = rating_crowd(seed, n_items, stars=stars)
        y[:, 7] = y[:, 2]
        result = annotator_dependence(y, kind="numbers")
        found += result.groups == [[2, 7]] and result.group_p_value[0] < 0.05
    assert found >= 19


def test_finds_annotators_who_copy_most_ratings():
    found = 0
    for seed in range(10):
        y = rating_crowd(seed)
        kept = np.random.default_rng(seed).random(len(y)) >= 0.1
        y[kept, 7] = y[kept, 2]
        found += annotator_dependence(y).groups == [[2, 7]]
    assert found >= 9


def test_annotators_who_copy_less_than_the_least_excess_are_no_group():
    """Annotator 1 copies four of five stars."""
    for seed in range(5):
        y = rating_crowd(seed, n_items=400, n_annotators=8, stars=True)
        kept = np.random.default_rng(seed).random(len(y)) < 0.8
        y[kept, 1] = y[kept, 0]
        some = annotator_dependence(y, kind="numbers", min_excess=0.5)
        assert some.groups == [[0, 1]]
        assert annotator_dependence(y, kind="numbers", min_excess=0.95).n_groups == 0
        y[:, 1] = y[:, 0]
        copy = annotator_dependence(y, kind="numbers", min_excess=0.8)
        assert copy.groups == [[0, 1]]


def test_finds_annotators_with_a_common_error():
    y = rating_crowd(1, n_items=300, n_annotators=12)
    rng = np.random.default_rng(0)
    error = rng.standard_normal((300, 1))
    y[:, 9:] = y[:, 9:] + 2 * error + 0.2 * rng.standard_normal((300, 3))
    result = annotator_dependence(y)
    assert result.groups == [[9, 10, 11]]
    assert 1 < result.group_votes[0] < 2


def test_annotators_who_round_alike_are_not_dependent():
    """Half of the annotators use whole tens of a hundred."""
    for seed in range(10):
        y = np.round(20 * rating_crowd(seed, n_items=200))
        y[:, :5] = np.round(y[:, :5], -1)
        assert annotator_dependence(y, kind="numbers").n_groups == 0


def test_annotators_of_one_offset_are_not_dependent():
    for seed in range(10):
        y = rating_crowd(seed, n_items=200)
        y[:, :5] -= 1.2
        assert annotator_dependence(y).n_groups == 0


def test_scale_and_offset_of_ratings_do_not_matter():
    y = rating_crowd(2)
    y[:, 7] = y[:, 2]
    first, second = annotator_dependence(y), annotator_dependence(100 - 4 * y)
    assert_allclose(second.excess, first.excess)
    assert second.groups == first.groups == [[2, 7]]


def tag_crowd(seed, n_sequences=40, n_annotators=10):
    """Annotators who miss single tokens, some of which are hard for all."""
    rng = np.random.default_rng(seed)
    shape = n_sequences, 5, 1
    kind = rng.integers(-2, 3, shape).clip(0)
    log_odds = rng.normal(1.5, 0.5, n_annotators) - rng.normal(0, 1.5, shape)
    is_right = rng.random(log_odds.shape) < 1 / (1 + np.exp(-log_odds))
    other = (kind + rng.integers(1, 3, log_odds.shape)) % 3
    kind = np.where(is_right, kind, other)
    tokens = np.zeros((n_sequences, 5, 3, n_annotators), dtype=int)
    tokens[:, :, 0] = kind
    tokens[:, :, 1] = np.where(kind > 0, kind + 2, 0)
    return tokens.reshape(n_sequences, 15, n_annotators)


def as_sequences(tokens):
    flat = np.array(["O", "B-A", "B-B", "I-A", "I-B"], dtype=object)[tokens]
    lengths = np.full(len(tokens), tokens.shape[1])
    return SequenceAnnotations.from_flat(flat.reshape(-1, tokens.shape[2]), lengths)


def test_spans_hard_to_find_are_no_dependence():
    false_alarms = 0
    for seed in range(20):
        y = as_sequences(tag_crowd(seed))
        false_alarms += annotator_dependence(y).n_groups > 0
    assert false_alarms <= 1


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_finds_a_double_account_of_a_tagger(noise):
    found = 0
    for seed in range(10):
        y = tag_crowd(seed)
        kept = np.random.default_rng(seed).random(len(y)) >= noise
        y[kept, :, 7] = y[kept, :, 2]
        found += annotator_dependence(as_sequences(y)).groups == [[2, 7]]
    assert found >= 9


@pytest.mark.parametrize(
    ("parameters", "match"),
    [({"min_excess": 1.0}, "min_excess"), ({"level": 0}, "level")],
)
def test_parameters_out_of_range(parameters, match):
    with pytest.raises(ValueError, match=match):
        annotator_dependence(crowd(0), **parameters)
