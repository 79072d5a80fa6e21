import numpy as np
import pytest
import torch
from scipy import sparse

from skcrowd.annotations import _memory
from skcrowd.annotations._hashing import content_hashes
from skcrowd.training._array_rows import ArrayRows, take_rows
from skcrowd.training._data import CrowdDataset

X = np.random.default_rng(0).standard_normal((30, 4)).astype(np.float32)
ROWS = np.array([7, 3, 29, 3])


@pytest.fixture(autouse=True)
def all_is_large(monkeypatch):
    monkeypatch.setattr(_memory, "LARGE", 0)


def test_rows_are_read_when_they_are_asked_for():
    taken = take_rows(X, ROWS)
    assert isinstance(taken, ArrayRows)
    assert taken.array is X
    assert (taken.shape, taken.dtype, len(taken)) == ((4,), X.dtype, 4)
    torch.testing.assert_close(taken.batch(np.array([2, 0])), torch.tensor(X[[29, 7]]))
    np.testing.assert_array_equal(taken[1:].index, ROWS[1:])


def test_small_and_sparse_rows_are_copied(monkeypatch):
    matrix = sparse.csr_array(X)
    assert sparse.issparse(take_rows(matrix, ROWS))
    monkeypatch.setattr(_memory, "LARGE", 2**24)
    np.testing.assert_array_equal(take_rows(X, ROWS), X[ROWS])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_hashes_are_those_of_the_rows(dtype, monkeypatch):
    monkeypatch.setattr("skcrowd.training._array_rows.NUMBERS_AT_ONCE", 8)
    rows = (1.7e9 + X.astype(np.float64)).astype(dtype)
    taken, copied = take_rows(rows, ROWS), rows[ROWS]
    np.testing.assert_array_equal(taken.content_hashes(), content_hashes(copied))
    for found in (None, np.float32):
        expected = content_hashes(copied, found)
        np.testing.assert_array_equal(content_hashes(taken, found), expected)
    assert dtype == np.float32 or len(np.unique(taken.content_hashes())) == 3


def test_batches_are_those_of_a_copy():
    taken, copied = CrowdDataset(take_rows(X, ROWS)), CrowdDataset(X[ROWS])
    for order in (None, torch.tensor([3, 0, 2, 1])):
        for found, expected in zip(
            taken.batches(order, 3), copied.batches(order, 3), strict=True
        ):
            torch.testing.assert_close(taken[found][0], copied[expected][0])
