"""Settings of the default network, read off features and answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from scipy import sparse

from skcrowd.aggregation import answer_mean, majority_vote, weighted_mean
from skcrowd.annotations._hashing import content_hashes, distinct_rows
from skcrowd.backbones._feature_encoding import FeatureEncoding
from skcrowd.backbones._feature_scaling import feature_scaling
from skcrowd.backbones._quantiles import bin_edges, clipping_range
from skcrowd.backbones._relu_kernel import relu_kernel
from skcrowd.backbones._ridge import KernelRidgeFit, fit_kernel_ridge, fit_ridge
from skcrowd.backbones._tabular_net import as_columns
from skcrowd.estimators._checked_input import CheckedLabelSets
from skcrowd.estimators._used_columns import used_columns

if TYPE_CHECKING:
    from skcrowd._typing import Features, FloatArray, IntArray


__all__ = [
    "default_settings",
    "merged_rows",
    "network_settings",
    "rows_by_content",
]

SCALING = ("center", "scale")
BY_FEATURE = (*SCALING, "lower", "upper", "edges", "columns")
MOST_ITEMS = 2000  # that settings are read off
MOST_OF_KERNEL = 1000  # of them, for kernel ridge regression
MOST_BINS = 16  # of a feature
FEWEST_BINS = 4
ITEMS_PER_BIN = 30
MOST_COLUMNS = 400  # of all features' bins
GAIN = 0.03  # by which bins must reduce the error
CONCENTRATED = 0.94  # error with features scaled by their effects to that without
SPARSE = 0.8  # the same, below which most features have no effect
# The best penalty of d features is d / n times the ratio of noise to signal. Where many
# answer at random that ratio is overestimated. So it is at most this number, divided by
# the share of noise of the answers in the error of the linear model.
MOST_NOISE = 2.0
TINY = 1e-9
LEAST_ERROR = 0.1  # without noise, as a share of that with noise
ROUNDS = 20  # of weighted means of ratings
FEWEST_OF_HALF = 20  # items
GATE_DECAY = 0.02
STRONG_DECAY = 0.05  # of all weights, from which on gates are for sparse effects only
LEAST_EFFECT = 1e-3  # of a feature, as a share of the root mean square
HIDDEN_OF_WIDE = (16,)  # of sparse features, where they are more than items
# The L2 penalty of the network for that of ridge regression: factor and limits. The
# loss for numbers is the squared error, whose gradient has a factor of 2.
NUMBER_DECAY = (2.0, 1e-2, 0.2)
LABEL_DECAY = (0.05, 1e-3, 0.1)
# A label that applies or not has one score, not one for each of two classes. For the
# same logit its weights are twice as large, and half as many: the penalty is twice as
# much.
SHARE_OF_LOGIT = 0.5
# Weight decay of a network that learns labels with their errors, for the penalty of
# kernel ridge regression on them: factor, power, and limit as a multiple of the decay
# for labels without errors.
NOISY_DECAY = (0.3, 1.3, 5.0)


def default_settings(
    checked: Any,
    given: dict[str, Any],
    *,
    is_number: bool,
    learns_errors: bool = False,
    class_ranks: IntArray | None = None,
) -> dict[str, Any]:
    """Return the settings of the default network for the input of a fit.

    Nothing is learned from the answers of held-out items.

    Parameters
    ----------
    checked : CheckedInput
    given : dict
        The user's parameters of the network. With a `center` or `scale` among them,
        features are neither clipped nor encoded. With `columns` only these features
        are used.
    is_number : bool
        Whether the truth is a number, not a class.
    learns_errors : bool, default=False
        See :func:`network_settings`.
    class_ranks : int64 ndarray of shape (n_classes,), default=None
        Places of classes that have an order: the network is one for numbers, which are
        places on the scale.

    Returns
    -------
    settings : dict
        Parameters of :class:`skcrowd.backbones.TabularNet`.
    """
    weight = checked.training_weight
    initial_targets = _mean_ratings if is_number else _vote_shares
    is_set = isinstance(checked, CheckedLabelSets)
    if is_set:
        initial_targets = _tick_shares
    further: dict[str, Any] = {}
    if class_ranks is not None and len(class_ranks) > 1:
        further["ranks"] = class_ranks
        initial_targets = partial(_mean_ranks, ranks=class_ranks)
        is_number = True
    scaling = {name: given[name] for name in SCALING if name in given}
    X = checked.X
    if given.get("columns") is not None:
        X = X if sparse.issparse(X) else X.reshape(len(X), -1)
        X = X[:, as_columns(given["columns"], X.shape[1]).numpy()]
    settings = network_settings(
        X,
        weight,
        lambda rows: initial_targets(checked, rows),
        is_number,
        scaling,
        is_set=is_set,
        learns_errors=learns_errors,
        may_leave_out=not (checked.may_continue or set(BY_FEATURE) & set(given)),
    )
    return {**settings, **further}


def network_settings(
    X: Features,
    weight: FloatArray,
    initial_targets: Callable[[IntArray], tuple[FloatArray, float]],
    is_number: bool,
    scaling: dict[str, Any] | None = None,
    *,
    is_set: bool = False,
    learns_errors: bool = False,
    may_leave_out: bool = False,
) -> dict[str, Any]:
    """Choose scaling, encoding, gates and weight decay of the default network.

    A ridge regression of the answers on the features, whose penalty is chosen by
    leaving items out, measures how strongly the network must be regularised: the weight
    decay is proportional to its penalty, and for labels to the variance of the classes'
    indicators, which is the curvature of the cross-entropy. Features are encoded only
    if that reduces the error of ridge regression and of that with the kernel of a wide
    network, which uses effects of several features together. Features that are not
    encoded are scaled by their effects if that reduces the error in the other half of
    the items (adaptive ridge regression).

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_items, ...)
    weight : ndarray of shape (n_items,)
        Weights of the items; zero for those that nothing may be learned from.
    initial_targets : callable
        Returns a first estimate of the truth of some items, from their answers alone,
        (n_rows, n_targets), and its mean squared error.
    is_number : bool
        Whether the truth is a number, not a class.
    scaling : dict, default=None
        Given `center` and `scale`, with which features are neither clipped nor encoded.
    is_set : bool, default=False
        Whether targets are independent labels, of which an item has any number.
    learns_errors : bool, default=False
        Whether the network will learn the first estimate with its errors, as when it is
        trained on the vote. Its weight decay is larger then.
    may_leave_out : bool, default=False
        Whether columns of a sparse `X` that are zero in all items with weight may be
        left out, because the network will not be trained on others.

    Returns
    -------
    settings : dict
        Parameters of :class:`skcrowd.backbones.TabularNet`.
    """
    if not sparse.issparse(X):
        X = X.reshape(len(X), -1)
    elif may_leave_out:
        columns = used_columns(X[np.flatnonzero(weight)])
        if 0 < len(columns) < X.shape[1]:
            own = network_settings(
                X[:, columns],
                weight,
                initial_targets,
                is_number,
                is_set=is_set,
                learns_errors=learns_errors,
            )
            return {**own, "columns": columns}
    n_items, n_features = weight.sum(), X.shape[1]
    rows, group = rows_by_content(X, weight, MOST_ITEMS)
    targets, noise = initial_targets(rows)
    some, weight, targets = merged_rows(X, weight, targets, rows, group)
    settings = scaling or _scaling(some, weight)
    inputs = _inputs(some, settings)
    linear = fit_ridge(inputs, targets, weight)
    linear_error = _error_of_truth(linear.error, targets, weight, noise)
    is_plain = bool(scaling) or sparse.issparse(X)
    n_bins = 0 if is_plain else _n_bins(n_items, n_features)
    if n_bins:
        encoded = {**settings, "edges": bin_edges(inputs, weight, n_bins)}
        known = linear.error, targets, weight, noise
        if _is_encoding_better(inputs, _inputs(some, encoded), *known):
            settings = encoded
    factor, lowest, highest = NUMBER_DECAY if is_number else LABEL_DECAY
    # The penalty is in proportion to the variance of the errors, and to 1 / n. The
    # noise of the first truth will be smaller in the one that the network learns.
    penalty = linear.penalty * linear_error / linear.error
    noise_share = (linear.error - linear_error) / linear.error
    most = MOST_NOISE * n_features / max(noise_share, TINY)
    penalty = min(penalty * weight.sum(), most) / n_items
    if sparse.issparse(X):
        highest = np.inf
        if n_features > n_items:
            settings["hidden"] = HIDDEN_OF_WIDE
    if not is_number:
        factor *= _evenness(targets, weight, is_set)
    if is_set:
        factor, lowest, highest = (
            SHARE_OF_LOGIT * limit for limit in (factor, lowest, highest)
        )
    decay = float(np.clip(factor * penalty, lowest, highest))
    if learns_errors and not sparse.issparse(X):
        decay = max(
            decay, _noisy_decay(_inputs(some, settings), targets, weight, decay)
        )
    if not is_plain:
        ratio = _error_scaled_by_effect(some, settings, targets, weight)
        # Two penalties on a product are a lasso. Under a strong one the gates of many
        # features with small effects close, as of the topics of texts.
        if ratio < (CONCENTRATED if decay < STRONG_DECAY else SPARSE):
            settings["gate_decay"] = GATE_DECAY
        # Penalties bear on what has little effect, as in adaptive ridge regression.
        if ratio < CONCENTRATED and "edges" not in settings:
            settings["scale"] = settings["scale"] / linear.importance.clip(LEAST_EFFECT)
    return {**settings, "weight_decay": decay}


def _error_of_truth(
    error: float, targets: FloatArray, weight: FloatArray, noise: float
) -> float:
    """Return a share of the targets' variance without the part that is noise."""
    center = np.average(targets, axis=0, weights=weight)
    variance = np.average(((targets - center) ** 2).sum(axis=1), weights=weight)
    return max(error - noise / (variance or 1.0), LEAST_ERROR * error)


