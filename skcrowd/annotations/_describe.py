"""Words for the sizes of annotations."""

from __future__ import annotations

from typing import Any

__all__ = ["count_of", "density"]


def count_of(n: int, noun: str) -> str:
    """Write a number of things, such as "1 class" or "2 classes"."""
    plural = noun + ("es" if noun.endswith("s") else "s")
    return f"{n} {noun if n == 1 else plural}"


def density(annotations: Any, row: str) -> str:
    """Say which share of the cells is missing, and how many answers a row has.

    Parameters
    ----------
    annotations : Annotations, MultilabelAnnotations or SequenceAnnotations
    row : str
        What a row is, such as "item".

    Returns
    -------
    text : str
        Empty if there is no cell.
    """
    n_rows, n_annotators = annotations.shape
    n_cells = n_rows * n_annotators
    if not n_cells:
        return ""
    counts = annotations.answers_per_item
    missing = 1 - annotations.n_answers / n_cells
    share = f"{missing:.1%}" if missing in (0, 1) or missing <= 0.999 else "over 99.9%"
    spread = f"mean {counts.mean():.3g}, from {counts.min()} to {counts.max()}"
    return f" ({share} of the cells missing), per {row}: {spread}"
