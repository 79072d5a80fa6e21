"""The aggregators of comparisons by name."""

from skcrowd.aggregation.comparisons._bradley_terry import BradleyTerry
from skcrowd.aggregation.comparisons._comparison_aggregator import ComparisonAggregator
from skcrowd.aggregation.comparisons._crowd_bradley_terry import CrowdBradleyTerry

__all__ = ["COMPARISON_AGGREGATORS"]

COMPARISON_AGGREGATORS: dict[str, type[ComparisonAggregator]] = {
    "bradley_terry": BradleyTerry,
    "crowd_bradley_terry": CrowdBradleyTerry,
}
