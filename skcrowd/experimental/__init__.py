"""Methods that may change or go without deprecation.

No default uses them. Other methods are better in the benchmarks of the package; these
are for comparison and research.
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
