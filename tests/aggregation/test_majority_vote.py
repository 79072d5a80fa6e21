import numpy as np
import pytest
from _data import random_answers

from skcrowd import Annotations
from skcrowd.aggregation import majority_vote

Y = np.array([[0, 0, 1], [1, -1, 1], [2, 1, 0], [0, 1, -1], [-1, -1, 2]])


def test_soft_votes_are_shares():
    third = 1 / 3
    expected = [[2 / 3, third, 0], [0, 1, 0], [third] * 3, [0.5, 0.5, 0], [0, 0, 1]]
    np.testing.assert_allclose(majority_vote(Annotations.from_dense(Y)), expected)


def test_hard_votes_share_ties_equally():
    third = 1 / 3
    expected = [[1, 0, 0], [0, 1, 0], [third] * 3, [0.5, 0.5, 0], [0, 0, 1]]
    votes = majority_vote(Annotations.from_dense(Y), soft=False)
    np.testing.assert_allclose(votes, expected)


@pytest.mark.parametrize("soft", [True, False])
def test_items_without_answers_get_the_average(soft):
    y = np.vstack([Y, [[-1, -1, -1]]])
    votes = majority_vote(Annotations.from_dense(y), soft=soft)
    alone = majority_vote(Annotations.from_dense(Y), soft=soft)
    np.testing.assert_array_equal(votes[:-1], alone)
    np.testing.assert_allclose(votes[-1], alone.mean(axis=0))


@pytest.mark.parametrize("soft", [True, False])
def test_relabelling_permutes_the_columns(soft):
    rng = np.random.default_rng(0)
    y = random_answers(rng, 30, 4, 5)
    order = rng.permutation(5)
    votes = majority_vote(Annotations.from_dense(y), soft=soft)
    relabelled = Annotations.from_dense(np.where(y < 0, -1, order[y]))
    np.testing.assert_array_equal(
        majority_vote(relabelled, soft=soft)[:, order],
        votes,
    )


def test_unseen_classes_get_no_vote():
    annotations = Annotations.from_dense(Y, classes=[0, 1, 2, 3])
    assert (majority_vote(annotations)[:, 3] == 0).all()
