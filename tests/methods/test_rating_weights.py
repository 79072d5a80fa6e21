"""Every method for ratings counts a rating of weight w as w ratings."""

import numpy as np
import pytest
import torch

from skcrowd import Annotations, CrowdRegressor
from skcrowd.aggregation import RatingParameters, rating_posterior
from skcrowd.annotations import check_annotations
from skcrowd.annotations._select import unchecked
from skcrowd.annotators import GaussianAnnotators
from skcrowd.backbones import MLP
from skcrowd.methods import NUMBER_METHODS
from skcrowd.metrics import get_scorer

N_ITEMS, N_ANNOTATORS = 60, 5
SETTINGS = {"module": MLP, "max_epochs": 6, "random_state": 0, "calibrate": False}
FITTED = (
    "posterior_mean_",
    "posterior_std_",
    "annotator_scale_",
    "annotator_bias_",
    "annotator_noise_std_",
    "prediction_std_",
)


@pytest.fixture(scope="module")
def crowd():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N_ITEMS, 4)).astype(np.float32)
    y = X[:, :1] + rng.normal(size=N_ANNOTATORS) + rng.normal(size=(N_ITEMS, 5)) / 2
    for row in y:
        row[rng.permutation(N_ANNOTATORS)[: rng.integers(3)]] = np.nan
    annotations = check_annotations(y, kind="numbers")
    return X, annotations, rng.integers(1, 4, annotations.n_answers)


def fit(method, X, y, **settings):
    return CrowdRegressor(method=method, **SETTINGS | settings).fit(X, y)


def assert_equal_fits(one, other, X, **tolerance):
    np.testing.assert_allclose(one.predict(X), other.predict(X), **tolerance)
    for name in FITTED:
        np.testing.assert_allclose(
            getattr(one, name), getattr(other, name), err_msg=name, **tolerance
        )


def repeated(a, times):
    """Give ratings several times, which only sums can see."""
    place = np.repeat(np.arange(a.n_answers), times)
    entries = a.item[place], a.annotator[place], a.answer[place]
    names = a.annotator_names, a.item_names
    return unchecked(Annotations, *entries, a.shape, a.classes, *names, None, a.ordered)


@pytest.mark.parametrize("method", NUMBER_METHODS)
def test_a_weight_is_a_number_of_ratings(crowd, method, monkeypatch):
    X, plain, times = crowd
    weighed = plain.with_details(weight=times)
    # The search for copies and groups takes single ratings of an annotator.
    monkeypatch.setattr(
        "skcrowd.estimators._regressor.warn_of_rating_crowd", lambda *_: None
    )
    monkeypatch.setattr(CrowdRegressor, "_find_groups", lambda *_: None)
    # Else answers of an annotator twice to an item are refused.
    monkeypatch.setattr("skcrowd.annotations._select._check_triples", lambda *_: None)
    one, other = fit(method, X, weighed), fit(method, X, repeated(plain, times))
    assert_equal_fits(one, other, X, rtol=1e-3, atol=1e-4)
    assert not np.allclose(one.predict(X), fit(method, X, plain).predict(X), atol=1e-4)


@pytest.mark.parametrize("method", NUMBER_METHODS)
def test_weights_of_zero_and_one(crowd, method):
    X, plain, _ = crowd
    left = np.random.default_rng(0).random(plain.n_answers) < 0.8
    absent = fit(method, X, plain.select_answers(left))
    zero = fit(method, X, plain.with_details(weight=left.astype(float)))
    assert_equal_fits(zero, absent, X, rtol=0)
    ones = plain.with_details(weight=np.ones(plain.n_answers))
    assert_equal_fits(fit(method, X, ones), fit(method, X, plain), X, rtol=0)


def test_the_density_of_ratings_with_weights():
    """Against the density of the repeated ratings, from their covariance."""
    model = GaussianAnnotators(2, scale_std=0.3)
    with torch.no_grad():
        model.scale[:, 0] = torch.tensor([1.0, 0.5])
        model.log_noise_var[:, 0] = torch.tensor([0.2, -0.3])
    truth, power = torch.tensor([0.5]), torch.tensor([2.0, 3.0])
    item, annotator, answer = torch.tensor([0, 0]), torch.tensor([0, 1]), torch.randn(2)
    found = model.loss(truth, item, annotator, answer, power=power) @ power
    annotator = np.repeat([0, 1], [2, 3])
    scale = np.array([1.0, 0.5])[annotator]
    covariance = np.diag(np.exp([0.2, -0.3])[annotator]) + np.outer(scale, scale)
    residual = answer.numpy()[annotator] - 0.5 * scale
    expected = residual @ np.linalg.solve(covariance, residual)
    expected += np.linalg.slogdet(2 * np.pi * covariance)[1]
    assert found.item() == pytest.approx(expected / 2, rel=1e-5)


