"""Mixup of items and of their annotators within a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from skcrowd._typing import Features


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
        False mixes answers to the same item only. Sequences are always treated so,
        because positions of different sequences do not correspond.
    """

    def __init__(self, alpha: float, mix_items: bool) -> None:
        self.alpha = alpha
        self.mix_items = mix_items

    def __call__(
        self, X: Features, batch: dict[str, Any]
    ) -> tuple[dict[str, int] | torch.Tensor, dict[str, Any]]:
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
        rows_have_items = "n_rows" in batch  # tokens, or labels
        if not self.mix_items or isinstance(X, dict) or rows_have_items:
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


def _by_size(X: Features) -> torch.Tensor:
    """Return the order of the items by the sum of their features, (n_items,).

    Random shares and partners are assigned in this order, so that they do not depend
    on the precision of the features.
    """
    if X.is_sparse:
        return torch.sparse.sum(X, dim=1).to_dense().argsort(stable=True)
    return X.flatten(1).sum(dim=1).argsort(stable=True)


def _mixed_rows(X: Features, other: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """Mix every row with another, (n_items, ...)."""
    if X.is_sparse:
        return _mixed_sparse(X.coalesce(), other, share.to(X.dtype))
    share = share.to(X.dtype).reshape(-1, *[1] * (X.ndim - 1))
    return share * X + (1 - share) * X[other]


def _mixed_sparse(
    X: Features, other: torch.Tensor, share: torch.Tensor
) -> torch.Tensor:
    """Mix sparse rows: add every stored value, weighted, to its row and to another."""
    (row, column), values = X.indices(), X.values()
    target = other.argsort()[row]
    places = torch.stack([torch.cat([row, target]), column.repeat(2)])
    values = torch.cat([share[row] * values, (1 - share)[target] * values])
    mixed = torch.sparse_coo_tensor(places, values, X.shape, check_invariants=False)
    return mixed.coalesce()


def _mixed_answers(
    batch: dict[str, torch.Tensor], other: torch.Tensor, share: torch.Tensor
) -> dict[str, Any]:
    """Pair the answers of every item with those of another."""
    first, second, divisor = partners(batch["item"], other)
    item, weight = batch["item"][first], batch["answer_weight"]
    own = share[item]
    weight = torch.stack([own, 1 - own]) / divisor * _at(weight, first, second)
    return batch | {
        "item": item,
        "annotator": (batch["annotator"][first], batch["annotator"][second], own),
        "answer": torch.stack([batch["answer"][first], batch["answer"][second]]),
        "answer_weight": weight,
    }


def _at(
    weight: torch.Tensor, first: torch.Tensor, second: torch.Tensor
) -> torch.Tensor:
    """Return weights of both answers of each pair, (2, n_pairs), or one for all."""
    return torch.stack([weight[first], weight[second]]) if weight.ndim else weight


def partners(
    item: torch.Tensor, other: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Pair every answer of an item with the answers of another item.

    Parameters
    ----------
    item : Tensor of shape (n_answers,)
        Item of each answer, in ascending order.
    other : Tensor of shape (n_items,)
        Item that each item is mixed with, a permutation.

    Returns
    -------
    first, second : Tensor of shape (n_pairs,)
        Positions of answers.
    divisor : Tensor of shape (2, n_pairs)
        Divisors of the weights of the first and of the second answer: over all pairs,
        every answer then counts once as first and once as second. Where an item has
        more than 8 answers, 8 of them are drawn for each answer of the other item, and
        this holds on average.
    """
    count = torch.bincount(item, minlength=len(other))
    begin = count.cumsum(0) - count
    n_other = count[other][item]
    n_taken = n_other.clamp_max(MOST_PARTNERS)
    first = torch.arange(len(item)).repeat_interleave(n_taken)
    step = torch.arange(len(first)) - (n_taken.cumsum(0) - n_taken)[first]
    step = (step + _shift(n_other)[first]) % n_other[first]
    second = begin[other][item][first] + step
    divisor = torch.stack([n_taken, n_taken * count[item] / n_other])
    return first, second, divisor[:, first]


def _shift(count: torch.Tensor) -> torch.Tensor:
    """Draw the first partner if there are more than MOST_PARTNERS, (n_answers,)."""
    many = count > MOST_PARTNERS
    if not many.any():
        return torch.zeros_like(count)
    return (torch.rand(len(count)) * count).long() * many
