"""Figures about crowds; they need matplotlib (``pip install "skcrowd[plot]"``).

Displays are made by ``from_estimator`` and the like, as in scikit-learn, and drawn
again by ``plot``.
"""

from skcrowd.plots._accuracy_display import AnnotatorAccuracyDisplay
from skcrowd.plots._agreement_display import AgreementDisplay
from skcrowd.plots._annotator_bias_display import AnnotatorBiasDisplay
from skcrowd.plots._confusion_display import AnnotatorConfusionDisplay
from skcrowd.plots._confusions import plot_confusions
from skcrowd.plots._dependence_display import DependenceDisplay
from skcrowd.plots._history_display import TrainingHistoryDisplay
from skcrowd.plots._quality_display import LabelQualityDisplay

__all__ = [
    "AgreementDisplay",
    "AnnotatorAccuracyDisplay",
    "AnnotatorBiasDisplay",
    "AnnotatorConfusionDisplay",
    "DependenceDisplay",
    "LabelQualityDisplay",
    "TrainingHistoryDisplay",
    "plot_confusions",
]
