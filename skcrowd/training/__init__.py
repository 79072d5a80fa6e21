"""Training with skorch: data in whole-batch slices, losses, callbacks, seeds."""

from skcrowd.training._f_information import DIVERGENCES
from skcrowd.training._losses import CrowdLoss
from skcrowd.training._net import CrowdNet
from skcrowd.training._net_factory import NetFactory
from skcrowd.training._outputs import ClassScores, Number
from skcrowd.training._sequence_data import SequenceRows

__all__ = [
    "DIVERGENCES",
    "ClassScores",
    "CrowdLoss",
    "CrowdNet",
    "NetFactory",
    "Number",
    "SequenceRows",
]
