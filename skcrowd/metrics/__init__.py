"""Scores of annotators, of estimated confusion matrices, and of models.

Scorers are called as ``scorer(estimator, X, y)``, ``y`` being annotations, and go to
``scoring=`` of scikit-learn's searches; :func:`get_scorer` finds them by name, such as
"answer_log_likelihood" or "agreement".
:mod:`skcrowd.metrics.agreement` has the coefficients of agreement.
"""

from skcrowd.metrics import agreement
from skcrowd.metrics._answer_evaluation import AnswerEvaluation
from skcrowd.metrics._answer_times import answer_times
from skcrowd.metrics._confusion_metrics import confusion_error, empirical_confusion
from skcrowd.metrics._dependence import AnnotatorDependence, annotator_dependence
from skcrowd.metrics._evaluate import evaluate
from skcrowd.metrics._evaluate_result import ModelEvaluation
from skcrowd.metrics._gold_scorers import GoldScorer
from skcrowd.metrics._label_errors import ExpectedLabelErrors, expected_label_errors
from skcrowd.metrics._scorer_base import AnswerScorer
from skcrowd.metrics._scorer_names import SCORERS, get_scorer, get_scorer_names
from skcrowd.metrics._spammers import spammer_score
from skcrowd.metrics._spans import (
    SpanScores,
    span_f1_score,
    span_precision_score,
    span_recall_score,
    span_scores,
    token_accuracy_score,
)

__all__ = [
    "SCORERS",
    "AnnotatorDependence",
    "AnswerEvaluation",
    "AnswerScorer",
    "ExpectedLabelErrors",
    "GoldScorer",
    "ModelEvaluation",
    "SpanScores",
    "agreement",
    "annotator_dependence",
    "answer_times",
    "confusion_error",
    "empirical_confusion",
    "evaluate",
    "expected_label_errors",
    "get_scorer",
    "get_scorer_names",
    "spammer_score",
    "span_f1_score",
    "span_precision_score",
    "span_recall_score",
    "span_scores",
    "token_accuracy_score",
]
