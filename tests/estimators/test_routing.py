"""Parameters with a prefix, on their way to network, optimiser, loader and method."""

import numpy as np
import pytest
import torch
from _data import EVERY_METHOD, METHODS, Convolution, Linear, losses, small
from sklearn.base import clone
from skorch.callbacks import Callback, LRScheduler

from skcrowd import (
    CrowdClassifier,
    CrowdMultilabelClassifier,
    CrowdRanker,
    CrowdRegressor,
    CrowdSequenceTagger,
)
from skcrowd.annotators import AFFINE_CONNECTIONS, CONNECTIONS
from skcrowd.backbones import MLP

OTHER = {CrowdClassifier: "VW", CrowdRegressor: "S"}  # connections


class Tuned(Callback):
    def __init__(self, amount=1):
        self.amount = amount

    def on_epoch_end(self, net, **kwargs):
        net.history.record("amount", self.amount)


ROUTED = {
    "module__hidden": (6, 5),
    "optimizer__weight_decay": 0.25,
    "callbacks__tuned__amount": 9,
    "iterator_train__drop_last": True,
    "iterator_valid__batch_size": 7,
    "method__pseudo_counts": 8.0,
}


@pytest.fixture
def clf(kind):
    return kind(
        max_epochs=2,
        batch_size=25,
        random_state=0,
        callbacks=[("tuned", Tuned())],
        **ROUTED,
    )


def test_routed_parameters_arrive(clf, data):
    net = clf.fit(*data).net_
    widths = [w.shape[0] for w in net.module_.layers.parameters() if w.ndim == 2]
    assert widths == [6, 5, 3 if isinstance(clf, CrowdClassifier) else 1]
    assert net.optimizer_.param_groups[0]["weight_decay"] == 0.25
    assert clf.history_[:, "amount"] == [9, 9]
    assert clf.history_[-1, "batches", :, "train_batch_size"] == [25, 25]
    predicted = net.get_iterator(net.get_dataset(data[0]), training=False)
    assert len(list(predicted)) == 9


def test_the_method_gets_its_parameters(kind, data):
    by_name = small("em", kind).set_params(method="em", method__pseudo_counts=8.0)
    by_object = small("em", kind).set_params(
        method=METHODS[kind]["em"](pseudo_counts=8.0)
    )
    ours, theirs = (c.fit(*data) for c in (by_name, by_object))
    assert (ours.annotator_confusion_ == theirs.annotator_confusion_).all()
    default = small("em", kind).set_params(method="em").fit(*data)
    assert (ours.annotator_confusion_ != default.annotator_confusion_).any()


@pytest.mark.parametrize("key", ROUTED)
def test_they_show_in_get_params_and_survive_clone(clf, key):
    assert clf.get_params()[key] == ROUTED[key]
    assert clf.get_params(deep=False)[key] == ROUTED[key]
    assert clone(clf).get_params()[key] == ROUTED[key]
    assert key in repr(clf)


@pytest.mark.parametrize("key", ROUTED)
def test_they_can_be_set_and_set_again(kind, key):
    clf = kind()
    assert key not in clf.get_params()
    clf.set_params(**{key: 1}).set_params(**{key: 2})
    assert clf.get_params()[key] == 2


def test_setting_one_keeps_the_others(clf):
    clf.set_params(lr=0.5, module__hidden=(3,))
    expected = {**ROUTED, "module__hidden": (3,), "lr": 0.5}
    assert {key: clf.get_params()[key] for key in expected} == expected


def test_a_clone_does_not_share_them(clf):
    twin = clone(clf).set_params(module__hidden=(1,))
    assert clf.get_params()["module__hidden"] == (6, 5)
    assert twin.get_params()["module__hidden"] == (1,)


WITH_ROUTED = [
    CrowdClassifier,
    CrowdRegressor,
    CrowdSequenceTagger,
    CrowdMultilabelClassifier,
]
UNKNOWN = ["nonsense", "modul__hidden", "module_hidden", "module__", "__hidden"]


@pytest.mark.parametrize("key", UNKNOWN)
@pytest.mark.parametrize("kind", WITH_ROUTED)
def test_the_constructor_names_unknown_ones(kind, key):
    with pytest.raises(TypeError, match=f"{kind.__name__} .* parameter '{key}'"):
        kind(**{key: 1})


