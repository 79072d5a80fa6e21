"""Aggregators of tag sequences."""

from skcrowd.aggregation.sequences._markov_dawid_skene import SequenceDawidSkene
from skcrowd.aggregation.sequences._sequence_aggregator import SequenceAggregator
from skcrowd.aggregation.sequences._sequence_registry import SEQUENCE_AGGREGATORS
from skcrowd.aggregation.sequences._token_dawid_skene import TokenDawidSkene
from skcrowd.aggregation.sequences._token_majority_vote import TokenMajorityVote

__all__ = [
    "SEQUENCE_AGGREGATORS",
    "SequenceAggregator",
    "SequenceDawidSkene",
    "TokenDawidSkene",
    "TokenMajorityVote",
]
