"""Inputs that mean nothing (REFUSED), or of which one cannot say (ANY)."""

import decimal
import enum
import fractions

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import torch
from scipy import sparse

from skcrowd.annotations import Annotations, SequenceAnnotations

from .draw import tag_cells

REFUSED, ANY = "refused", "any"


class Color(enum.Enum):
    RED = 1


class Broken:
    """What says it is a matrix and cannot become one."""

    def __init__(self, shape):
        self.shape, self.ndim = shape, len(shape)

    def __len__(self):
        return self.shape[0]

    def __array__(self, *args, **kwargs):
        raise ValueError("cannot be an array")


def all_of(shape, value):
    """Return a matrix of objects, all of which are the value."""
    cells = np.empty(shape, dtype=object)
    for place in np.ndindex(*shape):
        cells[place] = value
    return cells


def two_of(cells, first, last):
    """Return a matrix of two values, one of them in the last cell only."""
    shape = cells.shape if cells.size > 1 else (cells.shape[0], 2)
    matrix = all_of(shape, first)
    matrix[-1, -1] = last
    return matrix


def with_one(cells, rng, value):
    cells = cells.copy()
    cells[rng.integers(cells.shape[0]), rng.integers(cells.shape[1])] = value
    return cells


def ragged(cells):
    return [
        row.tolist() + row.tolist()[:1] * (k % 2) for k, row in enumerate(cells)
    ] + [cells[0].tolist() * 3]


def contains_itself(cells):
    rows = cells.tolist()
    rows[0] = rows
    return rows


def one_entry(shape, value):
    return sparse.coo_array(([value], ([0], [0])), shape=shape)


def ones_and_a_hole(shape):
    matrix = np.ones(shape)
    matrix[0, 0] = 0
    return matrix


def twice(shape):
    return sparse.coo_array(([1, 2], ([0, 0], [0, 0])), shape=shape)


