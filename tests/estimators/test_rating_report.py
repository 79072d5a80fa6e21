"""annotator_report of ratings: values by the annotators' own ratings, and intervals."""

import numpy as np
import pandas as pd
import pytest
from _data import rated, small

from skcrowd import CrowdRegressor, load, save
from skcrowd.aggregation._rating_regression import N_STATISTICS
from skcrowd.estimators._insight._number_report import number_columns
from skcrowd.estimators._rating_evidence import add_truth_moments

COLUMNS = ("offset", "scale", "noise_std", "correlation")


def statistics(truth, ratings, var=0.0, doubt=0.0):
    """Statistics of annotators, of items with the truth `truth`, known up to `var`."""
    rows = np.zeros((len(ratings), N_STATISTICS))
    for row, y in zip(rows, ratings, strict=True):
        x = truth[: len(y)]
        dx, dy = x - x.mean(), y - y.mean()
        products = dx @ dx, dx @ dy, dy @ dy
        row[:] = len(y), x.mean(), y.mean(), *products, var, doubt, 0
    return rows


def simulated(rng, parameters, n, var=0.2):
    """Statistics of annotators with given scale, bias and noise, n ratings each."""
    rows = []
    for scale, bias, noise in parameters:
        mean = np.sqrt(1 - var) * rng.standard_normal(n)
        truth = mean + np.sqrt(var) * rng.standard_normal(n)
        y = scale * truth + bias + noise * rng.standard_normal(n)
        rows.append(statistics(mean, [y], var)[0])
    return np.array(rows)


@pytest.mark.parametrize("n", [3, 30])
@pytest.mark.parametrize(
    "annotator",
    [(1, 0, 0.4), (1, 0, 1.2), (1.6, 0, 0.4), (-1, 0, 0.4), (0, 0, 1)],
    ids=["good", "noisy", "stretched", "reversed", "random"],
)
def test_intervals_hold_as_often_as_they_say(annotator, n):
    rng, n_annotators = np.random.default_rng(0), 600
    scale, _, noise = annotator
    # Among good annotators, so that the reference is known.
    good = simulated(rng, np.tile([1, 0, 0.1], (400, 1)), 200)
    rows = simulated(rng, np.tile(annotator, (n_annotators, 1)), n)
    columns = number_columns(np.vstack([good, rows]), 0.0, 1.0, 0.95, offset_var=0.0)
    true = (0, scale, noise, scale / np.hypot(scale, noise))
    for name, value in zip(COLUMNS, true, strict=True):
        low, high = (columns[f"{name}_{end}"][400:] for end in ("low", "high"))
        held = np.mean((low <= value) & (value <= high))
        assert 0.92 < held < 0.995, name


def test_a_minority_or_majority_with_an_offset_is_in_the_interval():
    rng = np.random.default_rng(0)
    biases = np.array([-1.2, -1.2, -1.2, 0, 0])
    rows = simulated(rng, np.column_stack([np.ones(5), biases, np.full(5, 0.4)]), 300)
    rows[:, 2] -= biases.mean()  # the mean offset is taken to be 0
    columns = number_columns(rows, 0.0, 1.0, 0.95)
    assert columns["offset"] == pytest.approx(biases - biases.mean(), abs=0.1)
    assert (columns["offset_low"] <= biases).all()
    assert (biases <= columns["offset_high"]).all()
    with_gold = number_columns(rows, 0.0, 1.0, 0.95, offset_var=0.0)
    assert (with_gold["offset_high"] - with_gold["offset_low"] < 0.2).all()


def test_values_are_those_of_least_squares():
    rng = np.random.default_rng(0)
    truth = rng.standard_normal(50)
    y = 0.7 * truth + 2 + 0.3 * rng.standard_normal(50)
    slope, intercept = np.polyfit(truth, y, 1)
    residual = y - slope * truth - intercept
    columns = number_columns(statistics(truth, [y, truth]), 0.5, 2.0, 0.95)
    noise = np.sqrt(residual @ residual / 48)
    signal = slope * np.sqrt(2)
    expected = (
        intercept + slope * 0.5 - 0.5,
        slope,
        noise,
        signal / np.hypot(signal, noise),
    )
    assert [columns[name][0] for name in COLUMNS] == pytest.approx(expected)


def test_what_is_not_known_of_the_truth_is_no_noise():
    rng = np.random.default_rng(0)
    rows = simulated(rng, [(1, 0, 0.5)] * 50, 2000, var=0.4)
    columns = number_columns(rows, 0.0, 1.0, 0.95)
    assert columns["noise_std"].mean() == pytest.approx(0.5, abs=0.01)
    assert columns["correlation"].mean() == pytest.approx(
        1 / np.hypot(1, 0.5), abs=0.01
    )
    certain = number_columns(simulated(rng, [(1, 0, 0.5)] * 50, 50), 0.0, 1.0, 0.95)
    rows = simulated(rng, [(1, 0, 0.5)] * 50, 50)
    rows[:, 7] = 0.1
    doubted = number_columns(rows, 0.0, 1.0, 0.95)
    for name in ("noise_std", "correlation"):
        widths = [
            (columns[f"{name}_high"] - columns[f"{name}_low"]).mean()
            for columns in (certain, doubted)
        ]
        assert widths[1] > widths[0]


