"""Crowds for dependence.py: independent annotators, and groups who err together.

Items differ strongly in difficulty, so that errors of independent annotators go
together. The members of a group are the first annotators; they share answers to a share
of the items, and answer the others on their own.
"""

import numpy as np

from skcrowd.annotations import Annotations, SequenceAnnotations

SLOTS, SLOT_LENGTH = 5, 4  # of a sequence; a slot has one span, or none
TAGS = np.array(["B-LOC", "B-PER", "I-LOC", "I-PER", "O"])
OUTSIDE, NO_SPAN = 4, 0
N_COPIES = 4  # of a majority


def labels(rng, n_items, n_annotators, group, per_item, n_classes):
    """Draw labels; half of the wrong ones are a class that the item suggests."""
    truth = rng.integers(n_classes, size=(n_items, 1))
    suggested = (truth + rng.integers(1, n_classes, size=truth.shape)) % n_classes
    difficulty = rng.normal(0, 1.5, truth.shape)

    def answer(n):
        shape = n_items, n
        is_right = draw_right(rng, n, difficulty)
        other = (truth + rng.integers(1, n_classes, size=shape)) % n_classes
        wrong = np.where(rng.random(shape) < 0.5, suggested, other)
        return np.where(is_right, truth, wrong)

    answers = share_answers(rng, answer, n_annotators, group)
    answers = leave_out(rng, answers, per_item, -1)
    return Annotations.from_dense(answers, classes=np.arange(n_classes))


def majority(rng, n_items, n_classes, n_others, accuracy, own):
    """Draw labels of four copies of one annotator, and of others who are mostly right.

    Parameters
    ----------
    n_others : int
        Others, who are right in 85 of 100 items.
    accuracy : float
        Share of right answers of the annotator who is copied.
    own : float
        Share of answers that each copy gives on its own.
    """
    truth = rng.integers(n_classes, size=(n_items, 1))

    def answer(n, accuracy):
        is_right = rng.random((n_items, n)) < accuracy
        other = truth + rng.integers(1, n_classes, size=is_right.shape)
        return np.where(is_right, truth, other % n_classes)

    is_own = rng.random((n_items, N_COPIES)) < own
    copies = np.where(is_own, answer(N_COPIES, accuracy), answer(1, accuracy))
    answers = np.hstack([copies, answer(n_others, 0.85)])
    return Annotations.from_dense(answers, classes=np.arange(n_classes))


def better(rng, n_items, n_classes, n_annotators, n_copies, accuracy):
    """Draw labels of exact copies, and of others who are right in 75 of 100 items.

    Parameters
    ----------
    n_annotators, n_copies : int
        Of all, and of these the copies.
    accuracy : float
        Share of right answers of the annotator who is copied.
    """
    truth = rng.integers(n_classes, size=(n_items, 1))
    is_right = rng.random((n_items, n_annotators)) < 0.75
    is_right[:, 0] = rng.random(n_items) < accuracy
    other = truth + rng.integers(1, n_classes, size=is_right.shape)
    answers = np.where(is_right, truth, other % n_classes)
    answers[:, :n_copies] = answers[:, :1]
    return Annotations.from_dense(answers, classes=np.arange(n_classes))


def ratings(rng, n_items, n_annotators, group, per_item, stars):
    """Draw ratings to a decimal, or stars from 1 to 5."""
    truth = rng.normal(0, 1, (n_items, 1))
    difficulty = rng.lognormal(0, 0.5, truth.shape)

    def answer(n):
        scale, offset = rng.uniform(0.7, 1.3, n), rng.normal(0, 0.4, n)
        noise = rng.uniform(0.3, 1.2, n) * difficulty
        value = 3 + offset + scale * truth + noise * rng.standard_normal((n_items, n))
        return np.clip(np.round(value), 1, 5) if stars else np.round(value, 1)

    answers = share_answers(rng, answer, n_annotators, group)
    answers = leave_out(rng, answers, per_item, np.nan)
    item, annotator = np.nonzero(np.isfinite(answers))
    return Annotations(item, annotator, answers[item, annotator], answers.shape)


def tags(rng, n_items, n_annotators, group, per_item):
    """Draw tags of a third as many sequences as items.

    Wrong is a span that is missed, invented, of another kind, or has another last
    token; half of these errors are one that the slot suggests.
    """
    n_sequences = n_items // 3
    shape = n_sequences, 1, SLOTS
    kind = rng.integers(-2, 3, shape).clip(NO_SPAN)  # three fifths have no span
    length = rng.integers(1, SLOT_LENGTH, shape)
    suggested = confuse(rng, kind, length)
    difficulty = rng.normal(1, 1.5, shape)

    def answer(n):
        is_right = draw_right(rng, (n, 1), difficulty)
        size = n_sequences, n, SLOTS
        is_suggested = rng.random(size) < 0.5
        own = confuse(rng, *(np.broadcast_to(v, size) for v in (kind, length)))
        given = [
            np.where(is_right, true, np.where(is_suggested, wrong, other))
            for true, wrong, other in zip((kind, length), suggested, own, strict=True)
        ]
        return write_tags(*given)

    answers = share_answers(rng, answer, n_annotators, group)
    answers = leave_out(rng, answers, per_item, -1)
    tokens = answers.transpose(0, 2, 1).reshape(-1, n_annotators)
    item, annotator = np.nonzero(tokens >= 0)
    of_tokens = Annotations(
        item, annotator, tokens[item, annotator], tokens.shape, TAGS
    )
    return SequenceAnnotations(of_tokens, np.full(n_sequences, SLOTS * SLOT_LENGTH))


def confuse(rng, kind, length):
    """Return another kind, or another length, of each slot."""
    is_span, luck = kind != NO_SPAN, rng.random(kind.shape)
    is_longer = (length + rng.integers(1, SLOT_LENGTH - 1, kind.shape)) % 3 + 1
    other_kind = np.where(luck < 0.6, NO_SPAN, 3 - kind)
    invented = rng.integers(1, 3, kind.shape)
    new_kind = np.where(is_span, np.where(luck < 0.8, other_kind, kind), invented)
    return new_kind, np.where(is_span & (luck >= 0.8), is_longer, length)


def write_tags(kind, length):
    """Write the codes of tags, of shape (n_sequences, n_annotators, n_tokens)."""
    place = np.arange(SLOT_LENGTH)
    is_inside = (kind != NO_SPAN)[..., None] & (place < length[..., None])
    code = (kind - 1)[..., None] + np.where(place > 0, 2, 0)
    return np.where(is_inside, code, OUTSIDE).reshape(*kind.shape[:2], -1)


def draw_right(rng, n, difficulty):
    """Draw who is right: abilities N(1.2, 0.5) less difficulty are the log-odds."""
    log_odds = rng.normal(1.2, 0.5, n) - difficulty
    return rng.random(log_odds.shape) < 1 / (1 + np.exp(-log_odds))


def share_answers(rng, answer, n_annotators, group):
    """Draw the answers of all; a group gives a share of them together."""
    answers = answer(n_annotators)
    if group is not None:
        size, share = group
        is_common = rng.random((len(answers), size)) < share
        is_common = is_common.reshape(is_common.shape + (1,) * (answers.ndim - 2))
        answers[:, :size] = np.where(is_common, answer(1), answers[:, :size])
    return answers


def leave_out(rng, answers, per_item, missing):
    """Keep the answers of some annotators to each item, drawn at random."""
    if per_item is not None:
        answers[rng.random(answers.shape[:2]).argsort(axis=1) >= per_item] = missing
    return answers
