import numpy as np
import pytest
from _data import random_answers, random_confusion

from skcrowd import Annotations
from skcrowd.aggregation import AnswerCounts
from skcrowd.annotations import _memory


@pytest.fixture(params=[(7, 3, 2), (20, 5, 3), (9, 4, 1)])
def context(request):
    """Annotations, posterior, confusion of random data."""
    n_items, n_annotators, n_classes = request.param
    rng = np.random.default_rng(0)
    y = random_answers(rng, n_items, n_annotators, n_classes)
    y[3] = -1
    posterior = rng.dirichlet(np.ones(n_classes), n_items)
    annotations = Annotations.from_dense(y, classes=np.arange(n_classes))
    return annotations, posterior, random_confusion(rng, n_annotators, n_classes)


def triples(annotations):
    columns = annotations.item, annotations.annotator, annotations.answer
    return zip(*(column.tolist() for column in columns), strict=True)


def test_per_item_counts_as_a_loop_does(context):
    annotations, posterior, _ = context
    expected = np.zeros(posterior.shape)
    for item, _, answer in triples(annotations):
        expected[item, answer] += 1
    np.testing.assert_array_equal(AnswerCounts(annotations).per_item(), expected)


@pytest.mark.parametrize("weighted", [False, True])
def test_soft_counts_sum_as_a_loop_does(context, weighted):
    annotations, posterior, confusion = context
    weight = np.linspace(0, 2, len(posterior)) if weighted else None
    expected = np.zeros(confusion.shape)
    for item, annotator, answer in triples(annotations):
        for truth in range(posterior.shape[1]):
            share = posterior[item, truth] * (weight[item] if weighted else 1)
            expected[annotator, truth, answer] += share
    counts = AnswerCounts(annotations).expected_counts(posterior, weight)
    np.testing.assert_allclose(counts, expected, rtol=1e-13)


def test_log_likelihood_sums_as_a_loop_does(context):
    annotations, posterior, confusion = context
    expected = np.zeros(posterior.shape)
    for item, annotator, answer in triples(annotations):
        for truth in range(posterior.shape[1]):
            expected[item, truth] += np.log(confusion[annotator, truth, answer])
    values = AnswerCounts(annotations).log_likelihood(confusion)
    np.testing.assert_allclose(values, expected, rtol=1e-12)
    assert (values[3] == 0).all()


def test_impossible_answers_stay_finite():
    counts = AnswerCounts(Annotations.from_dense([[1, 0]]))
    values = counts.log_likelihood(np.array([np.eye(2), np.eye(2)]))
    assert np.isfinite(values).all()
    assert (values < -700).all()


def test_more_classes_than_were_seen():
    annotations = Annotations.from_dense([[0, 1], [1, 1]])
    counts = AnswerCounts(annotations, n_classes=4)
    assert counts.per_item().shape == (2, 4)
    assert counts.expected_counts(np.full((2, 4), 0.25)).shape == (2, 4, 4)


@pytest.fixture
def blocks(monkeypatch):
    """Sums over items go block by block, but a table of confusions is small."""
    monkeypatch.setattr(_memory, "AT_ONCE", 10)
    monkeypatch.setattr("skcrowd.aggregation._answer_counts.is_large", is_long)
    monkeypatch.setattr(_memory, "is_large", is_long)


def is_long(*shape):
    return len(shape) == 2


@pytest.mark.usefixtures("blocks")
def test_blocks_of_items_have_the_same_cells(context, monkeypatch):
    annotations = context[0]
    found = AnswerCounts(annotations).cells()
    monkeypatch.undo()
    for values, expected in zip(found, AnswerCounts(annotations).cells(), strict=True):
        np.testing.assert_array_equal(values, expected)
        assert values.dtype == expected.dtype


@pytest.mark.usefixtures("blocks")
def test_blocks_of_items_have_the_same_sums(context, monkeypatch):
    annotations, posterior, confusion = context
    weight = np.linspace(0, 2, len(posterior))
    answer_weight = np.linspace(0.5, 1, annotations.n_answers)
    counts = AnswerCounts(annotations)
    soft = counts.expected_counts(posterior, weight)
    total = counts.add_log_likelihood(posterior.copy(), confusion, answer_weight)
    monkeypatch.undo()
    np.testing.assert_allclose(soft, counts.expected_counts(posterior, weight))
    expected = posterior + counts.log_likelihood(confusion, answer_weight)
    np.testing.assert_allclose(total, expected)


def test_weights_of_one_change_nothing(context):
    annotations, posterior, _ = context
    counts = AnswerCounts(annotations)
    np.testing.assert_array_equal(
        counts.expected_counts(posterior, np.ones(len(posterior))),
        counts.expected_counts(posterior),
    )
