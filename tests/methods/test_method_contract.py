"""What holds for every method of either estimator."""

import copy
import pickle

import numpy as np
import pytest
import torch
from _data import (
    EVERY_METHOD,
    METHODS,
    Linear,
    assert_same_fit,
    by_annotator,
    by_item,
    everything,
    global_states,
    nobody,
    predictions,
    random_y,
    small,
    small_method,
    whole,
)
from sklearn.base import clone
from skorch.callbacks import Callback

from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.methods import Method

pytestmark = pytest.mark.parametrize(("kind", "name"), EVERY_METHOD)


def predicted_answers(estimator, X):
    """What the annotators are expected to answer."""
    if isinstance(estimator, CrowdClassifier):
        return estimator.predict_annotator_proba(X)
    return estimator.predict_annotator(X)


def test_an_annotator_without_answers_changes_nothing_for_the_others(kind, name, data):
    X, y = data
    more = np.hstack([y[:, :2], nobody(kind, 60, 1), y[:, 2:]])
    alone, among = whole(name, kind).fit(X, y), whole(name, kind).fit(X, more)
    assert among.n_annotators_ == alone.n_annotators_ + 1
    for ours, theirs in zip(by_annotator(among), by_annotator(alone), strict=True):
        np.testing.assert_allclose(np.delete(ours, 2, axis=0), theirs, atol=1e-12)
        assert np.isfinite(ours).all()
    np.testing.assert_allclose(predictions(among, X), predictions(alone, X), atol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_items_without_answers_change_nothing_but_are_judged(
    kind, name, weighted, data
):
    X, y = data
    weight = np.linspace(0.5, 2, 100) if weighted else np.ones(100)
    X_more = np.vstack([X, 3 * X[:40] + 5])
    alone = small(name, kind).fit(X, y, sample_weight=weight[:60])
    among = small(name, kind)
    among.fit(X_more, np.vstack([y, nobody(kind, 40, 5)]), sample_weight=weight)
    np.testing.assert_allclose(predictions(among, X), predictions(alone, X), atol=1e-12)
    for ours, theirs in zip(by_annotator(among), by_annotator(alone), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    for ours, theirs in zip(by_item(among), by_item(alone), strict=True):
        np.testing.assert_allclose(ours[:60], theirs, atol=1e-12)
        assert np.isfinite(ours[60:]).all()
    if kind is CrowdRegressor:
        assert among.prediction_std_ == pytest.approx(alone.prediction_std_, rel=1e-9)


def test_the_same_seed_gives_the_same_bits(kind, name, data):
    X = data[0].astype(np.float32)
    settings = {"batch_size": 16, "module__dropout": 0.2, "early_stopping": True}
    torch.manual_seed(1)
    first = small(name, kind, **settings).fit(X, data[1])
    torch.manual_seed(2)
    second = small(name, kind, **settings).fit(X, data[1])
    assert_same_fit(first, second)
    assert (everything(first, X) == everything(second, X)).all()
    other = small(name, kind, random_state=1, **settings).fit(X, data[1])
    assert (predictions(other, X) != predictions(first, X)).any()


def test_refitting_forgets_the_first_fit(kind, name, data):
    X = data[0]
    once = small(name, kind).fit(X, data[1])
    twice = small(name, kind).fit(X[:30], data[1][:30, :4]).fit(X, data[1])
    assert_same_fit(once, twice)


def test_the_callers_generators_are_untouched(kind, name, data):
    before = global_states()
    clf = small(name, kind, early_stopping=True, module__dropout=0.5).fit(*data)
    assert global_states() == before
    predictions(clf, data[0])
    predicted_answers(clf, data[0])
    clf.score(*data)
    assert global_states() == before


def test_get_set_and_clone_parameters(kind, name):
    method = METHODS[kind][name]()
    assert isinstance(method, Method)
    clf = kind(method=method)
    for parameter, value in method.get_params().items():
        key = f"method__{parameter}"
        assert clf.get_params()[key] == value
        by_name = kind(method=name, **{key: value})
        assert clone(by_name).get_params()[key] == value
    assert repr(clone(method)) == repr(method)
    assert clone(clf).method is not method


def test_pickle_predicts_identically(kind, name, data):
    X = data[0]
    clf = small(name, kind, early_stopping=True).fit(X, data[1])
    twin = pickle.loads(pickle.dumps(clf))
    assert (twin.predict(X) == clf.predict(X)).all()
    assert (everything(twin, X) == everything(clf, X)).all()
    assert (predicted_answers(clf, X) == predicted_answers(twin, X)).all()
    assert twin.score(X, data[1]) == clf.score(X, data[1])
    assert_same_fit(twin.fit(X, data[1]), clf)


def test_pickle_does_not_carry_the_training_data(kind, name):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((1000, 100)), random_y(kind, rng, 1000, 4, 2)
    clf = small(name, kind, max_epochs=3, early_stopping=True).fit(X, y)
    assert len(pickle.dumps(clf)) < X.nbytes / 8


class Counter(Callback):
    """A callback with a memory."""

    def __init__(self):
        self.epochs = 0

    def on_epoch_end(self, net, **kwargs):
        self.epochs += 1


def test_fit_leaves_what_it_was_given(kind, name, data):
    X, y = (values.copy() for values in data)
    weight = np.linspace(0.5, 1.5, len(X))
    method, network, callback = (
        small_method(name, kind),
        Linear(3, 3 if kind is CrowdClassifier else 1),
        Counter(),
    )
    given = {"method": method, "module": network, "callbacks": [callback]}
    clf = kind(**given, max_epochs=3, lr=0.1, random_state=0)
    parameters = clf.get_params()
    weights = copy.deepcopy(network.state_dict())
    memory = copy.deepcopy(vars(method))
    clf.fit(X, y, sample_weight=weight)
    assert clf.get_params() == parameters
    assert vars(method) == memory
    assert callback.epochs == 0
    for key, value in network.state_dict().items():
        assert torch.equal(value, weights[key])
    assert (data[0] == X).all()
    assert np.array_equal(data[1], y, equal_nan=True)
    assert (weight == np.linspace(0.5, 1.5, len(X))).all()


def test_features_keep_their_precision(kind, name, data):
    X, y = data
    single = small(name, kind).fit(X.astype(np.float32), y)
    double = small(name, kind).fit(X, y)
    for estimator, dtype in ((single, torch.float32), (double, torch.float64)):
        criterion = estimator.net_.criterion_
        tensors = [*estimator.net_.module_.parameters(), *criterion.parameters()]
        assert {tensor.dtype for tensor in tensors} == {dtype}
        assert predictions(estimator, X).dtype == np.float64
        assert {v.dtype for v in by_annotator(estimator)} == {np.dtype(float)}
    np.testing.assert_allclose(everything(single, X), everything(double, X), rtol=0.1)
