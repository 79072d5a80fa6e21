"""Methods that may change or go without deprecation.

Nothing here is used by default. By the package's own benchmarks other methods do
better; these are kept for comparison and further work.
"""

from skcrowd.experimental._co_teaching import CoTeaching
from skcrowd.experimental._doctor_net import DoctorNet
from skcrowd.experimental._early_learning import EarlyLearning
from skcrowd.experimental._mixup import Mixup
from skcrowd.experimental._small_loss import SmallLoss

LABEL_METHODS = {"doctor_net": DoctorNet}
ROBUST_TRAINING = {
    "co_teaching": CoTeaching,
    "early_learning": EarlyLearning,
    "mixup": Mixup,
    "small_loss": SmallLoss,
}

__all__ = [
    "LABEL_METHODS",
    "ROBUST_TRAINING",
    "CoTeaching",
    "DoctorNet",
    "EarlyLearning",
    "Mixup",
    "SmallLoss",
]
