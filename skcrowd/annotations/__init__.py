"""Annotations: one container for every form in which answers of a crowd arrive."""

from ._check import check_annotations
from ._container import Annotations

__all__ = ["Annotations", "check_annotations"]
