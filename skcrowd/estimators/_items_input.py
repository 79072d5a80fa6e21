"""Read X where it is not one array of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from scipy import sparse
from sklearn.utils.validation import check_array
from skorch.helper import SliceDataset
from torch.utils.data import Dataset, IterableDataset

from skcrowd.annotations._tables import is_frame, plain_features
from skcrowd.backbones import MLP, TabularNet
from skcrowd.estimators._part_columns import part_columns
from skcrowd.estimators._precision import check_magnitude
from skcrowd.training._items import ArrayItems, DatasetItems, Items

if TYPE_CHECKING:
    from skcrowd._typing import Array, Features


__all__ = [
    "is_dict_of_parts",
    "is_of_user",
    "keeps_integers",
    "read_items",
    "read_part",
]

LIBRARIES = ("pandas", "polars", "pyarrow")


def is_of_user(module: Any) -> bool:
    """Whether a network is the user's, which may read more than numbers.

    Parameters
    ----------
    module : object
        The estimator's parameter.
    """
    return module not in (None, MLP, TabularNet)


def keeps_integers(X: Features, module: Any) -> bool:
    """Whether integers of X stay integers: for a network of the user.

    A network with an embedding looks them up; for any other they become numbers batch
    by batch.

    Parameters
    ----------
    X : object
        As :func:`plain_features` returns it.
    module : object
        The estimator's parameter.
    """
    if not is_of_user(module) or sparse.issparse(X):
        return False
    return np.asarray(X).dtype.kind in "iu"


def is_dict_of_parts(X: Any) -> bool:
    """Whether X has several arrays by name; a sparse matrix of keys is a dict, too."""
    return isinstance(X, Mapping) and not sparse.issparse(X)


def read_items(X: Features, estimator: Any) -> Items | None:
    """Read several arrays, texts or a PyTorch data set; None for one array.

    Parameters
    ----------
    X : object
        For a network of the user: a dict of arrays (or skorch's ``SliceDict``), whose
        names are parameters of the network's ``forward``; a tuple of arrays; texts; or
        a map-style data set of PyTorch (or skorch's ``SliceDataset``) that returns
        items without labels.
    estimator : CrowdEstimator

    Returns
    -------
    items : Items or None

    Raises
    ------
    TypeError
        If it is a data set without length or positions.
    ValueError
        If parts have different numbers of rows or hold something else than finite
        numbers and texts, or the default network cannot read them.
    """
    if isinstance(X, Items):
        return X
    if isinstance(X, (Dataset, SliceDataset)):
        return _read_dataset(X, estimator)
    if estimator.module is None:
        _refuse_texts(X)
        return None
    if is_dict_of_parts(X) and len(X):
        parts = {str(name): read_part(part, f"X[{name!r}]") for name, part in X.items()}
        _check_lengths(parts)
        return ArrayItems(parts, part_columns(X))
    if isinstance(X, tuple) and X and all(map(_is_array, X)):
        listed = tuple(read_part(part, f"X[{i}]") for i, part in enumerate(X))
        _check_lengths(dict(enumerate(listed)))
        return ArrayItems(listed)
    texts = _texts(X)
    return None if texts is None else ArrayItems(_check_texts(texts, "X"))


def _read_dataset(X: Any, estimator: Any) -> DatasetItems:
    """Check a data set by its first item."""
    if isinstance(X, IterableDataset) or not hasattr(X, "__len__"):
        raise TypeError(
            f"X is a {type(X).__name__}, which has no length or no positions; pass a "
            "map-style torch.utils.data.Dataset, or train on parts with partial_fit."
        )
    if estimator.module is None:
        raise ValueError(
            f"X is a {type(X).__name__}, which the default network cannot read: it "
            "scales the features of all items before training. Pass them as an array, "
            "or a network of your own as module=."
        )
    if not len(X):
        raise ValueError(f"X is a {type(X).__name__} without items; pass at least one.")
    if isinstance(X[0], tuple):
        raise ValueError(
            f"X is a {type(X).__name__} whose items are tuples of {len(X[0])}, and "
            "labels must not reach the network; pass skorch.helper.SliceDataset(X, "
            "idx=0) to choose a part, or a data set whose items are a tensor or a dict."
        )
    return DatasetItems(X)


def _refuse_texts(X: Any) -> None:
    """Raise if X holds texts, for the default network."""
    if _texts(X) is not None:
        raise ValueError(
            "X holds texts, but the default network reads numbers; put "
            "TfidfVectorizer() in front of the estimator in a Pipeline, or pass a "
            "network that reads texts as module=."
        )


def _is_array(part: Any) -> bool:
    """Whether an element of a tuple is an array of several items."""
    is_array = isinstance(part, (np.ndarray, torch.Tensor)) or sparse.issparse(part)
    return is_array and part.ndim >= 1


def read_part(part: Any, name: str) -> Any:
    """Check one of several arrays: finite numbers, or texts.

    Parameters
    ----------
    part : array-like or sparse matrix of shape (n_items, ...)
    name : str
        For error messages.

    Returns
    -------
    part : ndarray or CSR matrix
        Of floats, integers or booleans; of objects where it holds texts.

    Raises
    ------
    ValueError, TypeError
    """
    texts = _texts(part)
    if texts is not None:
        return _check_texts(texts, name)
    options: dict[str, Any] = {"accept_sparse": "csr", "allow_nd": True, "order": "C"}
    part = plain_features(part)
    try:
        part = check_array(
            part, dtype="numeric", ensure_2d=False, input_name=name, **options
        )
    except (ValueError, TypeError) as error:
        raise type(error)(f"part {name} cannot be read: {error}") from error
    if part.dtype.kind == "f":
        if part.dtype not in (np.float32, np.float64):
            part = part.astype(np.float32)
        check_magnitude(part)
    elif part.dtype.kind == "u" and part.dtype != np.uint8:
        part = part.astype(np.int64)
    return part


def _texts(values: Any) -> Array | None:
    """Return a column of texts as an array of objects; None for anything else."""
    library = type(values).__module__.partition(".")[0]
    is_eager = library in LIBRARIES and hasattr(values, "to_numpy")
    if is_eager and not is_frame(values):
        values = values.to_numpy()
    if isinstance(values, np.ndarray):
        if values.ndim != 1 or values.dtype.kind not in "OU" or not len(values):
            return None
    elif not isinstance(values, (list, tuple)) or not values:
        return None
    if not any(isinstance(text, str) for text in values[:16]):
        return None
    texts = np.empty(len(values), dtype=object)
    texts[:] = list(values)
    return texts


def _check_texts(texts: Array, name: str) -> Array:
    """Raise if something among texts is no text."""
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(
                f"{name} holds texts, but row {row} is {text!r}; give every item a "
                "text, an empty one where there is none."
            )
    return np.array([str(text) for text in texts], dtype=object)


def _check_lengths(parts: Mapping[Any, Any]) -> None:
    """Raise if parts have different numbers of rows, or none."""
    lengths = {name: part.shape[0] for name, part in parts.items()}
    if len(set(lengths.values())) > 1 or not all(lengths.values()):
        listed = ", ".join(f"{name!r}: {n}" for name, n in lengths.items())
        raise ValueError(
            f"the parts of X have these numbers of rows: {listed}; give each a row for "
            "each item, and at least one."
        )
