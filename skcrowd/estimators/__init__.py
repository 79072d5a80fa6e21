"""Estimators with scikit-learn's interface."""

from skcrowd.estimators._classifier import CrowdClassifier
from skcrowd.estimators._multilabel import CrowdMultilabelClassifier
from skcrowd.estimators._ranker import CrowdRanker
from skcrowd.estimators._regressor import CrowdRegressor
from skcrowd.estimators._tagger import CrowdSequenceTagger

__all__ = [
    "CrowdClassifier",
    "CrowdMultilabelClassifier",
    "CrowdRanker",
    "CrowdRegressor",
    "CrowdSequenceTagger",
]
