"""Annotator models: how an answer arises from the truth."""

from skcrowd.annotators._base import AnnotatorModel
from skcrowd.annotators._confusion import ConfusionTable, FixedConfusion
from skcrowd.annotators._connections import (
    MatrixConnection,
    ScalarConnection,
    VectorBiasConnection,
    VectorConnection,
    VectorWeightBiasConnection,
)

CONNECTIONS: dict[str, type[AnnotatorModel]] = {
    "MW": MatrixConnection,
    "VW": VectorConnection,
    "VB": VectorBiasConnection,
    "VW+B": VectorWeightBiasConnection,
    "SW": ScalarConnection,
}
ANNOTATOR_MODELS = {**CONNECTIONS, "confusion": ConfusionTable}

__all__ = [
    "ANNOTATOR_MODELS",
    "CONNECTIONS",
    "AnnotatorModel",
    "ConfusionTable",
    "FixedConfusion",
    "MatrixConnection",
    "ScalarConnection",
    "VectorBiasConnection",
    "VectorConnection",
    "VectorWeightBiasConnection",
]
