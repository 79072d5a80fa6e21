"""Checking and encoding of sequences and their tags."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.validation import check_consistent_length

from skcrowd._sklearn_compat import _num_samples, _safe_indexing
from skcrowd.annotations import SequenceAnnotations, check_annotations
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._check import read_target, split_off_truth
from skcrowd.annotations._true_values import read_truth, warn_of_truth
from skcrowd.backbones import Vocabulary
from skcrowd.estimators._base import CrowdEstimator
from skcrowd.estimators._labels import encode_gold, read_labels
from skcrowd.estimators._precision import in_precision
from skcrowd.estimators._sequence_features import (
    RawSequences,
    check_form,
    check_padding,
    read_sequences,
)
from skcrowd.estimators._tags import select_sequences, single_tags
from skcrowd.training import SequenceRows

__all__ = ["SequenceReader", "TaggedSequences"]


class TaggedSequences(NamedTuple):
    """What ``fit`` was given, checked.

    Attributes
    ----------
    raw : RawSequences
        All sequences, features checked.
    annotations : SequenceAnnotations
        Tags of the sequences of positive weight.
    classes : ndarray of shape (n_classes,)
    weight : ndarray of shape (n_sequences,)
    is_gold : bool
    """

    raw: RawSequences
    annotations: SequenceAnnotations
    classes: np.ndarray
    weight: np.ndarray
    is_gold: bool


class SequenceReader(CrowdEstimator):
    """A crowd estimator whose samples are sequences, in any form."""

    _features = {**CrowdEstimator._features, "accept_sparse": False, "allow_nd": False}

    classes: Any

    def _read(self, X, y, sample_weight, lengths, classes, *, reset):
        """Check X, y and weights; return TaggedSequences.

        Parameters
        ----------
        X, y, sample_weight, lengths : object
            What the user gave.
        classes : array-like of shape (n_classes,) or None
        reset : bool
            False: X must be as it was in an earlier fit.
        """
        raw = read_sequences(X, lengths)
        if not reset:
            check_form(raw.form, self._form, type(self).__name__)
            check_padding(X, lengths, self._is_padded)
        read = self._read_table if raw.form == "table" else self._read_sequences
        return read(raw, y, sample_weight, classes, reset=reset)

    def _read_table(self, raw, y, sample_weight, classes, *, reset):
        """Read a 2-D ``X`` and its answers as CrowdClassifier does."""
        self._check_X(raw.tokens, reset=reset)  # before y is read by it
        y = single_tags(y, _num_samples(raw.tokens), classes)
        X, y, is_gold = self._check_X_y(raw.tokens, y, reset=reset)
        weight = self._check_weight(sample_weight, X)
        y = y if weight.all() else _safe_indexing(y, np.flatnonzero(weight))
        read = encode_gold if is_gold else read_labels
        items, classes = read(y, classes)
        annotations = SequenceAnnotations(items, np.ones(len(items), dtype=np.int64))
        raw = raw._replace(tokens=X, lengths=np.ones(len(X), dtype=np.int64))
        return TaggedSequences(raw, annotations, classes, weight, is_gold)

    def _read_sequences(self, raw, y, sample_weight, classes, *, reset):
        """Read sequences and their tags."""
        raw = raw._replace(tokens=self._check_tokens(raw, reset=reset))
        _, is_gold, annotations = read_target(
            y,
            lengths=raw.lengths,
            classes=classes,
            column_is_truth=self._column_is_gold(reset),
        )
        weight = self._check_weight(sample_weight, raw.lengths)
        keep_classes = classes is not None or hasattr(y, "annotator_names")
        annotations = select_sequences(annotations, weight > 0, keep_classes)
        classes = annotations.classes
        return TaggedSequences(raw, annotations, classes, weight, is_gold)

    def _check_tokens(self, raw, *, reset):
        """Check features; tokens that are strings have no features to check."""
        if raw.form != "tokens":
            return self._check_X(raw.tokens, reset=reset)
        if reset:
            for name in ("n_features_in_", "feature_names_in_", "_item_shape"):
                self.__dict__.pop(name, None)
        return raw.tokens

    def _fit_vocabulary(self, raw, known):
        """Learn the words of some sequences; the others' may be unknown to it."""
        self.__dict__.pop("vocabulary_", None)
        if raw.form == "tokens":
            words = raw.tokens[np.repeat(known, raw.lengths)]
            self.vocabulary_ = Vocabulary().fit(words)

    def _encode(self, raw, dtype=None):
        """Return SequenceRows of codes, or of features in the precision wanted."""
        if raw.form == "tokens":
            return SequenceRows(self.vocabulary_.encode(raw.tokens), raw.lengths)
        tokens, lengths = raw.tokens, raw.lengths
        if dtype is not None:
            tokens = in_precision(tokens, dtype, lengths)
        if lengths is None:
            lengths = np.ones(len(tokens), dtype=np.int64)
        return SequenceRows(tokens, lengths)

    def _read_to_predict(self, X, lengths):
        """Check X in the form of ``fit``; return SequenceRows."""
        check_aligned(X=X, lengths=lengths)
        raw = read_sequences(X, lengths)
        check_form(raw.form, self._form, type(self).__name__)
        check_padding(X, lengths, self._is_padded)
        raw = raw._replace(tokens=self._check_tokens(raw, reset=False))
        return self._encode(raw, self._precision())

    def _read_to_score(self, y, lengths):
        """Tell true tags, as they are, from annotations of the tokens."""
        if self._form != "table":
            _, is_gold, annotations = read_target(
                y, lengths=lengths, classes=self.classes_, is_open=True
            )
            return (annotations if is_gold else annotations.tokens), is_gold
        y, is_gold = split_off_truth(
            single_tags(y, len(lengths), self.classes_), stacklevel=5
        )
        check_consistent_length(lengths, y)
        if not is_gold:
            return check_annotations(y, classes=self.classes_), False
        y = read_truth(y)
        warn_of_truth(y, self._kind, known=self.classes_)
        return y, True

    def _cut(self, values, lengths):
        """Cut what belongs to tokens into sequences; not for a 2-D ``X``."""
        if self._form == "table":
            return values
        return np.split(values, np.cumsum(lengths)[:-1])
