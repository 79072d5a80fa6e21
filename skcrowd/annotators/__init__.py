"""Annotator models: how an answer arises from the truth."""

from skcrowd.annotators._affine import (
    BiasConnection,
    BiasScaleConnection,
    ScaleBiasConnection,
    ScaleConnection,
)
from skcrowd.annotators._aggregator import WeightedAggregator
from skcrowd.annotators._base import AnnotatorModel
from skcrowd.annotators._common_noise import CommonNoise
from skcrowd.annotators._confusion_table import (
    ConfusionTable,
    FixedConfusion,
    given_annotators,
)
from skcrowd.annotators._connections import (
    MatrixConnection,
    ScalarConnection,
    VectorBiasConnection,
    VectorConnection,
    VectorWeightBiasConnection,
)
from skcrowd.annotators._counted import CountedAnnotators
from skcrowd.annotators._embedded import EmbeddedAnnotators
from skcrowd.annotators._gaussian import FixedGaussianAnnotators, GaussianAnnotators
from skcrowd.annotators._label_model import LabelModel
from skcrowd.annotators._number_model import NumberModel
from skcrowd.annotators._union import UnionScores, UnionTable

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

__all__ = [
    "AFFINE_CONNECTIONS",
    "CONNECTIONS",
    "LABEL_MODELS",
    "NUMBER_MODELS",
    "AnnotatorModel",
    "BiasConnection",
    "BiasScaleConnection",
    "CommonNoise",
    "ConfusionTable",
    "CountedAnnotators",
    "EmbeddedAnnotators",
    "FixedConfusion",
    "FixedGaussianAnnotators",
    "GaussianAnnotators",
    "LabelModel",
    "MatrixConnection",
    "NumberModel",
    "ScalarConnection",
    "ScaleBiasConnection",
    "ScaleConnection",
    "UnionScores",
    "UnionTable",
    "VectorBiasConnection",
    "VectorConnection",
    "VectorWeightBiasConnection",
    "WeightedAggregator",
    "given_annotators",
]
