"""Networks and optimisers that cannot work are named before any training."""

import threading

import numpy as np
import pytest
import torch
from skorch.callbacks import Freezer
from torch import nn

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.training import CrowdNet, NetFactory, _net_factory
from skcrowd.training._network_checks import check_network

RNG = np.random.default_rng(0)
X = RNG.standard_normal((24, 3)).astype(np.float32)
WORDS = [RNG.standard_normal((2, 3)).astype(np.float32) for _ in range(8)]
TAGS = [[["B", "O"], ["O", "O"]], [["O", "B"], None]] * 4
DATA = {
    CrowdClassifier: (X, RNG.integers(0, 3, (24, 3))),
    CrowdRegressor: (X, RNG.standard_normal((24, 3))),
    CrowdSequenceTagger: (WORDS, TAGS),
}
every_estimator = pytest.mark.parametrize("kind", DATA)


@pytest.fixture(autouse=True)
def steps(monkeypatch):
    """Count the steps of the optimisers."""
    taken = []
    step = CrowdNet.step_optimizers

    def counted(self, step_fn):
        taken.append(step_fn)
        return step(self, step_fn)

    monkeypatch.setattr(CrowdNet, "step_optimizers", counted)
    return taken


class Linear(nn.Module):
    """One layer, and something done to what it returns."""

    def __init__(self, n_features, n_outputs, change="nothing", width=0):
        super().__init__()
        self.layer = nn.Linear(n_features, n_outputs + width)
        self.change = change

    def forward(self, X):
        return CHANGES[self.change](self, self.layer(X))


def raises(module, scores):
    raise KeyError("weights")


CHANGES = {
    "nothing": lambda module, scores: scores,
    "dict": lambda module, scores: {"logits": scores},
    "tuple": lambda module, scores: (scores, scores),
    "list": lambda module, scores: [scores],
    "array": lambda module, scores: scores.numpy(),
    "None": lambda module, scores: None,
    "codes": lambda module, scores: scores.argmax(dim=-1, keepdim=True).expand_as(
        scores
    ),
    "complex": lambda module, scores: scores.to(torch.complex64),
    "extra axis": lambda module, scores: scores[..., None, None],
    "scalar": lambda module, scores: scores.sum(),
    "mean": lambda module, scores: scores.mean(dim=0, keepdim=True),
    "nan": lambda module, scores: scores * float("nan"),
    "raises": raises,
    "tuple in training": lambda module, scores: (
        (scores, scores) if module.training else scores
    ),
    "detached": lambda module, scores: scores.detach(),
}
SEEN = {
    "dict": "a dict with the keys 'logits'",
    "tuple": "a tuple of 2 values",
    "list": "a list of 1 values",
    "array": "a ndarray",
    "None": "a NoneType",
    "codes": "torch.int64",
    "complex": "torch.complex64",
    "extra axis": "1, 1",
    "scalar": r"\(1,\)|\(\)|a padded",
    "mean": r"\(1, ",
    "nan": "not finite",
    "raises": "KeyError: 'weights'",
    "tuple in training": "a tuple of 2 values",
    "detached": "no gradient",
}


@every_estimator
@pytest.mark.parametrize("change", SEEN)
def test_what_a_network_returns_is_checked(kind, change, steps):
    model = kind(module=Linear, module__change=change, max_epochs=1)
    with pytest.raises(ValueError, match=f"module Linear .*{SEEN[change]}"):
        model.fit(*DATA[kind])
    assert not steps


@every_estimator
def test_scores_too_many_are_counted(kind, steps):
    with pytest.raises(ValueError, match="module Linear returned"):
        kind(module=Linear, module__width=1).fit(*DATA[kind])
    assert not steps


@every_estimator
def test_features_that_do_not_fit_are_told(kind, steps):
    network = Linear(n_features=5, n_outputs=3)
    with pytest.raises(ValueError, match="module Linear cannot take the first items"):
        kind(module=network).fit(*DATA[kind])
    assert not steps


class Greedy(Linear):
    def __init__(self, n_features, n_outputs, depth, *, rate):
        super().__init__(n_features, n_outputs)


class Unbuildable(Linear):
    def __init__(self, n_features, n_outputs, width):
        raise ArithmeticError("negative width")


class NothingToTrain(nn.Module):
    def forward(self, X):
        return X


class Locked(Linear):
    def __init__(self):
        super().__init__(3, 3)
        self.lock = threading.Lock()


