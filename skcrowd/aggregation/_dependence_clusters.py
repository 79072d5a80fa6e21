"""Clusters of annotators with similar answers, candidates for groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
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
    """Return the connected components of the annotators, with some pairs as edges."""
    edges = pairs.first[positions], pairs.second[positions]
    shape = pairs.n_annotators, pairs.n_annotators
    graph = coo_array((np.ones(len(positions)), edges), shape=shape)
    label: IntArray = connected_components(graph, directed=False)[1]
    return label


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
