"""Reports and further queries of a fitted tagger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations import SequenceAnnotations
from skcrowd.annotations._alignment import row_names
from skcrowd.annotations._answered import n_answered
from skcrowd.annotations._join import with_annotators
from skcrowd.estimators._sequence_estimator import SequenceEstimator
from skcrowd.estimators._snapshot import uses_one_fit
from skcrowd.metrics._span_accuracy import SpanCounts, design_effect
from skcrowd.training._prediction import predict_truth

from ._ask import ask
from ._beliefs import LabelBeliefs
from ._cross_fit import check_insight_input
from ._data_frames import import_pandas
from ._evidence import check_pred_proba, no_answers
from ._label_insight import LabelInsight
from ._quality import label_answer_columns, label_quality_columns

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import (
        AnswersLike,
        Array,
        ArrayLike,
        BoolArray,
        Features,
        IntArray,
    )
    from skcrowd.annotations import Annotations

    from ._evidence import LabelEvidence


__all__ = ["SequenceInsight"]


class SequenceInsight(LabelInsight, SequenceEstimator):
    """Reports on annotators, tokens and tags of a fitted tagger."""

    @uses_one_fit
    def annotator_report(self, *, level: float = 0.95) -> pd.DataFrame:
        """Report how accurate the tags of each annotator are, one row per annotator.

        Parameters
        ----------
        level : float, default=0.95
            Probability of the intervals.

        Returns
        -------
        report : pandas.DataFrame of shape (n_annotators, 11) or (n_annotators, 20)
            Index "annotator". First come the columns of
            :meth:`CrowdClassifier.annotator_report`, where an answer is the tag of a
            token. Where all tags mark spans ("O", "B-PER", …) there follow, of the
            annotator's own spans, each with its ``_low`` and ``_high``:

            - ``span_precision``: expected share of the marked spans that are true.
            - ``span_recall``: expected share of the true spans in the annotator's
              sequences that are marked.
            - ``span_f1``: ``2 J / (1 + J)``, where J is the expected share of right
              spans among those that are marked or true; the harmonic mean of both.

            They are NaN, with intervals from 0 to 1, where there is no span. The last
            is ``group``, by agreement in segments in which nobody's tag changes.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.

        Notes
        -----
        Tokens and spans of a sequence are not independent: intervals are those of
        fewer answers, by a design effect (Kish, 1965) of the whole crowd. A span is
        true with the smallest posterior probability of its tokens; true spans that no
        annotator and no inferred tag marks are not counted. Spans that many annotators
        miss, or mark wrongly in the same way, make recall and precision look too good,
        and their intervals too narrow; see ``docs/guide/reliability.md``.

        References
        ----------
        L. Kish. Survey Sampling. Wiley, 1965.
        """
        return super().annotator_report(level=level)

    def _report_columns(self, rows: Any, level: float) -> dict[str, Array]:
        columns = super()._report_columns(rows, level)
        if self._span_counts is None:
            return columns
        return columns | SpanCounts(*self._span_counts).of(rows).columns(level)

    def _design_effect(self) -> Any:
        clusters = self._token_clusters
        return 1.0 if clusters is None else design_effect(clusters)

    @uses_one_fit
    def label_quality(
        self,
        X: Features,
        y: AnswersLike,
        *,
        lengths: ArrayLike | None = None,
        pred_proba: list[Array] | ArrayLike | None = None,
        cv: Any = 3,
    ) -> pd.DataFrame:
        """Report how certain the consensus of each token is, one row per token.

        See :meth:`CrowdClassifier.label_quality`: no network predicts a sequence that
        it was trained on.

        Parameters
        ----------
        X : list or array-like of n_samples sequences
            In the form of ``fit``.
        y : annotations in any form of ``fit``, or None
            Tags by annotators of ``fit``. None: there are no tags.
        lengths : array-like of shape (n_samples,), default=None
            Tokens of every sequence of a padded 3-D ``X``; None: they all fill it.
        pred_proba : list of ndarray of shape (length, n_classes), or array-like of \
                shape (n_tokens, n_classes), default=None
            Probabilities of the tags in place of the network's own.
        cv : int, splitter, iterable or "prefit", default=3
            How sequences of ``fit`` are predicted: by clones fitted three times more,
            each without a third of the sequences, or by the fitted network, in sample.

        Returns
        -------
        quality : pandas.DataFrame of shape (n_tokens, 7)
            Index of two levels, "sequence" (the index of a DataFrame ``y`` or the names
            of its sequences, else row numbers) and "position" (always 0 for a 2-D
            ``X``).
            Columns ``consensus_label``, ``consensus_probability``, ``entropy``,
            ``quality``, ``network_label``, ``n_answers`` and ``agreement``.

        Notes
        -----
        Every token stands for itself: labels are the most probable ones token by token,
        not those of the best path (``inferred_tags_``, ``predict``).
        """
        pd = import_pandas("label_quality")
        evidence, lengths = self._tag_evidence(X, y, lengths, pred_proba, cv)
        columns = label_quality_columns(evidence, self.classes_)
        place = _places(lengths, _sequence_names(y, lengths))
        index = pd.MultiIndex.from_arrays(place, names=["sequence", "position"])
        return pd.DataFrame(columns, index=index)

    @uses_one_fit
    def answer_quality(
        self,
        X: Features,
        y: AnswersLike,
        *,
        lengths: ArrayLike | None = None,
        pred_proba: list[Array] | ArrayLike | None = None,
        cv: Any = 3,
        threshold: float = 0.5,
    ) -> pd.DataFrame:
        """Report which tags are probably wrong, one row per token and annotator.

        Parameters
        ----------
        X : list or array-like of n_samples sequences
            In the form of ``fit``.
        y : annotations in any form of ``fit``
            Tags by annotators of ``fit``.
        lengths : array-like of shape (n_samples,), default=None
            Tokens of every sequence of a padded 3-D ``X``; None: they all fill it.
        pred_proba : list of ndarray of shape (length, n_classes), or array-like of \
                shape (n_tokens, n_classes), default=None
            Probabilities of the tags in place of the network's own.
        cv : int, splitter, iterable or "prefit", default=3
            How sequences of ``fit`` are predicted; see :meth:`label_quality`.
        threshold : float, default=0.5
            A tag looks wrong if it is right with a smaller probability.

        Returns
        -------
        answers : pandas.DataFrame of shape (n_answers, 7)
            Sorted by token, then annotator. Columns ``sequence``, ``position``,
            ``annotator``, ``label``, ``consensus_label``, ``probability`` (that the tag
            is the truth, given the network and all tags) and ``looks_wrong``.
        """
        pd = import_pandas("answer_quality")
        evidence, lengths = self._tag_evidence(X, y, lengths, pred_proba, cv)
        item = evidence.annotations.item
        sequence, position = _places(lengths, _sequence_names(y, lengths))
        columns = label_answer_columns(evidence, self.classes_, threshold)
        place = {"sequence": sequence[item], "position": position[item]}
        return pd.DataFrame({**place, **columns})

    @uses_one_fit
    def next_queries(
        self,
        X: Features,
        y: AnswersLike,
        n: int,
        *,
        lengths: ArrayLike | None = None,
        pred_proba: list[Array] | ArrayLike | None = None,
        cv: Any = "prefit",
        annotators: ArrayLike | None = None,
        max_per_item: int = 1,
        max_per_annotator: int | str | None = "auto",
    ) -> pd.DataFrame:
        """Choose the next queries: pairs of sequence and annotator.

        A question is a whole sequence; its gain is the sum over its tokens, so that
        long sequences come first. See :meth:`CrowdClassifier.next_queries`.

        Parameters
        ----------
        X : list or array-like of n_samples sequences
            In the form of ``fit``.
        y : annotations in any form of ``fit``, or None
            What has been tagged: nobody is asked for a sequence of which they tagged a
            token. None: nothing.
        n : int
            How many questions.
        lengths : array-like of shape (n_samples,), default=None
            Tokens of every sequence of a padded 3-D ``X``; None: they all fill it.
        pred_proba : list of ndarray of shape (length, n_classes), or array-like of \
                shape (n_tokens, n_classes), default=None
            Probabilities of the tags in place of the network's own.
        cv : int, splitter, iterable or "prefit", default="prefit"
            How sequences of ``fit`` are predicted; see :meth:`label_quality`.
        annotators : array-like, default=None
            Names of those who can be asked, of ``annotators_``. None: all.
        max_per_item : int, default=1
            Most new annotators of a sequence.
        max_per_annotator : int, None or "auto", default="auto"
            Most sequences for an annotator. "auto" is twice an even share of `n`; None
            sets no limit.

        Returns
        -------
        queries : pandas.DataFrame of shape (n_queries, 3)
            Columns ``sequence``, ``annotator`` and ``expected_gain``, descending.
        """
        pd = import_pandas("next_queries")
        evidence, lengths = self._tag_evidence(X, y, lengths, pred_proba, cv)
        tags = evidence.annotations
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        return ask(
            pd,
            LabelBeliefs(evidence.posterior, self._stored_confusions(), offsets),
            (np.repeat(np.arange(len(lengths)), lengths)[tags.item], tags.annotator),
            self.annotators_,
            ("sequence", _sequence_names(y, lengths)),
            n,
            annotators=annotators,
            max_per_item=max_per_item,
            max_per_annotator=max_per_annotator,
        )

    def _tag_evidence(
        self, X: Features, y: AnswersLike, lengths: Any, pred_proba: Any, cv: Any
    ) -> tuple[LabelEvidence, IntArray]:
        """Check X and y; return LabelEvidence of the tokens, and the lengths."""
        given = {"X": X, "y": y, "lengths": lengths, "pred_proba": pred_proba}
        check_insight_input(self, cv, **given)
        rows = self._read_to_predict(X, lengths)
        n_tokens = int(rows.lengths.sum())
        if y is None:
            tags = no_answers(n_tokens, self.annotators_, self.classes_)
        else:
            tags, annotator = self._read_tags(y, rows.lengths)
            tags = with_annotators(tags, annotator, self.annotators_)
        if pred_proba is not None:
            if isinstance(pred_proba, list):
                pred_proba = np.concatenate(pred_proba)
            pred_proba = check_pred_proba(pred_proba, n_tokens, self.classes_)
        sequences = SequenceAnnotations(tags, rows.lengths)
        padding = {} if lengths is None else {"lengths": lengths}
        evidence = self._weighed(X, rows, sequences, tags, pred_proba, cv, **padding)
        return evidence, rows.lengths

    def _independent(self, seen: BoolArray) -> None:
        """Return None: errors extend over the tokens of a span."""
        return None

    def _predict_out_of_sample(
        self, X: Features, y: AnswersLike, cv: Any, lengths: Any = None
    ) -> Any:
        evidence, _ = self._tag_evidence(X, y, lengths, None, cv)
        return {"pred_proba": np.exp(evidence.network)}

    def _n_answered(
        self, X: Features, y: AnswersLike, lengths: Any = None
    ) -> int | None:
        """Return how many sequences have tags in `y`, of any form of ``fit``."""
        lengths = self._read_to_predict(X, lengths).lengths
        tags, _ = self._read_tags(y, lengths)
        return n_answered(SequenceAnnotations(tags, lengths))

    def _truth(self, X: Features) -> Any:
        """Predict the tokens of SequenceRows that `_read_to_predict` returned."""
        return predict_truth(self.net_, X)

    def _read_tags(self, y: AnswersLike, lengths: Any) -> tuple[Annotations, IntArray]:
        """Return the tags of annotators, and who gave them."""
        tags, is_gold = self._read_to_score(y, lengths)
        if is_gold:
            raise ValueError(
                "y holds one tag sequence for each sequence, without annotators; pass "
                "what annotators of fit tagged."
            )
        return tags, self._fitted_annotators(tags)


def _sequence_names(y: AnswersLike, lengths: Any) -> Any:
    names = row_names(y)
    if names is None or len(names) != len(lengths):  # those of the tokens
        return np.arange(len(lengths))
    return names


def _places(lengths: Any, names: Any) -> tuple[Any, IntArray]:
    """Sequence and position of every token."""
    start = np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.repeat(names, lengths), np.arange(len(start)) - start
