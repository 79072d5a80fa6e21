"""Every parameter of CrowdClassifier changes something, and is checked."""

import inspect

import numpy as np
import pytest
import torch
from _data import Linear, assert_same_fit, losses, random_answers, small
from sklearn.base import clone
from skorch.callbacks import Callback, EpochScoring

from skcrowd import CrowdClassifier
from skcrowd.methods import EM, METHODS


@pytest.fixture(scope="module")
def noisy():
    """Features that say nothing, and answers that few agree on."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((100, 3)), random_answers(rng, 100, 5, 3)


class Recorder(Callback):
    def __init__(self, key="seen"):
        self.key = key

    def on_epoch_end(self, net, **kwargs):
        net.history.record(self.key, len(net.history))


OTHER = {
    "module": Linear,
    "method": "dawid_skene",
    "optimizer": torch.optim.SGD,
    "lr": 3e-2,
    "max_epochs": 5,
    "batch_size": 20,
    "early_stopping": True,
    "random_state": 1,
    "classes": [2, 1, 0],
}


@pytest.mark.parametrize("parameter", OTHER)
def test_a_parameter_changes_the_fit(parameter, noisy):
    settings = {"method": "em", "max_epochs": 4, "random_state": 0}
    first = CrowdClassifier(**settings).fit(*noisy)
    second = CrowdClassifier(**{**settings, parameter: OTHER[parameter]}).fit(*noisy)
    assert losses(first) != losses(second)


@pytest.mark.parametrize(
    ("parameter", "values"),
    [("validation_fraction", (0.1, 0.3)), ("n_iter_no_change", (1, 100))],
)
def test_parameters_of_early_stopping_change_the_fit(parameter, values, noisy):
    settings = {"early_stopping": True, "max_epochs": 60, "lr": 0.1}
    first, second = (
        small("majority_vote", **settings, **{parameter: value}).fit(*noisy)
        for value in values
    )
    assert losses(first) != losses(second)


def test_every_parameter_has_a_test():
    elsewhere = {"validation_fraction", "n_iter_no_change"}
    elsewhere |= {"callbacks", "device", "verbose", "routed"}
    assert set(inspect.signature(CrowdClassifier).parameters) == elsewhere | set(OTHER)


@pytest.mark.parametrize(
    ("n_items", "n_batches"),
    [(20, 1), (64, 1), (65, 1), (66, 2), (2000, 32), (5000, 20)],
)
def test_the_default_batch_grows_with_the_items(n_items, n_batches):
    X = np.random.default_rng(0).standard_normal((n_items, 2)).astype(np.float32)
    y = np.arange(n_items) % 2
    clf = small(max_epochs=1).fit(X, y)
    sizes = clf.history_[-1, "batches", :, "train_batch_size"]
    assert len(sizes) == n_batches
    assert sum(sizes) == n_items


@pytest.mark.parametrize("batch_size", [1, 7, 60, 1000])
def test_batch_size_is_the_number_of_items_a_step(batch_size, items, answers):
    clf = small(batch_size=batch_size, max_epochs=1).fit(items[0], answers)
    sizes = clf.history_[-1, "batches", :, "train_batch_size"]
    assert max(sizes) == min(batch_size, 60)
    assert sum(sizes) == 60


def test_classes_decide_the_order_of_the_columns(items, answers):
    clf = small(classes=[2, 0, 1], max_epochs=20).fit(items[0], answers)
    assert clf.classes_.tolist() == [2, 0, 1]
    assert clf.score(items[0], items[1]) > 0.9
    labels = clf.classes_[clf.predict_proba(items[0]).argmax(axis=1)]
    assert (labels == clf.predict(items[0])).all()


def test_labels_outside_classes_are_an_error(items, answers):
    for y in (answers, items[1]):
        with pytest.raises(ValueError, match=r"label.* 2"):
            small(classes=[0, 1]).fit(items[0], y)


def test_callbacks_are_called_and_copied(items, answers):
    callback = Recorder()
    clf = small(callbacks=[callback]).fit(items[0], answers)
    assert clf.history_[:, "seen"] == [1, 2, 3, 4]
    assert not hasattr(callback, "net_")
    named = small(callbacks=(("mine", Recorder("named")),)).fit(items[0], answers)
    assert named.history_[:, "named"] == [1, 2, 3, 4]


def test_the_same_callback_serves_two_fits(items, answers):
    clf = small(callbacks=[Recorder()])
    first = losses(clf.fit(items[0], answers))
    assert losses(clf.fit(items[0], answers)) == first


def test_callbacks_of_skorch_work(items, answers):
    def n_items(net, X, y):
        return len(X)

    scoring = EpochScoring(n_items, name="n_items", on_train=True, use_caching=False)
    clf = small(callbacks=[scoring]).fit(items[0], answers)
    assert clf.history_[:, "n_items"] == [60] * 4


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_zero_is_silent(name, early_stopping, items, answers, capfd):
    settings = {"early_stopping": early_stopping, "n_iter_no_change": 1, "lr": 1.0}
    small(name, max_epochs=20, **settings).fit(items[0], answers)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("early_stopping", [False, True])
def test_verbose_shows_a_bar_on_stderr(early_stopping, items, answers, capsys):
    clf = small(verbose=1, early_stopping=early_stopping).fit(items[0], answers)
    out, err = capsys.readouterr()
    assert out == ""
    assert "4/4" in err
    assert "EM" in err
    assert f"train_loss={clf.history_[-1, 'train_loss']:.3f}" in err
    assert ("valid_loss" in err) == early_stopping
    assert_same_fit(clf, small(early_stopping=early_stopping).fit(items[0], answers))


@pytest.mark.parametrize("device", ["cuda", "cuda:1", torch.device("cuda")])
def test_a_device_that_is_not_there(device, items, answers, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="torch finds no CUDA device"):
        small(device=device).fit(items[0], answers)


@pytest.mark.parametrize("device", ["cpu", torch.device("cpu")])
def test_the_device_reaches_the_net(device, items, answers):
    clf = small(device=device).fit(items[0], answers)
    assert clf.net_.device == "cpu"


@pytest.mark.parametrize(
    "random_state", [3, np.random.RandomState(3)], ids=["int", "object"]
)
def test_random_state_decides(random_state, items, answers):
    first = small(random_state=random_state).fit(items[0], answers)
    second = small(random_state=3).fit(items[0], answers)
    assert_same_fit(first, second)


def test_without_random_state_fits_differ(items, answers):
    first, second = (small(random_state=None).fit(items[0], answers) for _ in range(2))
    assert losses(first) != losses(second)


INVALID = {
    "module": [3, "mlp"],
    "optimizer": ["adam", None],
    "lr": [0, -1.0, "auto", None],
    "max_epochs": [0, 1.5, None],
    "batch_size": [0, -1, 2.5, "auto"],
    "early_stopping": ["yes", 2],
    "validation_fraction": [0, 1, 1.5],
    "n_iter_no_change": [0, 1.5],
    "classes": [3, "ab"],
    "callbacks": [Recorder(), "none"],
    "device": [0, None],
    "random_state": ["seed", -1],
    "verbose": ["yes", -1],
    "method": [3, None, EM],
}


@pytest.mark.parametrize(
    ("parameter", "value"),
    [(name, value) for name, values in INVALID.items() for value in values],
)
def test_invalid_values_are_named(parameter, value, items, answers):
    clf = small()
    clf.set_params(**{parameter: value})
    with pytest.raises((ValueError, TypeError), match=parameter):
        clf.fit(items[0], answers)


def test_every_parameter_is_validated():
    parameters = set(inspect.signature(CrowdClassifier).parameters) - {"routed"}
    assert set(INVALID) == parameters
    assert set(CrowdClassifier._parameter_constraints) == parameters


def test_constructor_stores_and_nothing_else():
    odd = object()
    names = set(inspect.signature(CrowdClassifier).parameters) - {"routed"}
    clf = CrowdClassifier(**dict.fromkeys(names, odd))
    assert all(value is odd for value in vars(clf).values())
    assert set(vars(clf)) == names


def test_clone_is_an_equal_twin():
    clf = small(module=Linear, module__factor=2.0)
    twin = clone(clf)
    ours, theirs = clf.get_params(), twin.get_params()
    assert set(ours) == set(theirs)
    assert repr(twin) == repr(clf)
    assert theirs["module__factor"] == 2.0
