"""Conversion of containers of any library to a few plain forms.

Classes of pandas, polars, pyarrow, xarray and torch are recognized by the name of their
module; none of these libraries is imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import chain
from operator import is_
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ._lookup import object_array
from ._usual_names import long_columns
from ._value_types import pandas_if_loaded

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import AnswersLike, Array, DTypeLike, Features, FloatArray


__all__ = [
    "Table",
    "column",
    "column_names",
    "frame_matrix",
    "is_frame",
    "plain",
    "plain_features",
    "row_labels",
]

_INT64_MAX = np.iinfo(np.int64).max
_MAX_INTEGRAL_FLOAT = 2**53  # beyond, a float64 skips integers
_SEVERAL = list, set, frozenset, dict


class Argument(NamedTuple):
    """Name of an argument, the expected form, and advice for error messages.

    `long` says how a long table is read, where one may be given by mistake.
    """

    name: str
    expected: str
    advice: str
    long: str = ""

    def refuse_long_table(self, table: Any) -> None:
        """Raise if a table has a row for each answer, by the names of its columns.

        A table of nothing but 0 and 1 is a matrix of indicators, whatever its columns
        are called.
        """
        found = long_columns(table.columns) if self.long else None
        if found is not None and not _are_indicators(frame_matrix(table)):
            names = ", ".join(map(repr, found))
            raise self.refusal(
                f"a table with the columns {names}, a row for each answer",
                f"read it by {self.long.format(names)}. If each column has the answers "
                "of an annotator, rename these columns",
            )

    def refusal(self, found: str, advice: str | None = None) -> ValueError:
        """Return the error for another form."""
        advice = self.advice if advice is None else advice
        return ValueError(
            f"{self.name} must be {self.expected}, got {found}; {advice}."
        )


_ARGUMENTS = {
    "y": Argument(
        "y",
        "a matrix with a row for each item and a column for each annotator",
        "a table with a row for each answer is read by Annotations.from_long("
        '"item", "annotator", "label", data=table), a dict of columns, a column for '
        "each annotator, by pandas.DataFrame(y)",
        "Annotations.from_long({}, data=y, item_ids=ids), the ids in the order of the "
        "rows of X (ratings with kind='numbers', sets of labels by "
        "MultilabelAnnotations.from_long, tag sequences by "
        "SequenceAnnotations.from_long)",
    ),
    "y of sets": Argument(
        "y",
        "a matrix of sets of labels, a row for each item and a column for each "
        "annotator",
        "a table with a row for each label ticked is read by "
        'MultilabelAnnotations.from_long("item", "annotator", "label", data=table), '
        "a dict of columns, a column for each annotator, by pandas.DataFrame(y)",
        "MultilabelAnnotations.from_long({}, data=y, item_ids=ids), the ids in the "
        "order of the rows of X",
    ),
    "y of true labels": Argument(
        "y",
        "an indicator matrix with a row for each item and a column for each label",
        "a dict of columns, a column for each label, is read by pandas.DataFrame(y)",
    ),
    "y of tags": Argument(
        "y",
        "a matrix of tag sequences, a row for each sequence and a column for each "
        "annotator",
        "a table with a row for each tagged sequence is read by "
        'SequenceAnnotations.from_long("sequence", "annotator", "tags", data=table), '
        "a dict of columns, a column for each annotator, by pandas.DataFrame(y)",
        "SequenceAnnotations.from_long({}, data=y, sequence_ids=ids), the ids in the "
        "order of the rows of X",
    ),
    "X": Argument(
        "X",
        "a matrix, or a list, with a row for each sample",
        "convert a dict of columns, or a list of dicts, by pandas.DataFrame(X)",
    ),
    "gold": Argument(
        "gold",
        "a list or 1-D array with a true value for each row of X, or a dict from row "
        "to true value",
        "pass None where the truth is unknown",
    ),
    "sample_weight": Argument(
        "sample_weight",
        "a list or 1-D array with a number for each row of X",
        "pass list(sample_weight.values()) of a dict in the order of the rows of X",
    ),
    "lengths": Argument(
        "lengths",
        "a 1-D array with the number of tokens of every sequence",
        "pass lengths=[len(tokens) for tokens in X]",
    ),
    "classes": Argument(
        "classes",
        "a 1-D array or list",
        "pass the possible labels in the desired order",
    ),
    "annotator_names": Argument(
        "annotator_names",
        "a list or 1-D array",
        "pass a name for each column of y, in their order",
    ),
    "annotator_prior": Argument(
        "annotator_prior",
        "a dict from annotator to number, or a table indexed by annotators",
        "a list or array has a number for each annotator, in the order of y",
    ),
}


def _are_indicators(matrix: Array) -> bool:
    """Whether all values of a matrix are 0 or 1, or truth values."""
    return matrix.dtype.kind in "biuf" and bool(np.isin(matrix, (0, 1)).all())


def _argument(name: str) -> Argument:
    column = Argument(name, "a list or 1-D array", "pass a value for each row")
    return _ARGUMENTS.get(name, column)


class Table:
    """A matrix with named columns, to which tables of polars or Arrow are converted.

    Parameters
    ----------
    matrix : ndarray of shape (n_rows, n_columns)
    columns : list of n_columns names
    """

    ndim = 2

    def __init__(self, matrix: Any, columns: list[str]) -> None:
        self._matrix = matrix
        self.columns = columns

    @property
    def shape(self) -> Any:
        """Number of rows and of columns."""
        return self._matrix.shape

    def __len__(self) -> int:
        return len(self._matrix)

    def __getitem__(self, rows: Any) -> Any:
        """Select rows, as ``table[rows]`` or ``table[rows, ...]``."""
        rows = rows[0] if isinstance(rows, tuple) else rows
        return Table(self._matrix[rows], self.columns)

    def to_numpy(self) -> Any:
        """Return the matrix."""
        return self._matrix

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> Array:
        return np.array(self._matrix, dtype=dtype, copy=copy)


def plain(values: Any, name: str) -> Any:
    """Convert a container of any library to one of the plain forms.

    Parameters
    ----------
    values : object
        The argument of the user.
    name : str
        The argument, for error messages; "y of tags" is y of tag sequences, "y of
        sets" of sets of labels, "y of true labels" a table whose columns are named as
        the labels.

    Returns
    -------
    values : object
        None, a container of this package, a scipy sparse matrix, a pandas DataFrame or
        Series, a `Table`, an ndarray of at least one dimension and no structured dtype,
        or a list or tuple of such rows or of scalars.

    Raises
    ------
    ValueError
        If it is a mapping, a set, an iterator, a string, a structured array, a lazy
        table or no container at all; if `y` is a table with a row for each answer.
    """
    if values is None or hasattr(values, "annotator_names") or hasattr(values, "tocoo"):
        return values
    argument = _argument(name)
    values = _converted(values, argument)
    if isinstance(values, np.ndarray):
        return _plain_array(values, argument)
    if is_frame(values):
        argument.refuse_long_table(values)
        return values
    if _is_pandas(values):
        return _plain_series(values, argument)
    _refuse(values, argument)
    listed = values if isinstance(values, (list, tuple)) else list(values)
    return _plain_rows(listed, argument)


def plain_features(
    X: Features,
) -> FloatArray | pd.DataFrame | list[FloatArray | list[str]]:
    """Convert features to a form that scikit-learn's checks accept.

    Tables stay as they are, for scikit-learn reads the names of their columns. Tensors
    and the like become float32, as lists and such tables do. What is masked becomes
    NaN.
    """
    if hasattr(X, "collect") and not hasattr(X, "to_numpy"):
        raise _lazy_error(X, _ARGUMENTS["X"])
    if is_frame(X) or hasattr(X, "column_names"):
        return X
    if isinstance(X, np.matrix):  # scikit-learn raises an error, too
        raise TypeError(
            "X is a np.matrix, which is not supported; pass numpy.asarray(X)."
        )
    features = plain(X, "X")
    is_array = isinstance(features, np.ndarray) and features.dtype.kind == "f"
    if not is_array or isinstance(X, np.ndarray):
        return features
    with np.errstate(over="ignore"):  # infinite values raise an error later
        return features.astype(np.float32)


def _plain_rows(
    rows: tuple[str, ...] | list[Any], argument: Argument
) -> tuple[str, ...] | list[Any]:
    """Convert the rows of a list, and their cells, to lists, tuples or ndarrays.

    Returns
    -------
    rows : list or tuple
        `rows` itself if all rows are plain already.
    """
    types = set(map(type, rows))
    if not any(map(_may_be_row, types)):
        return rows
    if types <= {list, tuple}:
        cell_types = set(map(type, chain.from_iterable(rows)))
        if not any(map(_may_be_row, cell_types)):
            return rows
    for position, row in enumerate(rows):
        _refuse_row(row, argument, position)
    try:
        converted = [_plain_row(row, argument) for row in rows]
    except RecursionError as error:
        raise argument.refusal("a list that contains itself") from error
    return rows if all(map(is_, converted, rows)) else converted


def _refuse_row(row: Any, argument: Argument, position: int) -> None:
    """Raise if a row is a mapping, a set or an iterator."""
    if isinstance(row, (Mapping, Set, Iterator)):
        raise argument.refusal(f"{_described(row)} as row {position}")


def _may_be_row(type_: type[Any]) -> bool:
    """Whether values of a type may be rows, or wrap a value of another type."""
    if issubclass(type_, (str, bytes, np.generic)):
        return False
    return any(hasattr(type_, a) for a in ("__len__", "__array__", "__next__", "as_py"))


def _plain_row(row: Any, argument: Argument) -> Any:
    """Convert a row, or a cell of one, to a list, tuple, ndarray or scalar."""
    if not _may_be_row(type(row)) or isinstance(row, (Mapping, Set, Iterator)):
        return row
    if isinstance(row, (list, tuple)):
        is_plain = not any(map(_may_be_row, set(map(type, row))))
        return row if is_plain else [_plain_row(cell, argument) for cell in row]
    row = _converted(row, argument)
    if isinstance(row, np.ndarray):
        if row.ndim == 0:
            return None if row is np.ma.masked else row.item()
        return _plain_array(row, argument)
    if _is_pandas(row):
        return frame_matrix(row) if is_frame(row) else series_array(row)
    if is_frame(row):
        return row.to_numpy()
    return _plain_row(list(row), argument) if isinstance(row, Iterable) else row


def _converted(values: Any, argument: Argument) -> Any:
    """Convert objects of other libraries to a Table, a pandas object or an array."""
    if isinstance(values, (np.ndarray, list, tuple)) or _is_pandas(values):
        return values
    library = type(values).__module__.partition(".")[0]
    if library == "pandas" and hasattr(values, "dtype"):  # an Index or an array
        return series_array(pandas_if_loaded().Series(values))
    if library == "polars" and not hasattr(values, "to_numpy"):
        raise _lazy_error(values, argument)
    if hasattr(values, "detach"):
        return _from_tensor(values, argument)
    if library in ("polars", "pyarrow"):
        return _from_arrow(values)
    if library == "xarray" and values.ndim in (1, 2):
        return values.to_pandas()
    if is_frame(values):
        return Table(np.asarray(values.to_numpy()), list(values.columns))
    if hasattr(values, "__array__"):
        array = np.asarray(values)
        return array.astype(object) if array.dtype.kind == "U" else array
    return values


def _from_tensor(tensor: Any, argument: Any) -> Any:
    if getattr(tensor, "is_sparse", False):
        raise ValueError(
            f"{argument.name} is a sparse tensor; pass a scipy sparse matrix or a "
            "dense tensor."
        )
    tensor = tensor.detach().cpu()
    if str(tensor.dtype) == "torch.bfloat16":  # which numpy lacks
        tensor = tensor.float()
    return tensor.numpy()


def _from_arrow(values: Any) -> Table | Array:
    """Read a table, column or scalar of polars or pyarrow."""
    names = column_names(values)
    if names is not None:
        parts = values.get_columns() if is_frame(values) else values.columns
        columns = [_from_arrow(part) for part in parts]
        matrix = _stacked(columns) if names else np.empty((len(values), 0))
        return Table(matrix, names)
    if hasattr(values, "as_py"):
        return values.as_py()
    n_missing = values.null_count
    if not (n_missing() if callable(n_missing) else n_missing):
        array = np.asarray(values)
        if array.dtype.kind in "biuf" and array.ndim == 1:
            return array
    listed = values.to_list() if hasattr(values, "to_list") else values.to_pylist()
    return object_array(listed)


def _stacked(columns: Any) -> Any:
    """Stack columns to a matrix, with a dtype that represents all values exactly."""
    kinds = {array.dtype.kind for array in columns}
    if kinds <= set("iuf") and not _would_round(columns):
        matrix = np.column_stack(columns)
        if matrix.dtype.kind in "iu" or "f" in kinds:
            return matrix
    if kinds == {"b"}:
        return np.column_stack(columns)
    matrix = np.empty((len(columns[0]), len(columns)), dtype=object)
    for position, array in enumerate(columns):
        matrix[:, position] = object_array(array.tolist())
    return matrix


def _would_round(columns: Any) -> Any:
    """Whether stacking as floats would round integers of the columns."""
    integers = [a for a in columns if a.dtype.kind in "iu" and a.size]
    if len({a.dtype.kind for a in columns}) == 1:
        return False
    return any(
        int(a.max()) > _MAX_INTEGRAL_FLOAT or int(a.min()) < -_MAX_INTEGRAL_FLOAT
        for a in integers
    )


def _plain_array(array: Any, argument: Argument) -> Any:
    if array.dtype.names is not None:
        fields = ", ".join(array.dtype.names)
        raise argument.refusal(f"a structured array with the fields {fields}")
    if array.ndim == 0:
        raise argument.refusal(f"the single value {array.item()!r}")
    if argument.name == "X":
        array = _without_mask(array)
    if isinstance(array, np.matrix):
        array = np.asarray(array)
    if array.dtype.kind == "T":
        array = array.astype(object)
    if array.dtype == object and array.ndim == 1 and not np.ma.isMaskedArray(array):
        listed = array.tolist()
        rows = _plain_rows(listed, argument)
        return array if rows is listed else object_array(rows)
    return array


def _without_mask(array: Any) -> Any:
    """Return an array with NaN where it is masked, which later is an error."""
    if not np.ma.isMaskedArray(array):
        return array
    masked = np.ma.getmaskarray(array)
    if masked.any():
        is_number = array.dtype.kind in "biuf"
        array = array.astype(
            np.result_type(array.dtype, np.float32) if is_number else object
        )
        array[masked] = np.nan
    return np.asarray(array.data)


def _plain_series(series: Any, argument: Argument) -> Any:
    if series.dtype != object:
        return series
    listed = series.tolist()
    rows = _plain_rows(listed, argument)
    return series if rows is listed else type(series)(rows, index=series.index)


def _refuse(values: Any, argument: Argument) -> None:
    if isinstance(values, (str, bytes, Mapping, Set, Iterator)):
        raise argument.refusal(_described(values))
    if not isinstance(values, Iterable) and not hasattr(values, "__getitem__"):
        raise argument.refusal(f"the single value {values!r}")


def _described(values: Any) -> str:
    if isinstance(values, (str, bytes)):
        return f"the {'string' if isinstance(values, str) else 'bytes'} {values[:40]!r}"
    kind = f"a {type(values).__name__}"
    if isinstance(values, Mapping):
        keys = ", ".join(map(repr, list(values)[:3]))
        return f"{kind} with the keys {keys}{', …' if len(values) > 3 else ''}"
    if isinstance(values, Set):
        return f"{kind}, whose elements have no order"
    return f"{kind}, which can be read only once"


def _lazy_error(values: Any, argument: Argument) -> ValueError:
    return ValueError(
        f"{argument.name} is a {type(values).__name__} of polars, which has no data "
        f"yet; pass {argument.name}.collect()."
    )


def _is_pandas(values: Any) -> bool:
    pandas = pandas_if_loaded()
    return pandas is not None and isinstance(values, (pandas.DataFrame, pandas.Series))


def is_frame(y: AnswersLike) -> bool:
    """Return whether `y` is a DataFrame (pandas or alike)."""
    return hasattr(y, "columns") and hasattr(y, "to_numpy")


def column_names(table: Any) -> list[str] | None:
    """Return the names of the columns of a table of any library, else None."""
    if isinstance(table, Mapping):
        return list(table)
    names = getattr(table, "column_names", None)  # of pyarrow
    if names is None and is_frame(table):
        names = table.columns
    if names is None:  # fields of a structured array
        names = getattr(getattr(table, "dtype", None), "names", None)
    return None if names is None else list(names)


def frame_matrix(frame: pd.DataFrame) -> Array:
    """Read a DataFrame as a matrix, integers kept as integers.

    Parameters
    ----------
    frame : DataFrame of shape (n_items, n_annotators)

    Returns
    -------
    matrix : ndarray of shape (n_items, n_annotators)
        A numeric dtype if all columns share its kind, else objects.
    """
    pandas = pandas_if_loaded()
    if pandas is None or not isinstance(frame, pandas.DataFrame):
        return np.asarray(frame.to_numpy())
    kinds = {dtype.kind for dtype in frame.dtypes}
    if kinds <= set("iu") and not frame.isna().to_numpy().any():
        matrix = frame.to_numpy()
        if matrix.dtype.kind == "f":  # int64 and uint64 have no common integer type
            return frame.astype(object).to_numpy()
        return matrix.astype(np.int64) if matrix.dtype == object else matrix
    if kinds == {"b"} and not frame.isna().to_numpy().any():
        return frame.to_numpy().astype(bool)
    if all(isinstance(dtype, np.dtype) for dtype in frame.dtypes):
        return frame.to_numpy()
    return frame.astype(object).to_numpy()


def series_array(series: Any) -> Array:
    """Read a pandas Series as an array, whole numbers and booleans kept as such."""
    dtype = series.dtype
    if isinstance(dtype, np.dtype):
        return series.to_numpy()
    if getattr(dtype, "kind", "O") in "iub" and not series.isna().any():
        return series.to_numpy(dtype=getattr(dtype, "numpy_dtype", dtype.kind))
    return series.astype(object).to_numpy()


def row_labels(*tables: Any) -> list[int | str] | None:
    """Return the labels of the rows of the first of some tables that has any.

    Parameters
    ----------
    *tables : object
        Labels are the index of a DataFrame or Series, and the item or sequence names
        of annotations, unless they are 0, 1, 2, ….

    Returns
    -------
    labels : list or None
    """
    for table in tables:
        labels: Any = table.index if _is_pandas(table) else None
        for attribute in ("item_names", "sequence_names"):
            if labels is None:
                labels = getattr(table, attribute, None)
        if labels is None:
            continue
        listed = labels.tolist()
        if listed != list(range(len(listed))):
            return listed
    return None


def column(values: Any, name: str) -> Array:
    """Read one column of a long table.

    Parameters
    ----------
    values : array-like of shape (n_rows,)
        List, array or Series, including nullable and categorical ones.
    name : str
        Name of the column in error messages.

    Returns
    -------
    column : ndarray of shape (n_rows,)
        A numeric dtype, or objects.

    Raises
    ------
    ValueError
        If a row has a list, or the values are not 1-D.
    """
    _refuse_lists(values, name)
    values = plain(values, name)
    masked = np.ma.getmaskarray(values) if np.ma.isMaskedArray(values) else None
    array = listed_array(values) if isinstance(values, (list, tuple)) else values
    array = series_array(array) if _is_pandas(array) and array.ndim == 1 else array
    array = np.asarray(array)
    if array.dtype.kind in "UST":
        array = np.asarray(array, dtype=object)
    if array.ndim != 1:
        raise ValueError(
            f"{name} must be a 1-D array, one entry per answer, got shape "
            f"{array.shape}; to read a matrix use Annotations.from_dense."
        )
    if masked is not None and masked.any():
        array = array.astype(object)
        array[masked] = None
    return array


def _refuse_lists(values: Any, name: str) -> None:
    """Raise if a row of a column holds several values."""
    is_column = isinstance(values, (list, tuple)) or np.ndim(values) == 1
    if not is_column or str(getattr(values, "dtype", "object")) != "object":
        return
    for row, value in enumerate(values):
        is_array = isinstance(value, np.ndarray) and value.ndim > 0
        if is_array or isinstance(value, _SEVERAL):
            raise ValueError(
                f"{name} holds {value!r} in row {row}, where one value belongs. Give "
                "sets of labels a row for each label (of a DataFrame: explode), or "
                "cells of labels to MultilabelAnnotations.from_cells; lists of tags "
                "are for SequenceAnnotations.from_long."
            )


def listed_array(values: Any) -> Array:
    """Convert a list of scalars to an array without changing any value.

    np.asarray converts numbers next to a string to text, True next to a number to 1,
    and large integers to floats.
    """
    types = set(map(type, values))
    if any(issubclass(type_, (list, tuple, np.ndarray)) for type_ in types):
        return np.asarray(values)  # several dimensions; raises if ragged
    if len(types) == 1:
        array = np.asarray(values)
        if not (array.dtype.kind == "f" and types == {int}) and array.ndim == 1:
            return array
    return object_array(values)
