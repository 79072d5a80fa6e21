"""Columns of categories in tables of pandas and polars."""

from datetime import date, datetime, time, timedelta

import numpy as np
import pytest

import skcrowd
from skcrowd import CrowdClassifier, CrowdRegressor

SHORT = {"max_epochs": 8, "lr": 1e-2, "random_state": 0}


@pytest.fixture(scope="module")
def table():
    """120 rows: a number, a variable that tells the class, and one that does not."""
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 120)
    colour = pd.Categorical(np.array(["red", "blue", "green"])[truth])
    size = pd.Categorical(rng.integers(0, 4, 120), categories=range(5))
    X = pd.DataFrame({"n": rng.normal(size=120), "colour": colour, "size": size})
    wrong = rng.random((120, 4)) > 0.8
    Y = np.where(wrong, rng.integers(0, 3, (120, 4)), truth[:, None])
    return X, truth, Y


def test_categories_are_learned_from(table):
    X, truth, Y = table
    clf = CrowdClassifier(**SHORT).fit(X, Y)
    assert clf.score(X, truth) > 0.95
    assert clf.n_features_in_ == 3
    assert list(clf.feature_names_in_) == ["n", "colour", "size"]


def test_it_is_one_hot_encoding(table):
    X, _, Y = table
    by_hand = np.column_stack(
        [
            X["n"],
            *(X["colour"] == name for name in ("blue", "green", "red")),
            *(X["size"] == number for number in range(5)),
        ]
    ).astype(float)
    np.testing.assert_array_equal(
        CrowdClassifier(**SHORT).fit(X, Y).predict_proba(X),
        CrowdClassifier(**SHORT).fit(by_hand, Y).predict_proba(by_hand),
    )


def test_polars(table):
    pl = pytest.importorskip("polars")
    X, truth, Y = table
    other = pl.DataFrame({"n": X["n"].to_numpy(), "colour": X["colour"].tolist()})
    names = ["blue", "green", "red"]
    for dtype in (pl.Categorical, pl.Enum(names)):
        frame = other.with_columns(pl.col("colour").cast(dtype))
        clf = CrowdClassifier(**SHORT).fit(frame, Y)
        assert clf.score(frame, truth) > 0.95
        assert clf._column_categories == ((1, tuple(names)),)


def test_unknown_and_missing_categories_are_zeros(table):
    X, _, Y = table
    reg = CrowdRegressor(**SHORT).fit(X, Y.astype(float))
    unseen, missing = X[:5].copy(), X[:5].copy()
    unseen["colour"] = "violet"
    missing["colour"] = None
    unseen["colour"] = unseen["colour"].astype("category")
    np.testing.assert_array_equal(reg.predict(unseen), reg.predict(missing))
    assert np.isfinite(reg.predict(unseen)).all()


def test_files_hold_the_categories(table, tmp_path):
    X, _, Y = table
    clf = CrowdClassifier(**SHORT).fit(X, Y)
    again = skcrowd.load(skcrowd.save(clf, tmp_path / "model"))
    np.testing.assert_array_equal(again.predict_proba(X), clf.predict_proba(X))


def test_another_table_is_refused(table):
    X, _, Y = table
    clf = CrowdClassifier(**SHORT).fit(X, Y)
    with pytest.raises(ValueError, match="feature names should match"):
        clf.predict(X.rename(columns={"n": "m"}))
    with pytest.raises(ValueError, match="columns of categories, X is none"):
        clf.predict(np.zeros((2, 3)))


def test_texts_are_refused_with_advice(table):
    X, _, Y = table
    with pytest.raises(ValueError, match=r"'colour'.*category"):
        CrowdClassifier(**SHORT).fit(X.astype({"colour": str}), Y)


def test_a_new_fit_forgets_categories(table):
    X, _, Y = table
    clf = CrowdClassifier(**SHORT).fit(X, Y)
    clf.fit(X[["n"]].to_numpy(), Y)
    assert len(clf.predict(X[["n"]].to_numpy())) == len(X)


@pytest.mark.parametrize("name", ["colour", "size"])
def test_categories_of_another_type_are_refused(table, name):
    X, _, Y = table
    clf = CrowdClassifier(**SHORT).fit(X, Y)
    given = X[name].cat.codes if name == "colour" else X[name].astype(str)
    with pytest.raises(ValueError, match=f"the column '{name}' of X holds categories"):
        clf.predict(X.assign(**{name: given.astype("category")}))
    np.testing.assert_array_equal(
        clf.predict_proba(X.astype({"size": int})), clf.predict_proba(X)
    )


@pytest.mark.parametrize("kind", ["datetime64[ms]", "timedelta64[ms]"])
def test_times_are_refused_with_advice(table, kind):
    pl = pytest.importorskip("polars")
    X, _, Y = table
    times = np.arange(len(X)).astype(kind)
    other = pl.DataFrame({"n": X["n"].to_numpy(), "at": times})
    for timed in (X.assign(at=times), other):
        with pytest.raises(ValueError, match=r"columns of times.*'at'.*hour"):
            CrowdClassifier(**SHORT).fit(timed, Y)


@pytest.mark.parametrize(
    "value",
    [date(2024, 5, 1), datetime(2024, 5, 1, 8), time(8, 30), timedelta(hours=2)],
    ids=lambda value: type(value).__name__,
)
def test_objects_that_are_times_are_refused_with_advice(table, value):
    pl = pytest.importorskip("polars")
    pd = pytest.importorskip("pandas")
    X, _, Y = table
    column = pd.Series([None, *[value] * (len(X) - 1)], dtype=object)
    other = pl.DataFrame({"n": X["n"].to_numpy(), "at": [value] * len(X)})
    for timed in (X.assign(at=column), pd.DataFrame({"at": column}), other):
        with pytest.raises(ValueError, match=r"columns of times.*'at'.*hour"):
            CrowdClassifier(**SHORT).fit(timed, Y)


def test_categories_that_are_dates_are_no_texts(table):
    pd = pytest.importorskip("pandas")
    X, _, Y = table
    days = pd.Series(pd.date_range("2024-01-01", periods=len(X)))
    timed = X.assign(size=pd.Categorical(days))
    clf = CrowdClassifier(**SHORT).fit(timed, Y)
    with pytest.raises(ValueError, match="text never equals what is none"):
        clf.predict(X.assign(size=pd.Categorical(days.astype(str))))
