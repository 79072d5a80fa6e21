"""Classes of the user's in files: registered to be saved, trusted to be loaded."""

from functools import partial

import numpy as np
import pytest
import skops.io
import torch
from _persistence import (
    again,
    assert_alike,
    assert_same_attributes,
    content_of,
    rewrite,
)
from skorch.callbacks import Callback
from torch import nn

import skcrowd
from skcrowd import CrowdClassifier
from skcrowd.annotators import LabelModel
from skcrowd.methods import EM, MajorityVote, Method, MethodResult
from skcrowd.persistence import _user_registry, register


@pytest.fixture(autouse=True)
def _registry_as_it_was(monkeypatch):
    monkeypatch.setattr(_user_registry, "_THINGS", {})


class Block(nn.Module):
    """A part of a network, whose parameters are plain values."""

    def __init__(self, n_units, scale=1.0):
        super().__init__()
        self.n_units = n_units
        self.scale = scale
        self.layer = nn.Linear(n_units, n_units)
        self.register_buffer("mean", torch.arange(n_units).float())

    def forward(self, X):
        return X + self.scale * self.layer(X - self.mean).relu()


class Net(nn.Module):
    """A network of blocks."""

    def __init__(self, n_features, n_outputs, blocks=(), activation=nn.ReLU):
        super().__init__()
        self.n_features, self.n_outputs = n_features, n_outputs
        self.blocks, self.activation = blocks, activation
        self.layers = nn.Sequential(*blocks, activation())
        self.output = nn.Linear(n_features, n_outputs)

    def forward(self, X):
        return self.output(self.layers(X))


class Forgetful(nn.Module):
    """A network that does not keep what it was built with."""

    def __init__(self, size, depth=2):
        super().__init__()
        self.depth = depth
        self.layers = nn.Sequential(*[nn.Linear(size, size) for _ in range(depth)])

    def forward(self, X):
        return self.layers(X)


class Changed(nn.Module):
    """A network that is another than its parameters say."""

    def __init__(self, size):
        super().__init__()
        self.size = size
        self.layer = nn.Linear(size, 3)
        self.size = size + 1

    def forward(self, X):
        return self.layer(X)


class TwoVotes(Method):
    """A method of the user's, with a method inside."""

    def __init__(self, inner=None, weights=(1.0, 2.0)):
        self.inner = inner
        self.weights = weights

    def learn(self, context):
        result = MajorityVote().learn(context)
        extras = {"vote_weights_": np.array(self.weights)}
        return MethodResult(
            result.net, result.annotators, result.posterior, extras=extras
        )


class Momentum(torch.optim.SGD):
    """An optimiser."""

    def __init__(self, params, lr=0.1, momentum=0.5):
        super().__init__(params, lr=lr, momentum=momentum)


class Count(Callback):
    """A callback."""

    def __init__(self, start=0):
        self.start = start

    def on_epoch_end(self, net, **kwargs):
        net.history.record("count", self.start + len(net.history))


class Patient(CrowdClassifier):
    """A subclass that keeps all parameters."""

    def note(self):
        return "mine"


def build(n_features, n_outputs, width=4):
    return nn.Sequential(
        nn.Linear(n_features, width), nn.ReLU(), nn.Linear(width, n_outputs)
    )


def fitted(items, answers, **parameters):
    settings = {"max_epochs": 2, "random_state": 0, "lr": 0.01, **parameters}
    return CrowdClassifier(**settings).fit(items[0], answers)


OWN = {
    "a network class": ({"module": Net, "module__activation": nn.Tanh}, [Net, Block]),
    "a function": ({"module": build, "module__width": 3}, [build]),
    "a network": ({"module": Net(3, 3, blocks=[Block(3, 0.5)])}, [Net, Block]),
    "a part": ({"module": nn.Sequential(nn.Linear(3, 3), Block(3))}, [Block]),
    "a method": ({"method": TwoVotes(EM())}, [TwoVotes]),
    "a method inside": ({"method": TwoVotes(TwoVotes())}, [TwoVotes]),
    "an optimiser": ({"optimizer": Momentum, "optimizer__momentum": 0.8}, [Momentum]),
    "callbacks": ({"callbacks": [Count(5), ("second", Count())]}, [Count]),
}


