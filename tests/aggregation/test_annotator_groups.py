"""annotator_groups: families whose answers count as fewer votes."""

import numpy as np
import pytest

from skcrowd import Annotations
from skcrowd.aggregation import Consensus, dawid_skene, majority_vote
from skcrowd.aggregation._annotator_groups import read_groups

N_CLASSES = 3


def crowd(n_items=400, n_copies=4, share=1.0, seed=0):
    """Draw the truth, and answers of five good annotators and a family of poor ones.

    The family repeats the share of the answers of its first member.
    """
    rng = np.random.default_rng(seed)
    truth = rng.integers(N_CLASSES, size=n_items)
    accuracy = np.array([0.8] * 5 + [0.4] * n_copies)
    is_right = rng.random((n_items, len(accuracy))) < accuracy
    wrong = (truth[:, None] + rng.integers(1, N_CLASSES, is_right.shape)) % N_CLASSES
    y = np.where(is_right, truth[:, None], wrong)
    family = y[:, 5:]
    copied = rng.random(family.shape) < share
    y[:, 5:] = np.where(copied, family[:, :1], family)
    return truth, Annotations.from_dense(y)


FAMILY = dict.fromkeys(range(5, 9), "models")
FORMS = [FAMILY, [None] * 5 + ["models"] * 4, "auto"]


@pytest.mark.parametrize("groups", FORMS, ids=["mapping", "list", "auto"])
def test_copies_count_as_one_vote(groups):
    _, y = crowd()
    without = y.select_annotators(np.arange(6))
    np.testing.assert_allclose(
        majority_vote(y, annotator_groups=groups), majority_vote(without)
    )
    np.testing.assert_allclose(
        majority_vote(y, soft=False, annotator_groups=groups),
        majority_vote(without, soft=False),
    )
    found = dawid_skene(y, annotator_groups=groups, pseudo_counts=0)
    np.testing.assert_allclose(
        found.posterior, dawid_skene(without, pseudo_counts=0).posterior, atol=1e-6
    )
    np.testing.assert_allclose(found.confusion[5], found.confusion[8])


def test_independent_members_of_a_family_count_fully():
    _, y = crowd(n_items=2000, share=0.0)
    (excess,) = read_groups(y, FAMILY).excess
    assert excess < 0.1
    np.testing.assert_allclose(
        majority_vote(y, annotator_groups=FAMILY), majority_vote(y), atol=0.05
    )


def test_partial_copies_are_between():
    _, y = crowd(n_items=2000, share=0.7)
    (excess,) = read_groups(y, FAMILY).excess
    assert 0.4 < excess < 0.9


def test_without_others_a_family_has_one_vote():
    y = Annotations.from_dense([[0, 0, 0, 1], [1, 1, 0, 1]])
    groups = ["a", "a", "a", None]
    assert read_groups(y, groups).excess == [1.0]
    np.testing.assert_allclose(
        majority_vote(y, annotator_groups=groups), [[0.5, 0.5], [1 / 6, 5 / 6]]
    )


def test_families_of_one_change_nothing():
    _, y = crowd()
    np.testing.assert_array_equal(
        majority_vote(y, annotator_groups=list("abcdefghi")), majority_vote(y)
    )
    found = Consensus(annotator_groups=list("abcdefghi")).fit(y)
    without = Consensus(annotator_groups=None).fit(y)
    np.testing.assert_array_equal(found.posterior_, without.posterior_)
    assert (found.annotator_groups_ == -1).all()


def test_consensus_finds_the_family_by_itself():
    _, y = crowd()
    found, named = Consensus().fit(y), Consensus(annotator_groups=FAMILY).fit(y)
    np.testing.assert_array_equal(found.annotator_groups_, named.annotator_groups_)
    np.testing.assert_allclose(found.posterior_, named.posterior_)


def test_the_truth_is_found_against_a_family_that_outvotes_the_others():
    truth, y = crowd(n_copies=8)
    groups = dict.fromkeys(range(5, 13), "models")
    right = np.mean(majority_vote(y).argmax(axis=1) == truth)
    for method in (majority_vote, lambda y, **kw: dawid_skene(y, **kw).posterior):
        labels = method(y, annotator_groups=groups).argmax(axis=1)
        assert np.mean(labels == truth) > max(right + 0.1, 0.9)


def test_consensus_discounts_families_of_other_items_too():
    truth, y = crowd(n_copies=8)
    groups = dict.fromkeys(range(5, 13), "models")
    found = Consensus(annotator_groups=groups).fit(y)
    assert np.mean(found.predict() == truth) > 0.9
    np.testing.assert_array_equal(found.annotator_groups_, [-1] * 5 + [0] * 8)
    np.testing.assert_allclose(found.group_excess_, 1.0, atol=0.01)
    assert not found.errs_together_
    np.testing.assert_allclose(found.predict_proba(y), found.posterior_, atol=1e-3)
    first = y.select_annotators(np.arange(6))
    np.testing.assert_allclose(
        found.predict_proba(first), found.predict_proba(y), atol=1e-6
    )


def test_gold_stays_certain():
    truth, y = crowd()
    gold = np.where(np.arange(400) < 50, truth, -1)
    found = Consensus(annotator_groups=FAMILY).fit(y, gold=gold)
    assert (found.posterior_[np.arange(50), truth[:50]] == 1).all()


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ("all", "give 'auto', a name"),
        ({"nobody": "a"}, "names 'nobody', which is no annotator"),
        (["a", "b"], "has 2 entries for 9 annotators"),
    ],
)
def test_groups_that_do_not_fit(groups, message):
    _, y = crowd()
    for infer in (majority_vote, dawid_skene):
        with pytest.raises(ValueError, match=message):
            infer(y, annotator_groups=groups)
    with pytest.raises(ValueError, match=message):
        Consensus(annotator_groups=groups).fit(y)
