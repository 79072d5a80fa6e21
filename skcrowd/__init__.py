"""skcrowd: train networks on the answers of many annotators."""

from importlib.metadata import version

from skcrowd.annotations import Annotations
from skcrowd.estimators import CrowdClassifier, CrowdRegressor

__version__ = version("skcrowd")

__all__ = ["Annotations", "CrowdClassifier", "CrowdRegressor", "__version__"]
