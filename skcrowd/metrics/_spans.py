"""Scores of predicted tag sequences: of spans, such as names, and of tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.metrics import make_scorer

from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._span_tags import is_span_tag, tag_spans
from skcrowd.annotations._tag_sequences import tag_in_words
from skcrowd.metrics._tag_pairs import read_pair

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, Array, ArrayLike, Features, FloatArray
    from skcrowd.annotations import SequenceAnnotations
    from skcrowd.annotations._tag_sequences import TagSequences


class SpanScores(NamedTuple):
    """What :func:`span_scores` computes; all between 0 and 1.

    Attributes
    ----------
    precision : float
        Share of the predicted spans that are true.
    recall : float
        Share of the true spans that are predicted.
    f1 : float
        Harmonic mean of both.
    """

    precision: float
    recall: float
    f1: float


def span_scores(
    y_true: SequenceAnnotations | ArrayLike,
    y_pred: SequenceAnnotations | ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
) -> SpanScores:
    """Precision, recall and F1 of the spans in tag sequences.

    A span, such as the name of a person, is right if its type, its first and its last
    token are. Spans are counted over all sequences together (micro average).

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_sequences,) or SequenceAnnotations
        True and predicted tags: for each sequence a list, tuple or 1-D array of "O"
        or a prefix and a type, such as "B-PER", in IOB2, BIOES or BILOU. A list or
        1-D array of single tags is read as sequences of one token.
        :meth:`~skcrowd.annotations.SequenceAnnotations.from_gold` makes what is read
        too.
    sample_weight : array-like of shape (n_sequences,), default=None
        A weight of 2 counts as the sequence twice. None weighs all sequences alike.

    Returns
    -------
    scores : SpanScores
        Named tuple of precision, recall and f1. A score that would divide by zero,
        because there are no spans to count, is 0.0, without a warning.

    Raises
    ------
    ValueError
        If `y_true` and `y_pred` are not sequences of the same lengths, or hold a tag
        that is of no such scheme.

    See Also
    --------
    token_accuracy_score : For tags that mark no spans.

    Notes
    -----
    Spans are read as by the script conlleval. In valid sequences all readings agree.
    In invalid ones an I-X or E-X (L-X) that no open span of type X goes before begins a
    span, and a span without its E-X (L-X) ends where the next tag does not go on with
    it.

    References
    ----------
    E. F. Tjong Kim Sang, F. De Meulder. Introduction to the CoNLL-2003 shared task:
    language-independent named entity recognition. CoNLL 2003.

    Examples
    --------
    >>> from skcrowd.metrics import span_scores
    >>> y_true = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "B-LOC"]]
    >>> y_pred = [["B-PER", "I-PER", "O", "O"], ["B-LOC", "I-LOC"]]
    >>> scores = span_scores(y_true, y_pred)
    >>> scores.precision, round(scores.recall, 3), scores.f1
    (0.5, 0.333, 0.4)
    """
    true, pred, weight = read_pair(y_true, y_pred, sample_weight)
    weight = np.repeat(weight, true.lengths + 1)
    true_spans, pred_spans = _spans(true, "y_true"), _spans(pred, "y_pred")
    n_correct = _total(true_spans & pred_spans, weight)
    n_true, n_pred = _total(true_spans, weight), _total(pred_spans, weight)
    return SpanScores(
        _ratio(n_correct, n_pred),
        _ratio(n_correct, n_true),
        _ratio(2 * n_correct, n_true + n_pred),
    )


def span_precision_score(
    y_true: AnswersLike, y_pred: AnswersLike, *, sample_weight: ArrayLike | None = None
) -> float:
    """Share of the predicted spans that are true.

    Parameters
    ----------
    y_true, y_pred, sample_weight
        As for :func:`span_scores`.

    Returns
    -------
    precision : float
        0.0 if no span is predicted.

    Examples
    --------
    >>> from skcrowd.metrics import span_precision_score
    >>> span_precision_score([["B-PER", "O", "B-LOC"]], [["B-PER", "O", "O"]])
    1.0
    """
    return span_scores(y_true, y_pred, sample_weight=sample_weight).precision


def span_recall_score(
    y_true: AnswersLike, y_pred: AnswersLike, *, sample_weight: ArrayLike | None = None
) -> float:
    """Share of the true spans that are predicted.

    Parameters
    ----------
    y_true, y_pred, sample_weight
        As for :func:`span_scores`.

    Returns
    -------
    recall : float
        0.0 if there is no true span.

    Examples
    --------
    >>> from skcrowd.metrics import span_recall_score
    >>> span_recall_score([["B-PER", "O", "B-LOC"]], [["B-PER", "O", "O"]])
    0.5
    """
    return span_scores(y_true, y_pred, sample_weight=sample_weight).recall


def span_f1_score(
    y_true: AnswersLike, y_pred: AnswersLike, *, sample_weight: ArrayLike | None = None
) -> float:
    """F1 of the spans in tag sequences.

    ``span_f1_scorer`` is the same for `scoring` in scikit-learn's searches and
    cross-validation.

    Parameters
    ----------
    y_true, y_pred, sample_weight
        As for :func:`span_scores`.

    Returns
    -------
    f1 : float
        Harmonic mean of precision and recall; 0.0 if there is no span at all.

    Examples
    --------
    >>> from skcrowd.metrics import span_f1_score
    >>> span_f1_score([["B-PER", "O"], ["B-LOC", "O"]], [["B-PER", "O"], ["O", "O"]])
    0.6666666666666666
    """
    return span_scores(y_true, y_pred, sample_weight=sample_weight).f1


def token_accuracy_score(
    y_true: SequenceAnnotations | ArrayLike,
    y_pred: SequenceAnnotations | ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Share of the tokens that have the right tag.

    ``token_accuracy_scorer`` is the same for `scoring` in scikit-learn's searches and
    cross-validation.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_sequences,) or SequenceAnnotations
        True and predicted tags, as for :func:`span_scores`, but any strings, numbers
        or booleans.
    sample_weight : array-like of shape (n_sequences,), default=None
        A weight of 2 counts as the sequence twice. None weighs all sequences alike.

    Returns
    -------
    accuracy : float
        From 0 to 1; a long sequence counts more than a short one.

    Raises
    ------
    ValueError
        If `y_true` and `y_pred` are not sequences of the same lengths, or one holds
        strings and the other numbers.

    Examples
    --------
    >>> from skcrowd.metrics import token_accuracy_score
    >>> token_accuracy_score([["noun", "verb"], ["verb"]], [["noun", "noun"], ["verb"]])
    0.6666666666666666
    """
    true, pred, weight = read_pair(y_true, y_pred, sample_weight)
    _check_same_type(true.tags, pred.tags)
    weight = np.repeat(weight, true.lengths)
    return float(np.average(true.tags == pred.tags, weights=weight))


