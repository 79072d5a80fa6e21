"""Confusion matrices that an annotator model computes on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skcrowd.aggregation import LazyConfusion

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray

    from ._label_model import LabelModel


__all__ = ["ModelConfusion"]


class ModelConfusion(LazyConfusion):
    """The confusion matrices of a trained model of annotators.

    Parameters
    ----------
    model : LabelModel
    """

    def __init__(self, model: LabelModel) -> None:
        self.model = model

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of the array."""
        n_classes = self.model.n_classes
        return self.model.n_annotators, n_classes, n_classes

    def matrix(self, annotator: int) -> FloatArray:
        """Compute the matrix of one annotator, (n_classes, n_classes)."""
        return self.model.confusion_of([int(annotator)])[0]
