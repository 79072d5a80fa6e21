"""The truth to start with, from features and answers that confirm each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from scipy import sparse
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from skcrowd.aggregation import shrunk_confusion
from skcrowd.aggregation._annotator_groups import read_groups
from skcrowd.aggregation._leave_one_out_em import leave_one_out_em
from skcrowd.aggregation._tempered_posterior import MOST_NUMBERS
from skcrowd.aggregation._vote_discount import (
    DependentGroups,
    discounted_votes,
    find_dependent,
    n_compared,
)
from skcrowd.annotations._memory import is_large, row_blocks
from skcrowd.methods._out_of_fold import predict_out_of_fold

if TYPE_CHECKING:
    from skcrowd._typing import Array, BoolArray, FloatArray
    from skcrowd.aggregation import Disagreement
    from skcrowd.annotations import Annotations
    from skcrowd.training import CrowdNet

    from ._training_context import TrainingContext


__all__ = ["StartingTruth", "starting_truth"]

SEEDS = 2**31
FEWEST_ROWS = 10  # to learn from, below which nothing is predicted out of fold
STEPS = 150  # of each network
FEWEST_EPOCHS, MOST_EPOCHS = 5, 15
LEAST_POWER = 0.02
LEAST_KEPT = 0.02  # of a predicted probability that errors alone explain
TINY = float(np.finfo(np.float64).tiny)
LEAST_KEPT_LOG = float(np.finfo(np.float32).min)  # of predictions kept in float32
FEWEST_ANSWERS = 500  # below which it is not tested whether they are informative
LARGEST_SHARE = 0.8  # of a class, above which that is not tested either
INFORMATIVE = 2.0  # standard errors
LEAST_VARIANCE = 1e-9  # above rounding errors


class StartingTruth(NamedTuple):
    """Result of :func:`starting_truth`.

    Attributes
    ----------
    posterior : ndarray of shape (n_items, n_classes)
    answer_weight : ndarray of shape (n_answers,) or None
        Weights of the answers as votes; None if all are 1.
    predictability : float
        Agreement of the posterior with networks that were trained on other items,
        beyond chance (kappa); NaN if there are no such networks.
    groups : DependentGroups
        Annotators who err together.
    is_informative : bool
        False if the answers agree neither with such networks nor with each other more
        than by chance. True for few answers, and where nearly all items are of one
        class: then even good annotators agree hardly more than by chance.
    out_of_fold : float32 ndarray of shape (n_items, n_classes) or None
        Log-probabilities of the votes by such networks, unless they are too many.
    interrupted : CrowdNet or None
        The network whose training was interrupted.
    """

    posterior: FloatArray
    groups: DependentGroups
    answer_weight: FloatArray | None = None
    predictability: float = np.nan
    is_informative: bool = True
    out_of_fold: Array | None = None
    interrupted: CrowdNet | None = None


def starting_truth(
    context: TrainingContext,
    found: Disagreement,
    n_folds: int | None,
    pseudo_counts: float,
    annotator_groups: Any = "auto",
) -> StartingTruth:
    """Infer the truth from networks that have not seen an item, and its answers.

    Answers of a guesser cannot be predicted from the features of other items, and do
    not agree with those of others. Networks trained on the vote on other items are the
    prior of each item, and annotators are compared with it and the others alone
    (:func:`leave_one_out_em`), so that nobody decides the truth by many answers.
    Annotators who err together count as fewer. Where such networks do not predict the
    answers significantly, the vote is the start.

    Parameters
    ----------
    context : TrainingContext
    found : Disagreement
        Networks that are trained on the vote predict votes; the prior is what is left
        when its error is taken off.
    n_folds : int or None
        None for the posterior to start with of all methods, the vote.
    pseudo_counts : float
    annotator_groups : "auto", mapping, array-like or None, default="auto"
        See :class:`RegularizedEM`.

    Returns
    -------
    start : StartingTruth
        That of ``context.labels`` where a previous fit continues, there are few items,
        or a table of confusions would be large.
    """
    votes = context.labels.initial_posterior()
    if n_folds is None or not _can_start(context):
        return StartingTruth(votes, _alone(context.annotations.n_annotators))
    groups = _groups(context, annotator_groups)
    weight = groups.answer_weights(context.annotations)
    evidence = context.evidence
    votes = discounted_votes(context.annotations, votes, weight, evidence)
    votes = context.clamp_gold(votes)
    counts = context.labels.expected_counts(votes)
    fold = context.folds(n_folds)
    seed = int(torch.randint(SEEDS, (1,)))
    log_votes, interrupted = predict_out_of_fold(
        context,
        votes,
        shrunk_confusion(counts, pseudo_counts),
        fold,
        _n_epochs(context, n_folds),
        seed,
    )
    if log_votes is None:
        return StartingTruth(votes, groups, weight, interrupted=interrupted)
    z, predicted = _evidence(context, log_votes), log_votes.argmax(axis=1)
    is_tested = (
        np.count_nonzero(_is_learned(context)) >= FEWEST_ANSWERS
        and found.class_shares.max() <= LARGEST_SHARE
    )
    start = StartingTruth(
        votes,
        groups,
        weight,
        is_informative=not is_tested or max(z, groups.agreement) > INFORMATIVE,
    )
    calibrated = _calibrated(context, votes, log_votes)
    if context.annotations.n_answers * votes.shape[1] <= MOST_NUMBERS:
        kept = np.maximum(calibrated, LEAST_KEPT_LOG).astype(np.float32)
        start = start._replace(out_of_fold=kept)
    if z > INFORMATIVE:
        posterior = leave_one_out_em(
            evidence.single.annotations,
            _without_errors(calibrated, found.error),
            units=groups.units,
            sample_weight=context.training_weight,
            answer_weight=evidence.single.spread(weight),
            answer_count=evidence.single.number,
            annotator_counts=context.side_information.annotator_counts,
            pseudo_counts=pseudo_counts,
            overwrite=is_large(*votes.shape),
        )
        start = start._replace(posterior=context.clamp_gold(posterior))
    predictability = _predictability(context, start.posterior, predicted)
    return start._replace(predictability=predictability)


def _groups(context: TrainingContext, annotator_groups: Any) -> DependentGroups:
    """Return the groups of annotators, found in items that are sorted by content.

    Those held out are left out.
    """
    by_content = np.argsort(context.row_order.row_hashes(), kind="stable")
    if context.held_out.any():
        by_content = by_content[context.row_weight[by_content] > 0]
    a, items = context.annotations, context.items_of(by_content)
    found = find_dependent(a[items[: n_compared(a.answers_per_item[items])]])
    if annotator_groups is None:
        return _alone(a.n_annotators)._replace(agreement=found.agreement)
    is_given = not isinstance(annotator_groups, str)
    groups = read_groups(a[items], annotator_groups) if is_given else None
    return found if groups is None else groups._replace(agreement=found.agreement)


def _alone(n_annotators: int) -> DependentGroups:
    """Return no groups."""
    return DependentGroups(np.full(n_annotators, -1), np.zeros(0), np.nan)


def _can_start(context: TrainingContext) -> bool:
    """Whether nothing continues a previous fit, and there are items for two folds."""
    a, side_information = context.annotations, context.side_information
    is_new = (
        side_information.previous_fit is None
        and side_information.n_previous_parts is None
    )
    n_classes = len(a.classes)
    is_small = not is_large(a.n_annotators, n_classes, n_classes)
    if not (is_new and is_small and n_classes > 1):
        return False
    hashes = context.row_order.row_hashes()[context.row_weight > 0]
    return len(np.unique(hashes)) >= FEWEST_ROWS


def _n_epochs(context: TrainingContext, n_folds: int) -> int:
    """Return the epochs in which a network makes about STEPS steps, within limits."""
    n_rows = np.count_nonzero(context.row_weight) * (n_folds - 1) / n_folds
    n_batches = max(1.0, np.ceil(n_rows / context.factory.batch_size))
    wanted = np.clip(np.ceil(STEPS / n_batches), FEWEST_EPOCHS, MOST_EPOCHS)
    return min(context.factory.max_epochs, int(wanted))


def _calibrated(
    context: TrainingContext,
    votes: FloatArray,
    log_votes: FloatArray,
) -> FloatArray:
    """Give predictions of votes the power, at most 1, that fits the votes best.

    In place, because they are as large as all items.
    A network that was trained on few items, or on noise, is too certain of others.
    """
    weight = context.training_weight

    def with_power(log_power: float, rows: slice) -> FloatArray:
        raised: FloatArray = log_softmax(np.exp(log_power) * log_votes[rows], axis=1)
        return raised

    def cross_entropy(log_power: float) -> float:
        return -sum(
            float(
                weight[rows] @ (votes[rows] * with_power(log_power, rows)).sum(axis=1)
            )
            for rows in row_blocks(*votes.shape)
        )

    bounds = np.log([LEAST_POWER, 1.0])
    found = minimize_scalar(cross_entropy, bounds=bounds, method="bounded")
    for rows in row_blocks(*votes.shape):
        log_votes[rows] = with_power(found.x, rows)
    return log_votes


def _without_errors(log_votes: FloatArray, error: float) -> FloatArray:
    """Turn log-probabilities of a vote into those of the truth, in place.

    Solves ``vote = truth * (1 - n_classes * error) + error``.
    """
    for rows in row_blocks(*log_votes.shape):
        votes = np.exp(log_votes[rows])
        truth = (votes - error) / (1 - votes.shape[1] * error)
        truth = np.maximum(truth, np.maximum(LEAST_KEPT * votes, TINY))
        log_votes[rows] = np.log(truth / truth.sum(axis=1, keepdims=True))
    return log_votes


def _predictability(
    context: TrainingContext, posterior: FloatArray, predicted: FloatArray
) -> float:
    """Return the kappa of the posterior and classes that were predicted out of fold."""
    weight = context.training_weight / context.training_weight.sum()
    agreement = weight @ posterior[np.arange(len(predicted)), predicted]
    shares = np.bincount(predicted, weight, posterior.shape[1])
    chance = shares @ (weight @ posterior)
    return float((agreement - chance) / (1 - chance)) if chance < 1 else 0.0


def _is_learned(context: TrainingContext) -> BoolArray:
    """Whether an answer is of an item to learn from, not held out, (n_answers,)."""
    is_learned: BoolArray = ~context.held_out[context.annotations.item]
    return is_learned


def _evidence(context: TrainingContext, log_votes: FloatArray) -> float:
    """Return by how much predictions of other items' votes predict the answers.

    Of each annotator the sum of the probabilities that were predicted for the answers,
    less their mean over the annotator's items, has about the mean 0 where answers do
    not depend on items. The sums are taken in standard errors and added, so that no
    annotator counts more for giving more answers; so is the result.
    """
    sums = _PredictedAnswers(context.annotations)
    for rows in row_blocks(*log_votes.shape):
        sums.add(rows, np.exp(log_votes[rows]), context.held_out)
    count = sums.count
    n_answers = np.maximum(sums.n_answers, 1)[:, None]
    mean = sums.predicted / n_answers
    spread = sums.squared - n_answers * mean**2
    above = sums.found - (count * mean).sum(axis=1)
    variance = (count * spread / n_answers).sum(axis=1)
    is_varied = variance > LEAST_VARIANCE
    z = above[is_varied] / np.sqrt(variance[is_varied])
    return float(z.sum() / np.sqrt(max(len(z), 1)))


class _PredictedAnswers:
    """Sums of predicted votes over the answers of each annotator to learn from.

    Parameters
    ----------
    annotations : Annotations

    Attributes
    ----------
    n_answers, found : ndarray of shape (n_annotators,)
        Number of answers, and the sum of what was predicted for them.
    predicted, squared, count : ndarray of shape (n_annotators, n_classes)
        Sums of the predictions of all classes and of their squares, and how often each
        was answered.
    """

    def __init__(self, annotations: Annotations) -> None:
        self.annotations = annotations
        shape = annotations.n_annotators, len(annotations.classes)
        self.n_answers, self.found = np.zeros((2, shape[0]))
        self.predicted, self.squared = np.zeros((2, *shape))
        self.count = np.zeros(shape, dtype=np.int64)

    def add(self, rows: slice, predicted: FloatArray, held_out: BoolArray) -> None:
        """Add the answers to some items, but not to those held out.

        Parameters
        ----------
        rows : slice
        predicted : ndarray of shape (n_rows, n_classes)
        held_out : bool ndarray of shape (n_items,)
        """
        a = self.annotations
        own = slice(a.indptr[rows.start], a.indptr[rows.stop])
        is_learned = ~held_out[a.item[own]]
        annotator, item, answer = (
            values[own][is_learned] for values in (a.annotator, a.item, a.answer)
        )
        item = item - rows.start
        shape = a.n_annotators, len(predicted)
        entries = np.ones(len(item)), (annotator, item)
        answered = sparse.csr_array(entries, shape)
        self.n_answers += answered.sum(axis=1)
        self.predicted += answered @ predicted
        self.squared += answered @ predicted**2
        code = annotator * predicted.shape[1] + answer
        count = np.bincount(code, minlength=self.count.size)
        self.count += count.reshape(self.count.shape)
        self.found += np.bincount(annotator, predicted[item, answer], shape[0])
