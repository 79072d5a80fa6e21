"""Markov chains over the tags of many sentences: posterior, best path, valid steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.annotations._span_tags import is_span_scheme

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, FloatArray, IntArray


__all__ = [
    "ChainPosterior",
    "forward_backward",
    "has_valid_end",
    "iob2_transitions",
    "log_partition",
    "may_end",
    "split_singles",
    "viterbi",
]


class ChainPosterior(NamedTuple):
    """Result of :func:`forward_backward`.

    Attributes
    ----------
    posterior : ndarray of shape (n_tokens, n_classes)
        Probability of every tag of every token; rows sum to 1.
    pairs : ndarray of shape (n_tokens, n_classes + 1, n_classes)
        ``[t, i, j]``: probability of tag i at the token before t and j at t; the last
        i means that t begins a sentence.
    log_likelihood : ndarray of shape (n_sentences,)
        Log of the sum over all paths; 0 for a sentence of no token.
    """

    posterior: FloatArray
    pairs: FloatArray
    log_likelihood: FloatArray


def forward_backward(
    log_emission: FloatArray,
    lengths: IntArray,
    log_initial: FloatArray,
    log_transition: FloatArray,
) -> ChainPosterior:
    """Return the posterior of the tags of every sentence, over all paths.

    Sums are computed in log space, so that nothing underflows. Each step is computed
    for all sentences at once; there are as many steps as the longest sentence has
    tokens.

    Parameters
    ----------
    log_emission : ndarray of shape (n_tokens, n_classes)
        Log-weight of every tag of every token; the sentences one after another.
    lengths : ndarray of shape (n_sentences,)
        Tokens of every sentence.
    log_initial : ndarray of shape (n_classes,)
        Log-probability of the first tag.
    log_transition : ndarray of shape (n_classes, n_classes) or \
            (n_tokens, n_classes, n_classes)
        ``[i, j]``: log-probability of tag j after tag i, -inf for never; for all
        steps, or one matrix a token, for the step that leads to it.

    Returns
    -------
    result : ChainPosterior

    Raises
    ------
    ValueError
        If a sentence has no path of a positive probability.

    References
    ----------
    L. R. Rabiner. A tutorial on hidden Markov models and selected applications in
    speech recognition. Proceedings of the IEEE 77(2), 1989. doi:10.1109/5.18626
    """
    # alpha[t, j]: log-sum over the paths up to t that end in j, the emission of t
    # included; beta[t, i]: over the paths after t. By the recursions
    #   alpha[t, j] = emission[t, j] + log Σ_i exp(alpha[t - 1, i] + transition[i, j]),
    #   beta[t - 1, i] = log Σ_j exp(transition[i, j] + emission[t, j] + beta[t, j]),
    # and the posterior is exp(alpha + beta - log_likelihood).
    walk = _Walk(lengths)
    alpha, log_likelihood = _forward(
        walk, log_emission, lengths, log_initial, log_transition
    )

    n_tokens, n_classes = alpha.shape
    beta, pairs = np.zeros_like(alpha), np.zeros((n_tokens, n_classes + 1, n_classes))
    alpha -= np.repeat(log_likelihood, lengths)[:, None]
    for rows in reversed(walk.steps):
        ahead = (log_emission[rows] + beta[rows])[:, None, :]
        scaled, top = _scaled_exp(ahead + _step(log_transition, rows), axis=2)
        beta[rows - 1] = _log(scaled.sum(axis=2)) + top[:, :, 0]
        scaled *= np.exp(alpha[rows - 1][:, :, None] + top)
        pairs[rows, :-1] = scaled
    posterior = np.exp(alpha + beta)
    posterior /= posterior.sum(axis=1, keepdims=True)
    pairs[walk.first, -1] = posterior[walk.first]
    return ChainPosterior(posterior, pairs, log_likelihood)


def log_partition(
    log_emission: FloatArray,
    lengths: IntArray,
    log_initial: FloatArray,
    log_transition: FloatArray,
) -> FloatArray:
    """Return the log of the sum over all paths through every sentence.

    Parameters
    ----------
    log_emission, lengths, log_initial, log_transition
        As for :func:`forward_backward`.

    Returns
    -------
    log_likelihood : ndarray of shape (n_sentences,)
        That of :func:`forward_backward`, in a third of the time.

    Raises
    ------
    ValueError
        If a sentence has no path of a positive probability.
    """
    walk = _Walk(lengths)
    return _forward(walk, log_emission, lengths, log_initial, log_transition)[1]


def _forward(
    walk: _Walk,
    log_emission: FloatArray,
    lengths: IntArray,
    log_initial: FloatArray,
    log_transition: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return alpha of :func:`forward_backward`, and its log-likelihood."""
    alpha = np.array(log_emission, dtype=float)
    alpha[walk.first] += log_initial
    for rows in walk.steps:
        joint = alpha[rows - 1][:, :, None] + _step(log_transition, rows)
        scaled, top = _scaled_exp(joint, axis=1)
        alpha[rows] += _log(scaled.sum(axis=1)) + top[:, 0]
    log_likelihood = np.zeros(len(lengths))
    scaled, top = _scaled_exp(alpha[walk.last], axis=1)
    log_likelihood[walk.used] = _log(scaled.sum(axis=1)) + top[:, 0]
    walk.check(log_likelihood)
    return alpha, log_likelihood


