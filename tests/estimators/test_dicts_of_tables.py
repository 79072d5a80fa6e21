"""X as a dict of tables: their rows have one order, their columns that of fit."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy.sparse import dok_array
from torch import nn

import skcrowd
from skcrowd import CrowdClassifier, CrowdMultilabelClassifier, CrowdRegressor
from skcrowd.exceptions import CrowdWarning

RNG = np.random.default_rng(0)
LEFT = pd.DataFrame(RNG.standard_normal((30, 3)), columns=["a", "b", "c"])
RIGHT = pd.DataFrame(RNG.standard_normal((30, 3)), columns=["d", "e", "f"])
TABLES = {"left": LEFT, "right": RIGHT}
LABELS = np.repeat((LEFT[["a"]] > 0).to_numpy().astype(int), 2, axis=1)
Y = {
    CrowdClassifier: LABELS,
    CrowdRegressor: LABELS + RNG.standard_normal((30, 2)),
    CrowdMultilabelClassifier: np.stack([LABELS, 1 - LABELS], axis=2),
}
KINDS = pytest.mark.parametrize("kind", Y)


class Sum(nn.Module):
    def __init__(self, n_outputs=2):
        super().__init__()
        self.left, self.right = nn.Linear(3, n_outputs), nn.Linear(3, n_outputs)

    def forward(self, left, right):
        return self.left(left) + self.right(right)


def model(kind):
    sizes = {"module__n_outputs": 1 if kind is CrowdRegressor else 2}
    return kind(module=Sum, max_epochs=1, random_state=0, **sizes)


def shuffled(table):
    return table.sample(frac=1, random_state=0)


@KINDS
@pytest.mark.parametrize("convert", [pd.DataFrame, pl.from_pandas, pa.table])
def test_columns_have_the_names_of_fit(kind, convert):
    fitted = model(kind).fit(TABLES, Y[kind])
    swapped = {"left": convert(LEFT[["c", "b", "a"]]), "right": RIGHT}
    message = rf"X\['left'\] has the columns .* but {kind.__name__} was fitted with"
    for call in (fitted.predict, lambda X: fitted.score(X, Y[kind])):
        with pytest.raises(ValueError, match=message):
            call(swapped)
    same = fitted.predict({"left": convert(LEFT), "right": RIGHT})
    np.testing.assert_array_equal(same, fitted.predict(TABLES))


@KINDS
def test_rows_have_one_order(kind):
    y = pd.DataFrame(LABELS)
    for X, answers, message in (
        ({"left": LEFT, "right": shuffled(RIGHT)}, y, r"X\['left'\] and X\['right'\]"),
        (TABLES, shuffled(y), r"X\['left'\] and y"),
    ):
        with pytest.raises(ValueError, match=f"{message} have the same row labels"):
            model(kind).fit(X, answers)


def test_a_new_fit_forgets_the_names():
    fitted = model(CrowdClassifier).fit(TABLES, LABELS)
    arrays = {name: table.to_numpy() for name, table in TABLES.items()}
    with pytest.warns(CrowdWarning, match=r"columns of X\['left'\] have no names"):
        expected = fitted.predict_proba(arrays)
    np.testing.assert_array_equal(fitted.predict_proba(TABLES), expected)
    fitted.fit(arrays, LABELS)
    fitted.predict(arrays)


def test_numbered_columns_have_no_names():
    numbered = {n: t.set_axis(range(3), axis=1) for n, t in TABLES.items()}
    fitted = model(CrowdClassifier).fit(numbered, LABELS)
    fitted.predict({name: table.to_numpy() for name, table in TABLES.items()})


def test_names_are_stored(tmp_path):
    fitted = model(CrowdClassifier).fit(TABLES, LABELS)
    loaded = skcrowd.load(skcrowd.save(fitted, tmp_path / "model"), module=Sum)
    np.testing.assert_array_equal(
        loaded.predict_proba(TABLES), fitted.predict_proba(TABLES)
    )
    with pytest.raises(ValueError, match=r"X\['right'\] has the columns"):
        loaded.predict({"left": LEFT, "right": RIGHT[["f", "e", "d"]]})


@pytest.mark.parametrize("columns", [("left",), (("left", ("a", 1)),), ((1, ("a",)),)])
def test_a_file_with_other_names_is_refused(columns, tmp_path):
    fitted = model(CrowdClassifier).fit(TABLES, LABELS)
    fitted._part_columns = columns
    path = skcrowd.save(fitted, tmp_path / "model")
    with pytest.raises(ValueError, match="parts of its items have the columns"):
        skcrowd.load(path, module=Sum)


def test_a_dict_of_keys_is_one_matrix():
    X = dok_array(LEFT.to_numpy())
    y = shuffled(pd.DataFrame(LABELS))
    with pytest.warns(CrowdWarning, match="X has no labels"):
        CrowdClassifier(max_epochs=1, random_state=0).fit(X, y)
