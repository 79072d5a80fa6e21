"""The seed of a fit, and the items that early stopping holds out."""

import numpy as np
from sklearn.utils import check_random_state

from skcrowd.estimators._checkpointing import unfinished_seed
from skcrowd.methods._side_information import known_mask
from skcrowd.training._split import hold_out_items

__all__ = ["draw_seed", "hold_out", "is_known"]


def draw_seed(estimator, *given):
    """Draw the seed of a fit, or return that of the interrupted fit to be resumed.

    Parameters
    ----------
    estimator : CrowdEstimator
    *given : object
        Answers, weights and gold, as they were read.
    """
    seed = unfinished_seed(estimator, *given)
    if seed is not None:
        return seed
    return int(check_random_state(estimator.random_state).randint(2**31 - 1))


def hold_out(annotations, gold, strata, fraction, seed):
    """Mark the samples whose answers score training and are not learned from.

    Samples whose truth is known are worth more to learn from: they are held out only
    where fewer than two others have answers.

    Parameters
    ----------
    annotations : Annotations or SequenceAnnotations
    gold : ndarray or None
        Known truth of each item.
    strata : ndarray of shape (n_samples,)
        The stratum of each sample.
    fraction : float
        Share of the answered samples to hold out.
    seed : int

    Returns
    -------
    held_out : bool ndarray of shape (n_samples,)
    """
    candidates = _has_answer(annotations)
    if gold is not None:
        others = candidates & ~_has_gold(annotations, gold)
        candidates = others if others.sum() > 1 else candidates
    return hold_out_items(strata, np.flatnonzero(candidates), fraction, seed)


def is_known(annotations, gold):
    """Whether a sample has an answer or a known truth.

    Parameters
    ----------
    annotations : Annotations or SequenceAnnotations
    gold : ndarray or None
        Known truth of each item.

    Returns
    -------
    known : bool ndarray of shape (n_samples,)
    """
    known = _has_answer(annotations)
    return known if gold is None else known | _has_gold(annotations, gold)


def _has_answer(annotations):
    """Whether a sample has an answer, (n_samples,)."""
    items = getattr(annotations, "tokens", annotations)
    return _any_of_sequence(annotations, items.answers_per_item > 0)


def _has_gold(annotations, gold):
    """Whether the truth of a sample, or of a token of it, is known, (n_samples,)."""
    return _any_of_sequence(annotations, known_mask(gold))


def _any_of_sequence(annotations, mask):
    """Reduce a mask of the items to one of the samples: any token of a sequence.

    Parameters
    ----------
    annotations : Annotations or SequenceAnnotations
    mask : bool ndarray of shape (n_items,)
    """
    if not hasattr(annotations, "offsets"):
        return mask
    return np.logical_or.reduceat(mask, annotations.offsets[:-1])
