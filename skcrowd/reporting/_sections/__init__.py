"""The sections of a report, in their order."""

from ._agreement_section import agreement
from ._annotators_section import annotators
from ._answers_section import answers
from ._attention_section import attention
from ._dependence_section import dependence
from ._labels_section import labels
from ._queries_section import queries
from ._section import Section

__all__ = ["SECTIONS", "Section"]

# Each maps Facts to a Section, or to None where there is nothing to report.
SECTIONS = [attention, annotators, labels, answers, queries, agreement, dependence]
