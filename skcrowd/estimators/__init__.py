"""The scikit-learn face."""

from skcrowd.estimators._classifier import CrowdClassifier

__all__ = ["CrowdClassifier"]
