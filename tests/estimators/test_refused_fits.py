"""A refused fit changes nothing; a fitted model serves until the next is ready."""

import pickle
from functools import cache

import numpy as np
import pytest
from _data import SORTS, small_method
from _sequence_data import SEQUENCE_SORTS, TokenNetwork, sequence_method
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted
from skorch.callbacks import Callback
from torch import nn

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.backbones import MLP
from skcrowd.estimators import _crowd_estimator
from skcrowd.methods import LABEL_METHODS, NUMBER_METHODS, SEQUENCE_METHODS

AT_FIRST = "on_train_begin"
RNG = np.random.default_rng(0)
N = 24
X = RNG.standard_normal((N, 3)).astype(np.float32)
LABELS = np.array(["a", "b", "c"], dtype=object)[RNG.integers(0, 3, (N, 3))]
RATINGS = RNG.standard_normal((N, 3))
SENTENCES = [["Ann", "met", "Bob"], ["Bob", "slept"], ["Lee"]] * 4
TAGS = [
    [["B", "O", "B"], ["B", "O", "O"]],
    [["B", "O"], None],
    [["O"], ["B"]],
] * 4
DATA = {
    CrowdClassifier: (X, LABELS),
    CrowdRegressor: (X, RATINGS),
    CrowdSequenceTagger: (SENTENCES, TAGS),
}
ESTIMATORS = [*DATA]
NETWORKS = dict.fromkeys(ESTIMATORS, MLP) | {CrowdSequenceTagger: TokenNetwork}
REGISTRIES = {
    CrowdClassifier: LABEL_METHODS,
    CrowdRegressor: NUMBER_METHODS,
    CrowdSequenceTagger: SEQUENCE_METHODS,
}


class OneScoreTooMany(nn.Module):
    def __init__(self, n_outputs, n_features=3):
        super().__init__()
        self.linear = nn.LazyLinear(n_outputs + 1)

    def forward(self, X):
        return self.linear(X.float())


class Raises(Callback):
    def __init__(self, error, at="on_epoch_end"):
        self.error = error
        self.at = at

    def on_epoch_end(self, net, **kwargs):
        if self.at == "on_epoch_end":
            raise self.error

    def on_train_begin(self, net, **kwargs):
        if self.at == "on_train_begin":
            raise self.error

    def on_train_end(self, net, **kwargs):
        if self.at == "on_train_end":
            raise self.error


class Diverges(Callback):
    """Leave the network with weights that are not finite."""

    def on_epoch_end(self, net, **kwargs):
        for parameter in net.module_.parameters():
            parameter.data.fill_(float("nan"))


def nothing_said(kind):
    if kind is CrowdSequenceTagger:
        return [[[None] * len(words)] * 2 for words in SENTENCES]
    return np.full((N, 3), np.nan if kind is CrowdRegressor else None)


def other_features(kind):
    if kind is CrowdSequenceTagger:
        return [np.ones((len(words), 2), dtype=np.float32) for words in SENTENCES]
    return np.ones((N, 2, 2))


def callback(kind, *given):
    return {}, {"callbacks": [*given]}


# What is wrong: a function of the class that returns what fit is given, and parameters.
FAULTS = {
    "y": lambda kind: ({"y": nothing_said(kind)}, {}),
    "X": lambda kind: ({"X": other_features(kind), "y": DATA[kind][1][:-1]}, {}),
    "gold": lambda kind: ({"gold": ["a"]}, {}),
    "weights": lambda kind: ({"sample_weight": -np.ones(len(DATA[kind][0]))}, {}),
    "parameter": lambda kind: ({}, {"lr": -1.0}),
    "method": lambda kind: ({}, {"method": "none"}),
    "network": lambda kind: ({}, {"module": OneScoreTooMany, "method": "em"}),
    "optimizer": lambda kind: ({}, {"optimizer__betas": (-1.0, 2.0)}),
    "diverged": lambda kind: callback(kind, Diverges()),
    "callback": lambda kind: callback(kind, Raises(RuntimeError("no"))),
    "memory": lambda kind: callback(kind, Raises(MemoryError())),
    "Ctrl-C": lambda kind: callback(
        kind, Raises(KeyboardInterrupt(), "on_train_begin")
    ),
}
KEPT_BY_A_RESUMPTION = {"network"}  # which begins with the network that is there
MODES = ["first fit", "refit", "warm start", "partial_fit"]
SORTS_OF = {**SORTS, CrowdSequenceTagger: SEQUENCE_SORTS}
every_estimator = pytest.mark.parametrize("kind", ESTIMATORS)


def build(kind, **parameters):
    return kind(max_epochs=2, batch_size=8, random_state=0, **parameters)


@cache
def stored_fit(kind, **parameters):
    return pickle.dumps(build(kind, **parameters).fit(*DATA[kind]))


def fitted(kind, **parameters):
    """Return a model of one's own that was fitted, once for all tests."""
    return pickle.loads(stored_fit(kind, **parameters))


def state_of(model):
    """All that a model holds, as bytes, and which objects they are."""
    net = getattr(model, "net_", None)
    optimizer = getattr(net, "annotator_optimizer_", None)
    state = optimizer and optimizer.state_dict()["state"]
    held = {name: id(value) for name, value in vars(model).items()}
    content = {k: v for k, v in vars(model).items() if k != "callbacks"}
    return held, pickle.dumps(content), pickle.dumps(state)


def flat(values):
    return np.concatenate([np.asarray(v).ravel() for v in values])


