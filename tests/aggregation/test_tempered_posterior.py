"""tempered_posterior: weights of network and answers that make it calibrated."""

import numpy as np
import pytest
from _data import random_answers
from scipy.optimize import approx_fprime, check_grad

from skcrowd import Annotations
from skcrowd.aggregation._expected_counts import CountTable, ExpectedCounts
from skcrowd.aggregation._tempered_posterior import (
    _HeldOutLikelihood,
    tempered_posterior,
)
from skcrowd.aggregation._vote_discount import DependentGroups
from skcrowd.annotations import _memory

N_CLASSES = 3
SHARES = np.full(N_CLASSES, 1 / N_CLASSES)


def simulated(n_items=1500, n_answers=4, temperature=1.0, hard=0.0, seed=0):
    """Draw items, an over-certain network, and ten annotators.

    Of the share `hard` of the items all answers are drawn at random.
    """
    rng = np.random.default_rng(seed)
    truth = rng.integers(N_CLASSES, size=n_items)
    scores = rng.standard_normal((n_items, N_CLASSES))
    scores += 1.5 * np.eye(N_CLASSES)[truth]
    log_proba = 1.5 * scores  # log p(scores | k) up to a constant
    log_proba -= np.log(np.exp(log_proba).sum(axis=1, keepdims=True))
    y = np.full((n_items, 10), -1)
    accuracy = np.where(rng.random(n_items) < hard, 1 / N_CLASSES, 0.75)
    for n in range(n_items):
        annotator = rng.permutation(10)[:n_answers]
        wrong = (truth[n] + rng.integers(1, N_CLASSES, n_answers)) % N_CLASSES
        y[n, annotator] = np.where(rng.random(n_answers) < accuracy[n], truth[n], wrong)
    annotations = Annotations.from_dense(y, classes=np.arange(N_CLASSES))
    return temperature * log_proba, annotations, truth


def tempered(log_proba, annotations, **options):
    return tempered_posterior(
        log_proba, annotations, SHARES, np.exp(log_proba), **options
    )


def certainty_too_large(posterior, truth):
    """Mean probability of the most probable class, less the share of right ones."""
    is_right = posterior.argmax(axis=1) == truth
    return posterior.max(axis=1).mean() - is_right.mean()


def test_an_overconfident_network_gets_the_weight_that_it_is_worth():
    weights = {
        temperature: tempered(*simulated(temperature=temperature)[:2]).network_weight
        for temperature in (1.0, 4.0)
    }
    assert weights[1.0] == pytest.approx(1, abs=0.25)
    assert weights[4.0] == pytest.approx(weights[1.0] / 4, rel=0.05)


def test_independent_answers_count_fully_and_those_to_hard_items_less():
    easy, hard = (
        tempered(*simulated(hard=share)[:2]).answer_weight for share in (0.0, 0.4)
    )
    assert easy == pytest.approx(1, abs=0.2)
    assert hard < 0.85
    assert hard < easy - 0.1


def test_certainty_is_near_the_share_of_right_labels():
    for options in ({}, {"temperature": 4.0}, {"temperature": 4.0, "hard": 0.3}):
        log_proba, annotations, truth = simulated(**options)
        posterior = tempered(log_proba, annotations).posterior
        np.testing.assert_allclose(posterior.sum(axis=1), 1)
        assert abs(certainty_too_large(posterior, truth)) < 0.03


def test_without_answers_it_is_the_prior():
    log_proba, annotations, _ = simulated(20)
    none = annotations.answer[:0]
    nobody = Annotations(none, none, none, annotations.shape, annotations.classes)
    result = tempered(log_proba, nobody)
    np.testing.assert_allclose(result.posterior, np.exp(log_proba))
    assert result[1:] == (1, 1)


def test_of_single_answers_only_the_network_is_weighed():
    result = tempered(*simulated(n_answers=1, temperature=4.0)[:2])
    assert result.network_weight < 0.5
    assert result.answer_weight == pytest.approx(1)


def test_an_item_s_own_answers_do_not_say_how_good_its_annotators_are():
    log_proba = np.log(np.full((2, N_CLASSES), 1 / N_CLASSES))
    y = np.array([[0, -1], [-1, 1]])
    annotations = Annotations.from_dense(y, classes=np.arange(N_CLASSES))
    certain = np.array([[0, 1, 0], [0, 1, 0]], float)
    told = tempered_posterior(log_proba, annotations, SHARES, certain).posterior
    apart = tempered_posterior(log_proba, annotations, SHARES, certain[:, [1, 0, 2]])
    assert told[0].argmax() == 0  # not what the first posterior said
    assert apart.posterior[0].argmax() == 0


