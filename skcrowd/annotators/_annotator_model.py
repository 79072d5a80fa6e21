"""Base class of the annotator models."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from skcrowd._typing import Array


__all__ = ["AnnotatorModel"]

# Tables with more entries than this get sparse gradients: a step then costs what
# the batch's annotators cost, not what all annotators cost.
SPARSE_FROM = 200_000


class AnnotatorModel(nn.Module):
    """How an answer arises from the truth, for observed pairs only.

    Base of :class:`LabelModel`, whose truths are log-probabilities of classes, and
    :class:`NumberModel`, whose truths are numbers.

    Parameters
    ----------
    n_annotators : int
    """

    # Whether the distribution of an answer depends on the truth of the item alone. Then
    # the model can be trained on items whose truth is known.
    answers_from_truth = True

    # Whether the loss of an answer differs between items of predicted and of known
    # truth. Then `loss` takes ``is_known``, (n_items,).
    needs_known = False

    # Whether the loss of an answer depends on how many answers the others of its item
    # count for. Then `loss` takes ``power``, (n_pairs,), where they do not count for 1.
    needs_power = False

    # Whether answers also depend on the inputs of the network's last layer. Then the
    # methods that take ``truth`` take ``features``, (n_items, n_units), too.
    needs_features = False

    def __init__(self, n_annotators: int) -> None:
        super().__init__()
        self.n_annotators = n_annotators
        self.rows_per_annotator: dict[str, int] = {}

    def build(self, n_features: int) -> None:
        """Create the parameters whose shape depends on the network, before training.

        Called where :attr:`needs_features` is True.

        Parameters
        ----------
        n_features : int
            Number of inputs of the network's last layer.
        """

    def add_table(self, name: str, start: torch.Tensor) -> None:
        """Register a table with one row of parameters for each annotator.

        Parameters
        ----------
        name : str
            Name of the parameter, of shape (n_annotators, n_values).
        start : Tensor of shape (n_values,) or (n_annotators, n_values)
            Initial row of all annotators, or of each.
        """
        rows = start.expand(self.n_annotators, start.shape[-1])
        self.register_parameter(name, nn.Parameter(rows.clone()))
        self.rows_per_annotator[name] = 1

    @torch.no_grad()
    def load_from(self, previous_fit: Any) -> None:
        """Copy the parameters of an earlier model of the same class.

        Parameters
        ----------
        previous_fit : PreviousFit
            Nothing is copied if its ``annotators`` are of another class. ``rows``,
            (n_annotators,), is the row of each annotator in that model; -1 for new
            annotators, which keep their initial parameters.
        """
        if not previous_fit.is_continued_by(self):
            return
        learned, rows = (
            dict(previous_fit.annotators.named_parameters()),
            previous_fit.rows,
        )
        known, place = torch.as_tensor(rows >= 0), torch.as_tensor(rows[rows >= 0])
        for name, table in self.named_parameters():
            before = learned[name].to(table)
            n_rows = self.rows_per_annotator.get(name)
            if n_rows is None:
                table.copy_(before)
            else:
                by_annotator = table.view(self.n_annotators, n_rows, -1)
                by_annotator[known] = before.view(-1, *by_annotator.shape[1:])[place]

    def columns(self, name: str, annotator: torch.Tensor) -> torch.Tensor:
        """Look up the parameters of the given annotators, (n_values, n_pairs)."""
        table = getattr(self, name)
        if not self.is_sparse:
            return table.t().contiguous().index_select(1, annotator)
        rows = nn.functional.embedding(annotator, table, sparse=True)
        return rows.t().contiguous()

    @property
    def is_sparse(self) -> bool:
        """Whether gradients are sparse, which needs a sparse optimiser."""
        return sum(table.numel() for table in self.parameters()) > SPARSE_FROM

    @property
    def device(self) -> torch.device:
        """Device of the parameters and buffers."""
        return next(itertools.chain(self.parameters(), self.buffers())).device

    def answer_log_likelihood(
        self,
        truth: torch.Tensor,
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
    ) -> torch.Tensor:
        """Log-probability (labels) or log-density (numbers) of the answers given.

        Parameters
        ----------
        truth : Tensor of shape (n_classes, n_items) or (n_items,)
            Truths that the network predicts.
        item, annotator, answer : Tensor of shape (n_pairs,)
            Column of each pair's item in `truth`, annotator, and answer.

        Returns
        -------
        log_likelihood : Tensor of shape (n_pairs,)
        """
        raise NotImplementedError

    def loss(
        self,
        truth: torch.Tensor,
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
    ) -> torch.Tensor:
        """Loss of each answer in training: negative log-likelihood, plus any prior.

        Takes what :meth:`answer_log_likelihood` takes; shape (n_pairs,).
        """
        return -self.answer_log_likelihood(truth, item, annotator, answer)

    def prior_loss(self, annotator: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """Loss of answers that are counted, to items whose truth is known; a number.

        Parameters
        ----------
        annotator : Tensor of shape (n_counted,)
        counts : Tensor of shape (n_counted, n_classes, n_classes) or (n_counted, 3, 3)
            Counts by truth and answer; for numbers, the moments of (1, truth, answer).
        """
        raise NotImplementedError

    def confusion(self) -> Array:
        """Return the expected answers of each annotator by truth.

        Returns
        -------
        confusion : ndarray of shape (n_annotators, n_classes, n_classes) or \
                (n_annotators, 2, 2)
        """
        raise NotImplementedError
