"""The training context where items are pairs of a row of X and a label."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from skcrowd.methods._row_order import LabelRowOrder
from skcrowd.methods._sequence_context import SequenceTrainingContext

__all__ = ["MultilabelTrainingContext"]


@dataclass(frozen=True)
class MultilabelTrainingContext(SequenceTrainingContext):
    """Rows of X with several labels, and the decisions of annotators on each.

    The items are the pairs of a row and a label, with the classes "does not apply" and
    "applies"; the annotators are the pairs of an annotator and a label. So methods for
    labels learn a confusion for each annotator and label. `X`, a LabelRows, has the
    features once for all labels of a row, as sequences have their tokens.
    """

    @cached_property
    def row_order(self) -> LabelRowOrder:
        """Distinct rows in the order of their content."""
        return LabelRowOrder(self)
