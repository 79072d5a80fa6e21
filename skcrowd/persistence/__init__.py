"""Save estimators in a file that loads without running code."""

import skcrowd.persistence._portable  # noqa: F401  tells estimators how
from skcrowd.persistence._save import load, save

__all__ = ["load", "save"]
