"""Aggregators of tag sequences: estimators over votes and sequence models."""

from __future__ import annotations

from abc import ABC, abstractmethod
from numbers import Integral, Real
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation._convergence import (
    no_convergence_warning,
    warn_unless_converged,
)
from skcrowd.aggregation._dawid_skene import dawid_skene
from skcrowd.aggregation._majority_vote import majority_vote
from skcrowd.aggregation._sequence_model import sequence_dawid_skene
from skcrowd.annotations import SequenceAnnotations, check_sequence_annotations
from skcrowd.annotations._gold import joined_classes, read_gold_tags

__all__ = [
    "SEQUENCE_AGGREGATORS",
    "SequenceAggregator",
    "SequenceDawidSkene",
    "TokenDawidSkene",
    "TokenMajorityVote",
]


class _Tags(NamedTuple):
    """What an aggregator found, by token."""

    posterior: NDArray[np.float64]
    tags: NDArray[np.int64]
    confusion: Any = None
    n_iter: int = 1
    change: float = 0.0


class SequenceAggregator(BaseEstimator, ABC):
    """Base of estimators that infer true tag sequences from answers alone.

    A subclass has parameters with ``_parameter_constraints`` and implements ``_infer``.
    """

    _parameter_constraints: dict[str, Any] = {}
    tol: float = 0.0

    # Attributes that fit sets
    classes_: NDArray[Any]
    annotators_: NDArray[Any]

    def fit(self, y: Any, *, gold: Any = None) -> Self:
        """Infer the true tags of every sequence.

        Parameters
        ----------
        y : SequenceAnnotations, or sequence of sequences
            In any form that :func:`skcrowd.annotations.check_sequence_annotations`
            reads.
        gold : sequence of n_sequences tag sequences, or mapping of row to tags, \
                default=None
            True tags of sequences, or of some of their tokens; None for the others.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If `y` or `gold` cannot be read, or a parameter is out of its range.

        Warns
        -----
        ConvergenceWarning
            If iterations end at ``max_iter`` without convergence.
        """
        self._validate_params()
        annotations = check_sequence_annotations(y)
        known = None
        if gold is not None:
            known = read_gold_tags(gold, annotations.lengths, annotations.classes)
        codes = None
        if known is not None:
            classes = joined_classes(annotations.classes, known.classes)
            annotations = annotations.with_classes(classes)
            truth = known.with_classes(classes).tokens
            codes = np.full(annotations.n_tokens, -1, dtype=np.int64)
            codes[truth.item] = truth.answer
        found = self._infer(annotations, codes)
        name = type(self).__name__
        warn_unless_converged(name, found.change, self.tol, found.n_iter)
        self._lengths = annotations.lengths
        self.classes_ = annotations.classes
        self.annotators_ = annotations.annotator_names
        self._posterior, self._tags = found.posterior, found.tags
        if found.confusion is not None:
            self.annotator_confusion_ = found.confusion
        self.n_iter_ = found.n_iter
        self.converged_ = found.change <= self.tol
        return self

    def fit_predict(self, y: Any, *, gold: Any = None) -> list[NDArray[Any]]:
        """Infer the true tags and return them.

        Parameters
        ----------
        y, gold
            See :meth:`fit`.

        Returns
        -------
        tags : list of n_sequences ndarray of shape (n_tokens of the sequence,)
        """
        return self.fit(y, gold=gold).predict()

    def predict(self) -> list[NDArray[Any]]:
        """Return the inferred tags of the sequences of ``fit``.

        Returns
        -------
        tags : list of n_sequences ndarray of shape (n_tokens of the sequence,)
        """
        check_is_fitted(self)
        return self._split(self.classes_[self._tags])

    def predict_proba(self) -> list[NDArray[np.float64]]:
        """Return the probability of every tag, token by token.

        Returns
        -------
        proba : list of n_sequences ndarray of shape (n_tokens, n_classes)
        """
        check_is_fitted(self)
        return self._split(self._posterior)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_iter_")

    def _split(self, tokens: NDArray[Any]) -> list[NDArray[Any]]:
        return np.split(tokens, np.cumsum(self._lengths)[:-1])

    @abstractmethod
    def _infer(self, annotations: SequenceAnnotations, gold: Any) -> _Tags:
        """Infer the truth; `gold` has codes of tokens, -1 unknown, or is None."""