# Each takes the cells of the answers and a generator.
ANSWERS = {
    REFUSED: {
        "None": lambda c, rng: None,
        "a number": lambda c, rng: 3,
        "text": lambda c, rng: "cat",
        "no rows": lambda c, rng: c[:0],
        "no columns": lambda c, rng: c[:, :0],
        "a dict of columns": lambda c, rng: {0: c[:, 0].tolist()},
        "a list of dicts": lambda c, rng: [{"item": 0, "annotator": 0, "label": 1}] * 3,
        "a set": lambda c, rng: {1, 2, 3},
        "a generator": lambda c, rng: (row for row in c.tolist()),
        "an object": lambda c, rng: object(),
        "a broken array": lambda c, rng: Broken(c.shape),
        "a list that contains itself": lambda c, rng: contains_itself(c),
        "ragged": lambda c, rng: ragged(c),
        "one row more": lambda c, rng: np.vstack([c, c[:1]]),
        "four dimensions": lambda c, rng: np.zeros((*c.shape, 2, 2), dtype=int),
        "nothing but None": lambda c, rng: all_of(c.shape, None),
        "nothing but NaN": lambda c, rng: np.full(c.shape, np.nan),
        "nothing but empty text": lambda c, rng: np.full(c.shape, ""),
        "nothing but NA": lambda c, rng: pd.DataFrame(all_of(c.shape, pd.NA)),
        "nothing unmasked": lambda c, rng: np.ma.MaskedArray(
            np.zeros(c.shape, dtype=int), mask=True
        ),
        "no stored entry": lambda c, rng: sparse.csr_array(c.shape),
        "an entry stored twice": lambda c, rng: twice(c.shape),
        "stored NaN": lambda c, rng: one_entry(c.shape, np.nan),
        "stored infinity": lambda c, rng: one_entry(c.shape, np.inf),
        "lil": lambda c, rng: sparse.lil_array(ones_and_a_hole(c.shape)),
        "dok": lambda c, rng: sparse.dok_array(ones_and_a_hole(c.shape)),
        "numbers and text": lambda c, rng: two_of(c, 1, "one"),
        "bytes": lambda c, rng: two_of(c, b"a", b"b"),
        "dates": lambda c, rng: two_of(c, pd.Timestamp(2020, 1, 1), pd.NaT),
        "time spans": lambda c, rng: np.full(c.shape, np.timedelta64(1, "D")),
        "complex": lambda c, rng: np.ones(c.shape, dtype=complex),
        "dicts in cells": lambda c, rng: all_of(c.shape, {}),
        "enums": lambda c, rng: all_of(c.shape, Color.RED),
        "types": lambda c, rng: all_of(c.shape, int),
        "infinity": lambda c, rng: with_one(c, rng, np.inf),
        "structured": lambda c, rng: np.zeros(c.shape, dtype=[("a", int)]),
        "void": lambda c, rng: np.zeros(c.shape, dtype="V4"),
        "intervals": lambda c, rng: pd.DataFrame(
            {0: pd.interval_range(0, len(c), len(c))}
        ),
        "polars of nulls": lambda c, rng: pl.DataFrame({"a": [None] * len(c)}),
        "a lazy frame": lambda c, rng: pl.DataFrame({"a": [1] * len(c)}).lazy(),
        "sparse torch": lambda c, rng: torch.ones(c.shape).to_sparse(),
    },
    ANY: {
        "decimals": lambda c, rng: all_of(c.shape, decimal.Decimal("1.5")),
        "fractions": lambda c, rng: all_of(c.shape, fractions.Fraction(1, 2)),
        "booleans and integers": lambda c, rng: two_of(c, True, 2),
        "one label": lambda c, rng: np.full(c.shape, 7),
        "many labels": lambda c, rng: np.arange(c.size).reshape(c.shape),
        "float -1": lambda c, rng: np.where(rng.random(c.shape) < 0.5, -1.0, 2.0),
        "minus zero": lambda c, rng: np.where(rng.random(c.shape) < 0.5, -0.0, 0.0),
        "largest integer": lambda c, rng: np.full(c.shape, 2**63 - 1),
        "beyond 64 bits": lambda c, rng: two_of(c, 2**70, 2**80),
        "float16": lambda c, rng: np.full(c.shape, 60000, dtype=np.float16),
        "a surrogate": lambda c, rng: two_of(c, "\ud800", "b"),
        "NUL in text": lambda c, rng: two_of(c, "a", "a\x00"),
        "long text": lambda c, rng: two_of(c, "a" * 100_000, "b"),
        "equal columns": lambda c, rng: pd.DataFrame(c, columns=["a"] * c.shape[1]),
        "NaN as a column": lambda c, rng: pd.DataFrame(
            c, columns=[np.nan, *range(c.shape[1] - 1)]
        ),
        "columns of two levels": lambda c, rng: pd.DataFrame(
            c, columns=pd.MultiIndex.from_product([["a"], range(c.shape[1])])
        ),
        "1-D": lambda c, rng: c[:, 0],
        "Series": lambda c, rng: pd.Series(c[:, 0]),
        "one column": lambda c, rng: c[:, :1],
        "rows in a Series": lambda c, rng: pd.Series(c.tolist()),
        "hundreds of columns": lambda c, rng: np.pad(
            np.ones((len(c), 1), dtype=int), ((0, 0), (0, 300)), constant_values=-1
        ),
        "Annotations of sequences": lambda c, rng: SequenceAnnotations.from_flat(
            np.zeros(c.shape, dtype=int), np.ones(len(c), dtype=int)
        ),
        "Annotations of one row more": lambda c, rng: Annotations.from_dense(
            np.ones((len(c) + 1, c.shape[1]))
        ),
        "bfloat16": lambda c, rng: torch.ones(c.shape, dtype=torch.bfloat16),
        "with gradients": lambda c, rng: torch.ones(c.shape, requires_grad=True),
        "a column of lists": lambda c, rng: pl.DataFrame({"a": [[1]] * len(c)}),
        "arrow dictionaries": lambda c, rng: pd.DataFrame(
            {"a": ["x"] * len(c), "b": ["y"] * len(c)}
        ).astype(pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))),
    },
}


def overflowing(X, rng):
    X = X.astype(np.float64)
    X[rng.integers(len(X))] = 1e300
    return X


