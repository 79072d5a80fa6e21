"""Copies who are most annotators, and good annotators, who agree as well."""

import warnings

import numpy as np
import pytest

from skcrowd import CrowdClassifier
from skcrowd.aggregation._vote_discount import find_dependent
from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.estimators._crowd_checks import warn_of_crowd
from skcrowd.metrics import annotator_dependence

N_COPIES = 4
OTHERS = [0.85] * 3


def answer(rng, truth, accuracy, n_classes):
    """Draw answers; the accuracy is of annotators, or of items and annotators."""
    accuracy = np.asarray(accuracy)
    is_right = rng.random((len(truth), accuracy.shape[-1])) < accuracy
    wrong = truth[:, None] + rng.integers(1, n_classes, size=is_right.shape)
    return np.where(is_right, truth[:, None], wrong % n_classes)


def crowd(seed, accuracy, n_classes=2, own=0.0, n_items=500):
    """Four who answer a share of the items on their own, and three others."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(n_classes, size=n_items)
    own_answers = answer(rng, truth, [accuracy] * N_COPIES, n_classes)
    is_own = rng.random(own_answers.shape) < own
    copied = answer(rng, truth, [accuracy], n_classes)
    others = answer(rng, truth, OTHERS, n_classes)
    return np.hstack([np.where(is_own, own_answers, copied), others])


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("own", [0.0, 0.02, 0.05])
@pytest.mark.parametrize("accuracy", [0.45, 0.5, 0.55, 0.6, 0.7])
def test_copies_who_are_most_annotators_are_named(accuracy, own, n_classes):
    for seed in range(4):
        found = annotator_dependence(crowd(seed, accuracy, n_classes, own))
        assert found.groups == [[0, 1, 2, 3]]
        assert found.group_p_value[0] < 0.05
        np.testing.assert_allclose(found.group_excess, 1 - 2 * own, atol=0.07)
        assert abs(found.effective_votes - 4) < 0.5


@pytest.mark.parametrize("n_classes", [2, 3, 5])
@pytest.mark.parametrize("accuracy", [1.0, 0.97])
def test_good_annotators_are_no_group(accuracy, n_classes):
    alarms = 0
    for seed in range(20):
        y = crowd(seed, accuracy, n_classes, own=1.0)
        alarms += annotator_dependence(y).n_groups > 0
    assert alarms <= 1


@pytest.mark.parametrize(("n_annotators", "n_copies"), [(8, 2), (8, 3), (30, 10)])
@pytest.mark.parametrize("n_classes", [2, 5])
def test_copies_who_are_better_than_the_others_are_named(
    n_annotators, n_copies, n_classes
):
    named = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        truth = rng.integers(n_classes, size=500)
        copies = np.repeat(answer(rng, truth, [0.9], n_classes), n_copies, axis=1)
        others = answer(rng, truth, [0.75] * (n_annotators - n_copies), n_classes)
        groups = annotator_dependence(np.hstack([copies, others])).groups
        assert groups in ([], [list(range(n_copies))])
        named += len(groups)
    assert named >= 30


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_good_annotators_beside_others_on_hard_items_are_no_group(n_classes):
    """Six others, right in 85 %, whose errors are those of hard items."""
    alarms = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        truth = rng.integers(n_classes, size=500)
        chance = 1 / n_classes
        ease = chance + (0.85 - chance) * rng.random((500, 1)) ** 0.7
        others = answer(rng, truth, np.repeat(ease, 6, axis=1), n_classes)
        y = np.hstack([np.repeat(truth[:, None], 3, axis=1), others])
        alarms += annotator_dependence(y).n_groups > 0
    assert alarms <= 1


def test_metric_and_report_number_groups_alike():
    """The less certain group has the first member."""
    rng = np.random.default_rng(3)
    truth = rng.integers(3, size=400)
    y = answer(rng, truth, [0.75] * 14, 3)
    y[:, 12] = y[:, 4]
    kept = rng.random((400, 2)) < 0.85
    y[:, 9:11] = np.where(kept, y[:, 2:3], y[:, 9:11])
    found = annotator_dependence(y)
    assert found.groups == [[2, 9, 10], [4, 12]]
    assert found.group_p_value[0] > found.group_p_value[1]
    fitted = CrowdClassifier(max_epochs=1, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted.fit(truth[:, None] + rng.normal(size=(400, 2)), y)
    reported = fitted.annotator_report()["group"]
    assert [-1 if k is None else k for k in reported] == found.group.tolist()


def test_annotators_who_are_always_right_on_hard_items_are_no_group():
    """Items are hard for the others, who err independently."""
    alarms = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        truth = rng.integers(2, size=500)
        ease = 0.5 + 0.5 * rng.random((500, 1))
        others = answer(rng, truth, np.repeat(ease, 8, axis=1), 2)
        y = np.hstack([np.repeat(truth[:, None], 2, axis=1), others])
        alarms += annotator_dependence(y).n_groups > 0
    assert alarms <= 1


def as_matrix(found):
    """Write the excess of all pairs, annotators x annotators."""
    matrix = np.full((found.n_annotators,) * 2, np.nan)
    matrix[found.first, found.second] = found.excess
    matrix[found.second, found.first] = found.excess
    return matrix


@pytest.mark.parametrize("own", [0.0, 0.05])
def test_order_of_annotators_does_not_matter(own):
    y = crowd(0, 0.5, own=own)
    order = np.random.default_rng(1).permutation(y.shape[1])
    first, again = annotator_dependence(y), annotator_dependence(y[:, order])
    (members,) = again.groups
    assert set(order[members]) == {0, 1, 2, 3}
    np.testing.assert_allclose(
        as_matrix(again), as_matrix(first)[np.ix_(order, order)], atol=1e-9
    )


@pytest.mark.parametrize("accuracy", [0.5, 0.6])
def test_fits_warnings_and_metric_name_the_same(accuracy):
    for seed in range(3):
        y = Annotations.from_dense(crowd(seed, accuracy))
        found = annotator_dependence(y)
        groups = find_dependent(y)
        np.testing.assert_array_equal(groups.group, found.group)
        np.testing.assert_allclose(groups.excess, found.group_excess)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warn_of_crowd(y, None)
        (message,) = (str(warning.message) for warning in caught)
        assert "0, 1, 2, 3 err together (excess agreement 1.00)" in message


def test_a_double_account_with_part_of_the_items_is_found_beside_copies():
    """Both accounts of one person answer two thirds; four others are copies."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        truth = rng.integers(3, size=500)  # of the crowd, too
        y = crowd(seed, 0.5, n_classes=3)
        person = answer(np.random.default_rng(seed + 100), truth, [0.8], 3)
        y = np.hstack([y, person, person])
        y[rng.random(500) < 1 / 3, 7] = -1
        y[rng.random(500) < 1 / 3, 8] = -1
        assert sorted(annotator_dependence(y).groups) == [[0, 1, 2, 3], [7, 8]]


