import numpy as np
import pytest
from _data import small
from scipy.sparse import csr_matrix
from sklearn.datasets import make_friedman1

import skcrowd
from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.backbones import MLP
from skcrowd.backbones._ridge import fit_ridge
from skcrowd.datasets import make_annotations
from skcrowd.estimators import _default_network
from skcrowd.estimators._default_network import (
    STRONG_DECAY,
    _evenness,
    network_settings,
)


def linear(n_items=400, n_features=40, n_effects=40, noise=1.0):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_items, n_features))
    n_effects = min(n_effects, n_features)
    effects = rng.standard_normal(n_effects) / np.sqrt(n_effects)
    return X, X[:, :n_effects] @ effects + noise * rng.standard_normal(n_items)


def settings_of(X, y, weight=None, noise=0.0):
    weight = np.ones(len(y)) if weight is None else weight
    return network_settings(X, weight, lambda rows: (y[rows, None], noise), True)


def assert_same(ours, theirs):
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        np.testing.assert_allclose(value, theirs[name], rtol=1e-6)


def test_effects_that_are_not_linear_are_encoded():
    assert "edges" not in settings_of(*linear())
    assert settings_of(*make_friedman1(400, random_state=0))["edges"].shape == (10, 14)


def test_effects_of_two_features_together_are_not_encoded():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((600, 6))
    y = X[:, 0] * X[:, 1] + X[:, 2] * X[:, 3] + 0.1 * X[:, 4] ** 2
    assert "edges" not in settings_of(X, y)
    assert "edges" in settings_of(X, np.sin(3 * X).sum(axis=1))


def test_a_kernel_that_cannot_decide_is_not_fitted(monkeypatch):
    fitted, fit = [], _default_network._fit_kernel
    monkeypatch.setattr(
        _default_network,
        "_fit_kernel",
        lambda inputs, *data: fitted.append(inputs.shape[1]) or fit(inputs, *data),
    )
    X, y = linear()
    settings_of(X, y)
    assert len(fitted) == 1
    assert fitted[0] > X.shape[1]
    fitted.clear()
    settings_of(*make_friedman1(400, random_state=0))
    assert fitted == [10 + 10 * 13, 10]


def labels_settings(X, z, **options):
    shares = np.eye(2)[np.asarray(z, dtype=int)]
    truth = lambda rows: (shares[rows], 0.0)  # noqa: E731
    return network_settings(X, np.ones(len(z)), truth, False, **options)


@pytest.mark.parametrize("share", [0.5, 0.1, 0.01])
def test_the_weight_decay_is_in_proportion_to_the_variance_of_the_classes(share):
    weight = np.array([share, 1 - share])
    even = _evenness(np.eye(2), weight, is_set=False)
    assert even == pytest.approx(4 * share * (1 - share))
    assert _evenness(np.eye(2)[:, :1], weight, is_set=True) == pytest.approx(even)
    assert _evenness(np.eye(5), np.ones(5), is_set=False) == pytest.approx(1)
    X, y = linear()
    z = y > np.quantile(y, 1 - share)
    shares = np.eye(2)[z.astype(int)]
    penalty = fit_ridge(X / X.std(axis=0), shares, np.ones(len(z))).penalty
    expected = np.clip(0.05 * penalty * even, 1e-3, 0.1)
    assert labels_settings(X, z)["weight_decay"] == pytest.approx(expected)


def test_the_weights_of_a_logit_are_penalised_half_as_much_as_those_of_two_scores():
    X, y = linear()
    z = (y > 0).astype(int)
    truth = lambda rows: (z[rows, None], 0.0)  # noqa: E731
    of_logit = network_settings(X, np.ones(len(z)), truth, False, is_set=True)
    of_scores = labels_settings(X, z)
    assert of_logit["weight_decay"] == pytest.approx(of_scores["weight_decay"] / 2)


def test_labels_that_are_learned_with_their_errors_ask_for_weight_decay():
    X, y = linear()
    z = (y > 0) ^ (np.random.default_rng(1).random(len(y)) < 0.3)
    plain, noisy = (
        labels_settings(X, z, learns_errors=learns)["weight_decay"]
        for learns in (False, True)
    )
    assert noisy > 2 * plain
    vote, em = (
        CrowdClassifier(method=method, max_epochs=1).fit(X, z[:, None] * np.ones(2))
        for method in ("majority_vote", "em")
    )
    assert vote.net_.module_.weight_decay > em.net_.module_.weight_decay


def test_few_features_with_effects_get_larger_and_gates_unless_penalties_are_strong():
    even, few = settings_of(*linear()), settings_of(*linear(n_effects=3))
    assert "gate_decay" not in even
    assert np.ptp(even["scale"]) == pytest.approx(0)
    assert np.median(few["scale"][3:]) > 5 * np.median(few["scale"][:3])
    assert few["weight_decay"] >= STRONG_DECAY
    assert "gate_decay" not in few
    clear = settings_of(*linear(n_effects=3, noise=0.1))
    assert clear["weight_decay"] < STRONG_DECAY
    assert "gate_decay" in clear


