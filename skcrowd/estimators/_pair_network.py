"""The network of pairs of a ranker, and the settings of the default one."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from copy import deepcopy
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from torch import nn

from skcrowd.aggregation import dawid_skene, majority_vote
from skcrowd.annotations._hashing import content_hashes
from skcrowd.backbones import PairScorer
from skcrowd.backbones._feature_scaling import feature_scaling
from skcrowd.backbones._relu_kernel import relu_kernel
from skcrowd.backbones._ridge import fit_kernel_ridge, fit_ridge
from skcrowd.estimators._default_network import (
    MOST_OF_KERNEL,
    merged_rows,
    network_settings,
    rows_by_content,
)
from skcrowd.estimators._held_out import is_known
from skcrowd.estimators._item_reader import FIRST, SECOND, part_of

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray, IntArray
    from skcrowd.annotations import Annotations
    from skcrowd.training._items import ArrayItems


__all__ = ["DefaultPairNetwork", "OwnPairNetwork", "pair_network"]

# Weight decay for the penalty of the better ridge regression, times the information in
# the answers: factor, power of the penalty, limits.
PAIR_DECAY = (0.7, 0.7, 1e-3, 0.1)
ROUNDS = 50  # of truth inference
LARGEST_GROUP = 0.5  # of the pairs; without more of them there is too little to learn


class DefaultPairNetwork:
    """Builds the default network of pairs, with settings read off what is trained on.

    Parameters
    ----------
    n_features : int
        Of an item.
    """

    def __init__(self, n_features: int) -> None:
        self.n_features = n_features

    def __call__(
        self,
        n_classes: int = 2,
        center: Any = None,
        scale: Any = None,
        weight_decay: float | None = None,
        **parameters: Any,
    ) -> PairScorer:
        """Return the network, :class:`skcrowd.backbones.TabularNet` for items."""
        chosen = {"center": center, "scale": scale, "weight_decay": weight_decay}
        chosen = {name: value for name, value in chosen.items() if value is not None}
        return PairScorer(self.n_features, n_classes, **chosen, **parameters)

    def _choose_settings(self, checked: Any) -> dict[str, Any]:
        """Return scaling and weight decay, from answers that are not held out.

        Parameters
        ----------
        checked : CheckedInput
            Its X are the pairs.

        Returns
        -------
        settings : dict
            With `center`, `scale` and `weight_decay`.
        """
        known = is_known(checked.annotations, checked.gold)
        weight = checked.weight * (known & ~checked.held_out)
        rows = np.flatnonzero(weight)
        first, second = (part_of(checked.X, name)[rows] for name in (FIRST, SECOND))
        answers = checked.annotations[rows]
        return _default_settings(first, second, weight[rows], answers)


class OwnPairNetwork:
    """Builds the network of pairs around a user's network of single items.

    Parameters
    ----------
    scorer : torch.nn.Module class or instance, or callable
        The network of items. An instance is copied, so that each training starts at the
        weights that it came with.
    sizes : dict of str to int, default={}
        Arguments of `scorer` that are read off the items, unless it is an instance.
    """

    def __init__(self, scorer: Any, sizes: dict[str, int] | None = None) -> None:
        self.scorer = scorer
        self.sizes = sizes or {}

    def __call__(self, n_classes: int = 2, **parameters: Any) -> PairScorer:
        """Return the network."""
        if isinstance(self.scorer, nn.Module):
            return PairScorer(n_classes=n_classes, scorer=deepcopy(self.scorer))
        scorer = self.scorer(**{**self.sizes, **parameters})
        return PairScorer(n_classes=n_classes, scorer=scorer)


def pair_network(module: Any, pairs: ArrayItems) -> Callable[..., nn.Module]:
    """Return what builds the network of pairs.

    Parameters
    ----------
    module : torch.nn.Module class or instance, callable or None
        Network of single items.
    pairs : ArrayItems

    Returns
    -------
    network : callable
        Builds a :class:`skcrowd.backbones.PairScorer`.
    """
    if isinstance(module, nn.Module):
        return OwnPairNetwork(module)
    n_features = int(np.prod(part_of(pairs, FIRST).shape[1:]))
    if module is None:
        return DefaultPairNetwork(n_features)
    accepted = inspect.signature(module).parameters
    known = {"n_features": n_features, "n_outputs": 1}
    return OwnPairNetwork(module, {k: v for k, v in known.items() if k in accepted})


def _default_settings(
    first: Any, second: Any, weight: FloatArray, annotations: Annotations
) -> dict[str, Any]:
    """Return scaling and weight decay of the default network."""
    stacked = sparse.vstack if sparse.issparse(first) else np.concatenate
    items = stacked([first, second])
    center, scale = feature_scaling(items, np.concatenate([weight, weight]))
    settings = {"center": center, "scale": scale}
    if sparse.issparse(first):
        decay = _sparse_decay(first - second, weight, annotations, scale)
    else:
        flat = np.stack([part.reshape(len(part), -1) for part in (first, second)])
        decay = _decay(flat, weight, annotations, settings)
    return {**settings, "weight_decay": decay}


def _sparse_decay(
    differences: Any, weight: FloatArray, annotations: Annotations, scale: FloatArray
) -> float:
    """Return the weight decay of a classifier of the differences of the features.

    It is the score of a difference, where the network is linear.
    """

    def votes(rows: Any) -> tuple[FloatArray, float]:
        return majority_vote(annotations[rows]), 0.0

    scaling = {"center": np.zeros_like(scale), "scale": scale}
    settings = network_settings(differences, weight, votes, False, scaling)
    return float(settings["weight_decay"])


def _decay(
    pairs: FloatArray,
    weight: FloatArray,
    annotations: Annotations,
    scaling: dict[str, FloatArray],
) -> float:
    """Return the weight decay for which scores of new items should be best.

    Two ridge regressions of what Dawid and Skene infer on the difference of two scores,
    one linear in the features, one with the kernel of a wide network, predict the pairs
    of items whose pairs are all left out. The decay follows from the penalty of the
    better one, so a linear quality gets a nearly linear network; it falls with the
    number of pairs as the penalty does. It is in proportion to the information in the
    answers, as the curvature of their likelihood is.

    Parameters
    ----------
    pairs : ndarray of shape (2, n_pairs, n_features)
    weight : ndarray of shape (n_pairs,)
    annotations : Annotations of shape (n_pairs, n_annotators)
    scaling : dict
        With `center` and `scale` of the features.
    """
    rows, group = rows_by_content(np.concatenate(pairs, axis=1), weight, MOST_OF_KERNEL)
    inferred = dawid_skene(annotations, max_iter=ROUNDS, tol=0, sample_weight=weight)
    preferred = inferred.posterior[rows, :1] - inferred.posterior[rows, 1:2]
    every, total = np.arange(len(weight)), weight.sum()
    number, weight, preferred = merged_rows(every, weight, preferred, rows, group)
    center, scale = (np.ravel(scaling[name]) for name in ("center", "scale"))
    items = (np.concatenate(pairs[:, number]).astype(np.float64) - center) / scale
    groups = _pairs_of_items(items)
    differences = items[: len(number)] - items[len(number) :]
    kernel = _of_differences(relu_kernel(items))
    fits = [
        fit_ridge(differences, preferred, weight, groups)[:2],
        fit_kernel_ridge(kernel, preferred, weight, groups)[:2],
    ]
    factor, power, lowest, highest = PAIR_DECAY
    penalty = min(fits, key=itemgetter(1))[0] * weight.sum() / total
    information = _information(annotations, np.asarray(inferred.confusion))
    return float(np.clip(factor * information * penalty**power, lowest, highest))


def _information(annotations: Annotations, confusion: FloatArray) -> float:
    """Return how much the answers tell of what is better, from 0 to 1.

    The mean over the answers of the squared distance of an annotator's probabilities
    where the first and where the second item is better: 1 for answers without error, 0
    where they depend on nothing.
    """
    distance = np.abs(confusion[:, 0] - confusion[:, 1]).sum(axis=1) / 2
    return float(np.average(distance**2, weights=annotations.answers_per_annotator))


def _pairs_of_items(items: FloatArray) -> list[IntArray] | None:
    """Return the pairs of each item that has not most of them; None if none is left.

    The first half of `items` are the first of each pair, the other half the second.
    """
    n_pairs = len(items) // 2
    item = np.unique(content_hashes(items), return_inverse=True)[1]
    pair = np.arange(2 * n_pairs) % n_pairs
    pair = pair[np.argsort(item, kind="stable")]
    groups = np.split(pair, np.cumsum(np.bincount(item))[:-1])
    groups = [np.unique(group) for group in groups]
    return [group for group in groups if len(group) <= LARGEST_GROUP * n_pairs] or None


def _of_differences(kernel: FloatArray) -> FloatArray:
    """Return inner products of differences of items from those of the items."""
    n_pairs = len(kernel) // 2
    rows = kernel[:n_pairs] - kernel[n_pairs:]
    return rows[:, :n_pairs] - rows[:, n_pairs:]
