"""Save estimators in a file that loads without running code."""

from skcrowd.persistence._save import load, save
from skcrowd.persistence._user_registry import register

__all__ = ["load", "register", "save"]
