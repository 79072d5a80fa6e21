"""Truth inference from the answers alone, without features."""

from skcrowd.aggregation._aggregator import Aggregator
from skcrowd.aggregation._answer_counts import AnswerCounts
from skcrowd.aggregation._class_shares import class_shares
from skcrowd.aggregation._dawid_skene import DawidSkeneResult, dawid_skene
from skcrowd.aggregation._disagreement import Disagreement, measure_disagreement
from skcrowd.aggregation._lazy_confusion import LazyConfusion
from skcrowd.aggregation._majority_vote import majority_vote
from skcrowd.aggregation._pooled_confusion import pooled_confusion, shrunk_confusion
from skcrowd.aggregation._rating_parameters import (
    RatingParameters,
    apply_identifiability_constraint,
    fit_rating_parameters,
)
from skcrowd.aggregation._rating_posterior import rating_posterior
from skcrowd.aggregation._sequence_chain import iob2_transitions
from skcrowd.aggregation._sequence_model import SequenceResult, sequence_dawid_skene
from skcrowd.aggregation._weighted_mean import (
    WeightedMeanResult,
    answer_mean,
    weighted_mean,
)
from skcrowd.aggregation.comparisons import (
    COMPARISON_AGGREGATORS,
    BradleyTerry,
    ComparisonAggregator,
    Comparisons,
    CrowdBradleyTerry,
)
from skcrowd.aggregation.labels import (
    BWA,
    CROWDLAB,
    EBCC,
    GLAD,
    IBCC,
    KOS,
    LABEL_AGGREGATORS,
    MACE,
    MMSR,
    Consensus,
    DawidSkene,
    LabelAggregator,
    MajorityVote,
    OneCoin,
    OrdinalDawidSkene,
    Wawa,
    ZeroBasedSkill,
)
from skcrowd.aggregation.ratings import (
    CATD,
    RATING_AGGREGATORS,
    GaussianRating,
    MeanRating,
    MedianRating,
    RatingAggregator,
    RatingConsensus,
    WeightedRating,
)
from skcrowd.aggregation.sequences import (
    SEQUENCE_AGGREGATORS,
    SequenceAggregator,
    SequenceDawidSkene,
    TokenDawidSkene,
    TokenMajorityVote,
)

__all__ = [
    "BWA",
    "CATD",
    "COMPARISON_AGGREGATORS",
    "CROWDLAB",
    "EBCC",
    "GLAD",
    "IBCC",
    "KOS",
    "LABEL_AGGREGATORS",
    "MACE",
    "MMSR",
    "RATING_AGGREGATORS",
    "SEQUENCE_AGGREGATORS",
    "Aggregator",
    "AnswerCounts",
    "BradleyTerry",
    "ComparisonAggregator",
    "Comparisons",
    "Consensus",
    "CrowdBradleyTerry",
    "DawidSkene",
    "DawidSkeneResult",
    "Disagreement",
    "GaussianRating",
    "LabelAggregator",
    "LazyConfusion",
    "MajorityVote",
    "MeanRating",
    "MedianRating",
    "OneCoin",
    "OrdinalDawidSkene",
    "RatingAggregator",
    "RatingConsensus",
    "RatingParameters",
    "SequenceAggregator",
    "SequenceDawidSkene",
    "SequenceResult",
    "TokenDawidSkene",
    "TokenMajorityVote",
    "Wawa",
    "WeightedMeanResult",
    "WeightedRating",
    "ZeroBasedSkill",
    "answer_mean",
    "apply_identifiability_constraint",
    "class_shares",
    "dawid_skene",
    "fit_rating_parameters",
    "iob2_transitions",
    "majority_vote",
    "measure_disagreement",
    "pooled_confusion",
    "rating_posterior",
    "sequence_dawid_skene",
    "shrunk_confusion",
    "weighted_mean",
]
