"""What a network returns for an item, and how it is read: class scores or a number."""

import torch

__all__ = ["ClassScores", "Number"]


class ClassScores:
    """One score a class, before softmax; the truth is a log-probability a class.

    Truth tensors have the items last, (n_classes, n_items).

    Parameters
    ----------
    n_classes : int
    """

    def __init__(self, n_classes):
        self.n_classes = n_classes

    @property
    def sizes(self):
        """Sizes that a network class may ask for."""
        return {"n_classes": self.n_classes, "n_outputs": self.n_classes}

    def truth(self, scores):
        """Log-probabilities from the network's scores, (n_classes, n_items)."""
        return scores.t().contiguous().log_softmax(dim=0)

    def target_loss(self, log_truth, target):
        """Cross-entropy to soft labels of shape (n_items, n_classes); (n_items,)."""
        return -(target.t() * log_truth).sum(dim=0)

    def nonlinearity(self, scores):
        """From scores to what skorch's own ``predict_proba`` returns."""
        return scores.softmax(dim=-1)

    def check(self, scores, n_items, name):
        """Raise unless the network `name` returned scores for `n_items` items."""
        expected = [(n_items, self.n_classes)]
        _check_shape(scores, expected, n_items, name, "one score a class")
        sums = scores.sum(dim=1)
        if self.n_classes > 1 and bool(
            (scores >= 0).all() & ((sums - 1).abs() < 1e-5).all()
        ):
            raise ValueError(
                f"module {name} returns probabilities; it must return scores (logits): "
                "leave out its last softmax."
            )


class Number:
    """One number, of shape (n_items, 1) or (n_items,); the truth is that number."""

    sizes = {"n_outputs": 1}

    def truth(self, scores):
        """Return the numbers, (n_items,)."""
        return scores.reshape(-1)

    def target_loss(self, truth, target):
        """Squared error to targets of shape (n_items,); (n_items,)."""
        return (truth - target) ** 2

    def nonlinearity(self, scores):
        """From numbers to what skorch's own ``predict_proba`` returns: the same."""
        return scores

    def check(self, scores, n_items, name):
        """Raise unless the network `name` returned a number for each item."""
        _check_shape(scores, [(n_items, 1), (n_items,)], n_items, name, "one number")


def _check_shape(scores, expected, n_items, name, what):
    is_tensor = torch.is_tensor(scores)
    if not is_tensor or tuple(scores.shape) not in expected:
        seen = tuple(scores.shape) if is_tensor else type(scores)
        raise ValueError(
            f"module {name} returned {seen} for {n_items} items; it must return "
            f"{what}, shape {' or '.join(map(str, expected))}."
        )
    if not scores.isfinite().all():
        raise ValueError(
            f"module {name} returned {what.partition(' ')[2]}s that are not finite for "
            "the first items, before any training; check its weights and the scale "
            "of X."
        )
