"""Train a network and an annotator model with skorch."""

from __future__ import annotations

import cmath
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import torch

from skcrowd.methods._encode_once import encode_once
from skcrowd.methods._prior_penalty import PriorAnswers
from skcrowd.methods._training_set import training_set
from skcrowd.training import CrowdLoss
from skcrowd.training._threads import threads_for

if TYPE_CHECKING:
    from torch import nn

    from skcrowd._typing import Array, FloatArray
    from skcrowd.annotators import AnnotatorModel
    from skcrowd.training import CrowdNet

    from ._training_context import TrainingContext


__all__ = ["check_converged", "train"]


def train(
    context: TrainingContext,
    annotators: AnnotatorModel,
    *,
    train_on: Literal["answers", "targets"],
    targets: FloatArray | None = None,
    extra_targets: dict[str, Array] | None = None,
    penalties: Sequence[nn.Module] = (),
    select: Callable[..., Any] | None = None,
    **build: Any,
) -> CrowdNet:
    """Train a network, a fresh one or that of a previous fit, with skorch.

    Of items that are equal in features and answers, one is used with the weight of all,
    and items are sorted by their content: repeating an item is equivalent to weighting
    it, whatever is drawn at random in training.

    Parameters
    ----------
    context : TrainingContext
    annotators : AnnotatorModel
    train_on : {"answers", "targets"}
        Which loss trains the network.
    targets : ndarray of shape (n_items, n_classes) or (n_items,), default=None
        Soft labels, or numbers.
    extra_targets : dict of str to ndarray of shape (n_items, ...), default=None
        Further arrays, of which each batch holds its rows, by name. The weights of
        items are added as ``repeats``, unless all are 1.
    penalties : sequence of callable
        See :class:`skcrowd.training.CrowdLoss`.
    select : callable, default=None
        See :class:`skcrowd.training.CrowdLoss`.
    **build
        See :meth:`skcrowd.training.NetFactory.build`.

    Returns
    -------
    net : CrowdNet
        The trained network; its ``criterion_.annotators`` is the annotator model.
    """
    factory = context.factory
    penalties = (*penalties, *_prior_penalties(context, annotators, train_on))
    if factory.criterion is not None and train_on == "answers":
        raise ValueError(
            "criterion is the loss to the truth as a method infers it, but this method "
            "trains on the answers, through its annotator model; leave criterion out, "
            "or choose a method that trains on the inferred truth, such as 'em'."
        )
    criterion = CrowdLoss(
        annotators, factory.output, train_on, penalties, select, factory.criterion
    )
    net = factory.build(criterion, **build)
    if context.side_information.previous_fit is not None:
        net.criterion_.annotators.load_from(context.side_information.previous_fit)
    factory.check_scores(net, context.X)
    dataset = training_set(context, targets, **(extra_targets or {}))
    del targets, extra_targets  # the data set has copies
    with threads_for(net.module_, factory.batch_size):
        factory.train(net, encode_once(net, dataset, factory))
    check_converged(net)
    return net


def _prior_penalties(
    context: TrainingContext, annotators: AnnotatorModel, train_on: str
) -> list[Any]:
    """Return penalties from the prior knowledge of the annotators.

    Closed-form estimates have it in their expected counts and moments. An annotator
    model that continues one of its type has learned from earlier parts already.

    Raises
    ------
    ValueError
        If the annotator model cannot use prior counts.
    """
    side_information = context.side_information
    known, previous = side_information.annotator_counts, side_information.previous_fit
    if previous is not None and previous.is_continued_by(annotators):
        known = side_information.prior_counts
    if train_on != "answers" or known is None:
        return []
    if not annotators.answers_from_truth:
        raise ValueError(
            f"the annotator model {type(annotators).__name__} of this method "
            "cannot use annotator_prior; leave it out, or choose another method."
        )
    n_answers = float(context.training_weight @ context.answers_per_item)
    return [PriorAnswers(known, n_answers)]


def check_converged(net: CrowdNet) -> None:
    """Raise if training has diverged.

    Parameters
    ----------
    net : CrowdNet

    Raises
    ------
    ValueError
        If a weight of network or annotator model is not finite.
    """
    trained = [*net.module_.parameters(), *net.criterion_.parameters()]
    if not all(map(_is_finite, trained)):
        raise ValueError(
            "training diverged: some weights are no longer finite. Lower lr "
            f"(it is {net.lr}) or annotator_lr, or bring X to a common scale."
        )


def _is_finite(values: torch.Tensor) -> bool:
    """Whether all values are finite; so they are where their sum is."""
    is_known = cmath.isfinite(values.sum().item())
    return is_known or bool(torch.isfinite(values).all())
