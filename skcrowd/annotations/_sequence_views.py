"""Selection and representation of a SequenceAnnotations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._lookup import object_array, preview
from ._memory import check_cell_matrix
from ._sequence_tags import write_cells

if TYPE_CHECKING:
    from skcrowd._typing import IntArray

    from ._sequence_container import SequenceAnnotations


def token_rows(offsets: IntArray, rows: Any) -> IntArray | slice:
    """Return the tokens of the sequences selected, as a slice where they are one."""
    if isinstance(rows, slice):
        start, stop, step = rows.indices(offsets.size - 1)
        if step == 1:
            return slice(int(offsets[start]), int(offsets[max(start, stop)]))
        rows = np.arange(start, stop, step)
    counts = offsets[rows + 1] - offsets[rows]
    ends = np.cumsum(counts)
    return np.repeat(offsets[rows] - (ends - counts), counts) + np.arange(counts.sum())


def one_sequence(annotations: SequenceAnnotations) -> dict[Any, Any]:
    _, annotator, tags = write_cells(annotations.tokens, annotations.offsets, None)
    names = annotations.annotator_names[annotator].tolist()
    return dict(zip(names, [cell.tolist() for cell in tags], strict=True))


def sortable_cells(annotations: SequenceAnnotations) -> Any:
    """Write cells as tuples, () if missing, because scikit-learn sorts a target."""
    offsets = annotations.offsets
    sequence, annotator, tags = write_cells(annotations.tokens, offsets, "auto")
    check_cell_matrix(annotations.shape, "sequences", "tokens")
    cells = np.empty(annotations.shape, dtype=object)
    cells.fill(())
    cells[sequence, annotator] = object_array([tuple(cell.tolist()) for cell in tags])
    return cells


def equal_names(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right
    return left.dtype.kind == right.dtype.kind and np.array_equal(left, right)


def describe(annotations: SequenceAnnotations) -> str:
    """Write a few lines, however large the annotations are."""
    sequence, _ = annotations.pairs
    details = annotations.tokens.details
    return "\n".join(
        [
            f"SequenceAnnotations of {_count(annotations.n_sequences, 'sequence')} "
            f"({_count(annotations.n_tokens, 'token')}) by "
            f"{_count(annotations.n_annotators, 'annotator')}",
            f"  {_count(sequence.size, 'tag sequence')}{_density(annotations)}",
            f"  {_count(annotations.classes.size, 'class')}: "
            f"{preview(annotations.classes)}",
            *([] if details is None else [f"  {details.describe()}"]),
        ]
    )


def _density(annotations: SequenceAnnotations) -> str:
    n_cells = annotations.n_sequences * annotations.n_annotators
    if not n_cells:
        return ""
    sequence, _ = annotations.pairs
    counts = np.bincount(sequence, minlength=annotations.n_sequences)
    missing = 1 - sequence.size / n_cells
    share = f"{missing:.1%}" if missing in (0, 1) or missing <= 0.999 else "over 99.9%"
    spread = f"mean {counts.mean():.3g}, from {counts.min()} to {counts.max()}"
    return f" ({share} of the cells missing), per sequence: {spread}"


def _count(n: int, noun: str) -> str:
    plural = noun + ("es" if noun.endswith("s") else "s")
    return f"{n} {noun if n == 1 else plural}"
