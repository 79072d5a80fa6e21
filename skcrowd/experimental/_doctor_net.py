"""Doctor nets: a head an annotator, and the average of all heads."""

from numbers import Integral, Real

import numpy as np
import torch
from sklearn.utils._param_validation import Interval, StrOptions

from skcrowd.aggregation import dawid_skene
from skcrowd.aggregation._convergence import no_convergence_warning
from skcrowd.experimental._annotator_heads import AnnotatorHeads
from skcrowd.experimental._averaged_heads import AveragedHeads, head_answers
from skcrowd.experimental._head_weights import most_likely_weights
from skcrowd.methods import Method, MethodResult
from skcrowd.training import SwitchToAnswers, hash_uint64

__all__ = ["DoctorNet"]

NUMBERS_AT_ONCE = 2**24
WHERE_NEVER_PREDICTED = 1e-3  # of an item's probability, beside the class predicted


class DoctorNet(Method):
    """Learn what each annotator would answer, and average that over the annotators.

    Every annotator has a head, a last layer of their own, trained on their answers;
    the network below is shared. What is predicted is the average of all heads.

    Parameters
    ----------
    weights : {"dawid_skene", "answers", "equal"}, default="dawid_skene"
        How much a head counts in the average. ``"equal"`` counts all alike (DN in the
        paper). ``"answers"`` learns the weights when the heads are trained, by
        cross-entropy to the shares of an item's answers (WDN); the heads of those who
        answered an item have no vote on it. ``"dawid_skene"`` does the same, but to
        the posterior of the Dawid-Skene model (our choice).
    warm_epochs : int, default=5
        First epochs on the soft majority vote, at most half of ``max_epochs``.
    annotator_lr : float, default=1e-2
        Learning rate of the heads' offsets from the network's last layer, where all
        heads start.
    shrinkage : float, default=1.0
        Inverse variance of the prior that holds the offsets near zero.
    weight_shrinkage : float, default=10.0
        Inverse variance of the prior that holds the logarithms of the weights
        together.

    Notes
    -----
    What is predicted is the average annotator. Known true labels (gold) teach the
    network that the heads share, and the weights where ``weights="dawid_skene"``, but
    what most annotators get wrong they do not correct.

    ``annotator_confusion_[r, i, j]`` is the mean of the head of r, p(j | x), over the
    training items that are predicted as class i: a distribution of answers, as it is
    for every method. Warm start, priors and confusion matrices are our choice, and
    that heads are offsets from a layer which they share and which all answers train.

    Shares of answers are what the crowd says on average, right or wrong: weights that
    are learned from them do not tell who guesses. The Dawid-Skene posterior does.

    Annotators without an answer have the shared head, and no vote. Where
    everybody answered every item nothing is left to learn weights from, and all heads
    count alike.

    References
    ----------
    M. Y. Guan, V. Gulshan, A. M. Dai, G. E. Hinton. Who said what: modeling individual
    labelers improves classification. AAAI 2018, arXiv:1703.08774.
    """

    needs_table = True

    _parameter_constraints: dict = {
        "weights": [StrOptions({"dawid_skene", "answers", "equal"})],
        "warm_epochs": [Interval(Integral, 0, None, closed="left")],
        "annotator_lr": [Interval(Real, 0, None, closed="neither")],
        "shrinkage": [Interval(Real, 0, None, closed="left")],
        "weight_shrinkage": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        weights="dawid_skene",
        warm_epochs=5,
        annotator_lr=1e-2,
        shrinkage=1.0,
        weight_shrinkage=10.0,
    ):
        self.weights = weights
        self.warm_epochs = warm_epochs
        self.annotator_lr = annotator_lr
        self.shrinkage = shrinkage
        self.weight_shrinkage = weight_shrinkage

    def annotator_sizes(self):
        """Return class and sizes of the annotator model, see :class:`Method`."""
        return AnnotatorHeads, {}

    def learn(self, context):
        """Train network and heads, then average the heads."""
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
        log_truth = context.predict_truth(net)
        annotators.finalize(_average_answers(context, heads, log_truth))
        posterior = context.labels.posterior(log_truth, annotators.lean_confusion())
        return MethodResult(net, annotators, posterior)

    def _train(self, context, n_answers):
        """Train the network on the vote, then the heads and what is below them."""
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

    def _weigh(self, context, heads, voters):
        """Return what each head counts in the average, (n_voters,)."""
        if self.weights == "equal":
            return np.full(len(voters), 1 / len(voters))
        target = self._target(context)
        rows = _teaching(context, NUMBERS_AT_ONCE // (len(voters) * target.shape[1]))
        return most_likely_weights(
            heads.answers(voters, rows),
            ~_answered(context.annotations, voters, rows),
            target[rows],
            context.training_weight[rows],
            self.weight_shrinkage,
        )

    def _target(self, context):
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
    """What the heads answer to the training items."""

    def __init__(self, context, net):
        self.annotators = net.criterion_.annotators
        self.features = net.hidden_features(context.X)
        self.log_shared = torch.as_tensor(context.predict_truth(net).T)

    def answers(self, annotators, rows):
        """Probabilities of some heads for some items, (n_heads, n_classes, n_rows)."""
        chosen = torch.as_tensor(annotators).to(self.annotators.device)
        offsets = self.annotators.offsets(chosen).double().cpu()
        shown = self.features[rows], self.log_shared[:, rows]
        return head_answers(offsets, *shown).exp().numpy()


def _teaching(context, most):
    """Choose items that weights are learned from, by what they hold.

    Parameters
    ----------
    context : TrainingContext
    most : int
        Number of different items.
    """
    learnable = np.flatnonzero(context.training_weight)
    keys = hash_uint64(context.row_order.item_hashes()[learnable])
    return learnable[keys <= np.unique(keys)[: max(most, 1)][-1]]


def _answered(annotations, voters, rows):
    """Whether each of some annotators answered each of some items."""
    some = annotations[rows]
    place = np.full(annotations.n_annotators, len(voters))
    place[voters] = np.arange(len(voters))
    answered = np.zeros((len(voters) + 1, len(rows)), dtype=bool)
    answered[place[some.annotator], some.item] = True
    return answered[:-1]


def _average_answers(context, heads, log_truth):
    """Mean answers of each head to the items that are predicted as each class."""
    n_items, n_classes = log_truth.shape
    counted = WHERE_NEVER_PREDICTED * np.exp(log_truth)
    counted[np.arange(n_items), log_truth.argmax(axis=1)] += 1
    counted *= context.training_weight[:, None]
    counted += np.finfo(counted.dtype).tiny
    step = max(1, NUMBERS_AT_ONCE // (n_items * n_classes))
    n_annotators, everything = context.annotations.n_annotators, slice(None)
    total = np.empty((n_annotators, n_classes, n_classes))
    for start in range(0, n_annotators, step):
        some = np.arange(start, min(start + step, n_annotators))
        answers = heads.answers(some, everything)
        total[some] = np.einsum("rjn,ni->rij", answers, counted, optimize=True)
    return total / total.sum(axis=2, keepdims=True)
