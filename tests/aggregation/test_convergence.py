"""Iterations that end without convergence are reported, once and where it is useful."""

from contextlib import suppress

import numpy as np
import pytest
from _data import small
from sklearn.exceptions import ConvergenceWarning

from skcrowd import CrowdRegressor
from skcrowd.aggregation import dawid_skene, sequence_dawid_skene, weighted_mean
from skcrowd.aggregation._convergence import (
    no_convergence_warning,
    warn_unless_converged,
)
from skcrowd.annotations import SequenceAnnotations
from skcrowd.datasets import make_annotations
from skcrowd.experimental import DoctorNet
from skcrowd.methods import DawidSkene, WeightedMean
from skcrowd.metrics import get_scorer

pytestmark = pytest.mark.filterwarnings("error")

MIXED = {"expert": 2, "average": 8, "biased": 5, "random": 5}


def random_labels():
    return np.random.default_rng(0).integers(3, size=(40, 6))


def random_numbers():
    return np.random.default_rng(0).normal(size=(40, 6))


def random_tags():
    tags = np.random.default_rng(0).choice(["O", "B-X"], size=(8, 3, 5))
    return SequenceAnnotations.from_cells(tags.tolist())


CALLS = {
    "dawid_skene": (dawid_skene, random_labels),
    "weighted_mean": (weighted_mean, random_numbers),
    "sequence_dawid_skene": (sequence_dawid_skene, random_tags),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_limit_that_is_reached_is_reported(name):
    function, data = CALLS[name]
    pattern = rf"{name} did not converge: iteration 2, .*Increase max_iter or tol"
    with pytest.warns(ConvergenceWarning, match=pattern) as caught:
        result = function(data(), max_iter=2)
    assert result.n_iter == 2
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize("name", CALLS)
def test_no_warning_without_tolerance_or_after_convergence(name):
    function, data = CALLS[name]
    assert function(data(), max_iter=2, tol=0).n_iter == 2
    assert function(data(), max_iter=2, tol=1.0).n_iter == 1
    with no_convergence_warning():
        assert function(data(), max_iter=2).n_iter == 2


def test_convergence_in_the_last_iteration_is_convergence():
    n_iter = dawid_skene(random_labels(), tol=1e-2).n_iter
    assert n_iter > 1
    assert dawid_skene(random_labels(), tol=1e-2, max_iter=n_iter).n_iter == n_iter
    with pytest.warns(ConvergenceWarning):
        dawid_skene(random_labels(), tol=1e-2, max_iter=n_iter - 1)


def test_single_ratings_need_one_iteration():
    assert weighted_mean(np.arange(5.0)[:, None], max_iter=1).n_iter == 1


def test_silence_ends():
    with suppress(RuntimeError), no_convergence_warning():
        warn_unless_converged("it", 1.0, 0.1, 3)
        raise RuntimeError
    with pytest.warns(ConvergenceWarning, match="changed the result by 1, and tol"):
        warn_unless_converged("it", 1.0, 0.1, 3)


@pytest.mark.parametrize("n_items", [100, 1000])
@pytest.mark.parametrize("n_classes", [2, 5])
@pytest.mark.parametrize("kinds", [{"average": 10}, MIXED], ids=["average", "mixed"])
def test_ordinary_crowds_converge(n_items, n_classes, kinds):
    truth = np.arange(n_items) % n_classes
    crowd = make_annotations(truth, kinds, answers_per_item=3, random_state=0)
    assert dawid_skene(crowd.annotations).n_iter < 300
    crowd = make_annotations(
        truth * 1.0, kinds, kind="numbers", answers_per_item=3, random_state=0
    )
    assert weighted_mean(crowd.annotations).n_iter < 300


def test_methods_that_are_the_algorithm_warn():
    X = np.random.default_rng(0).normal(size=(40, 2))
    with pytest.warns(ConvergenceWarning, match="dawid_skene did not"):
        small(DawidSkene(max_iter=2)).fit(X, random_labels())
    with pytest.warns(ConvergenceWarning, match="weighted_mean did not"):
        small(WeightedMean(max_iter=2), CrowdRegressor).fit(X, random_numbers())


def test_methods_and_scores_of_which_it_is_a_step_do_not_warn(monkeypatch):
    monkeypatch.setitem(dawid_skene.__kwdefaults__, "max_iter", 2)
    X, y = np.random.default_rng(0).normal(size=(40, 2)), random_labels()
    clf = small("majority_vote").fit(X, y)
    assert 0 < get_scorer("consensus")(clf, X, y) < 1
    small(DoctorNet()).fit(X, y)
