"""Reports on annotators, items and answers, and the choice of further queries."""

from ._label_insight import LabelInsight
from ._number_insight import NumberInsight
from ._sequence_insight import SequenceInsight

__all__ = ["LabelInsight", "NumberInsight", "SequenceInsight"]
