"""Decoding: the most probable tag sequence, given probabilities of the tags."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation._sequence_chain import (
    has_valid_end,
    iob2_transitions,
    may_end,
    viterbi,
)
from skcrowd.annotations._span_tags import is_span_scheme, is_span_tag

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, FloatArray, IntArray
    from skcrowd.annotations import SequenceAnnotations


__all__ = ["Decoder", "warn_of_tags"]

LOWEST = np.log(np.finfo(float).tiny)  # replaces -inf, so that some path is finite


class Decoder:
    """Viterbi decoding with weights of the transitions between tags.

    Parameters
    ----------
    decode : {"viterbi", "argmax"}
    transitions : {"valid", "learned"} or array-like of shape \
            (n_classes + 1, n_classes)
    classes : ndarray of shape (n_classes,)

    Attributes
    ----------
    allowed : bool ndarray of shape (n_classes + 1, n_classes)
        The last row is for the first token.
    given : bool ndarray of shape (n_classes + 1, n_classes) or None
        `allowed` if the transitions are an array; None if they follow from the names
        of the tags.
    ends : bool ndarray of shape (n_classes,)
        Tags that a sequence may end with.
    weights : ndarray of shape (n_classes + 1, n_classes)
        Weight of each transition; 0 forbids it.

    Raises
    ------
    ValueError
        If an array has another shape, negative or undefined entries, or a row that
        has only zeros.
    """

    def __init__(self, decode: str, transitions: Any, classes: Any) -> None:
        self.decode = decode
        self.is_learned = isinstance(transitions, str) and transitions == "learned"
        if isinstance(transitions, str):
            self.weights = iob2_transitions(classes).astype(float)
        else:
            self.weights = _checked(transitions, len(classes))
        self.allowed = self.weights > 0
        self.given = None if isinstance(transitions, str) else self.allowed
        self.ends = np.ones(len(classes), dtype=bool)
        if self.given is None:
            self.ends = may_end(classes)

    def learn(self, tags: IntArray, lengths: Any, weight: FloatArray) -> None:
        """Set weights to P(tag | previous tag) / P(tag), if transitions are learned.

        They are divided by P(tag) because the network's probabilities contain it.

        Parameters
        ----------
        tags : int64 ndarray of shape (n_tokens,)
            Inferred tags of the training sequences.
        lengths : ndarray of shape (n_sequences,)
        weight : ndarray of shape (n_tokens,)
        """
        if self.is_learned:
            self.weights = _lift(tags, lengths, weight, self.allowed)

    def __call__(self, log_proba: FloatArray, lengths: Any) -> IntArray:
        """Return the most probable tags of every sequence, codes (n_tokens,).

        A sequence for which no path ends in a valid tag may end in any.

        Parameters
        ----------
        log_proba : ndarray of shape (n_tokens, n_classes)
        lengths : ndarray of shape (n_sequences,)
        """
        is_free = (self.weights == 1).all() and self.ends.all()
        if self.decode == "argmax" or is_free:
            return log_proba.argmax(axis=1)
        with np.errstate(divide="ignore"):
            log_weights = np.log(self.weights)
        emission = np.maximum(log_proba, LOWEST)
        last = np.cumsum(lengths) - 1
        may_end_anywhere = ~has_valid_end(lengths, self.weights > 0, self.ends)
        ends = self.ends | may_end_anywhere[:, None]
        emission[last] = np.where(ends, emission[last], -np.inf)
        return viterbi(emission, lengths, log_weights[-1], log_weights[:-1])


def _lift(tags: Any, lengths: Any, weight: Any, allowed: Any) -> Any:
    """Return P(tag | previous tag) / P(tag), with one pseudo-count in each row.

    With c(a, b) the weighted count of tag b after tag a, and p(b) the share of b:
    P(b | a) = (c(a, b) + p(b)) / (Σ c(a, ·) + Σ p), over the allowed b.
    """
    n_classes = allowed.shape[1]
    previous = np.roll(tags, 1)
    previous[np.cumsum(lengths) - lengths] = n_classes  # first tokens
    counts = np.zeros(allowed.shape)
    np.add.at(counts, (previous, tags), weight)
    shares = (counts.sum(axis=0) + 1) / (counts.sum() + n_classes)
    counts = (counts + shares) * allowed
    return counts / counts.sum(axis=1, keepdims=True) / shares


def _checked(transitions: Any, n_classes: int) -> BoolArray:
    values = np.asarray(transitions)
    expected = (n_classes + 1, n_classes)
    if values.shape != expected or values.dtype.kind not in "biuf":
        raise ValueError(
            f"transitions must be 'valid', 'learned' or numbers of shape {expected} (a "
            "row for each previous tag, the last row for the first token), got shape "
            f"{values.shape} of {values.dtype}."
        )
    values = values.astype(float)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise ValueError(
            "transitions holds negative numbers, NaN or infinity; give probabilities, "
            "or 1 for valid transitions and 0 for the others."
        )
    blocked = np.flatnonzero(~values.any(axis=1))
    if blocked.size:
        raise ValueError(
            f"transitions has only zeros in row {blocked[0]}; allow at least one tag."
        )
    return values


def warn_of_tags(
    annotations: SequenceAnnotations, classes: Any, transitions: Any
) -> None:
    """Warn if tags look like span tags, but are not read as such.

    Parameters
    ----------
    annotations : SequenceAnnotations
    classes : ndarray of shape (n_classes,)
    transitions : {"valid", "learned"} or array-like
        No warning with an array.
    """
    if not isinstance(transitions, str):
        return
    is_typed = [is_span_tag(tag) and "-" in tag for tag in classes]
    if is_span_scheme(classes):
        n_invalid, n_valid = _count_beginnings(annotations, classes)
        if n_invalid > n_valid:
            warnings.warn(
                f"{n_invalid} tags begin a span with I-, E- or L-, only {n_valid} with "
                "B-, S- or U-. IOB1 is not supported, and such beginnings count as "
                "invalid; convert the tags to IOB2, or allow them with transitions=.",
                stacklevel=5,
            )
    elif 2 * sum(is_typed) > sum(tag != "O" for tag in classes):
        others = [
            repr(str(tag))
            for tag, fits in zip(classes, is_typed, strict=True)
            if not fits and tag != "O"
        ]
        warnings.warn(
            f"most tags are span tags, but not {', '.join(others)}, so none is read "
            "as one: all transitions are valid, and score is the accuracy of tokens. "
            "Correct these tags, or leave them out.",
            stacklevel=5,
        )


def _count_beginnings(
    annotations: SequenceAnnotations, classes: Any
) -> tuple[int, int]:
    """Count tags that continue a span after none, and tags that begin a span."""
    tokens, allowed = annotations.tokens, iob2_transitions(classes)
    order = np.lexsort((tokens.item, tokens.annotator))
    item, annotator = tokens.item[order], tokens.annotator[order]
    answer, n_classes = tokens.answer[order], len(classes)
    previous = np.roll(answer, 1)
    is_first = np.isin(item, annotations.offsets[:-1])
    follows = (np.roll(item, 1) == item - 1) & (np.roll(annotator, 1) == annotator)
    previous[is_first] = n_classes
    invalid = ~allowed[previous, answer] & (is_first | follows)
    prefix = np.array([str(tag)[0] for tag in classes])[answer]
    continues = np.isin(prefix, list("IEL"))
    return int((invalid & continues).sum()), int(np.isin(prefix, list("BSU")).sum())
