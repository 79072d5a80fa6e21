"""What a learning procedure gets, and what it returns."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator

from skcrowd.annotators import AnnotatorModel
from skcrowd.training import (
    CrowdDataset,
    CrowdLoss,
    NetFactory,
    predict_truth,
    threads_for,
)

__all__ = ["Learned", "Method", "Problem"]

_TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True)
class Learned:
    """What a method found out.

    Attributes
    ----------
    net : CrowdNet
        The trained network. Its criterion holds the annotator model.
    annotators : AnnotatorModel
        How each annotator answers, given the network's opinion.
    posterior : ndarray of shape (n_items, n_classes) or (n_items,), or None
        Truth of the training items, given features and answers: probabilities of the
        classes, or the mean.
    posterior_var : ndarray of shape (n_items,) or None
        Of numbers, the variance about that mean; None where it follows from network
        and annotators.
    tags : ndarray of shape (n_items,) or None
        Of sequences, the classes of the most probable path; None where the method
        takes one token at a time.
    """

    net: Any
    annotators: AnnotatorModel
    posterior: np.ndarray | None = None
    posterior_var: np.ndarray | None = None
    tags: np.ndarray | None = None


class Method(BaseEstimator):
    """A learning procedure: parameters, and a verb without memory.

    A method joins by a file of its own and a line in ``LABEL_METHODS``,
    ``SEQUENCE_METHODS`` or ``NUMBER_METHODS``. It implements :meth:`learn`.
    """

    kind = "labels"  # or "tags" (labels in sequences) or "numbers": what it learns from

    _parameter_constraints: dict = {}

    def learn(self, problem):
        """Train a network and an annotator model.

        Parameters
        ----------
        problem : Problem

        Returns
        -------
        learned : Learned
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Problem:
    """The checked input of a fit, and the network to train on it.

    Attributes
    ----------
    X : ndarray of shape (n_items, ...)
    annotations : Annotations
    sample_weight : ndarray of shape (n_items,)
    factory : NetFactory
    held_out : bool ndarray of shape (n_items,)
        Items whose answers judge training: nothing may be learned from them.
    """

    X: Any
    annotations: Any
    sample_weight: np.ndarray
    factory: NetFactory
    held_out: np.ndarray

    @property
    def training_weight(self):
        """Weights of the items that may be learned from, zero for the others."""
        answered = self.annotations.answers_per_item > 0
        return self.sample_weight * (answered & ~self.held_out)

    def warm_epochs(self, wanted):
        """Return how many epochs train on the vote: at most half of all."""
        return min(wanted, self.factory.max_epochs // 2)

    def train(self, annotators, *, train_on, targets=None, **build):
        """Train a fresh network with skorch.

        Parameters
        ----------
        annotators : AnnotatorModel
        train_on : {"answers", "targets"}
            What the loss compares the network with.
        targets : ndarray of shape (n_items, n_classes) or (n_items,), default=None
            Soft labels, or numbers.
        **build
            See :meth:`skcrowd.training.NetFactory.build`.

        Returns
        -------
        net : CrowdNet
        """
        net = self.factory.build(
            CrowdLoss(annotators, self.factory.output, train_on), **build
        )
        self.factory.check_scores(net, self.X)
        with threads_for(net.module_, self.factory.batch_size):
            net.partial_fit(self.dataset(targets))
        _check_finite(net)
        return net

    def dataset(self, targets=None):
        """Return the items that got an answer, as skorch takes them."""
        answered = self.annotations.answers_per_item > 0
        return CrowdDataset(self.X, self._y(targets), rows_where(answered))

    def _y(self, targets):
        """Answers, weights and targets of all items."""
        y = {**self._answers(), **self._weights()}
        if targets is not None:
            y["target"] = torch.tensor(targets, dtype=self.factory.dtype)
        return y

    def _answers(self):
        return {
            "annotator": torch.tensor(self.annotations.annotator),
            "answer": self._answer(),
            "indptr": torch.tensor(self.annotations.indptr),
        }

    def _answer(self):
        """Codes of classes, or numbers in the precision of the network."""
        answer = torch.tensor(self.annotations.answer)
        return answer.to(self.factory.dtype) if answer.is_floating_point() else answer

    def _weights(self):
        """Weights that make the mean over items the mean over items, or answers.

        Training and held-out items each have a mean of their own. The weights are
        scalars where all items weigh the same.
        """
        n_answers = self.annotations.answers_per_item
        answered = n_answers > 0
        per_item, per_answer = np.zeros(len(answered)), np.zeros(len(answered))
        for group in (answered & ~self.held_out, answered & self.held_out):
            weight, n_rows = self.sample_weight[group], self._count_rows(group)
            per_item[group] = weight * (n_rows / max(weight.sum(), _TINY))
            total = weight @ n_answers[group]
            per_answer[group] = weight * (n_rows / max(total, _TINY))
        shown = self._shown(answered)
        return {
            "item_weight": self._as_weight(per_item, shown),
            "answer_weight": self._as_weight(per_answer, shown),
        }

    def _count_rows(self, group):
        """Count what the loss of a batch is divided by: the items of a group."""
        return np.count_nonzero(group)

    def _shown(self, answered):
        """Which items the data set shows."""
        return answered

    def _as_weight(self, weight, shown):
        first = weight[shown][0]
        uniform = (weight[shown] == first).all()
        return torch.tensor(first if uniform else weight, dtype=self.factory.dtype)

    def predict_truth(self, net):
        """Predict the training items: see :func:`skcrowd.training.predict_truth`."""
        return predict_truth(net, self.X)


def rows_where(shown):
    """Rows of the items that a data set shows; None for all."""
    return None if shown.all() else torch.as_tensor(np.flatnonzero(shown))


def _check_finite(net):
    """Raise if training diverged."""
    trained = [*net.module_.parameters(), *net.criterion_.parameters()]
    if not all(torch.isfinite(values).all() for values in trained):
        raise ValueError(
            "training diverged: some weights are no longer finite. Lower lr "
            f"(it is {net.lr}) or annotator_lr, or bring X to a common scale."
        )