def _is_encoding_better(
    plain: FloatArray,
    encoded: FloatArray,
    linear_error: float,
    targets: FloatArray,
    weight: FloatArray,
    noise: float,
) -> bool:
    """Whether encoded features have a clearly lower error than plain ones.

    Parameters
    ----------
    plain, encoded : ndarray of shape (n_items, n_inputs)
    linear_error : float
        Error of ridge regression on the plain features.
    targets, weight, noise
        See :func:`_error_of_truth`.
    """
    known = targets, weight, noise
    least = min(
        fit_ridge(encoded, targets, weight).error,
        _fit_kernel(encoded, targets, weight).error,
    )
    most = (1 - GAIN) * _error_of_truth(linear_error, *known)
    if not _error_of_truth(least, *known) < most:
        return False  # whatever the other kernel, which takes long, would give
    plain_error = min(linear_error, _fit_kernel(plain, targets, weight).error)
    most = (1 - GAIN) * _error_of_truth(plain_error, *known)
    return _error_of_truth(least, *known) < most


def _fit_kernel(
    inputs: FloatArray, targets: FloatArray, weight: FloatArray
) -> KernelRidgeFit:
    """Fit kernel ridge regression to some of the items, sorted by their hashes."""
    few = slice(MOST_OF_KERNEL)
    return fit_kernel_ridge(relu_kernel(inputs[few]), targets[few], weight[few])


