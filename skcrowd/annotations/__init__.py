"""Annotations: one container for every form in which answers of a crowd arrive."""

from ._check import check_annotations
from ._container import Annotations
from ._sequence_container import SequenceAnnotations, check_sequence_annotations
from ._span_tags import is_span_scheme, is_span_tag

__all__ = [
    "Annotations",
    "SequenceAnnotations",
    "check_annotations",
    "check_sequence_annotations",
    "is_span_scheme",
    "is_span_tag",
]
