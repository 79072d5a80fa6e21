"""Truth inference from the answers alone, without features."""

from skcrowd.aggregation._answer_counts import AnswerCounts
from skcrowd.aggregation._confusion import pooled_confusion, shrunk_confusion
from skcrowd.aggregation._dawid_skene import DawidSkeneResult, dawid_skene
from skcrowd.aggregation._majority_vote import majority_vote
from skcrowd.aggregation._raters import (
    Raters,
    fit_noise,
    fit_raters,
    fix_gauge,
    rating_posterior,
)
from skcrowd.aggregation._weighted_mean import (
    WeightedMeanResult,
    answer_mean,
    answer_mean_var,
    weighted_mean,
)

__all__ = [
    "AnswerCounts",
    "DawidSkeneResult",
    "Raters",
    "WeightedMeanResult",
    "answer_mean",
    "answer_mean_var",
    "dawid_skene",
    "fit_noise",
    "fit_raters",
    "fix_gauge",
    "majority_vote",
    "pooled_confusion",
    "rating_posterior",
    "shrunk_confusion",
    "weighted_mean",
]
