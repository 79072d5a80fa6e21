"""Networks of the user's: files hold their weights, the user has their class."""

from functools import partial

import numpy as np
import pytest
import torch
from _data import Linear, small
from _persistence import again, assert_alike, assert_same_attributes
from torch import nn

import skcrowd
from skcrowd import CrowdClassifier
from skcrowd.backbones import MLP
from skcrowd.methods import KDCrowd


class Wider(nn.Module):
    """A network with other weights."""

    def __init__(self, n_features, n_outputs):
        super().__init__()
        self.layer = nn.Linear(n_features, n_outputs, bias=False)

    def forward(self, X):
        return self.layer(X)


@pytest.fixture
def fit(items, answers):
    def fit(**parameters):
        parameters = {"module": Linear, **parameters}
        if "module__hidden" not in parameters:
            estimator = small(**parameters)
            estimator.set_params(module=None)
            del estimator._routed["module__hidden"]
            estimator.set_params(module=parameters["module"])
        return estimator.fit(items[0], answers)

    return fit


@pytest.mark.parametrize("name", ["em", "conal", "doctor_net", "kd_crowd"])
def test_a_class(fit, name, tmp_path, items):
    estimator = fit(name=name, module__factor=0.5)
    twin = again(estimator, tmp_path, module=Linear)
    assert_same_attributes(twin, estimator)
    assert twin.module is Linear
    assert (twin.predict_proba(items[0]) == estimator.predict_proba(items[0])).all()


@pytest.mark.parametrize("module", [Linear, MLP])
def test_a_net_that_went_on_with_what_its_class_had_built(fit, module, tmp_path, items):
    estimator = fit(module=module)
    net = estimator.net_
    net.module = net.module_
    for name in [name for name in vars(net) if name.startswith("module__")]:
        delattr(net, name)
    given = {"module": module} if module is Linear else {}
    twin = again(estimator, tmp_path, **given)
    assert twin.module is module
    assert (twin.predict_proba(items[0]) == estimator.predict_proba(items[0])).all()


@pytest.mark.parametrize("name", ["em", "doctor_net"])
def test_an_instance(fit, name, tmp_path, items):
    network = Linear(3, 3, factor=0.5)
    estimator = fit(name=name, module=network)
    given = Linear(3, 3, factor=0.5)
    before = {name: values.clone() for name, values in given.state_dict().items()}
    twin = again(estimator, tmp_path, module=given)
    assert_same_attributes(twin, estimator)
    assert_alike(twin.module, network)
    assert_alike(dict(given.state_dict()), before)
    assert (twin.predict_proba(items[0]) == estimator.predict_proba(items[0])).all()


def test_a_function(fit, tmp_path, items):
    build = partial(Linear, n_features=3, n_outputs=3)
    estimator = fit(module=build)
    twin = again(estimator, tmp_path, module=build)
    assert (twin.predict_proba(items[0]) == estimator.predict_proba(items[0])).all()


@pytest.mark.parametrize("own", [False, True])
def test_an_instance_of_torch(fit, own, tmp_path, items):
    """Where all parts are torch's, the file holds the network too."""
    parts = [nn.Linear(3, 3), nn.ReLU(), Linear(3, 3) if own else nn.Linear(3, 3)]
    estimator = fit(module=nn.Sequential(*parts))
    given = {"module": nn.Sequential(*parts)} if own else {}
    twin = again(estimator, tmp_path, **given)
    assert_same_attributes(twin, estimator)
    assert (twin.predict_proba(items[0]) == estimator.predict_proba(items[0])).all()


@pytest.mark.parametrize("module", [Linear, Linear(3, 3)], ids=["class", "instance"])
def test_two_of_them_in_co_teaching(fit, module, tmp_path, items):
    method = KDCrowd(teacher="majority_vote", robust="co_teaching")
    estimator = fit(name=method, module=module)
    twin = again(estimator, tmp_path, module=module)
    assert_same_attributes(twin, estimator)
    assert (twin.predict_proba(items[0]) == estimator.predict_proba(items[0])).all()


def test_the_network_is_asked_for_by_name(fit, tmp_path):
    with pytest.raises(ValueError, match=r"class Linear.*load\(path, module=Linear\)"):
        again(fit(), tmp_path)
    with pytest.raises(ValueError, match=r"instance of the class Linear.*Linear\(\.\."):
        again(fit(module=Linear(3, 3)), tmp_path, module=Linear)
    with pytest.raises(ValueError, match="the class Linear"):
        again(fit(), tmp_path, module=Linear(3, 3))


def test_a_network_that_does_not_fit(fit, tmp_path):
    with pytest.raises(ValueError, match=r"module=Wider does not fit.*layer\.bias"):
        again(fit(), tmp_path, module=Wider)
    with pytest.raises(ValueError, match="size mismatch"):
        again(fit(module=Linear(3, 3)), tmp_path, module=Linear(4, 3))


def test_a_network_that_nobody_needs(tmp_path, items, answers):
    for estimator in (small(), small(module=MLP).fit(items[0], answers)):
        with pytest.raises(ValueError, match="the file needs no network; leave module"):
            again(estimator, tmp_path, module=Linear)


def test_an_unfitted_class(tmp_path):
    path = tmp_path / "model.skcrowd"
    skcrowd.save(skcrowd.CrowdClassifier(Linear, module__factor=2.0), path)
    with pytest.raises(ValueError, match="Linear"):
        skcrowd.load(path)
    assert skcrowd.load(path, module=Linear).get_params()["module__factor"] == 2.0


def test_parameters_that_are_networks_themselves(tmp_path):
    estimator = skcrowd.CrowdClassifier(Linear, module__factor=Linear(2, 2))
    with pytest.raises(TypeError, match=r"module__factor holds .*register\(Linear\)"):
        again(estimator, tmp_path)


def test_frozen_weights_stay_frozen(fit, tmp_path, items, answers):
    network = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    network[0].requires_grad_(False)
    twin = again(fit(module=network), tmp_path).fit(items[0], answers)
    assert torch.equal(twin.net_.module_[0].weight, network[0].weight.double())
    assert np.isfinite(twin.predict_proba(items[0])).all()


class OnCPU(Linear):
    """A network that torch cannot build on its meta device."""

    def __init__(self, n_features, n_outputs):
        super().__init__(n_features, n_outputs)
        self.register_buffer("start", torch.ones(3, device="cpu"), persistent=False)
        assert self.layer.weight.sum().item() != 0


def test_a_network_that_is_not_built_on_the_meta_device(tmp_path, items, answers):
    """`OnCPU` raises there; it is built at once."""
    estimator = CrowdClassifier(OnCPU, max_epochs=2).fit(items[0], answers)
    twin = again(estimator, tmp_path, module=OnCPU)
    assert (twin.predict_proba(items[0]) == estimator.predict_proba(items[0])).all()
