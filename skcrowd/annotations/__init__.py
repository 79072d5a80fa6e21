"""Annotations: one container for every form in which answers of a crowd arrive."""

from ._check import check_annotations
from ._container import Annotations
from ._join import concatenate
from ._sequence_container import SequenceAnnotations, check_sequence_annotations

__all__ = [
    "Annotations",
    "SequenceAnnotations",
    "check_annotations",
    "check_sequence_annotations",
    "concatenate",
]
