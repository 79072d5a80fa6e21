"""Aggregators of tag sequences."""

from skcrowd.aggregation.sequences._sequence_aggregators import (
    SEQUENCE_AGGREGATORS,
    SequenceAggregator,
    SequenceDawidSkene,
    TokenDawidSkene,
    TokenMajorityVote,
)

__all__ = [
    "SEQUENCE_AGGREGATORS",
    "SequenceAggregator",
    "SequenceDawidSkene",
    "TokenDawidSkene",
    "TokenMajorityVote",
]