def test_few_ratings_and_ratings_that_are_alike():
    rng = np.random.default_rng(0)
    truth = rng.standard_normal(40)
    good = [truth + 0.3 * rng.standard_normal(40) for _ in range(3)]
    few = [truth[:n] + 0.5 for n in (1, 2)]
    alike = [np.full(n, 0.1) for n in (3, 40)]
    rows = statistics(truth, [*good, *few, *alike])
    rows = np.vstack([rows, np.zeros(N_STATISTICS)])
    report = pd.DataFrame(number_columns(rows, 0.0, 1.0, 0.95))
    assert np.isfinite(report.iloc[:3]).all(axis=None)
    is_offset = report.columns.str.startswith("offset")
    for row in (3, 4):
        assert report.loc[row].isna().tolist() == (~is_offset).tolist()
        assert report.loc[row, "offset"] == pytest.approx(0.5)
    assert report.loc[7].isna().all()
    for row in (5, 6):
        assert (
            report.loc[row, ["scale", "noise_std", "correlation"]].tolist() == [0] * 3
        )
        assert np.isfinite(report.loc[row]).all()
        assert report.loc[row, "scale_high"] > 0
        assert report.loc[row, "noise_std_high"] > 0
    width = report["noise_std_high"] - report["noise_std_low"]
    assert width[5] > 5 * width[6]


def test_in_a_crowd_of_few_ratings_all_is_finite_or_nan():
    truth = np.array([1.0, 2.0])
    report = number_columns(statistics(truth, [truth[:1], truth]), 1.5, 0.2, 0.95)
    for values in report.values():
        assert not np.isinf(values).any()
    assert np.isfinite(report["offset_high"]).all()


def test_the_offset_of_one_annotator_is_not_known():
    X, truth, _ = rated(40, {"average": 2})
    y = truth[:, None] + np.random.default_rng(0).standard_normal((40, 1))
    y[0] = np.nan
    report = small("em", CrowdRegressor).fit(X, y).annotator_report()
    assert report[["offset_low", "offset_high"]].isna().all(axis=None)
    gold = np.where(np.arange(40) < 20, truth, np.nan)
    report = small("em", CrowdRegressor).fit(X, y, gold=gold).annotator_report()
    assert np.isfinite(report.drop(columns="group")).all(axis=None)


@pytest.mark.parametrize(("size", "shift"), [(100, 7), (1e100, 0), (1e-100, 0)])
def test_the_unit_of_ratings_is_the_unit_of_the_report(size, shift, rated_items):
    X, _, y = rated_items
    first = small("em", CrowdRegressor).fit(X, y).annotator_report()
    second = small("em", CrowdRegressor).fit(X, size * y + shift).annotator_report()
    assert first["group"].isna().all()
    assert second["group"].isna().all()
    for name in first.columns.drop(["n_answers", "group"]):
        factor = size if name.startswith(("offset", "noise")) else 1
        np.testing.assert_allclose(second[name], factor * first[name], rtol=1e-4)


def test_the_report_is_stored(rated_items, tmp_path):
    X, _, y = rated_items
    reg = small("em", CrowdRegressor).fit(X, y)
    save(reg, tmp_path / "regressor")
    pd.testing.assert_frame_equal(
        load(tmp_path / "regressor").annotator_report(), reg.annotator_report()
    )
    del reg._rating_regressions
    with pytest.raises(ValueError, match="fit it again"):
        reg.annotator_report()


def test_parts_add_up():
    X, _, crowd = rated(80, {"average": 3})
    y = crowd.annotations.to_dense()
    reg = small("em", CrowdRegressor)
    for part in (slice(40), slice(40, 80)):
        reg.partial_fit(X[part], y[part])
    assert reg._rating_regressions[:, 0].tolist() == [80, 80, 80]
    assert reg._truth_moments[0] == 80
    assert np.isfinite(reg.annotator_report().drop(columns="group")).all(axis=None)


def test_moments_of_the_truth_add_up():
    values = np.random.default_rng(0).standard_normal(30)
    parts = [
        np.array([len(part), part.mean(), part.var()])
        for part in (values[:10], values[10:])
    ]
    expected = [30, values.mean(), values.var()]
    assert add_truth_moments(*parts) == pytest.approx(expected)


def test_annotators_without_enough_ratings_have_a_dash_in_html(rated_items):
    X, _, y = rated_items
    few = np.where(np.arange(60) < 2, y[:, 0], np.nan)
    reg = small("em", CrowdRegressor).fit(X, np.column_stack([y, few]))
    assert ">-</td>" in reg._repr_html_()
    assert "nan" not in reg._repr_html_().split("skcrowd-glance")[1]


def test_report_of_a_single_rating():
    """Warnings are errors here."""
    X = np.zeros((1, 2))
    report = CrowdRegressor(max_epochs=2, random_state=0).fit(X, [3.0])
    report = report.annotator_report()
    assert report["n_answers"].tolist() == [1]
    for name in ("scale", "noise_std", "correlation"):
        assert report[[name, f"{name}_low", f"{name}_high"]].isna().all(axis=None)
