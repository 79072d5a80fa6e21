"""skcrowd: train networks on the answers of many annotators."""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skcrowd.annotations import (
        Annotations,
        MultilabelAnnotations,
        SequenceAnnotations,
    )
    from skcrowd.estimators import (
        CrowdClassifier,
        CrowdMultilabelClassifier,
        CrowdRanker,
        CrowdRegressor,
        CrowdSequenceTagger,
    )
    from skcrowd.inspection import insight
    from skcrowd.persistence import load, save
    from skcrowd.reporting import report

__version__ = version("skcrowd")

# Imported on first use: who only counts answers need not wait for torch.
_HOMES = {
    "Annotations": "annotations",
    "CrowdClassifier": "estimators",
    "CrowdMultilabelClassifier": "estimators",
    "CrowdRanker": "estimators",
    "CrowdRegressor": "estimators",
    "CrowdSequenceTagger": "estimators",
    "MultilabelAnnotations": "annotations",
    "SequenceAnnotations": "annotations",
    "insight": "inspection",
    "load": "persistence",
    "report": "reporting",
    "save": "persistence",
}
_SUBPACKAGES = {
    "aggregation",
    "annotations",
    "annotators",
    "backbones",
    "callbacks",
    "command",
    "datasets",
    "estimators",
    "exceptions",
    "experimental",
    "inspection",
    "io",
    "methods",
    "metrics",
    "model_selection",
    "persistence",
    "plots",
    "reporting",
    "training",
    "transformers",
}

__all__ = [
    "Annotations",
    "CrowdClassifier",
    "CrowdMultilabelClassifier",
    "CrowdRanker",
    "CrowdRegressor",
    "CrowdSequenceTagger",
    "MultilabelAnnotations",
    "SequenceAnnotations",
    "__version__",
    "insight",
    "load",
    "report",
    "save",
]


def __getattr__(name: str) -> Any:
    if name in _SUBPACKAGES:
        return import_module(f"skcrowd.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'skcrowd' has no attribute {name!r}")
    value = getattr(import_module(f"skcrowd.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_SUBPACKAGES})
