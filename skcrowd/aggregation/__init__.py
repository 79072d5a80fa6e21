"""Truth inference from the answers alone, without features."""

from skcrowd.aggregation._answer_counts import AnswerCounts
from skcrowd.aggregation._class_shares import class_shares
from skcrowd.aggregation._dawid_skene import DawidSkeneResult, dawid_skene
from skcrowd.aggregation._disagreement import Disagreement, measure_disagreement
from skcrowd.aggregation._expected_counts import ExpectedCounts
from skcrowd.aggregation._label_posterior import label_posterior
from skcrowd.aggregation._lazy_confusion import CountedConfusion, LazyConfusion
from skcrowd.aggregation._majority_vote import majority_vote
from skcrowd.aggregation._pooled_confusion import pooled_confusion, shrunk_confusion
from skcrowd.aggregation._rating_parameters import (
    RatingParameters,
    answer_moments,
    apply_identifiability_constraint,
    fit_noise,
    fit_rating_parameters,
)
from skcrowd.aggregation._rating_posterior import rating_posterior, rating_sums
from skcrowd.aggregation._sequence_chain import (
    ChainPosterior,
    forward_backward,
    iob2_transitions,
    may_end,
    viterbi,
)
from skcrowd.aggregation._sequence_model import SequenceResult, sequence_dawid_skene
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
    "ExpectedCounts",
    "LazyConfusion",
    "RatingParameters",
    "SequenceResult",
    "WeightedMeanResult",
    "answer_mean",
    "answer_mean_var",
    "answer_moments",
    "apply_identifiability_constraint",
    "class_shares",
    "dawid_skene",
    "fit_noise",
    "fit_rating_parameters",
    "forward_backward",
    "iob2_transitions",
    "label_posterior",
    "majority_vote",
    "may_end",
    "measure_disagreement",
    "pooled_confusion",
    "rating_posterior",
    "rating_sums",
    "sequence_dawid_skene",
    "shrunk_confusion",
    "viterbi",
    "weighted_mean",
]
