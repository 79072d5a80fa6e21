"""The user's own network: classes, instances, images; wrong ones are told so."""

from functools import partial

import numpy as np
import pytest
import torch
from _data import (
    EACH_SORT,
    Convolution,
    Linear,
    assert_same_fit,
    predictions,
    random_y,
    small,
    small_method,
)
from torch import nn

from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.backbones import MLP
from skcrowd.backbones._feature_scaling import feature_scaling
from skcrowd.backbones._quantiles import clipping_range

BARE = {"max_epochs": 3, "lr": 1e-2, "random_state": 0}
N_OUTPUTS = {CrowdClassifier: 3, CrowdRegressor: 1}


@pytest.fixture(scope="module")
def images():
    """60 images whose bright half tells the class: X (n, 1, H, W), y."""
    rng = np.random.default_rng(0)
    truth = np.arange(60) % 2
    X = rng.standard_normal((60, 1, 6, 8)).astype(np.float32)
    X[truth == 0, :, :3] += 2
    X[truth == 1, :, 3:] += 2
    y = np.where(rng.random((60, 3)) < 0.8, truth[:, None], 1 - truth[:, None])
    return X, y, truth


@pytest.mark.parametrize(("kind", "name"), EACH_SORT)
def test_images_keep_their_dimensions(kind, name, images):
    X, y, truth = images
    method = small_method(name, kind)
    settings = {"max_epochs": 20, "lr": 6e-2, "random_state": 0}
    clf = kind(Convolution, method=method, **settings).fit(X, y)
    assert clf.score(X, truth) > (0.9 if kind is CrowdClassifier else 0.5)
    assert len(clf.annotator_confusion_) == 3
    assert np.isfinite(clf.score(X, y))


def test_the_default_network_flattens_images(kind, images):
    X, y, _ = images
    clf = kind(**BARE).fit(X, y)
    assert len(predictions(clf, X)) == 60


def test_items_of_another_shape_are_an_error(kind, images):
    X, y, _ = images
    clf = kind(Convolution, **BARE).fit(X, y)
    for wrong in (X[:, :, :5], X.reshape(60, 1, 8, 6), X.reshape(60, 1, 48)):
        with pytest.raises(ValueError, match=r"items of shape \(1, 6, 8\)"):
            clf.predict(wrong)


def test_a_class_gets_its_sizes_from_the_data(kind, data):
    clf = kind(Linear, **BARE).fit(*data)
    assert clf.net_.module_.layer.weight.shape == (N_OUTPUTS[kind], 3)


def test_given_sizes_win(kind, data):
    class Wide(Linear):
        def forward(self, X):
            return super().forward(nn.functional.pad(X, (0, 2)))

    clf = kind(Wide, module__n_features=5, **BARE).fit(*data)
    assert clf.net_.module_.layer.in_features == 5


def test_a_function_can_build_the_network(kind, data):
    def build(n_outputs, width=4):
        return nn.Sequential(
            nn.Linear(3, width), nn.ReLU(), nn.Linear(width, n_outputs)
        )

    clf = kind(build, module__width=7, **BARE).fit(*data)
    assert clf.net_.module_[0].out_features == 7


def test_an_instance_starts_from_its_weights_and_stays_as_it_is(kind, data):
    network = nn.Sequential(nn.Flatten(), nn.Linear(3, N_OUTPUTS[kind]))
    nn.init.zeros_(network[1].weight)
    clf = kind(network, **{**BARE, "max_epochs": 1, "lr": 1e-6})
    clf.fit(*data)
    assert clf.net_.module_ is not network
    assert (network[1].weight == 0).all()
    trained = clf.net_.module_[1].weight
    assert 0 < trained.abs().max() < 1e-4
    assert_same_fit(clf.fit(*data), clf)


