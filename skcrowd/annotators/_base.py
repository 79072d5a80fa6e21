"""What every annotator model can do."""

import itertools

import torch
from torch import nn

__all__ = ["AnnotatorModel"]

# Tables with more entries than this get sparse gradients: a step then costs what
# the batch's annotators cost, not what all annotators cost.
SPARSE_FROM = 200_000


class AnnotatorModel(nn.Module):
    """How an answer arises from the truth, for observed pairs only.

    What the truth of an item is depends on the kind of answers: see
    :class:`LabelModel` and :class:`NumberModel`.

    Parameters
    ----------
    n_annotators : int
    """

    # Whether an answer follows from the truth of an item. Then what annotators answer
    # can be learned where the truth is known.
    answers_from_truth = True

    # Whether the loss of answers is another where the truth is not only said by the
    # network but known. Then it takes ``is_known``, (n_items,).
    needs_known = False

    # Whether answers depend on more of an item than the network's opinion. Then the
    # methods that take ``truth`` take ``features``, (n_items, n_units), beside it.
    needs_features = False

    def __init__(self, n_annotators):
        super().__init__()
        self.n_annotators = n_annotators
        self.rows_per_annotator: dict[str, int] = {}

    def build(self, n_features):
        """Take note, before training, of how many features the network has to show.

        Called where :attr:`needs_features` is True: the inputs of its last layer.
        """

    def add_table(self, name, start):
        """Register one row of parameters an annotator.

        Parameters
        ----------
        name : str
            Name of the parameter, of shape (n_annotators, n_values).
        start : Tensor of shape (n_values,) or (n_annotators, n_values)
            The row every annotator starts with, or one start each.
        """
        rows = start.expand(self.n_annotators, start.shape[-1])
        self.register_parameter(name, nn.Parameter(rows.clone()))
        self.rows_per_annotator[name] = 1

    @torch.no_grad()
    def load_from(self, previous_fit):
        """Take over what a model of the same kind has learned.

        Parameters
        ----------
        previous_fit : PreviousFit
            Its ``annotators`` are left alone if they are of another kind. ``rows``,
            (n_annotators,), has the place of each annotator among them; -1 for new
            ones, who keep what they begin with.
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

    def columns(self, name, annotator):
        """Look up the parameters of the given annotators, (n_values, n_pairs)."""
        table = getattr(self, name)
        if not self.is_sparse:
            return table.t().contiguous().index_select(1, annotator)
        rows = nn.functional.embedding(annotator, table, sparse=True)
        return rows.t().contiguous()

    @property
    def is_sparse(self):
        """Whether gradients are sparse, so that a sparse optimiser must step."""
        return sum(table.numel() for table in self.parameters()) > SPARSE_FROM

    @property
    def device(self):
        """Where the parameters are."""
        return next(itertools.chain(self.parameters(), self.buffers())).device

    def answer_log_likelihood(self, truth, item, annotator, answer):
        """Log-probability (labels) or log-density (numbers) of the answers given.

        Parameters
        ----------
        truth : Tensor of shape (n_classes, n_items) or (n_items,)
            What the network says of the items.
        item, annotator, answer : Tensor of shape (n_pairs,)
            Position of each pair's item in `truth`, who answered, and what.

        Returns
        -------
        log_likelihood : Tensor of shape (n_pairs,)
        """
        raise NotImplementedError

    def loss(self, truth, item, annotator, answer):
        """Loss of each answer in training: negative log-likelihood, plus any prior.

        Takes what :meth:`answer_log_likelihood` takes; shape (n_pairs,).
        """
        return -self.answer_log_likelihood(truth, item, annotator, answer)

    def prior_loss(self, annotator, counts):
        """Loss of answers that are counted, to items whose truth is known; a number.

        Parameters
        ----------
        annotator : Tensor of shape (n_counted,)
        counts : Tensor of shape (n_counted, n_classes, n_classes) or (n_counted, 3, 3)
            By truth and answer; of numbers, their moments.
        """
        raise NotImplementedError

    def confusion(self):
        """Return what each annotator answers to a given truth.

        Returns
        -------
        confusion : ndarray of shape (n_annotators, n_classes, n_classes) or \
                (n_annotators, 2, 2)
        """
        raise NotImplementedError
