"""What holds for every entry of ANNOTATOR_MODELS, and for given confusions."""

import copy
import pickle

import numpy as np
import pytest
import torch
from _data import annotator_model, random_confusion, random_log_proba

from skcrowd.annotators import ANNOTATOR_MODELS, AnnotatorModel, FixedConfusion

N_ANNOTATORS, N_CLASSES, N_PAIRS = 5, 3, 40
NAMES = [*ANNOTATOR_MODELS, "fixed"]


def make(name, n_annotators=N_ANNOTATORS, n_classes=N_CLASSES):
    """Build a float64 model whose annotators differ."""
    if name == "fixed":
        rng = np.random.default_rng(1)
        model = FixedConfusion(random_confusion(rng, n_annotators, n_classes))
    else:
        model = annotator_model(name, n_annotators, n_classes)
    generator = torch.Generator().manual_seed(0)
    for table in model.parameters():
        table.data += torch.randn(table.shape, generator=generator)
    return model.double()


@pytest.fixture(params=NAMES)
def model(request):
    return make(request.param)


@pytest.fixture
def pairs():
    """log p(truth), annotator and answer of some pairs."""
    rng = np.random.default_rng(0)
    return (
        torch.tensor(random_log_proba(rng, N_PAIRS, N_CLASSES)),
        torch.tensor(rng.integers(0, N_ANNOTATORS, N_PAIRS)),
        torch.tensor(rng.integers(0, N_CLASSES, N_PAIRS)),
    )


def test_is_an_annotator_model(model):
    assert isinstance(model, AnnotatorModel)
    assert (model.n_annotators, model.n_classes) == (N_ANNOTATORS, N_CLASSES)


def test_forward_gives_probabilities(model, pairs):
    log_answer = model(*pairs[:2])
    assert log_answer.shape == (N_PAIRS, N_CLASSES)
    torch.testing.assert_close(
        log_answer.exp().sum(dim=1), torch.ones(N_PAIRS).double()
    )


def test_answer_log_likelihood_picks_from_forward(model, pairs):
    log_truth, annotator, answer = pairs
    expected = model(log_truth, annotator).gather(1, answer[:, None])[:, 0]
    torch.testing.assert_close(model.answer_log_likelihood(*pairs), expected)


def test_answer_log_likelihood_has_the_gradient_of_forward(model, pairs):
    log_truth, annotator, answer = pairs
    gradients = []
    for likelihood in (
        lambda truth: model.answer_log_likelihood(truth, annotator, answer),
        lambda truth: model(truth, annotator).gather(1, answer[:, None])[:, 0],
    ):
        truth = log_truth.clone().requires_grad_()
        inputs = [truth, *model.parameters()]
        gradients.append(torch.autograd.grad(likelihood(truth).sum(), inputs))
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_confusion_is_forward_of_certain_items(model):
    certain = torch.eye(N_CLASSES).double().clamp_min(1e-300).log()
    confusion = model.confusion()
    assert confusion.shape == (N_ANNOTATORS, N_CLASSES, N_CLASSES)
    for r in range(N_ANNOTATORS):
        log_answer = model(certain, torch.full((N_CLASSES,), r)).detach()
        np.testing.assert_allclose(confusion[r], log_answer.exp(), atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_confusion_is_float64_with_rows_that_sum_to_one(model, dtype):
    confusion = model.to(dtype).confusion()
    assert confusion.dtype == np.float64
    assert ((confusion >= 0) & (confusion <= 1)).all()
    np.testing.assert_allclose(confusion.sum(axis=2), 1, rtol=0, atol=1e-12)


def test_annotators_do_not_touch_each_other(model, pairs):
    log_truth, annotator, answer = pairs
    together = model.answer_log_likelihood(*pairs)
    for r in range(N_ANNOTATORS):
        own = annotator == r
        alone = model.answer_log_likelihood(log_truth[own], annotator[own], answer[own])
        torch.testing.assert_close(together[own], alone)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n_classes", [1, 2, 7])
def test_any_number_of_classes(name, n_classes):
    model = make(name, n_classes=n_classes)
    log_truth = torch.tensor(random_log_proba(np.random.default_rng(0), 4, n_classes))
    log_answer = model(log_truth, torch.tensor([0, 1, 2, 3]))
    assert log_answer.shape == (4, n_classes)
    assert model.confusion().shape == (N_ANNOTATORS, n_classes, n_classes)


def test_no_pair_is_no_answer(model):
    empty = torch.zeros(0, dtype=torch.int64)
    log_truth = torch.zeros(0, N_CLASSES).double()
    assert model.answer_log_likelihood(log_truth, empty, empty).shape == (0,)


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_copies_answer_alike(model, pairs, duplicate):
    twin = duplicate(model)
    assert torch.equal(twin(*pairs[:2]), model(*pairs[:2]))
