"""What holds for every entry of NUMBER_MODELS, and for given annotators."""

import copy
import pickle

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm

from skcrowd.annotators import (
    AnnotatorModel,
    FixedGaussianAnnotators,
    GaussianAnnotators,
    NumberModel,
)
from skcrowd.annotators._model_registry import NUMBER_MODELS

N_ANNOTATORS, N_ITEMS, N_PAIRS = 5, 12, 40
NAMES = [*NUMBER_MODELS, "gaussian with scales", "fixed"]
START_ALIKE = [name for name in NAMES if name != "fixed"]


def start(name, n_annotators=N_ANNOTATORS):
    """Build a float64 model as it starts."""
    if name == "fixed":
        rng = np.random.default_rng(1)
        scale, noise_var = rng.uniform(0.5, 2, (2, n_annotators))
        return FixedGaussianAnnotators(
            (scale, rng.standard_normal(n_annotators), noise_var), 0.3
        )
    if name == "gaussian with scales":
        return GaussianAnnotators(n_annotators, scale_std=0.2).double()
    return NUMBER_MODELS[name](n_annotators).double()


def make(name):
    """Build a float64 model whose annotators differ."""
    model = start(name)
    generator = torch.Generator().manual_seed(0)
    for table in model.parameters():
        table.data += 0.3 * torch.randn(table.shape, generator=generator)
    return model.double()


@pytest.fixture(params=NAMES)
def model(request):
    return make(request.param)


@pytest.fixture
def pairs():
    """The truth of some items; item, annotator and answer of some pairs."""
    rng = np.random.default_rng(0)
    return (
        torch.tensor(rng.standard_normal(N_ITEMS)),
        torch.tensor(rng.integers(0, N_ITEMS, N_PAIRS)),
        torch.tensor(rng.integers(0, N_ANNOTATORS, N_PAIRS)),
        torch.tensor(rng.standard_normal(N_PAIRS)),
    )


def test_is_a_number_model(model):
    assert isinstance(model, NumberModel)
    assert isinstance(model, AnnotatorModel)
    assert model.n_annotators == N_ANNOTATORS


@pytest.mark.parametrize("name", START_ALIKE)
def test_annotators_start_by_repeating_the_network(name, pairs):
    truth, item, annotator, _ = pairs
    expected = start(name)(truth[item], annotator)
    torch.testing.assert_close(expected, truth[item])


def test_confusion_maps_the_truth_to_the_expected_answer(model, pairs):
    truth, item, annotator, _ = pairs
    maps = model.confusion()
    assert maps.shape == (N_ANNOTATORS, 2, 2)
    assert maps.dtype == np.float64
    np.testing.assert_array_equal(maps[:, 1], np.tile([0, 1], (N_ANNOTATORS, 1)))
    homogeneous = np.stack([truth[item], np.ones(N_PAIRS)], axis=1)
    mapped = np.einsum("nij,nj->ni", maps[annotator], homogeneous)
    expected = model(truth[item], annotator).detach()
    np.testing.assert_allclose(mapped[:, 0], expected, atol=1e-12)


FORMULAS = {
    "S": lambda truth, scale: scale * truth,
    "B": lambda truth, bias: truth + bias,
    "S+B": lambda truth, scale, bias: scale * truth + bias,
    "B+S": lambda truth, scale, bias: scale * (truth + bias),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_the_connections_are_the_formulas_of_the_paper(name, pairs):
    truth, item, annotator, answer = pairs
    model = make(name)
    rows = [table[annotator, 0].detach() for table in model.parameters()]
    expected = FORMULAS[name](truth[item], *rows)
    torch.testing.assert_close(model(truth[item], annotator), expected)
    squares = (answer - expected) ** 2
    torch.testing.assert_close(model.loss(*pairs), squares)


def test_the_likelihood_is_the_normal_density(model, pairs):
    truth, item, annotator, answer = pairs
    mean = model(truth[item], annotator).detach()
    std = model.answer_var(annotator).detach().sqrt()
    found = model.answer_log_likelihood(*pairs).detach()
    np.testing.assert_allclose(found, norm.logpdf(answer, mean, std), rtol=1e-6)


def test_the_density_integrates_to_one(model):
    truth, item, annotator = torch.tensor([0.7]).double(), *torch.tensor([[0], [3]])

    def density(answer):
        answer = torch.tensor([answer]).double()
        return model.answer_log_likelihood(truth, item, annotator, answer).exp().item()

    assert quad(density, -30, 30, points=[0])[0] == pytest.approx(1, abs=1e-6)


def test_the_loss_is_finite_and_its_gradient_reaches_every_table(model, pairs):
    loss = model.loss(*pairs)
    assert loss.shape == (N_PAIRS,)
    assert loss.isfinite().all()
    tables = list(model.parameters())
    for gradient in torch.autograd.grad(loss.sum(), tables) if tables else []:
        assert gradient.isfinite().all()
        assert (gradient != 0).all()


def test_the_gradient_reaches_the_network(model, pairs):
    truth = pairs[0].clone().requires_grad_()
    (gradient,) = torch.autograd.grad(model.loss(truth, *pairs[1:]).sum(), truth)
    met = torch.zeros(N_ITEMS, dtype=bool).index_fill(0, pairs[1], True)
    assert ((gradient != 0) == met).all()


def test_permuted_annotators_answer_alike(model, pairs):
    truth, item, annotator, answer = pairs
    order = torch.tensor([3, 0, 4, 1, 2])
    other = copy.deepcopy(model)
    for ours, theirs in zip(model.parameters(), other.parameters(), strict=True):
        theirs.data = ours.data[order] if len(ours) == N_ANNOTATORS else ours.data
    if isinstance(model, FixedGaussianAnnotators):
        other.table = model.table[:, order]
    place = order.argsort()[annotator]
    for method in ("loss", "answer_log_likelihood"):
        ours = getattr(model, method)(*pairs)
        theirs = getattr(other, method)(truth, item, place, answer)
        torch.testing.assert_close(ours, theirs)
    np.testing.assert_array_equal(other.confusion(), model.confusion()[order])


def test_the_likelihood_of_an_answer_knows_no_other_answer(model, pairs):
    truth, item, annotator, answer = pairs
    together = model.answer_log_likelihood(*pairs)
    for n in range(0, N_PAIRS, 7):
        alone = model.answer_log_likelihood(
            truth, item[[n]], annotator[[n]], answer[[n]]
        )
        torch.testing.assert_close(together[[n]], alone)


def test_no_pair_is_no_answer(model):
    none = torch.zeros(0, dtype=torch.int64)
    truth = torch.zeros(3).double()
    for method in (model.loss, model.answer_log_likelihood):
        assert method(truth, none, none, none.double()).shape == (0,)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_precision_is_that_of_the_model(model, dtype, pairs):
    truth, item, annotator, answer = pairs
    model = model.to(dtype)
    loss = model.loss(truth.to(dtype), item, annotator, answer.to(dtype))
    assert loss.dtype == dtype
    assert model.confusion().dtype == np.float64


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_copies_answer_alike(model, pairs, duplicate):
    assert torch.equal(duplicate(model).loss(*pairs), model.loss(*pairs))
