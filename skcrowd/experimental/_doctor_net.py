"""Doctor nets: one head for each annotator, and the average of all heads."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch

from skcrowd._sklearn_compat import Interval, StrOptions
from skcrowd.aggregation import dawid_skene
from skcrowd.aggregation._convergence import no_convergence_warning
from skcrowd.annotations._hashing import hash_uint64
from skcrowd.experimental._annotator_heads import AnnotatorHeads
from skcrowd.experimental._averaged_heads import AveragedHeads, head_answers
from skcrowd.experimental._head_weights import most_likely_weights
from skcrowd.methods import Method, MethodResult
from skcrowd.training._callbacks import SwitchToAnswers
from skcrowd.training._outputs import LabelScores

if TYPE_CHECKING:
    from skcrowd._typing import Array, BoolArray, FloatArray, IntArray
    from skcrowd.annotations import Annotations
    from skcrowd.methods import TrainingContext
    from skcrowd.training import CrowdNet


__all__ = ["DoctorNet"]

NUMBERS_AT_ONCE = 2**24
UNPREDICTED_WEIGHT = 1e-3  # of the probabilities, added to the one-hot prediction


class DoctorNet(Method):
    """Predict the answers of each annotator, and average over the annotators.

    Every annotator has a head, a last layer of their own, trained on their answers;
    the layers below are shared. The prediction is the average of all heads.

    Parameters
    ----------
    weights : {"dawid_skene", "answers", "equal"}, default="dawid_skene"
        Weights of the heads in the average. ``"equal"`` gives all the same (DN in the
        paper). ``"answers"`` learns the weights when the heads are trained, by
        cross-entropy to the shares of an item's answers (WDN), without the heads of the
        annotators who answered the item. ``"dawid_skene"`` does the same, but to
        the posterior of the Dawid-Skene model (our choice).
    warm_epochs : int, default=5
        First epochs on the soft majority vote, at most half of ``max_epochs``.
    annotator_lr : float, default=1e-2
        Learning rate of the heads' offsets from the network's last layer, where all
        heads start.
    shrinkage : float, default=1.0
        Inverse variance of the Gaussian prior of the offsets, around 0.
    weight_shrinkage : float, default=10.0
        Inverse variance of the Gaussian prior of the logarithms of the weights.

    Notes
    -----
    The prediction is that of the average annotator. Known true labels (gold) train the
    shared network, and the weights where ``weights="dawid_skene"``, but they do not
    correct errors of the majority of annotators.

    ``annotator_confusion_[r, i, j]`` is the mean of the head of r, p(j | x), over the
    training items that are predicted as class i: a distribution of answers, as it is
    for every method. Warm start, priors and confusion matrices are our choice, and
    that heads are offsets from a layer which they share and which all answers train.

    Shares of answers are the mean answer of the crowd, right or wrong: weights learned
    from them do not depend on who guesses, those from the Dawid-Skene posterior do.

    Annotators without an answer have the shared head, and weight 0. Where everybody
    answered every item, there is no data for the weights, and they are equal.

    References
    ----------
    M. Y. Guan, V. Gulshan, A. M. Dai, G. E. Hinton. Who said what: modeling individual
    labelers improves classification. AAAI 2018, arXiv:1703.08774.

    Examples
    --------
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.experimental import DoctorNet
    >>> CrowdClassifier(method=DoctorNet(weights="equal"))
    CrowdClassifier(method=DoctorNet(weights='equal'))
    """

    needs_table = True

    _parameter_constraints: dict[str, Any] = {
        "weights": [StrOptions({"dawid_skene", "answers", "equal"})],
        "warm_epochs": [Interval(Integral, 0, None, closed="left")],
        "annotator_lr": [Interval(Real, 0, None, closed="neither")],
        "shrinkage": [Interval(Real, 0, None, closed="left")],
        "weight_shrinkage": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        weights: Literal["dawid_skene", "answers", "equal"] = "dawid_skene",
        warm_epochs: int = 5,
        annotator_lr: float = 1e-2,
        shrinkage: float = 1.0,
        weight_shrinkage: float = 10.0,
    ) -> None:
        self.weights = weights
        self.warm_epochs = warm_epochs
        self.annotator_lr = annotator_lr
        self.shrinkage = shrinkage
        self.weight_shrinkage = weight_shrinkage

    def annotator_sizes(self) -> tuple[type[Any], dict[str, Any]]:
        """Return class and sizes of the annotator model, see :class:`Method`."""
        return AnnotatorHeads, {}

    def learn(self, context: TrainingContext) -> MethodResult:
        """Train network and heads, then average the heads."""
        if isinstance(context.factory.output, LabelScores):
            raise ValueError(
                "DoctorNet learns one label an item, but the answers are sets of "
                "labels; choose another method."
            )
        annotations = context.annotations
        n_answers = np.bincount(
            annotations.annotator,
            context.training_weight[annotations.item],
            annotations.n_annotators,
        )
        net = self._train(context, n_answers)
        annotators = net.criterion_.annotators
        heads = _TrainedHeads(context, net)
        voters = np.flatnonzero(n_answers)
        weights = torch.as_tensor(self._weigh(context, heads, voters))
        net.module_ = AveragedHeads(
            net.module_,
            net.module_features_,
            annotators.offsets(torch.as_tensor(voters).to(annotators.device)),
            weights.to(annotators.device),
        )
        log_truth = context.predict_trained(net)
        annotators.finalize(_average_answers(context, heads, log_truth))
        posterior = context.labels.posterior(log_truth, annotators.lean_confusion())
        return MethodResult(net, annotators, posterior)

    def _train(self, context: TrainingContext, n_answers: Array) -> CrowdNet:
        """Train the network on the vote, then network and heads on the answers."""
        warm_epochs = context.warm_epochs(self.warm_epochs)
        heads = AnnotatorHeads(
            context.annotations.n_annotators,
            context.factory.output.n_classes,
            n_answers,
            self.shrinkage,
        )
        return context.train(
            heads,
            train_on="answers",
            targets=context.labels.initial_posterior(),
            callbacks=[("warm_start", SwitchToAnswers(warm_epochs))],
            annotator_lr=self.annotator_lr,
            warm_epochs=warm_epochs,
        )

    def _weigh(
        self, context: TrainingContext, heads: _TrainedHeads, voters: IntArray
    ) -> FloatArray:
        """Return the weight of each head in the average, (n_voters,)."""
        if self.weights == "equal":
            return np.full(len(voters), 1 / len(voters))
        target = self._target(context)
        rows = _weight_items(
            context, NUMBERS_AT_ONCE // (len(voters) * target.shape[1])
        )
        return most_likely_weights(
            heads.answers(voters, rows),
            ~_answered(context.annotations, voters, rows),
            target[rows],
            context.training_weight[rows],
            self.weight_shrinkage,
        )

    def _target(self, context: TrainingContext) -> FloatArray:
        """Return the soft labels that the weights are learned from."""
        if self.weights == "answers":
            return context.labels.votes()
        with no_convergence_warning():
            inferred = dawid_skene(
                context.annotations,
                sample_weight=context.training_weight,
                gold=context.side_information.gold,
            )
        return inferred.posterior


class _TrainedHeads:
    """Predictions of the heads on the training items."""

    def __init__(self, context: TrainingContext, net: CrowdNet) -> None:
        self.annotators = net.criterion_.annotators
        self.features = context.hidden_features(net)
        self.log_shared = torch.as_tensor(context.predict_truth(net).T)

    def answers(self, annotators: IntArray, rows: slice | IntArray) -> FloatArray:
        """Return probabilities of some heads, (n_heads, n_classes, n_rows)."""
        chosen = torch.as_tensor(annotators).to(self.annotators.device)
        offsets = self.annotators.offsets(chosen).double().cpu()
        features, log_shared = self.features[rows], self.log_shared[:, rows]
        return head_answers(offsets, features, log_shared).exp().numpy()


def _weight_items(context: TrainingContext, most: int) -> IntArray:
    """Select the items that weights are learned from, by hashes of their content.

    Parameters
    ----------
    context : TrainingContext
    most : int
        Maximum number of different items.
    """
    learnable = np.flatnonzero(context.training_weight)
    keys = hash_uint64(context.row_order.item_hashes()[learnable])
    return learnable[keys <= np.unique(keys)[: max(most, 1)][-1]]


def _answered(annotations: Annotations, voters: IntArray, rows: IntArray) -> BoolArray:
    """Return whether voters answered items, bool (n_voters, n_rows)."""
    annotations = annotations[rows]
    position = np.full(annotations.n_annotators, len(voters))
    position[voters] = np.arange(len(voters))
    answered = np.zeros((len(voters) + 1, len(rows)), dtype=bool)
    answered[position[annotations.annotator], annotations.item] = True
    return answered[:-1]


def _average_answers(
    context: TrainingContext, heads: _TrainedHeads, log_truth: FloatArray
) -> FloatArray:
    """Return the mean answer of each head to items predicted as each class.

    Items also count a little for their other classes, so that a class that is never
    predicted has a mean.
    """
    n_items, n_classes = log_truth.shape
    weight = UNPREDICTED_WEIGHT * np.exp(log_truth)
    weight[np.arange(n_items), log_truth.argmax(axis=1)] += 1
    weight *= context.training_weight[:, None]
    weight += np.finfo(weight.dtype).tiny
    step = max(1, NUMBERS_AT_ONCE // (n_items * n_classes))
    n_annotators, all_items = context.annotations.n_annotators, slice(None)
    total = np.empty((n_annotators, n_classes, n_classes))
    for start in range(0, n_annotators, step):
        block = np.arange(start, min(start + step, n_annotators))
        answers = heads.answers(block, all_items)
        total[block] = np.einsum("rjn,ni->rij", answers, weight, optimize=True)
    return total / total.sum(axis=2, keepdims=True)
