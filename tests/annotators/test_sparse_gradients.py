"""With very many annotators gradients are sparse; the result is that of dense ones."""

import numpy as np
import pytest
import torch
from _data import answer_log_proba, small, small_method

from skcrowd.annotators import ANNOTATOR_MODELS, _base
from skcrowd.methods import METHODS


@pytest.mark.parametrize("name", ["MW", "VW+B", "SW"])
def test_sparse_from_many_entries(name, monkeypatch):
    model = ANNOTATOR_MODELS[name](10, 3)
    size = sum(table.numel() for table in model.parameters())
    monkeypatch.setattr(_base, "SPARSE_FROM", size)
    assert not model.is_sparse
    monkeypatch.setattr(_base, "SPARSE_FROM", size - 1)
    assert model.is_sparse
    truth = torch.tensor([[0.1, 0.2, 0.7]]).log()
    answer_log_proba(model, truth, [4])[0, 1].backward()
    for table in model.parameters():
        assert table.grad.is_sparse
        assert table.grad.coalesce().indices().tolist() == [[4]]


def optimizers_of(clf):
    return {type(getattr(clf.net_, f"{name}_")) for name in clf.net_._optimizers}


@pytest.mark.parametrize(
    "method",
    [
        *(
            pytest.param(
                small_method("crowd_layer").set_params(connection=name), id=name
            )
            for name in ("MW", "VW", "VB", "VW+B", "SW")
        ),
        *(pytest.param(small_method(name), id=name) for name in METHODS),
    ],
)
def test_trains_as_with_dense_gradients(method, items, answers, monkeypatch):
    X = items[0]
    settings = {"method": method, "batch_size": 30, "max_epochs": 6}
    dense = small(**settings).fit(X, answers)
    monkeypatch.setattr(_base, "SPARSE_FROM", 0)
    sparse = small(**settings).fit(X, answers)
    assert torch.optim.SparseAdam not in optimizers_of(dense)
    has_tables = bool(list(sparse.net_.criterion_.parameters()))
    assert (torch.optim.SparseAdam in optimizers_of(sparse)) == has_tables
    for ours, theirs in [
        (sparse.predict_proba(X), dense.predict_proba(X)),
        (sparse.annotator_confusion_, dense.annotator_confusion_),
    ]:
        # The two kinds of Adam add their epsilon at different places.
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
