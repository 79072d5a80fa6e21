"""Items that may have several labels: a model for each, with annotators shared."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any, Self

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
from skcrowd.annotations import Annotations, check_annotations

__all__ = ["MultiLabelDawidSkene"]

YES_AND_NO = np.array([0, 1])


class MultiLabelDawidSkene(BaseEstimator):
    """Infer which of several labels every item has, from yes and no of annotators.

    Each label has a model of Dawid and Skene with two classes. Annotators are shared:
    their confusion over all labels together counts as `shared_counts` answers to each,
    so that annotators who rarely answered about a label are measured by the others.

    Parameters
    ----------
    shared_counts : float, default=10.0
        Pseudo-answers of each annotator to each label, with the confusion over all
        labels; 0 fits each label on its own.
    pseudo_counts : float, default=3.0
        Pseudo-counts that shrink each row of a confusion matrix to the crowd's.
    max_iter : int, default=300
        Maximum number of iterations for each label.
    tol : float, default=1e-4
        Stop when the mean absolute change of the posterior falls below it; 0 runs
        exactly `max_iter` iterations.

    Attributes
    ----------
    labels_ : ndarray of shape (n_labels,)
    annotators_ : ndarray of shape (n_annotators,)
    posterior_ : ndarray of shape (n_items, n_labels)
        Probability that the item has the label.
    label_prior_ : ndarray of shape (n_labels,)
        Share of the items that have the label.
    annotator_confusion_ : ndarray of shape (n_labels, n_annotators, 2, 2)
        ``[l, r, i, j]`` = P(r answers j about l | truth is i), with no 0 and yes 1.
    n_iter_ : int
        The largest of all labels.
    converged_ : bool

    Examples
    --------
    >>> from skcrowd.aggregation import MultiLabelDawidSkene
    >>> y = {
    ...     "cat": [[1, 1, 0], [0, 0, 0], [1, 1, 1], [0, 0, 1]],
    ...     "dog": [[0, 0, 0], [1, 1, 0], [1, 1, 1], [0, 0, 0]],
    ... }
    >>> MultiLabelDawidSkene().fit_predict(y)
    array([[1, 0],
           [0, 1],
           [1, 1],
           [0, 0]])
    """

    _parameter_constraints: dict[str, Any] = {
        "shared_counts": [Interval(Real, 0, None, closed="left")],
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        *,
        shared_counts: float = 10.0,
        pseudo_counts: float = 3.0,
        max_iter: int = 300,
        tol: float = 1e-4,
    ) -> None:
        self.shared_counts = shared_counts
        self.pseudo_counts = pseudo_counts
        self.max_iter = max_iter
        self.tol = tol

    def fit(self, y: Any) -> Self:
        """Infer the labels of every item.

        Parameters
        ----------
        y : mapping of label to annotations of shape (n_items, n_annotators), or \
                array-like of shape (n_labels, n_items, n_annotators)
            Answers 1 (yes) and 0 (no), missing ones as
            :func:`skcrowd.annotations.check_annotations` has them. All labels have the
            same items and annotators.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If the tables differ in items or annotators, or hold other answers.

        Warns
        -----
        ConvergenceWarning
            If iterations of a label end at ``max_iter`` without convergence.
        """
        self._validate_params()
        names, tables = _read(y)
        settings: dict[str, Any] = {"max_iter": self.max_iter, "tol": self.tol}
        with no_convergence_warning():
            shared = None
            if self.shared_counts > 0:
                together = dawid_skene(
                    _stacked(tables), pseudo_counts=self.pseudo_counts, **settings
                )
                share = together.class_prior[:, None]
                shared = self.shared_counts * share * together.confusion
            found = [
                dawid_skene(
                    table,
                    pseudo_counts=self.pseudo_counts,
                    annotator_counts=shared,
                    **settings,
                )
                for table in tables
            ]
        worst = max(found, key=lambda of_label: of_label.change)
        name = type(self).__name__
        warn_unless_converged(name, worst.change, self.tol, worst.n_iter)
        self.labels_ = names
        self.annotators_ = tables[0].annotator_names
        self.posterior_ = np.stack([f.posterior[:, 1] for f in found], axis=1)
        self.label_prior_ = np.array([f.class_prior[1] for f in found])
        self.annotator_confusion_ = np.stack([f.confusion for f in found])
        self.n_iter_ = max(f.n_iter for f in found)
        self.converged_ = worst.change <= self.tol
        return self

    def fit_predict(self, y: Any) -> NDArray[np.int64]:
        """Infer the labels and return them.

        Parameters
        ----------
        y
            See :meth:`fit`.

        Returns
        -------
        indicator : int64 ndarray of shape (n_items, n_labels)
        """
        return self.fit(y).predict()

    def predict(self) -> NDArray[np.int64]:
        """Return which labels the items of ``fit`` have.

        Returns
        -------
        indicator : int64 ndarray of shape (n_items, n_labels)
            1 where the label is more probable than not, as scikit-learn's multi-label
            targets.
        """
        return (self.predict_proba() > 0.5).astype(np.int64)

    def predict_proba(self) -> NDArray[np.float64]:
        """Return the probability of every label.

        Returns
        -------
        proba : ndarray of shape (n_items, n_labels)
        """
        check_is_fitted(self)
        return self.posterior_.copy()


def _read(y: Any) -> tuple[NDArray[Any], list[Annotations]]:
    """Return names of the labels and a table of yes and no for each."""
    if isinstance(y, Mapping):
        names, values = np.array(list(y)), list(y.values())
    else:
        values = list(y)
        names = np.arange(len(values))
    if not values:
        raise ValueError("y holds no label; give a table of answers for each.")
    tables = [check_annotations(v, classes=YES_AND_NO) for v in values]
    first = tables[0]
    for name, table in zip(names.tolist(), tables, strict=True):
        same = np.array_equal(table.annotator_names, first.annotator_names)
        if table.n_items != first.n_items or not same:
            raise ValueError(
                f"the answers about {name!r} are of shape {table.shape}, those about "
                f"{names.tolist()[0]!r} of {first.shape}, or of other annotators; give "
                "all labels the same items and annotators."
            )
    return names, tables


def _stacked(tables: list[Annotations]) -> Annotations:
    """Join the tables of all labels: each pair of label and item is an item."""
    n_items, n_annotators = tables[0].shape
    item = np.concatenate([t.item + k * n_items for k, t in enumerate(tables)])
    annotator = np.concatenate([table.annotator for table in tables])
    answer = np.concatenate([table.answer for table in tables])
    shape = len(tables) * n_items, n_annotators
    return Annotations(item, annotator, answer, shape, YES_AND_NO)
