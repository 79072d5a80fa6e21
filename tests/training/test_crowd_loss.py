import numpy as np
import pytest
import torch
from _data import confusion_table

from skcrowd.annotators import FixedConfusion
from skcrowd.training import ClassScores, CrowdLoss

SCORES = torch.tensor([[2.0, 0.0], [0.0, 1.0], [0.5, 0.5]], dtype=torch.float64)
PROBA = SCORES.softmax(dim=1).numpy()
CONFUSION = np.array([[[0.9, 0.1], [0.3, 0.7]], [[0.6, 0.4], [0.2, 0.8]]])
TRIPLES = [(0, 0, 0), (0, 1, 1), (2, 1, 0)]
TARGET = np.array([[1.0, 0.0], [0.25, 0.75], [0.5, 0.5]])


def batch(item_weight=(1, 1, 1), answer_weight=(1, 1, 1)):
    item, annotator, answer = torch.tensor(TRIPLES).T
    return {
        "item": item,
        "annotator": annotator,
        "answer": answer,
        "item_weight": torch.tensor(item_weight, dtype=torch.float64),
        "answer_weight": torch.tensor(answer_weight, dtype=torch.float64)[item],
        "target": torch.tensor(TARGET),
    }


def answer_losses():
    """-log p(answer) of every triple, by hand."""
    mixtures = [PROBA[item] @ CONFUSION[r][:, answer] for item, r, answer in TRIPLES]
    return -np.log(mixtures)


def make_loss(train_on, model=FixedConfusion):
    return CrowdLoss(model(CONFUSION), ClassScores(2), train_on).double()


WEIGHTS = [(1.0, 1.0, 1.0), (2.0, 0.5, 3.0)]


@pytest.mark.parametrize("weight", WEIGHTS)
def test_answers_are_judged_by_the_annotators(weight):
    loss = make_loss("answers")(SCORES, batch(answer_weight=weight))
    per_answer = answer_losses() * [weight[item] for item, _, _ in TRIPLES]
    assert loss.item() == pytest.approx(per_answer.sum() / 3, rel=1e-6)


@pytest.mark.parametrize("weight", WEIGHTS)
def test_targets_are_judged_by_cross_entropy(weight):
    loss = make_loss("targets")(SCORES, batch(item_weight=weight))
    per_item = -(TARGET * np.log(PROBA)).sum(axis=1) * weight
    assert loss.item() == pytest.approx(per_item.mean(), rel=1e-9)


def test_evaluation_always_judges_by_the_answers():
    losses = {
        make_loss(on).eval()(SCORES, batch()).item() for on in ("answers", "targets")
    }
    assert len(losses) == 1
    assert losses.pop() == pytest.approx(answer_losses().sum() / 3, rel=1e-6)


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_the_prior_of_the_annotators_counts_in_training_only(mode):
    prior = 2 * CONFUSION.mean(axis=0)
    table = confusion_table(CONFUSION, prior=prior, n_answers=np.array([1, 2]))
    loss = getattr(CrowdLoss(table, ClassScores(2)).double(), mode)()(SCORES, batch())
    penalty = -(prior * np.log(CONFUSION)).sum(axis=(1, 2)) / [1, 2]
    per_answer = answer_losses()
    if mode == "train":
        per_answer = per_answer + [penalty[annotator] for _, annotator, _ in TRIPLES]
    assert loss.item() == pytest.approx(per_answer.sum() / 3, rel=1e-6)


def test_a_batch_without_answers_costs_nothing():
    empty = {name: values[:0] for name, values in batch().items()}
    assert make_loss("answers")(SCORES, empty).item() == 0


class Constant(torch.nn.Module):
    """A penalty of one for every batch."""

    def forward(self, log_truth, batch, annotators):
        return torch.tensor(1.0)


@pytest.mark.parametrize("n_rows", [None, 2])
def test_a_penalty_counts_as_much_as_the_items_of_its_batch(n_rows):
    parts = FixedConfusion(CONFUSION), ClassScores(2), "targets"
    bare, loss = CrowdLoss(*parts).double(), CrowdLoss(*parts, [Constant()]).double()
    given = batch(item_weight=(2.0, 0.5, 3.0))
    if n_rows is not None:
        given["n_rows"] = torch.tensor(n_rows)
    added = loss(SCORES, given) - bare(SCORES, given)
    assert added.item() == pytest.approx(5.5 / (n_rows or 3))
    loss.is_warming_up = True
    assert loss(SCORES, given) == bare(SCORES, given)
    assert loss.eval()(SCORES, given) == bare.eval()(SCORES, given)