def test_the_name_of_the_further_parameters_is_none(kind, data):
    with pytest.raises(TypeError, match="unexpected parameter 'routed'"):
        kind(routed=1).fit(*data)


@pytest.mark.parametrize("kind", [*WITH_ROUTED, CrowdRanker])
def test_no_constructor_takes_a_misspelt_parameter(kind):
    (name, *_) = kind._get_param_names()
    with pytest.raises(TypeError, match=f"{name}x"):
        kind(**{f"{name}x": 1})


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("max_epoch", "max_epochs"),
        ("learning_rate", None),
        ("batchsize", "batch_size"),
        ("modul__hidden", "module__hidden"),
        ("iterator_trian__shuffle", "iterator_train__shuffle"),
    ],
)
def test_the_nearest_name_is_suggested(kind, given, meant):
    suggestion = (
        "parameter 'learning_rate'. Further"
        if meant is None
        else (f"Did you mean '{meant}'?")
    )
    with pytest.raises(TypeError, match=given) as constructed:
        kind(**{given: 1})
    with pytest.raises(ValueError, match="Invalid parameter") as set_later:
        kind().set_params(**{given: 1})
    assert suggestion in str(constructed.value)
    assert ("Did you mean" in str(set_later.value)) is (meant is not None)


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("module__hiden", "hidden"),
        ("optimizer__weight_decays", "weight_decay"),
        ("method__pseudo_count", "pseudo_counts"),
        ("iterator_train__num_worker", "num_workers"),
        ("callbacks__tune__amount", "tuned"),
    ],
)
def test_the_nearest_name_behind_a_prefix_is_suggested(kind, key, meant, data):
    clf = kind(method="em", callbacks=[("tuned", Tuned())], **{key: 1})
    with pytest.raises(ValueError, match=f"Did you mean '{meant}'"):
        clf.fit(*data)


@pytest.mark.parametrize("form", ["name", "object"])
def test_parameters_of_methods_are_named(kind, form, data):
    clf = kind(method="em" if form == "name" else METHODS[kind]["em"]())
    message = r"'method__warm_epoch': method .* Did you mean 'warm_epochs'"
    with pytest.raises(ValueError, match=message):
        clf.set_params(method__warm_epoch=1)
    clf = kind(method=clf.method, method__warm_epoch=1)
    with pytest.raises(ValueError, match=message):
        clf.fit(*data)


@pytest.mark.parametrize("name", ["shuffle", "drop_last", "sampler"])
def test_what_would_mix_up_predictions_is_refused(kind, name, data):
    clf = small(kind=kind, **{f"iterator_valid__{name}": True})
    with pytest.raises(ValueError, match=f"iterator_valid__{name}=True would"):
        clf.fit(*data)


def test_groups_of_parameters_of_the_optimizer(kind, data):
    groups = [("*bias", {"lr": 0.0})]
    net = small(kind=kind, optimizer__param_groups=groups).fit(*data).net_
    of_bias, others = net.optimizer_.param_groups
    assert of_bias["lr"] == 0
    assert 0 < others["lr"] < 1e-2  # which has decayed


@pytest.mark.parametrize(
    "key", ["nonsense", "module__nonsense", "method__nonsense", "method__connection"]
)
def test_unknown_ones_raise_in_set_params(kind, key):
    clf = kind()
    with pytest.raises(ValueError, match="Invalid parameter"):
        clf.set_params(**{key: 1})
    assert clf.get_params() == kind().get_params()


@pytest.mark.parametrize(
    ("key", "error"),
    [
        ("module__nonsense", ValueError),
        ("optimizer__nonsense", ValueError),
        ("method__nonsense", ValueError),
        ("iterator_train__nonsense", ValueError),
        ("callbacks__nonsense__amount", ValueError),
    ],
)
def test_unknown_ones_behind_a_prefix_raise_in_fit(kind, key, error, data):
    clf = kind(max_epochs=1, **{key: 1})
    with pytest.raises(error, match="nonsense"):
        clf.fit(*data)


def test_a_new_method_drops_the_parameters_of_the_old_one(kind):
    clf = kind(method="crowd_layer", method__connection=OTHER[kind])
    clf.set_params(method="em")
    assert "method__connection" not in clf.get_params()


