"""Annot-mix: mixup of items together with those who answered them."""

from numbers import Integral, Real

from sklearn.utils._param_validation import Interval

from skcrowd.annotators import EmbeddedAnnotators
from skcrowd.methods._method import Method, MethodResult
from skcrowd.methods._mixup import PairMixup
from skcrowd.training import SwitchToAnswers

__all__ = ["AnnotMix"]


class AnnotMix(Method):
    """Train on mixtures of (item, annotator) pairs.

    Two items of a batch are mixed, and so are the embeddings of those who answered
    them; both answers are then predicted, each by its share in the mixture. A network
    maps an annotator's embedding to a confusion matrix.

    Parameters
    ----------
    alpha : float, default=1.0
        Both parameters of the Beta distribution that shares are drawn from; near zero
        nothing is mixed.
    eta : float, default=0.9
        Diagonal of all confusion matrices before training.
    units : int, default=16
        Length of an annotator's embedding, and units of the layer after it.
    mix_items : bool, default=True
        False mixes the answers to the same item only.
    warm_epochs : int, default=5
        First epochs on the soft majority vote, mixed as well; at most half of
        ``max_epochs``.
    annotator_lr : float, default=1e-2
        Learning rate of embeddings and annotator network.

    Notes
    -----
    As in the paper are the mixture of items, annotators and answers, `alpha`, `eta`,
    and that answers are compared with p(truth) times the confusion matrix. Our choice:

    - One share, and one other item, is drawn an item, not a pair; of the other item's
      answers all are mixed in, each weighted by their number, so that nothing depends
      on the order of the annotators. (Of more than eight, eight are drawn.)
    - The confusion matrix depends on the annotator alone, not on the item. Dropout
      and batch normalisation in the annotator network are left out.
    - Warm start, and embeddings that all start at zero, where annotators are alike.

    Sequences cannot be mixed: their positions have nothing to do with each other.
    There, as with ``mix_items=False``, the answers to the same token are mixed, which
    is a variant in the authors' code.

    References
    ----------
    M. Herde, L. Lührs, D. Huseljic, B. Sick. Annot-Mix: learning with noisy class
    labels from multiple annotators via a mixup extension. ECAI 2024,
    doi:10.3233/FAIA240829, arXiv:2405.03386.
    H. Zhang, M. Cisse, Y. N. Dauphin, D. Lopez-Paz. mixup: beyond empirical risk
    minimization. ICLR 2018, arXiv:1710.09412.
    """

    _parameter_constraints: dict = {
        "alpha": [Interval(Real, 0, None, closed="neither")],
        "eta": [Interval(Real, 0, 1, closed="neither")],
        "units": [Interval(Integral, 1, None, closed="left")],
        "mix_items": ["boolean"],
        "warm_epochs": [Interval(Integral, 0, None, closed="left")],
        "annotator_lr": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        alpha=1.0,
        eta=0.9,
        units=16,
        mix_items=True,
        warm_epochs=5,
        annotator_lr=1e-2,
    ):
        self.alpha = alpha
        self.eta = eta
        self.units = units
        self.mix_items = mix_items
        self.warm_epochs = warm_epochs
        self.annotator_lr = annotator_lr

    def annotator_sizes(self):
        """Say how large the annotator model will be."""
        return EmbeddedAnnotators, {"units": self.units}

    def learn(self, context):
        """Train network and annotator model together, on mixtures."""
        warm_epochs = context.warm_epochs(self.warm_epochs)
        annotators = EmbeddedAnnotators(
            context.annotations.n_annotators,
            context.factory.output.n_classes,
            units=self.units,
            eta=self.eta,
        )
        net = context.train(
            annotators,
            train_on="answers",
            targets=context.labels.initial_posterior(),
            callbacks=[("warm_start", SwitchToAnswers(warm_epochs))],
            annotator_lr=self.annotator_lr,
            warm_epochs=warm_epochs,
            transform=PairMixup(self.alpha, self.mix_items),
        )
        annotators = net.criterion_.annotators
        log_truth = context.predict_truth(net)
        posterior = context.labels.posterior(log_truth, annotators.lean_confusion())
        return MethodResult(net, annotators, posterior)
