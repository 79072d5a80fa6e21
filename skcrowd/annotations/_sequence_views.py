"""Selection and representation of a SequenceAnnotations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._describe import count_of, density
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
    details = annotations.tokens.details
    return "\n".join(
        [
            f"SequenceAnnotations of {count_of(annotations.n_sequences, 'sequence')} "
            f"({count_of(annotations.n_tokens, 'token')}) by "
            f"{count_of(annotations.n_annotators, 'annotator')}",
            f"  {count_of(annotations.n_answers, 'tag sequence')}"
            f"{density(annotations, 'sequence')}",
            f"  {count_of(annotations.classes.size, 'class')}: "
            f"{preview(annotations.classes)}",
            *([] if details is None else [f"  {details.describe()}"]),
        ]
    )
