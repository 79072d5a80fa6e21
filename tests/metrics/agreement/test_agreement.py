"""Coefficients of agreement: symmetries, missing answers, intervals, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrowd import Annotations
from skcrowd.metrics.agreement import (
    cohen_kappa_matrix,
    fleiss_kappa,
    gwet_ac1,
    intraclass_correlation,
    krippendorff_alpha,
    percent_agreement,
    scott_pi,
)

OF_LABELS = {
    "percent": percent_agreement,
    "fleiss": fleiss_kappa,
    "gwet": gwet_ac1,
    "nominal": krippendorff_alpha,
    "ordinal": lambda y, **k: krippendorff_alpha(y, level="ordinal", **k),
}
OF_NUMBERS = {
    "interval": lambda y, **k: krippendorff_alpha(y, level="interval", **k),
    "ratio": lambda y, **k: krippendorff_alpha(y, level="ratio", **k),
    "one-way": lambda y, **k: intraclass_correlation(y, form="one-way", **k),
    "agreement": lambda y, **k: intraclass_correlation(y, form="agreement", **k),
    "consistency": lambda y, **k: intraclass_correlation(y, form="consistency", **k),
}


def crowd(seed, n_items=30, n_annotators=5, missing=0.3):
    """Return labels of 4 classes and numbers, -1 and NaN where missing."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 4, n_items)
    right = rng.random((n_items, n_annotators)) < 0.7
    labels = np.where(right, truth[:, None], rng.integers(0, 4, right.shape))
    numbers = np.abs(truth[:, None] + 3 + rng.normal(size=right.shape))
    is_missing = rng.random(right.shape) < missing
    is_missing[:2] = False
    labels[:2] = [[0], [3]]
    return np.where(is_missing, -1, labels), np.where(is_missing, np.nan, numbers)


CASES = [(name, 0, f) for name, f in OF_LABELS.items()]
CASES += [(name, 1, f) for name, f in OF_NUMBERS.items()]


@pytest.mark.parametrize(("name", "kind", "measure"), CASES)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_items_and_annotators_does_not_matter(name, kind, measure, seed):
    y = crowd(seed)[kind]
    rng = np.random.default_rng(seed)
    shuffled = y[rng.permutation(len(y))][:, rng.permutation(y.shape[1])]
    classes = {"classes": range(4)} if kind == 0 else {}
    assert measure(shuffled, **classes) == pytest.approx(measure(y, **classes))


@pytest.mark.parametrize(("name", "kind", "measure"), CASES)
def test_items_without_an_answer_change_nothing(name, kind, measure):
    y = crowd(1)[kind]
    empty = np.full((3, y.shape[1]), [-1, np.nan][kind]).astype(y.dtype)
    assert measure(np.concatenate([y, empty])) == pytest.approx(measure(y))


@pytest.mark.parametrize(("name", "kind", "measure"), CASES)
def test_full_agreement_is_one(name, kind, measure):
    y = np.repeat(np.arange(1, 5)[:, None], 3, axis=1)
    assert measure(y if kind == 0 else y.astype(float)) == pytest.approx(1)


@pytest.mark.parametrize("name", ["fleiss", "gwet", "nominal", "ordinal"])
def test_agreement_by_chance_is_zero(name):
    y = np.random.default_rng(0).integers(0, 4, (4000, 4))
    assert OF_LABELS[name](y) == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize(("name", "kind", "measure"), CASES)
def test_every_form_of_answers(name, kind, measure):
    y = crowd(2)[kind]
    container = Annotations.from_dense(y, kind=["labels", "numbers"][kind])
    lists = [[None if v in (-1,) or v != v else v for v in row] for row in y.tolist()]
    assert measure(container) == measure(y) == measure(lists)


@pytest.mark.parametrize(("name", "kind", "measure"), CASES)
def test_intervals(name, kind, measure):
    y = crowd(3, n_items=60)[kind]
    found = measure(y, confidence_level=0.9, n_resamples=100, random_state=0)
    assert found.low < found.value < found.high
    assert found.value == measure(y)
    wider = measure(y, confidence_level=0.99, n_resamples=100, random_state=0)
    assert wider.low <= found.low
    assert wider.high >= found.high
    assert found == measure(y, confidence_level=0.9, n_resamples=100, random_state=0)


def test_intervals_of_crowds_that_determine_nothing():
    found = krippendorff_alpha([[0, 0], [0, 0]], confidence_level=0.9, n_resamples=5)
    assert np.isnan(found).all()


def test_the_interval_of_alpha_holds_its_level():
    rng = np.random.default_rng(0)

    def simulated(n):
        truth = rng.integers(0, 3, n)
        wrong = rng.random((n, 3)) < 0.3
        return np.where(wrong, rng.integers(0, 3, (n, 3)), truth[:, None])

    alpha = krippendorff_alpha(simulated(200_000))
    held = [
        low <= alpha <= high
        for _, low, high in (
            krippendorff_alpha(
                simulated(80), confidence_level=0.9, n_resamples=200, random_state=k
            )
            for k in range(100)
        )
    ]
    assert 82 <= sum(held) <= 97


def by_pairs(y, distance):
    """Krippendorff's alpha as it is defined, pair by pair."""
    rows = [row[~np.isnan(row)] for row in y]
    rows = [row for row in rows if len(row) > 1]
    n = sum(map(len, rows))
    every = np.concatenate(rows)
    observed = sum(
        distance(a, b) ** 2 / (len(row) - 1)
        for row in rows
        for i, a in enumerate(row)
        for j, b in enumerate(row)
        if i != j
    )
    expected = sum(distance(a, b) ** 2 for a in every for b in every)
    return 1 - observed / n / (expected / (n * (n - 1)))


