"""The user's own network: classes, instances, images; wrong ones are told so."""

from functools import partial

import numpy as np
import pytest
import torch
from _data import Convolution, Linear, assert_same_fit, small
from torch import nn

from skcrowd import CrowdClassifier
from skcrowd.backbones import MLP, feature_scaling
from skcrowd.methods import METHODS

BARE = {"max_epochs": 3, "lr": 1e-2, "random_state": 0}


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


@pytest.mark.parametrize("name", METHODS)
def test_images_keep_their_dimensions(name, images):
    X, y, truth = images
    clf = CrowdClassifier(
        Convolution, method=name, max_epochs=30, lr=3e-2, random_state=0
    ).fit(X, y)
    assert clf.score(X, truth) > 0.9
    assert clf.predict_annotator_proba(X).shape == (60, 3, 2)
    assert np.isfinite(clf.score(X, y))


def test_the_default_network_flattens_images(images):
    X, y, _ = images
    clf = CrowdClassifier(**BARE).fit(X, y)
    assert clf.predict_proba(X).shape == (60, 2)


def test_items_of_another_shape_are_an_error(images):
    X, y, _ = images
    clf = CrowdClassifier(Convolution, **BARE).fit(X, y)
    for wrong in (X[:, :, :5], X.reshape(60, 1, 8, 6), X.reshape(60, 1, 48)):
        with pytest.raises(ValueError, match=r"items of shape \(1, 6, 8\)"):
            clf.predict(wrong)


def test_a_class_gets_its_sizes_from_the_data(items, answers):
    clf = CrowdClassifier(Linear, **BARE).fit(items[0], answers)
    assert clf.net_.module_.layer.weight.shape == (3, 3)


def test_given_sizes_win(items, answers):
    class Wide(Linear):
        def forward(self, X):
            return super().forward(nn.functional.pad(X, (0, 2)))

    clf = CrowdClassifier(Wide, module__n_features=5, **BARE).fit(items[0], answers)
    assert clf.net_.module_.layer.in_features == 5


def test_a_function_can_build_the_network(items, answers):
    def build(n_classes, width=4):
        return nn.Sequential(
            nn.Linear(3, width), nn.ReLU(), nn.Linear(width, n_classes)
        )

    clf = CrowdClassifier(build, module__width=7, **BARE).fit(items[0], answers)
    assert clf.net_.module_[0].out_features == 7


def test_an_instance_starts_from_its_weights_and_stays_as_it_is(items, answers):
    network = nn.Sequential(nn.Flatten(), nn.Linear(3, 3))
    nn.init.zeros_(network[1].weight)
    clf = CrowdClassifier(network, **{**BARE, "max_epochs": 1, "lr": 1e-6})
    clf.fit(items[0], answers)
    assert clf.net_.module_ is not network
    assert (network[1].weight == 0).all()
    trained = clf.net_.module_[1].weight
    assert 0 < trained.abs().max() < 1e-4
    assert_same_fit(clf.fit(items[0], answers), clf)


@pytest.mark.parametrize("name", METHODS)
def test_refitting_an_instance_starts_anew(name, items, answers):
    network = Linear(3, 3)
    first = CrowdClassifier(network, method=name, **BARE).fit(items[0], answers)
    second = CrowdClassifier(network, method=name, **BARE).fit(items[0], answers)
    assert_same_fit(first, second)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_instance_takes_the_precision_of_the_features(dtype, items, answers):
    network = Linear(3, 3)
    clf = CrowdClassifier(network, **BARE).fit(items[0].astype(dtype), answers)
    assert clf.net_.module_.layer.weight.numpy(force=True).dtype == dtype
    assert network.layer.weight.dtype == torch.float32


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.float16, bool])
def test_features_decide_the_precision(dtype, items, answers):
    X = (10 * items[0]).astype(dtype)
    clf = small().fit(X, answers)
    expected = torch.float64 if dtype is np.float64 else torch.float32
    assert {p.dtype for p in clf.net_.module_.parameters()} == {expected}
    assert clf.predict_proba(X).dtype == np.float64


def test_the_default_network_gets_the_scale_of_the_features(items, answers):
    weight = np.linspace(0, 2, 60)
    clf = small().fit(items[0], answers, sample_weight=weight)
    center, scale = feature_scaling(items[0][1:], weight[1:])
    np.testing.assert_allclose(clf.net_.module_.center, center)
    np.testing.assert_allclose(clf.net_.module_.scale, scale)


