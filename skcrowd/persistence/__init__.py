"""Save estimators in a file that loads without running code."""

from skcrowd.persistence import _portable
from skcrowd.persistence._save import load, save

__all__ = ["load", "save"]

_portable.teach_estimators()
