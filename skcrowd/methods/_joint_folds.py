"""Networks of all folds, trained in the same passes over the items."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from skcrowd.annotators._confusion_table import given_annotators
from skcrowd.backbones import TabularNet
from skcrowd.backbones._joint_tabular_nets import JointTabularNets
from skcrowd.methods._encode_once import encode_once
from skcrowd.methods._train import check_converged
from skcrowd.methods._training_set import training_set
from skcrowd.training import CrowdLoss, CrowdNet
from skcrowd.training._seeding import isolated_rng
from skcrowd.training._threads import threads_for

if TYPE_CHECKING:
    from skcrowd._typing import Confusions, FloatArray, IntArray
    from skcrowd.training import NetFactory

    from ._training_context import TrainingContext


__all__ = ["FoldLoss", "can_train_jointly", "train_jointly"]

# Optimizers that treat every weight on its own, so that several networks train as one.
BY_WEIGHT = (torch.optim.Adam, torch.optim.AdamW, torch.optim.SGD)
MOST_INPUTS = 2**16  # of all networks, above which arithmetic takes most of the time


def can_train_jointly(context: TrainingContext, n_folds: int) -> bool:
    """Whether the networks are default ones for classes, and not very wide.

    Parameters
    ----------
    context : TrainingContext
    n_folds : int
    """
    factory = context.factory
    return (
        factory.module is TabularNet
        and factory.net is CrowdNet
        and factory.optimizer in BY_WEIGHT
        and "optimizer__param_groups" not in factory.routed
        and n_folds * np.prod(context.X.shape[1:]) <= MOST_INPUTS
    )


def train_jointly(
    context: TrainingContext,
    targets: FloatArray,
    confusion: Confusions,
    fold: IntArray,
    epochs: int,
    seed: int,
) -> list[CrowdNet]:
    """Train a network for each fold on the others, all in the same passes.

    Every batch has items of all folds, and every network learns from those that are not
    of its own. Batches are larger, so that each network learns from as many items a
    step as it would alone.

    Parameters
    ----------
    context, targets, confusion, fold, epochs, seed
        See :func:`skcrowd.methods._out_of_fold.predict_out_of_fold`.

    Returns
    -------
    nets : list of CrowdNet
        The network of each fold; only one if training was interrupted.
    """
    n_folds = int(fold.max()) + 1
    rows = np.flatnonzero(context.row_weight > 0)
    learned = context.select(rows, max_epochs=epochs, stage=f"{n_folds} folds")
    annotators, output = given_annotators(confusion), context.factory.output
    with isolated_rng(seed, context.factory.device):
        nets = [
            learned.factory.build(CrowdLoss(annotators, output, "targets"))
            for _ in range(n_folds)
        ]
        learned.factory.check_scores(nets[0], context.X)
        modules = JointTabularNets([net.module_ for net in nets])
        loss = FoldLoss(annotators, output, criterion=context.factory.criterion)
        factory = _joint_factory(learned.factory, modules, n_folds, len(rows))
        joint = factory.build(loss)
        if len(rows) < context.n_rows:
            targets, fold = targets[context.items_of(rows)], fold[rows]
        dataset = training_set(learned, targets, fold=fold)
        with threads_for(nets[0].module_, learned.factory.batch_size):
            learned.factory.train(joint, encode_once(joint, dataset, factory))
    check_converged(joint)
    for net, module in zip(nets, joint.module_.nets, strict=True):
        net.module_.load_state_dict(module.state_dict())
        net.history, net.was_cut = joint.history, joint.was_cut
    return nets[:1] if joint.was_cut else nets


def _joint_factory(
    factory: NetFactory, modules: JointTabularNets, n_folds: int, n_rows: int
) -> NetFactory:
    """Return the factory of a net that trains all networks."""
    size = int(np.ceil(factory.batch_size * n_folds / (n_folds - 1)))
    size = max(min(size, n_rows), factory.batch_size)  # which the user gave
    return replace(factory, start_from=modules, batch_size=size)


class FoldLoss(CrowdLoss):
    """Sum over networks of the mean loss to the targets of items of other folds.

    Parameters are those of :class:`skcrowd.training.CrowdLoss`.
    """

    def forward(
        self, scores: torch.Tensor, batch: dict[str, torch.Tensor]
    ) -> torch.Tensor:
        """Return the loss of a batch.

        Parameters
        ----------
        scores : Tensor of shape (n_batch, n_folds, n_classes)
        batch : dict of Tensor
            With the fold of each item.
        """
        n_folds = scores.shape[1]
        truth = self.output.truth(scores.transpose(0, 1).flatten(0, 1))
        loss = self._loss_of_items(truth, batch["target"].repeat(n_folds, 1))
        loss = loss.view(n_folds, -1) * batch["item_weight"]
        is_other = batch["fold"] != torch.arange(n_folds, device=scores.device)[:, None]
        sums: Any = (loss * is_other).sum(dim=1)
        return (sums / is_other.sum(dim=1).clamp_min(1)).sum()
