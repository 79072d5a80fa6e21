"""How right a crowd is, and how right an estimate of the crowd is."""

from skcrowd.metrics._confusion import confusion_error, empirical_confusion
from skcrowd.metrics._spammers import spammer_score

__all__ = ["confusion_error", "empirical_confusion", "spammer_score"]