def _noisy_decay(
    inputs: FloatArray, targets: FloatArray, weight: FloatArray, decay: float
) -> float:
    """Return the weight decay of a network that learns the errors of the targets."""
    factor, power, most = NOISY_DECAY
    penalty = _fit_kernel(inputs, targets, weight).penalty
    return min(factor * penalty**power, most * decay)


def _evenness(targets: FloatArray, weight: FloatArray, is_set: bool) -> float:
    """Return the variance of the indicators, 1 for equally frequent classes or labels.

    The curvature of the cross-entropy of a rare class is as small as this variance, and
    so is the penalty that corresponds to one of the squared error.
    """
    shares = np.average(targets, axis=0, weights=weight)
    even = 0.5 if is_set or len(shares) == 1 else 1 / len(shares)
    return float((shares * (1 - shares)).mean() / (even * (1 - even)))


def _error_scaled_by_effect(
    X: FloatArray, settings: dict[str, Any], targets: FloatArray, weight: FloatArray
) -> float:
    """Return the error with features scaled by effects, as a share of that without.

    Effects found in one half of the items scale the features of the other half
    (adaptive ridge regression). Small where few features have most of the effects.
    """
    is_first = (content_hashes(X, np.float32) & np.uint64(1)).astype(bool)
    if min(is_first.sum(), (~is_first).sum()) < FEWEST_OF_HALF:
        return 1.0
    source = FeatureEncoding(X.shape[1], **settings).source.numpy()
    inputs = _inputs(X, settings)
    halves = [
        (inputs[part], targets[part], weight[part]) for part in (is_first, ~is_first)
    ]
    plain = [fit_ridge(*half) for half in halves]
    ratio = 1.0
    for one, other in ((0, 1), (1, 0)):
        square = np.bincount(source, plain[one].importance ** 2)
        scaled = halves[other][0] * np.sqrt(square)[source]
        ratio *= fit_ridge(scaled, *halves[other][1:]).error / plain[other].error
    return float(np.sqrt(ratio))


