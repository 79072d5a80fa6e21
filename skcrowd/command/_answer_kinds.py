"""All kinds of answers, and which one an export has."""

from __future__ import annotations

from typing import Any

from skcrowd.aggregation import Comparisons
from skcrowd.annotations import MultilabelAnnotations, SequenceAnnotations
from skcrowd.io import Export

from ._answer_kind import AnswerKind
from ._label_answers import LABELS
from ._ordinal_answers import ORDINAL
from ._preference_answers import PAIRS
from ._rating_answers import RATINGS
from ._set_answers import SETS
from ._span_answers import TAGS

__all__ = ["KINDS", "kind_of"]

KINDS: dict[str, AnswerKind] = {
    "labels": LABELS,
    "ordinal": ORDINAL,
    "ratings": RATINGS,
    "sets": SETS,
    "spans": TAGS,
    "preferences": PAIRS,
}
"""Kinds by name."""

_CONTAINERS = {
    SequenceAnnotations: "spans",
    MultilabelAnnotations: "sets",
    Comparisons: "preferences",
}


def kind_of(export: Export) -> str:
    """Return the name of the kind of the answers.

    Parameters
    ----------
    export : Export

    Returns
    -------
    name : str
        Of `KINDS`.
    """
    annotations: Any = export.annotations
    if type(annotations) in _CONTAINERS:
        return _CONTAINERS[type(annotations)]
    if getattr(annotations, "kind", "") == "numbers":
        return "ratings"
    return "ordinal" if annotations.ordered else "labels"
