"""A rating of weight w counts as w equal ratings, one of weight 0 as none."""

import numpy as np
import pytest

from skcrowd.aggregation import (
    CATD,
    RATING_AGGREGATORS,
    GaussianRating,
    MeanRating,
    MedianRating,
    WeightedRating,
    answer_mean,
    fit_rating_parameters,
    rating_posterior,
    weighted_mean,
)
from skcrowd.aggregation._calibrated_variances import calibrated_variances
from skcrowd.aggregation._rating_parameters import (
    answer_moments,
    apply_identifiability_constraint,
    fit_noise,
)
from skcrowd.aggregation._rating_regression import (
    N_STATISTICS,
    XX,
    XY,
    YY,
    N,
    add_regressions,
    rating_regressions,
)
from skcrowd.aggregation._weighted_mean import answer_mean_var
from skcrowd.annotations import Annotations, check_annotations
from skcrowd.annotations._select import unchecked

N_ITEMS, N_ANNOTATORS = 80, 5


@pytest.fixture(scope="module")
def ratings():
    """Ratings of two or more annotators an item."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(N_ITEMS, 1))
    bias, noise = rng.normal(size=N_ANNOTATORS), np.linspace(0.3, 1, N_ANNOTATORS)
    y = truth + bias + noise * rng.normal(size=(N_ITEMS, N_ANNOTATORS))
    for row in y:
        row[rng.permutation(N_ANNOTATORS)[: rng.integers(N_ANNOTATORS - 1)]] = np.nan
    return check_annotations(y, kind="numbers")


@pytest.fixture(scope="module")
def times(ratings):
    return np.random.default_rng(1).integers(1, 4, ratings.n_answers)


def repeated(a, times):
    """Give ratings several times, which only sums can see."""
    place = np.repeat(np.arange(a.n_answers), times)
    entries = a.item[place], a.annotator[place], a.answer[place]
    names = a.annotator_names, a.item_names
    return unchecked(Annotations, *entries, a.shape, a.classes, *names, None, a.ordered)


SUMS = {
    "answer_mean": answer_mean,
    "answer_mean_var": answer_mean_var,
    "answer_moments": lambda y: answer_moments(y, *POSTERIOR, sample_weight=ITEMS),
    "fit_rating_parameters": lambda y: fit_rating_parameters(
        y, *POSTERIOR, scale_std=0.3, sample_weight=ITEMS
    ),
    "fit_noise": lambda y: fit_noise(
        y, *POSTERIOR, *ANNOTATORS[:2], sample_weight=ITEMS
    ),
    "constraint": lambda y: apply_identifiability_constraint(
        fit_rating_parameters(y, *POSTERIOR), y, *POSTERIOR, sample_weight=ITEMS
    ),
    "constraint with gold": lambda y: apply_identifiability_constraint(
        fit_rating_parameters(y, *POSTERIOR), y, *POSTERIOR, gold=GOLD
    ),
    "rating_posterior": lambda y: rating_posterior(y, ANNOTATORS, POSTERIOR[0], 0.5),
    "calibrated_variances": lambda y: calibrated_variances(
        y, ANNOTATORS, POSTERIOR[0], 1
    ),
    "weighted_mean": lambda y: weighted_mean(y, sample_weight=ITEMS)[:3],
}
rng = np.random.default_rng(2)
POSTERIOR = rng.normal(size=N_ITEMS), rng.random(N_ITEMS) / 9
ANNOTATORS = rng.random((3, N_ANNOTATORS)) + 0.5
ITEMS = rng.random(N_ITEMS)
GOLD = np.where(rng.random(N_ITEMS) < 0.2, POSTERIOR[0], np.nan)


def flat(found):
    """All numbers of nested tuples."""
    if isinstance(found, tuple):
        return np.concatenate([flat(part) for part in found])
    return np.ravel(found).astype(float)


@pytest.mark.parametrize("name", SUMS)
def test_sums_take_weights_as_numbers(ratings, times, name):
    found = flat(SUMS[name](ratings.with_details(weight=times)))
    again = flat(SUMS[name](repeated(ratings, times)))
    tolerance = 1e-3 if name == "calibrated_variances" else 1e-6  # of its search
    np.testing.assert_allclose(found, again, rtol=tolerance)
    assert not np.allclose(found, flat(SUMS[name](ratings)))


@pytest.mark.parametrize(
    "cls", [MeanRating, MedianRating, WeightedRating, GaussianRating, CATD]
)
def test_models_take_weights_as_numbers(ratings, times, cls):
    found = cls().fit(ratings.with_details(weight=times))
    again = cls().fit(repeated(ratings, times))
    for attribute in ("posterior_mean_", "annotator_noise_std_", "annotator_skill_"):
        one, other = getattr(found, attribute), getattr(again, attribute)
        np.testing.assert_allclose(one, other, rtol=1e-6, err_msg=attribute)
    others = check_annotations(np.ones((1, N_ANNOTATORS)), kind="numbers")
    np.testing.assert_allclose(found.predict(others), again.predict(others), rtol=1e-6)


@pytest.mark.parametrize("name", RATING_AGGREGATORS)
class TestEveryAggregator:
    def test_weights_of_one_change_nothing(self, ratings, name):
        plain = RATING_AGGREGATORS[name]().fit(ratings)
        ones = ratings.with_details(weight=np.ones(ratings.n_answers))
        found = RATING_AGGREGATORS[name]().fit(ones)
        for attribute in ("posterior_mean_", "annotator_skill_"):
            one, other = getattr(found, attribute), getattr(plain, attribute)
            np.testing.assert_array_equal(one, other)

    def test_weight_zero_is_no_rating(self, ratings, name):
        left = np.random.default_rng(0).random(ratings.n_answers) < 0.8
        absent = RATING_AGGREGATORS[name]().fit(ratings.select_answers(left))
        found = ratings.with_details(weight=left.astype(float))
        zero = RATING_AGGREGATORS[name]().fit(found)
        np.testing.assert_array_equal(zero.posterior_mean_, absent.posterior_mean_)

    def test_a_tiny_weight_is_about_no_rating(self, ratings, name):
        """Of another item, whose ratings say little of the annotators."""
        more = np.full((1, N_ANNOTATORS), np.nan)
        more[0, :3] = 1.0, 1.1, 100.0
        weight = [1.0, 1.0, 1e-9]
        model = RATING_AGGREGATORS[name]().fit(ratings)
        one = check_annotations(more, kind="numbers").with_details(weight=weight)
        more[0, 2] = np.nan
        expected = model.predict(check_annotations(more, kind="numbers"))
        np.testing.assert_allclose(model.predict(one), expected, rtol=1e-5)

    def test_heavy_ratings_decide(self, ratings, name):
        model = RATING_AGGREGATORS[name]().fit(ratings)
        one = check_annotations([[0.0, 0.0, 0.0, 0.0, 3.0]], kind="numbers")
        heavy = one.with_details(weight=[1, 1, 1, 1, 1e18])
        alone = heavy.select_answers([4])
        np.testing.assert_allclose(model.predict(heavy), model.predict(alone))
        assert not np.allclose(model.predict(heavy), model.predict(one))

    def test_further_ratings_keep_their_weights(self, ratings, times, name):
        weighed = ratings.with_details(weight=times)
        half = N_ITEMS // 2
        first, second = weighed[np.arange(half)], weighed[np.arange(half, N_ITEMS)]
        model = RATING_AGGREGATORS[name]().fit(first).partial_fit(second)
        plain = RATING_AGGREGATORS[name]().fit(first.without_details())
        plain.partial_fit(second.without_details())
        assert not np.allclose(model.predict(), plain.predict())
        assert len(model.predict()) == len(plain.predict())

    def test_halves_of_ratings_show_noise(self, ratings, name):
        """Where all count half, means stay and the noise is about the same."""
        half = ratings.with_details(weight=np.full(ratings.n_answers, 0.5))
        found = RATING_AGGREGATORS[name]().fit(half)
        plain = RATING_AGGREGATORS[name]().fit(ratings)
        ratio = found.annotator_noise_std_ / plain.annotator_noise_std_
        assert (ratio > 0.5).all()
        assert (ratio < 2).all()
        correlation = np.corrcoef(found.predict(), plain.predict())[0, 1]
        assert correlation > 0.95


def test_a_single_annotator_shows_no_noise():
    y = check_annotations([[1.0, np.nan], [np.nan, 2.0], [4.0, np.nan]], kind="numbers")
    heavy = y.with_details(weight=[3, 3, 3])
    np.testing.assert_allclose(3 * answer_mean_var(heavy), answer_mean_var(y))
    noise = WeightedRating().fit(heavy).annotator_noise_std_
    np.testing.assert_array_equal(noise, WeightedRating().fit(y).annotator_noise_std_)


def test_weighted_median_by_hand():
    y = check_annotations([[1.0, 2.0, 6.0], [3.0, 4.0, np.nan]], kind="numbers")
    weighed = y.with_details(weight=[1, 0.5, 1.5, 0.2, 0.3])
    assert MedianRating().fit_predict(weighed).tolist() == [4.0, 4.0]
    weighed = y.with_details(weight=[0.4, 0.1, 0.4, 0.3, 0.1])
    assert MedianRating().fit_predict(weighed).tolist() == [2.0, 3.0]


def regressions(annotations):
    prior_mean, weight = np.zeros(N_ITEMS), np.ones(N_ITEMS)
    return rating_regressions(
        annotations, ANNOTATORS, prior_mean, 1.0, prior_df=20, sample_weight=weight
    )


def test_regressions_leave_all_of_a_rating_out(ratings, times):
    """A rating is compared with the truth as the others alone show it."""
    alone = regressions(ratings.with_details(weight=np.where(ratings.annotator, 1, 9)))
    plain = regressions(ratings)
    sums = [N, XX, XY, YY]
    np.testing.assert_allclose(alone[0, sums], 9 * plain[0, sums])
    means = np.delete(np.arange(N_STATISTICS), sums)
    np.testing.assert_allclose(alone[0, means], plain[0, means])
    assert not np.allclose(alone[1:], plain[1:])


def test_regressions_of_parts_of_ratings_add_up():
    parts = np.zeros((2, 1, 9))
    parts[:, 0, :3] = [0.25, 1.0, 3.0], [0.25, 3.0, 5.0]
    both = add_regressions(*parts)
    np.testing.assert_allclose(both[0, :3], [0.5, 2.0, 4.0])
