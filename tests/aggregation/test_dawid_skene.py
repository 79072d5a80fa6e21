import numpy as np
import pytest
from _data import crowd, random_answers

from skcrowd import Annotations
from skcrowd.aggregation import dawid_skene, majority_vote

KINDS = {"expert": 2, "average": 3, "biased": 2, "one_class_spammer": 1}


def simulated(n_classes, seed=0):
    truth = np.random.default_rng(seed).integers(0, n_classes, 2000)
    return truth, crowd(truth, KINDS, seed=seed)


def shares_of_truth_found(truth, annotations):
    """Share of items right, by the model and by the vote (ties: by chance)."""
    everyone = np.arange(len(truth))
    votes = majority_vote(annotations, soft=False)[everyone, truth].mean()
    inferred = dawid_skene(annotations).posterior.argmax(axis=1)
    return (inferred == truth).mean(), votes


@pytest.mark.parametrize("n_classes", [2, 3, 6])
def test_recovers_a_crowd(n_classes):
    truth, simulation = simulated(n_classes)
    result = dawid_skene(simulation.annotations)
    assert np.abs(result.confusion - simulation.confusion).mean() < 0.02
    shares = np.bincount(truth) / len(truth)
    np.testing.assert_allclose(result.class_prior, shares, atol=0.02)
    assert result.n_iter < 100
    found, by_vote = shares_of_truth_found(truth, simulation.annotations)
    assert found > by_vote


def test_uses_an_adversary_that_misleads_the_vote():
    truth = np.random.default_rng(0).integers(0, 2, 1000)
    wrong = np.array([[0.05, 0.95], [0.95, 0.05]])
    right = np.array([[0.8, 0.2], [0.2, 0.8]])
    annotations = crowd(truth, np.array([right] * 4 + [wrong] * 2)).annotations
    found, by_vote = shares_of_truth_found(truth, annotations)
    assert found > 0.97 > by_vote + 0.1


def slow_round(y, posterior, n_classes):
    """One M-step and one E-step on relative frequencies, cell by cell."""
    n_items, n_annotators = y.shape
    prior = [sum(q[k] for q in posterior) / n_items for k in range(n_classes)]
    confusion = np.zeros((n_annotators, n_classes, n_classes))
    for r in range(n_annotators):
        for i in range(n_classes):
            for n in range(n_items):
                if y[n, r] >= 0:
                    confusion[r, i, y[n, r]] += posterior[n][i]
            confusion[r, i] /= confusion[r, i].sum()
    updated = np.zeros((n_items, n_classes))
    for n in range(n_items):
        for i in range(n_classes):
            updated[n, i] = prior[i]
            for r in range(n_annotators):
                if y[n, r] >= 0:
                    updated[n, i] *= confusion[r, i, y[n, r]]
        updated[n] /= updated[n].sum()
    return updated, confusion, prior


def test_rounds_are_those_of_a_slow_loop():
    y = random_answers(np.random.default_rng(0), 40, 4, 3, share=0.9)
    annotations = Annotations.from_dense(y)
    posterior = majority_vote(annotations)
    for n_iter in (1, 2, 3):
        posterior, confusion, prior = slow_round(y, posterior, 3)
        result = dawid_skene(annotations, pseudo_counts=0, max_iter=n_iter, tol=0)
        assert result.n_iter == n_iter
        np.testing.assert_allclose(result.posterior, posterior, atol=1e-12)
        np.testing.assert_allclose(result.confusion, confusion, atol=1e-12)
        np.testing.assert_allclose(result.class_prior, prior, atol=1e-12)


def noisy_answers(seed=0):
    rng = np.random.default_rng(seed)
    return rng, random_answers(rng, 40, 4, 3)


def assert_same_result(first, second, atol=1e-12):
    assert first.n_iter == second.n_iter
    np.testing.assert_allclose(first.confusion, second.confusion, atol=atol)
    np.testing.assert_allclose(first.class_prior, second.class_prior, atol=atol)


@pytest.mark.parametrize("seed", range(3))
def test_weights_are_repetitions(seed):
    rng, y = noisy_answers(seed)
    weight = rng.integers(1, 4, len(y))
    annotations = Annotations.from_dense(y)
    weighted = dawid_skene(annotations, sample_weight=weight.astype(float))
    repeated = dawid_skene(annotations[np.repeat(np.arange(len(y)), weight)])
    assert_same_result(weighted, repeated)


@pytest.mark.parametrize("seed", range(3))
def test_weight_zero_is_removal(seed):
    rng, y = noisy_answers(seed)
    kept = rng.random(len(y)) < 0.6
    annotations = Annotations.from_dense(y)
    weighted = dawid_skene(annotations, sample_weight=kept.astype(float))
    assert_same_result(weighted, dawid_skene(annotations[kept]))


@pytest.mark.parametrize("seed", range(3))
def test_items_without_answers_change_nothing(seed):
    _, y = noisy_answers(seed)
    nobody = np.full((200, y.shape[1]), -1)
    alone = dawid_skene(Annotations.from_dense(y))
    among = dawid_skene(Annotations.from_dense(np.vstack([y, nobody])))
    assert_same_result(alone, among)
    np.testing.assert_allclose(among.posterior[:40], alone.posterior, atol=1e-12)
    np.testing.assert_allclose(among.posterior[40:].sum(axis=1), 1)


def test_relabelling_permutes_everything():
    rng, y = noisy_answers()
    order = rng.permutation(3)
    result = dawid_skene(Annotations.from_dense(y))
    other = dawid_skene(Annotations.from_dense(np.where(y < 0, -1, order[y])))
    assert other.n_iter == result.n_iter
    np.testing.assert_allclose(other.posterior[:, order], result.posterior, atol=1e-9)
    np.testing.assert_allclose(
        other.confusion[:, order][:, :, order], result.confusion, atol=1e-9
    )


def test_pseudo_counts_shrinks_annotators_to_the_crowd():
    annotations = Annotations.from_dense(noisy_answers()[1])
    spread = [
        dawid_skene(annotations, pseudo_counts=pseudo_counts)
        .confusion.std(axis=0)
        .mean()
        for pseudo_counts in (0, 1, 10, 1e6)
    ]
    assert spread == sorted(spread, reverse=True)
    assert spread[-1] < 1e-4 < spread[0]


def test_tol_and_max_iter_stop_it():
    annotations = Annotations.from_dense(noisy_answers()[1])
    assert dawid_skene(annotations, max_iter=2, tol=0).n_iter == 2
    assert dawid_skene(annotations, tol=1.0).n_iter == 1
    loose = dawid_skene(annotations, tol=1e-2).n_iter
    assert 1 < loose < dawid_skene(annotations, tol=1e-6).n_iter
