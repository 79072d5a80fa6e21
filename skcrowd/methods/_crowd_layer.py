"""The crowd layer."""

from numbers import Integral, Real

from sklearn.utils._param_validation import Interval, StrOptions

from skcrowd.annotators import CONNECTIONS
from skcrowd.methods._method import Method, MethodResult
from skcrowd.training import SwitchToAnswers

__all__ = ["CrowdLayer"]


class CrowdLayer(Method):
    """Train the network through a layer that imitates every annotator.

    The loss is the cross-entropy between each given answer and the softmax of the
    annotator's logits, which the connection makes from the network's probabilities.
    To predict, the layer is dropped.

    Parameters
    ----------
    connection : {"MW", "VW", "VB", "VW+B", "SW"}, default="MW"
        A matrix, a weight a class, a bias a class, both, or one weight an annotator.
    warm_epochs : int, default=5
        First epochs on the soft majority vote, at most half of ``max_epochs``.
        Without them a class can be lost for good (our choice; the authors do so for
        sequences).
    annotator_lr : float, default=1e-2
        Learning rate of the layer (our choice: larger than the network's).

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

    _parameter_constraints: dict = {
        "connection": [StrOptions(set(CONNECTIONS))],
        "warm_epochs": [Interval(Integral, 0, None, closed="left")],
        "annotator_lr": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(self, connection="MW", warm_epochs=5, annotator_lr=1e-2):
        self.connection = connection
        self.warm_epochs = warm_epochs
        self.annotator_lr = annotator_lr

    def annotator_sizes(self):
        """Say how large the annotator model will be."""
        return CONNECTIONS[self.connection], {}

    def learn(self, context):
        """Train network and layer together."""
        annotations = context.annotations
        warm_epochs = context.warm_epochs(self.warm_epochs)
        annotators = CONNECTIONS[self.connection](
            annotations.n_annotators, len(annotations.classes)
        )
        net = context.train(
            annotators,
            train_on="answers",
            targets=context.labels.initial_posterior(),
            callbacks=[("warm_start", SwitchToAnswers(warm_epochs))],
            annotator_lr=self.annotator_lr,
            warm_epochs=warm_epochs,
        )
        return MethodResult(net, net.criterion_.annotators)
