"""Confusions that are made when they are asked for are those of the table."""

import copy
import pickle
import tracemalloc

import numpy as np
import pytest
from _data import random_confusion

from skcrowd.aggregation import (
    AnswerCounts,
    _expected_counts,
    dawid_skene,
    shrunk_confusion,
)
from skcrowd.aggregation._lazy_confusion import (
    ChosenConfusion,
    CountedConfusion,
    columns_of,
    matrices_of,
)
from skcrowd.annotations import Annotations, _memory

N_ITEMS, N_ANNOTATORS, N_CLASSES = 40, 5, 4


@pytest.fixture
def answers():
    """Answers of five annotators, of whom the last gives none."""
    y = np.random.default_rng(0).integers(-1, N_CLASSES, (N_ITEMS, N_ANNOTATORS))
    y[:, -1] = -1
    return Annotations.from_dense(y, classes=range(N_CLASSES))


@pytest.fixture
def posterior():
    return np.random.default_rng(1).dirichlet(np.ones(N_CLASSES), N_ITEMS)


@pytest.fixture(params=[0, 2.5])
def pseudo_counts(request):
    return request.param


@pytest.fixture
def table(answers, posterior, pseudo_counts):
    counts = AnswerCounts(answers).expected_counts(posterior)
    return shrunk_confusion(counts, pseudo_counts)


@pytest.fixture
def lean(table, answers, posterior, pseudo_counts, monkeypatch):
    """The same without a table; `table` comes first."""
    monkeypatch.setattr(_memory, "LARGE", 0)
    monkeypatch.setattr(_expected_counts, "PAIRS_AT_ONCE", 3 * N_CLASSES)
    counts = AnswerCounts(answers).expected_counts(posterior)
    return shrunk_confusion(counts, pseudo_counts)


def test_the_table_is_made_on_request(lean, table):
    assert isinstance(lean, CountedConfusion)
    assert (lean.shape, lean.ndim, len(lean)) == (table.shape, 3, N_ANNOTATORS)
    made = np.asarray(lean)
    assert made.dtype == lean.dtype
    np.testing.assert_allclose(made, table)
    np.testing.assert_allclose(made.sum(axis=2), 1)
    assert "(5, 4, 4)" in repr(lean)


def test_parts_are_those_of_the_table(lean, table):
    for matrices in (lean, table):
        for r, matrix in enumerate(matrices_of(matrices, range(N_ANNOTATORS))):
            np.testing.assert_allclose(matrix, table[r])


def test_columns_of_answers_in_any_order(lean, table):
    rng = np.random.default_rng(2)
    annotator, what = rng.integers(0, N_ANNOTATORS, 20), rng.integers(0, N_CLASSES, 20)
    for confusion in (lean, table, ChosenConfusion(table, np.arange(N_ANNOTATORS))):
        columns = np.full((20, N_CLASSES), np.nan)
        for some, probability in columns_of(confusion, annotator, what):
            columns[some] = probability
        np.testing.assert_allclose(columns, table[annotator, :, what])


def test_chosen_annotators_and_others_like_the_crowd(lean, table):
    crowd = random_confusion(np.random.default_rng(3), 1, N_CLASSES)[0]
    rows = np.array([2, -1, 0])
    for known in (lean, table):
        chosen = np.asarray(ChosenConfusion(known, rows, crowd))
        np.testing.assert_allclose(chosen, [table[2], crowd, table[0]])


def test_the_likelihood_of_answers(lean, table, answers):
    counts = AnswerCounts(answers)
    expected = counts.log_likelihood(table)
    np.testing.assert_allclose(counts.log_likelihood(lean), expected)
    start = np.ones((N_ITEMS, N_CLASSES))
    assert counts.add_log_likelihood(start, lean) is start
    np.testing.assert_allclose(start, 1 + expected)


def test_a_state_of_arrays_and_numbers_makes_the_same(lean):
    twin = CountedConfusion.of_state(lean.state())
    np.testing.assert_array_equal(np.asarray(twin), np.asarray(lean))


def test_copies_and_pickles(lean):
    assert copy.deepcopy(lean) is lean
    assert copy.copy(lean) is lean
    twin = pickle.loads(pickle.dumps(lean))
    np.testing.assert_array_equal(np.asarray(twin), np.asarray(lean))


def test_a_table_that_does_not_fit_is_refused(lean, monkeypatch):
    monkeypatch.setattr(_memory, "available_memory", lambda: 100)
    message = "confusion matrices of 5 annotators and 4 classes would take about"
    with pytest.raises(ValueError, match=message):
        np.asarray(lean)


@pytest.mark.parametrize("with_gold", [False, True])
def test_dawid_skene_is_the_same_without_a_table(answers, with_gold, monkeypatch):
    gold = np.where(np.arange(N_ITEMS) < 5, 1, -1) if with_gold else None
    settings = {"gold": gold, "annotator_counts": np.ones((5, 4, 4)), "max_iter": 7}
    expected = dawid_skene(answers, **settings)
    monkeypatch.setattr(_memory, "LARGE", 0)
    lean = dawid_skene(answers, **settings)
    for ours, theirs in zip(lean, expected, strict=True):
        np.testing.assert_allclose(np.asarray(ours), theirs, atol=1e-9)


def test_many_classes_and_annotators_take_no_table():
    n_annotators, n_classes, n_items = 150, 400, 200
    rng = np.random.default_rng(0)
    item, truth = np.arange(n_items).repeat(3), rng.integers(0, n_classes, n_items)
    annotator = rng.permuted(np.tile(np.arange(n_annotators), (n_items, 1)), axis=1)[
        :, :3
    ]
    answer = np.where(rng.random(3 * n_items) < 0.8, truth[item], 0)
    answers = Annotations.from_long(
        item, annotator.ravel(), answer, classes=range(n_classes)
    )
    tracemalloc.start()
    result = dawid_skene(answers, max_iter=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.confusion.shape[1:] == (n_classes, n_classes)
    assert peak < 8 * n_annotators * n_classes**2 / 4
