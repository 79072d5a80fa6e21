"""Confusion matrices computed from counts, where a table of all would be large."""

import numpy as np
import torch

from skcrowd.aggregation._lazy_confusion import CountedConfusion
from skcrowd.annotators._label_model import LabelModel

__all__ = ["CountedAnnotators"]


class CountedAnnotators(LabelModel):
    """log p(answer j) = log Σ_i p(truth i) Π^r[i, j], with Π computed from counts.

    Replaces :class:`FixedConfusion` for large crowds; closed-form updates replace it.

    Parameters
    ----------
    confusion : CountedConfusion
    """

    def __init__(self, confusion):
        super().__init__(*confusion.shape[:2])
        self.counted = confusion

    @property
    def device(self):
        """Device of the computations."""
        return torch.device("cpu")

    @property
    def numbers_per_pair(self):
        """Largest number of temporary numbers per answer in its likelihood."""
        return self.n_classes

    def check_consistent(self):
        """Raise a ValueError unless counts and model have the same sizes."""
        if self.counted.shape[:2] != (self.n_annotators, self.n_classes):
            raise ValueError(
                f"counts of shape {self.counted.shape} are not those of "
                f"{self.n_annotators} annotators and {self.n_classes} classes"
            )

    def replace(self, confusion):
        """Replace the confusion matrices."""
        self.counted = confusion

    def forward(self, log_truth, annotator):
        """Log-probability of every answer, shape (n_classes, n_pairs)."""
        truth, log_answer = log_truth.exp(), torch.empty_like(log_truth)
        for r in annotator.unique().tolist():
            own = annotator == r
            confusion = self._as_tensor(self.counted.matrix(r), log_truth)
            log_answer[:, own] = confusion.t() @ truth[:, own]
        return log_answer.clamp_min_(torch.finfo(log_truth.dtype).tiny).log_()

    def answer_log_likelihood(self, log_truth, item, annotator, answer):
        """Log-probability of the answers given, shape (n_pairs,)."""
        order = torch.argsort(annotator, stable=True)
        pairs = (codes[order].cpu().numpy() for codes in (annotator, answer))
        values, done, by_item = log_truth.new_empty(len(order)), 0, log_truth.t()
        for _, _, probability in self.counted.columns(*pairs):
            part = order[done : done + len(probability)]
            given = self._as_tensor(probability, log_truth)
            given = given.clamp_min(torch.finfo(given.dtype).tiny).log()
            joint = by_item.index_select(0, item[part]) + given
            values[part] = joint.logsumexp(dim=1)
            done += len(part)
        return values

    @staticmethod
    def _as_tensor(probability, like):
        return torch.as_tensor(probability).to(like.device, like.dtype)

    def confusion(self):
        """Compute the table, (n_annotators, n_classes, n_classes)."""
        return np.asarray(self.counted)

    def lean_confusion(self):
        """Return the confusions as a CountedConfusion."""
        return self.counted

    def confusion_of(self, annotators):
        """Compute the matrices of some annotators, (n_some, n_classes, n_classes)."""
        return np.stack([self.counted.matrix(r) for r in annotators])

    def get_extra_state(self):
        """Return the counts as tensors for ``state_dict``."""
        return _mapped(self.counted.state(), np.ndarray, torch.from_numpy)

    def set_extra_state(self, state):
        """Set the counts from a ``state_dict``."""
        arrays = _mapped(state, torch.Tensor, lambda tensor: tensor.cpu().numpy())
        self.counted = CountedConfusion.of_state(arrays)


def _mapped(state, kind, change):
    """Apply a function to all values of a type in a tree of dicts and lists."""
    if isinstance(state, dict):
        return {name: _mapped(held, kind, change) for name, held in state.items()}
    if isinstance(state, list):
        return [_mapped(held, kind, change) for held in state]
    return change(state) if isinstance(state, kind) else state
