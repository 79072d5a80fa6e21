"""The criterion of training: loss to targets, or to answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from torch import nn

if TYPE_CHECKING:
    import torch

    from ._outputs import ClassScores, Number


__all__ = ["CrowdLoss"]


class CrowdLoss(nn.Module):
    """Loss to targets, or to the answers through an annotator model.

    In evaluation it is always the negative log-likelihood of the answers, so that the
    validation losses of all methods are comparable; of items whose truth is known the
    loss to that truth, without their answers.

    Parameters
    ----------
    annotators : AnnotatorModel
        Its parameters, if any, are trained; prediction does not use it.
    output : ClassScores or Number
        How to read what the network returns.
    train_on : {"answers", "targets"}, default="answers"
        Reference of the training loss. May be changed between epochs.
    penalties : sequence of torch.nn.Module
        Each maps the log-probabilities of a batch, (n_classes, n_items), the batch and
        the annotator model to a mean over the items of the batch. It is added to the
        training loss, times the mean weight of these items.
    select : callable, default=None
        Maps the losses to the targets and the items' weights, Tensors, to the weights
        that the items get in this step, of the losses' shape. None keeps them.

    criterion : torch.nn.Module, default=None
        Loss to the targets, a number for each item. It gets log-probabilities and soft
        labels, (n_items, n_classes), or numbers, (n_items,). None takes cross-entropy,
        or the squared error.

    Attributes
    ----------
    is_warming_up : bool
        Whether penalties are left out. May be changed between epochs.
    """

    def __init__(
        self,
        annotators: nn.Module,
        output: ClassScores | Number,
        train_on: Literal["answers", "targets"] = "answers",
        penalties: list[Any] | tuple[Any, ...] = (),
        select: Callable[..., Any] | None = None,
        criterion: Any = None,
    ) -> None:
        super().__init__()
        self.annotators: Any = annotators  # a model of skcrowd.annotators
        self.output = output
        self.train_on = train_on
        self.penalties = nn.ModuleList(penalties)
        self.select = select
        self.criterion = criterion
        self.is_warming_up = False

    def forward(
        self, scores: torch.Tensor, batch: dict[str, torch.Tensor]
    ) -> torch.Tensor:
        """Return the mean loss of a batch.

        Parameters
        ----------
        scores : Tensor of shape (n_batch, n_classes), (n_batch, 1) or (n_batch,)
            What the network returns.
        batch : dict of Tensor
            See ``CrowdDataset``.
        """
        truth = self.output.truth(scores)
        if not self.training:
            return self._answer_loss(truth, batch)
        fit = self._target_loss if self.train_on == "targets" else self._answer_loss
        loss = fit(truth, batch)
        if self.penalties and not self.is_warming_up:
            share = _weights(truth, batch).sum() / _n_rows(truth, batch)
            for penalty in self.penalties:
                loss = loss + share * penalty(truth, batch, self.annotators)
        return loss

    def _target_loss(
        self, truth: torch.Tensor, batch: dict[str, torch.Tensor]
    ) -> torch.Tensor:
        loss = self._loss_of_items(truth, batch["target"])
        weight = batch["item_weight"]
        if self.select is not None:
            weight = self.select(loss.detach(), weight)
        return (loss * weight).sum() / _n_rows(truth, batch)

    def _loss_of_items(self, truth: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the loss to the targets of each item, (n_items,)."""
        if self.criterion is None:
            return self.output.target_loss(truth, target)
        loss = self.criterion(truth.t() if truth.ndim > 1 else truth, target)
        if loss.shape != truth.shape[-1:]:
            raise ValueError(
                f"criterion {type(self.criterion).__name__} returned a loss of shape "
                f"{tuple(loss.shape)} for {truth.shape[-1]} items; it must return one "
                "number an item: in a class of your own, leave out the mean."
            )
        return loss

    def _answer_loss(
        self, truth: torch.Tensor, batch: dict[str, torch.Tensor]
    ) -> torch.Tensor:
        answers = batch["item"], batch["annotator"], batch["answer"]
        options = {"features": batch["features"]} if "features" in batch else {}
        if not self.training:
            loss = -self.annotators.answer_log_likelihood(truth, *answers, **options)
            loss = loss * batch["answer_weight"]
            if "gold" not in batch:
                return loss.sum() / _n_rows(truth, batch)
            answered = ~self.output.is_gold(batch["gold"])[batch["item"]]
            by_gold = self.output.gold_loss(truth, batch["gold"]).sum()
            return ((loss * answered).sum() + by_gold) / _n_rows(truth, batch)
        known_or_predicted = truth
        if "gold" in batch:
            known_or_predicted = self._given(truth, batch, options)
        if self.annotators.needs_power and "answer_power" in batch:
            options["power"] = batch["answer_power"]
        loss = self.annotators.loss(known_or_predicted, *answers, **options)
        total = (loss * batch["answer_weight"]).sum()
        if "gold" in batch:
            total = total + self.output.gold_loss(truth, batch["gold"]).sum()
        return total / _n_rows(truth, batch)

    def _given(
        self, truth: torch.Tensor, batch: dict[str, torch.Tensor], options: Any
    ) -> torch.Tensor:
        """Replace the network's output by the known truth, where there is one.

        The annotator model is then fitted to the known truth, and the answers to these
        items give the network no gradient.
        """
        if not self.annotators.answers_from_truth:
            return truth
        is_known = batch.get("is_known")
        if is_known is None:
            is_known = self.output.is_gold(batch["gold"])
        if self.annotators.needs_known:
            options["is_known"] = is_known
        return self.output.given(truth, batch["gold"], is_known)


def _n_rows(truth: torch.Tensor, batch: dict[str, torch.Tensor]) -> int | torch.Tensor:
    """Return the number of items, or of sequences if the items are tokens."""
    return batch.get("n_rows", truth.shape[-1])


def _weights(truth: torch.Tensor, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Return the weights of the items of a batch, (n_items,)."""
    return batch["item_weight"].expand(truth.shape[-1])
