"""What holds for every entry of LABEL_MODELS, and for given confusions."""

import copy
import pickle

import numpy as np
import pytest
import torch
from _data import (
    annotator_model,
    answer_log_proba,
    given_log_proba,
    random_confusion,
    random_log_proba,
)

from skcrowd.aggregation._expected_counts import CountTable, ExpectedCounts
from skcrowd.aggregation._lazy_confusion import CountedConfusion
from skcrowd.annotations import _memory
from skcrowd.annotators import AnnotatorModel, FixedConfusion
from skcrowd.annotators._common_noise import CommonNoise
from skcrowd.annotators._confusion_table import given_annotators
from skcrowd.annotators._counted import CountedAnnotators
from skcrowd.annotators._embedded import EmbeddedAnnotators
from skcrowd.annotators._model_registry import LABEL_MODELS
from skcrowd.annotators._union import UnionScores, UnionTable
from skcrowd.annotators._weighted_aggregator import WeightedAggregator
from skcrowd.experimental._annotator_heads import AnnotatorHeads

N_ANNOTATORS, N_CLASSES, N_PAIRS = 5, 3, 40
NAMES = [*LABEL_MODELS, "fixed", "counted"]


def make(name, n_annotators=N_ANNOTATORS, n_classes=N_CLASSES):
    """Build a float64 model whose annotators differ."""
    if name in ("fixed", "counted"):
        confusion = random_confusion(np.random.default_rng(1), n_annotators, n_classes)
        model = FixedConfusion(confusion) if name == "fixed" else counted(confusion)
    else:
        model = annotator_model(name, n_annotators, n_classes)
    generator = torch.Generator().manual_seed(0)
    for table in model.parameters():
        table.data += torch.randn(table.shape, generator=generator)
    return model.double()


def counted(confusion):
    """Give confusions as counts."""
    counts = ExpectedCounts((CountTable(confusion),))
    return CountedAnnotators(CountedConfusion(counts, 0))


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
    log_answer = answer_log_proba(model, *pairs[:2])
    assert log_answer.shape == (N_PAIRS, N_CLASSES)
    torch.testing.assert_close(
        log_answer.exp().sum(dim=1), torch.ones(N_PAIRS).double()
    )


def test_answer_log_likelihood_picks_from_forward(model, pairs):
    log_truth, annotator, answer = pairs
    log_answer = answer_log_proba(model, log_truth, annotator)
    expected = log_answer.gather(1, answer[:, None])[:, 0]
    torch.testing.assert_close(given_log_proba(model, *pairs), expected)


def test_the_loss_is_minus_log_likelihood_but_for_a_prior(model, pairs):
    log_truth, annotator, answer = pairs
    item = torch.arange(N_PAIRS)
    loss = model.loss(log_truth.T, item, annotator, answer)
    torch.testing.assert_close(loss, -given_log_proba(model, *pairs))


@pytest.mark.parametrize("n_pairs", [1, 3, N_PAIRS])
def test_few_pairs_are_worked_off_like_many(model, pairs, n_pairs):
    few = [values[:n_pairs] for values in pairs]
    together = given_log_proba(model, *pairs)[:n_pairs]
    torch.testing.assert_close(given_log_proba(model, *few), together)


def test_an_item_can_have_any_number_of_answers(model, pairs):
    log_truth, annotator, answer = pairs
    item = torch.tensor([3, 0, 0, 3, 3, 1])
    annotator, answer = annotator[: len(item)], answer[: len(item)]
    repeated = given_log_proba(model, log_truth[item], annotator, answer)
    shared = model.answer_log_likelihood(log_truth[:5].T, item, annotator, answer)
    torch.testing.assert_close(shared, repeated)