def rows_by_content(
    X: Features, weight: FloatArray, most: int
) -> tuple[IntArray, IntArray]:
    """Return rows of at most `most` distinct contents, and the number of each.

    Contents are numbered in the order of their hashes, and those of the smallest hashes
    are taken, so the order of the items has no effect.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_items, n_features)
    weight : ndarray of shape (n_items,)
        Rows of weight zero are left out.
    most : int

    Returns
    -------
    rows, group : int64 ndarray of shape (n_rows,)
    """
    rows = np.flatnonzero(weight)
    hashes = [content_hashes(X, np.float32)[rows]]  # the same in both precisions
    if X.dtype == np.float64:  # has rows that differ, and do not in float32
        hashes.append(content_hashes(X)[rows])
    group = distinct_rows(*hashes)[1]
    is_kept = group < most
    return rows[is_kept], group[is_kept]


def merged_rows(
    X: Features,
    weight: FloatArray,
    targets: FloatArray,
    rows: IntArray,
    group: IntArray,
) -> tuple[Features, Any, FloatArray]:
    """Merge equal rows of X: add their weights, and average their targets.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_items, ...)
    weight : ndarray of shape (n_items,)
    targets : ndarray of shape (n_rows, n_targets)
    rows, group : ndarray of shape (n_rows,)
        Of :func:`rows_by_content`.

    Returns
    -------
    X, weight, targets : of shape (n_groups, ...)
    """
    first = np.unique(group, return_index=True)[1]
    total: FloatArray = np.bincount(group, weight[rows]).astype(np.float64)
    sums = np.zeros((len(first), targets.shape[1]))
    np.add.at(sums, group, weight[rows][:, None] * targets)
    return X[rows[first]], total, sums / total[:, None]


def _scaling(X: Features, weight: FloatArray) -> dict[str, Any]:
    """Return range, center and scale of the features."""
    limits: dict[str, Any] = {}
    if not sparse.issparse(X):
        limits["lower"], limits["upper"] = clipping_range(X, weight)
        X = X.clip(limits["lower"], limits["upper"]).astype(X.dtype)
    limits["center"], limits["scale"] = feature_scaling(X, weight)
    return limits


def _inputs(X: Features, settings: dict[str, Any]) -> Features:
    """Return the features as the network gets them, in float64."""
    if sparse.issparse(X):
        scale = settings.get("scale")
        X = X if scale is None else X.multiply(1 / np.asarray(scale)).tocsr()
        return X.astype(np.float64)
    encoding = FeatureEncoding(X.shape[1], **settings)
    return encoding(torch.tensor(X, dtype=torch.float64)).numpy()


