"""From probabilities of tags to the best path through every sequence."""

import warnings

import numpy as np

from skcrowd.aggregation._sequence_chain import (
    has_valid_end,
    iob2_transitions,
    may_end,
    viterbi,
)
from skcrowd.annotations._span_tags import is_span_scheme, is_span_tag

__all__ = ["Decoder", "warn_of_tags"]

LOWEST = np.log(np.finfo(float).tiny)  # in place of -inf: a path there always is


class Decoder:
    """Which tag may follow which, and what a step is worth.

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
        `allowed` where it was given, None where the names of the tags decide.
    ends : bool ndarray of shape (n_classes,)
        Which tags a sequence may end in.
    weights : ndarray of shape (n_classes + 1, n_classes)
        Of every step, 0 for never.

    Raises
    ------
    ValueError
        If an array has another shape, negative or undefined entries, or a row that
        allows nothing.
    """

    def __init__(self, decode, transitions, classes):
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

    def learn(self, tags, lengths, weight):
        """Weigh every step by how much more often it occurs than by chance.

        The network's probabilities hold already how often a tag occurs.

        Parameters
        ----------
        tags : int64 ndarray of shape (n_tokens,)
            Inferred tags of the training sequences.
        lengths : ndarray of shape (n_sequences,)
        weight : ndarray of shape (n_tokens,)
        """
        if self.is_learned:
            self.weights = _lift(tags, lengths, weight, self.allowed)

    def __call__(self, log_proba, lengths):
        """Most probable path through every sequence, codes of shape (n_tokens,).

        A sequence that no valid path is as long as may end in any tag.

        Parameters
        ----------
        log_proba : ndarray of shape (n_tokens, n_classes)
        lengths : ndarray of shape (n_sequences,)
        """
        is_free = (self.weights == 1).all() and self.ends.all()
        if self.decode == "argmax" or is_free:
            return log_proba.argmax(axis=1)
        with np.errstate(divide="ignore"):
            log_steps = np.log(self.weights)
        emission = np.maximum(log_proba, LOWEST)
        last = np.cumsum(lengths) - 1
        may_end_anywhere = ~has_valid_end(lengths, self.weights > 0, self.ends)
        ends = self.ends | may_end_anywhere[:, None]
        emission[last] = np.where(ends, emission[last], -np.inf)
        return viterbi(emission, lengths, log_steps[-1], log_steps[:-1])


def _lift(tags, lengths, weight, allowed):
    """P(tag | tag before) / P(tag), with one pseudo-count a row."""
    n_classes = allowed.shape[1]
    before = np.roll(tags, 1)
    before[np.cumsum(lengths) - lengths] = n_classes
    counts = np.zeros(allowed.shape)
    np.add.at(counts, (before, tags), weight)
    shares = (counts.sum(axis=0) + 1) / (counts.sum() + n_classes)
    counts = (counts + shares) * allowed
    return counts / counts.sum(axis=1, keepdims=True) / shares


def _checked(transitions, n_classes):
    values = np.asarray(transitions)
    expected = (n_classes + 1, n_classes)
    if values.shape != expected or values.dtype.kind not in "biuf":
        raise ValueError(
            f"transitions must be 'valid', 'learned' or numbers of shape {expected} (a "
            "row for each tag before, the last for the first token), got shape "
            f"{values.shape} of {values.dtype}."
        )
    values = values.astype(float)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise ValueError(
            "transitions holds negative numbers, NaN or infinity; give probabilities, "
            "or 1 and 0 for valid and not."
        )
    blocked = np.flatnonzero(~values.any(axis=1))
    if blocked.size:
        raise ValueError(
            f"transitions allows nothing in row {blocked[0]}; allow at least one tag."
        )
    return values


def warn_of_tags(annotations, classes, transitions):
    """Warn where tags are nearly those of spans, but will not be read as such.

    Parameters
    ----------
    annotations : SequenceAnnotations
    classes : ndarray of shape (n_classes,)
    transitions : {"valid", "learned"} or array-like
        What the user wants; an array is their own affair.
    """
    if not isinstance(transitions, str):
        return
    typed = [is_span_tag(tag) and "-" in tag for tag in classes]
    if is_span_scheme(classes):
        n_invalid, n_begun = _count_beginnings(annotations, classes)
        if n_invalid > n_begun:
            warnings.warn(
                f"{n_invalid} tags begin a span with I-, E- or L-, only {n_begun} with "
                "B-, S- or U-. IOB1 is not read, and such beginnings count as invalid: "
                "convert the tags to IOB2, or allow them with transitions.",
                stacklevel=5,
            )
    elif 2 * sum(typed) > sum(tag != "O" for tag in classes):
        others = [
            repr(str(tag))
            for tag, fits in zip(classes, typed, strict=True)
            if not fits and tag != "O"
        ]
        warnings.warn(
            f"most tags mark spans, but not {', '.join(others)}, so none is read as "
            "one: any step counts as valid, and score is the accuracy of tokens. "
            "Correct these tags, or leave them out.",
            stacklevel=5,
        )


def _count_beginnings(annotations, classes):
    """Count answers that go on with nothing, and those that begin a span."""
    tokens, allowed = annotations.tokens, iob2_transitions(classes)
    order = np.lexsort((tokens.item, tokens.annotator))
    item, annotator = tokens.item[order], tokens.annotator[order]
    answer, n_classes = tokens.answer[order], len(classes)
    before = np.roll(answer, 1)
    is_first = np.isin(item, annotations.offsets[:-1])
    follows = (np.roll(item, 1) == item - 1) & (np.roll(annotator, 1) == annotator)
    before[is_first] = n_classes
    invalid = ~allowed[before, answer] & (is_first | follows)
    prefix = np.array([str(tag)[0] for tag in classes])[answer]
    resumes = np.isin(prefix, list("IEL"))
    return int((invalid & resumes).sum()), int(np.isin(prefix, list("BSU")).sum())
