"""Predictions of items by networks that were not trained on them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from skcrowd.annotations._memory import is_large
from skcrowd.annotators._confusion_table import given_annotators
from skcrowd.methods._joint_folds import can_train_jointly, train_jointly
from skcrowd.training._seeding import isolated_rng

if TYPE_CHECKING:
    from skcrowd._typing import Confusions, FloatArray, IntArray
    from skcrowd.training import CrowdNet

    from ._training_context import TrainingContext


__all__ = ["predict_out_of_fold"]


def predict_out_of_fold(
    context: TrainingContext,
    targets: FloatArray,
    confusion: Confusions,
    fold: IntArray,
    epochs: int,
    seed: int,
) -> tuple[FloatArray | None, CrowdNet | None]:
    """Predict each fold by a network trained on the others.

    Parameters
    ----------
    context : TrainingContext
    targets : ndarray of shape (n_items, n_classes)
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or LazyConfusion
        Of the networks' annotator models, which are not trained.
    fold : int64 ndarray of shape (n_rows,)
        See :meth:`TrainingContext.folds`.
    epochs : int
    seed : int
        Seed of the first network; those of the others follow.

    Returns
    -------
    log_proba : ndarray of shape (n_items, n_classes) or None
        Log-probabilities of the classes.
    interrupted : CrowdNet or None
        The network whose training was interrupted; there are no predictions then.
    """
    is_double = context.factory.dtype == torch.float64
    precision: Any = np.float64 if is_double else np.float32
    learned = targets.astype(precision, copy=False)
    is_joint = can_train_jointly(context, fold.max() + 1)
    train = train_jointly if is_joint else _train_one_by_one
    log_proba = np.empty_like(targets)
    for k, net in enumerate(train(context, learned, confusion, fold, epochs, seed)):
        if net.was_cut:
            return None, net
        if is_large(*targets.shape):
            gc.collect()  # contexts and their statistics refer to each other
        own = np.flatnonzero(fold == k)
        log_proba[context.items_of(own)] = context.select(own).predict_truth(net)
    return log_proba, None


def _train_one_by_one(
    context: TrainingContext,
    targets: FloatArray,
    confusion: Confusions,
    fold: IntArray,
    epochs: int,
    seed: int,
) -> Iterator[CrowdNet]:
    """Yield the network of each fold, trained on the others."""
    learnable, n_folds = context.row_weight > 0, fold.max() + 1
    for k in range(n_folds):
        others = np.flatnonzero(learnable & (fold != k))
        with isolated_rng(seed + k, context.factory.device):
            net = context.select(
                others, max_epochs=epochs, stage=f"fold {k + 1} of {n_folds}"
            ).train(
                given_annotators(confusion),
                train_on="targets",
                targets=targets[context.items_of(others)],
            )
        yield net
