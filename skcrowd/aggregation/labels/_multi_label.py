"""Items that may have several labels: a model for each, with annotators shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation._aggregator import Aggregator
from skcrowd.aggregation._annotator_prior import prior_confusion_counts
from skcrowd.aggregation._label_posterior import label_posterior
from skcrowd.aggregation.labels._dawid_skene_aggregator import fit_dawid_skene
from skcrowd.aggregation.labels._label_inference import Answers, Inference
from skcrowd.annotations import Annotations, MultilabelAnnotations, check_annotations
from skcrowd.annotations._answer_details import AnswerDetails, joined
from skcrowd.annotations._join import match_annotators
from skcrowd.annotations._join_cells import join_sets
from skcrowd.annotations._lookup import positions, preview
from skcrowd.annotations._multilabel_target import read_known_labels
from skcrowd.annotations._soft_labels import certain
from skcrowd.annotations._tables import is_frame

__all__ = ["MultiLabelDawidSkene", "SetAnswers"]

YES_AND_NO = np.array([0, 1])


@dataclass(eq=False)
class SetAnswers(Answers):
    """Yes or no of annotators to every pair of item and label.

    Parameters
    ----------
    labels : ndarray of shape (n_labels,)
        The labels of an item follow each other.
    row_names : ndarray of shape (n_rows,) or None
        The names of the items that have the labels.
    """

    labels: NDArray[Any] = field(kw_only=True)
    row_names: NDArray[Any] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        self.sets = MultilabelAnnotations(self.annotations, self.labels, self.row_names)

    def about(self, k: int) -> Answers:
        """Return the answers about one label."""
        rows = np.arange(k, self.n_items, len(self.labels))
        gold = None if self.gold is None else self.gold[rows]
        return Answers(self.annotations[rows], gold, self.prior_counts)


class MultiLabelDawidSkene(Aggregator):
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
    annotator_prior : mapping of annotator to accuracy or (accuracy, n_questions), \
            pandas Series or DataFrame, or array-like, default=None
        What is known of annotators beforehand: shares of right answers, yes or no.

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
        "annotator_prior": "no_validation",
    }
    _kind = "sets of labels"
    _uses_evidence = True

    # Attributes that fit sets
    labels_: NDArray[Any]
    posterior_: NDArray[np.float64]
    label_prior_: NDArray[np.float64]
    annotator_confusion_: NDArray[np.float64]

    def __init__(
        self,
        *,
        shared_counts: float = 10.0,
        pseudo_counts: float = 3.0,
        max_iter: int = 300,
        tol: float = 1e-4,
        annotator_prior: Any = None,
    ) -> None:
        self.shared_counts = shared_counts
        self.pseudo_counts = pseudo_counts
        self.max_iter = max_iter
        self.tol = tol
        self.annotator_prior = annotator_prior

    def fit(self, y: Any, *, gold: Any = None) -> Self:
        """Infer the labels of every item.

        Parameters
        ----------
        y : MultilabelAnnotations, mapping of label to annotations of shape \
                (n_items, n_annotators), or array-like of shape (n_labels, n_items, \
                n_annotators)
            Sets of labels, also as cells of a DataFrame; or answers 1 (yes) and 0 (no)
            in a table for each label, missing ones as
            :func:`skcrowd.annotations.check_annotations` has them, all of the same
            items and annotators.
        gold : array-like of shape (n_items, n_labels), sequence of n_items sets of \
                labels, or mapping of row to set, default=None
            The labels of items where they are known: 1, 0 and NaN or -1 for what is
            not known, or all labels of an item and None for the others. The columns of
            a DataFrame are named as the labels, in any order.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If the tables differ in items or annotators, or hold other answers, or
            `gold` cannot be read.

        Warns
        -----
        ConvergenceWarning
            If iterations of a label end at ``max_iter`` without convergence.
        """
        return super().fit(y, gold=gold)

    def partial_fit(self, y: Any, *, gold: Any = None) -> Self:
        """Add answers to those fitted before, and infer the labels of all items.

        Parameters
        ----------
        y
            Further answers, as in :meth:`fit`. Where both tables name their items,
            answers to items with the same name are joined; otherwise all rows are new
            items, which come last. Annotators and labels are matched by name; about
            labels that a table does not have, its annotators have said nothing.
        gold
            The known labels of rows of `y`, as in :meth:`fit`.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            As :meth:`fit`, and if an annotator answers about a label of an item a
            second time.
        """
        return super().partial_fit(y, gold=gold)

    def fit_predict(self, y: Any, **fit_params: Any) -> NDArray[np.int64]:
        """Infer the labels and return them.

        Parameters
        ----------
        y
            See :meth:`fit`.
        **fit_params : dict
            Arguments of :meth:`fit`.

        Returns
        -------
        indicator : int64 ndarray of shape (n_items, n_labels)
        """
        return self.fit(y, **fit_params).predict()

    def predict(self, y: Any = None) -> NDArray[np.int64]:
        """Return which labels the items have.

        Parameters
        ----------
        y : default=None
            Answers of fitted annotators to other items, about fitted labels, as in
            :meth:`fit`. None: the items of ``fit``.

        Returns
        -------
        indicator : int64 ndarray of shape (n_items, n_labels)
            1 where the label is more probable than not, as scikit-learn's multi-label
            targets.
        """
        return (self.predict_proba(y) > 0.5).astype(np.int64)

    def predict_proba(self, y: Any = None) -> NDArray[np.float64]:
        """Return the probability of every label.

        Parameters
        ----------
        y : default=None
            As for :meth:`predict`.

        Returns
        -------
        proba : ndarray of shape (n_items, n_labels)

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the aggregator is not fitted.
        ValueError
            If `y` has other annotators or labels than those fitted.
        """
        check_is_fitted(self)
        if y is None:
            return self.posterior_.copy()
        sets = _read_sets(y)
        place = positions(sets.classes, self.labels_)
        if (place < 0).any():
            raise ValueError(
                f"y has the label {preview(sets.classes[place < 0], 1)}, which is none "
                f"of the {len(self.labels_)} labels of fit ({preview(self.labels_)})."
            )
        decisions = match_annotators(sets.decisions, self.annotators_)
        answers = SetAnswers(decisions, labels=sets.classes)
        proba = np.tile(self.label_prior_, (len(sets), 1))
        for k, label in enumerate(place.tolist()):
            proba[:, label] = self._probability(label, answers.about(k))
        return proba

    def _probability(self, k: int, answers: Answers) -> NDArray[np.float64]:
        """Return the probability that items have a label, by fitted annotators."""
        share = self.label_prior_[k]
        with np.errstate(divide="ignore"):
            log_prior = np.log(np.tile([1 - share, share], (answers.n_items, 1)))
        of_label = self.annotator_confusion_[k]
        return label_posterior(log_prior, answers.annotations, of_label)[:, 1]

    def _read(self, y: Any, gold: Any) -> SetAnswers:
        return self._with_gold(_read_sets(y), gold)

    def _with_gold(self, annotations: Any, gold: Any) -> SetAnswers:
        known = read_known_labels(gold, len(annotations), annotations.classes)
        return self._answers_of(annotations, None if known is None else known.ravel())

    def _answers_of(self, sets: MultilabelAnnotations, gold: Any) -> SetAnswers:
        names = sets.annotator_names
        prior = prior_confusion_counts(self.annotator_prior, names, 2)
        return SetAnswers(
            sets.decisions,
            gold,
            prior,
            labels=sets.classes,
            row_names=sets.item_names,
        )

    def _join(self, before: SetAnswers, more: SetAnswers) -> tuple[Any, Any]:
        joined, *places = join_sets(before.sets, more.sets)
        return joined, places

    def _joined(self, more: SetAnswers, annotations: Any, rows: Any) -> SetAnswers:
        gold = None
        for answers, place in zip((self._answers, more), rows, strict=True):
            if answers.gold is not None:
                if gold is None:
                    gold = np.full(annotations.decisions.n_items, -1, dtype=np.int64)
                known = np.flatnonzero(answers.gold >= 0)
                gold[place[known]] = answers.gold[known]
        joined = self._answers_of(annotations, gold)
        if np.array_equal(annotations.classes, self.labels_):
            names = annotations.annotator_names
            fitted = np.flatnonzero(np.isin(names, self.annotators_))
            yes = self.predict_proba(annotations.select_annotators(fitted)).ravel()
            start = np.column_stack([1 - yes, yes])
            joined.start = Inference(start, start.mean(axis=0))
        return joined

    def _infer(self, answers: SetAnswers) -> Inference:
        settings: dict[str, Any] = {"max_iter": self.max_iter, "tol": self.tol}
        settings["pseudo_counts"] = self.pseudo_counts
        start = None if answers.start is None else answers.start.posterior
        shared = answers.prior_counts
        if self.shared_counts > 0:
            together = fit_dawid_skene(answers, start, **settings)
            share = together.class_prior[:, None]
            counts = self.shared_counts * share * together.confusion
            shared = counts if shared is None else shared + counts
        n_labels = len(answers.labels)
        found = []
        for k in range(n_labels):
            of_label = answers.about(k)
            of_label.prior_counts = shared
            first = None if start is None else start[k::n_labels]
            found.append(fit_dawid_skene(of_label, first, **settings))
        worst = max(found, key=lambda of_label: of_label.change)
        return Inference(
            np.stack([f.posterior[:, 1] for f in found], axis=1),
            np.array([f.class_prior[1] for f in found]),
            np.stack([f.confusion for f in found]),
            n_iter=max(f.n_iter for f in found),
            change=worst.change,
            tol=self.tol,
        )

    def _store(self, found: Inference) -> None:
        self.item_names_ = self._answers.row_names
        self.labels_ = self._answers.labels
        self.posterior_ = found.posterior
        self.label_prior_ = found.class_prior
        self.annotator_confusion_ = found.confusion


def _read_sets(y: Any) -> MultilabelAnnotations:
    """Read sets of labels, or a table of yes and no for each label."""
    if isinstance(y, MultilabelAnnotations):
        return y
    if is_frame(y):
        return MultilabelAnnotations.from_cells(y)
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
    return MultilabelAnnotations(_decisions(tables), names, first.item_names)


def _decisions(tables: list[Annotations]) -> Annotations:
    """Join the tables of all labels: each pair of item and label is an item."""
    n_items, n_annotators = tables[0].shape
    n_labels = len(tables)
    item = np.concatenate([t.item * n_labels + k for k, t in enumerate(tables)])
    annotator = np.concatenate([table.annotator for table in tables])
    answer = np.concatenate([table.answer for table in tables])
    order = np.lexsort((annotator, item))
    shape, names = (n_items * n_labels, n_annotators), tables[0].annotator_names
    columns = item[order], annotator[order], answer[order]
    parts = [
        (_evidence_of(table), table.n_answers, partial(certain, table.answer, 2))
        for table in tables
    ]
    details = joined(parts, order)
    return Annotations(*columns, shape, YES_AND_NO, names, details=details)


def _evidence_of(table: Annotations) -> AnswerDetails | None:
    """Return the confidences, weights and probabilities of answers about a label."""
    return table.without_details("time", "unsure").details