@pytest.mark.parametrize(("kind", "name"), EACH_SORT)
def test_refitting_an_instance_starts_anew(kind, name, data):
    network = Linear(3, N_OUTPUTS[kind])
    first = kind(network, method=name, **BARE).fit(*data)
    second = kind(network, method=name, **BARE).fit(*data)
    assert_same_fit(first, second)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_instance_takes_the_precision_of_the_features(kind, dtype, data):
    network = Linear(3, N_OUTPUTS[kind])
    clf = kind(network, **BARE).fit(data[0].astype(dtype), data[1])
    assert clf.net_.module_.layer.weight.numpy(force=True).dtype == dtype
    assert network.layer.weight.dtype == torch.float32


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.float16, bool])
def test_features_decide_the_precision(kind, dtype, data):
    X = (10 * data[0]).astype(dtype)
    clf = small(kind=kind).fit(X, data[1])
    expected = torch.float64 if dtype is np.float64 else torch.float32
    assert {p.dtype for p in clf.net_.module_.parameters()} == {expected}
    assert predictions(clf, X).dtype == np.float64


def test_the_default_network_gets_the_scale_of_the_features(kind, data):
    weight = np.linspace(0, 2, 60)
    clf = small(kind=kind).fit(*data, sample_weight=weight)
    X, weight = data[0][1:], weight[1:]
    lower, upper = clipping_range(X, weight)
    center, scale = feature_scaling(X.clip(lower, upper), weight)
    encoding = clf.net_.module_.encoding
    for name, values in {"lower": lower, "upper": upper, "center": center}.items():
        np.testing.assert_allclose(getattr(encoding, name), values, rtol=1e-5)
    np.testing.assert_allclose(encoding.scale, scale, rtol=1e-5)


def test_a_scale_of_ones_own_wins(kind, data):
    clf = small(kind=kind, module=MLP, module__scale=np.array([1.0, 2.0, 4.0]))
    network = clf.fit(*data).net_.module_
    assert network.scale.tolist() == [1, 2, 4]
    assert network.center.tolist() == [0, 0, 0]


class Wrong(nn.Module):
    """Return something other than one score a class, or than a number."""

    calls = 0

    def __init__(self, output, n_outputs=3):
        super().__init__()
        self.layer = nn.Linear(3, n_outputs)
        self.output = output

    def forward(self, X):
        Wrong.calls += 1
        return self.output(self.layer(X))


WRONG_SCORES = {
    "too many": (lambda s: torch.cat([s, s], dim=1), r"returned \(2, 6\) for 2 items"),
    "one score": (lambda s: s[:, 0], r"returned \(2,\) for 2 items"),
    "an axis too many": (lambda s: s[:, :, None], r"returned \(2, 3, 1\)"),
    "two things": (lambda s: (s, s), "tuple"),
    "softmax": (lambda s: s.softmax(dim=1), "returns probabilities"),
}
WRONG_NUMBERS = {
    "too many": (lambda s: torch.cat([s, s], dim=1), r"returned \(2, 2\) for 2 items"),
    "an axis too many": (lambda s: s[:, :, None], r"returned \(2, 1, 1\)"),
    "two things": (lambda s: (s, s), "tuple"),
    "not finite": (lambda s: s / 0, "not finite"),
}
WRONG = [
    pytest.param(kind, *wrong, id=f"{kind.__name__}, {name}")
    for kind, group in [
        (CrowdClassifier, WRONG_SCORES),
        (CrowdRegressor, WRONG_NUMBERS),
    ]
    for name, wrong in group.items()
]


@pytest.mark.parametrize(("kind", "output", "message"), WRONG)
def test_a_wrong_output_is_told_before_training(kind, output, message, data):
    Wrong.calls = 0
    with pytest.raises(ValueError, match=message):
        kind(Wrong(output, N_OUTPUTS[kind]), **BARE).fit(*data)
    assert Wrong.calls == 1


