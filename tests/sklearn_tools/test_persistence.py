"""A pipeline with an estimator is cloned and stored, fitted or not."""

import io
import pickle

import cloudpickle
import joblib
import numpy as np
import pytest
import skops.io
from _tool_outcomes import as_container, estimator, features
from _tools import flat
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger


def through_joblib(model):
    file = io.BytesIO()
    joblib.dump(model, file)
    file.seek(0)
    return joblib.load(file)


def through_skops(model):
    stored = skops.io.dumps(model)
    return skops.io.loads(stored, trusted=skops.io.get_untrusted_types(data=stored))


FITTED = {
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "joblib": through_joblib,
    "cloudpickle": lambda model: pickle.loads(cloudpickle.dumps(model)),
    "skops": through_skops,
}
UNFITTED = {**FITTED, "clone": clone}
KINDS = [CrowdClassifier, CrowdRegressor, CrowdSequenceTagger]
of_all = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def pipeline(kind):
    return make_pipeline("passthrough", estimator(kind))


@of_all
@pytest.mark.parametrize("copy", FITTED)
def test_a_fitted_pipeline(kind, copy):
    X, y = features(kind), as_container(kind)
    model = pipeline(kind).fit(X, y)
    again = FITTED[copy](model)
    np.testing.assert_array_equal(flat(again.predict(X)), flat(model.predict(X)))
    assert again.score(X, y) == model.score(X, y)


@of_all
@pytest.mark.parametrize("copy", UNFITTED)
def test_a_pipeline_to_be_fitted(kind, copy):
    X, y = features(kind), as_container(kind)
    model = pipeline(kind)
    again = UNFITTED[copy](model)
    with pytest.raises(NotFittedError):
        again.predict(X)
    ours, theirs = again.fit(X, y).predict(X), model.fit(X, y).predict(X)
    np.testing.assert_array_equal(flat(ours), flat(theirs))


@of_all
def test_a_clone_of_a_fitted_one_is_not_fitted(kind):
    model = pipeline(kind).fit(features(kind), as_container(kind))
    with pytest.raises(NotFittedError):
        clone(model).predict(features(kind))