def test_reports_and_parts_use_weights(crowd):
    X, plain, times = crowd
    weighed = plain.with_details(weight=times)
    reg = fit("em", X, weighed, calibrate=True)
    assert reg.annotator_report()["n_answers"].sum() == plain.n_answers
    for report in (
        lambda y: reg.label_quality(X, y, cv="prefit")["consensus"],
        lambda y: reg.label_quality(X, y)["consensus"],
        lambda y: reg.answer_quality(X, y, cv="prefit")["residual"],
        lambda y: reg.next_queries(X, y, 5)["expected_gain"],
    ):
        found = report(weighed)
        assert np.isfinite(found).all()
        assert not np.allclose(found, report(plain))
    before = reg._rating_moments[:, 0, 0].sum()
    reg.partial_fit(X, weighed)
    assert reg._rating_moments[:, 0, 0].sum() == before + times.sum()


def test_residuals_leave_all_of_a_rating_out(crowd):
    """A rating of any weight is compared with what the others say."""
    X, plain, _ = crowd
    reg = fit("em", X, plain)
    first = plain.item != np.roll(plain.item, 1)  # one rating of each item
    heavy = plain.with_details(weight=np.where(first, 7.0, 1.0))
    one, other = (reg.answer_quality(X, y, cv="prefit") for y in (plain, heavy))
    for column in ("expected", "residual"):
        np.testing.assert_allclose(one[column][first], other[column][first], rtol=1e-6)
        assert not np.allclose(one[column][~first], other[column][~first])


def test_confidences_are_refused(crowd):
    X, plain, times = crowd
    sure = plain.with_details(confidence=times)
    with pytest.raises(ValueError, match="a regressor cannot use the confidence"):
        fit("em", X, sure)
    reg = fit("em", X, plain)
    with pytest.raises(ValueError, match="CrowdRegressor cannot use the confidence"):
        reg.label_quality(X, sure)


def test_scores_count_a_rating_of_weight_w_as_w_ratings(crowd, monkeypatch):
    X, plain, times = crowd
    reg = fit("em", X, plain, calibrate=True)
    monkeypatch.setattr("skcrowd.annotations._select._check_triples", lambda *_: None)
    weighed, several = plain.with_details(weight=times), repeated(plain, times)
    for scoring in (
        *("answer_log_likelihood", "item_log_likelihood"),
        *("agreement", "weighted_agreement"),
    ):
        scorer = get_scorer(scoring)
        assert scorer(reg, X, weighed) == pytest.approx(scorer(reg, X, several))
        assert scorer(reg, X, weighed) != pytest.approx(scorer(reg, X, plain))


def test_a_calibrated_fit_counts_a_rating_of_weight_w_as_w_ratings(crowd, monkeypatch):
    X, plain, times = crowd
    monkeypatch.setattr(
        "skcrowd.estimators._regressor.warn_of_rating_crowd", lambda *_: None
    )
    monkeypatch.setattr(CrowdRegressor, "_find_groups", lambda *_: None)
    monkeypatch.setattr("skcrowd.annotations._select._check_triples", lambda *_: None)
    weighed, several = plain.with_details(weight=times), repeated(plain, times)
    one, other = (fit("em", X, y, calibrate=True) for y in (weighed, several))
    assert_equal_fits(one, other, X, rtol=1e-3, atol=1e-4)
    assert one.prediction_std_ != fit("em", X, plain, calibrate=True).prediction_std_


def test_items_without_ratings_beside_weights(crowd):
    _, plain, times = crowd
    none = plain.with_details(weight=times).select_answers(np.zeros(len(times), bool))
    parameters = RatingParameters(*np.ones((3, N_ANNOTATORS)), 1.0, 1.0)
    mean, var = rating_posterior(none, parameters, 2.0, 3.0)
    np.testing.assert_array_equal(mean, np.full(N_ITEMS, 2.0))
    np.testing.assert_allclose(var, np.full(N_ITEMS, 3.0))
