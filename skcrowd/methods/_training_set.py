"""The data set that skorch trains on: distinct rows, answers, targets and weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from skcrowd.training._data import CrowdDataset
from skcrowd.training._sequence_data import SequenceDataset
from skcrowd.training._tensors import as_tensor

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, FloatArray, IntArray

    from ._training_context import TrainingContext


__all__ = ["training_set"]

_TINY = np.finfo(np.float64).tiny


def training_set(
    context: TrainingContext, targets: FloatArray | None = None, **extra_targets: Any
) -> CrowdDataset:
    """Return the distinct rows of X that are trained on or held out, for skorch.

    Parameters
    ----------
    context : TrainingContext
    targets : ndarray of shape (n_items, n_classes) or (n_items,), default=None
        Soft labels, or numbers.
    **extra_targets : ndarray of shape (n_items, ...)
        See :func:`skcrowd.methods._train.train`.

    Returns
    -------
    dataset : CrowdDataset or SequenceDataset
    """
    rows, weight = context.row_order.distinct()
    y = {**_answers(context), **_weights(context, rows, weight)}
    if targets is not None:
        extra_targets["target"] = context.clamp_gold(targets)
    if context.is_gold.any():
        extra_targets["gold"] = _gold_targets(context, y["answer_weight"])
    if (weight != 1).any():
        extra_targets["repeats"] = context.row_order.spread(rows, weight)[1]
    for name, values in extra_targets.items():
        y[name] = as_tensor(values)
        if y[name].is_floating_point():
            y[name] = y[name].to(context.factory.dtype, copy=True)
    make = SequenceDataset if hasattr(context, "lengths") else CrowdDataset
    return make(context.X, y, torch.as_tensor(rows))


def _answers(context: TrainingContext) -> dict[str, torch.Tensor]:
    """Return annotators and answers, with the row pointers of the items."""
    a, power = context.annotations, None
    if a.details is not None:
        a, _, _, power, _ = context.evidence
    answer = as_tensor(a.answer)
    if answer.is_floating_point():
        answer = answer.to(context.factory.dtype)
    y = {
        "annotator": as_tensor(a.annotator),
        "answer": answer,
        "indptr": as_tensor(a.indptr),
    }
    if power is not None:
        y["answer_power"] = torch.tensor(power, dtype=context.factory.dtype)
    return y


def _gold_targets(context: TrainingContext, answer_weight: torch.Tensor) -> FloatArray:
    """Return known truths with their weights as answers.

    Returns
    -------
    gold : ndarray of shape (n_items, n_classes) or (n_items, 2)
        The weight at the true class, or before the number; zeros where the truth is
        not known.
    """
    gold = context.side_information.gold[context.is_gold]
    weight = answer_weight.double().expand(len(context.annotations)).numpy()
    weight = weight[context.is_gold, None]
    if gold.dtype.kind == "i":
        known = np.zeros((len(gold), context.factory.output.n_classes))
        known[np.arange(len(gold)), gold] = weight[:, 0]
    else:
        known = np.column_stack([weight, gold])
    rows = np.zeros((len(context.annotations), known.shape[1]))
    rows[context.is_gold] = known
    return rows


def _weights(
    context: TrainingContext, rows: IntArray, row_weight: FloatArray
) -> dict[str, torch.Tensor]:
    """Return weights with which the loss is the mean over items, or over answers.

    Training and held-out items each have a mean of their own. The weights are scalars
    where all items weigh the same.

    Parameters
    ----------
    context : TrainingContext
    rows : ndarray of shape (n_distinct,)
        The rows of X that are used.
    row_weight : ndarray of shape (n_distinct,)
    """
    n_answers = context.answers_per_item
    # where the truth is known, it alone validates
    validates = context.held_out & context.is_gold
    if validates.any():
        n_answers = np.where(validates, 1, n_answers)
    is_used, weight = context.row_order.spread(rows, row_weight)
    counted = context.is_known | context.include_unlabeled
    weight = weight * counted
    per_item, per_answer = np.zeros(len(weight)), np.zeros(len(weight))
    for held_out in (False, True):
        group = is_used & (context.held_out == held_out)
        n_rows = context.count_rows(group & counted)
        total = weight[group].sum(), weight[group] @ n_answers[group]
        per_item[group] = weight[group] * (n_rows / max(total[0], _TINY))
        per_answer[group] = weight[group] * (n_rows / max(total[1], _TINY))
    del weight, n_answers, group  # as large as all items
    dtype = context.factory.dtype
    return {
        "item_weight": _as_weight(per_item, is_used, dtype),
        "answer_weight": _as_weight(per_answer, is_used, dtype),
    }


def _as_weight(
    weight: FloatArray, is_used: BoolArray, dtype: torch.dtype
) -> torch.Tensor:
    """Return a tensor; a scalar if all used items have the same weight."""
    used = weight[is_used]
    is_uniform = (used == used[0]).all()
    return torch.tensor(used[0] if is_uniform else weight, dtype=dtype)
