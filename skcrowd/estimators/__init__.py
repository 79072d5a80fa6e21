"""The scikit-learn face."""

from skcrowd.estimators._classifier import CrowdClassifier
from skcrowd.estimators._regressor import CrowdRegressor

__all__ = ["CrowdClassifier", "CrowdRegressor"]
