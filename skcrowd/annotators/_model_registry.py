"""The annotator models that have a name: a new one is a file and a line here."""

from __future__ import annotations

from skcrowd.annotators._affine import (
    BiasConnection,
    BiasScaleConnection,
    ScaleBiasConnection,
    ScaleConnection,
)
from skcrowd.annotators._common_noise import CommonNoise
from skcrowd.annotators._confusion_table import ConfusionTable
from skcrowd.annotators._connections import (
    MatrixConnection,
    ScalarConnection,
    VectorBiasConnection,
    VectorConnection,
    VectorWeightBiasConnection,
)
from skcrowd.annotators._gaussian import GaussianAnnotators
from skcrowd.annotators._label_model import LabelModel
from skcrowd.annotators._number_model import NumberModel

__all__ = ["AFFINE_CONNECTIONS", "CONNECTIONS", "LABEL_MODELS", "NUMBER_MODELS"]

CONNECTIONS: dict[str, type[LabelModel]] = {
    "MW": MatrixConnection,
    "VW": VectorConnection,
    "VB": VectorBiasConnection,
    "VW+B": VectorWeightBiasConnection,
    "SW": ScalarConnection,
}
LABEL_MODELS: dict[str, type[LabelModel]] = {
    **CONNECTIONS,
    "common_noise": CommonNoise,
    "confusion": ConfusionTable,
}

AFFINE_CONNECTIONS: dict[str, type[NumberModel]] = {
    "S": ScaleConnection,
    "B": BiasConnection,
    "S+B": ScaleBiasConnection,
    "B+S": BiasScaleConnection,
}
NUMBER_MODELS: dict[str, type[NumberModel]] = {
    **AFFINE_CONNECTIONS,
    "gaussian": GaussianAnnotators,
}
