"""Reports and further queries of a fitted regressor."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skcrowd.aggregation._answer_evidence import refuse_rating_evidence
from skcrowd.aggregation._rating_regression import in_unit
from skcrowd.annotations import check_annotations
from skcrowd.annotations._answered import n_answered
from skcrowd.annotations._join import with_annotators
from skcrowd.estimators._crowd_estimator import CrowdEstimator
from skcrowd.estimators._html import bar, ends_table, text
from skcrowd.estimators._numbers import AnswerScaler
from skcrowd.estimators._snapshot import uses_one_fit
from skcrowd.estimators._training_items import is_training_item

from ._annotator_columns import common_columns
from ._ask import ask
from ._beliefs import NumberBeliefs
from ._cross_fit import check_insight_input, cross_fit, is_prefit, predict_seen
from ._data_frames import check_level, import_pandas, item_index, row_index
from ._evidence import (
    calibrate_numbers,
    check_prediction,
    no_answers,
    weigh_numbers,
)
from ._number_report import number_columns
from ._quality import number_answer_columns, number_quality_columns

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import AnswersLike, Array, ArrayLike, Features, FloatArray
    from skcrowd.annotations import Annotations

    from ._evidence import NumberEvidence


__all__ = ["NumberInsight"]

LEAST_NOISE = 1e-6  # as a share of the truth's deviation


class NumberInsight(CrowdEstimator):
    """Reports on annotators, items and ratings of a fitted regressor."""

    annotator_bias_: FloatArray
    annotator_noise_std_: FloatArray
    annotator_offset_: FloatArray
    annotator_scale_: FloatArray
    posterior_mean_: FloatArray
    posterior_std_: FloatArray
    prediction_std_: float
    _offset_var: float | None
    _rating_regressions: FloatArray | None
    _scaler: AnswerScaler
    _truth_moments: FloatArray | None

    @uses_one_fit
    def annotator_report(self, *, level: float = 0.95) -> pd.DataFrame:
        """Report how accurate each annotator is, one row per annotator.

        Parameters
        ----------
        level : float, default=0.95
            Probability that an interval holds what it is for.

        Returns
        -------
        report : pandas.DataFrame of shape (n_annotators, 14) or (n_annotators, 15)
            Index "annotator", the names of ``annotators_`` in their order. Columns:

            - ``n_answers``: ratings learned from.
            - ``offset``: how much too high the annotator rates an item whose truth is
              the mean of the truth, in the unit of ``y``.
            - ``scale``: how much differences are stretched (above 1) or squeezed.
            - ``noise_std``: standard deviation of the noise, in the unit of ``y``.
            - ``correlation``: of rating and truth over all items. Its square is the
              share of the ratings' variance that is truth; below 0 the scale is used
              upside down.
            - ``offset_low``, ``offset_high``, and so on for all four: interval.
            - ``group``: number of the group of annotators whose ratings correlate more
              than the truth explains, or are the same; missing for those in none, and
              after ``partial_fit`` that of an earlier fit.
            - ``median_time``, where the ratings have times: the median of the
              annotator's ratings, in their unit; NaN where none is known.

            With one or two ratings, scale, noise and correlation are NaN, with their
            intervals, and the offset is that with scale 1 and the noise of the crowd.
            Without ratings all are NaN. An annotator whose ratings are all alike has
            scale, noise and correlation 0; how far they may be from it, the intervals
            say. The offset of a single annotator has an interval of NaN: nothing shows
            it.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.

        Notes
        -----
        The values are those of the annotator's own ratings: the least-squares line of
        the ratings on the truth, with no prior, and the variance about it. Those shrunk
        to the crowd's, with which the truth was inferred, are ``annotator_offset_``,
        ``annotator_scale_`` and ``annotator_noise_std_``. For the line, the truth of an
        item is inferred from features and the ratings of the others. The annotator's
        own rating is left out, and so is its influence on the prediction of the
        network, as far as ``prediction_std_`` shows it: measured with
        ``calibrate=True``, or by early stopping. What remains uncertain of the truth is
        taken off the variance about the line.

        Intervals are Student's for offset and scale, from the quantiles of χ² for the
        noise, and from the noncentral t-distribution for the correlation; with three
        ratings they are very wide.

        Groups are sought as :func:`skcrowd.metrics.annotator_dependence` does among
        labels, with the correlation of two annotators' ratings in place of kappa, and
        among annotators with equal ratings of nearly all their items.

        Ratings do not show what all annotators have in common. The reference is that
        the mean offset, weighted by ratings, is 0 and the median scale 1. Where
        annotators are a sample of many, of whom that holds, it holds of this crowd up
        to the sampling error of mean and median, and the intervals of offset and scale
        contain that error. With `gold` in ``fit`` the reference of the offset is the
        truth itself. A mistake that all annotators make is in no interval.

        On simulated crowds 95 % intervals held 91 to 100 of 100 true values. On real
        ones they held fewer where annotators have common errors that are not about one
        offset and scale, and where few ratings an item leave most to the network
        (``benchmarks/rater_intervals.py``).

        Examples
        --------
        >>> from sklearn.datasets import load_diabetes
        >>> from skcrowd import CrowdRegressor
        >>> from skcrowd.datasets import make_annotations
        >>> X, truth = load_diabetes(return_X_y=True)
        >>> kinds = {"expert": 2, "average": 3, "random": 1}
        >>> crowd = make_annotations(truth, kinds, kind="numbers", random_state=0)
        >>> reg = CrowdRegressor(max_epochs=20, random_state=0)
        >>> report = reg.fit(X, crowd.annotations).annotator_report()
        >>> int(report["correlation"].idxmin())
        5
        """
        pd = import_pandas("annotator_report")
        check_is_fitted(self)
        columns = self._report_columns(slice(None), level) | common_columns(self)
        return pd.DataFrame(columns, index=row_index(pd, "annotator", self.annotators_))

    def _report_columns(self, rows: slice, level: float) -> dict[str, Array]:
        check_level(level)
        if self._rating_regressions is None:
            raise ValueError(
                "this estimator was stored by a version of skcrowd without intervals "
                "of scale and noise; fit it again to have its annotator_report."
            )
        assert self._truth_moments is not None
        # Standardised, because powers of large and small numbers overflow.
        size = self._scaler.size
        _, truth_mean, truth_var = self._truth_moments
        offset_var = self._offset_var
        columns = number_columns(
            in_unit(self._rating_regressions, 1 / size),
            truth_mean / size,
            truth_var / size**2,
            level,
            None if offset_var is None else offset_var / size**2,
        )
        for name in ("offset", "noise_std"):
            for limit in ("", "_low", "_high"):
                columns[f"{name}{limit}"] *= size
        columns = {"n_answers": self.annotator_n_answers_, **columns}
        return {name: values[rows] for name, values in columns.items()}

    def _residual_var(self) -> float:
        """Variance of the truth among the items of ``fit``."""
        return float(np.nanvar(self.posterior_mean_)) + float(
            np.nanmean(self.posterior_std_**2)
        )

    @uses_one_fit
    def label_quality(
        self,
        X: Features,
        y: AnswersLike,
        *,
        prediction: ArrayLike | None = None,
        cv: Any = 3,
    ) -> pd.DataFrame:
        """Report how certain the consensus of each item is, one row per item.

        The consensus is that of network and ratings: each rating is brought to the unit
        of the truth, and counts by its annotator's noise. Predictions are out of
        sample: no network predicts an item that it was trained on.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)
        y : annotations of shape (n_samples, n_annotators), or None
            Ratings in any form of ``fit``, also of other items, by annotators of
            ``fit``. None: there are no ratings.
        prediction : array-like of shape (n_samples,), default=None
            Predictions in place of the network's own. For training items they should
            be out of sample, as those of
            :func:`skcrowd.model_selection.cross_val_predict`.
        cv : int, splitter, iterable or "prefit", default=3
            How items of ``fit`` are predicted. By default clones of the estimator are
            fitted to X and y three times more, each without a third of the items,
            which it predicts; so pass all items of ``fit``, not some. Items that
            ``fit`` has not seen are predicted by the fitted network. "prefit" is the
            in-sample shortcut: no further fit, and variances as ``fit`` has found them,
            which are too small for training items.

        Returns
        -------
        quality : pandas.DataFrame of shape (n_samples, 6)
            Index "item": the index of a DataFrame ``y``, or the names of its items,
            else row numbers. Columns:

            - ``consensus``, ``std``: mean and standard deviation of the truth given
              network and ratings.
            - ``quality``: 1 - std² / variance of the truth among the items of ``fit``;
              1 where the number is certain, 0 where nothing is known of it.
            - ``network``: the prediction without the ratings.
            - ``n_answers``: ratings in ``y``.
            - ``mean_rating``: their mean, as they are; NaN without ratings.

        Raises
        ------
        ValueError
            If ``y`` has other annotators than ``fit``, `prediction` is of another
            shape, `cv` is none of the above, or there are too few items.

        Warns
        -----
        CrowdWarning
            If `y` has less than half of the ratings of ``fit``, from which the clones
            learn less than the estimator did.

        See Also
        --------
        answer_quality : The same for every rating.

        Notes
        -----
        The variance of the truth about the predictions, and a factor of the noise
        variances of all annotators, are those of maximum likelihood on the ratings in
        ``y``. Errors that all annotators share remain unseen. Clones are fitted to
        ``X`` and ``y`` alone, without ``sample_weight`` and ``gold``; scales and biases
        are those of ``fit``.

        Examples
        --------
        >>> from sklearn.datasets import load_diabetes
        >>> from skcrowd import CrowdRegressor
        >>> from skcrowd.datasets import make_annotations
        >>> X, truth = load_diabetes(return_X_y=True)
        >>> crowd = make_annotations(
        ...     truth, 6, kind="numbers", answers_per_item=2, random_state=0
        ... )
        >>> reg = CrowdRegressor(max_epochs=20, random_state=0)
        >>> quality = reg.fit(X, crowd.annotations).label_quality(X, crowd.annotations)
        >>> least_sure = quality["quality"].nsmallest(10).index
        """
        pd = import_pandas("label_quality")
        evidence = self._number_evidence(X, y, prediction, cv)
        index = row_index(pd, "item", item_index(evidence.annotations))
        columns = number_quality_columns(evidence, self._residual_var())
        return pd.DataFrame(columns, index=index)

    @uses_one_fit
    def answer_quality(
        self,
        X: Features,
        y: AnswersLike,
        *,
        prediction: ArrayLike | None = None,
        cv: Any = 3,
        threshold: float = 3.0,
    ) -> pd.DataFrame:
        """Report which ratings are probably wrong, one row per rating.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)
        y : annotations of shape (n_samples, n_annotators)
            As in :meth:`label_quality`.
        prediction : array-like of shape (n_samples,), default=None
            Predictions in place of the network's own; see :meth:`label_quality`.
        cv : int, splitter, iterable or "prefit", default=3
            How items of ``fit`` are predicted, by three further fits or in sample; see
            :meth:`label_quality`.
        threshold : float, default=3.0
            A rating looks wrong if its residual is further from 0.

        Returns
        -------
        answers : pandas.DataFrame of shape (n_answers, 6)
            Sorted by item, then annotator. Columns ``item`` (as in
            :meth:`label_quality`), ``annotator``, ``rating``, ``expected`` (from this
            annotator, by network and the other ratings), ``residual`` (rating less
            expected, in standard deviations) and ``looks_wrong``.
        """
        pd = import_pandas("answer_quality")
        evidence = self._number_evidence(X, y, prediction, cv)
        item = item_index(evidence.annotations)[evidence.annotations.item]
        columns = number_answer_columns(evidence, threshold)
        return pd.DataFrame({"item": item, **columns})

    @uses_one_fit
    def next_queries(
        self,
        X: Features,
        y: AnswersLike,
        n: int,
        *,
        annotators: ArrayLike | None = None,
        max_per_item: int = 1,
        max_per_annotator: int | str | None = "auto",
    ) -> pd.DataFrame:
        """Choose the next queries: pairs of item and annotator.

        One question after another is chosen: the open pair of item and annotator whose
        rating takes most off the variance of the truth, given the questions before.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)
            Items that may be asked about.
        y : annotations of shape (n_samples, n_annotators), or None
            What has been rated, as in :meth:`label_quality`; it is not asked again.
            None: nothing.
        n : int
            How many questions.
        annotators : array-like, default=None
            Names of those who can be asked, of ``annotators_``. None: all.
        max_per_item : int, default=1
            Most new ratings of an item.
        max_per_annotator : int, None or "auto", default="auto"
            Most questions to an annotator. "auto" is twice an even share of `n`, so
            that the best annotator does not get all the work; None sets no limit.

        Returns
        -------
        queries : pandas.DataFrame of shape (n_queries, 3)
            Columns ``item`` (as in :meth:`label_quality`), ``annotator`` and
            ``expected_gain``, descending; fewer than `n` rows where the limits allow no
            more. The gain is in the squared unit of ``y``.

        Raises
        ------
        ValueError
            If a number is no positive integer, `annotators` are unknown, or ``y`` has
            other annotators than ``fit``.

        Notes
        -----
        The variance of an item without ratings is ``prediction_std_`` squared, the same
        for all: what is asked depends on who has rated what, not on ``X``.
        """
        pd = import_pandas("next_queries")
        evidence = self._number_evidence(X, y, None, "prefit")
        annotations = evidence.annotations
        scale, _, noise_var = self._scale_bias_noise()
        return ask(
            pd,
            NumberBeliefs(evidence.var, scale**2 / noise_var),
            (annotations.item, annotations.annotator),
            self.annotators_,
            ("item", item_index(annotations)),
            n,
            annotators=annotators,
            max_per_item=max_per_item,
            max_per_annotator=max_per_annotator,
        )

    def _scale_bias_noise(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Scale, bias and variance of the noise, which is never quite zero."""
        least = LEAST_NOISE * (np.sqrt(self._residual_var()) or 1.0)
        noise_std = np.maximum(self.annotator_noise_std_, least)
        return self.annotator_scale_, self.annotator_bias_, noise_std**2

    def _predict_out_of_sample(self, X: Features, y: AnswersLike, cv: Any) -> Any:
        """Return what `label_quality` and the like take as predictions, by keyword."""
        return {"prediction": self._number_evidence(X, y, None, cv).network}

    def _n_answered(self, X: Features, y: AnswersLike) -> int | None:
        """Return how many items have ratings in `y`, of any form of ``fit``."""
        return n_answered(check_annotations(y, kind="numbers"))

    def _number_evidence(
        self, X: Features, y: AnswersLike, prediction: Any, cv: Any
    ) -> NumberEvidence:
        """Check X and y, and return the posterior given network and ratings."""
        check_insight_input(self, cv, X=X, y=y, prediction=prediction)
        X = self._check_X(X)
        n_items = X.shape[0]
        if y is None:
            annotations = no_answers(n_items, self.annotators_)
        else:
            annotations = check_annotations(y, kind="numbers")
            refuse_rating_evidence(annotations, type(self).__name__)
            check_consistent_length(X, annotations)
            annotator = self._fitted_annotators(annotations)
            annotations = with_annotators(annotations, annotator, self.annotators_)
        if prediction is not None:
            prediction = check_prediction(prediction, n_items)
        return self._weighed(X, annotations, prediction, cv)

    def _weighed(
        self, X: Features, annotations: Annotations, prediction: Array | None, cv: Any
    ) -> NumberEvidence:
        """Predict the items unless given, and combine predictions and ratings.

        Parameters
        ----------
        X : ndarray or CSR matrix of n_items
        annotations : Annotations of shape (n_items, n_annotators)
        prediction : ndarray of shape (n_items,), or None
        cv : int, splitter, iterable or "prefit"

        Returns
        -------
        evidence : NumberEvidence
        """
        uses_fit = is_prefit(cv) or not annotations.n_answers
        if prediction is None:
            prediction = self._scaler.inverse_transform_predictions(self._truth(X))
            if not uses_fit:
                prediction = predict_seen(
                    prediction,
                    is_training_item(X, self._training_items),
                    lambda: cross_fit(self, X, X, annotations, cv=cv, method="predict"),
                )
        combine = weigh_numbers if uses_fit else calibrate_numbers
        annotators, residual_var = self._scale_bias_noise(), self.prediction_std_**2
        return combine(prediction, annotations, annotators, residual_var)

    def _html_summary(self) -> tuple[list[str], str]:
        correlation = self._report_columns(slice(None), 0.95)["correlation"]
        n_items = int(np.isfinite(self.posterior_mean_).sum())
        facts = [
            f"{len(correlation)} annotators, {self.annotator_n_answers_.sum()} ratings "
            f"of {n_items} items",
            f"truth: mean {np.nanmean(self.posterior_mean_):.4g}, standard deviation "
            f"{np.sqrt(self._residual_var()):.4g}",
        ]
        columns = ["annotator", "ratings", "correlation (95 %)", "offset", "noise"]
        return facts, ends_table(columns, correlation, self._html_annotators)

    def _html_annotators(self, group: Any) -> list[list[str]]:
        report = self._report_columns(group, 0.95)
        names = ("correlation", "correlation_low", "correlation_high")
        return [
            [
                text(self.annotators_[group][k]),
                str(report["n_answers"][k]),
                _cell(bar, *(report[name][k] for name in names)),
                _cell("{:+.3g}".format, report["offset"][k]),
                _cell("{:.3g}".format, report["noise_std"][k]),
            ]
            for k in range(len(group))
        ]


def _cell(write: Callable[..., str], *values: float) -> str:
    """Return the HTML of numbers, or a dash where the ratings do not tell them."""
    return "-" if np.isnan(values).any() else write(*values)
