"""Truth inference for sequences of tags: a Markov chain seen by several annotators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.aggregation._answer_evidence import gather_evidence
from skcrowd.aggregation._convergence import warn_unless_converged
from skcrowd.aggregation._given import gold_codes
from skcrowd.aggregation._majority_vote import majority_vote
from skcrowd.aggregation._sequence_chain import (
    forward_backward,
    has_valid_end,
    iob2_transitions,
    may_end,
    split_singles,
    viterbi,
)
from skcrowd.aggregation._sequence_counts import (
    SEQUENCE_WAY_OUT,
    SequenceCounts,
    marginal_confusion,
    sequence_bytes,
    sequence_confusion,
    spread_counts,
)
from skcrowd.annotations import SequenceAnnotations, check_annotations
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._memory import check_fits
from skcrowd.annotations._weights import read_weight

if TYPE_CHECKING:
    from skcrowd._typing import (
        AnswersLike,
        Array,
        ArrayLike,
        BoolArray,
        FloatArray,
        IntArray,
    )
    from skcrowd.annotations import Annotations

    from ._sequence_chain import ChainPosterior


__all__ = [
    "Chain",
    "ChainParameters",
    "SequenceResult",
    "infer_tags",
    "keep_valid_paths",
    "maximize",
    "sequence_dawid_skene",
]

STEP_COUNTS = 1.0  # pseudo-counts of each row of the transitions, spread evenly
LEAST_START = 1e-3  # initial probability of a tag without a vote
RULED_OUT = -1e3  # log-evidence against a tag that is known to be wrong


class SequenceResult(NamedTuple):
    """Result of :func:`sequence_dawid_skene`.

    Attributes
    ----------
    posterior : ndarray of shape (n_tokens, n_classes)
        Probability of the truth of every token.
    tags : int64 ndarray of shape (n_tokens,)
        Codes of the most probable path through every sentence.
    confusion : ndarray of shape (n_annotators, n_classes, n_classes)
        ``[r, i, j]`` = P(r answers j | truth is i), averaged over the contexts in
        which r met truth i; rows sum to 1.
    initial : ndarray of shape (n_classes,)
        Probability of the first tag.
    transition : ndarray of shape (n_classes, n_classes)
        ``[i, j]`` = P(j follows i); rows sum to 1.
    n_iter : int
        Number of iterations run.
    sequence_confusion : ndarray of shape \
            (n_annotators, n_classes + 1, n_contexts, n_states, n_classes)
        ``[r, p, c, i, j]`` = P(r answers j | r answered p before, the truth before
        was in state c, it is in state i). The last p means that r gave no answer to
        the token before, the last of n_states + 1 contexts that a sentence begins;
        with ``previous_truth=False`` there is one context.
    state_tag : int64 ndarray of shape (n_states,)
        Code of the tag of every state of the truth: every tag, then, with
        `single_spans`, B-X again for the spans of one token.
    """

    posterior: FloatArray
    tags: Array
    confusion: FloatArray
    initial: FloatArray
    transition: FloatArray
    n_iter: int
    sequence_confusion: FloatArray
    state_tag: IntArray


def sequence_dawid_skene(
    annotations: SequenceAnnotations | Annotations | ArrayLike,
    lengths: ArrayLike | None = None,
    *,
    pseudo_counts: float = 20.0,
    previous_truth: bool = True,
    single_spans: bool = False,
    max_iter: int = 300,
    tol: float = 1e-4,
    transitions: ArrayLike | None = None,
    log_emission: ArrayLike | None = None,
    transition_weight: float = 1.0,
    sample_weight: ArrayLike | None = None,
    start: ArrayLike | None = None,
    gold: IntArray | None = None,
    annotator_counts: Array | None = None,
) -> SequenceResult:
    """Infer the true tags of sentences that several annotators tagged.

    The truth of a sentence is a Markov chain over the tags that keeps to the valid
    transitions. An answer depends on the true tag, on the answer that the annotator
    gave to the token before, and on the true tag of that one: an annotator who has
    missed or mistaken the beginning of a span tends to do so in its other tokens. The
    model is fitted by expectation-maximisation, with forward-backward as E-step.

    Parameters
    ----------
    annotations : SequenceAnnotations of shape (n_sentences, n_annotators), or \
            Annotations or array-like of shape (n_tokens, n_annotators)
        Tag sequences; or answers in any form that
        :func:`skcrowd.annotations.check_annotations` reads, a row for each token, the
        sentences one after another.
    lengths : array-like of shape (n_sentences,), default=None
        Tokens of every sentence; they sum to n_tokens. A SequenceAnnotations has its
        own.
    pseudo_counts : float, default=20.0
        Pseudo-counts that shrink each row of an annotator's answer probabilities to
        the crowd's in the same context, and each of these to the crowd's over all.
    previous_truth : bool, default=True
        Whether answers depend on the truth before, too. The table of answer
        probabilities has about n_annotators × n_classes⁴ entries then, × n_classes³
        without: choose False for many classes.
    single_spans : bool, default=False
        Whether spans of one token have other answer probabilities and transitions than
        the beginnings of longer ones. No effect unless the classes
        are IOB2 tags. See the Notes before turning it on.
    max_iter : int, default=300
        Maximum number of iterations.
    tol : float, default=1e-4
        Stop when the mean absolute change of the posterior falls below it; 0 runs
        exactly `max_iter` iterations.
    transitions : bool array-like of shape (n_classes + 1, n_classes), default=None
        ``[i, j]``: whether tag j may follow tag i; the last row is for the first token.
        None takes :func:`iob2_transitions` of the classes.
    log_emission : array-like of shape (n_tokens, n_classes), default=None
        Further log-evidence on every token, such as the log-probabilities of a
        network that was trained on other sentences.
    transition_weight : float, default=1.0
        Power of the transition probabilities in the weight of a path, from 0 (what is
        valid is equally probable) to 1. Less than 1 suits a `log_emission` that depends
        on the tokens around, too, whose evidence would count twice otherwise.
    sample_weight : array-like of shape (n_sentences,), default=None
        Weights of the sentences.
    start : array-like of shape (n_tokens, n_classes), default=None
        Posterior to start from. None takes the majority vote.
    gold : int ndarray of shape (n_tokens,), default=None
        Code of the class of every token whose truth is known; -1 for the others. It
        outweighs all other evidence, unless it contradicts the valid transitions.
    annotator_counts : ndarray of shape (n_annotators, n_classes, n_classes), \
            default=None
        Answers of the annotators to other tokens, counted by truth and answer; they
        are distributed over the contexts in the shares of the crowd.

    Returns
    -------
    result : SequenceResult

    Raises
    ------
    ValueError
        If the shapes do not fit, `max_iter` or `transition_weight` is out of its
        range, no sentence with an answer has a positive weight, or a sentence has no
        valid path.

    Warns
    -----
    ConvergenceWarning
        If the change is still `tol` or more after `max_iter` iterations.

    Notes
    -----
    Answers that depend on the annotator's previous answer are Simpson and Gurevych's
    (their "seq" annotators); Nguyen et al. have the Markov truth, with annotators who
    answer token by token. Our choice are the dependence on the previous truth, the
    states for spans of one token, and pseudo-counts that shrink in steps where
    the papers have Dirichlet priors and variational Bayes.

    The model has many more parameters than :func:`dawid_skene`. With one or two
    answers a sentence, or annotators who are mostly wrong about spans, many iterations
    can converge to a likelier, wrong solution, worse than the vote. One iteration
    from ``start=dawid_skene(...).posterior`` (``max_iter=1``) does not, and this
    is how :class:`skcrowd.methods.SequenceEM` uses it.

    Memory and time grow with n_tokens × n_states².

    Spans of one token can be missed more often than longer ones, and then
    `single_spans` finds more of them (on the CoNLL crowd, five annotators a sentence:
    span F1 77.8 against 76.8). Where they are not, and answers are few or poor, it can
    converge to a likelier, wrong solution (in some simulated crowds worse than token by
    token); many more iterations than without it are a sign of that.

    References
    ----------
    E. Simpson, I. Gurevych. A Bayesian approach for sequence tagging with crowds.
    EMNLP-IJCNLP 2019. doi:10.18653/v1/D19-1101

    A. T. Nguyen, B. C. Wallace, J. J. Li, A. Nenkova, M. Lease. Aggregating and
    predicting sequence labels from crowd annotations. ACL 2017.
    doi:10.18653/v1/P17-1028

    Examples
    --------
    >>> from skcrowd.aggregation import sequence_dawid_skene
    >>> from skcrowd.annotations import SequenceAnnotations
    >>> S = SequenceAnnotations.from_cells([
    ...     [["O", "B-PER", "I-PER"], ["O", "B-PER", "O"], ["O", "O", "I-PER"]],
    ...     [["B-PER", "O"], ["B-PER", "O"], None],
    ... ])
    >>> result = sequence_dawid_skene(S)
    >>> [S.classes[tags].tolist() for tags in S.split(result.tags)]
    [['O', 'B-PER', 'I-PER'], ['B-PER', 'O']]
    """
    if max_iter < 1:
        raise ValueError(f"max_iter must be 1 or more, got {max_iter}.")
    if not 0 <= transition_weight <= 1:
        raise ValueError(
            f"transition_weight must lie between 0 and 1, got {transition_weight}."
        )
    check_aligned(annotations=annotations, gold=gold, start=start)
    check_aligned(annotations=annotations, lengths=lengths, sample_weight=sample_weight)
    annotations, lengths = _tokens(annotations, lengths)
    gold = gold_codes(gold, len(annotations), len(annotations.classes))
    chain = Chain(annotations, lengths, transitions, single_spans)
    check_fits(
        sequence_bytes(
            annotations.n_annotators,
            len(annotations.classes),
            len(chain.state_tag),
            len(annotations),
            previous_truth=previous_truth,
        ),
        f"answers in context, of {annotations.n_annotators} annotators who choose of "
        f"{len(annotations.classes)} classes for {len(annotations)} tokens,",
        SEQUENCE_WAY_OUT,
    )
    chain.weigh(annotations, sample_weight, gold)
    chain.add_evidence(log_emission)
    chain.add_gold(gold)
    evidence = gather_evidence(annotations, chain.weight, gold).single
    counts = SequenceCounts(annotations, chain.is_first, chain.weight, evidence)
    states = chain.begin(majority_vote(annotations) if start is None else start)
    posterior = states.posterior @ chain.fold
    n_iter, change = 0, np.inf
    while n_iter < max_iter and change >= tol:
        n_iter += 1
        fitted = maximize(
            chain, counts, states, pseudo_counts, previous_truth, annotator_counts
        )
        likelihood = counts.log_likelihood(fitted.confusion)
        potentials = chain.potentials(fitted.steps, transition_weight, likelihood)
        states = forward_backward(*potentials)
        previous, posterior = posterior, states.posterior @ chain.fold
        change = np.abs(posterior - previous).mean(axis=1)
        change = np.average(change, weights=chain.weight)
    warn_unless_converged("sequence_dawid_skene", change, tol, n_iter)
    initial, transition = chain.tag_steps(fitted.steps)
    by_tag = marginal_confusion(
        fitted.counts, fitted.confusion, pseudo_counts, chain.state_tag
    )
    tags = chain.state_tag[viterbi(*potentials)]
    return SequenceResult(
        posterior,
        tags,
        by_tag,
        initial,
        transition,
        n_iter,
        fitted.confusion,
        chain.state_tag,
    )


class ChainParameters(NamedTuple):
    """Parameters that an M-step fits.

    Attributes
    ----------
    steps : ndarray of shape (n_states + 1, n_states)
        Expected counts of the steps from state to state; the last row is for the first
        token.
    counts, confusion : ndarray of shape \
            (n_annotators, n_classes + 1, n_contexts, n_states, n_classes)
        Expected counts of the answers, and their probabilities.
    """

    steps: FloatArray
    counts: FloatArray
    confusion: FloatArray


def maximize(
    chain: Chain,
    counts: SequenceCounts,
    states: ChainPosterior,
    pseudo_counts: float,
    previous_truth: bool,
    annotator_counts: Array | None,
) -> ChainParameters:
    """Fit transitions and answer probabilities to a posterior of the states.

    Parameters
    ----------
    chain : Chain
    counts : SequenceCounts
    states : ChainPosterior
    pseudo_counts, previous_truth, annotator_counts
        As for :func:`sequence_dawid_skene`.

    Returns
    -------
    parameters : ChainParameters
    """
    steps = np.tensordot(chain.weight, states.pairs, axes=1)
    in_context = states.pairs if previous_truth else states.posterior[:, None]
    expected_counts = counts.expected_counts(in_context)
    if annotator_counts is not None:
        expected_counts += spread_counts(
            annotator_counts, expected_counts, chain.state_tag
        )
    confusion = sequence_confusion(expected_counts, pseudo_counts, chain.state_tag)
    return ChainParameters(steps, expected_counts, confusion)


def keep_valid_paths(
    annotations: Annotations,
    lengths: IntArray,
    posterior: FloatArray,
    transitions: Any = None,
) -> tuple[FloatArray, IntArray]:
    """Restrict independent posteriors of tokens to the valid paths.

    A path is as probable as the product of its tags, or impossible.

    Parameters
    ----------
    annotations : Annotations
        Answers of kind "labels", an item a token.
    lengths : int64 ndarray of shape (n_sentences,)
    posterior : ndarray of shape (n_tokens, n_classes)
    transitions : bool array-like of shape (n_classes + 1, n_classes), default=None
        As for :func:`sequence_dawid_skene`.

    Returns
    -------
    posterior : ndarray of shape (n_tokens, n_classes)
    tags : int64 ndarray of shape (n_tokens,)
        Codes of the tags of the most probable paths.
    """
    chain = Chain(annotations, lengths, transitions, single_spans=False)
    chain.add_evidence(np.log(posterior + np.finfo(float).tiny))
    log_steps = _log(chain.allowed.astype(float))
    potentials = chain.evidence, chain.lengths, log_steps[-1], log_steps[:-1]
    return forward_backward(*potentials).posterior, viterbi(*potentials)


def infer_tags(
    sequences: SequenceAnnotations,
    initial: FloatArray,
    transition: FloatArray,
    confusion: FloatArray,
) -> tuple[FloatArray, IntArray]:
    """Infer the truth of sequences by a model that was fitted to others.

    Parameters
    ----------
    sequences : SequenceAnnotations
    initial, transition, confusion : ndarray
        The ``initial``, ``transition`` and ``sequence_confusion`` of a
        :class:`SequenceResult`, without states for spans of one token.

    Returns
    -------
    posterior : ndarray of shape (n_tokens, n_classes)
    tags : int64 ndarray of shape (n_tokens,)
        Codes of the tags of the most probable paths.
    """
    tokens = sequences.tokens
    chain = Chain(tokens, sequences.lengths, None, single_spans=False)
    weight, evidence = np.ones(len(tokens)), gather_evidence(tokens).single
    counts = SequenceCounts(tokens, chain.is_first, weight, evidence)
    steps = _log(np.vstack([transition, initial]))
    potentials = chain.weighted_paths(steps, counts.log_likelihood(confusion))
    return forward_backward(*potentials).posterior, viterbi(*potentials)


def _tokens(
    annotations: AnswersLike, lengths: Any
) -> tuple[Annotations, IntArray | list[float]]:
    """Read annotations of tokens, and the lengths of the sentences."""
    if isinstance(annotations, SequenceAnnotations):
        if lengths is not None:
            raise ValueError(
                "lengths were given with a SequenceAnnotations, which has its own; "
                "leave them out."
            )
        return annotations.tokens, annotations.lengths
    if lengths is None:
        raise ValueError(
            "lengths are missing: say how many tokens each sentence has, or pass a "
            "SequenceAnnotations."
        )
    return check_annotations(annotations), lengths


class Chain:
    """The sentences, the states of the truth and the steps between them."""

    def __init__(
        self,
        annotations: Annotations,
        lengths: Any,
        transitions: Any,
        single_spans: bool,
    ) -> None:
        self.lengths = _checked_lengths(lengths, len(annotations))
        begin = np.cumsum(self.lengths) - self.lengths
        self.is_first = np.zeros(len(annotations), dtype=bool)
        self.is_first[begin[self.lengths > 0]] = True
        classes = annotations.classes
        self.tags_allowed = _checked_transitions(transitions, classes)
        n_classes = len(classes)
        if single_spans:
            split = split_singles(classes, self.tags_allowed)
        else:
            everything = np.ones(n_classes, dtype=bool)
            split = np.arange(n_classes), self.tags_allowed, everything
        self.state_tag, self.allowed, ends = split
        if transitions is None:
            ends = ends & may_end(classes)[self.state_tag]
        self.fold = np.eye(n_classes)[self.state_tag]
        is_last = np.roll(self.is_first, -1)
        ends_well = has_valid_end(self.lengths, self.allowed, ends)
        is_last &= np.repeat(ends_well, self.lengths)
        self.evidence = np.where(is_last[:, None] & ~ends, -np.inf, 0.0)

    def weigh(self, annotations: Annotations, sample_weight: Any, gold: Any) -> None:
        """Set the weight of every token: its sentence's, 0 where nothing is known."""
        n_sentences = len(self.lengths)
        sentence = np.repeat(np.arange(n_sentences), self.lengths)
        known = annotations.answers_per_item
        if gold is not None:
            known = known + (gold >= 0)
        weight: Array = np.bincount(sentence, known, n_sentences) > 0
        if sample_weight is not None:
            weight = weight * read_weight(sample_weight, n_sentences)
        if not weight.any():
            raise ValueError(
                "no sentence with an answer has a positive weight; there is nothing to "
                "infer the truth from."
            )
        self.weight = weight[sentence].astype(float)

    def add_evidence(self, log_emission: Any) -> None:
        if log_emission is not None:
            shape = len(self.is_first), self.fold.shape[1]
            log_emission = _of_shape(log_emission, shape, "log_emission")
            self.evidence = self.evidence + log_emission[:, self.state_tag]

    def add_gold(self, gold: Any) -> None:
        """Add evidence against all tags but gold; invalid paths stay impossible."""
        if gold is not None:
            wrong = (gold >= 0)[:, None] & (gold[:, None] != self.state_tag)
            self.evidence = np.where(wrong, RULED_OUT, 0.0) + self.evidence

    def begin(self, start: Any) -> ChainPosterior:
        """Return the posterior on valid paths with `start` as the only evidence."""
        start = _of_shape(start, (len(self.is_first), self.fold.shape[1]), "start")
        steps = _log(_even(self.allowed))
        emission = np.log(start + LEAST_START)[:, self.state_tag]
        emission[self.evidence == -np.inf] = -np.inf
        return forward_backward(emission, self.lengths, steps[-1], steps[:-1])

    def tag_steps(self, steps: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the probabilities of the first tag, and of the tag after each tag."""
        steps = np.vstack([self.fold.T @ steps[:-1], steps[-1:]]) @ self.fold
        shares = _shares(steps, self.tags_allowed)
        return shares[-1], shares[:-1]

    def potentials(
        self, steps: FloatArray, transition_weight: float, likelihood: FloatArray | None
    ) -> tuple[FloatArray, IntArray, FloatArray, FloatArray]:
        """Arguments of `forward_backward` and `viterbi`.

        Parameters
        ----------
        steps : ndarray of shape (n_states + 1, n_states)
            Expected counts of the steps.
        transition_weight : float
            Power of the transition probabilities.
        likelihood : ndarray of shape (n_tokens, n_contexts, n_states) or None
            Log-probability of the answers; a single context stands for all contexts.
            None leaves the answers out.
        """
        powers = _shares(steps, self.allowed) ** transition_weight
        return self.weighted_paths(_log(powers * self.allowed), likelihood)

    def weighted_paths(
        self, log_steps: FloatArray, likelihood: FloatArray | None
    ) -> tuple[FloatArray, IntArray, FloatArray, FloatArray]:
        """Arguments of `forward_backward` and `viterbi`, given the steps' weights.

        Parameters
        ----------
        log_steps : ndarray of shape (n_states + 1, n_states)
            The last row is for the first token.
        likelihood : ndarray of shape (n_tokens, n_contexts, n_states) or None
        """
        if likelihood is None:
            return self.evidence, self.lengths, log_steps[-1], log_steps[:-1]
        emission, transition = likelihood[:, -1], log_steps[:-1]
        if likelihood.shape[1] > 1:
            emission = np.where(self.is_first[:, None], emission, 0)
            transition = transition + likelihood[:, :-1]
        return self.evidence + emission, self.lengths, log_steps[-1], transition


def _even(allowed: BoolArray) -> FloatArray:
    return allowed / allowed.sum(axis=1, keepdims=True)


def _shares(steps: FloatArray, allowed: BoolArray) -> FloatArray:
    steps = steps + STEP_COUNTS * _even(allowed)
    return steps / steps.sum(axis=1, keepdims=True)


def _log(probability: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.log(probability)


def _checked_lengths(lengths: IntArray, n_tokens: int) -> IntArray:
    lengths = np.asarray(lengths)
    if lengths.ndim != 1 or lengths.dtype.kind not in "iu" or (lengths < 0).any():
        raise ValueError(f"lengths must be a list of counts of tokens, got {lengths}.")
    if lengths.sum() != n_tokens:
        raise ValueError(
            f"lengths sum to {lengths.sum()}, but there are {n_tokens} tokens; give "
            "the number of tokens of every sentence."
        )
    return lengths.astype(np.int64)


def _checked_transitions(transitions: Array | None, classes: Any) -> BoolArray:
    if transitions is None:
        return iob2_transitions(classes)
    allowed = np.asarray(transitions, dtype=bool)
    allowed = _of_shape(allowed, (len(classes) + 1, len(classes)), "transitions")
    if not allowed.any(axis=1).all():
        row = np.flatnonzero(~allowed.any(axis=1))[0]
        raise ValueError(
            f"transitions has only zeros in row {row}; allow at least one tag."
        )
    return allowed


def _of_shape(values: Any, shape: tuple[int, int], name: str) -> Array:
    values = np.asarray(values)
    if values.shape != shape:
        raise ValueError(f"{name} must be of shape {shape}, got {values.shape}.")
    return values
