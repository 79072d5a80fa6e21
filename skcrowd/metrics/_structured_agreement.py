"""Agreement, mixed with information where errors of a crowd are systematic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrowd.aggregation import measure_disagreement
from skcrowd.metrics._answer_scorers import WeightedAgreement
from skcrowd.metrics._information_scorers import information, joint_shares

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray

    from ._answer_evaluation import AnswerEvaluation


__all__ = ["StructuredAgreement"]


class StructuredAgreement(WeightedAgreement):
    """Agreement where errors are random, else information, ``structured_agreement``.

    (1 - w) · ``weighted_agreement`` + w · ``answer_information`` / log(n_classes), with
    w = ``min(1, structure_weight * structure)``. The structure is the share of all
    disagreement in the scored answers that random errors do not explain
    (:func:`skcrowd.aggregation.measure_disagreement`): 0 for random errors, above a
    half where two classes are confused systematically. With systematic errors agreement
    prefers models that are as uncertain as the crowd, and information does not; with
    random errors information overrates confident predictions.

    For numbers and tag sequences it is ``weighted_agreement``.

    Parameters
    ----------
    structure_weight : float, default=2.0
        Factor of the structure in w. Chosen on LabelMe and simulated crowds.

    Notes
    -----
    Our own combination; ``docs/guide/scores.md`` has the measurements. The structure is
    that of the answers scored, so it is the same for all models that are compared on
    them.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.datasets import make_annotations
    >>> from skcrowd.metrics import get_scorer
    >>> X, truth = load_iris(return_X_y=True)
    >>> Y = make_annotations(truth, 5, random_state=0).annotations
    >>> clf = CrowdClassifier(max_epochs=5, random_state=0).fit(X[::2], Y[::2])
    >>> held_out = X[1::2], Y[1::2]
    >>> structured = get_scorer("structured_agreement")(clf, *held_out)
    >>> structured == get_scorer("weighted_agreement")(clf, *held_out)
    True
    """

    def __init__(self, structure_weight: float = 2.0) -> None:
        self.structure_weight = structure_weight

    def measure(self, evaluation: AnswerEvaluation, weight: FloatArray) -> float:
        """Mix both by the structure; see :meth:`AnswerScorer.measure`."""
        agreement = super().measure(evaluation, weight)
        if evaluation.kind == "numbers" or evaluation.lengths is not None:
            return agreement
        if evaluation.truth.shape[1] == 1:  # one class holds no information
            return agreement
        found = measure_disagreement(evaluation.annotations, weight)
        share = min(1.0, self.structure_weight * found.structure)
        joint = joint_shares(evaluation, weight)
        normalized = information(joint) / np.log(len(joint))
        return (1 - share) * agreement + share * normalized