def test_counts_of_other_answers_say_how_good_annotators_are():
    log_proba = np.log(np.full((4, N_CLASSES), 1 / N_CLASSES))
    y = np.array([[0, 1]] * 4)
    annotations = Annotations.from_dense(y, classes=np.arange(N_CLASSES))
    counts = np.array([20 * np.ones((3, 3)), 60 * np.eye(3)])
    tables = counts, ExpectedCounts((CountTable(counts),))
    told = [tempered(log_proba, annotations, other_counts=c).posterior for c in tables]
    assert told[0][0].argmax() == 1
    np.testing.assert_allclose(*told)


def test_large_tables_are_not_made(monkeypatch):
    log_proba, annotations, _ = simulated(200)
    expected = tempered(log_proba, annotations)
    monkeypatch.setattr(_memory, "LARGE", 0)
    found = tempered(log_proba, annotations)
    np.testing.assert_allclose(found.posterior, expected.posterior, atol=1e-4)


def test_order_of_annotators_and_items():
    rng = np.random.default_rng(0)
    y, log_proba = random_answers(rng, 30, 6, 3), np.log(rng.dirichlet(np.ones(3), 30))
    rows, columns = rng.permutation(30), rng.permutation(6)
    classes = np.arange(N_CLASSES)
    one = tempered(log_proba, Annotations.from_dense(y, classes=classes))
    moved = Annotations.from_dense(y[rows][:, columns], classes=classes)
    other = tempered(log_proba[rows], moved)
    np.testing.assert_allclose(one.posterior[rows], other.posterior, atol=1e-5)


def test_what_the_network_excludes_is_only_improbable():
    _, annotations, truth = simulated()
    is_wrong = np.random.default_rng(1).random(len(truth)) < 0.2
    predicted = (truth + is_wrong) % N_CLASSES
    with np.errstate(divide="ignore"):
        log_proba = np.log(np.eye(N_CLASSES)[predicted])
    result = tempered_posterior(log_proba, annotations, SHARES, np.exp(log_proba))
    assert result.network_weight < 0.3
    assert np.mean(result.posterior.argmax(axis=1) == truth) > 0.9
    assert abs(certainty_too_large(result.posterior, truth)) < 0.04


def test_the_derivatives_are_those_of_the_likelihood():
    rng = np.random.default_rng(0)
    evidence = np.log(rng.dirichlet(np.ones(3), (3, 40)))
    likelihood = _HeldOutLikelihood(np.log([0.5, 0.3, 0.2]), *evidence, 0.1)
    for log_weights in np.array([[0.0, 0.0], [-1.0, 0.3]]):
        difference = check_grad(
            lambda at: likelihood(at)[0], lambda at: likelihood(at)[1], log_weights
        )
        assert difference < 1e-4
        differences = [
            approx_fprime(log_weights, lambda at, j=j: likelihood(at)[1][j])
            for j in range(2)
        ]
        np.testing.assert_allclose(likelihood(log_weights)[2], differences, atol=1e-4)
        assert likelihood.value(log_weights) == likelihood(log_weights)[0]


