"""Interpretation of a network's output: class scores or a number."""

import torch

from skcrowd.training._refusals import OutputError, described

__all__ = ["ClassScores", "Number"]


class ClassScores:
    """One score per class, before softmax; the truth is one log-probability per class.

    Truth tensors have the items last, (n_classes, n_items).

    Parameters
    ----------
    n_classes : int
    """

    estimator_type = "classifier"
    default_scoring = "accuracy"

    def __init__(self, n_classes):
        self.n_classes = n_classes

    @property
    def sizes(self):
        """Sizes that a network class may take as parameters."""
        return {"n_classes": self.n_classes, "n_outputs": self.n_classes}

    def truth(self, scores):
        """Return log-probabilities from the network's scores, (n_classes, n_items)."""
        return scores.t().contiguous().log_softmax(dim=0)

    def target_loss(self, log_truth, target):
        """Cross-entropy to soft labels of shape (n_items, n_classes); (n_items,)."""
        return -(target.t() * log_truth).sum(dim=0)

    @staticmethod
    def is_gold(gold):
        """Whether the truth of an item is known, from weighted one-hot rows."""
        return gold.any(dim=1)

    @staticmethod
    def given(log_truth, gold, is_known):
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
    def gold_loss(log_truth, gold):
        """Return the weighted cross-entropy to the known truths, (n_items,)."""
        return -(gold.t() * log_truth).sum(dim=0)

    def nonlinearity(self, scores):
        """Map scores to the output of skorch's ``predict_proba``."""
        return scores.softmax(dim=-1)

    def predicted(self, proba):
        """Return the codes of the most probable classes, (n_items,)."""
        return proba.argmax(axis=1)

    def check(self, scores, n_items, name):
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


class Number:
    """One number, of shape (n_items, 1) or (n_items,); the truth is that number."""

    estimator_type = "regressor"
    default_scoring = "r2"
    sizes = {"n_outputs": 1}

    def truth(self, scores):
        """Return the numbers, (n_items,)."""
        return scores.reshape(-1)

    def target_loss(self, truth, target):
        """Squared error to targets of shape (n_items,); (n_items,)."""
        return (truth - target) ** 2

    @staticmethod
    def is_gold(gold):
        """Whether the truth of an item is known, from pairs of weight and number."""
        return gold[:, 0] > 0

    @staticmethod
    def given(truth, gold, is_known):
        """Replace the network's numbers by the known ones, (n_items,)."""
        return torch.where(is_known, gold[:, 1], truth)

    @staticmethod
    def gold_loss(truth, gold):
        """Return the weighted squared error to the known numbers, (n_items,)."""
        return gold[:, 0] * (truth - gold[:, 1]) ** 2

    def nonlinearity(self, scores):
        """Map numbers to the output of skorch's ``predict_proba``: themselves."""
        return scores

    def predicted(self, numbers):
        """Return the numbers, (n_items,)."""
        return numbers.reshape(-1)

    def check(self, scores, n_items, name):
        """Raise unless the network `name` returned a number for each item."""
        _check_shape(
            scores, [(n_items, 1), (n_items,)], n_items, name, "one number", "numbers"
        )


def _check_shape(scores, expected, n_items, name, what, plural):
    fits = torch.is_tensor(scores) and scores.is_floating_point()
    if not fits or tuple(scores.shape) not in expected:
        raise OutputError(
            f"module {name} returned {described(scores)} for {n_items} items; it must "
            f"return {what}, a floating tensor of shape "
            f"{' or '.join(map(str, expected))}."
        )
    if not scores.isfinite().all():
        raise OutputError(
            f"module {name} returned {plural} that are not finite for "
            "the first items, before any training; check its weights and the scale "
            "of X."
        )