def fit_badly(model, kind, fault, mode):
    given, parameters = FAULTS[fault](kind)
    model.set_params(**parameters, warm_start=mode == "warm start")
    before = state_of(model)
    X, y = DATA[kind]
    given = {"X": X, "y": y, **given}
    if mode == "partial_fit":
        if kind is not CrowdRegressor and not hasattr(model, "net_"):
            given["classes"] = ["a", "b", "c"]
        fit = model.partial_fit
    else:
        fit = model.fit
    with pytest.raises(BaseException) as caught:  # noqa: PT011
        fit(**given)
    assert not isinstance(caught.value, AssertionError)
    return before


# All modes meet a fault before and one during training; the template of fit is one.
@pytest.mark.parametrize(
    ("kind", "mode", "fault"),
    [
        (kind, mode, fault)
        for kind in ESTIMATORS
        for mode in MODES
        for fault in FAULTS
        if kind is CrowdClassifier or mode == "refit" or fault in ("gold", "callback")
    ],
)
def test_a_refused_fit_changes_nothing(kind, mode, fault):
    if mode in MODES[2:] and fault in KEPT_BY_A_RESUMPTION:
        mode = "refit"
    model = build(kind) if mode == "first fit" else fitted(kind)
    predicted = None if mode == "first fit" else flat(model.predict(DATA[kind][0]))
    before = fit_badly(model, kind, fault, mode)
    assert state_of(model) == before
    if predicted is None:
        with pytest.raises(NotFittedError):
            check_is_fitted(model)
        with pytest.raises(NotFittedError):
            model.predict(DATA[kind][0])
    else:
        np.testing.assert_array_equal(flat(model.predict(DATA[kind][0])), predicted)


@pytest.mark.parametrize(
    ("kind", "method"),
    [(kind, name) for kind in ESTIMATORS for name in SORTS_OF[kind]],
)
def test_no_method_trains_the_earlier_fit_in_place(kind, method):
    few = sequence_method if kind is CrowdSequenceTagger else small_method
    own = few(method) if few is sequence_method else few(method, kind)
    model = build(kind, method=own, module=NETWORKS[kind]).fit(*DATA[kind])
    model.set_params(callbacks=[Raises(RuntimeError("late"), "on_train_end")])
    before = state_of(model)
    for mode in (False, True):
        model.set_params(warm_start=mode)
        before = state_of(model)
        with pytest.raises(RuntimeError, match="late"):
            model.fit(*DATA[kind]) if mode else model.partial_fit(*DATA[kind])
        assert state_of(model) == before


class Watched(nn.Module):
    """A network that calls back when it is asked; see `watch`."""

    watch = None

    def __init__(self, n_features, n_outputs):
        super().__init__()
        self.linear = nn.Linear(n_features, n_outputs)

    def forward(self, X):
        if Watched.watch is not None:
            Watched.watch()
        return self.linear(X)


@pytest.fixture
def watch():
    """Set what happens when a network is asked."""

    def set_watch(act):
        Watched.watch = act

    yield set_watch
    Watched.watch = None


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_the_earlier_fit_predicts_until_the_next_has_learned(kind, watch):
    X, y = DATA[kind]
    model = fitted(kind, module=Watched)
    predicted, seen = model.predict(X), []

    def predict():
        watch(None)
        seen.append(model.predict(X))

    watch(predict)
    model.set_params(random_state=1).fit(X[::-1], y)
    np.testing.assert_array_equal(seen[0], predicted)
    assert not np.array_equal(model.predict(X), predicted)


def test_a_prediction_sees_one_fit_when_another_ends_meanwhile(watch):
    X, y = DATA[CrowdClassifier]
    model = fitted(CrowdClassifier, module=Watched)
    predicted = model.predict(X)

    def refit():
        watch(None)
        model.fit(X, np.char.add("new_", y.astype(str)))

    watch(refit)
    np.testing.assert_array_equal(model.predict(X), predicted)
    assert model.classes_[0] == "new_a"


@every_estimator
def test_parameters_stay_the_same_objects(kind):
    given = {
        "callbacks": [Raises(None, "never")],
        "method": next(iter(REGISTRIES[kind].values()))(),
        "random_state": np.random.RandomState(0),
    }
    model = build(kind).set_params(**given).fit(*DATA[kind])
    assert all(getattr(model, name) is value for name, value in given.items())


@every_estimator
def test_what_is_set_during_a_fit_stays(kind, monkeypatch):
    model = fitted(kind, method="em")
    make_method = _crowd_estimator.make_method

    def set_lr(estimator):
        model.lr = 0.5
        model.seen_ = True
        return make_method(estimator)

    monkeypatch.setattr(_crowd_estimator, "make_method", set_lr)
    model.fit(*DATA[kind])
    assert model.lr == 0.5
    assert model.seen_


@every_estimator
def test_a_subclass_may_learn_more(kind):
    class More(kind):
        def fit(self, X, y, **options):
            self.n_fits_ = getattr(self, "n_fits_", 0) + 1
            super().fit(X, y, **options)
            self.n_seen_ = len(X)
            return self

    model = More(max_epochs=1).fit(*DATA[kind]).fit(*DATA[kind])
    assert model.n_fits_ == 2
    assert model.n_seen_ == len(DATA[kind][0])


def test_words_of_an_earlier_fit_are_forgotten():
    model = fitted(CrowdSequenceTagger)
    model.fit([np.ones((len(w), 2), np.float32) for w in SENTENCES], TAGS)
    assert not hasattr(model, "vocabulary_")
    assert model.n_features_in_ == 2


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_of_two_fits_at_once_the_last_counts(kind, watch):
    X, y = DATA[kind]
    model = fitted(kind, module=Watched)

    def fit_wider():
        watch(None)
        model.fit(np.hstack([X, X]), y)

    watch(fit_wider)
    model.fit(X, y)
    assert model.n_features_in_ == X.shape[1]
    once = fitted(kind, module=Watched)
    np.testing.assert_array_equal(model.predict(X), once.predict(X))
