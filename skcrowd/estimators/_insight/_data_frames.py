"""Tables as pandas DataFrames, where pandas is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from skcrowd._typing import Array
    from skcrowd.annotations import Annotations, MultilabelAnnotations

__all__ = ["check_level", "import_pandas", "item_index", "row_index"]


def import_pandas(caller: str) -> Any:
    """Import pandas, or say which method needs it and how to get it."""
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(
            f"{caller}() returns a pandas DataFrame and needs pandas: pip install "
            "pandas"
        ) from error
    return pd


def check_level(level: float) -> None:
    """Raise unless `level` is the probability of an interval."""
    if not 0 < level < 1:
        raise ValueError(
            f"level is {level!r}; give the probability that an interval is to have, "
            "above 0 and below 1, such as 0.95."
        )


def item_index(annotations: Annotations | MultilabelAnnotations) -> Array:
    """Names of the items, or their row numbers, (n_items,)."""
    names = annotations.item_names
    return np.arange(annotations.n_items) if names is None else names


def row_index(pd: Any, noun: str, names: Array) -> Any:
    """Return an index of names, of which a tuple is a single one."""
    return pd.Index(names, name=noun, tupleize_cols=False)
