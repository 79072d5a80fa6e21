"""The aggregators of tag sequences by name."""

from skcrowd.aggregation.sequences._markov_dawid_skene import SequenceDawidSkene
from skcrowd.aggregation.sequences._sequence_aggregator import SequenceAggregator
from skcrowd.aggregation.sequences._token_dawid_skene import TokenDawidSkene
from skcrowd.aggregation.sequences._token_majority_vote import TokenMajorityVote

__all__ = ["SEQUENCE_AGGREGATORS"]

SEQUENCE_AGGREGATORS: dict[str, type[SequenceAggregator]] = {
    "majority_vote": TokenMajorityVote,
    "dawid_skene": TokenDawidSkene,
    "sequence_dawid_skene": SequenceDawidSkene,
}
