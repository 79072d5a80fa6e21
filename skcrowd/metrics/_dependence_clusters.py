"""Clusters of annotators with similar answers, candidates for groups."""

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

__all__ = ["component_of", "components", "find_candidates"]

MOST_CANDIDATES = 8
LEAST_STANDOUT = 0.05
N_SWEEPS = 6  # of the fit of one factor
MOST_TOGETHER = 1000  # annotators whose distances are held as a matrix
FEWEST_COMMON = 5  # items of a pair that is worth a test
FIRST_CUT = 0.1  # similarity


def components(pairs, positions, n_annotators):
    """Connected components of the annotators, with some pairs as edges.

    Returns
    -------
    label : ndarray of shape (n_annotators,)
    """
    edges = pairs.first[positions], pairs.second[positions]
    shape = n_annotators, n_annotators
    graph = coo_array((np.ones(len(positions)), edges), shape=shape)
    return connected_components(graph, directed=False)[1]


def component_of(pairs, positions, n_annotators):
    """Members of the largest connected component, ascending."""
    label = components(pairs, positions, n_annotators)
    return np.flatnonzero(label == np.bincount(label).argmax())


def find_candidates(pairs, similarity, n_annotators):
    """Nodes of dendrograms (average linkage), those that stand out most.

    Parameters
    ----------
    pairs : Pairs
    similarity : ndarray of shape (n_pairs,)
    n_annotators : int

    Returns
    -------
    clusters : list of int64 ndarray
        At most MOST_CANDIDATES, ranked by how much more similar the members are than
        their similarity to others explains (:func:`standout`).
    """
    everybody = np.ones(pairs.n_pairs, bool)
    start = np.sqrt(np.clip(np.full(n_annotators, similarity.mean()), 0.1, 1.0))
    start = fit_factor(pairs, similarity, everybody, start)
    found = []
    for members, positions in parts(pairs, similarity, n_annotators):
        for node in dendrogram(pairs, similarity, members, positions):
            score = standout(pairs, similarity, node, start)
            if score >= LEAST_STANDOUT:
                found.append((score, node))
    found.sort(key=lambda scored: -scored[0])
    return [node for _, node in found[:MOST_CANDIDATES]]


def standout(pairs, similarity, members, start):
    """Mean excess similarity of some annotators over the products of their loadings.

    With one factor common to all, similarity_rs = loading_r * loading_s. The loadings
    are fitted without the pairs inside the cluster.
    """
    is_member = np.zeros(start.size, bool)
    is_member[members] = True
    inside = is_member[pairs.first] & is_member[pairs.second]
    loading = fit_factor(pairs, similarity, ~inside, start)
    weight = pairs.n_common[inside]
    product = loading[pairs.first[inside]] * loading[pairs.second[inside]]
    explained = np.clip(product, 0.0, 0.99)
    excess = (similarity[inside] - explained) / (1 - explained)
    return np.average(excess, weights=weight)


def fit_factor(pairs, similarity, used, loading):
    """Fit loadings to the similarities of some pairs, by sweeps of least squares."""
    first, second = pairs.first[used], pairs.second[used]
    weight = pairs.n_common[used].astype(float)
    ends, others = np.r_[first, second], np.r_[second, first]
    weights, target = np.tile(weight, 2), np.tile(weight * similarity[used], 2)
    for _ in range(N_SWEEPS):
        other = loading[others]
        square = np.bincount(ends, weights * other**2, loading.size)
        cross = np.bincount(ends, target * other, loading.size)
        updated = np.clip((cross + 0.1) / (square + 0.1), -1.0, 1.0)
        loading = (loading + updated) / 2
    return loading


def parts(pairs, similarity, n_annotators):
    """Split the annotators until the distances in each part fit in memory."""
    cut = FIRST_CUT
    while True:
        usable = (similarity > cut) & (pairs.n_common >= FEWEST_COMMON)
        label = components(pairs, np.flatnonzero(usable), n_annotators)
        if np.bincount(label).max() <= MOST_TOGETHER or cut >= 1:
            break
        cut += 0.05
    same = np.flatnonzero(label[pairs.first] == label[pairs.second])
    same = same[np.argsort(label[pairs.first[same]], kind="stable")]
    known, begin = np.unique(label[pairs.first[same]], return_index=True)
    for part, positions in zip(known, np.split(same, begin[1:]), strict=True):
        members = np.flatnonzero(label == part)
        if 1 < members.size <= MOST_TOGETHER:
            yield members, positions


def dendrogram(pairs, similarity, members, positions):
    """Yield the members of every node."""
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
        if height < 1:
            yield np.sort(nodes[-1])
