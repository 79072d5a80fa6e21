"""skcrowd: train networks on the answers of many annotators."""

from importlib.metadata import version

from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.estimators import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.persistence import load, save

__version__ = version("skcrowd")

__all__ = [
    "Annotations",
    "CrowdClassifier",
    "CrowdRegressor",
    "CrowdSequenceTagger",
    "SequenceAnnotations",
    "__version__",
    "load",
    "save",
]
