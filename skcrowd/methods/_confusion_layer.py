"""The probabilistic confusion layer."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval

from skcrowd.aggregation import pooled_confusion, shrunk_confusion
from skcrowd.annotators import ConfusionTable
from skcrowd.methods._method import Method, MethodResult
from skcrowd.training import SwitchToAnswers

__all__ = ["ConfusionLayer", "started_table"]


class ConfusionLayer(Method):
    """Maximise the likelihood of the answers by back-propagation.

    The model is that of :class:`EM`: p(answer) = Σ_k p(k | x) Π^r[k, answer]. The
    confusion matrices are softmax tables, trained with the network.

    Parameters
    ----------
    warm_epochs : int, default=5
        First epochs on the soft majority vote, at most half of ``max_epochs``.
    annotator_lr : float, default=3e-2
        Learning rate of the tables.
    pseudo_counts : float, default=3.0
        Shrinks each annotator's rows to the crowd's: in the tables' start, counted
        against the vote, and as a Dirichlet prior while they are trained.

    References
    ----------
    S. Sukhbaatar et al. Training convolutional networks with noisy labels. 2015,
    arXiv:1406.2080. J. Goldberger, E. Ben-Reuven. Training deep neural networks
    using a noise adaptation layer. ICLR 2017. One table per annotator, the warm
    start and the shrinkage are our choice.
    """

    needs_table = True

    _parameter_constraints: dict = {
        "warm_epochs": [Interval(Integral, 0, None, closed="left")],
        "annotator_lr": [Interval(Real, 0, None, closed="neither")],
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(self, warm_epochs=5, annotator_lr=3e-2, pseudo_counts=3.0):
        self.warm_epochs = warm_epochs
        self.annotator_lr = annotator_lr
        self.pseudo_counts = pseudo_counts

    def annotator_sizes(self):
        """Say how large the annotator model will be."""
        return ConfusionTable, {}

    def learn(self, context):
        """Train network and tables together."""
        warm_epochs = context.warm_epochs(self.warm_epochs)
        start = context.labels.initial_posterior()
        table = started_table(context.labels.expected_counts(start), self.pseudo_counts)
        net = context.train(
            table,
            train_on="answers",
            targets=start,
            penalties=self._penalties(context, context.labels.votes()),
            callbacks=[("warm_start", SwitchToAnswers(warm_epochs))],
            annotator_lr=self.annotator_lr,
            warm_epochs=warm_epochs,
        )
        annotators = net.criterion_.annotators
        log_truth = context.predict_truth(net)
        posterior = context.labels.posterior(log_truth, annotators.lean_confusion())
        return MethodResult(net, annotators, posterior)

    def _penalties(self, context, votes):
        """Return what is added to the loss once the warm start is over."""
        return ()


def started_table(expected_counts, pseudo_counts):
    """Begin with counted confusions, the crowd's as a prior.

    Parameters
    ----------
    expected_counts : ndarray of shape (n_annotators, n_classes, n_classes), or \
            ExpectedCounts
        How often each annotator gave each answer to items of each class.
    pseudo_counts : float
        Shrinks each annotator's rows to the crowd's; 0 means no prior.

    Returns
    -------
    table : ConfusionTable
    """
    expected_counts = np.asarray(expected_counts)
    prior = pseudo_counts * pooled_confusion(expected_counts)
    return ConfusionTable(
        *expected_counts.shape[:2],
        start=shrunk_confusion(expected_counts, pseudo_counts),
        prior=prior if pseudo_counts else None,
        n_answers=expected_counts.sum(axis=(1, 2)),
    )
