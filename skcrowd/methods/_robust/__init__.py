"""Ways to train a network on labels of which some are wrong."""

from skcrowd.methods._robust._base import RobustTraining
from skcrowd.methods._robust._co_teaching import CoTeaching
from skcrowd.methods._robust._early_learning import EarlyLearning
from skcrowd.methods._robust._mixup import Mixup
from skcrowd.methods._robust._small_loss import SmallLoss

ROBUST_TRAINING: dict[str, type[RobustTraining]] = {
    "co_teaching": CoTeaching,
    "early_learning": EarlyLearning,
    "mixup": Mixup,
    "small_loss": SmallLoss,
}

__all__ = [
    "ROBUST_TRAINING",
    "CoTeaching",
    "EarlyLearning",
    "Mixup",
    "RobustTraining",
    "SmallLoss",
]
