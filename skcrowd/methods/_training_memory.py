"""Estimates of the memory that a method needs, checked before training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from skcrowd.annotations._memory import check_fits, is_large

if TYPE_CHECKING:
    from ._method import Method
    from ._training_context import TrainingContext


__all__ = ["check_memory", "label_bytes"]

DOUBLE = 8  # bytes
OF_ITEMS = 4  # arrays of items × classes: targets, posterior, prediction, a spare one
OF_CLASSES = 8  # arrays of classes × classes: the crowd's confusion, disagreement
OF_COUNTS = 8  # arrays of all confusions, while they are counted and shrunk
OF_PRIOR = 4  # arrays of prior counts, where they are a penalty, and its gradient
OF_PARAMETERS = 7  # values, gradients, moments of Adam, the best epoch, spare ones
COUNTED = 'use method="regularized_em" or "em", which need no table of confusions'
MERGE = "merge classes, or give the items to partial_fit part by part"


def check_memory(method: Method, context: TrainingContext) -> None:
    """Raise, before training, if a method needs more memory than there is.

    Parameters
    ----------
    method : Method
    context : TrainingContext

    Raises
    ------
    ValueError
        With the sizes, the memory needed and available, and alternatives.
    """
    if method.kind == "numbers":  # two or three numbers an annotator
        return
    a = context.annotations
    sizes = f"{a.n_annotators} annotators and {len(a.classes)} classes"
    leaner = [COUNTED] if _trains_table(method) else []
    check_fits(
        method.bytes_needed(context),
        f"{type(method).__name__} for {a.n_items} items, {sizes}",
        ", ".join([*leaner, *method.leaner, MERGE]),
    )


def label_bytes(method: Method, context: TrainingContext) -> int:
    """Estimate the peak memory of a method for labels, without X and the network.

    Parameters
    ----------
    method : Method
    context : TrainingContext

    Returns
    -------
    n_bytes : int
    """
    a = context.annotations
    sizes = a.n_annotators, len(a.classes)
    model, further = method.annotator_sizes()
    itemsize = torch.finfo(context.factory.dtype).bits // 8
    parameters = model.parameters_needed(*sizes, **further)
    n_pairs = -(-context.factory.batch_size * a.n_answers // context.n_rows)
    step = itemsize * model.numbers_per_step(*sizes, n_pairs) if parameters else 0
    table = DOUBLE * sizes[0] * sizes[1] ** 2
    has_table = method.needs_table or not is_large(*sizes, sizes[1])
    is_penalty = (
        bool(parameters) and context.side_information.annotator_counts is not None
    )
    items = OF_ITEMS * a.n_items * sizes[1] + OF_CLASSES * sizes[1] ** 2
    model = OF_PARAMETERS * itemsize * parameters + is_penalty * OF_PRIOR * table
    return DOUBLE * items + model + max(step, has_table * OF_COUNTS * table)


def _trains_table(method: Method) -> bool:
    """Whether a method trains, or counts, a table of all confusions."""
    model, further = method.annotator_sizes()
    return method.needs_table or bool(model.parameters_needed(1, 2, **further))
