"""Input of a method: checked data, side information, and the network to train."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from skcrowd.methods import _train
from skcrowd.methods._label_statistics import LabelStatistics
from skcrowd.methods._rating_statistics import RatingStatistics
from skcrowd.methods._row_order import RowOrder
from skcrowd.methods._side_information import SideInformation
from skcrowd.training import NetFactory
from skcrowd.training._prediction import predict_truth

__all__ = ["TrainingContext"]


@dataclass(frozen=True)
class TrainingContext:
    """The checked input of a fit, and the network to train on it.

    Attributes
    ----------
    X : ndarray of shape (n_items, ...)
    annotations : Annotations
    sample_weight : ndarray of shape (n_items,)
    factory : NetFactory
    held_out : bool ndarray of shape (n_items,)
        Items whose answers are the validation set: nothing may be learned from them.
    side_information : SideInformation
        Gold, prior knowledge of annotators, and a previous fit. `labels`, `ratings` and
        :meth:`train` use it; a method that uses them need not handle it.
    include_unlabeled : bool
        Whether networks train on targets of items without answer and gold, too.
    """

    X: Any
    annotations: Any
    sample_weight: np.ndarray
    factory: NetFactory
    held_out: np.ndarray
    side_information: SideInformation = field(default_factory=SideInformation)
    include_unlabeled: bool = False

    @property
    def n_rows(self):
        """Number of rows of X, of which batches are made."""
        return self.annotations.n_items

    @cached_property
    def labels(self):
        """Statistics of labels: votes, expected counts, posterior."""
        return LabelStatistics(self)

    @cached_property
    def ratings(self):
        """Statistics of ratings: means, posterior, parameters of annotators."""
        return RatingStatistics(self)

    @cached_property
    def row_order(self):
        """Distinct rows of X in the order of their content."""
        return RowOrder(self)

    @cached_property
    def is_gold(self):
        """Whether the truth of an item is known, bool (n_items,)."""
        return self.side_information.gold_mask(len(self.annotations))

    @cached_property
    def is_known(self):
        """Whether an item has an answer or gold, bool (n_items,)."""
        return (self.annotations.answers_per_item > 0) | self.is_gold

    @cached_property
    def training_weight(self):
        """Weights of the items to learn from, 0 for the others, (n_items,)."""
        return self.sample_weight * (self.is_known & ~self.held_out)

    @cached_property
    def answers_per_item(self):
        """Number of answers of each item in the loss; gold is one, (n_items,)."""
        return self.annotations.answers_per_item + self.is_gold

    def clamp_gold(self, truth):
        """Replace the inferred truth of items with gold by gold, in a copy.

        Parameters
        ----------
        truth : ndarray of shape (n_items, n_classes) or (n_items,)
            Probabilities of the classes; codes, or numbers.

        Returns
        -------
        truth : ndarray of the same shape
        """
        if not self.is_gold.any():
            return truth
        gold = self.side_information.gold[self.is_gold]
        truth = truth.copy()
        if truth.ndim == 1:
            truth[self.is_gold] = gold
        else:
            truth[self.is_gold] = 0
            truth[np.flatnonzero(self.is_gold), gold] = 1
        return truth

    def zero_variance_at_gold(self, var):
        """Set the variance of the truth to 0 where it is known, (n_items,)."""
        return np.where(self.is_gold, 0.0, var)

    def warm_epochs(self, wanted):
        """Return the number of epochs to train on the vote: at most half of all.

        Parameters
        ----------
        wanted : int
            With ``partial_fit``, the number of passes that train on the vote.
        """
        n_previous = self.side_information.n_previous_parts
        if n_previous is not None:
            return int(self.side_information.is_cold_start and n_previous < wanted)
        return min(wanted, self.factory.max_epochs // 2)

    def train(self, annotators, **options):
        """Train a network and an annotator model.

        Parameters
        ----------
        annotators : AnnotatorModel
        **options
            See :func:`skcrowd.methods._train.train`: `train_on` ("answers" or
            "targets"), `targets`, `extra_targets`, `penalties`, `select`, and those of
            :meth:`skcrowd.training.NetFactory.build`, such as `callbacks`.

        Returns
        -------
        net : CrowdNet
            The trained network; its ``criterion_.annotators`` is the annotator model.
        """
        return _train.train(self, annotators, **options)

    def predict_truth(self, net):
        """Predict the training items.

        Parameters
        ----------
        net : CrowdNet

        Returns
        -------
        truth : float64 ndarray of shape (n_items, n_classes) or (n_items,)
            Log-probabilities of the classes, or numbers.

        Raises
        ------
        ValueError
            If training has diverged.
        """
        _train.check_converged(net)
        return predict_truth(net, self.X)

    def count_rows(self, group):
        """Return the number of rows of X among marked items, (n_items,)."""
        return np.count_nonzero(group)