def viterbi(
    log_emission: FloatArray,
    lengths: IntArray,
    log_initial: FloatArray,
    log_transition: FloatArray,
) -> IntArray:
    """Return the most probable path of tags through every sentence.

    Parameters
    ----------
    log_emission, lengths, log_initial, log_transition
        As for :func:`forward_backward`.

    Returns
    -------
    tags : int64 ndarray of shape (n_tokens,)
        Codes of the tags; among equals the path that ends in the lowest.

    Raises
    ------
    ValueError
        If a sentence has no path of a positive probability.

    Examples
    --------
    >>> import numpy as np
    >>> allowed = iob2_transitions(["O", "B-PER", "I-PER"])
    >>> with np.errstate(divide="ignore"):
    ...     steps = np.log(allowed / allowed.sum(axis=1, keepdims=True))
    >>> proba = np.array([[0.8, 0.1, 0.1], [0.3, 0.3, 0.4], [0.2, 0.1, 0.7]])
    >>> viterbi(np.log(proba), [3], steps[-1], steps[:-1])
    array([0, 1, 2])
    """
    walk = _Walk(lengths)
    best = np.array(log_emission, dtype=float)
    best[walk.first] += log_initial
    came_from = np.zeros(best.shape, dtype=np.int64)
    for rows in walk.steps:
        joint = best[rows - 1][:, :, None] + _step(log_transition, rows)
        came_from[rows] = joint.argmax(axis=1)
        best[rows] += joint.max(axis=1)
    score = np.zeros(len(lengths))
    score[walk.used] = best[walk.last].max(axis=1)
    walk.check(score)
    tags = np.zeros(len(best), dtype=np.int64)
    tags[walk.last] = best[walk.last].argmax(axis=1)
    for rows in reversed(walk.steps):
        tags[rows - 1] = came_from[rows, tags[rows]]
    return tags


def iob2_transitions(classes: Any) -> BoolArray:
    """Return which tag may follow which.

    In IOB2 (O, B-X, I-X) an I-X follows B-X or I-X of the same type only. In BIOES, and
    BILOU, a span that is open continues with I-X or ends with E-X; a sentence must not
    end in an open one (:func:`may_end`). A type without any tag to open it may begin
    with the others. IOB1, where I-X begins a name, is not read: its steps would count
    as invalid.

    Parameters
    ----------
    classes : array-like of shape (n_classes,)
        The tags.

    Returns
    -------
    allowed : bool ndarray of shape (n_classes + 1, n_classes)
        ``allowed[i, j]``: j may follow i; the last row is the start of a sentence.
        All true if `classes` are no such tags.

    Examples
    --------
    >>> iob2_transitions(["O", "B-PER", "I-PER"]).astype(int)
    array([[1, 1, 0],
           [1, 1, 1],
           [1, 1, 1],
           [1, 1, 0]])
    """
    names = [str(name) for name in classes]
    if not is_span_scheme(classes):
        return np.ones((len(names) + 1, len(names)), dtype=bool)
    prefix = np.array([name[0] for name in names])
    kind = np.array([name[2:] for name in names])
    opens = np.isin(prefix, list("BSU"))
    inside = np.isin(prefix, list("IEL"))
    resumes = inside & np.isin(kind, kind[opens])
    same_kind = kind[:, None] == kind
    is_open = np.isin(prefix, list("BI"))
    allowed = np.where(resumes, is_open[:, None] & same_kind, True)
    if np.isin(prefix, list("ESLU")).any():  # there is a tag to end with: it must come
        ends = np.isin(kind, kind[np.isin(prefix, list("EL"))])
        allowed &= (inside & same_kind) | ~(is_open & ends)[:, None]
    return np.vstack([allowed, ~resumes])


