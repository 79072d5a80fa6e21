"""Annot-mix: mixup of items together with those who answered them."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from skcrowd._sklearn_compat import Interval
from skcrowd.annotators._embedded import EmbeddedAnnotators
from skcrowd.methods._answer_layer import AnswerLayer
from skcrowd.methods._pair_mixup import PairMixup

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray

    from ._training_context import TrainingContext


__all__ = ["AnnotMix"]


class AnnotMix(AnswerLayer):
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

    - One share and one other item are drawn for each item, not for each pair. All
      answers of the other item are mixed in, weighted so that each item counts once
      and nothing depends on the order of the annotators. (Of more than eight answers,
      eight are drawn.)
    - The confusion matrix depends on the annotator alone, not on the item. Dropout
      and batch normalisation in the annotator network are left out.
    - Warm start, and embeddings that all start at zero, so that annotators are equal.

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

    Examples
    --------
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.methods import AnnotMix
    >>> model = CrowdClassifier(method=AnnotMix(mix_items=False))
    >>> model.set_params(method__alpha=0.5).method
    AnnotMix(alpha=0.5, mix_items=False)
    """

    _parameter_constraints: dict[str, Any] = {
        **AnswerLayer._parameter_constraints,
        "alpha": [Interval(Real, 0, None, closed="neither")],
        "eta": [Interval(Real, 0, 1, closed="neither")],
        "units": [Interval(Integral, 1, None, closed="left")],
        "mix_items": ["boolean"],
    }

    def __init__(
        self,
        alpha: float = 1.0,
        eta: float = 0.9,
        units: int = 16,
        mix_items: bool = True,
        warm_epochs: int = 5,
        annotator_lr: float = 1e-2,
    ) -> None:
        super().__init__(warm_epochs, annotator_lr)
        self.alpha = alpha
        self.eta = eta
        self.units = units
        self.mix_items = mix_items

    def annotator_sizes(self) -> tuple[type[Any], dict[str, int]]:
        """Return class and sizes of the annotator model, see :class:`Method`."""
        return EmbeddedAnnotators, {"units": self.units}

    def make_annotators(
        self, context: TrainingContext, initial_truth: FloatArray
    ) -> EmbeddedAnnotators:
        """Return embeddings, and a network that maps them to confusions."""
        return EmbeddedAnnotators(
            context.annotations.n_annotators,
            context.factory.output.n_classes,
            units=self.units,
            eta=self.eta,
        )

    def make_transform(self, context: TrainingContext) -> PairMixup:
        """Return the transform that mixes items and annotators of a batch."""
        return PairMixup(self.alpha, self.mix_items)
