"""Read answers from files of labelling tools, and write tasks for them."""

from ._annotations_export import Export
from ._argilla import read_argilla
from ._doccano import read_doccano
from ._formats import FORMATS, read_answers
from ._label_studio import read_label_studio
from ._mturk import read_mturk
from ._potato import read_potato
from ._prodigy import read_prodigy
from ._table import read_table
from ._toloka import read_toloka
from ._write_argilla import write_argilla
from ._write_label_studio import write_label_studio
from ._write_prodigy import write_prodigy

__all__ = [
    "FORMATS",
    "Export",
    "read_answers",
    "read_argilla",
    "read_doccano",
    "read_label_studio",
    "read_mturk",
    "read_potato",
    "read_prodigy",
    "read_table",
    "read_toloka",
    "write_argilla",
    "write_label_studio",
    "write_prodigy",
]
