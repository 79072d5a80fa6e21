"""The aggregators of ratings by name."""

from skcrowd.aggregation.ratings._catd import CATD
from skcrowd.aggregation.ratings._gaussian_rating import GaussianRating
from skcrowd.aggregation.ratings._plain_ratings import MeanRating, MedianRating
from skcrowd.aggregation.ratings._rating_aggregator import RatingAggregator
from skcrowd.aggregation.ratings._rating_consensus import RatingConsensus
from skcrowd.aggregation.ratings._weighted_rating import WeightedRating

__all__ = ["RATING_AGGREGATORS"]

RATING_AGGREGATORS: dict[str, type[RatingAggregator]] = {
    "consensus": RatingConsensus,
    "mean": MeanRating,
    "median": MedianRating,
    "weighted": WeightedRating,
    "gaussian": GaussianRating,
    "catd": CATD,
}
