import numpy as np
import pytest
import torch
from _data import answer_log_proba, confusion_table, random_confusion, random_log_proba

from skcrowd.annotators import FixedConfusion

CONFUSION = random_confusion(np.random.default_rng(0), 4, 3).clip(0.01)
CONFUSION /= CONFUSION.sum(axis=2, keepdims=True)
ANNOTATOR = np.array([0, 3, 1, 1, 2, 0])


@pytest.mark.parametrize("kind", [confusion_table, FixedConfusion])
def test_forward_is_a_mixture_of_the_rows(kind):
    model = kind(CONFUSION).double()
    log_truth = random_log_proba(np.random.default_rng(1), len(ANNOTATOR), 3)
    mixture = np.einsum("nk,nkj->nj", np.exp(log_truth), model.confusion()[ANNOTATOR])
    log_answer = answer_log_proba(model, log_truth, ANNOTATOR)
    np.testing.assert_allclose(log_answer.exp().detach(), mixture, rtol=1e-6)


@pytest.mark.parametrize("kind", [confusion_table, FixedConfusion])
def test_starts_at_the_confusions_given(kind):
    np.testing.assert_allclose(kind(CONFUSION).confusion(), CONFUSION, atol=1e-6)


def test_certain_rows_can_still_be_learned():
    table = confusion_table(np.eye(3)[None])
    assert (table.confusion() > 5e-4).all()
    np.testing.assert_allclose(table.confusion()[0], np.eye(3), atol=3e-3)


def test_fixed_confusion_has_nothing_to_train_and_can_be_replaced():
    model = FixedConfusion(CONFUSION)
    assert not list(model.parameters())
    other = CONFUSION[::-1].copy()
    model.replace(other)
    np.testing.assert_allclose(model.confusion(), other, atol=1e-6)


def test_fixed_zeros_stay_finite():
    model = FixedConfusion(np.eye(2)[None])
    log_answer = answer_log_proba(model, [[0.0, -200.0]], [0])
    assert torch.isfinite(log_answer).all()
    np.testing.assert_allclose(model.confusion(), np.eye(2)[None], atol=1e-30)


def answers_of_everyone():
    """log p(truth) by class, item, annotator and answer of some pairs."""
    log_truth = random_log_proba(np.random.default_rng(1), 3, 3)
    item, answer = torch.tensor([0, 0, 1, 2, 2, 2]), torch.tensor([0, 1, 2, 0, 1, 1])
    return torch.tensor(log_truth.T), item, torch.tensor(ANNOTATOR), answer


def test_the_prior_adds_its_cross_entropy_shared_by_answers():
    prior = 3.0 * CONFUSION.mean(axis=0)
    n_answers = np.array([1.0, 2.0, 4.0, 0.0])
    model = confusion_table(CONFUSION, prior=prior, n_answers=n_answers).double()
    cross_entropy = -(prior * np.log(CONFUSION)).sum(axis=(1, 2))
    penalty = cross_entropy[ANNOTATOR] / np.maximum(n_answers, 1)[ANNOTATOR]
    pairs = answers_of_everyone()
    expected = penalty - model.answer_log_likelihood(*pairs).detach().numpy()
    np.testing.assert_allclose(model.loss(*pairs).detach(), expected, rtol=1e-5)


def test_the_prior_draws_a_silent_annotator_to_the_crowd():
    crowd = np.array([[0.8, 0.2], [0.3, 0.7]])
    start = np.full((2, 2, 2), 0.5)
    model = confusion_table(start, prior=50 * crowd, n_answers=np.ones(2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    pair = torch.zeros(1, dtype=torch.int64)
    for _ in range(300):
        optimizer.zero_grad()
        model.loss(torch.full((2, 1), 0.5).log(), pair, pair, pair).sum().backward()
        optimizer.step()
    drawn, untouched = model.confusion()
    np.testing.assert_allclose(drawn, crowd, atol=0.02)
    np.testing.assert_allclose(untouched, start[1])
