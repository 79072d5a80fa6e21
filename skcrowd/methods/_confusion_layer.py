"""The probabilistic confusion layer."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation import pooled_confusion, shrunk_confusion
from skcrowd.annotators import ConfusionTable
from skcrowd.methods._answer_layer import AnswerLayer

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray
    from skcrowd.aggregation._expected_counts import ExpectedCounts

    from ._training_context import TrainingContext


__all__ = ["ConfusionLayer", "started_table"]


class ConfusionLayer(AnswerLayer):
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

    Examples
    --------
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.methods import ConfusionLayer
    >>> model = CrowdClassifier(method=ConfusionLayer(annotator_lr=0.01))
    >>> model.set_params(method__warm_epochs=10).method
    ConfusionLayer(annotator_lr=0.01, warm_epochs=10)
    """

    needs_table = True

    _parameter_constraints: dict[str, Any] = {
        **AnswerLayer._parameter_constraints,
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        warm_epochs: int = 5,
        annotator_lr: float = 3e-2,
        pseudo_counts: float = 3.0,
    ) -> None:
        super().__init__(warm_epochs, annotator_lr)
        self.pseudo_counts = pseudo_counts

    def annotator_sizes(self) -> tuple[type[Any], dict[str, Any]]:
        """Return class and sizes of the annotator model, see :class:`Method`."""
        return ConfusionTable, {}

    def make_annotators(
        self, context: TrainingContext, initial_truth: FloatArray
    ) -> ConfusionTable:
        """Return tables that start at the confusions with the initial truth."""
        expected_counts = context.labels.expected_counts(initial_truth)
        return started_table(expected_counts, self.pseudo_counts)


def started_table(
    expected_counts: ExpectedCounts | FloatArray, pseudo_counts: float
) -> ConfusionTable:
    """Return a table that starts at counted confusions, with the crowd's as a prior.

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
