"""pickle, joblib, cloudpickle and copies: what they keep, and the version."""

import copy
import pickle
import warnings
from importlib.metadata import version
from io import BytesIO

import cloudpickle
import joblib
import numpy as np
import pytest
import skops.io
import torch
from _data import METHODS, Linear, everything, random_answers, small
from _persistence import again, assert_same_attributes
from _sequence_data import ANSWERS, TOKENS, tagger
from sklearn.base import clone
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.exceptions import CrowdVersionWarning

ESTIMATORS = [CrowdClassifier, CrowdRegressor, CrowdSequenceTagger]


def through_joblib(estimator):
    file = BytesIO()
    joblib.dump(estimator, file)
    file.seek(0)
    return joblib.load(file)


def through_cloudpickle(estimator):
    return pickle.loads(cloudpickle.dumps(estimator))


WAYS = {
    "pickle": lambda estimator: pickle.loads(pickle.dumps(estimator)),
    "old pickle": lambda estimator: pickle.loads(pickle.dumps(estimator, protocol=2)),
    "joblib": through_joblib,
    "cloudpickle": through_cloudpickle,
    "deepcopy": copy.deepcopy,
}


@pytest.fixture(scope="module")
def fitted(items, answers, rated_items):
    return {
        CrowdClassifier: small().fit(items[0], answers),
        CrowdRegressor: small("em", CrowdRegressor).fit(*rated_items[::2]),
        CrowdSequenceTagger: tagger("em").fit(TOKENS, ANSWERS),
    }


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("kind", ESTIMATORS)
def test_every_way(kind, way, fitted):
    twin = way(fitted[kind])
    assert_same_attributes(twin, fitted[kind])
    unfitted = way(clone(fitted[kind]))
    assert repr(unfitted) == repr(fitted[kind])


def test_every_way_with_every_method(kind, data):
    for name in METHODS[kind]:
        estimator = small(name, kind, max_epochs=2).fit(*data)
        told = everything(estimator, data[0])
        for way in (through_cloudpickle, copy.deepcopy):
            assert (everything(way(estimator), data[0]) == told).all()


def test_cloudpickle_carries_classes_of_a_notebook(items, answers):
    mine = type("Mine", (Linear,), {"__module__": "__main__"})
    estimator = CrowdClassifier(mine, max_epochs=2).fit(items[0], answers)
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(estimator)
    twin = pickle.loads(cloudpickle.dumps(estimator))
    assert (twin.predict(items[0]) == estimator.predict(items[0])).all()


def test_a_pipeline(items, answers):
    pipeline = make_pipeline(StandardScaler(), small()).fit(items[0], answers)
    twin = pickle.loads(pickle.dumps(pipeline))
    assert (twin.predict_proba(items[0]) == pipeline.predict_proba(items[0])).all()


def test_a_pipeline_without_pickle(items, answers, tmp_path):
    """The way that docs/guide/persistence.md shows."""
    pipeline = make_pipeline(StandardScaler(), small()).fit(items[0], answers)
    steps = skops.io.loads(skops.io.dumps(pipeline[:-1]))
    twin = make_pipeline(*steps, again(pipeline[-1], tmp_path))
    assert (twin.predict_proba(items[0]) == pipeline.predict_proba(items[0])).all()


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_skops_takes_estimators_that_are_not_fitted(kind, fitted):
    estimator = clone(fitted[kind])
    content = skops.io.dumps(estimator)
    trusted = skops.io.get_untrusted_types(data=content)
    assert {name.partition(".")[0] for name in trusted} == {"skcrowd", "torch"}
    assert repr(skops.io.loads(content, trusted=trusted)) == repr(estimator)


def test_pickles_of_this_version_are_silent(fitted):
    state = fitted[CrowdClassifier].__getstate__()
    assert state["_skcrowd_version"] == version("skcrowd")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        twin = copy.deepcopy(fitted[CrowdClassifier])
    assert "_skcrowd_version" not in vars(twin)


@pytest.mark.parametrize("kind", ESTIMATORS)
@pytest.mark.parametrize("original", ["0.0.9", None])
def test_pickles_of_another_version_say_so(kind, original, fitted, monkeypatch):
    state = fitted[kind].__getstate__()
    state.pop("_skcrowd_version")
    if original:
        state["_skcrowd_version"] = original
    monkeypatch.setattr(kind, "__getstate__", lambda self: state)
    content = pickle.dumps(fitted[kind])
    with pytest.warns(InconsistentVersionWarning) as caught:
        pickle.loads(content)
    (warning,) = caught
    assert warning.category is CrowdVersionWarning
    assert warning.message.estimator_name == kind.__name__
    assert warning.message.current_version == version("skcrowd")
    assert warning.message.original_version == (original or "of unknown version")
    for word in (kind.__name__, version("skcrowd"), original or "unknown"):
        assert word in str(warning.message)


def table_size(estimator):
    """Bytes that the annotator model's numbers take."""
    numbers = [*estimator.annotator_model_.parameters()]
    numbers += estimator.annotator_model_.buffers()
    return sum(values.nbytes for values in numbers)


@pytest.mark.parametrize(
    ("name", "copies"), [("em", 2), ("crowd_layer", 2), ("conal", 2), ("doctor_net", 3)]
)
def test_an_annotator_costs_a_pickle_little(name, copies):
    """What the annotator model knows of them a few times, and their confusions."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((300, 2)).astype(np.float32)
    sizes, tables = [], []
    for n_annotators in (50, 1000):
        y = random_answers(rng, 300, n_annotators, 3, share=0.02)
        estimator = small(name, max_epochs=2).fit(X, y)
        sizes.append(len(pickle.dumps(estimator)))
        tables.append(table_size(estimator))
    tables_grow = tables[1] - tables[0]
    confusions_grow = 2 * 950 * 9 * 8  # and the counts behind them
    names_and_counts = 950 * 3 * 8
    right_answers_grow = 950 * 4 * 8  # two means and two variances
    grows = copies * tables_grow + confusions_grow + names_and_counts
    grows += right_answers_grow
    assert sizes[1] - sizes[0] < 1.1 * grows


@pytest.mark.parametrize("device", ["cpu", torch.device("cpu")], ids=["own", "skorch"])
@pytest.mark.parametrize("module", [None, "instance"])
def test_a_pickled_net_continues_training(module, device, items, answers):
    X = items[0].astype(np.float32)
    settings = {"module__hidden": (4,)} if module is None else {"module": Linear(3, 3)}
    settings |= {"method": "crowd_layer", "max_epochs": 3}
    clf = CrowdClassifier(**settings).fit(X, answers)
    clf.net_.device = device  # what is not "cpu" is pickled in skorch's way
    net = pickle.loads(pickle.dumps(clf)).net_
    assert net.criterion is net.criterion_
    assert (net.module is net.module_) == (module == "instance")
    step_counts = [float(s["step"]) for s in net.optimizer_.state.values()]
    assert min(step_counts) > 0
    trained = {
        id(p) for g in net.annotator_optimizer_.param_groups for p in g["params"]
    }
    assert trained == {id(p) for p in net.criterion_.parameters()}
    before = [values.detach().clone() for values in net.criterion_.parameters()]
    net.criterion_.train()
    for values in net.criterion_.parameters():
        values.grad = torch.ones_like(values)
    net.annotator_optimizer_.step()
    assert all(map(torch.ne, map(torch.sum, before), _sums(net)))


def _sums(net):
    return [values.detach().sum() for values in net.criterion_.parameters()]
