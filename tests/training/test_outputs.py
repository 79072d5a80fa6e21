"""How what a network returns is read: scores of classes, or a number."""

import pytest
import torch

from skcrowd.annotators import FixedGaussianAnnotators
from skcrowd.training import ClassScores, CrowdLoss, Number

NUMBERS = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64)


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_a_number_is_the_truth(shape):
    assert torch.equal(Number().truth(NUMBERS.reshape(shape)), NUMBERS)
    assert Number().nonlinearity(NUMBERS) is NUMBERS


def test_scores_become_log_probabilities_with_the_items_last():
    scores = torch.randn(4, 3)
    truth = ClassScores(3).truth(scores)
    torch.testing.assert_close(truth.T, scores.log_softmax(dim=1))
    torch.testing.assert_close(
        ClassScores(3).nonlinearity(scores), scores.softmax(dim=1)
    )


def test_targets_are_met_in_the_square():
    target = torch.tensor([0.0, -1.0, 5.0]).double()
    torch.testing.assert_close(
        Number().target_loss(NUMBERS, target), torch.tensor([0.25, 0.0, 9.0]).double()
    )


def test_sizes_for_the_network():
    assert Number().sizes == {"n_outputs": 1}
    assert ClassScores(4).sizes == {"n_classes": 4, "n_outputs": 4}


@pytest.mark.parametrize("shape", [(2, 2), (3, 1), (3,), (2, 1, 1), ()])
def test_a_wrong_shape_of_numbers(shape):
    with pytest.raises(ValueError, match=r"module Net returned .* for 2 items"):
        Number().check(torch.zeros(shape), 2, "Net")


@pytest.mark.parametrize("shape", [(2,), (2, 1)])
def test_a_right_shape_of_numbers(shape):
    assert Number().check(torch.zeros(shape), 2, "Net") is None
    with pytest.raises(ValueError, match="returned numbers that are not finite"):
        Number().check(torch.full(shape, torch.nan), 2, "Net")
    with pytest.raises(ValueError, match="returned scores that are not finite"):
        ClassScores(3).check(torch.full((2, 3), torch.nan), 2, "Net")


def batch(item_weight, answer_weight):
    item = torch.tensor([0, 0, 2])
    return {
        "item": item,
        "annotator": torch.tensor([0, 1, 1]),
        "answer": torch.tensor([1.0, 0.0, 2.5]).double(),
        "target": torch.tensor([0.0, -1.0, 5.0]).double(),
        "item_weight": torch.tensor(item_weight).double(),
        "answer_weight": torch.tensor(answer_weight).double()[item],
    }


@pytest.mark.parametrize("weight", [(1.0, 1.0, 1.0), (2.0, 0.5, 3.0)])
def test_the_loss_of_numbers(weight):
    scale, bias, noise_var = torch.tensor([[1.0, 2], [0, 1], [1, 4]]).numpy()
    annotators = FixedGaussianAnnotators((scale, bias, noise_var), 0.5).double()
    values = batch(weight, weight)
    targets = CrowdLoss(annotators, Number(), "targets")
    squares = torch.tensor([0.25, 0.0, 9.0]) * torch.tensor(weight)
    assert targets(NUMBERS[:, None], values).item() == pytest.approx(squares.mean())
    answers = CrowdLoss(annotators, Number(), "answers")
    given = values["item"], values["annotator"], values["answer"]
    each = -annotators.answer_log_likelihood(NUMBERS, *given)
    expected = (each * values["answer_weight"]).sum() / 3
    assert answers(NUMBERS, values).item() == pytest.approx(expected.item())
    assert targets.eval()(NUMBERS, values).item() == pytest.approx(expected.item())
