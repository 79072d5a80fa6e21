"""The posterior from which the doubt about right answers is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skcrowd.aggregation._tempered_posterior import (
    LARGEST_OUT_OF_FOLD,
    LARGEST_WEIGHT,
    MOST_NUMBERS,
    N_STEPS,
    tempered_posterior,
)

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray
    from skcrowd.aggregation._vote_discount import DependentGroups
    from skcrowd.methods import TrainingContext

__all__ = ["calibrated_posterior"]

# Of EM, where classes have an order, and rows of confusions are shrunk to bias and
# closeness on the scale. More steps move away from the truth where items have few
# answers, and intervals are wider.
N_ORDERED_STEPS = 2


def calibrated_posterior(
    context: TrainingContext,
    log_network: FloatArray,
    class_shares: FloatArray,
    posterior: FloatArray,
    out_of_fold: Array | None = None,
    groups: DependentGroups | None = None,
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
        instead: a network that has learned the answers of an item predicts them too
        well.
    groups : DependentGroups, default=None
        Annotators who err together.

    Returns
    -------
    posterior : ndarray of shape (n_items, n_classes) or None
        None with more than 2**23 answers × classes, which would take long.
    """
    annotations = context.annotations
    if annotations.n_answers * len(class_shares) > MOST_NUMBERS:
        return None
    bound = LARGEST_WEIGHT
    if out_of_fold is not None:
        log_network, bound = out_of_fold, LARGEST_OUT_OF_FOLD
    calibrated = tempered_posterior(
        log_network,
        annotations,
        class_shares,
        posterior,
        other_counts=context.side_information.annotator_counts,
        n_steps=N_STEPS if context.class_ranks is None else N_ORDERED_STEPS,
        largest_network_weight=bound,
        class_ranks=context.class_ranks,
        groups=groups,
    )
    return context.clamp_gold(calibrated.posterior)
