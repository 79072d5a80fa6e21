"""Seed of a fit, and choice of the samples that early stopping holds out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils import check_random_state

from skcrowd.estimators._checkpointing import unfinished_seed
from skcrowd.estimators._distribution import process_group_of
from skcrowd.methods._side_information import known_mask
from skcrowd.training._split import hold_out_items

if TYPE_CHECKING:
    from skcrowd._typing import Array, BoolArray, Gold


__all__ = [
    "check_validation",
    "chosen_validation",
    "draw_seed",
    "hold_out",
    "is_known",
]


def draw_seed(estimator: Any, *data: Any) -> int:
    """Draw the seed of a fit, or return that of the interrupted fit to be resumed.

    Processes that fit together take the one of the first.

    Parameters
    ----------
    estimator : CrowdEstimator
    *data : object
        Answers, weights and gold, after reading.
    """
    seed, group = unfinished_seed(estimator, *data), process_group_of(estimator)
    if seed is None:
        seed = int(check_random_state(estimator.random_state).randint(2**31 - 1))
    return seed if group is None else int(group.first(lambda: seed))


def hold_out(
    annotations: Any, gold: Gold, strata: Array, fraction: float, seed: int
) -> BoolArray:
    """Choose samples whose answers are used for early stopping, not for training.

    Samples of known truth are most valuable for training: they are held out only if
    fewer than two others have answers.

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


def check_validation(marked: Array, n_samples: int) -> BoolArray:
    """Return which samples are the validation set, as the user gave it.

    Parameters
    ----------
    marked : ndarray
    n_samples : int

    Raises
    ------
    ValueError
        If it is not a boolean for each sample.
    """
    if marked.dtype.kind != "b" or marked.shape != (n_samples,):
        raise ValueError(
            f"validation must be True or False for each of the {n_samples} samples, "
            f"got {marked.dtype} of shape {marked.shape}."
        )
    return marked


def chosen_validation(annotations: Any, gold: Gold, marked: BoolArray) -> BoolArray:
    """Return the marked samples that can validate: with an answer or a known truth.

    Parameters
    ----------
    annotations : Annotations or SequenceAnnotations
    gold : ndarray or None
        Known truth of each item.
    marked : bool ndarray of shape (n_samples,)

    Raises
    ------
    ValueError
        If there is none, or none is left to train on.
    """
    known = is_known(annotations, gold)
    for use, rows in (("validate with", marked), ("train on", ~marked)):
        if not (known & rows).any():
            raise ValueError(
                f"validation leaves no sample with an answer or gold to {use}; mark "
                "some of the samples, but not all."
            )
    return marked


def is_known(annotations: Any, gold: Gold) -> BoolArray:
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


def _has_answer(annotations: Any) -> BoolArray:
    """Whether a sample has an answer, (n_samples,)."""
    items = getattr(annotations, "tokens", annotations)
    return _any_of_sequence(annotations, items.answers_per_item > 0)


def _has_gold(annotations: Any, gold: Gold) -> BoolArray:
    """Whether the truth of a sample, or of a token of it, is known, (n_samples,)."""
    return _any_of_sequence(annotations, known_mask(gold))


def _any_of_sequence(annotations: Any, mask: BoolArray) -> BoolArray:
    """Reduce a mask of the items to one of the samples: any token of a sequence.

    Parameters
    ----------
    annotations : Annotations or SequenceAnnotations
    mask : bool ndarray of shape (n_items,)
    """
    if not hasattr(annotations, "offsets"):
        return mask
    return np.logical_or.reduceat(mask, annotations.offsets[:-1])
