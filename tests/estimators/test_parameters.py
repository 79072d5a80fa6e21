"""Every parameter changes something, and is checked."""

import inspect
from functools import cache

import numpy as np
import pytest
import torch
from _data import (
    EVERY_METHOD,
    METHODS,
    Linear,
    assert_same_fit,
    losses,
    random_y,
    small,
)
from sklearn.base import clone
from sklearn.metrics import get_scorer
from skorch.callbacks import Callback, EpochScoring

from skcrowd import Annotations, CrowdClassifier, CrowdRegressor
from skcrowd.methods import EM


def draw_noisy(kind):
    """Draw features that say nothing, and answers that few agree on."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((100, 3)), random_y(kind, rng, 100, 5)


@pytest.fixture
def noisy(kind):
    return draw_noisy(kind)


class Recorder(Callback):
    def __init__(self, key="seen"):
        self.key = key

    def on_epoch_end(self, net, **kwargs):
        net.history.record(self.key, len(net.history))


OTHER = {
    "module": Linear,
    "method": "crowd_layer",
    "criterion": torch.nn.SmoothL1Loss,
    "optimizer": torch.optim.SGD,
    "lr": 3e-2,
    "max_epochs": 5,
    "batch_size": 20,
    "early_stopping": True,
    "random_state": 1,
}
OF_CLASSIFIERS = {
    "classes": [0, 1, 2, 3],
    "ordinal": True,
    "criterion": torch.nn.CrossEntropyLoss(label_smoothing=0.3),
}


def other(kind):
    """Another value of every parameter."""
    return OTHER if kind is CrowdRegressor else {**OTHER, **OF_CLASSIFIERS}


SHORT = {"method": "em", "max_epochs": 4, "random_state": 0}


@cache
def unchanged(kind):
    """Return the losses of a fit of either estimator with no parameter changed."""
    return losses(kind(**SHORT).fit(*draw_noisy(kind)))


@pytest.mark.parametrize(
    ("kind", "parameter"),
    [
        (kind, name)
        for kind in (CrowdClassifier, CrowdRegressor)
        for name in other(kind)
    ],
)
def test_a_parameter_changes_the_fit(kind, parameter, noisy):
    changed = kind(**{**SHORT, parameter: other(kind)[parameter]}).fit(*noisy)
    assert losses(changed) != unchanged(kind)


@pytest.mark.parametrize(
    ("parameter", "values"),
    [("validation_fraction", (0.1, 0.3)), ("n_iter_no_change", (1, 100))],
)
def test_parameters_of_early_stopping_change_the_fit(kind, parameter, values, noisy):
    settings = {"early_stopping": True, "max_epochs": 60, "lr": 0.1}
    name = "majority_vote" if kind is CrowdClassifier else "mean"
    first, second = (
        small(name, kind, **settings, **{parameter: value}).fit(*noisy)
        for value in values
    )
    assert losses(first) != losses(second)


@pytest.mark.parametrize("name", METHODS[CrowdRegressor])
def test_calibration_changes_what_is_told_of_spreads_alone(name, rated_items):
    X, _, y = rated_items
    first, second = (
        small(name, CrowdRegressor, calibrate=value).fit(X, y)
        for value in (False, True)
    )
    assert_same_fit(first, second)
    np.testing.assert_array_equal(first.predict(X), second.predict(X))
    assert first.prediction_std_ != second.prediction_std_
    assert second.predict(X, return_std=True)[1][0] == second.prediction_std_ > 0


def test_every_parameter_has_a_test(kind):
    elsewhere = {"validation_fraction", "n_iter_no_change"}
    elsewhere |= {"callbacks", "device", "verbose", "routed"}
    elsewhere |= {"annotator_prior", "warm_start", "on_interrupt"}
    elsewhere |= {"checkpoint", "checkpoint_every", "distributed"}
    elsewhere |= {"calibrate"} if kind is CrowdRegressor else {"class_weight"}
    assert set(inspect.signature(kind).parameters) == elsewhere | set(other(kind))


@pytest.mark.parametrize(
    ("n_items", "n_batches"),
    [(20, 1), (64, 1), (65, 1), (66, 2), (2000, 32), (5000, 20)],
)
def test_the_default_batch_grows_with_the_items(kind, n_items, n_batches):
    X = np.random.default_rng(0).standard_normal((n_items, 2)).astype(np.float32)
    y = np.arange(n_items) % 2
    clf = small(kind=kind, max_epochs=1).fit(X, y)
    sizes = clf.history_[-1, "batches", :, "train_batch_size"]
    assert len(sizes) == n_batches
    assert sum(sizes) == n_items


@pytest.mark.parametrize("batch_size", [1, 7, 60, 1000])
def test_batch_size_is_the_number_of_items_a_step(kind, batch_size, data):
    clf = small(kind=kind, batch_size=batch_size, max_epochs=1).fit(*data)
    sizes = clf.history_[-1, "batches", :, "train_batch_size"]
    assert max(sizes) == min(batch_size, 60)
    assert sum(sizes) == 60


@pytest.mark.parametrize("given", ["classes", "annotations", "true labels"])
def test_classes_are_sorted_because_scikit_learn_relies_on_it(items, answers, given):
    (X, truth), names = items, np.array(["b", "c", "a"])
    plain = np.where(answers < 0, "", names[answers])
    plain = names[truth] if given == "true labels" else plain
    y, classes = plain, names
    if given == "annotations":
        y, classes = Annotations.from_dense(plain, classes=names), None
    clf = small(max_epochs=20, classes=classes).fit(X, y)
    assert clf.classes_.tolist() == ["a", "b", "c"]
    assert_same_fit(clf, small(max_epochs=20).fit(X, plain))
    for scorer in ("accuracy", "roc_auc_ovr", "top_k_accuracy"):
        assert get_scorer(scorer)(clf, X, names[truth]) > 0.9


def test_labels_outside_classes_are_an_error(items, answers):
    for y in (answers, items[1]):
        with pytest.raises(ValueError, match=r"label.* 2"):
            small(classes=[0, 1]).fit(items[0], y)


def test_callbacks_are_called_and_copied(kind, data):
    callback = Recorder()
    clf = small(kind=kind, callbacks=[callback]).fit(*data)
    assert clf.history_[:, "seen"] == [1, 2, 3, 4]
    assert not hasattr(callback, "net_")
    named = small(kind=kind, callbacks=(("mine", Recorder("named")),)).fit(*data)
    assert named.history_[:, "named"] == [1, 2, 3, 4]


def test_the_same_callback_serves_two_fits(kind, data):
    clf = small(kind=kind, callbacks=[Recorder()])
    first = losses(clf.fit(*data))
    assert losses(clf.fit(*data)) == first


def test_callbacks_of_skorch_work(kind, data):
    def n_items(net, X, y):
        return len(X)

    scoring = EpochScoring(n_items, name="n_items", on_train=True, use_caching=False)
    clf = small(kind=kind, callbacks=[scoring]).fit(*data)
    assert clf.history_[:, "n_items"] == [60] * 4


@pytest.mark.parametrize(
    ("kind", "name", "early_stopping"),
    [
        *[(kind, name, True) for kind, name in EVERY_METHOD],
        *[(kind, "em", False) for kind in (CrowdClassifier, CrowdRegressor)],
    ],
)
def test_zero_is_silent(kind, name, early_stopping, data, capfd):
    settings = {"early_stopping": early_stopping, "n_iter_no_change": 1, "lr": 1.0}
    small(name, kind, max_epochs=8, **settings).fit(*data)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("early_stopping", [False, True])
def test_verbose_shows_a_bar_on_stderr(kind, early_stopping, data, capsys):
    clf = small(kind=kind, verbose=1, early_stopping=early_stopping).fit(*data)
    out, err = capsys.readouterr()
    assert out == ""
    assert "4/4" in err
    assert type(clf.method).__name__ in err
    assert f"train_loss={clf.history_[-1, 'train_loss']:.3f}" in err
    assert ("valid_loss" in err) == early_stopping
    assert_same_fit(clf, small(kind=kind, early_stopping=early_stopping).fit(*data))


@pytest.mark.parametrize("device", ["cuda", "cuda:1", torch.device("cuda")])
def test_a_device_that_is_not_there(kind, device, data, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="torch finds no CUDA device"):
        small(kind=kind, device=device).fit(*data)


@pytest.mark.parametrize("device", ["cpu", torch.device("cpu")])
def test_the_device_reaches_the_net(kind, device, data):
    clf = small(kind=kind, device=device).fit(*data)
    assert clf.net_.device == "cpu"


@pytest.mark.parametrize("form", [int, np.random.RandomState])
def test_random_state_decides(kind, form, data):
    first = small(kind=kind, random_state=form(3)).fit(*data)
    second = small(kind=kind, random_state=3).fit(*data)
    assert_same_fit(first, second)


def test_without_random_state_fits_differ(kind, data):
    first, second = (small(kind=kind, random_state=None).fit(*data) for _ in range(2))
    assert losses(first) != losses(second)


INVALID = {
    "module": [3, "mlp"],
    "ordinal": ["yes", None, 1.5],
    "criterion": [3, "mse"],
    "optimizer": ["adam", None],
    "lr": [0, -1.0, "auto", None],
    "max_epochs": [0, 1.5, None],
    "batch_size": [0, -1, 2.5, "auto"],
    "early_stopping": ["yes", 2],
    "validation_fraction": [0, 1, 1.5],
    "n_iter_no_change": [0, 1.5],
    "classes": [3, "ab"],
    "calibrate": ["yes", None],
    "class_weight": ["even", 3],
    "annotator_prior": ["Ann", 0.9],
    "warm_start": ["yes", None],
    "on_interrupt": ["ignore", None, True],
    "callbacks": [Recorder(), "none"],
    "checkpoint": [3, True],
    "checkpoint_every": [0, 1.5, None],
    "device": [0, None],
    "distributed": ["yes", 2, None],
    "random_state": ["seed", -1],
    "verbose": ["yes", -1],
    "method": [3, None, EM],
}


@pytest.mark.parametrize(
    ("parameter", "value"),
    [(name, value) for name, values in INVALID.items() for value in values],
)
def test_invalid_values_are_named(kind, parameter, value, data):
    if parameter not in kind().get_params():
        with pytest.raises(ValueError, match=parameter):
            kind().set_params(**{parameter: value})
        return
    clf = small(kind=kind)
    clf.set_params(**{parameter: value})
    with pytest.raises((ValueError, TypeError), match=parameter):
        clf.fit(*data)


def test_every_parameter_is_validated(kind):
    parameters = set(inspect.signature(kind).parameters) - {"routed"}
    assert set(INVALID) == parameters | {
        "classes",
        "class_weight",
        "calibrate",
        "ordinal",
    }
    assert set(kind._parameter_constraints) == parameters


def test_constructor_stores_and_nothing_else(kind):
    odd = object()
    names = set(inspect.signature(kind).parameters) - {"routed"}
    clf = kind(**dict.fromkeys(names, odd))
    assert all(value is odd for value in vars(clf).values())
    assert set(vars(clf)) == names


def test_clone_is_an_equal_twin(kind):
    clf = small(kind=kind, module=Linear, module__factor=2.0)
    twin = clone(clf)
    ours, theirs = clf.get_params(), twin.get_params()
    assert set(ours) == set(theirs)
    assert repr(twin) == repr(clf)
    assert theirs["module__factor"] == 2.0
