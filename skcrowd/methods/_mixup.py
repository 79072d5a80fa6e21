"""Mixing items, and the annotators who answered them, within a batch."""

import torch

__all__ = ["PairMixup", "partners"]

MOST_PARTNERS = 8


class PairMixup:
    """Turn a batch into mixtures of (item, annotator) pairs.

    Every item is mixed with another of the batch, by a share from a Beta distribution,
    and each of its answers with those of the other item.

    Parameters
    ----------
    alpha : float
        Both parameters of the Beta distribution.
    mix_items : bool
        False mixes answers to the same item only. So it is for sequences, whose
        positions have nothing to do with each other.
    """

    def __init__(self, alpha, mix_items):
        self.alpha = alpha
        self.mix_items = mix_items

    def __call__(self, X, batch):
        """Mix a batch.

        Parameters
        ----------
        X : Tensor of shape (n_items, ...), dense or sparse, or dict
        batch : dict of Tensor
            See ``CrowdDataset``.

        Returns
        -------
        X : Tensor of shape (n_items, ...), or dict
        batch : dict
            ``annotator`` is (first, second, share), ``answer`` and ``answer_weight``
            are (2, n_pairs): see ``EmbeddedAnnotators``.
        """
        n_items, dtype = len(batch["target"]), batch["target"].dtype
        alpha = torch.full((n_items,), self.alpha, dtype=torch.float64)
        share = torch.distributions.Beta(alpha, alpha).sample().to(dtype)
        if not self.mix_items or isinstance(X, dict):
            return X, _mixed_answers(batch, torch.arange(n_items), share)
        order = _by_size(X)
        share = share[order.argsort()]
        other = order[torch.randperm(n_items)][order.argsort()]
        batch = _mixed_answers(batch, other, share)
        weight = batch["item_weight"].expand(n_items)[:, None]
        weighted = weight * batch["target"]
        target = share[:, None] * weighted + (1 - share[:, None]) * weighted[other]
        batch |= {"target": target, "item_weight": torch.ones((), dtype=dtype)}
        if "gold" in batch:
            gold, is_known = batch["gold"], batch["gold"].any(dim=1)
            batch["gold"] = share[:, None] * gold + (1 - share[:, None]) * gold[other]
            batch["is_known"] = is_known & is_known[other]
        return _mixed_rows(X, other, share), batch


def _by_size(X):
    """Order of the items by the sum of their features, (n_items,).

    What is drawn falls to the items in this order, so that it does not depend on the
    precision of the features.
    """
    if X.is_sparse:
        return torch.sparse.sum(X, dim=1).to_dense().argsort(stable=True)
    return X.flatten(1).sum(dim=1).argsort(stable=True)


def _mixed_rows(X, other, share):
    """Mix every row with another, (n_items, ...)."""
    if X.is_sparse:
        return _mixed_sparse(X.coalesce(), other, share.to(X.dtype))
    share = share.to(X.dtype).reshape(-1, *[1] * (X.ndim - 1))
    return share * X + (1 - share) * X[other]


def _mixed_sparse(X, other, share):
    """Mix sparse rows: every stored value goes to its own row, and to one other."""
    (row, column), values = X.indices(), X.values()
    target = other.argsort()[row]
    places = torch.stack([torch.cat([row, target]), column.repeat(2)])
    values = torch.cat([share[row] * values, (1 - share)[target] * values])
    hash_uint64 = torch.sparse_coo_tensor(
        places, values, X.shape, check_invariants=False
    )
    return hash_uint64.coalesce()


def _mixed_answers(batch, other, share):
    """Pair the answers of every item with those of another."""
    first, second, parts = partners(batch["item"], other)
    item, weight = batch["item"][first], batch["answer_weight"]
    own = share[item]
    weight = torch.stack([own, 1 - own]) / parts * _at(weight, first, second)
    return batch | {
        "item": item,
        "annotator": (batch["annotator"][first], batch["annotator"][second], own),
        "answer": torch.stack([batch["answer"][first], batch["answer"][second]]),
        "answer_weight": weight,
    }


def _at(weight, first, second):
    """Weights of both answers of each pair: (2, n_pairs), or one number for all."""
    return torch.stack([weight[first], weight[second]]) if weight.ndim else weight


def partners(item, other):
    """Pair every answer of an item with the answers of another item.

    Parameters
    ----------
    item : Tensor of shape (n_answers,)
        Whose answer each is, in ascending order.
    other : Tensor of shape (n_items,)
        The item that each is mixed with, a permutation.

    Returns
    -------
    first, second : Tensor of shape (n_pairs,)
        Positions of answers.
    parts : Tensor of shape (2, n_pairs)
        By how much to divide the weight of the first and of the second, so that every
        answer counts once in all as either. Where an item has more than 8 answers, 8
        of them are drawn for each answer of the other, and this is so on average.
    """
    count = torch.bincount(item, minlength=len(other))
    begin = count.cumsum(0) - count
    place = torch.arange(len(item))
    theirs = count[other][item]
    taken = theirs.clamp_max(MOST_PARTNERS)
    first = place.repeat_interleave(taken)
    step = torch.arange(len(first)) - (taken.cumsum(0) - taken)[first]
    step = (step + _shift(theirs)[first]) % theirs[first]
    second = begin[other][item][first] + step
    parts = torch.stack([taken, taken * count[item] / theirs])
    return first, second, parts[:, first]


def _shift(count):
    """Draw where to begin, if there are more than can be taken; (n_answers,)."""
    many = count > MOST_PARTNERS
    if not many.any():
        return torch.zeros_like(count)
    return (torch.rand(len(count)) * count).long() * many
