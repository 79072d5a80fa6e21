import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from skorch.callbacks import Callback

from skcrowd import CrowdClassifier
from skcrowd.annotations._hashing import (
    content_hashes,
    distinct_rows,
    hash_uint64,
    rounded_hashes,
    sum_hashes,
)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.int8])
def test_equal_rows_have_equal_keys_and_others_do_not(dtype):
    X = np.array([[1, 2, 0], [2, 1, 0], [1, 2, 0], [0, 0, 0], [1, 0, 2]], dtype=dtype)
    keys = content_hashes(X)
    assert keys.dtype == np.uint64
    assert keys[0] == keys[2]
    assert len(set(keys.tolist())) == 4


def test_items_of_any_shape():
    images = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(
        content_hashes(images), content_hashes(images.reshape(2, 12))
    )


@given(seed=st.integers(0, 2**31 - 1))
def test_dense_and_sparse_rows_have_the_same_keys(seed):
    rng = np.random.default_rng(seed)
    X = rng.integers(-2, 3, (6, 5)).astype(float) / 3
    np.testing.assert_array_equal(content_hashes(csr_matrix(X)), content_hashes(X))


def test_minus_zero_is_zero():
    assert content_hashes(np.array([[-0.0]])) == content_hashes(np.array([[0.0]]))


def test_sums_do_not_depend_on_the_order():
    keys = hash_uint64(np.arange(5, dtype=np.uint64))
    indptr = np.array([0, 2, 2, 5])
    swapped = keys[[1, 0, 4, 2, 3]]
    sums = sum_hashes(keys, indptr)
    np.testing.assert_array_equal(sums, sum_hashes(swapped, indptr))
    assert sums[1] == 0
    assert len(set(sums.tolist())) == 3


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1))
def test_distinct_rows(pairs):
    first_key, second_key = np.array(pairs, dtype=np.uint64).T
    first, group = distinct_rows(first_key, second_key)
    found = [pairs[i] for i in first]
    assert found == sorted(set(pairs))
    assert [found[g] for g in group] == pairs


def test_who_answered_is_never_merged_away():
    X = np.repeat(np.arange(6.0)[:, None], 2, axis=0)
    y = np.full((12, 2), -1)
    y[::2, 0] = y[1::2, 1] = np.arange(6) % 2  # two people, alike in all they answer
    seen = {}

    class Watch(Callback):
        def on_epoch_begin(self, net, dataset_train=None, **kwargs):
            seen["rows"] = sorted(dataset_train.rows.tolist())

    CrowdClassifier(max_epochs=1, callbacks=[Watch()]).fit(X, y)
    assert seen["rows"] == list(range(12))
    CrowdClassifier(max_epochs=1, callbacks=[Watch()]).fit(X, y[np.arange(12) // 2 * 2])
    assert len(seen["rows"]) == 6


@pytest.mark.parametrize("factor", [1.0, 1e-42, 1e-60, 1e-300, 5e-324])
@pytest.mark.parametrize("form", [np.asarray, csr_matrix])
def test_rows_of_any_scale_differ(factor, form):
    X = factor * np.arange(12.0).reshape(4, 3)
    keys = rounded_hashes(form(X))
    assert len(set(keys.tolist())) == 4
    np.testing.assert_array_equal(keys, rounded_hashes(form(X * (1 + 1e-12))))


def test_hashes_are_the_same_in_both_precisions():
    X = np.random.default_rng(0).standard_normal((50, 3)) * [1e-30, 1, 1e37]
    X[::4] = 0
    np.testing.assert_array_equal(
        rounded_hashes(X), content_hashes(X.astype(np.float32))
    )
