"""Contract of all aggregators of ratings."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from skcrowd.aggregation import (
    CATD,
    RATING_AGGREGATORS,
    GaussianRating,
    MeanRating,
    MedianRating,
    RatingConsensus,
    WeightedRating,
    weighted_mean,
)
from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.exceptions import CrowdWarning

AGGREGATORS = [pytest.param(cls(), id=name) for name, cls in RATING_AGGREGATORS.items()]
NOISE = np.array([0.2, 0.3, 0.4, 0.5, 0.5, 0.6, 0.6, 2.5])
pytestmark = pytest.mark.filterwarnings("ignore:.*did not converge")


@pytest.fixture(scope="module")
def crowd():
    rng = np.random.default_rng(0)
    truth = rng.normal(5, 2, 200)
    y = truth[:, None] + NOISE * rng.normal(size=(200, 8))
    y[rng.uniform(size=y.shape) < 0.3] = np.nan
    return y, truth


def error(predicted, truth):
    return np.sqrt(np.mean((predicted - truth) ** 2))


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_numbers_and_attributes(aggregator, crowd):
    y, truth = crowd
    model = clone(aggregator).fit(y)
    assert error(model.predict(), truth) < 0.6
    assert model.annotators_.tolist() == list(range(8))
    assert model.annotator_skill_.argmin() == 7
    assert model.annotator_noise_std_.argmax() == 7
    assert model.n_iter_ >= 1
    assert isinstance(model.converged_, bool)
    if hasattr(model, "posterior_std_"):
        deviation = (model.predict() - truth) / model.posterior_std_
        assert 0.3 < deviation.std() < 1.5


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_gold_is_kept(aggregator, crowd):
    y, _ = crowd
    model = clone(aggregator).fit(y, gold={0: 3.5, 7: 9.5})
    np.testing.assert_allclose(model.predict()[[0, 7]], [3.5, 9.5])


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_clone_and_pickle(aggregator, crowd):
    model = clone(aggregator).fit(crowd[0])
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(), model.predict())
    with pytest.raises(NotFittedError):
        clone(model).predict()


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_unit_and_offset_do_not_matter(aggregator, crowd):
    y, _ = crowd
    first = clone(aggregator).fit_predict(y)
    second = clone(aggregator).fit_predict(30 - 1e3 * y)
    np.testing.assert_allclose(30 - 1e3 * first, second, rtol=1e-6)


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_same_result_in_every_form(aggregator, crowd):
    y, _ = crowd
    expected = clone(aggregator).fit(y).predict()
    frame = pd.DataFrame(y, columns=[f"w{k}" for k in range(8)])
    model = clone(aggregator).fit(frame)
    np.testing.assert_array_equal(model.predict(), expected)
    assert model.annotators_[0] == "w0"
    model = clone(aggregator).fit(Annotations.from_dense(y, kind="numbers"))
    np.testing.assert_array_equal(model.predict(), expected)


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_predict_other_items(aggregator, crowd):
    y, truth = crowd
    model = clone(aggregator).fit(y[:120])
    assert error(model.predict(y[120:]), truth[120:]) < 0.6
    frame = pd.DataFrame([[1.0, 2.0]], columns=[0, "stranger"])
    with pytest.raises(ValueError, match="stranger"):
        model.predict(frame)


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_partial_fit_has_all_answers(aggregator, crowd):
    y, _ = crowd
    whole = clone(aggregator).fit(y, gold={150: 2.0})
    part = clone(aggregator).partial_fit(y[:100])
    part.partial_fit(y[100:], gold={50: 2.0})
    assert error(part.predict(), whole.predict()) < 0.1
    assert part.predict()[150] == pytest.approx(2.0)


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_extremes(aggregator):
    same = clone(aggregator).fit_predict([[2.0, 2.0], [2.0, np.nan], [2.0, 2.0]])
    np.testing.assert_allclose(same, 2.0)
    empty = [[1.0, 2.0], [np.nan, np.nan], [3.0, 5.0]]
    assert np.isfinite(clone(aggregator).fit_predict(empty)).all()
    single = [[1.0, np.nan], [np.nan, 3.0]]
    assert np.isfinite(clone(aggregator).fit_predict(single)).all()
    with pytest.raises(ValueError, match="no answer"):
        clone(aggregator).fit(np.full((3, 2), np.nan))


def test_tag_sequences_are_refused():
    tags = SequenceAnnotations.from_cells([[["O", "B-X"], ["O", "O"]]])
    with pytest.raises(TypeError, match="single numbers"):
        RatingConsensus().fit(tags)


@pytest.mark.parametrize(
    "aggregator", [p for p in AGGREGATORS if "max_iter" in p.values[0].get_params()]
)
def test_iterations_are_checked_and_reported(aggregator, crowd):
    with pytest.raises(ValueError, match="max_iter"):
        clone(aggregator).set_params(max_iter=0).fit(crowd[0])
    name = type(aggregator).__name__
    with pytest.warns(ConvergenceWarning, match=f"{name} did not converge"):
        clone(aggregator).set_params(max_iter=1, tol=1e-12).fit(crowd[0])


def test_mean_and_median():
    y = [[1.0, 2.0, 9.0], [4.0, np.nan, 8.0], [np.nan, 5.0, np.nan]]
    np.testing.assert_allclose(MeanRating().fit_predict(y), [4, 6, 5])
    np.testing.assert_allclose(MedianRating().fit_predict(y), [2, 6, 5])


def test_gaussian_is_the_function(crowd):
    y, _ = crowd
    model, result = GaussianRating().fit(y), weighted_mean(y)
    np.testing.assert_array_equal(model.predict(), result.mean)
    np.testing.assert_allclose(model.predict(y), model.predict(), atol=1e-2)
    scale = result.rating_parameters.scale
    np.testing.assert_array_equal(model.annotator_scale_, scale)


def test_weights_are_inverse_variances(crowd):
    y, _ = crowd
    model = WeightedRating(pseudo_counts=0).fit(y)
    np.testing.assert_allclose(model.annotator_noise_std_, NOISE, rtol=0.25)
    y = np.random.default_rng(1).normal(size=(4000, 2)) * [1, 3]
    model = WeightedRating(pseudo_counts=0, max_iter=1).fit(y)
    # a single difference says nothing of who is the more precise: one step has the
    # variance of the difference, halved, for both
    np.testing.assert_allclose(model.annotator_noise_std_, 5**0.5, rtol=0.05)


def test_catd_trusts_annotators_with_many_answers():
    rng = np.random.default_rng(0)
    y = rng.normal(size=(50, 3))
    y[3:, 2] = np.nan
    skill = CATD().fit(y).annotator_skill_
    assert skill[2] < min(skill[:2])


@pytest.mark.parametrize("cls", [WeightedRating, GaussianRating, CATD])
def test_annotator_prior_decides(cls):
    y = np.random.default_rng(0).normal(size=(30, 2))
    prior = {0: (0.1, 500), 1: (2.0, 500)}
    predicted = cls(annotator_prior=prior).fit_predict(y)
    assert np.corrcoef(predicted, y[:, 0])[0, 1] > 0.95


def test_consensus_lets_held_out_ratings_choose(crowd):
    rng = np.random.default_rng(0)
    truth = rng.normal(0, 2, 300)
    bias = np.array([-3, -1, 0, 0, 1, 3])
    y = truth[:, None] + bias + 0.3 * rng.normal(size=(300, 6))
    y[rng.uniform(size=y.shape) < 0.4] = np.nan
    model = RatingConsensus().fit(y)
    assert model.gaussian_share_ > 0.9
    assert error(model.predict(), truth) < error(MeanRating().fit_predict(y), truth) / 2
    np.testing.assert_allclose(model.predict(y), model.predict(), atol=0.05)
    assert RatingConsensus().fit([[1.0, np.nan], [np.nan, 2.0]]).gaussian_share_ == 0.5


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_order_of_items_and_annotators_changes_nothing(aggregator, seed):
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=30)
    y = truth[:, None] + rng.normal(size=(30, 5)) * rng.random(5)
    y[rng.random(y.shape) < 0.3] = np.nan
    y[:, 0] = truth
    rows, columns = rng.permutation(30), rng.permutation(5)
    expected = clone(aggregator).fit(y).posterior_mean_[rows]
    found = clone(aggregator).fit(y[rows][:, columns]).posterior_mean_
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("rating", [0.0, 3.0, -1e100, 1e-100])
@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_a_single_rating_is_not_certain(aggregator, rating):
    y = [[np.nan, rating], [np.nan, np.nan]]
    for answers in ([[rating]], y):
        model = clone(aggregator).fit(answers)
        np.testing.assert_allclose(model.predict(), rating)
        assert (model.annotator_noise_std_ >= 0.5).all()
        assert (model.annotator_skill_ <= 4).all()
        assert (getattr(model, "posterior_std_", np.ones(1)) >= 0.5).all()


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_ratings_whose_squares_are_lost_are_refused(aggregator):
    y = np.random.default_rng(0).normal(size=(20, 3))
    small = clone(aggregator).fit(y * 1e-130)
    np.testing.assert_allclose(
        small.posterior_mean_ * 1e130, clone(aggregator).fit(y).posterior_mean_
    )
    with pytest.raises(ValueError, match=r"numbers in y differ by .* another unit"):
        clone(aggregator).fit(y * 1e-155)


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_gold_far_from_all_ratings_is_warned_of(aggregator):
    y = np.random.default_rng(0).normal(size=(20, 3))
    with pytest.warns(CrowdWarning, match=r"gold holds 999 .* far from all ratings"):
        clone(aggregator).fit(y, gold={0: 999.0})
