"""Numbers too large to compute with are refused before any training, by name."""

import numpy as np
import pandas as pd
import pytest

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.annotations import SequenceAnnotations
from skcrowd.estimators._parameter_checks import make_method
from skcrowd.training import CrowdNet

RNG = np.random.default_rng(0)
X = RNG.standard_normal((16, 3)).astype(np.float32)
LABELS = RNG.integers(0, 2, (16, 3))
RATINGS = RNG.standard_normal((16, 3))
DATA = {
    CrowdClassifier: LABELS,
    CrowdRegressor: RATINGS,
    CrowdSequenceTagger: LABELS,
}
ESTIMATORS = [*DATA]
PARAMETERS = {
    "iterator_train__batch_size": [[], 2.0, "all", True, 0, 2**70],
    "optimizer__weight_decay": [np.inf, np.nan, 1e300],
    "module__center": [-np.inf, [1, 2]],
    "module__scale": [0.0, -1.0, np.nan],
    "module__hidden": [range(3), 0, [2.5]],
    "lr": [1e300, np.inf, 10**400],
}


@pytest.fixture(autouse=True)
def no_training(monkeypatch):
    def train(self, *args, **kwargs):
        raise AssertionError("training began")

    monkeypatch.setattr(CrowdNet, "train_step_single", train)


@pytest.mark.parametrize("kind", ESTIMATORS)
@pytest.mark.parametrize("name", [*PARAMETERS])
def test_parameters(kind, name):
    for value in PARAMETERS[name]:
        with pytest.raises(ValueError, match=name.rpartition("__")[2]):
            kind(**{name: value}).fit(X, DATA[kind])


@pytest.mark.parametrize("kind", ESTIMATORS)
@pytest.mark.parametrize("name", ["n_jobs", "n_teachers", "temperature"])
def test_parameters_of_methods(kind, name):
    known = make_method(kind(method="kd_crowd")).get_params()
    if name not in known:
        name = "scale_std" if kind is CrowdRegressor else "n_rounds"
    value = 1e300 if isinstance(known[name], float) else 10**30
    with pytest.raises(ValueError, match=f"'{name}' parameter"):
        kind(method="kd_crowd", **{f"method__{name}": value}).fit(X, DATA[kind])


@pytest.mark.parametrize("kind", ESTIMATORS)
@pytest.mark.parametrize("method", ["kd_crowd", "default"])
def test_options_of_no_callback(kind, method):
    method = {} if method == "default" else {"method": method}
    with pytest.raises(ValueError, match="no callback 'zz'"):
        kind(callbacks__zz=1, **method).fit(X, DATA[kind])


@pytest.mark.parametrize("method", ["mean", "weighted_mean", "gaussian_layer"])
@pytest.mark.parametrize("value", [10**30, 1e20, -1e200])
def test_gold_in_another_unit(method, value):
    gold = [value, *[None] * 15]
    with pytest.raises(ValueError, match="gold holds"):
        CrowdRegressor(method=method).fit(X, RATINGS, gold=gold)


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_features(kind):
    for features in (X * np.float32(1e38), X.astype(float) * 1e200):
        with pytest.raises(ValueError, match="bring X to a common scale"):
            kind().fit(features, DATA[kind])
    for features in (X * np.float32(1e-40), X.astype(float) * 1e-310):
        with pytest.raises(ValueError, match=r"too small for float.*common scale"):
            kind().fit(features, DATA[kind])
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.asmatrix(X)
    with pytest.raises(TypeError, match=r"np\.matrix"):
        kind().fit(matrix, DATA[kind])


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
def test_items_without_features(kind):
    with pytest.raises(ValueError, match=r"0 feature\(s\)"):
        kind().fit(np.zeros((16, 3, 0), np.float32), DATA[kind])


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_questions_of_a_prior(kind):
    for n_questions in (1e300, np.inf, -1):
        with pytest.raises(ValueError, match="annotator_prior of 0"):
            kind(annotator_prior={0: (0.9, n_questions)}).fit(X, DATA[kind])


@pytest.mark.parametrize("shape", [16, (16, 2)])
@pytest.mark.parametrize("kind", ESTIMATORS)
def test_largest_numbers_as_y(kind, shape):
    with pytest.raises(ValueError, match=r"too large|continuous"):
        kind().fit(X, np.full(shape, np.finfo(float).max))


@pytest.mark.parametrize("y", [RATINGS, RATINGS[:, 0]])
def test_smallest_differences_of_ratings(y):
    with pytest.raises(ValueError, match="too small to compute with"):
        CrowdRegressor().fit(X, y * 1e-155)


@pytest.mark.parametrize("kind", [CrowdClassifier, CrowdRegressor])
@pytest.mark.parametrize("n_annotators", [1, 2])
def test_cells_that_are_no_answers(kind, n_annotators):
    sequences = SequenceAnnotations.from_flat(
        np.zeros((16, n_annotators), int), [1] * 16
    )
    with pytest.raises((TypeError, ValueError), match="y"):
        kind().fit(X, sequences)
    lists = pd.DataFrame({k: [[1]] * 16 for k in range(n_annotators)})
    with pytest.raises((TypeError, ValueError), match="y"):
        kind().fit(X, lists)


def test_held_out_ratings_far_from_the_others():
    # the unit is that of the answers trained on, which may all be the same
    from skcrowd import Annotations
    from skcrowd.estimators._numbers import AnswerScaler

    y = Annotations.from_dense([[2.0], [2.0], [1e140]], kind="numbers")
    unit = AnswerScaler.from_answers(y, np.array([1.0, 1.0, 0.0]))
    assert np.abs(unit.transform(y.answer)).max() <= 1
