"""A plain network, and plain loops: what one would write without skcrowd."""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

NO_ANSWER = -100  # what torch's cross-entropy ignores


class PlainNetwork(nn.Sequential):
    """An MLP with one hidden layer and nothing else."""

    def __init__(self, n_features, n_classes, n_hidden=128, dropout=0.0):
        layers = [nn.Linear(n_features, n_hidden), nn.ReLU()]
        layers += [nn.Dropout(dropout)] if dropout else []
        super().__init__(*layers, nn.Linear(n_hidden, n_classes))


def plain_epoch(network, optimizer, X, labels, batch_size):
    """Train for one epoch on one label an item."""
    for rows in torch.randperm(len(X)).split(batch_size):
        optimizer.zero_grad()
        loss = cross_entropy(network(X[rows]), labels[rows])
        loss.backward()
        optimizer.step()


def answer_table(annotations):
    """Put the answers of each item into one row, padded at the end.

    Returns
    -------
    annotator : Tensor of shape (n_items, most_answers)
    answer : Tensor of shape (n_items, most_answers)
        Padding is ``NO_ANSWER``.
    """
    count = annotations.answers_per_item
    shape = len(count), int(count.max())
    place = np.arange(annotations.n_answers) - annotations.indptr[annotations.item]
    annotator = np.zeros(shape, dtype=np.int64)
    answer = np.full(shape, NO_ANSWER, dtype=np.int64)
    annotator[annotations.item, place] = annotations.annotator
    answer[annotations.item, place] = annotations.answer
    return torch.tensor(annotator), torch.tensor(answer)


def answer_epoch(network, head, optimizer, X, table, batch_size):
    """Train for one epoch on all answers, through a head that knows the annotators.

    Parameters
    ----------
    head : callable
        ``head(X, scores, annotator)`` returns scores of the answers. Each argument
        has one row an answer.
    """
    annotator, answer = table
    n_each = annotator.shape[1]
    for rows in torch.randperm(len(X)).split(batch_size):
        optimizer.zero_grad()
        batch = X[rows]
        scores = network(batch).repeat_interleave(n_each, dim=0)
        answer_scores = head(batch, scores, annotator[rows].flatten())
        loss = cross_entropy(answer_scores, answer[rows].flatten())
        loss.backward()
        optimizer.step()
