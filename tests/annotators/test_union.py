"""One noise layer over all annotators: both variants, by hand."""

import numpy as np
import pytest
import torch
from _data import answer_log_proba, random_confusion, random_log_proba

from skcrowd.annotators._union import UnionScores, UnionTable

N_ANNOTATORS, N_CLASSES, N_ITEMS = 4, 3, 6
N_ANSWERS = np.array([5, 1, 0, 4])


def make(kind, n_answers=N_ANSWERS, n_classes=N_CLASSES):
    """Build a float64 layer whose scores are random."""
    rng = np.random.default_rng(0)
    start = {"start": random_confusion(rng, N_ANNOTATORS, n_classes)}
    options = start if kind is UnionTable else {}
    model = kind(N_ANNOTATORS, n_classes, n_answers=n_answers, **options).double()
    torch.manual_seed(0)
    model.scores.data += torch.randn(model.scores.shape)
    return model


@pytest.fixture(params=[UnionTable, UnionScores])
def model(request):
    return make(request.param)


@pytest.fixture
def answers():
    """log p(truth); item, annotator and answer of eight pairs."""
    rng = np.random.default_rng(1)
    log_truth = torch.tensor(random_log_proba(rng, N_ITEMS, N_CLASSES).T)
    item, answer = (torch.tensor(rng.integers(0, n, 8)) for n in (N_ITEMS, N_CLASSES))
    return log_truth, item, torch.tensor([0, 1, 3, 3, 0, 1, 3, 0]), answer


def joint(model, truth):
    """p(r answers, and answers j), for an item; [annotator, answered]."""
    shape = N_ANNOTATORS, N_CLASSES, N_CLASSES
    scores = model.scores.detach().numpy().reshape(shape)
    share = (N_ANSWERS / N_ANSWERS.sum())[:, None]
    if isinstance(model, UnionScores):
        weight = share * np.exp(np.einsum("i,rij->rj", truth, scores))
        return weight / weight.sum()
    parts = []
    for i in range(N_CLASSES):
        weight = share * np.exp(scores[:, i])
        parts.append(truth[i] * weight / weight.sum())
    return sum(parts)


def test_the_loss_asks_who_answers_and_what(model, answers):
    log_truth, *pairs = answers
    expected = [
        -np.log(joint(model, log_truth[:, n].exp().numpy())[r, y])
        for n, r, y in zip(*(values.tolist() for values in pairs), strict=True)
    ]
    found = model.loss(log_truth, *pairs).detach()
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_likelihood_is_that_within_the_annotator(model, answers):
    log_truth, *pairs = answers
    expected = []
    for n, r, y in zip(*(values.tolist() for values in pairs), strict=True):
        row = joint(model, log_truth[:, n].exp().numpy())[r]
        expected.append(np.log(row[y] / row.sum()))
    found = model.answer_log_likelihood(log_truth, *pairs).detach()
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_confusions_are_answers_to_a_certain_truth(model):
    certain = torch.eye(N_CLASSES).double().clamp_min(1e-300).log()
    confusion = model.confusion()
    np.testing.assert_allclose(confusion.sum(axis=2), 1, rtol=0, atol=1e-12)
    for r in range(N_ANNOTATORS):
        log_answer = answer_log_proba(model, certain, [r] * N_CLASSES).detach()
        np.testing.assert_allclose(confusion[r], log_answer.exp(), atol=1e-12)


def test_the_table_starts_at_the_confusions_given():
    start = random_confusion(np.random.default_rng(3), N_ANNOTATORS, N_CLASSES)
    start = start.clip(0.01)
    start /= start.sum(axis=2, keepdims=True)
    model = UnionTable(N_ANNOTATORS, N_CLASSES, start=start, n_answers=N_ANSWERS)
    np.testing.assert_allclose(model.confusion(), start, atol=1e-6)


def test_who_gave_no_answer_is_not_part_of_the_union(model, answers):
    log_truth, *pairs = answers
    before = model.loss(log_truth, *pairs)
    before.sum().backward()
    assert not model.scores.grad[2].any()
    model.scores.data[2] += 5
    assert torch.equal(model.loss(log_truth, *pairs), before)
    assert np.isfinite(model.confusion()).all()


@pytest.mark.parametrize("kind", [UnionTable, UnionScores])
@pytest.mark.parametrize("n_classes", [1, 2, 7])
def test_any_number_of_classes(kind, n_classes):
    model = make(kind, n_classes=n_classes)
    rng = np.random.default_rng(0)
    log_answer = answer_log_proba(
        model, random_log_proba(rng, 4, n_classes), [0, 1, 2, 3]
    )
    np.testing.assert_allclose(log_answer.exp().sum(dim=1).detach(), 1, rtol=1e-12)
