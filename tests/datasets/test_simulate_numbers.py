"""make_annotations: a crowd rates."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrowd.annotations import Annotations, check_annotations
from skcrowd.datasets import make_annotations
from skcrowd.datasets._kinds import RATING_KINDS

EVERY_KIND = dict.fromkeys(RATING_KINDS, 2)


def values(n_items, seed=0):
    return np.random.RandomState(seed).normal(3.0, 0.8, size=n_items)


def rate(y_true, annotators, **options):
    return make_annotations(
        y_true, annotators, kind="numbers", **{"random_state": 0, **options}
    )


def test_the_bunch_holds_what_is_documented():
    crowd = rate(values(200), EVERY_KIND, answers_per_item=4)
    annotations = crowd.annotations
    assert isinstance(annotations, Annotations)
    assert annotations.kind == "numbers"
    assert annotations.shape == (200, 14)
    assert annotations.n_answers == 800
    assert check_annotations(annotations, kind="numbers") is annotations
    for name in ("scale", "bias", "noise_std", "kind"):
        assert crowd[name].shape == (14,)
    assert crowd.kind.tolist() == np.repeat(list(RATING_KINDS), 2).tolist()
    assert crowd.share_answered == pytest.approx(4 / 14)
    assert "classes" not in crowd
    assert "share_right" not in crowd


def test_the_confusion_maps_the_truth_to_the_expected_answer():
    y_true = values(50)
    crowd = rate(y_true, EVERY_KIND)
    assert crowd.confusion.shape == (14, 2, 2)
    homogeneous = np.stack([y_true, np.ones(50)])
    expected = np.outer(crowd.scale, y_true) + crowd.bias[:, None]
    mapped = crowd.confusion @ homogeneous
    np.testing.assert_allclose(mapped[:, 0], expected)
    np.testing.assert_array_equal(mapped[:, 1], 1.0)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_line_through_many_answers_is_that_of_the_annotator(seed):
    y_true = values(20_000, seed)
    crowd = rate(y_true, EVERY_KIND, random_state=seed)
    dense = crowd.annotations.to_dense()
    spread = y_true.std()
    for r, (scale, bias) in enumerate(np.polyfit(y_true, dense, 1).T):
        error = crowd.noise_std[r] / np.sqrt(20_000)
        assert scale == pytest.approx(crowd.scale[r], abs=5 * error / spread)
        assert bias == pytest.approx(crowd.bias[r], abs=25 * error / spread)
        residual = dense[:, r] - scale * y_true - bias
        assert residual.std() == pytest.approx(crowd.noise_std[r], rel=0.03)


def test_answers_err_independently_of_one_another():
    y_true = values(20_000)
    crowd = rate(y_true, EVERY_KIND)
    expected = np.outer(y_true, crowd.scale) + crowd.bias
    correlation = np.corrcoef(crowd.annotations.to_dense() - expected, rowvar=False)
    assert np.abs(correlation - np.eye(14)).max() < 0.04


def test_kinds_are_as_useful_as_documented():
    y_true = values(5_000)
    crowd = rate(y_true, dict.fromkeys(RATING_KINDS, 10))
    dense = crowd.annotations.to_dense()
    error = np.sqrt(((dense - y_true[:, None]) ** 2).mean(axis=0)) / y_true.std()
    related = np.array([np.corrcoef(y_true, rated)[0, 1] for rated in dense.T])
    error, related = (
        {k: v[crowd.kind == k] for k in RATING_KINDS} for v in (error, related)
    )
    assert error["expert"].max() < 0.25 < error["average"].min()
    assert error["average"].max() < 0.85
    assert error["biased"].min() > 0.5
    assert error["noisy"].min() > 0.95
    for kind in ("expert", "average", "biased", "compressing"):
        assert related[kind].min() > 0.65
    assert 0.3 < related["noisy"].min() < related["noisy"].max() < 0.75
    assert np.abs(related["random"]).max() < 0.07
    assert related["adversarial"].max() < -0.85


def test_given_annotators_without_noise_are_obeyed_exactly():
    y_true = [1.0, 2.0, -4.0]
    crowd = rate(y_true, [[1, 0, 0], [0.5, 2, 0], [0, 7, 0]])
    assert crowd.kind.tolist() == ["given"] * 3
    assert crowd.annotations.to_dense().tolist() == [[1, 2.5, 7], [2, 3, 7], [-4, 0, 7]]


def test_limits_and_step_shape_the_answers_alone():
    y_true = values(500)
    options = {"answers_per_item": 3, "workload": "zipf"}
    free = rate(y_true, EVERY_KIND, **options)
    stars = rate(y_true, EVERY_KIND, limits=(1, 5), step=0.5, **options)
    np.testing.assert_array_equal(free.annotations.item, stars.annotations.item)
    np.testing.assert_array_equal(
        free.annotations.annotator, stars.annotations.annotator
    )
    np.testing.assert_array_equal(free.confusion, stars.confusion)
    rounded = np.rint(2 * free.annotations.answer) / 2
    np.testing.assert_array_equal(stars.annotations.answer, rounded.clip(1, 5))
    assert set(stars.annotations.answer) == set(np.arange(1, 5.5, 0.5))


@pytest.mark.parametrize("answers_per_item", [None, 2, 2.5])
def test_the_same_seed_gives_the_same_bits(answers_per_item):
    options = {"answers_per_item": answers_per_item}
    first, again = (rate(values(100), 12, random_state=3, **options) for _ in range(2))
    other = rate(values(100), 12, random_state=4, **options)
    assert first.annotations == again.annotations
    assert first.annotations != other.annotations
    for name in ("scale", "bias", "noise_std"):
        np.testing.assert_array_equal(first[name], again[name])


@given(
    unit=st.floats(0.01, 100), origin=st.floats(-50, 50), seed=st.integers(0, 2**32 - 1)
)
def test_another_unit_of_the_truth_is_another_unit_of_the_answers(unit, origin, seed):
    options = {"answers_per_item": 2, "random_state": seed}
    ratings = rate(values(40), EVERY_KIND, **options).annotations
    converted = rate(unit * values(40) + origin, EVERY_KIND, **options).annotations
    np.testing.assert_array_equal(converted.annotator, ratings.annotator)
    np.testing.assert_allclose(
        converted.answer, unit * ratings.answer + origin, rtol=1e-6, atol=1e-6 * unit
    )


def test_permuted_items_get_permuted_answers():
    y_true = values(30)
    order = np.random.RandomState(1).permutation(30)
    lines = [[1, 0.5, 0], [-1, 6, 0]]
    np.testing.assert_array_equal(
        rate(y_true[order], lines).annotations.to_dense(),
        rate(y_true, lines).annotations.to_dense()[order],
    )


@pytest.mark.parametrize(
    "y_true",
    [
        [1, 2, 4],
        np.array([1, 2, 4], dtype=np.float32),
        np.array([1, 2.0, 4], dtype=object),
        pd.Series([1, 2, 4], dtype="Int64"),
        pd.Series([1.0, 2.0, 4.0], index=[7, 8, 9]),
    ],
)
def test_numbers_of_any_dtype(y_true):
    crowd = rate(y_true, [[1, 0, 0]])
    assert crowd.annotations.answer.dtype == np.float64
    assert crowd.annotations.answer.tolist() == [1, 2, 4]


def test_a_truth_is_left_alone():
    y_true = values(20)
    before = y_true.copy()
    y_true.flags.writeable = False
    rate(y_true, 5, limits=(1, 5), step=1)
    np.testing.assert_array_equal(y_true, before)


@pytest.mark.parametrize(
    ("y_true", "message"),
    [
        ([], "y_true is empty"),
        ([0.5, np.nan, 1.0], r"missing value \(.*nan.*\) at row 1"),
        (pd.Series([1, None, 2], dtype="Int64"), "missing value .* at row 1"),
        ([0.5, -np.inf], "y_true holds -inf at row 1.*finite"),
        (["low", "high"], "the string 'low' at row 0 of y_true"),
        ([1j, 2.0], "Complex"),
        ([[0, 1], [1, 0]], "1d array"),
        ([-1e308, 1e308], "too large for 64-bit floats"),
    ],
)
def test_wrong_truths_are_refused(y_true, message):
    with pytest.raises(ValueError, match=message):
        rate(y_true, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"kind": "stars"},
            "kind must be 'labels', 'numbers' or 'sequences', got 'stars'",
        ),
        ({"classes": [1, 2]}, r"classes=\[1, 2\] was given with kind='numbers'"),
        ({"limits": (5, 1)}, r"limits=\(5, 1\).*low < high"),
        ({"step": 0}, "step=0.*greater than 0"),
        ({"limits": (1, 5), "step": 3}, "in 1.33333 steps"),
        ({"kind": "labels", "limits": (1, 5)}, "limits=.*kind='labels'"),
        ({"kind": "labels", "step": 1}, "step=1.*kind='labels'"),
        ({"answers_per_item": 4}, "answers_per_item=4 with 3 annotators"),
        ({"workload": "zipf"}, "changes nothing"),
    ],
)
def test_wrong_parameters_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        make_annotations([1, 2, 3], 3, **{"kind": "numbers", **options})


@pytest.mark.parametrize(
    ("annotators", "options"), [([[1e300, 0, 0]], {}), (2, {"step": 1e-308})]
)
def test_answers_beyond_the_floats_are_refused(annotators, options):
    with pytest.raises(ValueError, match="too large for 64-bit floats"):
        rate([1e10, 2e10], annotators, **options)


def test_a_crowd_that_labels_points_to_numbers_for_continuous_values():
    with pytest.raises(ValueError, match=r"continuous.*kind='numbers'"):
        make_annotations([0.5, 1.0], 3)


def test_memory_and_time_follow_the_answers():
    """A dense 200 000 x 50 000 matrix of answers would take 80 GB."""
    crowd = rate(
        values(200_000), {"average": 50_000}, answers_per_item=3, workload="zipf"
    )
    assert crowd.annotations.shape == (200_000, 50_000)
    assert crowd.annotations.n_answers == 600_000