class TokenMajorityVote(SequenceAggregator):
    """Take the tag with most votes of every token.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    n_iter_, converged_ : int, bool
        1 and True.

    Examples
    --------
    >>> from skcrowd.aggregation import TokenMajorityVote
    >>> from skcrowd.annotations import SequenceAnnotations
    >>> cells = [[["O", "B-X"], ["O", "B-X"], ["O", "O"]]]
    >>> y = SequenceAnnotations.from_cells(cells)
    >>> TokenMajorityVote().fit_predict(y)[0].tolist()
    ['O', 'B-X']
    """

    def __init__(self) -> None:
        pass

    def _infer(self, annotations: SequenceAnnotations, gold: Any) -> _Tags:
        posterior = np.ascontiguousarray(majority_vote(annotations.tokens))
        if gold is not None:
            known = np.flatnonzero(gold >= 0)
            posterior[known] = 0
            posterior[known, gold[known]] = 1
        return _Tags(posterior, posterior.argmax(axis=1))


class TokenDawidSkene(SequenceAggregator):
    """Infer a confusion matrix for every annotator, as if tokens were independent.

    Parameters
    ----------
    pseudo_counts : float, default=1.0
        Pseudo-counts that shrink each row of a confusion matrix to the crowd's.
    max_iter : int, default=300
        Maximum number of iterations.
    tol : float, default=1e-4
        Stop when the mean absolute change of the posterior falls below it; 0 runs
        exactly `max_iter` iterations.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    annotator_confusion_ : ndarray of shape (n_annotators, n_classes, n_classes)
    n_iter_ : int
    converged_ : bool

    Examples
    --------
    >>> from skcrowd.aggregation import TokenDawidSkene
    >>> from skcrowd.annotations import SequenceAnnotations
    >>> cells = [[["O", "B-X"], ["O", "B-X"], ["O", "O"]]]
    >>> y = SequenceAnnotations.from_cells(cells)
    >>> TokenDawidSkene().fit_predict(y)[0].tolist()
    ['O', 'B-X']
    """

    _parameter_constraints: dict[str, Any] = {
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self, *, pseudo_counts: float = 1.0, max_iter: int = 300, tol: float = 1e-4
    ) -> None:
        self.pseudo_counts = pseudo_counts
        self.max_iter = max_iter
        self.tol = tol

    def _infer(self, annotations: SequenceAnnotations, gold: Any) -> _Tags:
        with no_convergence_warning():
            found = dawid_skene(
                annotations.tokens,
                pseudo_counts=self.pseudo_counts,
                max_iter=self.max_iter,
                tol=self.tol,
                gold=gold,
            )
        tags = found.posterior.argmax(axis=1)
        return _Tags(found.posterior, tags, found.confusion, found.n_iter, found.change)


class SequenceDawidSkene(SequenceAggregator):
    """Infer tags that form valid sequences, from answers that depend on those before.

    :func:`skcrowd.aggregation.sequence_dawid_skene`, started from Dawid-Skene of the
    tokens. Few iterations are run on purpose: the model is rich, and where answers are
    few more iterations can converge to a likelier, wrong solution.

    Parameters
    ----------
    pseudo_counts : float, default=20.0
        Pseudo-counts that shrink the answer probabilities to the crowd's.
    previous_truth : bool, default=True
        Whether answers depend on the truth of the token before, too; False for many
        classes.
    n_iter : int, default=3
        Number of iterations.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    annotator_confusion_ : ndarray of shape (n_annotators, n_classes, n_classes)
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
    }

    def __init__(
        self,
        *,
        pseudo_counts: float = 20.0,
        previous_truth: bool = True,
        n_iter: int = 3,
    ) -> None:
        self.pseudo_counts = pseudo_counts
        self.previous_truth = previous_truth
        self.n_iter = n_iter

    def _infer(self, annotations: SequenceAnnotations, gold: Any) -> _Tags:
        with no_convergence_warning():
            start = dawid_skene(annotations.tokens, gold=gold)
        found = sequence_dawid_skene(
            annotations,
            pseudo_counts=self.pseudo_counts,
            previous_truth=self.previous_truth,
            max_iter=self.n_iter,
            tol=0,
            start=start.posterior,
            gold=gold,
        )
        return _Tags(found.posterior, found.tags, found.confusion, found.n_iter)


SEQUENCE_AGGREGATORS: dict[str, type[SequenceAggregator]] = {
    "majority_vote": TokenMajorityVote,
    "dawid_skene": TokenDawidSkene,
    "sequence_dawid_skene": SequenceDawidSkene,
}
