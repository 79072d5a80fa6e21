"""Checks of the fields of a SequenceAnnotations, and its flat form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._assemble import names_array
from ._cell_details import check_part_details
from ._container import Annotations, check_container
from ._sequence_tags import TagWhere
from ._sparse import is_sparse

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, Array, IntArray


def check_same_lengths(lengths: IntArray, true: IntArray) -> None:
    wrong = np.flatnonzero(lengths != true)
    if wrong.size:
        k = wrong[0]
        raise ValueError(
            f"y has {lengths[k]} tokens at row {k}, but lengths gives "
            f"{true[k]} for this sequence ({wrong.size} such rows); pass X and y with "
            "the same sequences in the same order."
        )


def check_tokens(tokens: Annotations | list[list[int]]) -> None:
    if not isinstance(tokens, Annotations):
        raise TypeError(
            f"tokens must be an Annotations, got {type(tokens).__name__}; use "
            "SequenceAnnotations.from_cells or from_flat."
        )
    if tokens.kind != "labels":
        raise ValueError(
            "tokens is an Annotations of numbers, but labels are needed; build it "
            "again with kind='labels'."
        )
    check_part_details(tokens, "tokens", "tag sequences")


def check_total(lengths: IntArray, n_tokens: int) -> None:
    if lengths.sum() != n_tokens:
        raise ValueError(
            f"lengths adds up to {lengths.sum()} tokens, but there are annotations of "
            f"{n_tokens} (a row for each token); give the length of every sequence."
        )


def check_sequence_names(names: Any, n_sequences: int) -> Array:
    array = names_array(names) if isinstance(names, list) else np.asarray(names)
    if array.shape != (n_sequences,):
        raise ValueError(
            f"sequence_names has shape {array.shape}, but there are {n_sequences} "
            "sequences; give one name for each."
        )
    return array.copy()


def check_complete(gold: Any) -> None:
    blank = np.flatnonzero(gold.tokens.answers_per_item == 0)
    if blank.size:
        names = gold.annotator_names
        annotator = np.zeros_like(blank)
        where = TagWhere(blank, annotator, gold.offsets, names, None)(0)
        raise ValueError(
            f"a gold tag is missing at {where} ({blank.size} such tokens); use "
            "SequenceAnnotations.from_cells for tags with gaps."
        )


def read_flat(
    y: AnswersLike,
    missing_label: Any,
    classes: Any,
    annotator_names: Any,
) -> Annotations:
    options = {}
    if not (isinstance(missing_label, str) and missing_label == "auto"):
        options["missing_label"] = missing_label
    if annotator_names is not None:
        options["annotator_names"] = annotator_names
    if isinstance(y, Annotations):
        _refuse(options, options, "y is an Annotations, in which both are settled")
        return check_container(y, "labels", classes)
    read = Annotations.from_sparse if is_sparse(y) else Annotations.from_dense
    return read(y, classes=classes, **options)


def _refuse(given: dict[str, Any], names: dict[str, Any], reason: str) -> None:
    for name in sorted(set(given) & set(names)):
        raise ValueError(f"{reason}; leave out {name}={given[name]!r}.")
