import pytest
import torch
from _data import global_states

from skcrowd.training import isolated_rng


def draw(seed):
    with isolated_rng(seed):
        return torch.rand(3)


def test_the_seed_decides_what_is_drawn():
    assert torch.equal(draw(0), draw(0))
    assert not torch.equal(draw(0), draw(1))


def test_the_callers_generators_are_untouched():
    torch.manual_seed(5)
    before = global_states()
    draw(0)
    assert global_states() == before


def test_they_return_after_an_error_too():
    before = global_states()
    with pytest.raises(RuntimeError), isolated_rng(0):
        torch.rand(3) @ torch.rand(2)
    assert global_states() == before
