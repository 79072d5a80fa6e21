"""The same answers and features in the forms in which they arrive."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import torch
from scipy import sparse

from skcrowd.annotations import Annotations, SequenceAnnotations

from .draw import tag_cells


class Subclass(np.ndarray):
    """An array of a class of its own."""


class ArrayLike:
    """What only knows how to become an array."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array if dtype is None else self.array.astype(dtype)


def filled(cells, marker):
    """Put a marker where an answer is missing."""
    cells = cells.copy()
    cells[missing(cells)] = marker
    return cells


def missing(cells):
    return np.equal(cells, None).astype(bool)


def spread_out(array):
    """Return the array as every second row and third column of a larger one."""
    large = np.empty((2 * array.shape[0], 3 * array.shape[1]), dtype=array.dtype)
    large[...] = array.ravel()[0]
    large[::2, ::3] = array
    return large[::2, ::3]


def read_only(array):
    array = array.copy()
    array.setflags(write=False)
    return array


def as_matrix(array):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return np.asmatrix(array)


def mixed_markers(cells, rng):
    cells = cells.copy()
    markers = [None, np.nan, pd.NA, pd.NaT, ""]
    for place in zip(*np.nonzero(missing(cells)), strict=True):
        cells[place] = markers[rng.integers(len(markers))]
    return cells


def columns(cells, marker, make):
    """Return a DataFrame with each column made of its cells."""
    cells = filled(cells, marker)
    return pd.DataFrame({k: make(cells[:, k]) for k in range(cells.shape[1])})


def arrow(kind):
    return lambda column: pd.array(column, dtype=pd.ArrowDtype(kind))


def masked(cells):
    hidden = missing(cells)
    shown = filled(cells, cells[~hidden][0])
    return np.ma.MaskedArray(np.array(shown.tolist()), mask=hidden)


def long(cells, rng, **options):
    item, annotator = np.nonzero(~missing(cells))
    order = rng.permutation(item.size)
    item, annotator = item[order], annotator[order]
    n_items, n_annotators = cells.shape
    return Annotations.from_long(
        item,
        annotator,
        cells[item, annotator].tolist(),
        n_items=n_items,
        annotator_ids=range(n_annotators),
        **options,
    )


def stored(cells, rng, kind):
    item, annotator = np.nonzero(~missing(cells))
    order = rng.permutation(item.size)
    item, annotator = item[order], annotator[order]
    values = np.array(cells[item, annotator].tolist())
    matrix = sparse.coo_array((values, (item, annotator)), shape=cells.shape)
    return matrix.asformat(kind)


