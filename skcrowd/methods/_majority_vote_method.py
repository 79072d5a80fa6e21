"""Train on the majority vote."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any

from skcrowd._sklearn_compat import Interval
from skcrowd.annotators._confusion_table import given_annotators
from skcrowd.methods._method import Method, MethodResult

if TYPE_CHECKING:
    from ._training_context import TrainingContext


__all__ = ["MajorityVote"]


class MajorityVote(Method):
    """Train on the majority vote: the baseline that every method must beat.

    Parameters
    ----------
    soft : bool, default=True
        Train on the shares of the votes. False trains on the winning class; ties
        share it equally.
    pseudo_counts : float, default=3.0
        Shrinks the rows of each confusion matrix, counted against the vote, to the
        crowd's, or, where the classes have an order, as :class:`EM` does.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.datasets import make_annotations
    >>> X, z = load_iris(return_X_y=True)
    >>> crowd = make_annotations(z, 5, random_state=0)
    >>> clf = CrowdClassifier(method="majority_vote", max_epochs=3, random_state=0)
    >>> clf.fit(X, crowd.annotations).annotator_confusion_.shape
    (5, 3, 3)
    """

    learns_errors = True

    _parameter_constraints: dict[str, Any] = {
        "soft": ["boolean"],
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(self, soft: bool = True, pseudo_counts: float = 3.0) -> None:
        self.soft = soft
        self.pseudo_counts = pseudo_counts

    def learn(self, context: TrainingContext) -> MethodResult:
        """Count votes and confusions, and train on the vote."""
        votes = context.labels.votes(soft=self.soft)
        counts = context.labels.expected_counts(votes)
        annotators = given_annotators(
            context.labels.confusion(counts, self.pseudo_counts)
        )
        net = context.train(annotators, train_on="targets", targets=votes)
        return MethodResult(net, annotators, votes)
