"""Weights, stated confidences and soft labels in the sums over answers."""

import numpy as np
import pytest
from scipy.special import expit

from skcrowd.aggregation import (
    LABEL_AGGREGATORS,
    RATING_AGGREGATORS,
    AnswerCounts,
    Consensus,
    MajorityVote,
    answer_mean,
    dawid_skene,
    fit_rating_parameters,
    majority_vote,
    rating_posterior,
    weighted_mean,
)
from skcrowd.aggregation._answer_evidence import Evidence, gather_evidence
from skcrowd.aggregation._expected_counts import ExpectedCounts
from skcrowd.aggregation._leave_one_out_em import leave_one_out_em
from skcrowd.aggregation._stated_confidence import confidence_scores, fit_confidence
from skcrowd.aggregation._tempered_posterior import tempered_posterior
from skcrowd.aggregation._vote_discount import DependentGroups
from skcrowd.aggregation.labels._consensus import _without_copies
from skcrowd.aggregation.labels._label_inference import Answers
from skcrowd.annotations import Annotations, concatenate
from skcrowd.annotations._select import unchecked

N_ITEMS, N_ANNOTATORS, N_CLASSES, PER_ITEM = 200, 12, 3, 3
USES = {name: cls for name, cls in LABEL_AGGREGATORS.items() if cls._uses_evidence}
REFUSES = {n: cls for n, cls in LABEL_AGGREGATORS.items() if n not in USES}


