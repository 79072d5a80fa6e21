import pytest
import torch
from torch import nn

from skcrowd.training import threads_for


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("module", "batch_size", "threads"),
    [
        (nn.Sequential(nn.Linear(64, 128), nn.ReLU()), 64, 1),
        (nn.Sequential(nn.Linear(64, 128), nn.ReLU()), 100_000, 2),
        (nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(4, 2)), 64, 2),
    ],
    ids=["small", "large", "not dense"],
)
def test_only_small_dense_networks_train_on_one_thread(
    module, batch_size, threads, two_threads
):
    with threads_for(module, batch_size):
        assert torch.get_num_threads() == threads
    assert torch.get_num_threads() == 2


def test_threads_are_restored_after_an_error(two_threads):
    with pytest.raises(RuntimeError), threads_for(nn.Linear(2, 2), 8):
        raise RuntimeError
    assert torch.get_num_threads() == 2