_Scorer: Any = type(make_scorer(span_f1_score))


class _TagScorer(_Scorer):
    """A scorer of scikit-learn that also checks that rows of X and y are aligned."""

    def _score(
        self,
        method_caller: Any,
        estimator: Any,
        X: Features,
        y_true: AnswersLike,
        **kwargs: Any,
    ) -> float:
        check_aligned(X=X, y=y_true, sample_weight=kwargs.get("sample_weight"))
        return super()._score(method_caller, estimator, X, y_true, **kwargs)


span_f1_scorer, token_accuracy_scorer = (
    _TagScorer(measure, 1, {}, "predict")
    for measure in (span_f1_score, token_accuracy_score)
)


def _spans(sequences: TagSequences, name: str) -> set[Any]:
    """All (type, first, last): places of tokens where an O follows each sequence."""
    _check_span_tags(sequences, name)
    tags = np.insert(sequences.tags, np.cumsum(sequences.lengths), "O").tolist()
    return {(span_type, first, last) for first, last, span_type in tag_spans(tags)}


def _total(spans: set[Any], weight: FloatArray) -> float:
    """Sum the weights of spans in sorted order, so that rounding is reproducible."""
    return float(weight[sorted(first for _, first, _ in spans)].sum())


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _check_span_tags(sequences: TagSequences, name: str) -> None:
    tags, lengths = sequences
    wrong = {tag for tag in set(tags.tolist()) if not is_span_tag(tag)}
    if wrong:
        k = next(k for k, tag in enumerate(tags.tolist()) if tag in wrong)
        raise ValueError(
            f"{name} holds {tag_in_words(tags, lengths, k)}, which marks no span: "
            "tags must be 'O', or a prefix of B, I, E, S, L and U and a type, such as "
            "'B-PER'; for other tags use token_accuracy_score."
        )


def _check_same_type(true: Array, pred: Array) -> None:
    if (true.dtype == object) != (pred.dtype == object):
        raise ValueError(
            f"y_true holds tags such as {true.tolist()[0]!r} and y_pred such as "
            f"{pred.tolist()[0]!r}, which never are equal; give both as strings or "
            "both as numbers."
        )
