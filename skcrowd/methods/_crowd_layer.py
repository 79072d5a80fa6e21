"""The crowd layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skcrowd._sklearn_compat import StrOptions
from skcrowd.annotators import CONNECTIONS, LabelModel
from skcrowd.methods._answer_layer import AnswerLayer
from skcrowd.methods._method import MethodResult
from skcrowd.methods._resolve import make_model, model_class

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray
    from skcrowd.annotators import AnnotatorModel
    from skcrowd.training import CrowdNet

    from ._training_context import TrainingContext


__all__ = ["CrowdLayer"]


class CrowdLayer(AnswerLayer):
    """Train the network through a layer that imitates every annotator.

    The loss is the cross-entropy between each given answer and the softmax of the
    annotator's logits, which the connection computes from the network's probabilities.
    To predict, the layer is dropped.

    Parameters
    ----------
    connection : {"MW", "VW", "VB", "VW+B", "SW"}, LabelModel class or LabelModel, \
            default="MW"
        For each annotator a matrix, a weight per class, a bias per class, both, or one
        weight. A class is called with ``n_annotators`` and ``n_classes``; an instance
        is copied for every fit, and has to have the sizes of the answers.
    warm_epochs : int, default=5
        First epochs on the soft majority vote, at most half of ``max_epochs``.
        Without them a class may never be predicted; the authors have them for
        sequences.
    annotator_lr : float, default=1e-2
        Learning rate of the layer, by default larger than the network's.

    References
    ----------
    F. Rodrigues, F. Pereira. Deep learning from crowds. AAAI 2018, arXiv:1709.01779

    Examples
    --------
    >>> from skcrowd import CrowdClassifier
    >>> CrowdClassifier(method="crowd_layer", method__connection="VW")
    CrowdClassifier(method='crowd_layer', method__connection='VW')
    """

    leaner = ('method__connection="VW" or "VB" with this one',)

    _parameter_constraints: dict[str, Any] = {
        "connection": [StrOptions(set(CONNECTIONS)), type, LabelModel],
        **AnswerLayer._parameter_constraints,
    }

    def __init__(
        self,
        connection: str | type[Any] = "MW",
        warm_epochs: int = 5,
        annotator_lr: float = 1e-2,
    ) -> None:
        self.connection = connection
        super().__init__(warm_epochs, annotator_lr)

    def annotator_sizes(self) -> tuple[type[Any], dict[str, Any]]:
        """Return class and sizes of the annotator model, see :class:`Method`."""
        return model_class(self.connection, CONNECTIONS, "connection"), {}

    def make_annotators(
        self, context: TrainingContext, initial_truth: FloatArray
    ) -> AnnotatorModel:
        """Return the layer, built for the numbers of annotators and classes."""
        return make_model(
            self.connection,
            CONNECTIONS,
            "connection",
            n_annotators=context.annotations.n_annotators,
            n_classes=initial_truth.shape[1],
        )

    def make_result(self, context: TrainingContext, net: CrowdNet) -> MethodResult:
        """Return network and layer; the layer defines no p(truth | answers)."""
        return MethodResult(net, net.criterion_.annotators)
