"""The model of tag sequences as an aggregator."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation._convergence import no_convergence_warning
from skcrowd.aggregation._dawid_skene import dawid_skene
from skcrowd.aggregation._sequence_model import infer_tags, sequence_dawid_skene
from skcrowd.aggregation.labels._label_inference import Inference
from skcrowd.aggregation.sequences._sequence_aggregator import SequenceAggregator
from skcrowd.aggregation.sequences._tag_answers import TagAnswers

__all__ = ["SequenceDawidSkene"]


class SequenceDawidSkene(SequenceAggregator):
    """Infer tags that form valid sequences, from answers that depend on those before.

    :func:`skcrowd.aggregation.sequence_dawid_skene`, started from Dawid-Skene of the
    tokens. Few iterations are run on purpose: the model is rich, and where answers are
    few more iterations can converge to a likelier, wrong solution. For the same reason
    ``partial_fit`` begins anew, and finds what ``fit`` finds from all answers.

    Parameters
    ----------
    pseudo_counts : float, default=20.0
        Pseudo-counts that shrink the answer probabilities to the crowd's.
    previous_truth : bool, default=True
        Whether answers depend on the truth of the token before, too; False for many
        classes.
    n_iter : int, default=3
        Number of iterations.
    annotator_prior : mapping of annotator to accuracy or (accuracy, n_questions), \
            pandas Series or DataFrame, or array-like, default=None
        What is known of annotators beforehand: shares of right tags, and from how many
        tokens.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    class_prior_ : ndarray of shape (n_classes,)
        Shares of the tags among all tokens.
    first_tag_prior_ : ndarray of shape (n_classes,)
        Probability of the first tag of a sequence.
    transition_ : ndarray of shape (n_classes, n_classes)
        ``[i, j]`` = P(j follows i).
    annotator_confusion_ : ndarray of shape (n_annotators, n_classes, n_classes)
        ``[r, i, j]`` = P(r answers j | truth is i), over all contexts.
    n_iter_, converged_ : int, bool
        The number of iterations, and True.

    References
    ----------
    E. Simpson, I. Gurevych. A Bayesian approach for sequence tagging with crowds.
    EMNLP 2019. doi:10.18653/v1/D19-1101

    Examples
    --------
    >>> from skcrowd.aggregation import SequenceDawidSkene
    >>> from skcrowd.annotations import SequenceAnnotations
    >>> cells = [[["O", "B-X"], ["O", "B-X"], ["O", "O"]]]
    >>> y = SequenceAnnotations.from_cells(cells)
    >>> SequenceDawidSkene().fit_predict(y)[0].tolist()
    ['O', 'B-X']
    """

    _parameter_constraints: dict[str, Any] = {
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "previous_truth": ["boolean"],
        "n_iter": [Interval(Integral, 1, None, closed="left")],
        "annotator_prior": "no_validation",
    }

    def __init__(
        self,
        *,
        pseudo_counts: float = 20.0,
        previous_truth: bool = True,
        n_iter: int = 3,
        annotator_prior: Any = None,
    ) -> None:
        self.pseudo_counts = pseudo_counts
        self.previous_truth = previous_truth
        self.n_iter = n_iter
        self.annotator_prior = annotator_prior

    def _infer(self, answers: TagAnswers) -> Inference:
        known: dict[str, Any] = {
            "gold": answers.gold,
            "annotator_counts": answers.prior_counts,
        }
        with no_convergence_warning():
            start = dawid_skene(answers.annotations, **known)
        found = sequence_dawid_skene(
            answers.sequences,
            pseudo_counts=self.pseudo_counts,
            previous_truth=self.previous_truth,
            max_iter=self.n_iter,
            tol=0,
            start=start.posterior,
            **known,
        )
        return Inference(
            found.posterior,
            found.posterior.mean(axis=0),
            found.confusion,
            n_iter=found.n_iter,
            extras={
                "_tags": found.tags,
                "first_tag_prior_": found.initial,
                "transition_": found.transition,
                "_sequence_confusion": found.sequence_confusion,
            },
        )

    def _tag(
        self, answers: TagAnswers
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        steps = self.first_tag_prior_, self.transition_
        return infer_tags(answers.sequences, *steps, self._sequence_confusion)
