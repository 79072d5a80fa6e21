"""Write an Annotations in other forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._describe import count_of, density
from ._lookup import preview
from ._memory import check_fits
from ._value_types import equal_mask

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import Array, SparseMatrix

    from ._container import Annotations


_MAX_BYTES = 2**31


def natural_missing(annotations: Annotations) -> tuple[float | str, Any]:
    """Return the marker and dtype with which a dense matrix loses nothing.

    NaN stands for missing among objects, not None, because scikit-learn sorts the
    entries of a target.

    Returns
    -------
    missing : scalar
    dtype : numpy dtype
    """
    classes = annotations.classes
    if classes is None:
        return np.nan, np.dtype(np.float64)
    if classes.dtype.kind == "U":
        return "", classes.dtype
    if classes.dtype.kind == "i" and (classes >= 0).all():
        return -1, classes.dtype
    return np.nan, np.dtype(object)


def check_affordable(annotations: Annotations) -> None:
    """Raise if the dense matrix would take more than 2 GiB."""
    _, dtype = natural_missing(annotations)
    size = annotations.n_items * annotations.n_annotators * dtype.itemsize
    if size > _MAX_BYTES:
        raise ValueError(
            f"a dense matrix of shape {annotations.shape} would take "
            f"{size / 2**30:.1f} GiB of memory; use to_sparse() or to_long(), and in "
            "scikit-learn pass a splitter as cv, e.g. cv=KFold(3), which needs no "
            "dense matrix."
        )


def to_dense(annotations: Annotations, missing: Any = "auto") -> Array:
    """Write a matrix of answers; see `Annotations.to_dense`."""
    if isinstance(missing, str) and missing == "auto":
        missing, dtype = natural_missing(annotations)
    else:
        dtype = _dtype_holding(annotations, missing)
    check_fits(
        annotations.n_items * annotations.n_annotators * dtype.itemsize,
        f"a dense matrix of {annotations.n_items} items and "
        f"{annotations.n_annotators} annotators",
        "use to_sparse() or to_long()",
    )
    dense = np.full(annotations.shape, missing, dtype=dtype)
    dense[annotations.item, annotations.annotator] = annotations.labels
    return dense


def _dtype_holding(annotations: Annotations, missing: Any) -> Any:
    """Choose the dtype for answers and a marker that must not be one of them."""
    if np.ndim(missing) != 0:
        raise TypeError(f"missing must be a scalar, got {missing!r}.")
    labels = annotations.labels if annotations.classes is None else annotations.classes
    if equal_mask(labels, missing).any():
        raise ValueError(
            f"missing={missing!r} is one of the answers itself; choose a value that "
            "no annotator gave."
        )
    marker = np.asarray(missing)
    if {marker.dtype.kind, labels.dtype.kind} <= set("if") or (
        marker.dtype.kind == labels.dtype.kind == "U"
    ):
        return np.result_type(marker, labels)
    return np.dtype(object)


def to_sparse(annotations: Annotations) -> SparseMatrix:
    """Write a sparse array; see `Annotations.to_sparse`."""
    from scipy.sparse import csr_array

    fields = annotations.answer, annotations.annotator, annotations.indptr
    return csr_array(tuple(f.copy() for f in fields), shape=annotations.shape)


def pandas_for(caller: str) -> Any:
    """Import pandas, or say who needs it."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError(
            f"{caller}() returns a pandas DataFrame and needs pandas: "
            "pip install pandas"
        ) from error
    return pandas


def to_frame(annotations: Annotations) -> pd.DataFrame:
    """Write a DataFrame; see `Annotations.to_frame`."""
    pd = pandas_for("to_frame")
    check_affordable(annotations)
    numbers = annotations.classes is None or annotations.classes.dtype.kind in "if"
    missing = np.nan if numbers else None
    values = np.full(annotations.shape, missing, dtype=float if numbers else object)
    values[annotations.item, annotations.annotator] = annotations.labels
    table = pd.DataFrame(
        values, index=annotations.item_names, columns=annotations.annotator_names
    )
    if annotations.ordered:
        return table.astype(_ordered_type(annotations))
    if annotations.classes is not None and annotations.classes.dtype.kind == "i":
        return table.astype("Int64")
    return table


def _ordered_type(annotations: Annotations) -> Any:
    """Return the type of ordered categories, from which the readers take the order."""
    pd = pandas_for("to_long")
    return pd.CategoricalDtype(np.asarray(annotations.classes).tolist(), ordered=True)


def to_long(annotations: Annotations) -> pd.DataFrame:
    """Write a DataFrame; see `Annotations.to_long`."""
    pd = pandas_for("to_long")
    names = annotations.item_names
    item = annotations.item.copy() if names is None else names[annotations.item]
    table = pd.DataFrame(
        {
            "item": item,
            "annotator": annotations.annotator_names[annotations.annotator],
            "label": annotations.labels.copy(),
        }
    )
    if annotations.details is not None:
        table = _with_details(table, annotations)
    if annotations.ordered:
        table = table.astype({"label": _ordered_type(annotations)})
    return table


def _with_details(table: pd.DataFrame, annotations: Annotations) -> pd.DataFrame:
    """Add columns of what is given of each answer, and a row for each unsure one."""
    details: Any = annotations.details
    for name in ("confidence", "weight", "time"):
        values = getattr(details, name)
        if values is not None:
            table[name] = values.copy()
    if details.probabilities is not None:
        for k, label in enumerate(np.asarray(annotations.classes).tolist()):
            table[f"probability_{label}"] = details.probabilities[:, k]
    if details.unsure is None:
        return table
    item, annotator = details.unsure.T
    names = annotations.item_names
    extra = {
        "item": item if names is None else names[item],
        "annotator": annotations.annotator_names[annotator],
    }
    pd = pandas_for("to_long")
    table["unsure"] = False
    more = pd.DataFrame(extra).assign(unsure=True).reindex(columns=table.columns)
    return pd.concat([table.astype({"label": object}), more], ignore_index=True)


def describe(annotations: Annotations) -> str:
    """Write a few lines, however large the annotations are."""
    lines = [
        f"Annotations of {count_of(annotations.n_items, 'item')} by "
        f"{count_of(annotations.n_annotators, 'annotator')} ({annotations.kind})",
        f"  {count_of(annotations.n_answers, 'answer')}{density(annotations, 'item')}",
    ]
    if annotations.classes is not None:
        classes = preview(annotations.classes)
        order = ", from lowest to highest" if annotations.ordered else ""
        n_classes = count_of(len(annotations.classes), "class")
        lines.append(f"  {n_classes}{order}: {classes}")
    elif annotations.n_answers:
        low, high = annotations.answer.min(), annotations.answer.max()
        lines.append(f"  numbers from {low:.4g} to {high:.4g}")
    if annotations.details is not None:
        lines.append(f"  {annotations.details.describe()}")
    return "\n".join(lines)
