"""The base class of the tagger: sequences in several forms, and their tags."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.utils.validation import check_consistent_length

from skcrowd._sklearn_compat import _safe_indexing
from skcrowd.aggregation._tag_segments import find_dependent_taggers
from skcrowd.annotations import (
    RegexTokenizer,
    SequenceAnnotations,
    check_annotations,
)
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._check import read_target, split_off_truth
from skcrowd.annotations._true_values import read_truth, warn_of_truth
from skcrowd.backbones import Vocabulary
from skcrowd.estimators._decoding import Decoder
from skcrowd.estimators._input_checks import (
    check_features,
    check_target,
    check_weight,
    separate_truth,
)
from skcrowd.estimators._label_estimator import LabelEstimator
from skcrowd.estimators._labels import encode_gold, read_labels
from skcrowd.estimators._modules import own_vocabulary
from skcrowd.estimators._precision import in_precision
from skcrowd.estimators._sequence_features import (
    RawSequences,
    check_form,
    check_padding,
    read_sequences,
)
from skcrowd.estimators._tags import select_sequences, single_tags
from skcrowd.metrics._span_accuracy import (
    SpanCounts,
    cluster_sums,
    mark_spans,
    span_counts,
)
from skcrowd.training import SequenceRows

if TYPE_CHECKING:
    from sklearn.utils import Tags

    from skcrowd._typing import (
        AnswersLike,
        Array,
        BoolArray,
        DTypeLike,
        Features,
        FloatArray,
        Groups,
    )


__all__ = ["SequenceEstimator", "TaggedSequences"]


class TaggedSequences(NamedTuple):
    """The checked sequences of ``fit`` and their tags.

    Attributes
    ----------
    raw : RawSequences
        All sequences, features checked.
    annotations : SequenceAnnotations
        Tags of the sequences of positive weight.
    classes : ndarray of shape (n_classes,)
    weight : ndarray of shape (n_sequences,)
    is_truth : bool
    """

    raw: RawSequences
    annotations: SequenceAnnotations
    classes: Array
    weight: FloatArray
    is_truth: bool


class SequenceEstimator(LabelEstimator):
    """A crowd estimator whose samples are sequences, in any form."""

    _feature_checks = {
        **LabelEstimator._feature_checks,
        "accept_sparse": False,
        "allow_nd": False,
    }

    tokenizer_: RegexTokenizer
    vocabulary_: Any
    _decoder: Decoder
    _form: str
    _is_padded: bool
    _span_counts: tuple[Any, ...] | None = None
    _token_clusters: Any | None = None

    def _read(
        self,
        X: Features,
        y: AnswersLike,
        sample_weight: Any,
        lengths: Any,
        classes: Any,
        *,
        reset: bool,
    ) -> TaggedSequences:
        """Check X, y and weights; return TaggedSequences.

        Parameters
        ----------
        X, y, sample_weight, lengths : object
            What the user gave.
        classes : array-like of shape (n_classes,) or None
        reset : bool
            Whether this is a new fit, in which X may be of any form.
        """
        raw = read_sequences(X, lengths)
        if not reset:
            check_form(raw.form, self._form, type(self).__name__)
            check_padding(X, lengths, self._is_padded)
        read = self._read_table if raw.form == "table" else self._read_sequences
        return read(raw, y, sample_weight, classes, reset=reset)

    def _read_table(
        self,
        raw: RawSequences,
        y: AnswersLike,
        sample_weight: Any,
        classes: Any,
        *,
        reset: bool,
    ) -> TaggedSequences:
        """Read a 2-D ``X`` and its answers as CrowdClassifier does."""
        X = check_features(self, raw.tokens, reset=reset)
        y = single_tags(y, len(X), classes)
        y, is_truth = separate_truth(self, y, reset=reset, stacklevel=8)
        y = check_target(self, X, y, is_truth)
        weight = check_weight(sample_weight, len(X))
        y = y if weight.all() else _safe_indexing(y, np.flatnonzero(weight))
        read = encode_gold if is_truth else read_labels
        items, classes = read(y, classes)
        annotations = SequenceAnnotations(items, np.ones(len(items), dtype=np.int64))
        raw = raw._replace(tokens=X, lengths=np.ones(len(X), dtype=np.int64))
        return TaggedSequences(raw, annotations, classes, weight, is_truth)

    def _read_sequences(
        self,
        raw: RawSequences,
        y: AnswersLike,
        sample_weight: Any,
        classes: Any,
        *,
        reset: bool,
    ) -> TaggedSequences:
        """Read sequences and their tags."""
        raw = raw._replace(tokens=self._check_tokens(raw, reset=reset))
        column_is_truth = reset or self._is_truth_given
        _, is_truth, annotations = read_target(
            y, lengths=raw.lengths, classes=classes, column_is_truth=column_is_truth
        )
        weight = check_weight(sample_weight, len(raw.lengths))
        keep_classes = classes is not None or hasattr(y, "annotator_names")
        annotations = select_sequences(annotations, weight > 0, keep_classes)
        classes = annotations.classes
        return TaggedSequences(raw, annotations, classes, weight, is_truth)

    def _check_tokens(self, raw: RawSequences, *, reset: bool) -> Array:
        """Check features; tokens that are strings have no features to check."""
        if raw.form != "tokens":
            return check_features(self, raw.tokens, reset=reset)
        if reset:
            for name in ("n_features_in_", "feature_names_in_", "_item_shape"):
                self.__dict__.pop(name, None)
        return raw.tokens

    def _fit_vocabulary(self, raw: RawSequences, known: BoolArray) -> None:
        """Set the vocabulary: that of the network, or the words marked in `known`."""
        self.__dict__.pop("vocabulary_", None)
        if raw.form != "tokens":
            return
        own = own_vocabulary(self.module, self._routed_for("module"))
        if own is not None:
            self.vocabulary_ = own
        else:
            words = raw.tokens[np.repeat(known, raw.lengths)]
            self.vocabulary_ = Vocabulary().fit(words)

    def _encode(
        self, raw: RawSequences, dtype: DTypeLike | None = None
    ) -> SequenceRows:
        """Return SequenceRows of codes, or of features of type `dtype`."""
        if raw.form == "tokens":
            return SequenceRows(self.vocabulary_.encode(raw.tokens), raw.lengths)
        tokens, lengths = raw.tokens, raw.lengths
        if dtype is not None:
            tokens = in_precision(tokens, dtype, lengths)
        if lengths is None:
            lengths = np.ones(len(tokens), dtype=np.int64)
        return SequenceRows(tokens, lengths)

    def _read_to_predict(self, X: Features, lengths: Any) -> SequenceRows:
        """Check X in the form of ``fit``; return SequenceRows."""
        check_aligned(X=X, lengths=lengths)
        raw = read_sequences(X, lengths)
        check_form(raw.form, self._form, type(self).__name__)
        check_padding(X, lengths, self._is_padded)
        raw = raw._replace(tokens=self._check_tokens(raw, reset=False))
        return self._encode(raw, self._precision())

    def _read_to_score(self, y: AnswersLike, lengths: Any) -> Any:
        """Read true tags, or annotations of the tokens.

        Returns
        -------
        y : SequenceAnnotations, ndarray or Annotations
        is_truth : bool
        """
        if self._form != "table":
            target = read_target(
                y, lengths=lengths, classes=self.classes_, is_open=True
            )
            annotations: Any = target.annotations
            is_truth = target.is_truth
            return (annotations if is_truth else annotations.tokens), is_truth
        y, is_truth = split_off_truth(
            single_tags(y, len(lengths), self.classes_), stacklevel=5
        )
        check_consistent_length(lengths, y)
        if not is_truth:
            return check_annotations(y, classes=self.classes_), False
        y = read_truth(y)
        warn_of_truth(y, self._kind, known=self.classes_)
        return y, True

    def _find_groups(self, checked: Any) -> Groups | None:
        return find_dependent_taggers(checked.annotations), None

    def _set_span_counts(
        self, checked: Any, inferred: Any, tags: Any, *, adds: bool
    ) -> None:
        """Set the spans of each annotator, and how tokens of a sequence depend.

        Parameters
        ----------
        checked : CheckedSequences
        inferred : InferredTruth
        tags : int64 ndarray of shape (n_tokens,)
            Codes of the inferred tags.
        adds : bool
            Whether to add those of earlier parts.
        """
        sequences = checked.annotations
        tokens = sequences.tokens
        right = inferred.posterior[tokens.item, tokens.answer]
        n = np.maximum(tokens.answers_per_annotator, 1)
        mean = np.bincount(tokens.annotator, right, tokens.n_annotators) / n
        sequence = np.repeat(np.arange(sequences.n_sequences), sequences.lengths)
        pair = sequence[tokens.item] * tokens.n_annotators + tokens.annotator
        clusters: Any = cluster_sums(right - mean[tokens.annotator], pair)
        counts = None
        if mark_spans(self.classes_):
            if checked.is_truth:  # true tags have codes in place of classes
                named = replace(tokens, classes=self.classes_)
                sequences = replace(sequences, tokens=named)
            posteriors = inferred.posterior, inferred.calibrated
            counts = span_counts(sequences, *posteriors, tags)
        if adds:
            spans, earlier = self._span_counts, self._token_clusters
            if counts is not None:
                counts = None if spans is None else counts.plus(SpanCounts(*spans))
            clusters = None if earlier is None else clusters + earlier
        self._span_counts = None if counts is None else tuple(counts)
        self._token_clusters = clusters

    def _cut(self, values: Any, lengths: Any) -> Any:
        """Split values of the tokens into sequences; for a 2-D ``X`` return them."""
        if self._form == "table":
            return values
        return np.split(values, np.cumsum(lengths)[:-1])

    def __sklearn_tags__(self) -> Tags:
        """Return the tags, of sequences of tokens or of features of tokens."""
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True  # padded, or sequences of one length
        tags.input_tags.string = True
        tags.input_tags.dict = False
        return tags
