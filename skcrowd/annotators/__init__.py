"""Annotator models: how an answer arises from the truth."""

from skcrowd.annotators._annotator_model import AnnotatorModel
from skcrowd.annotators._confusion_table import ConfusionTable, FixedConfusion
from skcrowd.annotators._gaussian import FixedGaussianAnnotators, GaussianAnnotators
from skcrowd.annotators._label_model import LabelModel
from skcrowd.annotators._model_registry import AFFINE_CONNECTIONS, CONNECTIONS
from skcrowd.annotators._number_model import NumberModel

__all__ = [
    "AFFINE_CONNECTIONS",
    "CONNECTIONS",
    "AnnotatorModel",
    "ConfusionTable",
    "FixedConfusion",
    "FixedGaussianAnnotators",
    "GaussianAnnotators",
    "LabelModel",
    "NumberModel",
]