def may_end(classes: Any) -> BoolArray:
    """Return which tag a sentence may end in.

    In BIOES, and BILOU, not in a type that is open and has a tag to end it.

    Parameters
    ----------
    classes : array-like of shape (n_classes,)
        The tags.

    Returns
    -------
    allowed : bool ndarray of shape (n_classes,)

    Examples
    --------
    >>> may_end(["O", "B-PER", "I-PER", "E-PER", "B-LOC"])
    array([ True, False, False,  True,  True])
    """
    names = {str(name) for name in classes}
    if not is_span_scheme(classes):
        return np.ones(len(classes), dtype=bool)
    ends = {name[1:] for name in names if name[0] in "EL"}
    return np.array([str(c)[0] not in "BI" or str(c)[1:] not in ends for c in classes])


def has_valid_end(lengths: IntArray, allowed: BoolArray, ends: BoolArray) -> BoolArray:
    """Return whether sentences have a valid path from first to last token.

    Parameters
    ----------
    lengths : ndarray of shape (n_sentences,)
    allowed : bool ndarray of shape (n_states + 1, n_states)
        Which state may follow which; the last row is the start of a sentence.
    ends : bool ndarray of shape (n_states,)
        Which state a sentence may end in.

    Returns
    -------
    possible : bool ndarray of shape (n_sentences,)
        For example False for one token where B-X and E-X are all tags.
    """
    if ends.all():
        return np.ones(len(lengths), dtype=bool)
    possible = np.ones(max(lengths, default=0) + 1, dtype=bool)
    reached = allowed[-1]
    for length in range(1, len(possible)):
        possible[length] = (reached & ends).any()
        reached = allowed[:-1][reached].any(axis=0)
    return possible[lengths]


def split_singles(
    classes: Any, allowed: BoolArray
) -> tuple[IntArray, BoolArray, BoolArray]:
    """Split B-X of IOB2 tags into two states, for spans of one and of more tokens.

    The state of longer spans is followed by I-X, the other one is not.

    Parameters
    ----------
    classes : array-like of shape (n_classes,)
    allowed : bool ndarray of shape (n_classes + 1, n_classes)

    Returns
    -------
    state_tag : int64 ndarray of shape (n_states,)
        Code of the tag of every state: all tags, then B-X once more for each type X.
    allowed : bool ndarray of shape (n_states + 1, n_states)
        Which state may follow which; the last row is the start of a sentence.
    ends : bool ndarray of shape (n_states,)
        Which state a sentence may end in.
    """
    names = [str(name) for name in classes]
    has_singles = any(name[:2] in ("S-", "U-") for name in names)
    inside = {
        k: np.isin(names, [prefix + name[1:] for prefix in "IEL"])
        for k, name in enumerate(names)
        if name.startswith("B-") and not has_singles
    }
    begins = [
        k
        for k, resumes in inside.items()
        if (allowed[k] & resumes).any() and (allowed[k] & ~resumes).any()
    ]
    state_tag = np.array([*range(len(names)), *begins])
    allowed = allowed[:, state_tag][[*state_tag, len(names)]]
    ends = np.ones(len(state_tag), dtype=bool)
    for single, begin in enumerate(begins, start=len(names)):
        allowed[single] &= ~inside[begin][state_tag]
        allowed[begin] &= inside[begin][state_tag]
        ends[begin] = False
    return state_tag, allowed, ends


class _Walk:
    """Rows of tokens by position in the sentence, for all sentences of that length."""

    def __init__(self, lengths: IntArray) -> None:
        lengths = np.asarray(lengths)
        start = np.cumsum(lengths) - lengths
        order = np.argsort(-lengths, kind="stable")
        longest_first = -lengths[order]
        self.used = lengths > 0
        self.first = start[self.used]
        self.last = (start + lengths - 1)[self.used]
        self.steps = [
            start[order[: np.searchsorted(longest_first, -position)]] + position
            for position in range(1, lengths.max(initial=0))
        ]

    @staticmethod
    def check(score: FloatArray) -> None:
        if not np.isfinite(score).all():
            sentence = np.flatnonzero(~np.isfinite(score))[0]
            raise ValueError(
                f"sentence {sentence} has no path of tags with a positive probability; "
                "allow more transitions, or look for -inf and NaN in its log_emission."
            )


def _step(log_transition: FloatArray, rows: IntArray) -> FloatArray:
    return log_transition if log_transition.ndim == 2 else log_transition[rows]


def _scaled_exp(values: Any, axis: int) -> tuple[FloatArray, FloatArray]:
    """Return exp(values - top), in place, and the maximum `top` along an axis."""
    top = values.max(axis=axis, keepdims=True)
    values -= np.where(np.isneginf(top), 0, top)
    return np.exp(values, out=values), top


def _log(values: Any) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.log(values)