def test_answer_log_likelihood_has_the_gradient_of_forward(model, pairs):
    log_truth, annotator, answer = pairs
    gradients = []
    for likelihood in (
        lambda truth: given_log_proba(model, truth, annotator, answer),
        lambda truth: answer_log_proba(model, truth, annotator).gather(
            1, answer[:, None]
        ),
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
        log_answer = answer_log_proba(model, certain, [r] * N_CLASSES).detach()
        np.testing.assert_allclose(confusion[r], log_answer.exp(), atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_confusion_is_float64_with_rows_that_sum_to_one(model, dtype):
    confusion = model.to(dtype).confusion()
    assert confusion.dtype == np.float64
    assert ((confusion >= 0) & (confusion <= 1)).all()
    np.testing.assert_allclose(confusion.sum(axis=2), 1, rtol=0, atol=1e-12)


def test_annotators_do_not_touch_each_other(model, pairs):
    log_truth, annotator, answer = pairs
    together = given_log_proba(model, *pairs)
    for r in range(N_ANNOTATORS):
        own = annotator == r
        alone = given_log_proba(model, log_truth[own], annotator[own], answer[own])
        torch.testing.assert_close(together[own], alone)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n_classes", [1, 2, 7])
def test_any_number_of_classes(name, n_classes):
    model = make(name, n_classes=n_classes)
    log_truth = torch.tensor(random_log_proba(np.random.default_rng(0), 4, n_classes))
    log_answer = answer_log_proba(model, log_truth, [0, 1, 2, 3])
    assert log_answer.shape == (4, n_classes)
    assert model.confusion().shape == (N_ANNOTATORS, n_classes, n_classes)


def test_no_pair_is_no_answer(model):
    empty = torch.zeros(0, dtype=torch.int64)
    log_truth = torch.zeros(0, N_CLASSES).double()
    assert given_log_proba(model, log_truth, empty, empty).shape == (0,)


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_copies_answer_alike(model, pairs, duplicate):
    twin = duplicate(model)
    ours, theirs = (answer_log_proba(m, *pairs[:2]) for m in (model, twin))
    assert torch.equal(ours, theirs)


def test_the_confusions_of_some_are_those_of_all(model):
    np.testing.assert_allclose(model.confusion_of([3, 1]), model.confusion()[[3, 1]])


def test_large_confusions_are_made_on_request(model, monkeypatch):
    table = model.confusion()
    np.testing.assert_array_equal(np.asarray(model.lean_confusion()), table)
    monkeypatch.setattr(_memory, "LARGE", 0)
    lean = model.lean_confusion()
    assert not isinstance(lean, np.ndarray)
    np.testing.assert_allclose(np.asarray(lean), table)
    np.testing.assert_allclose(lean.matrix(2), table[2])
    np.testing.assert_allclose(model.confusion(), table)


@pytest.mark.parametrize("name", LABEL_MODELS)
@pytest.mark.parametrize(("n_annotators", "n_classes"), [(1, 1), (7, 4)])
def test_the_number_of_parameters_is_known_before(name, n_annotators, n_classes):
    model, further = LABEL_MODELS[name](n_annotators, n_classes), {}
    if model.needs_features:
        model.build(3)
        further = {"n_features": 3}
    needed = model.parameters_needed(n_annotators, n_classes, **further)
    assert needed == n_parameters(model)


def n_parameters(model):
    return sum(table.numel() for table in model.parameters())


def test_the_number_of_parameters_of_models_that_take_more():
    sizes = 7, 4
    start = random_confusion(np.random.default_rng(0), *sizes)
    fixed, heads = FixedConfusion(start), AnnotatorHeads(*sizes, np.ones(7))
    noise, embedded = CommonNoise(*sizes, n_embedding=6), EmbeddedAnnotators(*sizes, 5)
    for model in (heads, noise):
        model.build(3)
    for model, further in [
        (fixed, {}),
        (given_annotators(start), {}),
        (counted(start), {}),
        (UnionTable(*sizes, start=start), {}),
        (UnionScores(*sizes), {}),
        (WeightedAggregator(start, np.full(4, 0.25)), {}),
        (heads, {"n_features": 3}),
        (noise, {"n_features": 3, "n_embedding": 6}),
        (embedded, {"units": 5}),
    ]:
        assert model.parameters_needed(*sizes, **further) == n_parameters(model)


def test_counts_are_part_of_the_state(tmp_path, pairs):
    ours, theirs = make("counted"), make("counted")
    confusion = random_confusion(np.random.default_rng(5), N_ANNOTATORS, N_CLASSES)
    theirs.replace(counted(confusion).counted)
    torch.save(theirs.state_dict(), tmp_path / "state")
    ours.load_state_dict(torch.load(tmp_path / "state", weights_only=True))
    np.testing.assert_allclose(ours.confusion(), confusion)
    assert torch.equal(given_log_proba(ours, *pairs), given_log_proba(theirs, *pairs))