def not_a_module(n_features, n_outputs):
    return {"layers": n_features}


UNBUILDABLE = {
    "arguments": (
        {"module": Greedy},
        r"module Greedy needs depth, rate; pass module__depth=\.\.\., module__rate",
    ),
    "one argument": ({"module": Greedy, "module__depth": 1}, "Greedy needs rate"),
    "__init__": (
        {"module": Unbuildable, "module__width": -1},
        "module Unbuildable cannot be built with .*width=-1.*negative width",
    ),
    "no module": ({"module": not_a_module}, "module not_a_module builds a dict"),
    "no weights": ({"module": NothingToTrain}, "NothingToTrain has no parameters"),
    "lock": ({"module": Locked()}, "module Locked cannot be copied.*lock"),
    "value": (
        {"module": Linear, "module__width": "wide"},
        "module Linear cannot be built with .*width=wide",
    ),
    "optimizer": (
        {"optimizer": torch.optim.SGD, "optimizer__momentum": -1.0},
        "optimizer SGD cannot be built with .*momentum=-1.0",
    ),
    "no optimizer": ({"optimizer": dict}, "optimizer"),
}


@every_estimator
@pytest.mark.parametrize("fault", UNBUILDABLE)
def test_what_cannot_be_built_is_named(kind, fault, steps):
    parameters, message = UNBUILDABLE[fault]
    with pytest.raises((ValueError, TypeError), match=message):
        kind(**parameters).fit(*DATA[kind])
    assert not steps


def test_memory_that_runs_out_is_no_fault_of_the_network():
    class TooLarge(Linear):
        def forward(self, X):
            raise MemoryError("torch has none left")

    with pytest.raises(MemoryError, match="none left"):
        CrowdClassifier(module=TooLarge).fit(*DATA[CrowdClassifier])


@pytest.mark.parametrize("how", ["requires_grad", "Freezer"])
def test_a_frozen_network_is_told(how):
    network = Linear(3, 3).requires_grad_(requires_grad=how == "Freezer")
    callbacks = [Freezer("*")] if how == "Freezer" else []
    model = CrowdClassifier(module=network, callbacks=callbacks)
    with pytest.raises(ValueError, match="all weights of module Linear are frozen"):
        model.fit(*DATA[CrowdClassifier])


class WithTraces(Linear):
    """A network that keeps statistics, and draws at random."""

    def __init__(self, n_features, n_outputs):
        super().__init__(n_features, n_outputs)
        self.norm = nn.BatchNorm1d(n_features)

    def forward(self, X):
        return self.layer(nn.functional.dropout(self.norm(X), training=self.training))


def test_checks_of_a_network_leave_no_trace(monkeypatch):
    X, y = DATA[CrowdClassifier]

    def fitted():
        model = CrowdClassifier(module=WithTraces, max_epochs=2, random_state=0)
        return model.fit(X, y).predict_proba(X)

    checked = fitted()
    monkeypatch.setattr(NetFactory, "check_scores", lambda *_: None)
    np.testing.assert_array_equal(checked, fitted())


def test_one_item_cannot_train_a_network_with_statistics():
    model = CrowdClassifier(module=WithTraces, max_epochs=1, classes=[0, 1])
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        model.fit(X[:1], [[0, 1]])


class Shapeless(nn.Module):
    """A network that has no shapes before it has seen items."""

    def __init__(self, n_outputs):
        super().__init__()
        self.layer = nn.LazyLinear(n_outputs)

    def forward(self, X):
        return self.layer(X)


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdSequenceTagger])
def test_networks_of_folds_are_those_that_were_checked(kind, monkeypatch):
    checked, trained = [], []
    train = NetFactory.train

    def check(net, X, output):
        checked.append(type(net.module_))
        check_network(net, X, output)

    def counted(self, net, dataset):
        trained.append(type(net.module_))
        train(self, net, dataset)

    monkeypatch.setattr(_net_factory, "check_network", check)
    monkeypatch.setattr(NetFactory, "train", counted)
    model = kind(max_epochs=2, random_state=0).fit(*DATA[kind])
    assert len(checked) == 1 < len(trained)
    if kind is CrowdClassifier:
        del checked[:], trained[:]
        model.set_params(module=Shapeless).fit(*DATA[kind])
        assert len(checked) == len(trained) > 1
        with pytest.raises(ValueError, match="returned a tuple"):
            model.set_params(module=Linear, module__change="tuple").fit(*DATA[kind])
