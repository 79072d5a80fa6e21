"""The connections against the formulas of Rodrigues and Pereira (2018)."""

import numpy as np
import pytest
import torch
from _data import answer_log_proba, random_log_proba
from scipy.special import log_softmax

from skcrowd.annotators._model_registry import LABEL_MODELS

FORMULAS = {
    "MW": lambda p, weight: weight.reshape(3, 3) @ p,
    "VW": lambda p, weight: weight * p,
    "VB": lambda p, bias: p + bias,
    "VW+B": lambda p, weight, bias: weight * p + bias,
    "SW": lambda p, weight: weight[0] * p,
}
N_ANNOTATORS, N_CLASSES = 4, 3


@pytest.fixture(params=FORMULAS)
def connection(request):
    """Name and model with random parameters."""
    model = LABEL_MODELS[request.param](N_ANNOTATORS, N_CLASSES).double()
    generator = torch.Generator().manual_seed(0)
    for table in model.parameters():
        table.data.normal_(generator=generator)
    return request.param, model


def test_forward_is_the_formula(connection):
    name, model = connection
    log_truth = random_log_proba(np.random.default_rng(0), 6, N_CLASSES)
    annotator = np.array([0, 3, 1, 1, 2, 0])
    expected = [
        log_softmax(FORMULAS[name](np.exp(log_truth[n]), *rows))
        for n, r in enumerate(annotator)
        for rows in [[t[r].detach().numpy() for t in model.parameters()]]
    ]
    log_answer = answer_log_proba(model, log_truth, annotator)
    np.testing.assert_allclose(log_answer.detach(), expected, atol=1e-12)


@pytest.mark.parametrize("name", FORMULAS)
def test_annotators_start_by_repeating_the_network(name):
    model = LABEL_MODELS[name](N_ANNOTATORS, N_CLASSES).double()
    log_truth = torch.tensor(random_log_proba(np.random.default_rng(0), 5, N_CLASSES))
    log_answer = answer_log_proba(model, log_truth, [0, 1, 2, 3, 0])
    torch.testing.assert_close(log_answer, log_truth.exp().log_softmax(dim=1))


@pytest.mark.parametrize(
    ("name", "size"), [("MW", 9), ("VW", 3), ("VB", 3), ("VW+B", 6), ("SW", 1)]
)
def test_number_of_parameters(name, size):
    model = LABEL_MODELS[name](N_ANNOTATORS, N_CLASSES)
    n_parameters = sum(table.numel() for table in model.parameters())
    assert n_parameters == size * N_ANNOTATORS
