"""Counts without a table are those of the table."""

import copy

import numpy as np
import pytest
from _data import random_answers

from skcrowd.aggregation import (
    AnswerCounts,
    majority_vote,
    measure_disagreement,
    pooled_confusion,
)
from skcrowd.aggregation._expected_counts import (
    AnsweredQuestions,
    CountTable,
    ExpectedCounts,
)
from skcrowd.annotations import Annotations, _memory

N_ITEMS, N_ANNOTATORS, N_CLASSES = 30, 4, 3


@pytest.fixture
def context():
    """Answers, a posterior and weights of the items."""
    rng = np.random.default_rng(0)
    y = rng.integers(-1, N_CLASSES, (N_ITEMS, N_ANNOTATORS))
    answers = Annotations.from_dense(y, classes=range(N_CLASSES))
    posterior = rng.dirichlet(np.ones(N_CLASSES), N_ITEMS)
    return AnswerCounts(answers), posterior, rng.uniform(size=N_ITEMS)


@pytest.fixture
def table(context):
    counts, posterior, weight = context
    return counts.expected_counts(posterior, weight)


@pytest.fixture
def lean(context, table, monkeypatch):
    """The same without a table; `table` comes first."""
    monkeypatch.setattr(_memory, "LARGE", 0)
    counts, posterior, weight = context
    return counts.expected_counts(posterior, weight)


def test_the_table_is_made_on_request(lean, table):
    assert isinstance(lean, ExpectedCounts)
    assert lean.shape == table.shape
    np.testing.assert_allclose(np.asarray(lean), table, atol=1e-12)
    assert np.asarray(lean, dtype=np.float32).dtype == np.float32


def test_parts_are_those_of_the_table(lean, table):
    annotator, what = np.array([3, 0, 3, 3]), np.array([1, 2, 1, 0])
    np.testing.assert_allclose(lean.columns(annotator, what), table[annotator, :, what])
    np.testing.assert_allclose(lean.totals(), table.sum(axis=2))
    np.testing.assert_allclose(lean.of_crowd(), table.sum(axis=0).T)
    np.testing.assert_allclose(pooled_confusion(lean), pooled_confusion(table))


def test_without_weights_all_items_count_once(context, monkeypatch):
    counts, posterior, _ = context
    expected = counts.expected_counts(posterior)
    monkeypatch.setattr(_memory, "LARGE", 0)
    np.testing.assert_allclose(counts.expected_counts(posterior), expected)


def test_sums_with_counts_and_tables(lean, table):
    for total in (lean + lean, lean + table, table + lean):
        assert isinstance(total, ExpectedCounts)
        np.testing.assert_allclose(np.asarray(total), 2 * table)


def test_a_long_sum_is_no_larger_than_its_table(lean, table):
    total = lean
    for _ in range(9):
        total = total + lean
        assert sum(term.n_numbers for term in total.terms) <= 2 * table.size
    np.testing.assert_allclose(np.asarray(total), 10 * table)


def test_questions_of_known_truth():
    accuracy, n = np.array([0.9, 0.5]), np.array([20.0, 0.0])
    asked = ExpectedCounts((AnsweredQuestions(accuracy, n, 4),))
    each = np.full((4, 4), 5 * 0.1 / 3)
    np.fill_diagonal(each, 5 * 0.9)
    expected = np.stack([each, np.zeros((4, 4))])
    np.testing.assert_allclose(np.asarray(asked), expected)
    np.testing.assert_allclose(asked.totals(), expected.sum(axis=2))
    np.testing.assert_allclose(asked.of_crowd(), expected.sum(axis=0).T)


def test_more_annotators_have_no_counts(lean, table):
    asked = AnsweredQuestions(np.full(4, 0.5), np.full(4, 3.0), N_CLASSES)
    total = ExpectedCounts((*lean.terms, CountTable(table), asked))
    more = np.asarray(total.with_annotators(6))
    np.testing.assert_allclose(more[:4], np.asarray(total))
    assert not more[4:].any()


def test_a_table_that_does_not_fit_is_refused(lean, monkeypatch):
    monkeypatch.setattr(_memory, "available_memory", lambda: 100)
    with pytest.raises(ValueError, match="4 annotators and 3 classes would take about"):
        np.asarray(lean)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("item", lambda codes: codes + N_ITEMS),
        ("annotator", lambda codes: codes - N_ANNOTATORS),
        ("answer", lambda codes: codes + 1),
        ("answer", lambda codes: codes[::-1]),
        ("item", lambda codes: codes[:-1]),
        ("item", lambda codes: codes.astype(float)),
        ("weight", lambda weight: weight[1:]),
    ],
)
def test_codes_of_what_is_not_there_are_found(lean, name, change):
    lean.check_consistent()
    (term,) = lean.terms
    setattr(term, name, change(getattr(term, name)))
    with pytest.raises(ValueError, match="counted answers"):
        lean.check_consistent()


def test_terms_that_do_not_belong_together_are_found(lean, table):
    for terms in [(), (table,), (*lean.terms, CountTable(table[1:]))]:
        with pytest.raises(ValueError, match="counts "):
            ExpectedCounts(terms).check_consistent()


def test_copies_share_what_is_kept(lean):
    assert copy.deepcopy(lean) is lean
    assert copy.copy(lean) is lean


def test_votes_and_disagreement_are_the_same_of_large_arrays(monkeypatch):
    rng = np.random.default_rng(0)
    y = np.vstack([random_answers(rng, 30, 5, 3), [[-1] * 5]])
    votes = [majority_vote(y, soft=soft) for soft in (True, False)]
    found = measure_disagreement(y)
    monkeypatch.setattr(_memory, "LARGE", 0)
    for soft, expected in zip((True, False), votes, strict=True):
        np.testing.assert_allclose(majority_vote(y, soft=soft), expected)
    for ours, theirs in zip(measure_disagreement(y), found, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-9)