def simulate(seed):
    """Truth, answers, and the chance of each answer's being right."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(N_CLASSES, size=N_ITEMS)
    item = np.repeat(np.arange(N_ITEMS), PER_ITEM)
    asked = np.argsort(rng.random((N_ITEMS, N_ANNOTATORS)), axis=1)[:, :PER_ITEM]
    annotator = np.sort(asked, axis=1).ravel()
    chance = expit(rng.normal(1, 2, len(item)))
    wrong = (truth[item] + rng.integers(1, N_CLASSES, len(item))) % N_CLASSES
    answer = np.where(rng.random(len(item)) < chance, truth[item], wrong)
    shape = N_ITEMS, N_ANNOTATORS
    plain = Annotations(item, annotator, answer, shape, np.arange(N_CLASSES))
    return truth, plain, chance


@pytest.fixture(scope="module")
def crowd():
    return simulate(0)


def fit(name, annotations):
    """Fit some iterations, which is quick, and exactly the same in each case."""
    known = USES[name]().get_params()
    options = {"max_iter": 20, "tol": 0.0} if "tol" in known else {}
    return USES[name](**options).fit(annotations)


def soft_from(plain, least=1.0):
    """The answers as distributions, with doubts that have nothing to do with them."""
    share = np.linspace(least, 1, plain.n_answers)[:, None]
    soft = np.full((*plain.shape, N_CLASSES), np.nan)
    one_hot = np.eye(N_CLASSES)[plain.answer]
    soft[plain.item, plain.annotator] = share * one_hot + (1 - share) / N_CLASSES
    return Annotations.from_soft_labels(soft)


def repeated(annotations, times):
    """Give some answers several times, which only sums can see."""
    place = np.repeat(np.arange(annotations.n_answers), times)
    a = annotations
    entries = a.item[place], a.annotator[place], a.answer[place]
    names = a.annotator_names, a.item_names
    return unchecked(Annotations, *entries, a.shape, a.classes, *names, None, a.ordered)


def test_plain_answers_are_their_own_evidence(crowd):
    _, plain, _ = crowd
    assert gather_evidence(plain) == Evidence(plain)
    timed = plain.with_details(time=np.ones(plain.n_answers))
    assert gather_evidence(timed) == Evidence(timed)


def test_certain_distributions_are_plain_answers(crowd):
    _, plain, _ = crowd
    found = gather_evidence(soft_from(plain))
    assert found[1:] == (None, None, None, None)
    for name in ("item", "annotator", "answer"):
        np.testing.assert_array_equal(
            getattr(found.annotations, name), getattr(plain, name)
        )


@pytest.mark.parametrize("size", ["table", "lazy"])
def test_a_weight_is_a_number_of_answers(crowd, monkeypatch, size):
    _, plain, _ = crowd
    times = np.random.default_rng(0).integers(1, 4, plain.n_answers)
    weighed = plain.with_details(weight=times)
    again = repeated(plain, times)
    if size == "lazy":
        module = "skcrowd.aggregation._answer_counts.is_large"
        monkeypatch.setattr(module, lambda *_: True)
    posterior = np.random.default_rng(1).dirichlet(np.ones(N_CLASSES), N_ITEMS)
    weight = np.random.default_rng(2).random(N_ITEMS)
    one, other = AnswerCounts(weighed), AnswerCounts(again, evidence=Evidence(again))
    counts = one.expected_counts(posterior, weight)
    assert isinstance(counts, ExpectedCounts) == (size == "lazy")
    np.testing.assert_allclose(
        np.asarray(counts), np.asarray(other.expected_counts(posterior, weight))
    )
    confusion = np.random.default_rng(3).dirichlet(
        np.ones(N_CLASSES), (N_ANNOTATORS, N_CLASSES)
    )
    np.testing.assert_allclose(
        one.log_likelihood(confusion), other.log_likelihood(confusion)
    )
    np.testing.assert_allclose(one.per_item(), other.per_item())


def test_leave_one_out_takes_weights_as_numbers(crowd):
    _, plain, _ = crowd
    times = np.random.default_rng(0).integers(1, 3, plain.n_answers)
    prior = np.log(np.random.default_rng(1).dirichlet(np.ones(N_CLASSES), N_ITEMS))
    common = {"units": np.arange(N_ANNOTATORS), "sample_weight": np.ones(N_ITEMS)}
    found = leave_one_out_em(
        plain,
        prior,
        answer_weight=times.astype(float),
        answer_count=times.astype(float),
        **common,
    )
    again = leave_one_out_em(repeated(plain, times), prior, **common)
    np.testing.assert_allclose(found, again)


@pytest.mark.parametrize("name", USES)
def test_aggregators_without_weight(crowd, name):
    """An answer of weight 0 is none, one of tiny weight about none."""
    _, plain, _ = crowd
    rng = np.random.default_rng(0)
    left = rng.random(plain.n_answers) < 0.8
    absent = fit(name, plain.select_answers(left))
    zero = fit(name, plain.with_details(weight=left.astype(float)))
    np.testing.assert_array_equal(absent.posterior_, zero.posterior_)


@pytest.mark.parametrize("name", USES)
def test_aggregators_use_evidence(crowd, name):
    truth, plain, chance = crowd
    ignored = fit(name, plain)
    used = fit(name, plain.with_details(confidence=chance))
    gain = (used.predict() == truth).mean() - (ignored.predict() == truth).mean()
    assert gain > 0.02
    certain = fit(name, soft_from(plain))
    np.testing.assert_array_equal(certain.posterior_, ignored.posterior_)
    soft = fit(name, soft_from(plain, 0.8))
    assert not np.array_equal(soft.posterior_, ignored.posterior_)
    weight = np.where(plain.annotator < 3, 3.0, 1.0)
    weighed = fit(name, plain.with_details(weight=weight))
    assert not np.allclose(weighed.posterior_, ignored.posterior_)


@pytest.mark.parametrize("name", REFUSES)
def test_aggregators_refuse_evidence(crowd, name):
    _, plain, chance = crowd
    with pytest.raises(ValueError, match=f"{REFUSES[name].__name__} cannot use the"):
        REFUSES[name]().fit(plain.with_details(confidence=chance))


SURE = Annotations.from_dense([[1.5, 2.5]], kind="numbers", confidence=[[1, 2]])


@pytest.mark.parametrize("name", RATING_AGGREGATORS)
def test_aggregators_of_ratings_refuse_confidences(name):
    model = RATING_AGGREGATORS[name]()
    expected = rf"{type(model).__name__} cannot use the confidence .*\('confidence'\)"
    with pytest.raises(ValueError, match=expected):
        model.fit(SURE)
    model.fit(SURE.without_details())
    with pytest.raises(ValueError, match=expected):
        model.predict(SURE)
    with pytest.raises(ValueError, match=expected):
        model.partial_fit(SURE)


@pytest.mark.parametrize(
    "compute",
    [
        answer_mean,
        weighted_mean,
        lambda y: fit_rating_parameters(y, np.zeros(1), np.ones(1)),
        lambda y: rating_posterior(y, np.ones((3, 2)), 0.0, 1.0),
    ],
)
def test_functions_of_ratings_refuse_confidences(compute):
    with pytest.raises(ValueError, match="cannot use the confidence of answers"):
        compute(SURE)


def test_groups_together_with_confidence(crowd):
    _, plain, chance = crowd
    used = plain.with_details(confidence=chance)
    groups = np.arange(N_ANNOTATORS) // 6
    one = Consensus(annotator_groups=groups, max_iter=20, tol=0).fit(used)
    other = Consensus(annotator_groups=groups, max_iter=20, tol=0).fit(plain)
    assert not np.allclose(one.posterior_, other.posterior_)
    votes = majority_vote(used, annotator_groups=groups)
    np.testing.assert_allclose(votes.sum(axis=1), 1)


def test_copies_of_soft_labels_count_once(crowd):
    """Of a family of copies one answer is left, with all entries of its soft label."""
    _, plain, _ = crowd
    soft = soft_from(plain, 0.8)
    original = np.flatnonzero(soft.annotator == 0)
    answers = soft.details.probabilities
    dense = np.full((N_ITEMS, N_ANNOTATORS + 3, N_CLASSES), np.nan)
    dense[soft.item, soft.annotator] = answers
    for copy in range(N_ANNOTATORS, N_ANNOTATORS + 3):
        dense[soft.item[original], copy] = answers[original]
    copied = Annotations.from_soft_labels(dense)
    family = [0, N_ANNOTATORS, N_ANNOTATORS + 1, N_ANNOTATORS + 2]
    groups = DependentGroups(
        np.where(np.isin(np.arange(N_ANNOTATORS + 3), family), 0, -1),
        np.ones(1),
        0.0,
    )
    keys = np.arange(N_ANNOTATORS + 3, dtype=np.uint64)
    once = _without_copies(Answers(copied), groups, keys).annotations
    for name in ("item", "annotator", "answer"):
        np.testing.assert_array_equal(getattr(once, name), getattr(soft, name))
    np.testing.assert_allclose(once.details.probabilities, answers, rtol=1e-12)
    one, other = Answers(soft), Answers(copied)
    np.testing.assert_allclose(
        Consensus(tol=0, max_iter=20)._difference(one),
        Consensus(tol=0, max_iter=20)._difference(_without_copies(other, groups, keys)),
    )
    found = Consensus(annotator_groups=dict.fromkeys(family, "model")).fit(copied)
    np.testing.assert_allclose(found.posterior_.sum(axis=1), 1)
    np.testing.assert_allclose(found.predict_proba(copied).sum(axis=1), 1)


def test_further_answers_keep_their_details(crowd):
    _, plain, chance = crowd
    used = plain.with_details(confidence=chance, time=chance)
    half = N_ITEMS // 2
    parts = MajorityVote().fit(used[:half]).partial_fit(used[half:])
    np.testing.assert_allclose(parts.posterior_, MajorityVote().fit(used).posterior_)
    assert (
        parts._answers.annotations.details
        == concatenate([used[:half], used[half:]]).details
    )


def test_tempered_posterior_takes_entries(crowd):
    _, plain, chance = crowd
    log_prior = np.full((N_ITEMS, N_CLASSES), -np.log(N_CLASSES))
    first = majority_vote(plain)
    shares = np.full(N_CLASSES, 1 / N_CLASSES)
    plainly = tempered_posterior(log_prior, plain, shares, first)
    certain = tempered_posterior(log_prior, soft_from(plain), shares, first)
    np.testing.assert_array_equal(plainly.posterior, certain.posterior)
    used = plain.with_details(confidence=chance)
    sure = tempered_posterior(log_prior, used, shares, first)
    assert np.abs(sure.posterior - plainly.posterior).max() > 0.05


STATED = {
    "honest": lambda p, _: p,
    "over-sure": lambda p, _: 1 - (1 - p) / 20,
    "stars": lambda p, _: np.ceil(5 * p),
    "milliseconds": lambda p, _: 1e3 * np.exp(-p),
}


@pytest.mark.parametrize("kind", STATED)
def test_any_scale_is_learned(crowd, kind):
    truth, plain, chance = crowd
    used = plain.with_details(confidence=STATED[kind](chance, None))
    found = (majority_vote(used).argmax(axis=1) == truth).mean()
    ignored = (majority_vote(plain).argmax(axis=1) == truth).mean()
    assert found > ignored + 0.03


def test_monotone_scales_are_the_same(crowd):
    _, plain, chance = crowd
    powers = [
        fit_confidence(plain.with_details(confidence=f(chance))).power
        for f in (lambda p: p, np.log, lambda p: 7 + 100 * p**3)
    ]
    np.testing.assert_allclose(powers[0], powers[1])
    np.testing.assert_allclose(powers[0], powers[2])


def test_useless_and_turned_confidences(crowd):
    _, plain, chance = crowd
    noise = np.random.default_rng(5).random(plain.n_answers)
    useless = fit_confidence(plain.with_details(confidence=noise))
    assert np.abs(useless.slope).max() < 0.3
    assert np.abs(useless.power - 1).mean() < 0.1
    lying = plain.annotator < 4
    stated = np.where(lying, 1 - chance, chance)
    mixed = fit_confidence(plain.with_details(confidence=stated))
    assert mixed.slope[:4].max() < 0 < mixed.slope[4:].min()


def test_unknown_confidences_count_once(crowd):
    _, plain, chance = crowd
    known = plain.annotator < 6
    stated = np.where(known, chance, np.nan)
    power = fit_confidence(plain.with_details(confidence=stated)).power
    assert (power[~known] == 1).all()
    assert power[known].std() > 0.2
    for nothing in (np.full(len(chance), np.nan), np.ones(len(chance))):
        used = plain.with_details(confidence=nothing)
        assert (fit_confidence(used).power == 1).all()
        assert gather_evidence(used).power is None


def test_nothing_is_learned_from_held_out_items(crowd):
    _, plain, chance = crowd
    weight = (np.arange(N_ITEMS) % 2).astype(float)
    turned = np.where(plain.item % 2, chance, 1 - chance)
    found = fit_confidence(plain.with_details(confidence=turned), sample_weight=weight)
    assert found.slope.min() > 0


def test_gold_teaches_confidences(crowd):
    truth, plain, chance = crowd
    single = plain.select_answers(plain.indptr[:-1])
    used = single.with_details(confidence=chance[plain.indptr[:-1]])
    alone = fit_confidence(used)
    taught = fit_confidence(used, gold=truth)
    assert np.abs(alone.slope).max() < 0.05 < 0.3 < taught.slope.min()


def test_scores_are_ranks():
    score = confidence_scores(np.array([1.0, 2, 2, 9]), np.zeros(4, int), 1)
    assert score[1] == score[2]
    np.testing.assert_allclose([score.mean(), score.std()], [0, 1], atol=1e-12)
    assert not confidence_scores(np.ones(3), np.zeros(3, int), 1).any()


def test_dawid_skene_is_free_of_the_order(crowd):
    _, plain, chance = crowd
    used = plain.with_details(confidence=chance)
    order = np.random.default_rng(0).permutation(N_ITEMS)
    one, other = dawid_skene(used).posterior, dawid_skene(used[order]).posterior
    np.testing.assert_allclose(one[order], other, atol=1e-6)
