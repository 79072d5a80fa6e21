"""Clusters of annotators with similar answers, candidates for groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skcrowd._typing import BoolArray, FloatArray, IntArray
    from skcrowd.aggregation._dependence_pairs import Pairs

__all__ = ["find_clusters"]

MOST_TOGETHER = 1000  # annotators whose distances are held as a matrix
FIRST_CUT = 0.1  # similarity
SHRINKAGE = 5  # common items that shrink a similarity to half of it


def find_clusters(pairs: Pairs, testable: BoolArray) -> list[IntArray]:
    """Nodes of dendrograms (average linkage) of the agreement beyond chance.

    Parameters
    ----------
    pairs : Pairs
    testable : bool ndarray of shape (n_pairs,)
        Whether a pair may be in one cluster.

    Returns
    -------
    clusters : list of int64 ndarray
        Members, ascending, of two and more.
    """
    similarity = pairs.kappa * pairs.n_common / (pairs.n_common + SHRINKAGE)
    clusters: list[IntArray] = []
    for members, positions in parts(pairs, similarity, testable):
        clusters.extend(dendrogram(pairs, similarity, members, positions))
    return clusters


def parts(
    pairs: Pairs, similarity: FloatArray, testable: BoolArray
) -> Iterator[tuple[IntArray, IntArray]]:
    """Split the annotators until the distances in each part fit in memory.

    Yields the members of every part, and the positions of its testable pairs.
    """
    cut = FIRST_CUT
    while True:
        edges = np.flatnonzero(testable & (similarity > cut))
        label = components(pairs, edges)
        if np.bincount(label).max() <= MOST_TOGETHER:
            break
        cut += 0.05
    same = np.flatnonzero(testable & (label[pairs.first] == label[pairs.second]))
    same = same[np.argsort(label[pairs.first[same]], kind="stable")]
    known, begin = np.unique(label[pairs.first[same]], return_index=True)
    for part, positions in zip(known, np.split(same, begin[1:]), strict=False):
        yield np.flatnonzero(label == part), positions


def components(pairs: Pairs, positions: IntArray) -> IntArray:
    """Return the connected components of the annotators, with some pairs as edges.

    They are numbered by their first members. The first member that each annotator
    knows moves along the edges, of all of a component at once, which takes few rounds;
    of few annotators that is faster than to make a graph for scipy.
    """
    known = np.arange(pairs.n_annotators)
    edges = np.stack([pairs.first[positions], pairs.second[positions]])
    while edges.size:
        low, high = np.sort(known[edges], axis=0)
        np.minimum.at(known, high, low)
        known = _followed(known)
        edges = edges[:, known[edges[0]] != known[edges[1]]]
    label: IntArray = np.unique(known, return_inverse=True)[1].ravel()
    return label


def _followed(known: IntArray) -> IntArray:
    """Return the member at the end of every chain of members that know another."""
    further = known[known]
    while (further != known).any():
        known, further = further, further[further]
    return known


def dendrogram(
    pairs: Pairs, similarity: FloatArray, members: IntArray, positions: IntArray
) -> Iterator[IntArray]:
    """Yield the members of every node whose members agree beyond chance."""
    first = np.searchsorted(members, pairs.first[positions])
    second = np.searchsorted(members, pairs.second[positions])
    distance = np.ones((members.size, members.size))
    distance[first, second] = 1 - similarity[positions]
    distance[second, first] = distance[first, second]
    np.fill_diagonal(distance, 0.0)
    nodes = [np.array([member]) for member in members]
    condensed = squareform(np.maximum(distance, 0.0), checks=False)
    for left, right, height, _ in linkage(condensed, "average"):
        nodes.append(np.concatenate([nodes[int(left)], nodes[int(right)]]))
        if height < 1 - FIRST_CUT:
            yield np.sort(nodes[-1])
