"""Aggregators of labels: estimators that infer the truth from the answers alone."""

from skcrowd.aggregation.labels._bayesian_classifier_combination import EBCC, IBCC
from skcrowd.aggregation.labels._bayesian_weighted_average import BWA
from skcrowd.aggregation.labels._consensus import Consensus
from skcrowd.aggregation.labels._crowdlab import CROWDLAB
from skcrowd.aggregation.labels._dawid_skene_aggregator import DawidSkene
from skcrowd.aggregation.labels._glad import GLAD
from skcrowd.aggregation.labels._kos import KOS
from skcrowd.aggregation.labels._label_aggregator import LabelAggregator
from skcrowd.aggregation.labels._label_registry import LABEL_AGGREGATORS
from skcrowd.aggregation.labels._mace import MACE
from skcrowd.aggregation.labels._majority_vote_aggregator import MajorityVote
from skcrowd.aggregation.labels._mmsr import MMSR
from skcrowd.aggregation.labels._multi_label import MultiLabelDawidSkene
from skcrowd.aggregation.labels._one_coin import OneCoin
from skcrowd.aggregation.labels._ordinal_dawid_skene import OrdinalDawidSkene
from skcrowd.aggregation.labels._wawa import Wawa
from skcrowd.aggregation.labels._zero_based_skill import ZeroBasedSkill

__all__ = [
    "BWA",
    "CROWDLAB",
    "EBCC",
    "GLAD",
    "IBCC",
    "KOS",
    "LABEL_AGGREGATORS",
    "MACE",
    "MMSR",
    "Consensus",
    "DawidSkene",
    "LabelAggregator",
    "MajorityVote",
    "MultiLabelDawidSkene",
    "OneCoin",
    "OrdinalDawidSkene",
    "Wawa",
    "ZeroBasedSkill",
]
