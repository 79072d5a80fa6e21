"""The posterior from which the doubt about right answers is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrowd.aggregation._tempered_posterior import tempered_posterior

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray
    from skcrowd.methods import TrainingContext

__all__ = ["calibrated_posterior"]

MOST_NUMBERS = 2**23  # answers × classes up to which the posterior is calibrated
# Of EM. With three, as of labels, intervals of simulated annotators are twice as wide,
# and those of real ones the same.
N_STEPS = 10


def calibrated_posterior(
    context: TrainingContext,
    log_network: FloatArray,
    class_shares: FloatArray,
    posterior: FloatArray,
    out_of_fold: Array | None = None,
) -> FloatArray | None:
    """Return a posterior whose evidence is weighted to predict held-out answers.

    The posterior of a method, fitted to the same answers, is too certain, so doubt is
    computed from this one.

    Parameters
    ----------
    context : TrainingContext
    log_network : ndarray of shape (n_items, n_classes)
        Log-probabilities that the network predicts.
    class_shares : ndarray of shape (n_classes,)
    posterior : ndarray of shape (n_items, n_classes)
        That of the method, with which the iterations begin.
    out_of_fold : ndarray of shape (n_items, n_classes), default=None
        Log-probabilities by networks that were not trained on the item, which are taken
        where an item has a single answer: from that alone the network has learned what
        it predicts there, and no other answer contradicts it.

    Returns
    -------
    posterior : ndarray of shape (n_items, n_classes) or None
        None with more than 2**23 answers × classes, which would take long.
    """
    annotations = context.annotations
    if annotations.n_answers * len(class_shares) > MOST_NUMBERS:
        return None
    if out_of_fold is not None:
        is_single = annotations.answers_per_item == 1
        log_network = np.where(is_single[:, None], out_of_fold, log_network)
    calibrated = tempered_posterior(
        log_network,
        annotations,
        class_shares,
        posterior,
        other_counts=context.side_information.annotator_counts,
        n_steps=N_STEPS,
    )
    return context.clamp_gold(calibrated.posterior)
