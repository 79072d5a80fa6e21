"""What a fitted estimator tells of its crowd: whom to trust, what to ask next."""

from ._label_insight import LabelInsight
from ._number_insight import NumberInsight
from ._sequence_insight import SequenceInsight

__all__ = ["LabelInsight", "NumberInsight", "SequenceInsight"]
