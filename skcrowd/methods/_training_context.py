"""Input of a method: checked data, side information, and the network to train."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skcrowd.aggregation._answer_evidence import gather_evidence
from skcrowd.annotations._hashing import hash_uint64
from skcrowd.annotations._memory import is_large
from skcrowd.methods import _train
from skcrowd.methods._label_statistics import LabelStatistics
from skcrowd.methods._rating_statistics import RatingStatistics
from skcrowd.methods._row_order import RowOrder
from skcrowd.methods._side_information import SideInformation
from skcrowd.training import NetFactory
from skcrowd.training._array_rows import take_rows
from skcrowd.training._prediction import predict_truth

if TYPE_CHECKING:
    import torch

    from skcrowd._typing import Array, BoolArray, FloatArray, IntArray
    from skcrowd.aggregation._answer_evidence import Evidence
    from skcrowd.training import CrowdNet


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
    class_ranks : int64 ndarray of shape (n_classes,) or None
        Place of every class in their order, 0 for the lowest; None without an order.
        ``labels.confusion`` uses it.
    """

    X: Any
    annotations: Any
    sample_weight: FloatArray
    factory: NetFactory
    held_out: BoolArray
    side_information: SideInformation = field(default_factory=SideInformation)
    include_unlabeled: bool = False
    class_ranks: IntArray | None = None

    @property
    def n_rows(self) -> int:
        """Number of rows of X, of which batches are made."""
        return self.annotations.n_items

    @cached_property
    def labels(self) -> LabelStatistics:
        """Statistics of labels: votes, expected counts, posterior."""
        return LabelStatistics(self)

    @cached_property
    def ratings(self) -> RatingStatistics:
        """Statistics of ratings: means, posterior, parameters of annotators."""
        return RatingStatistics(self)

    @cached_property
    def row_order(self) -> RowOrder:
        """Distinct rows of X in the order of their content."""
        return RowOrder(self)

    @cached_property
    def is_gold(self) -> BoolArray:
        """Whether the truth of an item is known, bool (n_items,)."""
        return self.side_information.gold_mask(len(self.annotations))

    @cached_property
    def is_known(self) -> BoolArray:
        """Whether an item has an answer or gold, bool (n_items,)."""
        return (self.annotations.answers_per_item > 0) | self.is_gold

    @cached_property
    def training_weight(self) -> FloatArray:
        """Weights of the items to learn from, 0 for the others, (n_items,)."""
        is_learned = self.is_known & ~self.held_out
        weight = self.sample_weight  # which takes no memory again where all count
        return weight if is_learned.all() else weight * is_learned

    @cached_property
    def evidence(self) -> Evidence:
        """What each answer is worth: weights, stated confidences, soft labels."""
        return gather_evidence(
            self.annotations, self.training_weight, self.side_information.gold
        )

    @cached_property
    def answers_per_item(self) -> Array:
        """Number of answers of each item in the loss; gold is one, (n_items,)."""
        n_answers = self.annotations.answers_per_item
        if self.annotations.details is not None and self.evidence.power is not None:
            item = self.evidence.annotations.item
            n_answers = np.bincount(item, self.evidence.power, len(n_answers))
        return n_answers + self.is_gold

    def clamp_gold(self, truth: Array) -> Array:
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

    def zero_variance_at_gold(self, var: FloatArray) -> FloatArray:
        """Set the variance of the truth to 0 where it is known, (n_items,)."""
        return np.where(self.is_gold, 0.0, var)

    def warm_epochs(self, wanted: int) -> int:
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

    # A wrapper would keep the targets while the network is trained.
    train = _train.train

    def predict_truth(self, net: CrowdNet) -> FloatArray:
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
        return predict_truth(net, self.X, self.factory.group)

    def hidden_features(self, net: CrowdNet) -> torch.Tensor:
        """Return the input of the last layer for the training items.

        Parameters
        ----------
        net : CrowdNet
            Of an annotator model with ``needs_features``.

        Returns
        -------
        features : float64 Tensor of shape (n_items, n_units)
        """
        if self.factory.group is None:
            return net.hidden_features(self.X)
        return self.factory.group.by_parts(net.hidden_features, self.X)

    def predict_trained(self, net: CrowdNet) -> FloatArray:
        """Predict the training items with a net that is not changed any more.

        Method and estimator both need this prediction. It is made once for a net and
        kept, unless it is large.

        Parameters
        ----------
        net : CrowdNet
            Its training has ended.

        Returns
        -------
        truth : float64 ndarray of shape (n_items, n_classes) or (n_items,)
            As :meth:`predict_truth` returns it; a copy, which may be overwritten.

        Raises
        ------
        ValueError
            If training has diverged.
        """
        if net not in self._trained_prediction:
            truth = self.predict_truth(net)
            if is_large(*truth.shape):
                return truth
            self._trained_prediction.clear()
            self._trained_prediction[net] = truth
        return self._trained_prediction[net].copy(order="K")

    @cached_property
    def _trained_prediction(self) -> Any:
        """The prediction of the last net that was asked for, by net."""
        return {}

    def count_rows(self, group: BoolArray) -> int:
        """Return the number of rows of X among marked items, (n_items,)."""
        return int(np.count_nonzero(group))

    @property
    def row_weight(self) -> FloatArray:
        """Weights of the rows of X to learn from, 0 for the others, (n_rows,)."""
        return self.training_weight

    def items_of(self, rows: IntArray) -> IntArray:
        """Return the items of some rows of X.

        Parameters
        ----------
        rows : int64 ndarray

        Returns
        -------
        items : int64 ndarray
        """
        return rows

    def select(self, rows: IntArray, **changes: Any) -> Self:
        """Return the context of some rows of X, for an auxiliary network.

        Parameters
        ----------
        rows : int64 ndarray
        **changes
            Attributes of the factory to replace, such as ``max_epochs``.

        Returns
        -------
        context : TrainingContext
            Without early stopping. Where all rows are selected in their order, X and
            the answers are those of this context, not copies.
        """
        factory = self.factory.fresh().quiet(patience=None, train_split=None, **changes)
        if len(rows) == self.n_rows and (np.diff(rows) == 1).all():
            known = replace(self.side_information, previous_fit=None)
            return replace(self, factory=factory, side_information=known)
        items = self.items_of(rows)
        return replace(
            self,
            X=take_rows(self.X, rows),
            annotations=self.annotations[items],
            sample_weight=self.sample_weight[items],
            held_out=self.held_out[items],
            side_information=self._side_information_of(items),
            factory=factory,
        )

    def _side_information_of(self, items: IntArray) -> SideInformation:
        """Select known truths; auxiliary networks continue no previous fit."""
        gold = self.side_information.gold
        return replace(
            self.side_information,
            previous_fit=None,
            gold=None if gold is None else gold[items],
        )

    def folds(self, n_folds: int, round_number: int = 0) -> IntArray:
        """Assign the rows of X to folds by their content.

        Equal rows are in the same fold, so that no network predicts a row that it was
        trained on; the assignment depends neither on their order nor on how often each
        occurs.

        Parameters
        ----------
        n_folds : int
        round_number : int, default=0
            Every round has another assignment.

        Returns
        -------
        fold : ndarray of shape (n_rows,)
            From 0 to the number of folds less 1, which is smaller where there are
            fewer different rows to learn from.
        """
        hashes = hash_uint64(self.row_order.row_hashes() + np.uint64(round_number))
        learnable = np.unique(hashes[self.row_weight > 0])
        rank = np.searchsorted(learnable, hashes)
        return rank % min(n_folds, len(learnable))
