"""Threads: one fitted model that many ask, fits side by side, and both."""

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

import joblib
import numpy as np
import pytest
import torch
from _data import (
    EACH_SORT,
    METHODS,
    Linear,
    assert_same_fit,
    everything,
    global_states,
    random_y,
    with_mlp,
)
from _sequence_data import ANSWERS, FEATURES, SEQUENCE_SORTS, TOKENS, tagger, take
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, KFold
from skorch.callbacks import Callback

from skcrowd import CrowdClassifier, CrowdRegressor

N_THREADS = 4


@pytest.fixture(autouse=True)
def restless():
    """Let the interpreter change threads as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture(scope="module")
def noisy():
    """Features and answers for either estimator, of 80 items."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((80, 3))
    return {kind: (X, random_y(kind, rng, 80, 5)) for kind in METHODS}


def questions(estimator, X, y):
    """Everything to be asked of a fitted estimator about some items."""
    ask = [
        partial(estimator.predict, X),
        partial(estimator.score, X, y),
        partial(estimator.evaluate_answers, X, y),
        partial(estimator.label_quality, X, y, cv="prefit"),
        partial(estimator.answer_quality, X, y, cv="prefit"),
    ]
    if isinstance(estimator, CrowdRegressor):
        return [
            *ask,
            partial(estimator.predict, X, return_std=True),
            partial(estimator.predict_annotator, X),
        ]
    return [
        *ask,
        partial(estimator.predict_proba, X),
        partial(estimator.predict_annotator_proba, X),
    ]


def assert_threads_are_told_the_same(estimator, parts):
    """Ask about several parts of the items, one after the other, then all at once."""
    asked = [question for part in parts for question in questions(estimator, *part)]
    alone = [joblib.hash(question()) for question in asked]
    drawn = global_states()
    with ThreadPoolExecutor(N_THREADS) as pool:
        together = [pool.submit(question) for question in asked * 2]
        for found, expected in zip(together, alone * 2, strict=True):
            assert joblib.hash(found.result()) == expected
    assert global_states() == drawn


@pytest.mark.parametrize(("kind", "name"), EACH_SORT)
def test_many_threads_may_ask_one_model(kind, name, noisy):
    X, y = noisy[kind]
    model = with_mlp(name, kind, max_epochs=2).fit(X, y)
    parts = [(X[k : k + 50], y[k : k + 50]) for k in (0, 30)]
    assert_threads_are_told_the_same(model, parts)


@pytest.mark.parametrize("name", SEQUENCE_SORTS)
def test_many_threads_may_ask_one_tagger(name):
    model = tagger(name, max_epochs=1).fit(TOKENS, ANSWERS)
    rows = [np.arange(k, k + 10) for k in range(2)]
    parts = [(take(TOKENS, r), ANSWERS[r]) for r in rows]
    assert_threads_are_told_the_same(model, parts)


@pytest.mark.parametrize("name", ["majority_vote", "doctor_net", "kd_crowd"])
def test_a_fitted_network_is_ready_to_predict(name, noisy):
    """Else two threads would bring its parts into that mode."""
    net = with_mlp(name).fit(*noisy[CrowdClassifier]).net_
    parts = [*net.module_.modules(), *net.criterion_.modules()]
    assert not any(part.training for part in parts)


class Dropping(Linear):
    """A network that draws at random in training."""

    def forward(self, X):
        return super().forward(torch.nn.functional.dropout(X, 0.3, self.training))


FITS = {
    "classifier": lambda: with_mlp("em", module__dropout=0.3, module__hidden=(8,)),
    "own network": lambda: CrowdClassifier(Dropping, max_epochs=3, random_state=1),
    "conal": lambda: with_mlp("conal", random_state=2),
    "teachers": lambda: with_mlp("kd_crowd", method__n_teachers=2, method__n_jobs=2),
    "regressor": lambda: with_mlp("em", CrowdRegressor, calibrate=True),
    "distilled": lambda: with_mlp("kd_crowd", CrowdRegressor, method__n_jobs=2),
}


def fitted(name, noisy):
    model = FITS[name]()
    return model.fit(*noisy[type(model)])


@pytest.fixture(scope="module")
def in_turn(noisy):
    """Each fit once, one after another, twice in the list."""
    return [fitted(name, noisy) for name in FITS] * 2


@pytest.mark.parametrize("start", ["threading", "pool"])
def test_fits_in_threads_give_the_bits_of_fits_in_turn(start, noisy, in_turn):
    names = [*FITS] * 2
    torch.manual_seed(5)
    before = global_states(), torch.get_num_threads()
    if start == "threading":
        parallel = joblib.Parallel(N_THREADS, backend="threading")
        together = parallel(joblib.delayed(fitted)(name, noisy) for name in names)
    else:
        with ThreadPoolExecutor(N_THREADS) as pool:
            together = [*pool.map(partial(fitted, noisy=noisy), names)]
    assert (global_states(), torch.get_num_threads()) == before
    for ours, theirs in zip(together, in_turn, strict=True):
        assert_same_fit(ours, theirs)
        X = noisy[type(ours)][0]
        np.testing.assert_array_equal(everything(ours, X), everything(theirs, X))


