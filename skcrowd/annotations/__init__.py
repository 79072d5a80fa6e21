"""Annotations: one container for every form in which answers of a crowd arrive."""

from ._char_spans import Span
from ._check import check_annotations
from ._concatenate import concatenate
from ._container import Annotations
from ._multilabel_container import MultilabelAnnotations
from ._sequence_container import SequenceAnnotations, check_sequence_annotations
from ._tokenize import RegexTokenizer
from ._tokenized_texts import TokenizedTexts

__all__ = [
    "Annotations",
    "MultilabelAnnotations",
    "RegexTokenizer",
    "SequenceAnnotations",
    "Span",
    "TokenizedTexts",
    "check_annotations",
    "check_sequence_annotations",
    "concatenate",
]
