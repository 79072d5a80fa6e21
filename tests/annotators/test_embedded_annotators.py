"""Confusions from embeddings, and those of mixtures."""

import pytest
import torch

from skcrowd.annotators._embedded import EmbeddedAnnotators


def make(n_classes=3, **options):
    torch.manual_seed(0)
    model = EmbeddedAnnotators(4, n_classes, **options).double()
    model.embedding.data += torch.randn(model.embedding.shape).double()
    return model


def test_all_annotators_start_alike_and_near_the_identity():
    torch.manual_seed(0)
    confusion = torch.as_tensor(EmbeddedAnnotators(4, 3, eta=0.7).confusion())
    assert (confusion == confusion[0]).all()
    assert ((confusion.diagonal(dim1=1, dim2=2) - 0.7).abs() < 0.2).all()


def test_eta_is_the_diagonal_where_the_layers_add_nothing():
    for n_classes in (1, 2, 12):
        model = make(n_classes, eta=0.7)
        model.output_weight.data.zero_()
        diagonal = torch.as_tensor(model.confusion()).diagonal(dim1=1, dim2=2)
        expected = 1.0 if n_classes == 1 else 0.7
        torch.testing.assert_close(diagonal, torch.full_like(diagonal, expected))


def by_hand(model, embedding):
    units = len(embedding)
    hidden = model.hidden_weight.view(units, units) @ embedding + model.hidden_bias[0]
    output = model.output_weight.view(9, units)
    logits = output @ hidden.clamp_min(0) + model.output_bias[0]
    return logits.view(3, 3).softmax(1)


def test_confusions_come_from_the_embeddings():
    model = make()
    for r in range(4):
        expected = by_hand(model, model.embedding[r]).detach()
        torch.testing.assert_close(torch.as_tensor(model.confusion()[r]), expected)


def test_the_loss_of_a_mixture():
    model, log_truth = make(), torch.randn(3, 2).double().log_softmax(0)
    item, first, second = torch.tensor([[0, 1, 1], [0, 1, 3], [2, 1, 0]])
    share = torch.tensor([0.25, 0.5, 1.0]).double()
    answer = torch.tensor([[0, 1, 2], [1, 1, 0]])
    found = model.loss(log_truth, item, [first, second, share], answer)
    for pair in range(3):
        embedding = share[pair] * model.embedding[first[pair]]
        embedding = embedding + (1 - share[pair]) * model.embedding[second[pair]]
        proba = log_truth[:, item[pair]].exp() @ by_hand(model, embedding)
        torch.testing.assert_close(found[:, pair], -proba[answer[:, pair]].log())


@pytest.mark.parametrize("share", [0.0, 1.0, 0.3])
def test_mixed_with_oneself_one_stays_the_same(share):
    model, log_truth = make(), torch.randn(3, 4).double().log_softmax(0)
    item, annotator, answer = (
        torch.arange(4),
        torch.tensor([3, 0, 0, 1]),
        torch.arange(4) % 3,
    )
    shares = torch.full((4,), share).double()
    mixed = model.loss(
        log_truth, item, (annotator, annotator, shares), answer.expand(2, -1)
    )
    torch.testing.assert_close(mixed[0], model.loss(log_truth, item, annotator, answer))
    torch.testing.assert_close(mixed[1], mixed[0])
