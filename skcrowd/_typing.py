"""Names for the types that signatures of this package share.

They describe what a function takes and returns; nothing of them is checked when the
code runs. Arrays are named by their kind of number and not by its width, because
NumPy chooses the width by what it is given.
"""

import os
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

__all__ = [
    "AnswersLike",
    "Array",
    "ArrayLike",
    "BoolArray",
    "Confusions",
    "Counts",
    "DTypeLike",
    "Features",
    "FloatArray",
    "Gold",
    "Groups",
    "IntArray",
    "Kind",
    "KindOrAuto",
    "ModuleLike",
    "ObjectArray",
    "PathLike",
    "RandomState",
    "Rows",
    "SparseMatrix",
]

Array: TypeAlias = NDArray[Any]
FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
ObjectArray: TypeAlias = NDArray[np.object_]

# No stubs describe these: scipy.sparse has none, and a table may come from pandas,
# polars, Arrow or torch, none of which is imported to name it.
SparseMatrix: TypeAlias = Any
Features: TypeAlias = Any
"""``X``: an array, a table, a sparse matrix, or sequences of tokens."""
AnswersLike: TypeAlias = Any
"""``y``: `Annotations`, or answers or labels in any form that is read into them."""
Gold: TypeAlias = Any
"""Known true values: one for each row, with a marker of none, or a mapping of rows."""

# Above 2**24 entries these are a LazyConfusion or ExpectedCounts instead of an array,
# which the type omits, because only very large crowds need it.
Confusions: TypeAlias = FloatArray | Any
Counts: TypeAlias = FloatArray | Any

Groups: TypeAlias = tuple[IntArray, FloatArray | None]
"""The number of every annotator's group, -1 for none, and the excess agreement in each
group, None where it is not known."""

Rows: TypeAlias = slice | Sequence[int] | Sequence[bool] | Array | tuple[Any, slice]

# A torch module class or instance, or what builds one. Named here without torch, which
# a script that only reads answers need not load.
ModuleLike: TypeAlias = Any

Kind: TypeAlias = Literal["labels", "numbers"]
KindOrAuto: TypeAlias = Literal["auto", "labels", "numbers"]
RandomState: TypeAlias = int | np.random.RandomState | None
PathLike: TypeAlias = str | os.PathLike[str]
