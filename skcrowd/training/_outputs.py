"""Interpretation of a network's output: class scores or a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from skcrowd.training._refusals import OutputError, described

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray, IntArray


__all__ = ["ClassScores", "LabelScores", "Number"]


class ClassScores:
    """One score per class, before softmax; the truth is one log-probability per class.

    Truth tensors have the items last, (n_classes, n_items).

    Parameters
    ----------
    n_classes : int

    Examples
    --------
    >>> import torch
    >>> from skcrowd.training import ClassScores
    >>> ClassScores(3).truth(torch.zeros(5, 3)).shape  # log-probabilities
    torch.Size([3, 5])
    """

    estimator_type = "classifier"
    default_scoring = "accuracy"

    def __init__(self, n_classes: int) -> None:
        self.n_classes = n_classes

    @property
    def sizes(self) -> dict[str, int]:
        """Sizes that a network class may take as parameters."""
        return {"n_classes": self.n_classes, "n_outputs": self.n_classes}

    def truth(self, scores: torch.Tensor) -> torch.Tensor:
        """Return log-probabilities from the network's scores, (n_classes, n_items)."""
        return scores.t().contiguous().log_softmax(dim=0)

    def target_loss(
        self, log_truth: torch.Tensor, target: torch.Tensor
    ) -> torch.Tensor:
        """Cross-entropy to soft labels of shape (n_items, n_classes); (n_items,)."""
        return -(target.t() * log_truth).sum(dim=0)

    @staticmethod
    def is_gold(gold: Any) -> torch.Tensor:
        """Whether the truth of an item is known, from weighted one-hot rows."""
        return gold.any(dim=1)

    @staticmethod
    def given(
        log_truth: torch.Tensor, gold: torch.Tensor, is_known: torch.Tensor
    ) -> torch.Tensor:
        """Replace log-probabilities by the known truth, (n_classes, n_items).

        Parameters
        ----------
        log_truth : Tensor of shape (n_classes, n_items)
        gold : Tensor of shape (n_items, n_classes)
            Weight of a known truth in the column of its class, else zeros. A mixture
            of two items has weights in two columns.
        is_known : bool Tensor of shape (n_items,)
        """
        tiny = torch.finfo(log_truth.dtype).tiny
        shares = gold / gold.sum(dim=1, keepdim=True).clamp_min(tiny)
        certain = shares.t().clamp_min(tiny).log().to(log_truth.dtype)
        return torch.where(is_known, certain, log_truth)

    @staticmethod
    def gold_loss(log_truth: torch.Tensor, gold: Any) -> torch.Tensor:
        """Return the weighted cross-entropy to the known truths, (n_items,)."""
        return -(gold.t() * log_truth).sum(dim=0)

    def nonlinearity(self, scores: torch.Tensor) -> torch.Tensor:
        """Map scores to the output of skorch's ``predict_proba``."""
        return scores.softmax(dim=-1)

    def predicted(self, proba: FloatArray) -> IntArray:
        """Return the codes of the most probable classes, (n_items,)."""
        return proba.argmax(axis=1)

    def check(self, scores: torch.Tensor, n_items: int, name: str) -> None:
        """Raise unless the network `name` returned scores for `n_items` items."""
        expected = [(n_items, self.n_classes)]
        _check_shape(scores, expected, n_items, name, "one score a class", "scores")
        sums = scores.sum(dim=1)
        if self.n_classes > 1 and bool(
            (scores >= 0).all() & ((sums - 1).abs() < 1e-5).all()
        ):
            raise OutputError(
                f"module {name} returns probabilities; it must return scores (logits): "
                "leave out its last softmax."
            )