FEATURES = {
    REFUSED: {
        "None": lambda X, rng: None,
        "a number": lambda X, rng: 1.0,
        "text": lambda X, rng: "abc",
        "a dict": lambda X, rng: {"a": [1.0] * len(X)},
        "no rows": lambda X, rng: X[:0],
        "no columns": lambda X, rng: X[:, :0],
        "1-D": lambda X, rng: X[:, 0],
        "NaN": lambda X, rng: np.where(rng.random(X.shape) < 2, np.nan, X),
        "infinity": lambda X, rng: np.full(X.shape, np.inf),
        "None in cells": lambda X, rng: all_of(X.shape, None),
        "lists in cells": lambda X, rng: all_of(X.shape, [1]),
        "complex": lambda X, rng: X.astype(complex),
        "twice the rows": lambda X, rng: np.vstack([X, X]),
        "a generator": lambda X, rng: (row for row in X),
        "a broken array": lambda X, rng: Broken(X.shape),
        "a lazy frame": lambda X, rng: pl.DataFrame(X).lazy(),
        "categories": lambda X, rng: pd.DataFrame(
            {"a": pd.Categorical(["x"] * len(X))}
        ),
        "sparse NaN": lambda X, rng: sparse.csr_array(np.full(X.shape, np.nan)),
    },
    ANY: {
        "constant": lambda X, rng: np.ones_like(X),
        "all equal to zero": lambda X, rng: np.zeros_like(X),
        "equal rows": lambda X, rng: np.repeat(X[:1], len(X), axis=0),
        "overflowing": overflowing,
        "many columns": lambda X, rng: np.ones((len(X), 3000), dtype=np.float32),
        "three dimensions": lambda X, rng: np.ones((len(X), 2, 2), dtype=np.float32),
        "masked": lambda X, rng: np.ma.MaskedArray(X, mask=rng.random(X.shape) < 0.5),
        "sparse": lambda X, rng: sparse.csr_array(np.where(np.abs(X) > 0.7, X, 0)),
        "sparse, empty": lambda X, rng: sparse.csr_array(X.shape),
        "text of digits": lambda X, rng: np.full(X.shape, "1.5"),
        "decimals": lambda X, rng: all_of(X.shape, decimal.Decimal("1.5")),
        "bfloat16": lambda X, rng: torch.ones(X.shape, dtype=torch.bfloat16),
        "with gradients": lambda X, rng: torch.ones(X.shape, requires_grad=True),
        "pyarrow": lambda X, rng: pa.table({"a": [1.0] * len(X)}),
        "equal names": lambda X, rng: pd.DataFrame(
            np.ones((len(X), 2)), columns=["a", "a"]
        ),
    },
}


def longer(crowd, rng):
    return [[tags and [*tags, tags[0]] for tags in row] for row in tag_cells(crowd)]


def alike(crowd, value):
    """Return cells in which two annotators give every token the value."""
    return [[[value] * int(n)] * 2 for n in crowd.lengths]


