"""skops takes fitted estimators, and loads what it is told to trust."""

import copy
import json
import pickle

import numpy as np
import pytest
import skops.io
import torch
from _data import METHODS, Linear, everything, small
from _persistence import assert_alike, assert_same_attributes
from _sequence_data import ANSWERS, FEATURES, TOKENS, TokenLinear
from sklearn import config_context
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skops.io.exceptions import UntrustedTypesFoundException
from skorch.callbacks import EpochTimer
from torch import nn

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.estimators._fitted import Fitted
from skcrowd.exceptions import CrowdVersionWarning
from skcrowd.persistence import _portable
from skcrowd.persistence._nameable import fixed_name

FITTED = "skcrowd.estimators._fitted.Fitted"
ADAM = "torch.optim.adam.Adam"
CLASSIFIER = "skcrowd.estimators._classifier.CrowdClassifier"
TRUSTED = {
    CrowdClassifier: {FITTED, ADAM, CLASSIFIER},
    CrowdRegressor: {FITTED, ADAM, "skcrowd.estimators._regressor.CrowdRegressor"},
    CrowdSequenceTagger: {
        FITTED,
        ADAM,
        "skcrowd.estimators._tagger.CrowdSequenceTagger",
    },
}


def through_skops(model):
    stored = skops.io.dumps(model)
    return skops.io.loads(stored, trusted=skops.io.get_untrusted_types(data=stored))


@pytest.fixture(scope="module")
def fitted(items, answers, rated_items):
    data = {
        CrowdClassifier: (items[0], answers),
        CrowdRegressor: rated_items[::2],
        CrowdSequenceTagger: (TOKENS, ANSWERS),
    }
    return {
        kind: (kind(max_epochs=2, random_state=0).fit(X, y), X)
        for kind, (X, y) in data.items()
    }


@pytest.mark.parametrize("kind", TRUSTED)
def test_every_estimator(kind, fitted):
    estimator, X = fitted[kind]
    stored = skops.io.dumps(estimator)
    assert set(skops.io.get_untrusted_types(data=stored)) == TRUSTED[kind]
    twin = skops.io.loads(stored, trusted=sorted(TRUSTED[kind]))
    assert_same_attributes(twin, estimator)
    assert_alike(twin.predict(X), estimator.predict(X))


@pytest.mark.parametrize("kind", TRUSTED)
def test_nothing_is_loaded_without_trust(kind, fitted):
    stored = skops.io.dumps(fitted[kind][0])
    for left_out in TRUSTED[kind]:
        with pytest.raises(UntrustedTypesFoundException, match=left_out):
            skops.io.loads(stored, trusted=sorted(TRUSTED[kind] - {left_out}))


def test_every_method(kind, data):
    for name in METHODS[kind]:
        estimator = small(name, kind, max_epochs=2).fit(*data)
        twin = through_skops(estimator)
        assert (everything(twin, data[0]) == everything(estimator, data[0])).all()


def test_a_tagger_with_a_network_of_the_users():
    estimator = CrowdSequenceTagger(TokenLinear, max_epochs=2).fit(FEATURES, ANSWERS)
    twin = through_skops(estimator)
    assert twin.module is TokenLinear
    for output in ("predict", "predict_proba", "predict_annotator_proba"):
        assert_alike(
            getattr(twin, output)(FEATURES), getattr(estimator, output)(FEATURES)
        )


@pytest.mark.parametrize("is_fitted", [False, True])
def test_requests_for_metadata(is_fitted, items, answers):
    with config_context(enable_metadata_routing=True):
        estimator = CrowdClassifier(max_epochs=2).set_fit_request(sample_weight=True)
        if is_fitted:
            estimator.fit(items[0], answers)
        twin = through_skops(estimator)
        ours, theirs = twin.get_metadata_routing(), estimator.get_metadata_routing()
        assert repr(ours) == repr(theirs)


def test_a_pipeline(items, answers):
    pipeline = make_pipeline(StandardScaler(), CrowdClassifier(max_epochs=2))
    twin = through_skops(pipeline.fit(items[0], answers))
    assert (twin.predict_proba(items[0]) == pipeline.predict_proba(items[0])).all()


def test_a_search(items, answers):
    search = GridSearchCV(small(max_epochs=2), {"lr": [0.01, 0.1]}, cv=2)
    twin = through_skops(search.fit(items[0], answers))
    assert twin.best_params_ == search.best_params_
    assert (twin.predict_proba(items[0]) == search.predict_proba(items[0])).all()


def test_it_can_be_fitted_again(fitted, items, answers):
    estimator, X = fitted[CrowdClassifier]
    twin = through_skops(estimator).fit(X, answers)
    assert (twin.predict_proba(X) == estimator.predict_proba(X)).all()