def test_numbers_may_come_without_their_axis(rated_items):
    X, truth, y = rated_items
    torch.manual_seed(0)
    column = Wrong(lambda s: s, 1)
    flat = Wrong(lambda s: s[:, 0], 1)
    flat.load_state_dict(column.state_dict())
    first, second = (CrowdRegressor(m, **BARE).fit(X, y) for m in (column, flat))
    assert first.predict(X).shape == (60,)
    np.testing.assert_array_equal(first.predict(X), second.predict(X))
    np.testing.assert_array_equal(
        first.fit(X, truth).predict(X), second.fit(X, truth).predict(X)
    )


def test_log_probabilities_are_scores_too(items, answers):
    network = Wrong(lambda scores: scores.log_softmax(dim=1))
    clf = CrowdClassifier(network, **BARE).fit(items[0], answers)
    np.testing.assert_allclose(clf.predict_proba(items[0]).sum(axis=1), 1)


def test_batch_normalisation_trains_and_predicts_in_their_modes(kind, data):
    network = nn.Sequential(
        nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Linear(8, N_OUTPUTS[kind])
    )
    clf = kind(network, **BARE).fit(*data)
    together = predictions(clf, data[0])
    alone = np.concatenate([predictions(clf, row[None]) for row in data[0]])
    np.testing.assert_allclose(alone, together)


def test_prediction_in_batches_is_prediction_at_once(kind, data):
    clf = small(kind=kind).fit(*data)
    X = np.tile(data[0], (50, 1))
    expected = np.concatenate(50 * [predictions(clf, data[0])])
    np.testing.assert_allclose(predictions(clf, X), expected, atol=1e-12)


def test_many_annotators_and_few_answers(kind):
    rng = np.random.default_rng(0)
    y = random_y(kind, rng, 300, 200, 2)
    once = np.argsort(rng.random(y.shape), axis=1) == 0
    y[~once & ~np.eye(300, 200, dtype=bool)] = np.nan if kind is CrowdRegressor else -1
    clf = small(kind=kind).fit(rng.standard_normal((300, 2)), y)
    assert clf.annotator_confusion_.shape == (200, 2, 2)
    assert np.isfinite(clf.annotator_confusion_).all()


def test_an_instance_takes_no_parameters(kind, data):
    with pytest.raises(ValueError, match=r"instance of Linear.*module__bias"):
        kind(nn.Linear(2, 3), module__bias=False).fit(*data)


def test_a_function_may_build_the_module(kind, data):
    def build(n_features, n_outputs, bias=True):
        return nn.Linear(n_features, n_outputs, bias=bias)

    clf = kind(build, **BARE).set_params(module__bias=False)
    assert clf.fit(*data).net_.module_.bias is None
    with pytest.raises(ValueError, match=r"Invalid parameter 'module__nonsense'"):
        clf.set_params(module__nonsense=1)


def test_a_partial_may_build_the_module(kind, data):
    build = partial(nn.Linear, 3, N_OUTPUTS[kind])
    clf = kind(build, **BARE).set_params(module__bias=False)
    assert clf.fit(*data).net_.module_.bias is None


def test_parameters_called_scale_belong_to_the_user(kind, data):
    class Scaled(nn.Module):
        def __init__(self, n_features, n_outputs, center=True, scale=True):
            super().__init__()
            assert center is True
            assert scale is True
            self.linear = nn.Linear(n_features, n_outputs)

        def forward(self, X):
            return self.linear(X)

    kind(Scaled, **BARE).fit(*data)


def test_batch_normalisation_survives_any_number_of_items(kind, data):
    class Normalised(nn.Module):
        def __init__(self, n_features, n_outputs):
            super().__init__()
            self.layers = nn.Sequential(
                nn.BatchNorm1d(n_features), nn.Linear(n_features, n_outputs)
            )

        def forward(self, X):
            return self.layers(X)

    clf = kind(Normalised, batch_size=59, **BARE).fit(*data)
    assert clf.history_[-1, "batches", :, "train_batch_size"] == [60]