# Each takes the crowd and a generator.
TAGS = {
    REFUSED: {
        "None": lambda crowd, rng: None,
        "nothing but None": lambda crowd, rng: [[None]] * len(crowd.lengths),
        "empty": lambda crowd, rng: [],
        "one tag too many": longer,
        "numbers that are no tags": lambda crowd, rng: alike(crowd, 1.5),
        "nothing but NaN": lambda crowd, rng: alike(crowd, np.nan),
        "bytes": lambda crowd, rng: alike(crowd, b"O"),
        "lists": lambda crowd, rng: alike(crowd, ["a"]),
        "sets in cells": lambda crowd, rng: [[{"a"}] * 2] * len(crowd.lengths),
        "text": lambda crowd, rng: "OOO",
        "a number": lambda crowd, rng: 3,
        "a dict": lambda crowd, rng: {0: tag_cells(crowd).tolist()},
        "a generator": lambda crowd, rng: (row for row in tag_cells(crowd)),
        "ratings": lambda crowd, rng: Annotations.from_dense(
            np.ones((len(crowd.cells), 2)), kind="numbers"
        ),
        "one row too many": lambda crowd, rng: np.zeros(
            (len(crowd.cells) + len(crowd.lengths) + 1, 2), dtype=int
        ),
    },
    ANY: {
        "one tag": lambda crowd, rng: alike(crowd, "O"),
        "only inside": lambda crowd, rng: alike(crowd, "I-PER"),
        "odd tags": lambda crowd, rng: alike(crowd, "B-"),
        "long tags": lambda crowd, rng: alike(crowd, "t" * 100_000),
        "true tags": lambda crowd, rng: [["O"] * int(n) for n in crowd.lengths],
        "ignore index": lambda crowd, rng: alike(crowd, -100),
    },
}
TOKENS = {
    REFUSED: {
        "None": lambda crowd, rng: None,
        "empty": lambda crowd, rng: [],
        "text": lambda crowd, rng: "abc",
        "one text a sequence": lambda crowd, rng: ["a b"] * len(crowd.lengths),
        "a sequence without tokens": lambda crowd, rng: [
            *crowd.X[:-1],
            crowd.X[-1][:0],
        ],
        "bytes": lambda crowd, rng: [[b"a"] * int(n) for n in crowd.lengths],
        "a token that is a number": lambda crowd, rng: [
            ["a"] * (int(n) - 1) + [3] for n in crowd.lengths
        ],
        "one sequence fewer": lambda crowd, rng: list(crowd.X)[:-1],
        "one sequence more": lambda crowd, rng: [*crowd.X, crowd.X[0]],
        "longer": lambda crowd, rng: [["a"] * (int(n) + 1) for n in crowd.lengths],
        "sets": lambda crowd, rng: [{"a", "b"}] * len(crowd.lengths),
        "a generator": lambda crowd, rng: (x for x in crowd.X),
        "a dict": lambda crowd, rng: dict(enumerate(crowd.X)),
        "NaN": lambda crowd, rng: [np.full((int(n), 2), np.nan) for n in crowd.lengths],
        "no columns": lambda crowd, rng: [np.ones((int(n), 0)) for n in crowd.lengths],
        "complex": lambda crowd, rng: [
            np.ones((int(n), 2), dtype=complex) for n in crowd.lengths
        ],
        "text as features": lambda crowd, rng: [
            np.full((int(n), 2), "a", dtype=object) for n in crowd.lengths
        ],
    },
    ANY: {
        "overflowing": lambda crowd, rng: [
            np.full((int(n), 2), 1e300) for n in crowd.lengths
        ],
        "long words": lambda crowd, rng: [
            ["w" * 100_000] * int(n) for n in crowd.lengths
        ],
        "surrogates": lambda crowd, rng: [["\ud83d"] * int(n) for n in crowd.lengths],
    },
}
STRANGE = [
    *[None, np.nan, np.inf, -1, 0, 1, 2, 0.5, 1e300, 10**30, "x", "", b"x", True],
    *[[], {}, (), object(), np.array([1, 2]), np.array(1.0), np.float32(1), [1, "a"]],
    *[{"a": 1}, int, pd.NA, 1 + 2j, "auto", "balanced", [np.nan], {0: -1}, range(3)],
]


def weights(n):
    """Return weights of n items, sensible and not."""
    return [
        *[None, np.ones(n), [1] * n, np.zeros(n), -np.ones(n), np.full(n, np.nan)],
        *[np.full(n, np.inf), np.ones(n + 1), np.ones((n, 2)), 1.0, np.nan, "a"],
        *[["a"] * n, np.eye(1, n)[0], np.ones(n, dtype=complex), [None] * n],
        *[pd.Series(np.ones(n)), {"a": 1}, np.full(n, 1e300), np.full(n, 1e-320)],
        pd.Series(np.ones(n), index=[f"item {k}" for k in range(n)]),
    ]


def golds(n, value):
    """Return gold of n items, sensible and not; the value can be true."""
    return [
        *[None, [None] * n, [value] * n, [value] * (n + 1), value, "x", 3],
        *[[value] + [None] * (n - 1), [value] + [pd.NA] * (n - 1)],
        *[pd.Series([value] + [None] * (n - 1), dtype=object), ["zz"] * n, [1.5] * n],
        *[[-1] * n, np.full(n, -1.0), [b"x"] * n, [np.inf] * n, [{}] * n, {"a": 1}],
        *[{0: value}, {n: value}, np.full((n, 2), 1), iter([1] * n), [10**30] * n],
        *[["a", 1] * n, np.ma.MaskedArray(np.ones(n), mask=True), np.zeros(0)],
    ]


def priors(n_annotators):
    """Return values of annotator_prior, sensible and not."""
    return [
        *[None, {}, {0: 0.9}, {0: (0.9, 30)}, {0: (0.9, -1)}, {0: 2}, {0: np.nan}],
        *[{0: "a"}, {0: (0.9,)}, {0: None}, {99: 0.9}, {"zz": 0.9}, {0: {}}, 0.9],
        *[[0.9] * n_annotators, [0.9] * (n_annotators + 1), ["a"] * n_annotators],
        *[np.full((n_annotators, 3), 0.5), pd.Series([0.9] * n_annotators)],
        *[{0: decimal.Decimal("0.9")}, {0: pd.NA}, {0: (1.0, 1e12)}, {0: 0.0}],
    ]
