"""Reports of a fitted multi-label classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import entr
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skcrowd.aggregation._given import given_array, named_columns
from skcrowd.annotations import MultilabelAnnotations
from skcrowd.annotations._answered import n_answered
from skcrowd.annotations._multilabel_target import read_multilabel
from skcrowd.annotations._tables import plain
from skcrowd.estimators._crowd_estimator import CrowdEstimator
from skcrowd.estimators._html import bar, ends_table, text
from skcrowd.estimators._snapshot import uses_one_fit
from skcrowd.estimators._training_items import is_training_item
from skcrowd.metrics._tick_accuracy import TickCounts

from ._ask import ask
from ._beliefs import LabelSetBeliefs
from ._cross_fit import (
    check_insight_input,
    cross_fit,
    is_prefit,
    log_of,
    predict_seen,
)
from ._data_frames import check_level, import_pandas, item_index, row_index
from ._evidence import LabelEvidence, calibrate_labels, no_answers, weigh_labels
from ._quality import label_answer_columns

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import AnswersLike, Array, ArrayLike, Features, FloatArray
    from skcrowd.annotations import Annotations


__all__ = ["MultilabelInsight"]


class MultilabelInsight(CrowdEstimator):
    """Reports on annotators and labels of a fitted multi-label classifier."""

    annotator_confusion_: FloatArray
    classes_: Array
    class_prior_: FloatArray
    _answer_counts: FloatArray
    _tick_counts: tuple[Any, ...]

    @uses_one_fit
    def annotator_report(
        self, *, level: float = 0.95, by_label: bool = False
    ) -> pd.DataFrame:
        """Report how right the labels are that each annotator ticked.

        Parameters
        ----------
        level : float, default=0.95
            Probability that an interval holds the value.
        by_label : bool, default=False
            Whether there is a row for each annotator and label.

        Returns
        -------
        report : pandas.DataFrame
            A row per annotator, index "annotator", or per annotator and label, index
            ("annotator", "label"). Weights of answers count in all columns but the
            first two:

            - ``n_answers``: items that the annotator was asked about.
            - ``n_ticked``: labels ticked, of all of these items.
            - ``accuracy``: expected share of right decisions, to tick or not to tick.
              Where labels are rare, it is high even for who ticks nothing.
            - ``precision``, ``recall``, ``f1``: of the ticked labels, with intervals
              ``precision_low``, ``precision_high`` and so on. NaN where nothing was
              ticked, or no label is true.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.

        Notes
        -----
        A label is true with the probability that the posterior gives it. Intervals
        are those of :meth:`CrowdClassifier.annotator_report`, with a design effect for
        the decisions of an annotator on one item, which depend on each other.

        Examples
        --------
        >>> import numpy as np
        >>> from skcrowd import CrowdMultilabelClassifier
        >>> rng = np.random.default_rng(0)
        >>> X = rng.normal(size=(200, 3))
        >>> flips = rng.random((200, 4, 3)) < np.array([0.05, 0.1, 0.1, 0.5])[:, None]
        >>> Y = (X > 0)[:, None] ^ flips
        >>> clf = CrowdMultilabelClassifier(max_epochs=20, random_state=0).fit(X, Y)
        >>> report = clf.annotator_report()
        >>> int(report["f1"].idxmax()), int(report["f1"].idxmin())
        (0, 3)
        """
        pd = import_pandas("annotator_report")
        check_is_fitted(self)
        columns = self._report_columns(level, by_label=by_label)
        if not by_label:
            return pd.DataFrame(columns, row_index(pd, "annotator", self.annotators_))
        levels = [self.annotators_, self.classes_]
        names = "annotator", "label"
        return pd.DataFrame(columns, pd.MultiIndex.from_product(levels, names=names))

    def _report_columns(self, level: float, *, by_label: bool) -> dict[str, Array]:
        check_level(level)
        counts = TickCounts.of(self._tick_counts)
        columns = counts.columns(level, by_label=by_label)
        n_answers = self.annotator_n_answers_
        if by_label:
            n_answers = (counts.n_ticked + counts.n_left).ravel()
        return {"n_answers": n_answers, **columns}

    @uses_one_fit
    def label_quality(
        self,
        X: Features,
        y: AnswersLike,
        *,
        pred_proba: ArrayLike | None = None,
        cv: Any = 3,
    ) -> pd.DataFrame:
        """Report how certain it is that a label applies, one row per item and label.

        The consensus is that of network and answers: each answer is weighted by the
        confusion matrix of its annotator for the label.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)
        y : annotations of shape (n_samples, n_annotators)
            Answers in any form of ``fit``, also to other items, of annotators of
            ``fit``.
        pred_proba : array-like of shape (n_samples, n_labels), default=None
            Probabilities that labels apply, in place of the network's own: of networks
            that have not seen the answers. Columns of a table that are named as the
            labels may have any order.
        cv : int, splitter, iterable or "prefit", default=3
            How items of ``fit`` are predicted. By default clones of the estimator are
            fitted to X and y three times more, each without a third of the items,
            which it predicts; so pass all items of ``fit``, not some. "prefit" is the
            in-sample shortcut, without further fits and calibration, whose
            probabilities are far too certain for training items.

        Returns
        -------
        quality : pandas.DataFrame of shape (n_samples * n_labels, 6)
            Index ("item", "label"). Columns:

            - ``applies``: whether the label applies, rather than not.
            - ``probability``: that it applies, given network and answers.
            - ``quality``: 1 - entropy / log(2); 1 where it is certain whether it
              applies, 0 where nothing is known.
            - ``network_probability``: that it applies, without the answers.
            - ``n_answers``, ``n_ticked``: annotators asked, and those who ticked it,
              whatever their weights.

        Raises
        ------
        ValueError
            If ``y`` has other annotators or labels than ``fit``, holds true labels, or
            there are too few items.

        Warns
        -----
        CrowdWarning
            If ``y`` has less than half of the answers of ``fit``, from which the clones
            learn less than the estimator did.

        Notes
        -----
        Probabilities are calibrated as those of :meth:`CrowdClassifier.label_quality`,
        with one weight of the network and one of the answers for all labels.

        Examples
        --------
        >>> import numpy as np
        >>> from skcrowd import CrowdMultilabelClassifier
        >>> rng = np.random.default_rng(0)
        >>> X = rng.normal(size=(120, 3))
        >>> Y = (X > 0)[:, None] ^ (rng.random((120, 4, 3)) < 0.2)
        >>> clf = CrowdMultilabelClassifier(max_epochs=10, random_state=0).fit(X, Y)
        >>> quality = clf.label_quality(X, Y)
        >>> bool((quality["applies"] == (X > 0).ravel()).mean() > 0.9)
        True
        """
        pd = import_pandas("label_quality")
        evidence, answers = self._label_evidence(X, y, pred_proba, cv)
        levels, index_names = [item_index(answers), self.classes_], ("item", "label")
        index = pd.MultiIndex.from_product(levels, names=index_names)
        decisions, probability = evidence.annotations, evidence.posterior[:, 1]
        entropy = entr(evidence.posterior).sum(axis=1)
        n_ticked = np.bincount(decisions.item, decisions.answer, decisions.n_items)
        columns = {
            "applies": probability > 0.5,
            "probability": probability,
            "quality": np.clip(1 - entropy / np.log(2), 0, 1),
            "network_probability": np.exp(evidence.network[:, 1]),
            "n_answers": decisions.answers_per_item,
            "n_ticked": n_ticked.astype(np.int64),
        }
        return pd.DataFrame(columns, index)

    @uses_one_fit
    def answer_quality(
        self,
        X: Features,
        y: AnswersLike,
        *,
        pred_proba: ArrayLike | None = None,
        cv: Any = 3,
        threshold: float = 0.5,
    ) -> pd.DataFrame:
        """Report which decisions are probably wrong, to tick a label or not.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)
        y : annotations of shape (n_samples, n_annotators)
            As in :meth:`label_quality`.
        pred_proba : array-like of shape (n_samples, n_labels), default=None
            Probabilities in place of the network's own; see :meth:`label_quality`.
        cv : int, splitter, iterable or "prefit", default=3
            How items of ``fit`` are predicted; see :meth:`label_quality`.
        threshold : float, default=0.5
            A decision looks wrong if it is right with a smaller probability.

        Returns
        -------
        answers : pandas.DataFrame of shape (n_answers * n_labels, 7)
            Sorted by item, label, annotator. Columns ``item``, ``label``,
            ``annotator``, ``ticked``, ``applies`` (by the consensus), ``probability``
            (that the decision is right, given the network and all answers) and
            ``looks_wrong``.

        Examples
        --------
        >>> import numpy as np
        >>> from skcrowd import CrowdMultilabelClassifier
        >>> rng = np.random.default_rng(0)
        >>> X = rng.normal(size=(120, 3))
        >>> is_wrong = rng.random((120, 4, 3)) < 0.1
        >>> Y = (X > 0)[:, None] ^ is_wrong
        >>> clf = CrowdMultilabelClassifier(max_epochs=10, random_state=0).fit(X, Y)
        >>> answers = clf.answer_quality(X, Y)
        >>> found = answers["looks_wrong"] == is_wrong.transpose(0, 2, 1).ravel()
        >>> bool(found.mean() > 0.9)
        True
        """
        pd = import_pandas("answer_quality")
        evidence, answers = self._label_evidence(X, y, pred_proba, cv)
        decisions, n_labels = evidence.annotations, len(self.classes_)
        columns = label_answer_columns(evidence, np.array([False, True]), threshold)
        item, label = np.divmod(decisions.item, n_labels)
        return pd.DataFrame(
            {
                "item": item_index(answers)[item],
                "label": self.classes_[label],
                "annotator": self.annotators_[decisions.annotator // n_labels],
                "ticked": decisions.answer == 1,
                "applies": columns["consensus_label"],
                "probability": columns["probability"],
                "looks_wrong": columns["looks_wrong"],
            }
        )

    @uses_one_fit
    def next_queries(
        self,
        X: Features,
        y: AnswersLike,
        n: int,
        *,
        pred_proba: ArrayLike | None = None,
        cv: Any = "prefit",
        annotators: ArrayLike | None = None,
        max_per_item: int = 1,
        max_per_annotator: int | str | None = "auto",
    ) -> pd.DataFrame:
        """Choose the next queries: pairs of item and annotator.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)
            Items that may be asked about.
        y : annotations of shape (n_samples, n_annotators), or None
            What has been answered; it is not asked again. None: nothing.
        n : int
            How many questions.
        pred_proba : array-like of shape (n_samples, n_labels), default=None
            Probabilities in place of the network's own; see :meth:`label_quality`.
        cv : int, splitter, iterable or "prefit", default="prefit"
            How items of ``fit`` are predicted; see :meth:`label_quality`.
        annotators : array-like, default=None
            Names of those who can be asked, of ``annotators_``. None: all.
        max_per_item : int, default=1
            Most new answers to an item.
        max_per_annotator : int, None or "auto", default="auto"
            Most questions to an annotator. "auto" is twice an even share of `n`.

        Returns
        -------
        queries : pandas.DataFrame of shape (n_queries, 3)
            Columns ``item``, ``annotator`` and ``expected_gain``, descending: the
            mutual information of truth and answer, in nats, summed over the labels.

        See Also
        --------
        CrowdClassifier.next_queries : What is said there holds here, too.

        Examples
        --------
        >>> import numpy as np
        >>> from skcrowd import CrowdMultilabelClassifier
        >>> rng = np.random.default_rng(0)
        >>> X = rng.normal(size=(60, 3))
        >>> Y = np.where(rng.random((60, 4, 1)) < 0.5, (X > 0)[:, None], np.nan)
        >>> clf = CrowdMultilabelClassifier(max_epochs=5, random_state=0).fit(X, Y)
        >>> len(clf.next_queries(X, Y, 6))
        6
        """
        pd = import_pandas("next_queries")
        evidence, answers = self._label_evidence(X, y, pred_proba, cv)
        posterior = evidence.posterior.reshape(-1, len(self.classes_), 2)
        asked = self._fitted_annotators(answers.decisions)[answers.pairs[1]]
        return ask(
            pd,
            LabelSetBeliefs(posterior, self.annotator_confusion_),
            (answers.pairs[0], asked),
            self.annotators_,
            ("item", item_index(answers)),
            n,
            annotators=annotators,
            max_per_item=max_per_item,
            max_per_annotator=max_per_annotator,
        )

    def _predict_out_of_sample(self, X: Features, y: AnswersLike, cv: Any) -> Any:
        """Return what `label_quality` and the like take as predictions, by keyword."""
        evidence, _ = self._label_evidence(X, y, None, cv)
        applies = np.exp(evidence.network[:, 1]).reshape(-1, len(self.classes_))
        return {"pred_proba": applies}

    def _n_answered(self, X: Features, y: AnswersLike) -> int | None:
        """Return how many items have answers in `y`, of any form of ``fit``."""
        return n_answered(self._read_answers(y))

    def _label_evidence(
        self, X: Features, y: AnswersLike | None, pred_proba: Any, cv: Any
    ) -> tuple[LabelEvidence, MultilabelAnnotations]:
        """Check X and y, and return the posterior given network and answers."""
        check_insight_input(self, cv, X=X, y=y, pred_proba=pred_proba)
        rows = self._check_X(X)
        answers = self._no_answers(rows) if y is None else self._read_answers(y)
        check_consistent_length(rows, answers)
        pairs = self._fitted_pairs(answers)
        confusion = self.annotator_confusion_.reshape(-1, 2, 2)
        if pred_proba is None:
            log_network = self._truth(rows)
        else:
            log_network = _given_network(pred_proba, answers)
        if is_prefit(cv) or not answers.n_answers:
            return weigh_labels(log_network, pairs, confusion), answers
        seen = is_training_item(rows, self._training_items)
        if pred_proba is None:
            options = {"cv": cv, "method": "predict_proba"}
            log_network = predict_seen(
                log_network,
                seen,
                lambda: _log(np.asarray(cross_fit(self, X, rows, answers, **options))),
                len(self.classes_),
            )
        if np.ptp(pairs.answer) == 0:  # no decision differs, by which to calibrate
            return weigh_labels(log_network, pairs, confusion), answers
        share = self.class_prior_.mean()
        evidence = calibrate_labels(
            log_network,
            pairs,
            confusion,
            class_shares=np.array([1 - share, share]),
            other_counts=None if seen.any() else self._answer_counts,
        )
        return evidence, answers

    def _no_answers(self, rows: Any) -> MultilabelAnnotations:
        """Return annotations of rows that nobody was asked about."""
        n_decisions = rows.shape[0] * len(self.classes_)
        decisions = no_answers(n_decisions, self.annotators_, np.array([0, 1]))
        return MultilabelAnnotations(decisions, self.classes_)

    def _read_answers(self, y: AnswersLike) -> MultilabelAnnotations:
        """Read answers by the labels of the fit; raise for true labels."""
        answers, is_truth = read_multilabel(y, self.classes_)
        if is_truth:
            raise ValueError(
                "y holds one set of labels for each item, which are true labels; pass "
                "those of annotators, with a cell for each item and annotator."
            )
        return answers

    def _fitted_pairs(self, answers: MultilabelAnnotations) -> Annotations:
        """Return the decisions, by annotators of the fit and labels."""
        raise NotImplementedError

    def _html_summary(self) -> tuple[list[str], str]:
        report = self._report_columns(0.95, by_label=False)
        names = ["annotator", "answers", "labels ticked", "F1 of these (95 %)"]
        facts = [
            f"{self.n_annotators_} annotators, {self.annotator_n_answers_.sum()} "
            f"answers, {len(self.classes_)} labels"
        ]
        return facts, ends_table(
            names,
            np.nan_to_num(report["f1"]),
            lambda rows: [self._html_row(report, row) for row in rows.tolist()],
        )

    def _html_row(self, report: dict[str, Array], row: int) -> list[str]:
        f1, low, high = (report[name][row] for name in ("f1", "f1_low", "f1_high"))
        counts = (str(report[name][row]) for name in ("n_answers", "n_ticked"))
        return [text(self.annotators_[row]), *counts, bar(f1, low, high)]


def _given_network(pred_proba: Any, answers: MultilabelAnnotations) -> FloatArray:
    """Return log-probabilities of both classes that the user gave."""
    table = plain(pred_proba, "pred_proba")
    given = given_array(table, "pred_proba")
    shape = answers.n_items, answers.n_labels
    if given.shape != shape or not ((given >= 0) & (given <= 1)).all():
        raise ValueError(
            f"pred_proba has shape {given.shape}, expected {shape}: for each item and "
            "label the probability that it applies, from 0 to 1."
        )
    if hasattr(table, "columns"):
        columns = list(table.columns)
        given = given[:, named_columns(columns, answers.classes, "pred_proba")]
    return _log(given)


def _log(applies: FloatArray) -> FloatArray:
    """Return log-probabilities of both classes, (n_items * n_labels, 2)."""
    applies = applies.ravel()
    logs: FloatArray = log_of(np.stack([1 - applies, applies], axis=1))
    return logs
