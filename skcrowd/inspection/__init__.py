"""Insight into fitted crowd estimators, also inside pipelines and searches."""

from skcrowd.inspection._insight import CrowdInsight, insight

__all__ = ["CrowdInsight", "insight"]
