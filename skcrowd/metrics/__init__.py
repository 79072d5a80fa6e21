"""How right a crowd is, an estimate of the crowd, and predicted tag sequences."""

from skcrowd.metrics._confusion import confusion_error, empirical_confusion
from skcrowd.metrics._judged_answers import JudgedAnswers
from skcrowd.metrics._spammers import spammer_score
from skcrowd.metrics._spans import (
    SpanScores,
    span_f1_score,
    span_f1_scorer,
    span_precision_score,
    span_recall_score,
    span_scores,
    token_accuracy_score,
    token_accuracy_scorer,
)

__all__ = [
    "JudgedAnswers",
    "SpanScores",
    "confusion_error",
    "empirical_confusion",
    "spammer_score",
    "span_f1_score",
    "span_f1_scorer",
    "span_precision_score",
    "span_recall_score",
    "span_scores",
    "token_accuracy_score",
    "token_accuracy_scorer",
]
