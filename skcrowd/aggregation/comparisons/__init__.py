"""Aggregators of pairwise comparisons: estimators that infer scores of items."""

from skcrowd.aggregation.comparisons._bradley_terry import BradleyTerry
from skcrowd.aggregation.comparisons._comparison_aggregator import ComparisonAggregator
from skcrowd.aggregation.comparisons._comparison_container import Comparisons
from skcrowd.aggregation.comparisons._comparison_registry import COMPARISON_AGGREGATORS
from skcrowd.aggregation.comparisons._crowd_bradley_terry import CrowdBradleyTerry

__all__ = [
    "COMPARISON_AGGREGATORS",
    "BradleyTerry",
    "ComparisonAggregator",
    "Comparisons",
    "CrowdBradleyTerry",
]
