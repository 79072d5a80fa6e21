"""Shares of the classes: of the vote, uniform, known."""

from types import SimpleNamespace

import numpy as np
import pytest
from _data import small

from skcrowd.methods import MaxMIG, MutualInformation
from skcrowd.methods._class_prior import LEAST, read_class_prior
from skcrowd.methods._label_statistics import LabelStatistics
from skcrowd.methods._side_information import SideInformation

COLD_START = SideInformation()
VOTES = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])


def weighted(weight, side_information=COLD_START, votes=None):
    """A context of which class shares read weights, votes and side information."""
    return SimpleNamespace(
        training_weight=np.asarray(weight),
        side_information=side_information,
        labels=SimpleNamespace(votes=lambda: votes),
    )


def test_shares_of_the_vote_are_weighted():
    found = read_class_prior("vote", weighted([2, 1, 0]), VOTES)
    expected = np.array([2.5 + 1 / 3, 0.5 + 1 / 3, 1 / 3]) / 4
    np.testing.assert_allclose(found, expected)


def test_uniform_shares():
    found = read_class_prior("uniform", weighted(np.ones(3)), VOTES)
    np.testing.assert_allclose(found, 1 / 3)


def test_known_shares_are_normalised_and_none_is_zero():
    found = read_class_prior([30, 10, 0], weighted(np.ones(3)), VOTES)
    np.testing.assert_allclose(found, [0.75, 0.25, LEAST], atol=1e-5)
    assert found.sum() == pytest.approx(1)
    assert found[2] > 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([0.5, 0.5], r"shape \(2,\).*3 classes"),
        ([[1, 1, 1]], r"shape \(1, 3\)"),
        ([1, 1, -1], "-1.0.*negative"),
        ([1, 1, np.nan], "finite"),
        ([1, np.inf, 1], "finite"),
        ([0, 0, 0], "all zero"),
        (["a", "b", "c"], "'a'.*numbers"),
    ],
)
@pytest.mark.parametrize("method", [MaxMIG, MutualInformation])
def test_a_prior_that_is_none_is_refused(method, wrong, said, items, answers):
    with pytest.raises(ValueError, match=f"class_prior.*{said}"):
        small(method(class_prior=wrong)).fit(items[0], answers)


def test_held_out_items_have_no_part_in_the_votes_shares():
    some = read_class_prior("vote", weighted(np.ones(2)), VOTES[:2])
    all_but_one = read_class_prior("vote", weighted([1, 1, 0]), VOTES)
    np.testing.assert_array_equal(some, all_but_one)


def test_shares_are_those_of_the_vote_also_after_a_previous_fit():
    side_information = SideInformation(previous_fit=object())
    context = weighted(np.ones(3), side_information, votes=VOTES)
    found = read_class_prior("vote", context, np.full((3, 3), 1 / 3))
    expected = read_class_prior("vote", weighted(np.ones(3)), VOTES)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("method", [MaxMIG, MutualInformation])
def test_a_cold_start_counts_the_votes_once(method, items, answers, monkeypatch):
    calls = []

    def counted(self, soft=True, votes=LabelStatistics.votes):
        calls.append(soft)
        return votes(self, soft)

    monkeypatch.setattr(LabelStatistics, "votes", counted)
    small(method()).fit(items[0], answers)
    assert calls == [True]