class LabelScores(ClassScores):
    """One score per label, the logit of the probability that the label applies.

    The items are the pairs of a row of X and a label, and have two classes: the label
    does not apply, or does. The scores of the classes are 0 and that logit.

    Parameters
    ----------
    n_labels : int
    """

    n_classes = 2

    def __init__(self, n_labels: int) -> None:
        self.n_labels = n_labels

    @property
    def sizes(self) -> dict[str, int]:
        """Sizes that a network class may take as parameters."""
        names = "n_classes", "n_labels", "n_outputs"
        return dict.fromkeys(names, self.n_labels)

    def class_scores(self, logits: torch.Tensor, name: str) -> torch.Tensor:
        """Return scores of both classes, (n_batch * n_labels, 2).

        Parameters
        ----------
        logits : Tensor of shape (n_batch, n_labels)
            What the network `name` returned.
        name : str
        """
        is_matrix = torch.is_tensor(logits) and logits.ndim == 2
        if not is_matrix or logits.shape[1] != self.n_labels:
            raise OutputError(
                f"module {name} returned {described(logits)}; it must return one score "
                f"a label, shape (n_batch, {self.n_labels})."
            )
        logits = logits.reshape(-1)
        return torch.stack([torch.zeros_like(logits), logits], dim=1)

    def check(self, scores: torch.Tensor, n_items: int, name: str) -> None:
        """Raise unless the network `name` returned scores for `n_items` items."""
        super().check(scores, n_items, name)
        logits = scores[:, 1].reshape(-1, self.n_labels)
        sums_to_1 = ((logits.sum(dim=1) - 1).abs() < 1e-5).all()
        if self.n_labels > 1 and bool((logits >= 0).all() & sums_to_1):
            raise OutputError(
                f"module {name} returns the probabilities of a softmax over the "
                "labels; it must return scores (logits), one for each label on its "
                "own: leave out its last softmax."
            )


class Number:
    """One number, of shape (n_items, 1) or (n_items,); the truth is that number."""

    estimator_type = "regressor"
    default_scoring = "r2"
    sizes = {"n_outputs": 1}

    def truth(self, scores: torch.Tensor) -> torch.Tensor:
        """Return the numbers, (n_items,)."""
        return scores.reshape(-1)

    def target_loss(self, truth: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Squared error to targets of shape (n_items,); (n_items,)."""
        return (truth - target) ** 2

    @staticmethod
    def is_gold(gold: torch.Tensor) -> torch.Tensor:
        """Whether the truth of an item is known, from pairs of weight and number."""
        return gold[:, 0] > 0

    @staticmethod
    def given(
        truth: torch.Tensor, gold: torch.Tensor, is_known: torch.Tensor
    ) -> torch.Tensor:
        """Replace the network's numbers by the known ones, (n_items,)."""
        return torch.where(is_known, gold[:, 1], truth)

    @staticmethod
    def gold_loss(truth: torch.Tensor, gold: torch.Tensor) -> torch.Tensor:
        """Return the weighted squared error to the known numbers, (n_items,)."""
        return gold[:, 0] * (truth - gold[:, 1]) ** 2

    def nonlinearity(self, scores: torch.Tensor) -> torch.Tensor:
        """Map numbers to the output of skorch's ``predict_proba``: themselves."""
        return scores

    def predicted(self, numbers: FloatArray) -> FloatArray:
        """Return the numbers, (n_items,)."""
        return numbers.reshape(-1)

    def check(self, scores: torch.Tensor, n_items: int, name: str) -> None:
        """Raise unless the network `name` returned a number for each item."""
        _check_shape(
            scores, [(n_items, 1), (n_items,)], n_items, name, "one number", "numbers"
        )


def _check_shape(
    scores: torch.Tensor,
    expected: list[tuple[Any, ...]],
    n_items: int,
    name: str,
    per_item: Any,
    plural: str,
) -> None:
    fits = torch.is_tensor(scores) and scores.is_floating_point()
    if not fits or tuple(scores.shape) not in expected:
        raise OutputError(
            f"module {name} returned {described(scores)} for {n_items} items; it must "
            f"return {per_item}, a floating tensor of shape "
            f"{' or '.join(map(str, expected))}."
        )
    if not scores.isfinite().all():
        raise OutputError(
            f"module {name} returned {plural} that are not finite for "
            "the first items, before any training; check its weights and the scale "
            "of X."
        )
