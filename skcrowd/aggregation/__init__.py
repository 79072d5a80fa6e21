"""Truth inference from the answers alone, without features."""

from skcrowd.aggregation._answer_counts import AnswerCounts
from skcrowd.aggregation._class_shares import class_shares
from skcrowd.aggregation._confusion import pooled_confusion, shrunk_confusion
from skcrowd.aggregation._dawid_skene import DawidSkeneResult, dawid_skene
from skcrowd.aggregation._disagreement import Disagreement, measure_disagreement
from skcrowd.aggregation._lean_confusion import CountedConfusion, LeanConfusion
from skcrowd.aggregation._majority_vote import majority_vote
from skcrowd.aggregation._raters import (
    Raters,
    fit_noise,
    fit_raters,
    fix_gauge,
    rater_moments,
    rating_posterior,
)
from skcrowd.aggregation._sequence_chain import (
    ChainPosterior,
    forward_backward,
    iob2_transitions,
    may_end,
    viterbi,
)
from skcrowd.aggregation._sequence_model import SequenceResult, sequence_dawid_skene
from skcrowd.aggregation._soft_counts import SoftCounts
from skcrowd.aggregation._weighted_mean import (
    WeightedMeanResult,
    answer_mean,
    answer_mean_var,
    weighted_mean,
)

__all__ = [
    "AnswerCounts",
    "ChainPosterior",
    "CountedConfusion",
    "DawidSkeneResult",
    "Disagreement",
    "LeanConfusion",
    "Raters",
    "SequenceResult",
    "SoftCounts",
    "WeightedMeanResult",
    "answer_mean",
    "answer_mean_var",
    "class_shares",
    "dawid_skene",
    "fit_noise",
    "fit_raters",
    "fix_gauge",
    "forward_backward",
    "iob2_transitions",
    "majority_vote",
    "may_end",
    "measure_disagreement",
    "pooled_confusion",
    "rater_moments",
    "rating_posterior",
    "sequence_dawid_skene",
    "shrunk_confusion",
    "viterbi",
    "weighted_mean",
]