def test_a_new_method_comes_with_its_parameters_in_any_order(kind):
    for parameters in (
        {"method": "crowd_layer", "method__connection": OTHER[kind]},
        {"method__connection": OTHER[kind], "method": "crowd_layer"},
    ):
        clf = kind().set_params(**parameters)
        assert clf.get_params()["method__connection"] == OTHER[kind]


def test_a_new_module_comes_with_its_parameters_in_any_order(kind):
    for parameters in (
        {"module": Linear, "module__factor": 2.0},
        {"module__factor": 2.0, "module": Linear},
    ):
        clf = kind().set_params(**parameters)
        assert clf.get_params()["module__factor"] == 2.0
    with pytest.raises(ValueError, match="module__hidden"):
        kind().set_params(module=Linear, module__hidden=(3,))


def test_parameters_of_a_method_object_are_set_on_it(kind):
    method = METHODS[kind]["crowd_layer"]()
    clf = kind(method=method).set_params(method__connection=OTHER[kind])
    assert clf.method is method
    assert method.connection == OTHER[kind]
    assert clf.get_params()["method__connection"] == OTHER[kind]


def test_setting_replaces_what_the_constructor_routed_to_a_method_object(kind):
    clf = kind(method=METHODS[kind]["em"](), method__warm_epochs=2)
    assert clf.get_params()["method__warm_epochs"] == 2
    clf.set_params(method__warm_epochs=7)
    assert clf.get_params()["method__warm_epochs"] == 7


def test_parameters_routed_to_a_method_object_leave_it_alone(kind, data):
    method = METHODS[kind]["crowd_layer"](warm_epochs=1)
    clf = small(method, kind, method__connection=OTHER[kind]).fit(*data)
    trained = clf.net_.criterion_.annotators
    assert type(trained) is {**CONNECTIONS, **AFFINE_CONNECTIONS}[OTHER[kind]]
    assert method.connection != OTHER[kind]


@pytest.mark.parametrize(("kind", "name"), EVERY_METHOD)
def test_a_method_by_name_is_the_method_by_object(kind, name, data):
    settings = {"max_epochs": 6, "module": MLP, "random_state": 0}
    by_name = kind(method=name, **settings).fit(*data)
    by_object = kind(method=METHODS[kind][name](), **settings)
    assert losses(by_object.fit(*data)) == losses(by_name)


def test_a_wrong_method_name_lists_the_right_ones(kind, data):
    with pytest.raises(ValueError, match="'crowdlayer' is not known") as error:
        kind(method="crowdlayer").fit(*data)
    assert all(repr(name) in str(error.value) for name in METHODS[kind])


def test_a_method_class_is_not_a_method(kind, data):
    with pytest.raises((TypeError, ValueError), match="method"):
        kind(method=METHODS[kind]["em"]).fit(*data)


def test_a_learning_rate_schedule(kind, data):
    scheduler = LRScheduler(torch.optim.lr_scheduler.StepLR, step_size=1, gamma=0.5)
    clf = small(kind=kind, callbacks=[scheduler], lr=0.8, max_epochs=3).fit(*data)
    np.testing.assert_allclose(clf.history_[:, "event_lr"], [0.8, 0.4, 0.2])


def test_a_loader_with_a_worker_and_a_sampler(kind, data):
    sampler = torch.utils.data.SubsetRandomSampler([1, 2, 3])
    clf = small(
        kind=kind,
        iterator_train__sampler=sampler,
        iterator_train__shuffle=False,
        iterator_train__num_workers=1,
        max_epochs=1,
    ).fit(*data)
    assert clf.history_[-1, "batches", :, "train_batch_size"] == [3]


def test_set_params_of_a_module_without_signature_limits(kind):
    class Anything(Convolution):
        def __init__(self, n_outputs, **kwargs):
            super().__init__(n_outputs, **kwargs)

    clf = kind(module=Anything).set_params(module__channels=2)
    assert clf.get_params()["module__channels"] == 2


def test_what_set_params_refuses_changes_nothing(clf):
    before = clf.get_params()
    for wrong in ("method__nonsense", "module__nonsense", "nonsense"):
        with pytest.raises(ValueError, match="Invalid parameter"):
            clf.set_params(method="crowd_layer", lr=7.0, **{wrong: 1})
        assert clf.get_params() == before
