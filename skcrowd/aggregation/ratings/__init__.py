"""Aggregators of ratings: estimators that infer true numbers from ratings alone."""

from skcrowd.aggregation.ratings._catd import CATD
from skcrowd.aggregation.ratings._gaussian_rating import GaussianRating
from skcrowd.aggregation.ratings._plain_ratings import MeanRating, MedianRating
from skcrowd.aggregation.ratings._rating_aggregator import RatingAggregator
from skcrowd.aggregation.ratings._rating_consensus import RatingConsensus
from skcrowd.aggregation.ratings._rating_registry import RATING_AGGREGATORS
from skcrowd.aggregation.ratings._weighted_rating import WeightedRating

__all__ = [
    "CATD",
    "RATING_AGGREGATORS",
    "GaussianRating",
    "MeanRating",
    "MedianRating",
    "RatingAggregator",
    "RatingConsensus",
    "WeightedRating",
]
