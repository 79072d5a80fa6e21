"""The sections of a report, in their order."""

from ._agreement import agreement
from ._annotators import annotators
from ._answers import answers
from ._attention import attention
from ._dependence import dependence
from ._labels import labels
from ._queries import queries
from ._ranking import ranking
from ._section import Section

__all__ = ["SECTIONS", "Section"]

# Each maps Facts to a Section, or to None where there is nothing to report.
SECTIONS = [
    attention,
    ranking,
    annotators,
    labels,
    answers,
    queries,
    agreement,
    dependence,
]
