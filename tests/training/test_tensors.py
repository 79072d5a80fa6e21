"""Arrays to tensors without a copy."""

import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from skcrowd.training._tensors import as_tensor


@pytest.fixture
def outspoken():
    """Let torch repeat its warnings."""
    before = torch.is_warn_always_enabled()
    torch.set_warn_always(True)
    yield
    torch.set_warn_always(before)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i4", "i8", "?"])
@pytest.mark.parametrize("shape", [(3, 2), (0, 2), ()])
@pytest.mark.parametrize("writable", [True, False])
def test_the_memory_of_an_array_is_shared(dtype, shape, writable, outspoken):
    array = np.ones(shape, dtype=dtype)
    array.flags.writeable = writable
    tensor = as_tensor(array)
    np.testing.assert_array_equal(tensor.numpy(), np.ascontiguousarray(array))
    if array.size > 1:
        assert tensor.data_ptr() == array.ctypes.data
    assert array.flags.writeable == writable


def test_the_memory_lives_as_long_as_the_tensor(outspoken):
    array = np.arange(1000.0)
    array.flags.writeable = False
    tensor = as_tensor(array)
    del array
    assert torch.equal(tensor, torch.arange(1000.0).double())


def test_filters_of_warnings_are_left_alone(outspoken):
    """To change them for a moment would lose what another thread sets meanwhile."""
    array = np.ones(3)
    array.flags.writeable = False
    before = warnings.filters

    def convert(_):
        as_tensor(array)
        return warnings.filters is before

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(convert, range(200)))
