"""The scikit-learn face."""

from skcrowd.estimators._classifier import CrowdClassifier
from skcrowd.estimators._regressor import CrowdRegressor
from skcrowd.estimators._tagger import CrowdSequenceTagger
from skcrowd.estimators._versions import CrowdVersionWarning

__all__ = [
    "CrowdClassifier",
    "CrowdRegressor",
    "CrowdSequenceTagger",
    "CrowdVersionWarning",
]