@given(seed=st.integers(0, 2**32 - 1))
def test_alpha_is_its_definition(seed):
    y = crowd(seed, n_items=10, missing=0.5)[1].round()
    y = np.abs(y)
    for level, distance in {
        "interval": lambda a, b: a - b,
        "ratio": lambda a, b: (a - b) / (a + b) if a + b else 0.0,
    }.items():
        expected = by_pairs(y, distance)
        assert krippendorff_alpha(y, level=level) == pytest.approx(expected)
    numbers = Annotations.from_dense(y, kind="numbers")
    own = krippendorff_alpha(numbers, level=lambda a, b: np.sqrt(abs(a - b)))
    assert own == pytest.approx(by_pairs(y, lambda a, b: np.sqrt(abs(a - b))))


def components(y):
    """Components of variance of a full table, by the analysis of variance."""
    n, k = y.shape
    of_items = k * y.mean(axis=1).var(ddof=1)
    of_annotators = n * y.mean(axis=0).var(ddof=1)
    rest = y - y.mean(axis=1, keepdims=True) - y.mean(axis=0) + y.mean()
    error = (rest**2).sum() / ((n - 1) * (k - 1))
    return of_items, of_annotators, error


@given(seed=st.integers(0, 2**32 - 1))
def test_correlations_of_full_tables_are_those_of_the_analysis_of_variance(seed):
    y = crowd(seed, missing=0.0)[1]
    n, k = y.shape
    items, annotators, error = components(y)
    expected = (items - error) / (
        items + (k - 1) * error + k * (annotators - error) / n
    )
    assert intraclass_correlation(y) == pytest.approx(expected)


def test_correlations_with_missing_ratings_are_near_those_without():
    rng = np.random.default_rng(0)
    y = (
        rng.normal(size=(3000, 1))
        + 0.5 * rng.normal(size=6)
        + rng.normal(size=(3000, 6))
    )
    y[rng.random(y.shape) < 0.6] = np.nan
    consistency = intraclass_correlation(y, form="consistency")
    assert consistency == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    "measure", [*OF_LABELS.values(), cohen_kappa_matrix], ids=[*OF_LABELS, "cohen"]
)
def test_nobody_to_agree_with(measure):
    with pytest.raises(ValueError, match="no item with two answers"):
        measure([[0, -1], [-1, 1], [1, -1]])


def test_what_is_not_determined_is_nan():
    same = np.zeros((4, 3), dtype=int)
    assert np.isnan(fleiss_kappa(same))
    assert np.isnan(krippendorff_alpha(same))
    assert np.isnan(intraclass_correlation(same.astype(float)))
    apart = cohen_kappa_matrix([[0, 0, -1], [1, 0, -1], [1, -1, 0]])
    assert np.isnan(apart[1, 2])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda y: krippendorff_alpha(y, level="cardinal"), "level must be one of"),
        (lambda y: krippendorff_alpha(y - 9.0, level="ratio"), "not negative"),
        (lambda y: krippendorff_alpha(y, level=lambda a, b: 1), "finite distance"),
        (lambda y: cohen_kappa_matrix(y, weights="cubic"), "weights must be"),
        (lambda y: intraclass_correlation(y, form="ICC3"), "form must be one of"),
        (lambda y: intraclass_correlation(y, n_averaged=0), "n_averaged"),
        (lambda y: fleiss_kappa(y, confidence_level=95), "between 0 and 1"),
        (lambda y: fleiss_kappa(y, confidence_level=0.9, n_resamples=0), "n_resamples"),
        (scott_pi, "compares two annotators"),
        (lambda y: gwet_ac1(np.zeros_like(y)), "two classes or more"),
    ],
)
def test_refusals(call, message):
    y = np.array([[1, 1, 2], [2, 2, 2], [1, 2, 1]])
    with pytest.raises(ValueError, match=message):
        call(y)


@pytest.mark.parametrize(
    "y", [[[0, 1, 0]], [[0, 0]] * 5, [[0, 1, 0], [1, 1, 0]], [[0, 1, 0], [1, -1, -1]]]
)
def test_items_that_are_alike_have_an_interval_with_a_width(y):
    found = percent_agreement(y, confidence_level=0.95, random_state=0)
    assert found.value == percent_agreement(y)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.high - found.low > 0.4


def test_perfect_agreement_of_more_items_is_surer():
    y = [[0, 0], [1, 1]]
    for measure in (krippendorff_alpha, fleiss_kappa, intraclass_correlation):
        few, many = (
            measure(y * n, confidence_level=0.95, n_resamples=50, random_state=0)
            for n in (2, 50)
        )
        assert few.low < many.low < 1
        assert many.low > 0.95
        assert few.high == many.high == many.value == 1


@pytest.mark.parametrize("level", [0.01, 0.5])
def test_the_interval_holds_the_value(level):
    y = [[0, 0, 0], [1, 1, 0], [1, 1, 1], [0, 0, 1], [1, 0, 2], [1, -1, 1]]
    for measure in (percent_agreement, fleiss_kappa, gwet_ac1, krippendorff_alpha):
        found = measure(y, confidence_level=level, n_resamples=20, random_state=0)
        assert found.low <= found.value <= found.high
