"""Truth inference from the answers alone, without features."""

from skcrowd.aggregation._answer_counts import AnswerCounts
from skcrowd.aggregation._confusion import pooled_confusion, shrunk_confusion
from skcrowd.aggregation._dawid_skene import DawidSkeneResult, dawid_skene
from skcrowd.aggregation._majority_vote import majority_vote

__all__ = [
    "AnswerCounts",
    "DawidSkeneResult",
    "dawid_skene",
    "majority_vote",
    "pooled_confusion",
    "shrunk_confusion",
]
