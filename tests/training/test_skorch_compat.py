"""skorch's private hooks are called where this package relies on it."""

import numpy as np
import pytest
import torch
from torch import nn

from skcrowd.training._skorch_compat import (
    CUDA_STATE,
    HookedNeuralNet,
    module_names,
    optimizer_names,
)

X = np.ones((4, 2), dtype=np.float32)
Y = np.ones((4, 1), dtype=np.float32)


class Recorded(HookedNeuralNet):
    """A net that records the calls of its hooks."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.calls = []

    def set_training_mode(self, training):
        self.calls.append(training)
        super().set_training_mode(training)

    def step_optimizers(self, step_fn):
        self.calls.append("step")
        super().step_optimizers(step_fn)


@pytest.fixture
def net():
    return Recorded(
        nn.Linear,
        criterion=nn.MSELoss,
        max_epochs=1,
        batch_size=2,
        train_split=None,
        verbose=0,
        module__in_features=2,
        module__out_features=1,
    ).initialize()


def test_the_hooks_are_called_in_every_step(net):
    before = net.module_.weight.detach().clone()
    net.partial_fit(X, Y)
    assert net.calls == ["step", True] * 2  # the step calls the function that trains
    assert not torch.equal(before, net.module_.weight)


def test_prediction_sets_evaluation_mode(net):
    net.partial_fit(X, Y)
    assert net.module_.training
    assert net.criterion_.training
    net.calls.clear()
    net.predict_proba(X)
    assert set(net.calls) == {False}
    assert not net.module_.training
    net.set_training_mode(True)
    assert net.module_.training
    assert net.criterion_.training


def test_module_names_include_the_criterion(net):
    assert module_names(net) == ["module", "criterion"]


def test_optimizer_names_include_optimizers_of_one_s_own(net):
    assert optimizer_names(net) == ["optimizer"]

    class Two(HookedNeuralNet):
        def initialize_optimizer(self, triggered_directly=None):
            super().initialize_optimizer()
            self.extra_optimizer_ = torch.optim.SGD(self.module_.parameters(), lr=0.1)
            return self

    net.__class__ = Two
    assert optimizer_names(net.initialize()) == ["optimizer", "extra_optimizer"]


def test_skorch_stores_modules_under_the_key_of_cuda_states(net):
    state = net.__getstate__()
    assert CUDA_STATE in state
    assert "module_" not in state
    twin = object.__new__(Recorded)
    twin.__setstate__(state)
    assert torch.equal(twin.module_.weight, net.module_.weight)