@pytest.mark.parametrize(("parameters", "own"), OWN.values(), ids=OWN)
def test_what_is_registered_or_listed_comes_back(
    parameters, own, items, answers, tmp_path, monkeypatch
):
    X = items[0]
    estimator = fitted(items, answers, **parameters)
    path = tmp_path / "model"
    for thing in own:
        register(thing)
    skcrowd.save(estimator, path)
    registered = skcrowd.load(path)
    monkeypatch.setattr(_user_registry, "_THINGS", {})
    with pytest.raises(ValueError, match=r"trusted=\[\.\.\.\].*\.register on"):
        skcrowd.load(path)
    listed = skcrowd.load(path, trusted=own)
    for twin in (registered, listed):
        assert_same_attributes(twin, estimator)
        assert (twin.predict_proba(X) == estimator.predict_proba(X)).all()
    again_fitted = listed.fit(X, answers)
    assert np.isfinite(again_fitted.predict_proba(X)).all()


@pytest.mark.parametrize(("parameters", "own"), OWN.values(), ids=OWN)
def test_what_is_not_registered_is_not_saved(
    parameters, own, items, answers, tmp_path, monkeypatch
):
    """But for networks and callbacks, which load can be given."""
    estimator = CrowdClassifier(**parameters)
    if "callbacks" in parameters or parameters.get("module") in (Net, build):
        skcrowd.save(estimator, tmp_path / "model")
        with pytest.raises(ValueError, match=r"load\(path, (module|callbacks)="):
            skcrowd.load(tmp_path / "model")
    elif "module" not in parameters:
        with pytest.raises(TypeError, match=rf"\.register\({own[0].__name__}"):
            skcrowd.save(estimator, tmp_path / "model")


def test_a_subclass(items, answers, tmp_path):
    estimator = Patient(max_epochs=2, random_state=0).fit(items[0], answers)
    with pytest.raises(TypeError, match=r"a subclass; call .*register\(Patient\)"):
        again(estimator, tmp_path)
    register(Patient, name="lab.Patient")
    path = skcrowd.save(estimator, tmp_path / "model")
    assert content_of(path)["estimator"]["class"] == "lab.Patient"
    twin = skcrowd.load(path)
    assert type(twin) is Patient
    assert twin.note() == "mine"
    assert_same_attributes(twin, estimator)


class OneAnswer(LabelModel):
    """An annotator model of the user's: everybody answers alike."""

    def __init__(self, n_annotators, n_classes):
        super().__init__(n_annotators, n_classes)
        self.add_table("logits", torch.zeros(n_classes))

    def forward(self, log_truth, annotator):
        return (log_truth + self.columns("logits", annotator)).log_softmax(dim=0)


def test_an_annotator_model(items, answers, tmp_path):
    estimator = fitted(items, answers)
    estimator.annotator_model_ = OneAnswer(5, 3).double()
    with pytest.raises(
        TypeError, match=r"annotator_model_ holds .*register\(OneAnswer"
    ):
        again(estimator, tmp_path)
    register(OneAnswer)
    twin = again(estimator, tmp_path)
    assert type(twin.annotator_model_) is OneAnswer
    assert_alike(twin.annotator_model_, estimator.annotator_model_)


def test_frozen_weights_and_mode(tmp_path, items, answers):
    register(Block)
    block = Block(3).eval()
    block.layer.bias.requires_grad_(False)
    twin = again(CrowdClassifier(nn.Sequential(block)), tmp_path).module[0]
    assert not twin.layer.bias.requires_grad
    assert twin.layer.weight.requires_grad
    assert not twin.training
    assert_alike(twin, block)


def test_networks_that_their_class_does_not_build_again(tmp_path):
    register(Forgetful)
    register(Changed)
    with pytest.raises(TypeError, match=r"Forgetful.*no attribute size.*self\."):
        again(CrowdClassifier(Forgetful(3)), tmp_path)
    with pytest.raises(TypeError, match=r"Changed.*not build it again.*\[3, 3"):
        again(CrowdClassifier(Changed(3)), tmp_path)