def on_a_scale(seed, n_items=150, n_levels=5):
    """Draw three answers to each item, of annotators who answer too high or low."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(n_levels, size=n_items)
    heard = truth[:, None] + 0.5 * rng.standard_normal((n_items, 18))
    heard += 0.6 * rng.standard_normal(18)
    y = np.clip(np.round(heard), 0, n_levels - 1).astype(int)
    y[rng.random(y.shape).argsort(axis=1) >= 3] = -1
    return Annotations.from_dense(y, classes=np.arange(n_levels)), truth


def by_answers_alone(annotations, **options):
    votes = np.full((annotations.n_items, 5), 0.1)
    np.add.at(votes, (annotations.item, annotations.answer), 1)
    votes /= votes.sum(axis=1, keepdims=True)
    shares = votes.mean(axis=0)
    log_prior = np.tile(np.log(shares), (len(votes), 1))
    return tempered_posterior(
        log_prior, annotations, shares, votes, **options
    ).posterior


def test_an_order_of_the_classes_makes_few_answers_tell_more():
    gain, too_certain = [], []
    for seed in range(10):
        annotations, truth = on_a_scale(seed)
        plain = by_answers_alone(annotations)
        ordered = by_answers_alone(annotations, class_ranks=np.arange(5))
        of_truth = [p[np.arange(len(truth)), truth] for p in (plain, ordered)]
        gain.append(np.mean(np.log(of_truth[1])) - np.mean(np.log(of_truth[0])))
        too_certain.append([certainty_too_large(p, truth) for p in (plain, ordered)])
    assert np.mean(gain) > 3 * np.std(gain) / np.sqrt(10)
    of_plain, of_ordered = np.mean(too_certain, axis=0)
    assert of_ordered < of_plain + 0.01


def test_direction_and_unit_of_the_order_do_not_matter():
    annotations, _ = on_a_scale(0)
    first = by_answers_alone(annotations, class_ranks=np.arange(5))
    second = by_answers_alone(annotations, class_ranks=4 - np.arange(5))
    assert second == pytest.approx(first, abs=1e-6)


def test_where_there_are_no_confusions_the_order_is_left_out(monkeypatch):
    annotations, _ = on_a_scale(0)
    monkeypatch.setattr(_memory, "LARGE", 0)
    plain = by_answers_alone(annotations)
    ordered = by_answers_alone(annotations, class_ranks=np.arange(5))
    assert ordered == pytest.approx(plain)


def with_copies(seed=0, n_items=400):
    """Draw answers of three who are right 3 times in 4, and seven copies of one.

    That one is right 4 times in 10; the network predicts more than that.
    """
    rng = np.random.default_rng(seed)
    truth = rng.integers(N_CLASSES, size=n_items)
    wrong = (truth[:, None] + rng.integers(1, N_CLASSES, (n_items, 4))) % N_CLASSES
    accuracy = np.array([0.75, 0.75, 0.75, 0.4])
    y = np.where(rng.random((n_items, 4)) < accuracy, truth[:, None], wrong)
    y = y[:, [0, 1, 2, *[3] * 7]]
    scores = rng.standard_normal((n_items, N_CLASSES)) + np.eye(N_CLASSES)[truth]
    log_proba = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return log_proba, Annotations.from_dense(y, classes=np.arange(N_CLASSES)), truth


def test_copies_count_as_one_answer():
    log_proba, annotations, truth = with_copies()
    groups = DependentGroups(np.array([-1] * 3 + [0] * 7), np.ones(1), np.nan)
    alone, together = (
        tempered(log_proba, annotations, groups=g).posterior for g in (None, groups)
    )
    right = [(p.argmax(axis=1) == truth).mean() for p in (alone, together)]
    assert right[0] < 0.65 < 0.8 < right[1]
    assert abs(certainty_too_large(together, truth)) < 0.1
    single = annotations.select_annotators([0, 1, 2, 3])
    expected = tempered(log_proba, single).posterior
    assert abs(together - expected).mean() < 0.05


def test_groups_without_common_items_change_nothing():
    log_proba, annotations, _ = simulated(60, n_answers=1)
    groups = DependentGroups(np.array([0, 0] + [-1] * 8), np.ones(1), np.nan)
    expected = tempered(log_proba, annotations).posterior
    found = tempered(log_proba, annotations, groups=groups).posterior
    np.testing.assert_allclose(found, expected)


def test_the_order_of_annotators_in_groups_does_not_matter():
    log_proba, annotations, _ = with_copies(1, 60)
    order = np.random.default_rng(0).permutation(10)
    group = np.array([-1, 1, 1, *[0] * 7])
    excess = np.array([0.9, 0.3])
    first = tempered(
        log_proba, annotations, groups=DependentGroups(group, excess, np.nan)
    )
    moved = tempered(
        log_proba,
        Annotations.from_dense(
            annotations.to_dense()[:, order], classes=np.arange(N_CLASSES)
        ),
        groups=DependentGroups(group[order], excess, np.nan),
    )
    np.testing.assert_allclose(moved.posterior, first.posterior, atol=1e-6)


def test_shares_of_the_classes_do_not_drift():
    rng = np.random.default_rng(0)
    truth = (rng.random(300) < 0.6).astype(int)
    right = rng.random(300) < 0.65
    y = np.full((300, 20), -1)
    y[np.arange(300), rng.integers(20, size=300)] = np.where(right, truth, 1 - truth)
    annotations = Annotations.from_dense(y, classes=np.arange(2))
    predicted = np.where(rng.random(300) < 0.75, truth, 1 - truth)
    log_proba = np.log(np.where(np.eye(2)[predicted] == 1, 0.75, 0.25))
    shares = np.array([0.4, 0.6])
    first = np.tile(shares, (300, 1))
    posterior = tempered_posterior(log_proba, annotations, shares, first).posterior
    assert (posterior.argmax(axis=1) == truth).mean() > 0.75
    assert posterior.mean(axis=0) == pytest.approx(np.bincount(truth) / 300, abs=0.1)
