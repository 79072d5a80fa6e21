"""Aggregators of pairwise comparisons: estimators that infer scores of items."""

from skcrowd.aggregation.comparisons._bradley_terry import BradleyTerry
from skcrowd.aggregation.comparisons._comparison_aggregator import ComparisonAggregator
from skcrowd.aggregation.comparisons._container import Comparisons
from skcrowd.aggregation.comparisons._crowd_bradley_terry import CrowdBradleyTerry
from skcrowd.aggregation.comparisons._registry import COMPARISON_AGGREGATORS

__all__ = [
    "COMPARISON_AGGREGATORS",
    "BradleyTerry",
    "ComparisonAggregator",
    "Comparisons",
    "CrowdBradleyTerry",
]