def test_a_registered_network_needs_no_module(tmp_path, items, answers):
    register(build)
    path = skcrowd.save(fitted(items, answers, module=build), tmp_path / "model")
    with pytest.raises(ValueError, match="the file needs no network; leave module"):
        skcrowd.load(path, module=build)


def test_registered_callbacks_can_be_replaced(tmp_path, items, answers, monkeypatch):
    register(Count)
    path = skcrowd.save(CrowdClassifier(callbacks=[Count()]), tmp_path / "model")
    monkeypatch.setattr(_user_registry, "_THINGS", {})
    assert skcrowd.load(path, callbacks=[]).callbacks == []
    mine = [Count(3)]
    assert skcrowd.load(path, callbacks=mine).callbacks is mine


def test_names(tmp_path):
    assert register(Net) is Net
    assert _user_registry.registered_name(Net) == f"{__name__}.Net"
    assert register(Net) is Net
    anew = type("Net", (nn.Module,), {"__module__": Net.__module__})
    assert register(anew) is anew  # defined again, as in a notebook
    with pytest.raises(ValueError, match="Net' is registered for"):
        register(Block, name=f"{__name__}.Net")
    named = register(name="lab.Block")(Block)
    assert named is Block
    assert _user_registry.registered_name(Block) == "lab.Block"


@pytest.mark.parametrize("name", ["skcrowd.EM", "torch.nn.Linear", "torch.load"])
def test_names_that_are_taken(name):
    with pytest.raises(ValueError, match="are reserved"):
        register(Block, name=name)


@pytest.mark.parametrize("name", ["", 3, b"lab.Block"])
def test_names_that_are_none(name):
    with pytest.raises(TypeError, match="name must be a string"):
        register(Block, name=name)


@pytest.mark.parametrize("thing", [Block(3), 3, "Block", partial(build, width=2)])
def test_only_classes_and_functions_are_registered(thing):
    with pytest.raises(TypeError, match="only a class or a function"):
        register(thing)


def test_what_has_no_name_of_its_own():
    class Local(nn.Module):
        pass

    for thing in (Local, lambda n_features: None):
        with pytest.raises(ValueError, match=r"name='my_package\.MyNet'"):
            register(thing)
    assert register(Local, name="lab.Local") is Local


@pytest.mark.parametrize("trusted", ["Net", 3, Net, [3], [f"{__name__}.Net"], None])
def test_trusted_is_a_list_of_classes(trusted, tmp_path):
    path = skcrowd.save(CrowdClassifier(), tmp_path / "model")
    with pytest.raises(TypeError, match=r"trusted must be|only a class or a function"):
        skcrowd.load(path, trusted=trusted)


class Dangerous:
    """What nobody registered, and a file names."""

    def __init__(self):
        raise AssertionError("called")


@pytest.mark.parametrize("name", [f"{__name__}.Dangerous", "skcrowd.save"])
def test_nothing_is_imported_or_called(name, tmp_path):
    register(Block)
    path = skcrowd.save(CrowdClassifier(), tmp_path / "model")

    def change(content):
        content["estimator"]["params"]["method"] = {
            "$": "registered",
            "class": name,
            "params": {},
        }

    rewrite(path, change)
    with pytest.raises(ValueError, match="not a class that this version"):
        skcrowd.load(path)


def test_sizes_of_a_registered_class_are_not_believed(tmp_path, items, answers):
    """They are compared with the weights before anything is built."""
    register(Block)
    path = skcrowd.save(CrowdClassifier(nn.Sequential(Block(3))), tmp_path / "model")

    def change(content):
        network = content["estimator"]["params"]["module"]
        network["parts"]["0"]["params"]["n_units"] = 10**9

    rewrite(path, change)
    with pytest.raises(ValueError, match="much larger than the weights stored"):
        skcrowd.load(path)


def test_skops_takes_what_is_registered(items, answers):
    register(Block)
    estimator = fitted(items, answers, module=nn.Sequential(nn.Linear(3, 3), Block(3)))
    stored = skops.io.dumps(estimator)
    trusted = skops.io.get_untrusted_types(data=stored)
    twin = skops.io.loads(stored, trusted=trusted)
    assert (twin.predict_proba(items[0]) == estimator.predict_proba(items[0])).all()
