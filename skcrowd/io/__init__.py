"""Read the answers of annotators from files of labelling tools."""

from ._export import Export
from ._formats import FORMATS, read_answers
from ._label_studio import read_label_studio
from ._table import read_table

__all__ = [
    "FORMATS",
    "Export",
    "read_answers",
    "read_label_studio",
    "read_table",
]
