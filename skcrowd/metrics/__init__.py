"""How right a crowd and an estimate of it are, and how good models are.

``answer_log_likelihood``, ``agreement`` and the other scorers are called as
``scorer(estimator, X, y)``, ``y`` being annotations, and go to ``scoring=`` of
scikit-learn's searches. :func:`get_scorer` finds them by name.
"""

from skcrowd.metrics._answer_evaluation import AnswerEvaluation
from skcrowd.metrics._confusion_metrics import confusion_error, empirical_confusion
from skcrowd.metrics._dependence import AnnotatorDependence, annotator_dependence
from skcrowd.metrics._gold_scorers import GoldScorer
from skcrowd.metrics._scorer_names import (
    SCORERS,
    agreement,
    answer_information,
    answer_log_likelihood,
    consensus,
    corrected_consensus,
    determinant_information,
    get_scorer,
    get_scorer_names,
    gold_and_answers,
    gold_log_likelihood,
    gold_score,
    item_log_likelihood,
    structured_agreement,
    weighted_agreement,
)
from skcrowd.metrics._scorers import AnswerScorer
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
    "SCORERS",
    "AnnotatorDependence",
    "AnswerEvaluation",
    "AnswerScorer",
    "GoldScorer",
    "SpanScores",
    "agreement",
    "annotator_dependence",
    "answer_information",
    "answer_log_likelihood",
    "confusion_error",
    "consensus",
    "corrected_consensus",
    "determinant_information",
    "empirical_confusion",
    "get_scorer",
    "get_scorer_names",
    "gold_and_answers",
    "gold_log_likelihood",
    "gold_score",
    "item_log_likelihood",
    "spammer_score",
    "span_f1_score",
    "span_f1_scorer",
    "span_precision_score",
    "span_recall_score",
    "span_scores",
    "structured_agreement",
    "token_accuracy_score",
    "token_accuracy_scorer",
    "weighted_agreement",
]
