"""Reports and further queries of a fitted classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skcrowd.aggregation._annotator_prior import confusion_counts, read_annotator_prior
from skcrowd.annotations import check_annotations
from skcrowd.annotations._answered import n_answered
from skcrowd.annotations._join import with_annotators
from skcrowd.estimators._html import bar, ends_table, rows_to_display, table, text
from skcrowd.estimators._label_estimator import LabelEstimator
from skcrowd.estimators._snapshot import uses_one_fit
from skcrowd.estimators._training_items import is_training_item
from skcrowd.metrics._annotator_accuracy import COMMON_SHIFT_STD, ORDERED_SHIFT_STD

from ._annotator_columns import common_columns
from ._ask import ask
from ._beliefs import LabelBeliefs
from ._cross_fit import (
    check_insight_input,
    cross_fit,
    is_prefit,
    log_of,
    predict_seen,
)
from ._data_frames import check_level, import_pandas, item_index, row_index
from ._evidence import (
    calibrate_labels,
    check_pred_proba,
    no_answers,
    weigh_labels,
)
from ._label_report import (
    chosen,
    label_columns,
    own_accuracy,
    rank_columns,
    tables_of,
)
from ._quality import label_answer_columns, label_quality_columns

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import AnswersLike, Array, ArrayLike, BoolArray, Features
    from skcrowd.annotations import Annotations

    from ._evidence import LabelEvidence


__all__ = ["LabelInsight"]


class LabelInsight(LabelEstimator):
    """Reports on annotators, items and answers of a fitted classifier."""

    @uses_one_fit
    def annotator_report(self, *, level: float = 0.95) -> pd.DataFrame:
        """Report how accurate each annotator is, one row per annotator.

        Parameters
        ----------
        level : float, default=0.95
            Probability that an interval holds the accuracy.

        Returns
        -------
        report : pandas.DataFrame of shape (n_annotators, 11) to (n_annotators, 14)
            Index "annotator", the names of ``annotators_`` in their order. Columns:

            - ``n_answers``: answers learned from.
            - ``accuracy``: expected share of the annotator's own answers that are
              right, as given; NaN for annotators without answers.
            - ``accuracy_low``, ``accuracy_high``: interval for the probability with
              which answers like these are right; from 0 to 1 without answers.
            - ``average_item_accuracy``: probability of a right answer to an item whose
              class is drawn with the shares ``class_prior_``, from
              ``annotator_confusion_``. It is comparable where annotators answered
              items of different classes, but estimated rows are shrunk to the crowd's,
              so with few answers it says little of the annotator; without answers it
              is the crowd's.
            - ``worst_confusion``: the mistake that was made most often, as
              "truth → answer"; empty where less than half a mistake of one sort is
              expected.
            - ``worst_confusion_probability``: share of that answer among the
              annotator's own answers to items of this truth.
            - ``spammer_score``: 0 where answers are independent of the truth, 1 where
              they determine it
              (:func:`skcrowd.metrics.spammer_score`), from ``annotator_confusion_``.
            - ``bias``, ``bias_class``: the class whose share of the answers differs
              most from its share of the truth, and by how much; above 0 it is given
              too often. Also from ``annotator_confusion_``.
            - ``rank_bias``, ``rank_error``, where the classes have an order: mean
              difference and mean distance of answer and truth in steps, for items whose
              class is drawn with the shares ``class_prior_``; a bias above 0 is of one
              who answers too high. From ``annotator_confusion_``.
            - ``group``: the name of the group of annotators who err together, as
              ``annotator_groups`` of :class:`skcrowd.methods.RegularizedEM` gives it,
              or the number of the group as found by
              :func:`skcrowd.metrics.annotator_dependence`; missing for those in none.
              After ``partial_fit``, which looks for none, that of an earlier fit.
            - ``median_time``, where the answers have times: the median of the
              annotator's answers, in their unit; NaN where none is known.
              :func:`skcrowd.metrics.answer_times` says who is implausibly fast.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.

        Notes
        -----
        An answer is right with the probability that the posterior of the truth
        (``posterior_``) gives to its class; methods without one take Bayes' rule on the
        network and ``annotator_confusion_``. ``accuracy`` is the mean of these, and is
        not shrunk. Gold given to ``fit`` is certain.

        The interval is that of a beta distribution with mean and variance of the
        posterior of a proportion under Jeffreys' prior, mixed over the unknown number
        of right answers. That number has a larger variance than ``posterior_`` says,
        which is fitted to the same answers and too certain: it is computed from a
        posterior whose evidence is weighted to predict held-out answers, and lets the
        log-odds of all answers of an annotator be wrong together, with a standard
        deviation of 1. That value was chosen on public crowds. It ends at 0 or 1 where
        it may be, within a standard deviation, that no answer is right, or all are.

        A network that has learned the answers to an item predicts them too well, so
        doubt is computed from networks that were not trained on the item, which
        :class:`skcrowd.methods.RegularizedEM` has. With other methods, and after
        ``partial_fit`` or a warm start, intervals are too narrow where answers are few
        or the network learns them by heart. Where most items have one answer,
        ``accuracy`` itself is too high for who answers at random.

        How many intervals hold the accuracy is listed in
        ``docs/guide/reliability.md``. Too few do where a crowd errs together more than
        its answers show, as some public crowds do, MS and ZenCrowd among them.

        References
        ----------
        L. D. Brown, T. T. Cai, A. DasGupta. Interval estimation for a binomial
        proportion. Statistical Science 16(2), 2001. doi:10.1214/ss/1009213286. The
        variance of the number of right answers is our choice.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from skcrowd import CrowdClassifier
        >>> from skcrowd.datasets import make_annotations
        >>> X, truth = load_iris(return_X_y=True)
        >>> kinds = {"expert": 1, "average": 3, "random": 2}
        >>> crowd = make_annotations(truth, kinds, random_state=0)
        >>> Y = crowd.annotations
        >>> clf = CrowdClassifier(max_epochs=10, random_state=0).fit(X, Y)
        >>> report = clf.annotator_report()
        >>> bool(report["spammer_score"].loc[[4, 5]].max() < 0.1)
        True
        >>> bool(report["accuracy_low"][0] > report["accuracy_high"][5])
        True
        """
        pd = import_pandas("annotator_report")
        check_is_fitted(self)
        columns = self._report_columns(slice(None), level) | common_columns(self)
        return pd.DataFrame(columns, index=row_index(pd, "annotator", self.annotators_))

    def _report_columns(self, rows: slice, level: float) -> dict[str, Array]:
        check_level(level)
        right = self._stored_right_answers()
        confusion = chosen(self._stored_confusions(), rows)
        columns = label_columns(
            confusion,
            tables_of(self._answer_counts, rows),
            self.class_prior_,
            self.annotator_n_answers_[rows],
            None if right is None else right.of(rows),
            self.classes_,
            level,
            self._design_effect(),
            COMMON_SHIFT_STD if self._class_ranks is None else ORDERED_SHIFT_STD,
        )
        if self._class_ranks is not None:
            ranks = self._class_ranks
            columns |= rank_columns(confusion, self.class_prior_, ranks)
        return columns

    def _design_effect(self) -> Any:
        """Return how many answers are worth one that is independent."""
        return 1.0

    @uses_one_fit
    def label_quality(
        self,
        X: Features,
        y: AnswersLike,
        *,
        pred_proba: ArrayLike | None = None,
        cv: Any = 3,
    ) -> pd.DataFrame:
        """Report how certain the consensus of each item is, one row per item.

        The consensus is that of network and answers: each answer is weighted by
        the confusion matrix of its annotator. Probabilities are out of sample: no
        network predicts an item that it was trained on.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)
        y : annotations of shape (n_samples, n_annotators), or None
            Answers in any form of ``fit``, also to other items, of annotators of
            ``fit``. None: there are no answers.
        pred_proba : array-like of shape (n_samples, n_classes), default=None
            Probabilities of the classes in place of the network's own. For training
            items they should be out of sample, as those of
            ``cross_val_predict(method="predict_proba")``.
        cv : int, splitter, iterable or "prefit", default=3
            How items of ``fit`` are predicted. By default clones of the estimator are
            fitted to X and y three times more, each without a third of the items,
            which it predicts; so pass all items of ``fit``, not some. Items that
            ``fit`` has not seen are predicted by the fitted network. "prefit" is the
            in-sample shortcut: no further fit, and no calibration, but Bayes' rule
            with the network and the confusion matrices of ``fit``. On training items
            its probabilities are far too certain.

        Returns
        -------
        quality : pandas.DataFrame of shape (n_samples, 7)
            Index "item": the index of a DataFrame ``y``, or the names of its items,
            else row numbers. Columns:

            - ``consensus_label``, ``consensus_probability``: the most probable class
              and its probability.
            - ``entropy``: of the probabilities of the classes, in nats.
            - ``quality``: 1 - entropy / log(n_classes); 1 where the class is certain, 0
              where nothing is known of it.
            - ``network_label``: the most probable class without the answers.
            - ``n_answers``: answers in ``y``.
            - ``agreement``: share of them that are the consensus; NaN without answers.

        Raises
        ------
        ValueError
            If ``y`` has other annotators or labels than ``fit``, `pred_proba` is of
            another shape, `cv` is none of the above, or there are too few items.

        Warns
        -----
        CrowdWarning
            If `y` has less than half of the answers of ``fit``, from which the clones
            learn less than the estimator did.

        See Also
        --------
        answer_quality : The same for every answer.
        skcrowd.metrics.expected_label_errors : How many labels are wrong.
        skcrowd.model_selection.cross_val_predict : Makes `pred_proba`, which several
            calls can share.

        Notes
        -----
        Bayes' rule on a network and independent answers is too certain, also out of
        sample: networks are too certain, confusion matrices come from few answers, and
        annotators err on the same items. So an answer is weighed by the confusion of
        its annotator as estimated without the item, and the log-probabilities of
        network and answers are multiplied by two weights, which maximise the likelihood
        of each answer given the network and the other answers to its item. No true
        label is needed, but errors that all annotators and the network share remain
        unseen. How much confusions are shrunk to that of the crowd is chosen by the
        answers, too, by type-II maximum likelihood, and what a network predicts is
        evidence relative to its mean prediction for the items of ``fit``. (For tags it
        is not: errors extend over several tokens.) On public crowds and simulated ones
        calibration errors are listed in ``docs/guide/reliability.md``. Answers to an
        item by annotators who err together (column ``group`` of
        :meth:`annotator_report`) count as the effective number of independent ones.

        Clones are fitted to ``X`` and ``y`` alone, without ``sample_weight`` and
        ``gold``, and with the parameters of the estimator. With an integer
        ``random_state`` the result is the same each time. Annotators are taken as the
        same for all items, whatever the method.

        References
        ----------
        H. W. Goh, U. Tkachenko, J. Mueller. CROWDLAB: Supervised learning to infer
        consensus labels and quality scores for data with multiple annotators. 2022,
        arXiv:2210.06812. It weighs annotators by one number each; here confusion
        matrices do.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from skcrowd import CrowdClassifier
        >>> from skcrowd.datasets import make_annotations
        >>> X, truth = load_iris(return_X_y=True)
        >>> crowd = make_annotations(truth, 6, answers_per_item=2, random_state=0)
        >>> Y = crowd.annotations
        >>> clf = CrowdClassifier(max_epochs=10, random_state=0).fit(X, Y)
        >>> quality = clf.label_quality(X, Y)
        >>> bool((quality["consensus_label"] == truth).mean() > 0.8)
        True
        >>> least_sure = quality["quality"].nsmallest(10).index
        """
        pd = import_pandas("label_quality")
        evidence = self._label_evidence(X, y, pred_proba, cv)
        index = row_index(pd, "item", item_index(evidence.annotations))
        columns = label_quality_columns(evidence, self.classes_)
        return pd.DataFrame(columns, index=index)

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
        """Report which answers are probably wrong, one row per answer.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)
        y : annotations of shape (n_samples, n_annotators)
            As in :meth:`label_quality`.
        pred_proba : array-like of shape (n_samples, n_classes), default=None
            Probabilities of the classes in place of the network's own; see
            :meth:`label_quality`.
        cv : int, splitter, iterable or "prefit", default=3
            How items of ``fit`` are predicted, by three further fits or in sample; see
            :meth:`label_quality`.
        threshold : float, default=0.5
            An answer looks wrong if it is right with a smaller probability.

        Returns
        -------
        answers : pandas.DataFrame of shape (n_answers, 6)
            Sorted by item, then annotator. Columns ``item`` (as in
            :meth:`label_quality`), ``annotator``, ``label``, ``consensus_label``,
            ``probability`` (that the answer is the truth, given the network and all
            answers) and ``looks_wrong``.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from skcrowd import CrowdClassifier
        >>> from skcrowd.datasets import make_annotations
        >>> X, truth = load_iris(return_X_y=True)
        >>> crowd = make_annotations(truth, 6, answers_per_item=2, random_state=0)
        >>> Y = crowd.annotations
        >>> clf = CrowdClassifier(max_epochs=10, random_state=0).fit(X, Y)
        >>> answers = clf.answer_quality(X, Y)
        >>> is_wrong = answers["label"] != truth[answers["item"]]
        >>> bool((answers["looks_wrong"] == is_wrong).mean() > 0.8)
        True
        """
        pd = import_pandas("answer_quality")
        evidence = self._label_evidence(X, y, pred_proba, cv)
        item = item_index(evidence.annotations)[evidence.annotations.item]
        columns = label_answer_columns(evidence, self.classes_, threshold)
        return pd.DataFrame({"item": item, **columns})

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

        One question after another is chosen: the open pair of item and annotator whose
        answer is expected to tell most of the truth, given network, answers, and the
        questions chosen before.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)
            Items that may be asked about.
        y : annotations of shape (n_samples, n_annotators), or None
            What has been answered, as in :meth:`label_quality`; it is not asked again.
            None: nothing.
        n : int
            How many questions.
        pred_proba : array-like of shape (n_samples, n_classes), default=None
            Probabilities of the classes in place of the network's own; see
            :meth:`label_quality`.
        cv : int, splitter, iterable or "prefit", default="prefit"
            How items of ``fit`` are predicted; see :meth:`label_quality`. By default in
            sample, without further fits: what counts is the order of the items.
        annotators : array-like, default=None
            Names of those who can be asked, of ``annotators_``. None: all.
        max_per_item : int, default=1
            Most new answers to an item.
        max_per_annotator : int, None or "auto", default="auto"
            Most questions to an annotator. "auto" is twice an even share of `n`, so
            that the best annotator does not get all the work; None sets no limit.

        Returns
        -------
        queries : pandas.DataFrame of shape (n_queries, 3)
            Columns ``item`` (as in :meth:`label_quality`), ``annotator`` and
            ``expected_gain``, descending; fewer than `n` rows where the limits allow no
            more. The gain is the mutual information of truth and answer, in nats, given
            the questions before.

        Raises
        ------
        ValueError
            If a number is no positive integer, `annotators` are unknown, or ``y`` has
            other annotators or labels than ``fit``.

        Notes
        -----
        Time grows with items × annotators × classes², memory with annotators ×
        ``min(n, n_samples)``; gains are computed in blocks of items. The gain counts
        what an answer tells of its own item. What it would tell of the annotator, or
        teach the network, is not in it: fit again from time to time. After several
        answers asked for an item, of the outcomes only the 256 most probable are
        followed.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from skcrowd import CrowdClassifier
        >>> from skcrowd.datasets import make_annotations
        >>> X, truth = load_iris(return_X_y=True)
        >>> kinds = {"expert": 2, "random": 4}
        >>> crowd = make_annotations(truth, kinds, answers_per_item=3, random_state=0)
        >>> Y = crowd.annotations
        >>> clf = CrowdClassifier(max_epochs=10, random_state=0).fit(X, Y)
        >>> queries = clf.next_queries(X, Y, 6)
        >>> int(queries["item"].nunique()), int((queries["annotator"] < 2).sum())
        (6, 4)
        """
        pd = import_pandas("next_queries")
        evidence = self._label_evidence(X, y, pred_proba, cv)
        annotations = evidence.annotations
        return ask(
            pd,
            LabelBeliefs(evidence.posterior, self._stored_confusions()),
            (annotations.item, annotations.annotator),
            self.annotators_,
            ("item", item_index(annotations)),
            n,
            annotators=annotators,
            max_per_item=max_per_item,
            max_per_annotator=max_per_annotator,
        )

    def _label_evidence(
        self, X: Features, y: AnswersLike, pred_proba: Any, cv: Any
    ) -> LabelEvidence:
        """Check X and y, and return the posterior given network and answers."""
        check_insight_input(self, cv, X=X, y=y, pred_proba=pred_proba)
        X = self._check_X(X)
        n_items = X.shape[0]
        if y is None:
            annotations = no_answers(n_items, self.annotators_, self.classes_)
        else:
            annotations = check_annotations(y, classes=self.classes_)
            check_consistent_length(X, annotations)
            annotator = self._fitted_annotators(annotations)
            annotations = with_annotators(annotations, annotator, self.annotators_)
        if pred_proba is not None:
            pred_proba = check_pred_proba(pred_proba, n_items, self.classes_)
        return self._weighed(X, X, annotations, annotations, pred_proba, cv)

    def _weighed(
        self,
        X: Features,
        rows: Any,
        y: AnswersLike,
        annotations: Annotations,
        log_network: Array | None,
        cv: Any,
        **params: Any,
    ) -> LabelEvidence:
        """Predict the items unless given, and combine predictions and answers.

        Parameters
        ----------
        X : object
            As ``fit`` takes it.
        rows : ndarray, CSR matrix or SequenceRows of n_samples
            X, checked.
        y : Annotations or SequenceAnnotations of n_samples
            With the classes and annotators of the fit.
        annotations : Annotations of n_items
            Those of `y`, or of its tokens.
        log_network : ndarray of shape (n_items, n_classes), or None
            Log-probabilities that the user gave.
        cv : int, splitter, iterable or "prefit"
        **params
            For ``fit`` and the prediction of a clone.

        Returns
        -------
        evidence : LabelEvidence
        """
        groups = self._dependent_groups()
        if is_prefit(cv) or not annotations.n_answers:
            if log_network is None:
                log_network = self._truth(rows)
            confusion = self._stored_confusions()
            return weigh_labels(log_network, annotations, confusion, groups)
        seen = is_training_item(rows, self._training_items)
        if log_network is None:
            options = {"cv": cv, "method": "predict_proba", **params}
            log_network = predict_seen(
                self._truth(rows),
                seen,
                lambda: log_of(cross_fit(self, X, rows, y, **options)),
                getattr(rows, "lengths", 1),  # tokens
            )
        counts = None if seen.any() else self._answer_counts
        return calibrate_labels(
            log_network,
            annotations,
            self._stored_confusions(),
            class_shares=self.class_prior_,
            other_counts=self._with_prior(counts),
            class_ranks=self._class_ranks,
            groups=groups,
            of_fit=self._independent(seen),
        )

    def _independent(self, seen: BoolArray) -> BoolArray | None:
        """Return which items are of ``fit``, if items are independent."""
        return seen

    def _predict_out_of_sample(self, X: Features, y: AnswersLike, cv: Any) -> Any:
        """Return what `label_quality` and the like take as predictions, by keyword."""
        evidence = self._label_evidence(X, y, None, cv)
        return {"pred_proba": np.exp(evidence.network)}

    def _n_answered(self, X: Features, y: AnswersLike) -> int | None:
        """Return how many items have answers in `y`, of any form of ``fit``."""
        return n_answered(check_annotations(y, classes=self.classes_))

    def _with_prior(self, counts: Any) -> Any:
        """Add what ``annotator_prior`` knows to counts of answers to other items."""
        if self.annotator_prior is None or self._is_truth_given:
            return counts
        accuracy, n_questions = read_annotator_prior(
            self.annotator_prior, self.annotators_, 1.0, require_all=False
        )
        prior = confusion_counts(accuracy, n_questions, len(self.classes_))
        return prior if counts is None else counts + prior

    def _html_summary(self) -> tuple[list[str], str]:
        right, n_answers = self._stored_right_answers(), self.annotator_n_answers_
        accuracy = own_accuracy(right, n_answers)
        columns = ["annotator", "answers", "accuracy (95 %)", "worst confusion"]
        facts = [
            f"{len(accuracy)} annotators, {self.annotator_n_answers_.sum()} answers",
            self._html_class_shares(),
        ]
        return facts, ends_table(columns, accuracy, self._html_annotators)

    def _html_class_shares(self) -> str:
        order = np.argsort(-self.class_prior_, kind="stable")
        (shown, *_) = rows_to_display(self.class_prior_)
        rows = [[text(self.classes_[k]), bar(self.class_prior_[k])] for k in shown]
        return table(["class", "share"], [rows, []], len(order) - len(shown))

    def _html_annotators(self, group: Any) -> list[list[str]]:
        report = self._report_columns(group, 0.95)
        ends = zip(report["accuracy_low"], report["accuracy_high"], strict=True)
        return [
            [text(name), str(n), bar(accuracy, *interval), text(worst)]
            for name, n, accuracy, interval, worst in zip(
                self.annotators_[group],
                report["n_answers"],
                report["accuracy"],
                ends,
                report["worst_confusion"],
                strict=True,
            )
        ]