def _n_bins(n_items: float, n_features: int) -> int:
    """Return the number of bins of a feature; 0 where there would be too few."""
    most = min(MOST_BINS, n_items // ITEMS_PER_BIN, MOST_COLUMNS // n_features)
    return int(most) if most >= FEWEST_BINS else 0


def _vote_shares(checked: Any, rows: IntArray) -> tuple[FloatArray, float]:
    """Return shares of the votes of some items, or their gold, and the shares' error.

    The error is estimated by the disagreement on items with several answers.
    """
    annotations = checked.annotations[rows]
    shares = majority_vote(annotations)
    n_answers, weight = annotations.answers_per_item, checked.weight[rows]
    several = n_answers > 1
    # unbiased variance of a single answer about the shares of its item
    n = n_answers[several]
    single = (1 - (shares[several] ** 2).sum(axis=1)) * n / (n - 1)
    noise = np.average(single, weights=weight[several]) if several.any() else 0.0
    n_voters = np.maximum(n_answers, 1).astype(np.float64)
    if checked.gold is not None:
        is_gold = checked.gold[rows] >= 0
        shares[is_gold] = np.eye(shares.shape[1])[checked.gold[rows][is_gold]]
        n_voters[is_gold] = np.inf
    return shares, float(np.average(noise / n_voters, weights=weight))


def _mean_ranks(
    checked: Any, rows: IntArray, ranks: IntArray
) -> tuple[FloatArray, float]:
    """Return mean places of the answers to some items, or of gold, and their error.

    The error is estimated by the disagreement on items with several answers.
    """
    weight = checked.weight[rows]
    n = checked.annotations[rows].answers_per_item.astype(np.float64)
    shares, _ = _vote_shares(checked, rows)
    mean = shares @ ranks
    several = n > 1
    single = (shares @ ranks**2 - mean**2) * n / np.maximum(n - 1, 1)
    noise = np.average(single[several], weights=weight[several]) if several.any() else 0
    n = np.maximum(n, 1)
    if checked.gold is not None:
        n[checked.gold[rows] >= 0] = np.inf
    return mean[:, None], float(np.average(noise / n, weights=weight))


def _tick_shares(checked: CheckedLabelSets, rows: IntArray) -> tuple[FloatArray, float]:
    """Return the share of ticks of each label of some items, or gold, and their error.

    The error, summed over labels, is estimated as that of shares of the votes.
    """
    answers, weight = checked.answers[rows], checked.weight[rows]
    decisions, n_labels = answers.decisions, answers.n_labels
    n_ticks = np.bincount(decisions.item, decisions.answer, decisions.n_items)
    n = decisions.answers_per_item.reshape(-1, n_labels).astype(np.float64)
    shares = np.full(n.shape, 0.5)
    np.divide(n_ticks.reshape(n.shape), n, out=shares, where=n > 0)
    # unbiased variance of a single answer about the shares of its item and label
    single = shares * (1 - shares) * n / np.maximum(n - 1, 1)
    several = weight[:, None] * (n > 1)
    noise = (several * single).sum(axis=0) / np.maximum(several.sum(axis=0), TINY)
    n_voters = np.maximum(n, 1)
    if checked.gold is not None:
        gold = checked.gold.reshape(-1, n_labels)[rows]
        shares, n_voters = np.where(gold >= 0, gold, shares), n_voters.copy()
        n_voters[gold >= 0] = np.inf
    error = (noise / n_voters).sum(axis=1)
    return shares, float(np.average(error, weights=weight))


def _mean_ratings(checked: Any, rows: IntArray) -> tuple[FloatArray, float]:
    """Return weighted means of the ratings of some items, or gold, and their error."""
    annotations = checked.annotations[rows]
    if checked.is_truth:
        return answer_mean(annotations)[:, None], 0.0
    inferred = weighted_mean(
        annotations,
        max_iter=ROUNDS,
        tol=0,
        sample_weight=checked.weight[rows],
    )
    mean, variance = inferred.mean.copy(), inferred.std**2
    if checked.gold is not None:
        known = np.isfinite(checked.gold[rows])
        mean[known], variance[known] = checked.gold[rows][known], 0.0
    noise = np.average(variance, weights=checked.weight[rows])
    return mean[:, None], float(noise)