ANY = {
    "objects, None": lambda c, rng: c,
    "objects, NaN": lambda c, rng: filled(c, np.nan),
    "objects, NA": lambda c, rng: filled(c, pd.NA),
    "objects, NaT": lambda c, rng: filled(c, pd.NaT),
    "objects, markers of all sorts": mixed_markers,
    "objects, Fortran order": lambda c, rng: np.asfortranarray(c),
    "objects, strides": lambda c, rng: spread_out(c),
    "objects, read only": lambda c, rng: read_only(c),
    "objects, subclass": lambda c, rng: c.view(Subclass),
    "objects, matrix": lambda c, rng: as_matrix(c),
    "objects, array-like": lambda c, rng: ArrayLike(c),
    "lists, None": lambda c, rng: c.tolist(),
    "lists, NaN": lambda c, rng: filled(c, float("nan")).tolist(),
    "lists, NA": lambda c, rng: filled(c, pd.NA).tolist(),
    "tuples": lambda c, rng: tuple(map(tuple, c.tolist())),
    "rows are arrays": lambda c, rng: list(c),
    "rows are Series": lambda c, rng: [pd.Series(row, dtype=object) for row in c],
    "DataFrame": lambda c, rng: pd.DataFrame(c, dtype=object),
    "DataFrame with an index": lambda c, rng: pd.DataFrame(
        c, dtype=object, index=[f"item {k}" for k in range(len(c))]
    ),
    "polars": lambda c, rng: pl.DataFrame(
        {f"w{k}": c[:, k].tolist() for k in range(c.shape[1])}, strict=False
    ),
    "pyarrow": lambda c, rng: pa.table(
        {f"w{k}": c[:, k].tolist() for k in range(c.shape[1])}
    ),
}
LABELS = {
    **ANY,
    "categories": lambda c, rng: columns(c, None, pd.Categorical),
    "long table": long,
    "Annotations": lambda c, rng: Annotations.from_dense(c, missing_label=None)[:],
}
TEXT = {
    "strings, empty": lambda c, rng: np.array(filled(c, "").tolist()),
    "lists, empty": lambda c, rng: filled(c, "").tolist(),
    "strings, masked": lambda c, rng: masked(c),
    "StringDType": lambda c, rng: np.array(
        filled(c, "").tolist(), dtype=np.dtypes.StringDType()
    ),
    "string extension": lambda c, rng: columns(
        c, pd.NA, lambda column: pd.array(column, dtype="string")
    ),
    "arrow strings": lambda c, rng: columns(c, pd.NA, arrow(pa.string())),
}
INTEGERS = {
    "int64": lambda c, rng: filled(c, -1).astype(np.int64),
    "big endian": lambda c, rng: filled(c, -1).astype(">i8"),
    "memory of torch": lambda c, rng: torch.tensor(filled(c, -1).astype(np.int64)),
    "lists, -1": lambda c, rng: filled(c, -1).tolist(),
    "DataFrame, -1": lambda c, rng: pd.DataFrame(filled(c, -1).astype(np.int64)),
    "float64": lambda c, rng: filled(c, np.nan).astype(float),
    "long double": lambda c, rng: filled(c, np.nan).astype(np.longdouble),
    "DataFrame, floats": lambda c, rng: pd.DataFrame(filled(c, np.nan).astype(float)),
    "Int64": lambda c, rng: columns(
        c, pd.NA, lambda column: pd.array(column, dtype="Int64")
    ),
    "arrow integers": lambda c, rng: columns(c, pd.NA, arrow(pa.int64())),
    "masked": lambda c, rng: masked(c),
    "coo": lambda c, rng: stored(c, rng, "coo"),
    "csr": lambda c, rng: stored(c, rng, "csr"),
    "csc": lambda c, rng: stored(c, rng, "csc"),
}
BOOLEANS = {
    "boolean": lambda c, rng: columns(
        c, pd.NA, lambda column: pd.array(column, dtype="boolean")
    ),
    "masked": lambda c, rng: masked(c),
}
RATINGS = {
    **ANY,
    "float64": lambda c, rng: filled(c, np.nan).astype(float),
    "Fortran order": lambda c, rng: np.asfortranarray(filled(c, np.nan).astype(float)),
    "strides": lambda c, rng: spread_out(filled(c, np.nan).astype(float)),
    "long double": lambda c, rng: filled(c, np.nan).astype(np.longdouble),
    "lists, NaN": lambda c, rng: filled(c, np.nan).tolist(),
    "torch": lambda c, rng: torch.tensor(filled(c, np.nan).astype(float)),
    "DataFrame, floats": lambda c, rng: pd.DataFrame(filled(c, np.nan).astype(float)),
    "Float64": lambda c, rng: columns(
        c, pd.NA, lambda column: pd.array(column, dtype="Float64")
    ),
    "masked": lambda c, rng: masked(c),
    "csr": lambda c, rng: stored(c, rng, "csr"),
    "long table": lambda c, rng: long(c, rng, kind="numbers"),
}
FEATURES = {
    "as it is": lambda X: X,
    "DataFrame": lambda X: pd.DataFrame(X),
    "named DataFrame": lambda X: pd.DataFrame(
        X, columns=[f"x{k}" for k in range(X.shape[1])]
    ),
    "Fortran order": np.asfortranarray,
    "strides": spread_out,
    "read only": read_only,
    "subclass": lambda X: X.copy().view(Subclass),
}
ROUNDED_FEATURES = {  # these arrive as float32
    "lists": lambda X: X.tolist(),
    "torch": torch.tensor,
    "polars": lambda X: pl.DataFrame({f"x{k}": X[:, k] for k in range(X.shape[1])}),
    "Float64": lambda X: pd.DataFrame(X).astype("Float64"),
    "long double": lambda X: X.astype(np.longdouble),
    "objects": lambda X: X.astype(object),
}
CELLS = {
    "cells": lambda c, rng: tag_cells(c),
    "lists": lambda c, rng: tag_cells(c).tolist(),
    "tuples": lambda c, rng: tuple(
        tuple(None if tags is None else tuple(tags) for tags in row)
        for row in tag_cells(c)
    ),
    "arrays": lambda c, rng: _each(c, lambda tags: np.array(tags, dtype=object)),
    "Series": lambda c, rng: _each(c, lambda tags: pd.Series(tags, dtype=object)),
    "empty lists": lambda c, rng: _each(c, lambda tags: tags, []),
    "NaN cells": lambda c, rng: _each(c, lambda tags: tags, float("nan")),
    "DataFrame": lambda c, rng: pd.DataFrame(
        {k: tag_cells(c)[:, k].tolist() for k in range(c.cells.shape[1])}
    ),
    "SequenceAnnotations": lambda c, rng: SequenceAnnotations.from_cells(
        tag_cells(c), c.lengths
    ),
    "long table": lambda c, rng: _long_tags(c, rng),
}
FLAT = {
    "flat": lambda c, rng: c.cells,
    "flat lists": lambda c, rng: c.cells.tolist(),
    "flat DataFrame": lambda c, rng: pd.DataFrame(c.cells, dtype=object),
    "flat Annotations": lambda c, rng: Annotations.from_dense(
        c.cells, missing_label=None
    ),
}


def _each(crowd, make, nothing=None):
    return [
        [nothing if tags is None else make(tags) for tags in row]
        for row in tag_cells(crowd)
    ]


def _long_tags(crowd, rng):
    cells = tag_cells(crowd)
    places = [place for place in np.ndindex(*cells.shape) if cells[place] is not None]
    places = [places[k] for k in rng.permutation(len(places))]
    return SequenceAnnotations.from_long(
        [row for row, _ in places],
        [column for _, column in places],
        [cells[place] for place in places],
        lengths=crowd.lengths,
        annotator_ids=range(cells.shape[1]),
    )


def answer_forms(crowd):
    """Return the forms that the answers of a crowd can take, by name."""
    if crowd.lengths is not None:
        is_ambiguous = len(crowd.lengths) == len(crowd.cells)
        return CELLS if is_ambiguous else {**CELLS, **FLAT}
    if crowd.values is None:
        return RATINGS
    first = crowd.values[0]
    if isinstance(first, bool):
        return {**LABELS, **BOOLEANS}
    if isinstance(first, str):
        return {**LABELS, **TEXT}
    only_one = {v for v in crowd.cells.ravel() if v is not None} == {1}
    return LABELS if only_one else {**LABELS, **INTEGERS}
