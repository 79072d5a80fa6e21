"""The base of all aggregators: fit, partial_fit and what they share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from skcrowd._sklearn_compat import check_constraints
from skcrowd.aggregation._annotator_prior import warn_of_unknown_names
from skcrowd.aggregation._answer_evidence import refuse_evidence
from skcrowd.aggregation._convergence import warn_unless_converged
from skcrowd.annotations import (
    Annotations,
    SequenceAnnotations,
    check_annotations,
)
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._join import join_annotations

__all__ = ["Aggregator"]


class Aggregator(BaseEstimator, ABC):
    """Base of estimators that infer the truth of items from answers alone.

    A subclass for one kind of answers reads them (``_with_gold``), joins them
    (``_joined``) and stores what was found (``_store``); an aggregator implements
    ``_infer``.
    """

    _parameter_constraints: dict[str, Any] = {}
    _kind: ClassVar[str]  # of the answers, as check_annotations has it
    _uses_evidence: ClassVar[bool] = False  # weights, confidences, soft labels
    annotator_prior: Any = None

    # Attributes that fit sets
    annotators_: NDArray[Any]
    item_names_: NDArray[Any] | None
    n_iter_: int
    converged_: bool

    def fit(self, y: Any, *, gold: Any = None) -> Self:
        """Infer the truth of every item.

        Parameters
        ----------
        y : Annotations, array-like, DataFrame or sparse matrix of shape \
                (n_items, n_annotators)
            Answers in any form that :func:`skcrowd.annotations.check_annotations`
            reads.
        gold : array-like of shape (n_items,) or mapping of row to truth, default=None
            The truth of items where it is known; None or NaN, among labels also -1,
            for the others.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If `y` or `gold` cannot be read, or a parameter is out of its range.
        TypeError
            If `y` holds tag sequences.

        Warns
        -----
        ConvergenceWarning
            If iterations end at ``max_iter`` without convergence.
        CrowdWarning
            If ``annotator_prior`` names annotators who gave no answer.
        """
        check_constraints(self)
        answers = self._read(y, gold)
        names = answers.annotations.annotator_names
        warn_of_unknown_names(self.annotator_prior, names, 2)
        return self._fit(answers)

    def partial_fit(self, y: Any, *, gold: Any = None) -> Self:
        """Add answers to those fitted before, and infer the truth of all items.

        Iterations begin at the annotators of the earlier fit, so that a few answers
        more cost a few iterations.

        Parameters
        ----------
        y : annotations of shape (n_items, n_annotators)
            Further answers, as in :meth:`fit`. Where both tables name their items,
            answers to items with the same name are joined; otherwise all rows are new
            items, which come last. Annotators are matched by name.
        gold : array-like of shape (n_items,) or mapping of row to truth, default=None
            The known truth of rows of `y`.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            As :meth:`fit`, and if an annotator answers an item a second time.
        """
        check_constraints(self)
        if not hasattr(self, "_answers"):
            return self._fit(self._read(y, gold))
        more = self._read(y, gold)
        return self._fit(self._joined(more, *self._join(self._answers, more)))

    def fit_predict(self, y: Any, **fit_params: Any) -> NDArray[Any]:
        """Infer the truth and return it.

        Parameters
        ----------
        y : annotations of shape (n_items, n_annotators)
        **fit_params : dict
            Arguments of :meth:`fit`.

        Returns
        -------
        truth : ndarray of shape (n_items,)
        """
        return self.fit(y, **fit_params).predict()

    @abstractmethod
    def predict(self, y: Any = None) -> NDArray[Any]:
        """Return the inferred truth of every item.

        Parameters
        ----------
        y : annotations of shape (n_items, n_annotators), default=None
            Answers of fitted annotators to other items. None: the items of ``fit``.

        Returns
        -------
        truth : ndarray of shape (n_items,)
        """

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_answers")

    @abstractmethod
    def _infer(self, answers: Any) -> Any:
        """Infer the truth.

        Parameters
        ----------
        answers : ObservedAnswers

        Returns
        -------
        found : object
            With ``skill``, ``n_iter``, ``change``, ``tol``, ``converged`` and
            ``extras``, a dict of further fitted attributes.
        """

    @abstractmethod
    def _with_gold(self, annotations: Annotations, gold: Any) -> Any:
        """Return the answers with the known truth and the prior of annotators."""

    @abstractmethod
    def _joined(self, more: Any, annotations: Annotations, rows: NDArray[Any]) -> Any:
        """Return the answers of all fits, with gold, prior and a start.

        Parameters
        ----------
        more : ObservedAnswers
            Those that are new.
        annotations : Annotations
            All answers.
        rows : ndarray of shape (n_items of more,)
            Where the new ones are among all rows.
        """

    @abstractmethod
    def _store(self, found: Any) -> None:
        """Set the fitted attributes of this kind of answers."""

    def _join(self, before: Any, more: Any) -> tuple[Any, NDArray[Any]]:
        """Join the answers of two tables; say where the new items are."""
        return join_annotations(before.annotations, more.annotations)

    def _check_evidence(self, annotations: Any) -> None:
        """Raise if answers have what this model cannot use."""
        if not self._uses_evidence:
            refuse_evidence(annotations, type(self).__name__)

    def _read(self, y: Any, gold: Any) -> Any:
        """Read answers and gold."""
        if isinstance(y, SequenceAnnotations):
            raise TypeError(
                f"{type(self).__name__} infers single {self._kind}, but y holds tag "
                "sequences; use skcrowd.aggregation.SequenceDawidSkene."
            )
        check_aligned(y=y, gold=gold)
        annotations = check_annotations(y, kind=self._kind)
        if not annotations.n_answers:
            raise ValueError(f"{annotations.shape} annotations hold no answer at all.")
        self._check_evidence(annotations)
        return self._with_gold(annotations, gold)

    def _fit(self, answers: Any) -> Self:
        found = self._infer(answers)
        name = type(self).__name__
        warn_unless_converged(name, found.change, found.tol, found.n_iter)
        self._answers = answers
        answers.start = None
        self.annotators_ = answers.annotations.annotator_names
        self.item_names_ = answers.annotations.item_names
        self._store(found)
        if found.skill is not None:
            self.annotator_skill_ = found.skill
        self.n_iter_, self.converged_ = found.n_iter, found.converged
        for attribute, value in found.extras.items():
            setattr(self, attribute, value)
        return self
