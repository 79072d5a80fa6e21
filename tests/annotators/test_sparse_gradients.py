"""With very many annotators gradients are sparse; the result is that of dense ones."""

from functools import partial

import numpy as np
import pytest
import torch
from _data import EVERY_METHOD, answer_log_proba, everything, small_method

from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.annotators import AFFINE_CONNECTIONS, CONNECTIONS, _annotator_model
from skcrowd.annotators._model_registry import LABEL_MODELS, NUMBER_MODELS
from skcrowd.training import _net
from skcrowd.training._skorch_compat import optimizer_names

BARE = {"lr": 1e-2, "module__hidden": (8,), "random_state": 0}


@pytest.mark.parametrize("name", ["MW", "VW+B", "SW"])
def test_sparse_from_many_entries(name, monkeypatch):
    model = LABEL_MODELS[name](10, 3)
    size = sum(table.numel() for table in model.parameters())
    monkeypatch.setattr(_annotator_model, "SPARSE_FROM", size)
    assert not model.is_sparse
    monkeypatch.setattr(_annotator_model, "SPARSE_FROM", size - 1)
    assert model.is_sparse
    truth = torch.tensor([[0.1, 0.2, 0.7]]).log()
    answer_log_proba(model, truth, [4])[0, 1].backward()
    for table in model.parameters():
        assert table.grad.is_sparse
        assert table.grad.coalesce().indices().tolist() == [[4]]


def optimizers_of(clf):
    return {type(getattr(clf.net_, f"{name}_")) for name in optimizer_names(clf.net_)}


@pytest.mark.parametrize("name", NUMBER_MODELS)
def test_number_models_are_sparse_too(name, monkeypatch):
    model = NUMBER_MODELS[name](10)
    monkeypatch.setattr(_annotator_model, "SPARSE_FROM", 0)
    pair = torch.tensor([4])
    model.loss(torch.ones(5), pair, pair, torch.zeros(1)).sum().backward()
    for table in model.parameters():
        assert table.grad.is_sparse
        row = 4 if len(table) == 10 else 0
        assert table.grad.coalesce().indices().tolist() == [[row]]


def connections(kind, names):
    """The crowd layer with each connection."""
    return [
        pytest.param(
            kind,
            small_method("crowd_layer", kind).set_params(connection=name),
            id=f"{kind.__name__} {name}",
        )
        for name in names
    ]


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        *connections(CrowdClassifier, CONNECTIONS),
        *connections(CrowdRegressor, AFFINE_CONNECTIONS),
        *(
            pytest.param(kind, small_method(name, kind), id=f"{kind.__name__} {name}")
            for kind, name in EVERY_METHOD
        ),
    ],
)
def test_trains_as_with_dense_gradients(kind, method, data, monkeypatch):
    for name in ("Adam", "SparseAdam"):  # they add their epsilon at different places
        monkeypatch.setattr(_net, name, partial(getattr(_net, name), eps=1e-14))
    settings = {"method": method, "batch_size": 30, "max_epochs": 3}
    dense = kind(**BARE, **settings).fit(*data)
    monkeypatch.setattr(_annotator_model, "SPARSE_FROM", 0)
    sparse = kind(**BARE, **settings).fit(*data)
    assert torch.optim.SparseAdam not in optimizers_of(dense)
    has_tables = bool(list(sparse.net_.criterion_.parameters()))
    assert (torch.optim.SparseAdam in optimizers_of(sparse)) == has_tables
    X = data[0]
    np.testing.assert_allclose(everything(sparse, X), everything(dense, X), atol=1e-6)
