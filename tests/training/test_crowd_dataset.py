import numpy as np
import pytest
import torch
from _data import random_answers
from scipy.sparse import csr_array, csr_matrix

from skcrowd import Annotations
from skcrowd.training._data import CrowdDataset, batch_sizes
from skcrowd.training._tensors import SparseRows

N_ITEMS = 12


@pytest.fixture
def X():
    X = np.random.default_rng(0).standard_normal((N_ITEMS, 2))
    X.flags.writeable = False
    return X


@pytest.fixture
def y():
    """Answers, weights and targets; item 5 has no answer."""
    rng = np.random.default_rng(0)
    answers = random_answers(rng, N_ITEMS, 4, 3)
    answers[5] = -1
    annotations = Annotations.from_dense(answers)
    return {
        "annotator": torch.tensor(annotations.annotator),
        "answer": torch.tensor(annotations.answer),
        "indptr": torch.tensor(annotations.indptr),
        "item_weight": torch.rand(N_ITEMS),
        "answer_weight": torch.rand(N_ITEMS),
        "target": torch.rand(N_ITEMS, 3),
    }


def slow_batch(y, rows):
    """Collect the answers of some items one by one."""
    triples = [
        (place, y["annotator"][answer].item(), y["answer"][answer].item())
        for place, row in enumerate(rows)
        for answer in range(y["indptr"][row], y["indptr"][row + 1])
    ]
    return [list(column) for column in zip(*triples, strict=True)] or [[], [], []]


def read(dataset, order=None, batch_size=5):
    """Read items in order, a batch after the other."""
    order = None if order is None else torch.tensor(order)
    return [dataset[batch] for batch in dataset.batches(order, batch_size)]


def assert_batch(batch, X, y, rows):
    features, found = batch
    np.testing.assert_array_equal(features, X[rows])
    columns = [found[name].tolist() for name in ("item", "annotator", "answer")]
    assert columns == slow_batch(y, rows)
    for name in ("item_weight", "target"):
        torch.testing.assert_close(found[name], y[name][rows])
    weight = y["answer_weight"][rows][found["item"]]
    torch.testing.assert_close(found["answer_weight"], weight)


ORDERS = {
    "as they stand": None,
    "all": [*range(N_ITEMS)],
    "backwards": [*range(N_ITEMS)][::-1],
    "some": [7, 0, 5, 3, 11, 2, 1],
    "repeated": [4, 4, 1, 4, 4, 1, 1],
    "one": [2],
    "without answers": [5],
}


@pytest.mark.parametrize("batch_size", [1, 3, 5, 100])
@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_a_batch_holds_its_own_answers(X, y, order, batch_size):
    rows = np.arange(N_ITEMS) if order is None else np.array(order)
    batches = read(CrowdDataset(X, y), order, batch_size)
    cut = [rows[i : i + batch_size] for i in range(0, len(rows), batch_size)]
    if len(cut) > 1 and len(cut[-1]) == 1 < batch_size:
        cut[-2:] = [rows[-batch_size - 1 :]]
    for batch, expected in zip(batches, cut, strict=True):
        assert_batch(batch, X, y, expected)


@pytest.mark.parametrize(
    ("n_items", "batch_size", "sizes"),
    [(6, 3, [3, 3]), (7, 3, [3, 4]), (8, 3, [3, 3, 2]), (1, 3, [1]), (3, 1, [1, 1, 1])],
)
def test_a_single_last_item_joins_the_batch_before(n_items, batch_size, sizes):
    assert batch_sizes(n_items, batch_size) == sizes


def test_answers_are_gathered_in_blocks(X, y, monkeypatch):
    monkeypatch.setattr("skcrowd.training._data.BATCHES_AT_ONCE", 2)
    order = ORDERS["backwards"]
    for place, batch in enumerate(read(CrowdDataset(X, y), order, 2)):
        assert_batch(batch, X, y, np.array(order[2 * place : 2 * place + 2]))


@pytest.mark.parametrize("order", [None, [1, 2, 3], [3, 0, 0]])
def test_rows_show_some_items(X, y, order):
    shown = torch.tensor([11, 2, 5, 7, 0])
    dataset = CrowdDataset(X, y, shown)
    assert len(dataset) == 5
    rows = shown.numpy() if order is None else shown[order].numpy()
    assert_batch(read(dataset, order)[0], X, y, rows)


def test_subset_indexes_the_whole(X, y):
    dataset = CrowdDataset(X, y, torch.tensor([11, 2, 5, 7]))
    subset = dataset.subset(np.array([7, 11]))
    assert len(subset) == 2
    assert_batch(read(subset)[0], X, y, np.array([7, 11]))


def test_one_weight_for_all(X, y):
    y.update(item_weight=torch.tensor(1.0), answer_weight=torch.tensor(0.25))
    for _, found in read(CrowdDataset(X, y)):
        assert (found["item_weight"] == 1).all()
        assert (found["answer_weight"] == 0.25).all()


def test_targets_are_optional(X, y):
    del y["target"]
    assert "target" not in read(CrowdDataset(X, y))[0][1]


def test_targets_may_change_between_epochs(X, y):
    dataset = CrowdDataset(X, y)
    y["target"].fill_(0.5)
    assert (read(dataset)[0][1]["target"] == 0.5).all()


@pytest.mark.parametrize("order", [None, [3, 1, 2]])
def test_prediction_has_features_only(X, order):
    features, nothing = read(CrowdDataset(X), order, 3)[0]
    np.testing.assert_array_equal(features, X[:3] if order is None else X[order])
    assert nothing.numel() == 0


def test_features_share_memory_with_the_array(X):
    assert CrowdDataset(X).X.data_ptr() == X.ctypes.data


@pytest.mark.parametrize(
    "form", [csr_matrix, csr_array, lambda X: SparseRows(csr_matrix(X))]
)
@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_batches_of_sparse_features(X, y, form, order):
    X = X * (np.abs(X) > 0.5)
    dense = read(CrowdDataset(X, y), order)
    sparse = read(CrowdDataset(form(X), y), order)
    for (ours, found), (theirs, expected) in zip(sparse, dense, strict=True):
        assert ours.is_sparse
        assert ours.is_coalesced()
        assert torch.equal(ours.to_dense(), theirs)
        assert torch.equal(found["answer"], expected["answer"])


def test_sparse_features_alone(X):
    dataset = CrowdDataset(csr_matrix(X))
    assert len(dataset) == N_ITEMS
    whole = torch.cat([features.to_dense() for features, _ in read(dataset)])
    np.testing.assert_array_equal(whole, X)
    part = dataset.subset(np.array([7, 2]))
    np.testing.assert_array_equal(read(part)[0][0].to_dense(), X[[7, 2]])


def test_sparse_rows_are_coalesced_tensors():
    matrix = csr_matrix(np.array([[0.0, 1.5, 2.0], [0, 0, 0], [3.0, 0, 0]]))
    rows = SparseRows(matrix)
    assert len(rows) == 3
    for wanted in (slice(0, 2), slice(1, 1), slice(None)):
        found = rows[wanted].coalesce()
        np.testing.assert_array_equal(found.to_dense(), matrix[wanted].toarray())
    picked = rows.index_select(0, torch.tensor([2, 2, 0, 1]))
    torch.sparse_coo_tensor(
        picked.indices(), picked.values(), picked.shape, check_invariants=True
    )
    np.testing.assert_array_equal(picked.to_dense(), matrix[[2, 2, 0, 1]].toarray())
    assert picked.dtype == torch.float64
