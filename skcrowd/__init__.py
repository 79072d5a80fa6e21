"""skcrowd: train networks on the answers of many annotators."""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skcrowd.annotations import Annotations, SequenceAnnotations
    from skcrowd.estimators import (
        CrowdClassifier,
        CrowdRegressor,
        CrowdSequenceTagger,
    )
    from skcrowd.persistence import load, save

__version__ = version("skcrowd")

# Imported on first use: who only counts answers need not wait for torch.
_HOMES = {
    "Annotations": "annotations",
    "CrowdClassifier": "estimators",
    "CrowdRegressor": "estimators",
    "CrowdSequenceTagger": "estimators",
    "SequenceAnnotations": "annotations",
    "load": "persistence",
    "save": "persistence",
}
_SUBPACKAGES = {
    "aggregation",
    "annotations",
    "annotators",
    "backbones",
    "datasets",
    "estimators",
    "exceptions",
    "experimental",
    "methods",
    "metrics",
    "model_selection",
    "persistence",
    "plots",
    "training",
}

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


def __getattr__(name):
    if name in _SUBPACKAGES:
        return import_module(f"skcrowd.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'skcrowd' has no attribute {name!r}")
    value = getattr(import_module(f"skcrowd.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *_HOMES, *_SUBPACKAGES})