def test_taggers_in_threads_give_the_bits_of_those_in_turn():
    def fit(seed):
        model = tagger(max_epochs=1, random_state=seed).fit(FEATURES, ANSWERS)
        return joblib.hash(model.predict_proba(FEATURES))

    alone = [fit(seed) for seed in range(3)]
    together = joblib.Parallel(3, backend="threading")(
        joblib.delayed(fit)(seed) for seed in range(3)
    )
    assert together == alone


@pytest.mark.parametrize(
    "backend", ["threading", pytest.param("loky", marks=pytest.mark.workers)]
)
def test_a_search_over_a_method_with_teachers_gives_the_same_scores(backend, noisy):
    X, y = noisy[CrowdClassifier]
    model = with_mlp("kd_crowd", max_epochs=2, method__n_teachers=2)

    def scores(of_teachers, of_search):
        grid = {"lr": [1e-3, 1e-2]}
        model.set_params(method__n_jobs=of_teachers)
        search = GridSearchCV(model, grid, cv=KFold(2), n_jobs=of_search)
        with joblib.parallel_config(backend=backend):
            return search.fit(X, y).cv_results_["mean_test_score"]

    before = global_states()
    alone = scores(None, None)
    assert alone[0] != alone[1]
    np.testing.assert_array_equal(scores(2, 2), alone)
    assert global_states() == before


@pytest.mark.parametrize("require", [None, "sharedmem"])
def test_teachers_need_no_other_threads(require, noisy, monkeypatch):
    """They could only take turns with this one."""
    X, y = noisy[CrowdClassifier]
    model = with_mlp("kd_crowd", method__n_teachers=2, method__n_jobs=2)
    monkeypatch.delattr("skcrowd.methods._teachers.Parallel")
    backend = {"require": require} if require else {"backend": "threading"}
    with joblib.parallel_config(**backend, n_jobs=2):
        first = model.fit(X, y)
    second = clone(model).set_params(method__n_jobs=None).fit(X, y)
    assert_same_fit(first, second)


@pytest.mark.parametrize("verbose", [0, 1])
def test_teachers_are_fitted_by_backends_that_give_all_results_at_once(
    verbose, noisy, capsys
):
    X, y = noisy[CrowdClassifier]
    model = with_mlp("kd_crowd", method__n_teachers=2, method__n_jobs=2)
    first = clone(model).set_params(method__n_jobs=None).fit(X, y)
    with joblib.parallel_config(backend="multiprocessing"):
        assert_same_fit(model.set_params(verbose=verbose).fit(X, y), first)


class OwnThreads:
    """What computes in threads without saying so, as some backends of joblib do."""

    def __init__(self, n_jobs):
        self.n_jobs = n_jobs

    def __call__(self, tasks):
        with ThreadPoolExecutor(self.n_jobs) as pool:
            return [*pool.map(lambda task: task[0](*task[1], **task[2]), tasks)]


def test_a_fit_does_not_wait_for_threads_that_wait_for_it(noisy, monkeypatch):
    X, y = noisy[CrowdClassifier]
    model = with_mlp("kd_crowd", method__n_teachers=2, method__n_jobs=2)
    first = clone(model).set_params(method__n_jobs=None).fit(X, y)
    monkeypatch.setattr("skcrowd.methods._teachers.Parallel", OwnThreads)
    with ThreadPoolExecutor(1) as pool:
        assert_same_fit(pool.submit(model.fit, X, y).result(timeout=60), first)


class Pausing(Callback):
    """Hold a fit in the middle of training, with torch seeded."""

    begun, may_end = Event(), Event()

    def on_epoch_begin(self, net, **kwargs):
        self.begun.set()
        assert self.may_end.wait(60)


@pytest.fixture
def pausing():
    Pausing.begun.clear()
    Pausing.may_end.clear()
    yield Pausing
    Pausing.may_end.set()


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (CrowdClassifier, "regularized_em"),
        (CrowdClassifier, "doctor_net"),
        (CrowdRegressor, "em"),
    ],
)
def test_predictions_need_not_wait_for_a_fit(kind, name, noisy, pausing):
    X, y = noisy[kind]
    old = with_mlp(name, kind).fit(X, y)
    expected = joblib.hash([question() for question in questions(old, X, y)])
    new = with_mlp(name, kind, callbacks=[pausing()])
    alone = with_mlp(name, kind).fit(X[:40], y[:40])
    with ThreadPoolExecutor(1) as pool:
        fit = pool.submit(new.fit, X[:40], y[:40])
        assert pausing.begun.wait(60)
        told = joblib.hash([question() for question in questions(old, X, y)])
        pausing.may_end.set()
        assert_same_fit(fit.result(timeout=60), alone)
    assert told == expected


def test_a_prediction_sees_one_fit(noisy, monkeypatch):
    """A fit in another thread may end in the middle of it."""
    X, y = noisy[CrowdRegressor]
    model, new = (
        with_mlp("em", CrowdRegressor).fit(X, scale * y) for scale in (1, 1000)
    )
    old, predict = clone(model).fit(X, y), CrowdRegressor._truth

    def replaced_meanwhile(estimator, features):
        model.__dict__ = dict(vars(new))
        return predict(estimator, features)

    monkeypatch.setattr(CrowdRegressor, "_truth", replaced_meanwhile)
    mean, std = model.predict(X, return_std=True)
    monkeypatch.undo()
    np.testing.assert_array_equal(mean, old.predict(X))
    assert std[0] == old.prediction_std_
    np.testing.assert_array_equal(model.predict(X), new.predict(X))
