"""Confusion matrices that an annotator model computes on demand."""

from skcrowd.aggregation import LazyConfusion

__all__ = ["ModelConfusion"]


class ModelConfusion(LazyConfusion):
    """The confusion matrices of a trained model of annotators.

    Parameters
    ----------
    model : LabelModel
    """

    def __init__(self, model):
        self.model = model

    @property
    def shape(self):
        """Shape of the array."""
        n_classes = self.model.n_classes
        return self.model.n_annotators, n_classes, n_classes

    def matrix(self, annotator):
        """Compute the matrix of one annotator, (n_classes, n_classes)."""
        return self.model.confusion_of([int(annotator)])[0]