def test_a_class_of_the_users(items, answers):
    estimator = CrowdClassifier(Linear, max_epochs=2, module__factor=0.5)
    stored = skops.io.dumps(estimator.fit(items[0], answers))
    untrusted = set(skops.io.get_untrusted_types(data=stored))
    assert untrusted - TRUSTED[CrowdClassifier] == {"_data.Linear"}
    twin = skops.io.loads(stored, trusted=sorted(untrusted))
    assert (twin.predict_proba(items[0]) == estimator.predict_proba(items[0])).all()


def test_an_instance_of_torch(items, answers):
    module = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 3))
    estimator = CrowdClassifier(module, max_epochs=2).fit(items[0], answers)
    twin = through_skops(estimator)
    assert_alike(twin.module, module)
    assert (twin.predict_proba(items[0]) == estimator.predict_proba(items[0])).all()


def test_an_instance_of_the_users_is_refused(items, answers):
    estimator = CrowdClassifier(Linear(3, 3), max_epochs=2).fit(items[0], answers)
    with pytest.raises(TypeError, match=r"module holds .*Linear.*joblib\.dump"):
        skops.io.dumps(estimator)


def test_callbacks_are_for_skops_to_judge(items, answers):
    estimator = CrowdClassifier(max_epochs=2, callbacks=[EpochTimer()])
    stored = skops.io.dumps(estimator.fit(items[0], answers))
    untrusted = set(skops.io.get_untrusted_types(data=stored))
    (timer,) = untrusted - TRUSTED[CrowdClassifier]
    assert timer.endswith(".EpochTimer")
    twin = skops.io.loads(stored, trusted=sorted(untrusted))
    assert type(twin.callbacks[0]) is EpochTimer


def held(estimator):
    """What skops keeps of the fitted attributes."""
    return estimator.__getstate__()["_fitted"].__getstate__()


def load_with(estimator, monkeypatch, **changes):
    state = {**held(estimator), **changes}
    monkeypatch.setattr(Fitted, "__getstate__", lambda self: state)
    return through_skops(estimator)


def test_text_and_arrays_are_all_that_it_keeps(fitted):
    for estimator, _ in fitted.values():
        state = held(estimator)
        assert [type(value) for value in state.values()] == [int, str, dict]
        assert {type(array) for array in state["arrays"].values()} == {np.ndarray}


@pytest.mark.parametrize("name", ["os.system", "builtins.eval", "torch.load"])
def test_a_file_names_no_other_code(name, fitted, monkeypatch):
    estimator, _ = fitted[CrowdClassifier]
    tree = held(estimator)["tree"]
    known = json.dumps(fixed_name(torch.optim.Adam))
    assert known in tree
    with pytest.raises(ValueError, match=f"{name}.*not a class that this version"):
        load_with(estimator, monkeypatch, tree=tree.replace(known, json.dumps(name)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 99}, "is of format 99.*pip install --upgrade skcrowd"),
        ({"arrays": {}}, "does not fit together"),
        ({"tree": "{"}, "cannot be loaded"),
        ({"tree": "[1]"}, "does not fit together"),
    ],
)
def test_a_damaged_file(changes, message, fitted, monkeypatch):
    with pytest.raises(ValueError, match=message):
        load_with(fitted[CrowdClassifier][0], monkeypatch, **changes)


def test_another_version_says_so(fitted, monkeypatch):
    estimator, _ = fitted[CrowdClassifier]
    state = {**estimator.__getstate__(), "_skcrowd_version": "0.0.9"}
    monkeypatch.setattr(CrowdClassifier, "__getstate__", lambda self: state)
    with pytest.warns(CrowdVersionWarning, match=r"0\.0\.9"):
        through_skops(estimator)


@pytest.mark.parametrize("kind", TRUSTED)
def test_pickle_and_copies_keep_the_objects(kind, fitted, monkeypatch):
    """Callbacks of the net and what it held out too, which the text leaves out."""
    monkeypatch.setattr(_portable, "write", None)
    monkeypatch.setattr(_portable, "read", None)
    estimator, _ = fitted[kind]
    for twin in (pickle.loads(pickle.dumps(estimator)), copy.deepcopy(estimator)):
        assert_same_attributes(twin, estimator)
        names = [name for name, _ in twin.net_.callbacks_]
        assert names == [name for name, _ in estimator.net_.callbacks_]
        assert twin.net_ is not estimator.net_
    assert copy.copy(estimator).net_ is estimator.net_


def test_pickles_from_before(fitted):
    """Those of earlier versions have the attributes one by one."""
    estimator, X = fitted[CrowdClassifier]
    state = {
        **vars(estimator),
        "_skcrowd_version": estimator.__getstate__()["_skcrowd_version"],
    }
    twin = CrowdClassifier.__new__(CrowdClassifier)
    twin.__setstate__(copy.deepcopy(state))
    assert (twin.predict_proba(X) == estimator.predict_proba(X)).all()
