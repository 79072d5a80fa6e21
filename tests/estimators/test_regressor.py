"""What is particular to CrowdRegressor: units, annotators, uncertainty, true values."""

import pickle
import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest
import torch
from _data import (
    Linear,
    assert_same_fit,
    everything,
    rated,
    rating_forms,
    small_method,
    whole,
    with_mlp,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.base import clone
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.metrics import r2_score

from skcrowd import Annotations, CrowdClassifier, CrowdRegressor, load, save
from skcrowd.annotators import AnnotatorModel
from skcrowd.exceptions import CrowdWarning
from skcrowd.methods import LABEL_METHODS, NUMBER_METHODS
from skcrowd.metrics._scorer_names import answer_log_likelihood

methods = pytest.mark.parametrize("name", NUMBER_METHODS)
HAS_SCALES = ("em", "gaussian_layer", "weighted_mean")


def regressor(name="em", **parameters):
    return with_mlp(name, CrowdRegressor, **parameters)


def with_scales(name):
    """Build a method that learns scales."""
    method = small_method(name, CrowdRegressor)
    return method.set_params(scale_std=0.3) if name in HAS_SCALES else method


@pytest.fixture(scope="module", params=NUMBER_METHODS)
def reg(request, rated_items):
    X, _, y = rated_items
    return regressor(with_scales(request.param), max_epochs=10).fit(X, y)


def test_attributes(reg, rated_items):
    X = rated_items[0]
    for name in ("annotator_bias_", "annotator_scale_", "annotator_noise_std_"):
        values = getattr(reg, name)
        assert values.shape == (5,)
        assert values.dtype == np.float64
        assert np.isfinite(values).all()
    assert (reg.annotator_noise_std_ > 0).all()
    assert (reg.posterior_mean_.shape, reg.posterior_std_.shape) == ((60,), (60,))
    assert (reg.posterior_std_ >= 0).all()
    assert reg.prediction_std_ > 0
    assert (reg.n_annotators_, reg.n_features_in_, reg.n_iter_) == (5, 3, 10)
    assert reg.history_ is reg.net_.history
    assert isinstance(reg.annotator_model_, AnnotatorModel)
    assert not hasattr(reg, "classes_")
    assert reg.predict(X).shape == (60,)


def test_confusions_are_the_maps_from_truth_to_expected_rating(reg):
    maps = reg.annotator_confusion_
    np.testing.assert_array_equal(maps[:, 0, 0], reg.annotator_scale_)
    np.testing.assert_array_equal(maps[:, 0, 1], reg.annotator_bias_)
    np.testing.assert_array_equal(maps[:, 1], np.tile([0, 1], (5, 1)))
    np.testing.assert_array_equal(maps, reg.annotator_model_.confusion())


def test_the_affine_maps_are_an_alias_that_is_stored_once(reg, tmp_path):
    assert reg.annotator_affine_ is reg.annotator_confusion_
    assert "annotator_affine_" not in vars(reg)
    save(reg, tmp_path / "regressor")
    for copy in (load(tmp_path / "regressor"), pickle.loads(pickle.dumps(reg))):
        np.testing.assert_array_equal(copy.annotator_affine_, reg.annotator_affine_)
    assert not hasattr(clone(reg), "annotator_affine_")


def test_annotators_rate_as_their_maps_say(reg, rated_items):
    X = rated_items[0]
    expected = np.outer(reg.predict(X), reg.annotator_scale_) + reg.annotator_bias_
    np.testing.assert_allclose(reg.predict_annotator(X), expected)


def test_the_spread_of_the_truth_comes_with_predictions(reg, rated_items):
    X = rated_items[0]
    mean, std = reg.predict(X, return_std=True)
    np.testing.assert_array_equal(mean, reg.predict(X))
    np.testing.assert_array_equal(std, np.full(60, reg.prediction_std_))


def log_density(reg, X, y):
    """log p(rating) of every rating, and its item."""
    item, r = np.nonzero(~np.isnan(y))
    var = (
        reg.annotator_noise_std_**2 + (reg.annotator_scale_ * reg.prediction_std_) ** 2
    )
    expected = reg.predict_annotator(X)[item, r]
    return item, norm.logpdf(y[item, r], expected, np.sqrt(var[r]))


def test_ratings_give_their_mean_log_density(reg, rated_items):
    X, _, y = rated_items
    item, expected = log_density(reg, X, y)
    assert answer_log_likelihood(reg, X, y) == pytest.approx(expected.mean())
    weight = np.linspace(0, 2, 60)
    found = answer_log_likelihood(reg, X, y, sample_weight=weight)
    assert found == pytest.approx(np.average(expected, weights=weight[item]))


def test_the_score_of_ratings_is_explained_variance(reg, rated_items):
    X, _, y = rated_items
    item, r = np.nonzero(~np.isnan(y))
    weight = (reg.annotator_scale_ / reg.annotator_noise_std_) ** 2
    expected = r2_score(
        y[item, r], reg.predict_annotator(X)[item, r], sample_weight=weight[r]
    )
    assert isinstance(reg.score(X, y), float)
    assert reg.score(X, y) == pytest.approx(expected)


def test_every_form_gets_the_same_score(reg, rated_items):
    X, _, y = rated_items
    scores = {reg.score(X, form) for form in rating_forms(y).values()}
    assert scores == {reg.score(X, y)}


def test_true_numbers_give_r2(reg, rated_items):
    X, truth, _ = rated_items
    weight = np.linspace(0, 1, 60)
    expected = r2_score(truth, reg.predict(X), sample_weight=weight)
    assert reg.score(X, truth) == r2_score(truth, reg.predict(X))
    assert reg.score(X, truth, sample_weight=weight) == expected


def test_the_crowd_as_a_whole_is_right(reg, rated_items):
    y = rated_items[2]
    n_answers = (~np.isnan(y)).sum(axis=0)
    at_mean = reg.annotator_bias_ + (reg.annotator_scale_ - 1) * np.nanmean(y)
    assert np.average(at_mean, weights=n_answers) == pytest.approx(0, abs=1e-6)
    assert reg.annotator_scale_.min() <= 1 <= reg.annotator_scale_.max()


def test_the_posterior_is_network_and_ratings_weighed(rated_items):
    X, _, y = rated_items
    for name in ("em", "gaussian_layer", "crowd_layer"):
        reg = regressor(with_scales(name)).fit(X, y)
        scale, bias = reg.annotator_scale_, reg.annotator_bias_
        noise_var = reg.annotator_noise_std_**2
        precision = 1 / reg.prediction_std_**2 + np.where(
            np.isnan(y), 0, scale**2 / noise_var
        ).sum(axis=1)
        pull = np.nansum((y - bias) * scale / noise_var, axis=1)
        mean = (reg.predict(X) / reg.prediction_std_**2 + pull) / precision
        np.testing.assert_allclose(reg.posterior_mean_, mean, rtol=1e-6)
        np.testing.assert_allclose(reg.posterior_std_, precision**-0.5, rtol=1e-6)


@cache
def fitted_with_scales(name):
    X, _, simulation = rated(40, {"average": 4}, 3)
    return regressor(with_scales(name)).fit(X, simulation.annotations.to_dense())


@methods
@settings(max_examples=4, deadline=None)
@given(a=st.floats(1e-3, 1e3), b=st.floats(-100, 100))
def test_another_unit_of_the_ratings(name, a, b):
    X, _, simulation = rated(40, {"average": 4}, 3)
    y = simulation.annotations.to_dense()
    first = fitted_with_scales(name)
    second = regressor(with_scales(name)).fit(X, a * y + b)
    tolerance = {"rtol": 1e-6, "atol": 1e-6 * (a + abs(b))}
    np.testing.assert_allclose(second.predict(X), a * first.predict(X) + b, **tolerance)
    np.testing.assert_allclose(
        second.posterior_mean_, a * first.posterior_mean_ + b, **tolerance
    )
    np.testing.assert_allclose(
        second.annotator_scale_, first.annotator_scale_, rtol=1e-6
    )
    expected = a * first.annotator_bias_ + b * (1 - first.annotator_scale_)
    np.testing.assert_allclose(second.annotator_bias_, expected, **tolerance)
    for attribute in ("annotator_noise_std_", "posterior_std_", "prediction_std_"):
        stretched = a * np.asarray(getattr(first, attribute))
        np.testing.assert_allclose(getattr(second, attribute), stretched, **tolerance)
    score = answer_log_likelihood(second, X, a * y + b)
    expected = answer_log_likelihood(first, X, y) - np.log(a)
    assert score == pytest.approx(expected, abs=1e-5)
    assert second.score(X, a * y + b) == pytest.approx(first.score(X, y), abs=1e-5)


def test_true_numbers_in_another_unit(rated_items):
    X, truth, _ = rated_items
    first, second = regressor().fit(X, truth), regressor().fit(X, 1000 * truth - 7)
    np.testing.assert_allclose(second.predict(X), 1000 * first.predict(X) - 7)
    assert second.score(X, 1000 * truth - 7) == pytest.approx(first.score(X, truth))


def test_true_numbers_mean_plain_regression(rated_items):
    X, truth, _ = rated_items
    target = (truth - truth.mean()) / truth.std()
    network = Linear(3, 1).double()
    settings = {"batch_size": 60, "max_epochs": 5, "lr": 1e-2, "calibrate": False}
    reg = CrowdRegressor(network, **settings).fit(X, truth)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        predicted = network(torch.tensor(X))[:, 0]
        loss = torch.nn.functional.mse_loss(predicted, torch.tensor(target))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    np.testing.assert_allclose(reg.history_[:, "train_loss"], losses, rtol=1e-9)
    predicted = network(torch.tensor(X)).detach()[:, 0] * truth.std() + truth.mean()
    np.testing.assert_allclose(reg.predict(X), predicted)
    error = reg.predict(X) - truth
    assert reg.prediction_std_ == pytest.approx(np.sqrt((error**2).mean()))


@pytest.fixture(scope="module")
def of_truth(rated_items):
    return regressor("em").fit(*rated_items[:2])


@methods
def test_true_numbers_have_one_perfect_annotator(name, rated_items, of_truth):
    X, truth, _ = rated_items
    reg = regressor(name).fit(X, truth)
    np.testing.assert_allclose(reg.annotator_confusion_, np.eye(2)[None], atol=1e-9)
    np.testing.assert_allclose(reg.annotator_noise_std_, 0, atol=1e-9)
    np.testing.assert_allclose(reg.posterior_mean_, truth)
    np.testing.assert_array_equal(reg.posterior_std_, 0)
    np.testing.assert_allclose(reg.predict_annotator(X)[:, 0], reg.predict(X))
    assert_same_fit(reg, of_truth)


@pytest.mark.parametrize(
    "form",
    [list, pd.Series, lambda y: y.astype(np.float32), lambda y: y.astype(object)],
)
def test_true_numbers_in_any_container(form, rated_items, of_truth):
    X, truth, _ = rated_items
    reg, plain = regressor().fit(X, form(truth)), of_truth
    np.testing.assert_allclose(reg.predict(X), plain.predict(X), rtol=1e-5)


def test_whole_numbers_are_numbers(items):
    X, truth = items
    for y in (truth, truth + 1, np.stack([truth, truth + 1], axis=1)):
        as_float = regressor().fit(X, y.astype(float))
        assert_same_fit(regressor().fit(X, y), as_float)


def test_minus_one_is_a_number(rated_items):
    X, _, y = rated_items
    marked = np.where(np.arange(60)[:, None] == 7, -1.0, y)
    reg = regressor().fit(X, marked)
    assert_same_fit(reg, regressor().fit(X, rating_forms(marked)["csr"]))
    assert reg.posterior_mean_[7] < regressor().fit(X, y).posterior_mean_[7]


def test_a_column_is_read_as_true_numbers_with_a_warning(rated_items):
    X, truth, _ = rated_items
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        reg = regressor().fit(X, truth[:, None])
    assert_same_fit(reg, regressor().fit(X, truth))
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        assert reg.score(X, truth[:, None]) == reg.score(X, truth)


def test_the_warning_points_at_the_caller(rated_items):
    X, truth, _ = rated_items
    reg = regressor()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        reg.fit(X, truth[:, None])
        reg.score(X, truth[:, None])
    assert {warning.filename for warning in caught} == {__file__}


def test_a_column_of_minus_ones_is_complete(rated_items):
    X = rated_items[0]
    y = np.where(np.arange(60) % 3, -1, 2)
    with pytest.warns(DataConversionWarning), pytest.warns(CrowdWarning, match="-1"):
        reg = regressor().fit(X, y[:, None])
    with pytest.warns(CrowdWarning, match=r"-1 \(40 times\).*read as a number"):
        assert_same_fit(reg, regressor().fit(X, y))


def test_a_column_with_gaps_is_one_annotator(rated_items):
    X, truth, _ = rated_items
    column = np.where(np.arange(60) % 4, truth, np.nan)[:, None]
    reg = regressor().fit(X, column)
    assert reg.n_annotators_ == 1
    assert reg.annotator_noise_std_[0] > 0
    annotations = Annotations.from_dense(column, kind="numbers")
    assert_same_fit(reg, regressor().fit(X, annotations))


def named(y, names):
    return Annotations.from_dense(y, kind="numbers", annotator_names=names)


def test_annotators_are_matched_by_name(rated_items):
    X, _, y = rated_items
    names = np.array(["ann", "bob", "cyd", "dan", "eve"])
    reg = regressor().fit(X, named(y, names))
    assert reg.annotators_.tolist() == names.tolist()
    order = np.array([3, 0, 4, 1, 2])
    expected = reg.score(X, y)
    shuffled = named(y[:, order], names[order])
    assert reg.score(X, shuffled) == pytest.approx(expected, rel=1e-12)
    only = reg.score(X, named(y[:, [1, 2]], names[[1, 2]]))
    assert only == pytest.approx(
        reg.score(X, np.where(np.isin(np.arange(5), [1, 2]), y, np.nan)), rel=1e-12
    )
    with pytest.raises(ValueError, match=r"not fitted with: 'x'"):
        reg.score(X, named(y, ["ann", "bob", "x", "dan", "eve"]))


def test_annotators_are_the_columns_of_a_frame(rated_items):
    X, _, y = rated_items
    frame = pd.DataFrame(y, columns=[*"abcde"])
    assert list(regressor().fit(X, frame).annotators_) == [*"abcde"]


@pytest.mark.parametrize("n_annotators", [2, 4])
def test_another_number_of_annotators_is_an_error(n_annotators, reg, rated_items):
    X, _, y = rated_items
    with pytest.raises(ValueError, match=f"y has {n_annotators} annotators.* with 5"):
        reg.score(X, y[:, :n_annotators])


def test_weights_without_any_rating_cannot_score(reg, rated_items):
    X, _, y = rated_items
    y = np.vstack([np.full((5, 5), np.nan), y[5:]])
    with pytest.raises(ValueError, match="nothing to score"):
        reg.score(X, y, sample_weight=(np.arange(60) < 5).astype(float))


@methods
def test_items_of_weight_zero_have_no_posterior(name, rated_items):
    X, _, y = rated_items
    weight = np.where(np.arange(60) % 3, 1.5, 0)
    reg = regressor(name).fit(X, y, sample_weight=weight)
    for values in (reg.posterior_mean_, reg.posterior_std_):
        np.testing.assert_array_equal(np.isnan(values), weight == 0)


@pytest.mark.parametrize(
    ("kind", "registry"),
    [(CrowdRegressor, LABEL_METHODS), (CrowdClassifier, NUMBER_METHODS)],
)
def test_a_method_for_the_other_kind_is_an_error(kind, registry, items):
    for method in registry.values():
        names = rf"{method.__name__} learns from (\w+), but {kind.__name__} from (\w+)"
        with pytest.raises(TypeError, match=names):
            kind(method=method()).fit(items[0], items[1])


@pytest.mark.parametrize("verb", ["predict", "predict_annotator"])
def test_nothing_is_predicted_before_fit(verb, rated_items):
    with pytest.raises(NotFittedError):
        getattr(regressor(), verb)(rated_items[0])


def test_the_docstring_names_every_method():
    assert all(f'``"{name}"``' in CrowdRegressor.__doc__ for name in NUMBER_METHODS)


@methods
def test_a_second_fit_is_the_first(name, rated_items):
    X, _, y = rated_items
    reg = whole(name, CrowdRegressor).fit(X, y)
    before = everything(reg, X)
    np.testing.assert_array_equal(everything(reg.fit(X, y), X), before)
