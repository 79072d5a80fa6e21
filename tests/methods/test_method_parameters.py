"""Every parameter of every method changes something, and is checked."""

from functools import cache

import numpy as np
import pytest
from _data import (
    EVERY_METHOD,
    METHODS,
    blobs,
    by_annotator,
    crowd,
    everything,
    predictions,
    random_y,
    small_method,
    with_mlp,
)

from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.methods import KDCrowd, RegularizedEM

PARAMETERS = [
    (kind, name, parameter)
    for kind, name in EVERY_METHOD
    for parameter in METHODS[kind][name]().get_params(deep=False)
]
OTHER = {
    "annotator_groups": ["a", "a", "b", "c", "d"],
    "eta": 0.6,
    "n_folds": 7,  # at least five for so few items
    "max_iter": 1,
    "tol": 0.5,
    "warm_epochs": 3,
    "weights": "equal",
    "scale_std": 0.3,
    "distillation": "kl",
    "divergence": "pearson",
    "robust": "small_loss",
    "variant": "A",
    "class_prior": "uniform",
    "volume": "W",
    "confidence_power": 0.0,
}
TEACHER = {CrowdClassifier: "majority_vote", CrowdRegressor: "mean"}
# What a parameter needs to have an effect, and what changes only how long a fit takes.
NEEDS = {
    ("kd_crowd", "temperature"): {"distillation": "kl"},
    ("kd_crowd", "warm_epochs"): {"back_to_answers": True},
    ("kd_crowd", "annotator_lr"): {"back_to_answers": True},
    ("kd_crowd", "learn_unanswered"): {"learn_unanswered": True},
}
# These leave a network alone that is as unsure as those of this test.
NEEDED_BY = {
    name: {"confidence_power": 1.0} for name in ("geo_crowd_net", "mutual_information")
}
WITHOUT_EFFECT = {"n_jobs"}
NOT_CHECKED_BY = {("n_jobs", -1)}
CONNECTION = {CrowdClassifier: "VW", CrowdRegressor: "S+B"}


def other_value(kind, parameter, value):
    """Return a legal value that differs from the default."""
    if parameter in ("connection", "teacher"):
        return {"connection": CONNECTION, "teacher": TEACHER}[parameter][kind]
    if parameter in OTHER:
        return OTHER[parameter] if value != OTHER[parameter] else value / 2
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else 3 * value


def systematic_errors():
    """Answers of a crowd that takes class 0 for class 1, and errs in no other way."""
    X, truth = blobs(60)
    confusion = [[0.5, 0.5, 0.0], [0.1, 0.9, 0.0], [0.0, 0.0, 1.0]]
    return X, crowd(truth, np.array([confusion] * 5), 4).annotations


def fitted(kind, method):
    """Fit on answers that few agree on; everything that a method finds out."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((60, 3)), random_y(kind, rng, 60, 5)
    if isinstance(method, RegularizedEM):
        X, y = systematic_errors()
    if isinstance(method, KDCrowd):
        y[50:] = -1
    clf = with_mlp(method, kind, max_epochs=5, batch_size=30).fit(X, y)
    return np.concatenate(
        [np.ravel(predictions(clf, X)), *map(np.ravel, by_annotator(clf))]
    )


@cache
def with_defaults(kind, name):
    """What the method finds out with its defaults, for all of its parameters."""
    return fitted(kind, small_method(name, kind).set_params(**NEEDED_BY.get(name, {})))


@pytest.mark.parametrize(
    ("kind", "name", "parameter"),
    [p for p in PARAMETERS if p[2] not in WITHOUT_EFFECT],
)
def test_every_parameter_changes_something(kind, name, parameter):
    needed = {**NEEDS.get((name, parameter), {}), **NEEDED_BY.get(name, {})}
    method = small_method(name, kind).set_params(**needed)
    default = METHODS[kind][name]().get_params()[parameter]
    value = other_value(kind, parameter, default)
    changed = small_method(name, kind).set_params(**{**needed, parameter: value})
    assert changed.get_params()[parameter] != method.get_params()[parameter]
    is_special = (name, parameter) in NEEDS
    before = fitted(kind, method) if is_special else with_defaults(kind, name)
    assert np.abs(fitted(kind, changed) - before).max() > 1e-6


@pytest.mark.parametrize(("kind", "name"), EVERY_METHOD)
def test_every_parameter_is_checked(kind, name, data):
    for parameter in METHODS[kind][name]().get_params(deep=False):
        for value in (object(), -1):
            if (parameter, value) not in NOT_CHECKED_BY:
                wrong = small_method(name, kind).set_params(**{parameter: value})
                with pytest.raises(ValueError, match=parameter):
                    with_mlp(wrong, kind).fit(*data)


@pytest.mark.parametrize(
    ("kind", "name"), [p[:2] for p in PARAMETERS if p[2] == "warm_epochs"]
)
def test_the_warm_start_is_half_of_the_epochs_at_most(kind, name, data):
    needed = NEEDS.get((name, "warm_epochs"), {})
    method = METHODS[kind][name]().set_params(**needed)
    fits = [
        with_mlp(method.set_params(warm_epochs=warm), kind, max_epochs=5).fit(*data)
        for warm in (2, 50, 1)
    ]
    told = [everything(estimator, data[0]) for estimator in fits]
    np.testing.assert_array_equal(told[0], told[1])
    assert (told[0] != told[2]).any()


@pytest.mark.parametrize("connection", ["MW", "VW", "VB", "VW+B", "SW"])
def test_the_connection_decides_the_layer(connection, items, answers):
    method = small_method("crowd_layer").set_params(connection=connection)
    clf = with_mlp(method).fit(items[0], answers)
    assert np.isfinite(clf.annotator_confusion_).all()
    tables = dict(clf.annotator_model_.named_parameters())
    expected = {"VB": {"bias"}, "VW+B": {"weight", "bias"}}
    assert set(tables) == expected.get(connection, {"weight"})


@pytest.mark.parametrize(
    ("connection", "tables"),
    [("S", {"scale"}), ("B", {"bias"}), ("S+B", {"scale", "bias"})],
)
def test_the_connection_decides_the_layer_of_numbers(connection, tables, rated_items):
    X, _, y = rated_items
    method = small_method("crowd_layer", CrowdRegressor).set_params(
        connection=connection
    )
    reg = with_mlp(method, CrowdRegressor, max_epochs=6).fit(X, y)
    layer = dict(reg.net_.criterion_.annotators.named_parameters())
    assert set(layer) == tables
    assert (np.ptp(reg.annotator_scale_) > 1e-6) == ("scale" in tables)
    assert np.isfinite(reg.annotator_confusion_).all()


@pytest.mark.parametrize("name", ["em", "gaussian_layer", "weighted_mean"])
def test_without_a_width_of_their_prior_all_scales_are_one(name, rated_items):
    X, _, y = rated_items
    methods = small_method(name, CrowdRegressor), small_method(name, CrowdRegressor)
    fixed, free = (
        with_mlp(method.set_params(scale_std=width), CrowdRegressor).fit(X, y)
        for method, width in zip(methods, (0.0, 0.3), strict=True)
    )
    np.testing.assert_allclose(fixed.annotator_scale_, 1, rtol=1e-9)
    assert np.ptp(free.annotator_scale_) > 1e-3