def test_noise_of_the_truth_asks_for_weight_decay_but_that_of_answers_does_not():
    X, clean = linear(noise=0.3)
    _, noisy = linear(noise=0.9)
    decay = {
        name: settings_of(X, y, noise=noise)["weight_decay"]
        for name, y, noise in [
            ("clean", clean, 0.0),
            ("noisy truth", noisy, 0.0),
            ("noisy answers", noisy, 0.81 - 0.09),
        ]
    }
    assert decay["clean"] < decay["noisy answers"] < decay["noisy truth"]


@pytest.mark.parametrize("form", [np.asarray, csr_matrix])
def test_weights_are_repetitions_and_order_is_nothing(form):
    X, y = linear(150, 12)
    X[np.abs(X) < 0.4] = 0
    rng = np.random.default_rng(1)
    weight = rng.integers(0, 3, len(y))
    ours = settings_of(form(X), y, weight.astype(float))
    order = rng.permutation(np.repeat(np.arange(len(y)), weight))
    assert_same(settings_of(form(X[order]), y[order]), ours)


def test_items_that_are_held_out_have_no_effect():
    X, y = linear(150, 12)
    weight = (np.arange(150) > 20).astype(float)
    ours = settings_of(X, y, weight)
    y[:21] = 1e6
    assert_same(settings_of(X, y, weight), ours)


@pytest.mark.parametrize("factor", [2.0**-40, 2.0**40])
def test_the_unit_of_the_features_does_not_matter(factor):
    X, y = make_friedman1(200, random_state=0)
    ours, theirs = (settings_of(f * X, y) for f in (1, factor))
    assert ours["weight_decay"] == theirs["weight_decay"]
    np.testing.assert_allclose(ours["edges"], theirs["edges"], atol=1e-9)
    for name in ("center", "scale", "lower", "upper"):
        np.testing.assert_allclose(factor * ours[name], theirs[name])


def test_the_user_decides(items, answers):
    given = {"weight_decay": 0.5, "gate_decay": 0.25, "hidden": (7,)}
    parameters = {f"module__{name}": value for name, value in given.items()}
    network = small(**parameters).fit(items[0], answers).net_.module_
    assert network.weight_decay == 0.5
    assert network.gate_decay == 0.25
    assert network.layers[0].out_features == 7
    own = small(module=MLP).fit(items[0], answers)
    assert own.net_.module_.input_dropout.p == 0


def test_a_small_hidden_layer_for_more_sparse_features_than_items():
    X = csr_matrix(np.hstack([np.eye(30), np.eye(30, 20)]))
    crowd = np.arange(30) % 2
    network = CrowdClassifier(max_epochs=1).fit(X, crowd).net_.module_
    assert network.layers[0].out_features == 16
    network = CrowdClassifier(max_epochs=1).fit(X[:, :20], crowd).net_.module_
    assert network.layers[0].out_features == 128


def test_a_resumed_fit_keeps_its_encoding(tmp_path):
    X, y = make_friedman1(400, random_state=0)
    crowd = make_annotations(y, 5, kind="numbers", random_state=0).annotations
    reg = CrowdRegressor(max_epochs=2, random_state=0, calibrate=False).fit(X, crowd)
    edges = reg.net_.built_with_["edges"]
    reg.partial_fit(X[:50], crowd[:50])
    assert reg.net_.built_with_["edges"] is edges
    loaded = skcrowd.load(skcrowd.save(reg, tmp_path / "model"))
    np.testing.assert_array_equal(loaded.predict(X), reg.predict(X))


def test_random_answers_do_not_stop_learning():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((300, 10))
    z = (X[:, 0] > 0).astype(int)
    crowd = make_annotations(z, {"random": 6, "average": 3}, random_state=0)
    network = CrowdClassifier(max_epochs=1).fit(X, crowd.annotations).net_.module_
    # at most 2 features / items, times the factor for labels and 1 / share of noise
    assert network.weight_decay <= 2 * 10 / 300 * 0.05 / 0.5


@pytest.mark.parametrize(
    ("factor", "offset"), [(1e-60, 0.0), (1e-300, 0.0), (1e-3, 1e6), (1.0, 1e9)]
)
def test_features_that_float32_cannot_tell_apart_are_no_constants(factor, offset):
    X, y = make_friedman1(400, random_state=0)
    expected, found = settings_of(X, y), settings_of(X * factor + offset, y)
    np.testing.assert_allclose(found["scale"], expected["scale"] * factor, rtol=1e-3)
    np.testing.assert_allclose(found["edges"], expected["edges"], atol=1e-3)
    assert found["weight_decay"] == pytest.approx(expected["weight_decay"], rel=1e-2)


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
@pytest.mark.parametrize(("factor", "offset"), [(1e-60, 0.0), (1e-3, 1e6)])
def test_units_of_the_features_do_not_matter(kind, factor, offset):
    X = np.random.default_rng(0).standard_normal((200, 2))
    y = np.repeat(X[:, :1] if kind is CrowdRegressor else X[:, :1] > 0, 3, axis=1)
    units = X * factor + offset
    model = kind(max_epochs=10, random_state=0).fit(units, y)
    assert np.corrcoef(model.predict(units), y[:, 0])[0, 1] > 0.9