def test_copies_in_a_family_count_once_and_are_named_with_it():
    """Annotators 0 and 1 are one, 2 and 3 agree with them on most of the items."""
    found = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        truth = rng.integers(3, size=500)
        y = answer(rng, truth, [0.6] * 14, 3)
        y[:, 1] = y[:, 0]
        kept = rng.random((500, 2)) < 0.8
        y[:, 2:4] = np.where(kept, y[:, :1], y[:, 2:4])
        result = annotator_dependence(y)
        found += result.groups == [[0, 1, 2, 3]]
        assert (result.group_p_value < 0.05).all()
    assert found >= 9


def test_tags_of_copies_who_are_most_annotators():
    y = crowd(0, 0.5)
    tags = np.array(["O", "B-A"], dtype=object)[y]
    sequences = SequenceAnnotations.from_flat(tags, np.full(100, 5))
    assert annotator_dependence(sequences).groups == [[0, 1, 2, 3]]


@pytest.mark.parametrize("n_annotators", [1, 2, 3])
def test_few_annotators_are_no_group(n_annotators):
    y = Annotations.from_dense(np.repeat(crowd(0, 0.6)[:, :1], n_annotators, axis=1))
    found = annotator_dependence(y)
    assert found.n_groups == 0
    assert np.isnan(found.excess).all()
