"""UnionNet: one noise layer over the answers of all annotators."""

from numbers import Real

import numpy as np

from skcrowd._sklearn_compat import Interval, StrOptions
from skcrowd.aggregation import shrunk_confusion
from skcrowd.annotators._union import UnionScores, UnionTable
from skcrowd.methods._answer_layer import AnswerLayer

__all__ = ["UnionNet"]


class UnionNet(AnswerLayer):
    """Train the network through one noise layer over all annotators together.

    The layer gives the joint probability of annotator and answer. The loss is its
    negative logarithm at the given answers.

    Parameters
    ----------
    variant : {"A", "B"}, default="B"
        B: a transition matrix from a class to all answers of all annotators; its rows
        sum to 1.
        A: scores of all answers, linear in the network's probabilities; their softmax
        costs n_annotators · n_classes² for every item.
    warm_epochs : int, default=5
        First epochs on the soft majority vote, at most half of ``max_epochs``.
    annotator_lr : float, default=3e-2
        Learning rate of the layer.
    pseudo_counts : float, default=3.0
        Shrinks each annotator's rows to the crowd's in the start of B, which is counted
        against the vote.

    Notes
    -----
    ``annotator_confusion_`` is the layer for a certain truth, renormalised within each
    annotator. Our choice: warm start, start, an offset for how much each annotator
    answers, and that all answers weigh the same.

    References
    ----------
    H. Wei, R. Xie, L. Feng, B. Han, B. An. Deep learning from multiple noisy
    annotators as a union. IEEE TNNLS 34(12), 2023. doi:10.1109/TNNLS.2022.3168696

    Examples
    --------
    >>> from skcrowd import CrowdClassifier
    >>> CrowdClassifier(method="union_net", method__variant="A")
    CrowdClassifier(method='union_net', method__variant='A')
    """

    needs_table = True

    _parameter_constraints: dict = {
        "variant": [StrOptions({"A", "B"})],
        **AnswerLayer._parameter_constraints,
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self, variant="B", warm_epochs=5, annotator_lr=3e-2, pseudo_counts=3.0
    ):
        self.variant = variant
        super().__init__(warm_epochs, annotator_lr)
        self.pseudo_counts = pseudo_counts

    def annotator_sizes(self):
        """Return class and sizes of the annotator model, see :class:`Method`."""
        return (UnionScores if self.variant == "A" else UnionTable), {}

    def make_annotators(self, context, initial_truth):
        """Return the layer; that of B starts at the confusions with that truth."""
        expected_counts = np.asarray(context.labels.expected_counts(initial_truth))
        sizes, n_answers = expected_counts.shape[:2], expected_counts.sum(axis=(1, 2))
        if self.variant == "A":
            return UnionScores(*sizes, n_answers=n_answers)
        start = shrunk_confusion(expected_counts, self.pseudo_counts)
        return UnionTable(*sizes, start=start, n_answers=n_answers)