def test_a_scale_of_ones_own_wins(items, answers):
    clf = small(module=MLP, module__scale=np.array([1.0, 2.0, 4.0]))
    network = clf.fit(items[0], answers).net_.module_
    assert network.scale.tolist() == [1, 2, 4]
    assert network.center.tolist() == [0, 0, 0]


class Wrong(nn.Module):
    """Return something other than one score a class."""

    calls = 0

    def __init__(self, output):
        super().__init__()
        self.layer = nn.Linear(3, 3)
        self.output = output

    def forward(self, X):
        Wrong.calls += 1
        return self.output(self.layer(X))


WRONG = {
    "too many": (lambda s: torch.cat([s, s], dim=1), r"returned \(2, 6\) for 2 items"),
    "one score": (lambda s: s[:, 0], r"returned \(2,\) for 2 items"),
    "an axis too many": (lambda s: s[:, :, None], r"returned \(2, 3, 1\)"),
    "two things": (lambda s: (s, s), "tuple"),
    "softmax": (lambda s: s.softmax(dim=1), "returns probabilities"),
}


@pytest.mark.parametrize(("output", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_output_is_told_before_training(output, message, items, answers):
    Wrong.calls = 0
    with pytest.raises(ValueError, match=message):
        CrowdClassifier(Wrong(output), **BARE).fit(items[0], answers)
    assert Wrong.calls == 1


def test_log_probabilities_are_scores_too(items, answers):
    network = Wrong(lambda scores: scores.log_softmax(dim=1))
    clf = CrowdClassifier(network, **BARE).fit(items[0], answers)
    np.testing.assert_allclose(clf.predict_proba(items[0]).sum(axis=1), 1)


def test_batch_normalisation_trains_and_predicts_in_their_modes(items, answers):
    network = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Linear(8, 3))
    clf = CrowdClassifier(network, **BARE).fit(items[0], answers)
    together = clf.predict_proba(items[0])
    alone = np.vstack([clf.predict_proba(row[None]) for row in items[0]])
    np.testing.assert_allclose(alone, together)


def test_prediction_in_batches_is_prediction_at_once(items, answers):
    clf = small().fit(items[0], answers)
    X = np.tile(items[0], (50, 1))
    np.testing.assert_allclose(
        clf.predict_proba(X), np.tile(clf.predict_proba(items[0]), (50, 1)), atol=1e-12
    )


def test_many_annotators_and_few_answers():
    rng = np.random.default_rng(0)
    y = np.full((300, 200), -1)
    y[np.arange(300), rng.integers(0, 200, 300)] = np.arange(300) % 2
    X = rng.standard_normal((300, 2)) + 3 * (np.arange(300) % 2)[:, None]
    clf = small().fit(X, y)
    assert clf.annotator_confusion_.shape == (200, 2, 2)


def test_an_instance_takes_no_parameters(items, answers):
    with pytest.raises(ValueError, match=r"instance of Linear.*module__bias"):
        CrowdClassifier(nn.Linear(2, 3), module__bias=False).fit(items[0], answers)


def test_a_function_may_build_the_module(items, answers):
    def build(n_features, n_classes, bias=True):
        return nn.Linear(n_features, n_classes, bias=bias)

    clf = CrowdClassifier(build, **BARE).set_params(module__bias=False)
    assert clf.fit(items[0], answers).net_.module_.bias is None
    with pytest.raises(ValueError, match=r"Invalid parameter 'module__nonsense'"):
        clf.set_params(module__nonsense=1)


def test_a_partial_may_build_the_module(items, answers):
    build = partial(nn.Linear, 3, 3)
    clf = CrowdClassifier(build, **BARE).set_params(module__bias=False)
    assert clf.fit(items[0], answers).net_.module_.bias is None


def test_parameters_called_scale_belong_to_the_user(items, answers):
    class Scaled(nn.Module):
        def __init__(self, n_features, n_classes, center=True, scale=True):
            super().__init__()
            assert center is True
            assert scale is True
            self.linear = nn.Linear(n_features, n_classes)

        def forward(self, X):
            return self.linear(X)

    CrowdClassifier(Scaled, **BARE).fit(items[0], answers)


def test_batch_normalisation_survives_any_number_of_items(items, answers):
    class Normalised(nn.Module):
        def __init__(self, n_features, n_classes):
            super().__init__()
            self.layers = nn.Sequential(
                nn.BatchNorm1d(n_features), nn.Linear(n_features, n_classes)
            )

        def forward(self, X):
            return self.layers(X)

    clf = CrowdClassifier(Normalised, batch_size=59, **BARE).fit(items[0], answers)
    assert clf.history_[-1, "batches", :, "train_batch_size"] == [60]
