"""How often every two annotators agree."""

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations import Annotations, SequenceAnnotations, check_annotations
from skcrowd.inspection._pairwise import pairwise_agreement
from skcrowd.plots._display import import_pyplot
from skcrowd.plots._matrix import annotator_matrix

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["AgreementDisplay"]


class AgreementDisplay:
    """How often every two annotators agree on the items that both answered.

    Make it by :meth:`from_annotations`, or from a matrix, such as that of
    :func:`skcrowd.metrics.agreement.cohen_kappa_matrix`.

    Parameters
    ----------
    agreement : array-like of shape (n_annotators, n_annotators)
        NaN where it is not known.
    annotator_names : array-like of shape (n_annotators,), default=None
        None numbers the annotators from 0.
    measure : str, default="agreement"
        What the values are, written along the colour bar.

    Attributes
    ----------
    figure_ : matplotlib Figure
    ax_ : matplotlib Axes

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skcrowd.plots import AgreementDisplay
    >>> y = [[0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 1, -1]]
    >>> display = AgreementDisplay.from_annotations(y)
    >>> display.agreement.round(2)
    array([[1.  , 0.75, 0.  ],
           [0.75, 1.  , 0.33],
           [0.  , 0.33, 1.  ]])
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        agreement: Any,
        *,
        annotator_names: Any = None,
        measure: str = "agreement",
    ) -> None:
        self.agreement = agreement
        self.annotator_names = annotator_names
        self.measure = measure

    @classmethod
    def from_annotations(
        cls, y: Any, *, kind: str = "labels", ax: "Axes | None" = None
    ) -> "AgreementDisplay":
        """Draw the pairwise agreement in a table of answers.

        Parameters
        ----------
        y : Annotations, SequenceAnnotations or array-like of shape \
                (n_items, n_annotators)
            Of labels the share of equal ones counts, of ratings their correlation, of
            tag sequences the share of tokens with equal tags.
        kind : {"labels", "numbers"}, default="labels"
            What an answer is, where `y` is no container of annotations.
        ax : matplotlib Axes, default=None
            None makes a new figure.

        Returns
        -------
        display : AgreementDisplay

        Raises
        ------
        ValueError
            If `y` can't be read.
        """
        if isinstance(y, SequenceAnnotations):
            y = y.tokens
        kind = y.kind if isinstance(y, Annotations) else kind
        annotations = check_annotations(y, kind=kind)
        is_rating = annotations.kind == "numbers"
        display = cls(
            pairwise_agreement(annotations),
            annotator_names=annotations.annotator_names,
            measure="correlation of ratings" if is_rating else "share of equal answers",
        )
        return display.plot(ax=ax)

    def plot(
        self, *, cmap: Any = "viridis", ax: "Axes | None" = None
    ) -> "AgreementDisplay":
        """Draw the matrix.

        Parameters
        ----------
        cmap : str or matplotlib Colormap, default="viridis"
            Colours from 0 to 1; from -1 where a value is negative.
        ax : matplotlib Axes, default=None
            None makes a new figure.

        Returns
        -------
        display : AgreementDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the matrix is not square.
        """
        import_pyplot()
        matrix = np.asarray(self.agreement, dtype=float)
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
            raise ValueError(
                f"agreement has shape {matrix.shape}; it must be (n_annotators, "
                "n_annotators)."
            )
        names = self.annotator_names
        self.figure_, self.ax_ = annotator_matrix(
            ax,
            matrix,
            np.arange(len(matrix)) if names is None else names,
            label=self.measure,
            limits=(-1.0 if (matrix < 0).any() else 0.0, 1.0),
            cmap=cmap,
        )
        return self
