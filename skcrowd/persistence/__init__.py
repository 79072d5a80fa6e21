"""Save estimators in a file that loads without running code."""

from skcrowd.persistence._registry import register
from skcrowd.persistence._save import load, save

__all__ = ["load", "register", "save"]
