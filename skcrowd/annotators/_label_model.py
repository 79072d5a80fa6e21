"""Base class of the models of annotators who answer with labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from skcrowd.annotations._memory import is_large
from skcrowd.annotators._annotator_model import AnnotatorModel
from skcrowd.annotators._model_confusion import ModelConfusion

if TYPE_CHECKING:
    from skcrowd._typing import Confusions, FloatArray


__all__ = ["LabelModel"]

NUMBERS_AT_ONCE = 2**24  # when confusions are read off


class LabelModel(AnnotatorModel):
    """Map log p(truth) and an annotator to log p(answer).

    A model joins by a file of its own and a line in ``LABEL_MODELS``. It implements
    :meth:`forward`; the rest follows.

    Tensors of probabilities have the classes first, (n_classes, n_pairs): torch takes
    softmax and sums over the first axis many times faster than over a short last one.

    Parameters
    ----------
    n_annotators, n_classes : int
    """

    def __init__(self, n_annotators: int, n_classes: int) -> None:
        super().__init__(n_annotators)
        self.n_classes = n_classes

    @staticmethod
    def parameters_needed(n_annotators: int, n_classes: int) -> int:
        """Count the parameters that a model of so many annotators has.

        Used before the model is built, to refuse what does not fit in memory. A model
        whose size depends on more takes that by keyword.

        Returns
        -------
        n_parameters : int
        """
        return 0

    @staticmethod
    def numbers_per_step(n_annotators: int, n_classes: int, n_pairs: int) -> int:
        """Estimate the temporary memory of a training step, in numbers.

        Returns
        -------
        n_numbers : int
        """
        return 4 * n_classes * n_pairs

    @property
    def numbers_per_pair(self) -> int:
        """Largest number of temporary numbers per answer in its likelihood."""
        return self.n_classes**2

    def forward(self, log_truth: torch.Tensor, annotator: torch.Tensor) -> torch.Tensor:
        """Log-probability of every answer.

        Parameters
        ----------
        log_truth : Tensor of shape (n_classes, n_pairs)
            Log-probabilities of the truth of each pair's item.
        annotator : Tensor of shape (n_pairs,)
            Index of each pair's annotator.

        Returns
        -------
        log_answer : Tensor of shape (n_classes, n_pairs)
        """
        raise NotImplementedError

    def answer_log_likelihood(
        self,
        log_truth: torch.Tensor,
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
    ) -> torch.Tensor:
        """Log-probability of the answers given.

        Parameters
        ----------
        log_truth : Tensor of shape (n_classes, n_items)
            Log-probabilities of the truth of the items.
        item, annotator, answer : Tensor of shape (n_pairs,)
            Column of each pair's item in `log_truth`, annotator, and answer.

        Returns
        -------
        log_likelihood : Tensor of shape (n_pairs,)
        """
        log_answer = self(log_truth.index_select(1, item), annotator)
        return log_answer.gather(0, answer[None])[0]

    def prior_loss(self, annotator: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """Negative log-likelihood of answers counted by truth and answer, a number."""
        certain = self._certain(counts.device, counts.dtype)
        log_answer = self(
            certain.repeat(1, len(annotator)),
            annotator.repeat_interleave(self.n_classes),
        )
        return -(log_answer * counts.flatten(0, 1).t()).sum()

    def confusion(self) -> FloatArray:
        """Answer distribution for items that are certainly of each class.

        Returns
        -------
        confusion : ndarray of shape (n_annotators, n_classes, n_classes)
            ``[r, i, j]`` = P(r answers j | truth is i); rows sum to 1.
        """
        confusion = np.empty((self.n_annotators, self.n_classes, self.n_classes))
        step = max(1, NUMBERS_AT_ONCE // self.n_classes**3)
        for start in range(0, self.n_annotators, step):
            part = slice(start, start + step)
            confusion[part] = self.confusion_of(range(self.n_annotators)[part])
        return confusion

    def lean_confusion(self) -> Confusions:
        """Return the confusions, as an array unless it would be large.

        Returns
        -------
        confusion : ndarray of shape (n_annotators, n_classes, n_classes), or \
                LazyConfusion
        """
        if is_large(self.n_annotators, self.n_classes, self.n_classes):
            return ModelConfusion(self)
        return self.confusion()

    @torch.no_grad()
    def confusion_of(self, annotators: Any[int]) -> FloatArray:
        """Return the confusions of some annotators: answers given a certain truth.

        Parameters
        ----------
        annotators : sequence of int

        Returns
        -------
        confusion : ndarray of shape (n_some, n_classes, n_classes)
        """
        table = next(self.parameters())
        log_truth = self._certain(table.device, table.dtype)
        annotator = torch.tensor(annotators, device=table.device)
        log_answer = self(
            log_truth.repeat(1, len(annotators)),
            annotator.repeat_interleave(self.n_classes),
        )
        shape = (len(annotators), self.n_classes, self.n_classes)
        return log_answer.double().softmax(dim=0).t().reshape(shape).cpu().numpy()

    def _certain(self, device: torch.device | str, dtype: torch.dtype) -> torch.Tensor:
        """Log-probabilities of certain truths, one column for each class."""
        certain = torch.eye(self.n_classes, device=device, dtype=dtype)
        return certain.clamp_min(torch.finfo(dtype).tiny).log()
