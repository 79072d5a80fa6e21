"""Labels that are alone, although they are written as a set, or several in one text."""

from __future__ import annotations

from typing import Any

import numpy as np

from skcrowd.annotations import Annotations
from skcrowd.annotations._missing import seems_missing
from skcrowd.annotations._warn import warn

from ._annotations_export import Export

__all__ = ["EMPTY_GOLD", "labels_of", "only", "single", "warn_of_joined"]

EMPTY_GOLD = "true answers in which nothing was chosen"
_N_JOINED = {",": 1, ";": 1, "|": 1, "/": 2}
"""Signs between labels, and how many labels must have one: "C/C++" may be alone."""


def only(value: Any) -> Any:
    """Return the label of a set of one; another value as it is."""
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def single(value: Any, name: str, item: Any) -> Any:
    """Return the label of a true answer.

    Parameters
    ----------
    value : object
        A label, or a tuple of labels.
    name : str
        Of the question.
    item : object
        The name of the item.

    Returns
    -------
    label : object

    Raises
    ------
    ValueError
        If it has several, or none.
    """
    label = only(value)
    if isinstance(label, tuple):
        raise ValueError(
            f"the true answer to {name!r} of item {item!r} has several labels, "
            f"{label}, but the answers are single ones; pass kind='sets' if they are "
            "sets of labels, or give one true answer."
        )
    return label


def labels_of(export: Export) -> set[Any]:
    """Return the labels that annotators gave; none where answers are something else.

    Parameters
    ----------
    export : Export
    """
    annotations = export.annotations
    if not isinstance(annotations, Annotations) or annotations.kind != "labels":
        return set()
    return set(np.asarray(annotations.classes).tolist())


def warn_of_joined(export: Export) -> None:
    """Warn of a label that is several of the other labels, joined by a sign.

    Parameters
    ----------
    export : Export
        Of labels; of other answers nothing is said.

    Warns
    -----
    CrowdWarning
    """
    labels = labels_of(export)
    texts = sorted(label for label in labels if isinstance(label, str))
    for sign, least in _N_JOINED.items():
        joined = [label for label in texts if _joins(sign, label, labels)]
        if len(joined) >= least:
            warn(
                f"the label {joined[0]!r} joins other labels by {sign!r}, and was read "
                f"as one of its own. Pass separator={sign!r} if answers are sets of "
                "labels, or kind='labels' if it is one.",
                ("labels", "joined"),
            )
            return


def _joins(sign: str, label: str, labels: set[Any]) -> bool:
    parts = [part.strip() for part in label.split(sign)]
    is_joined = len(parts) > 1 and all(part in labels for part in parts)
    return is_joined and not seems_missing(label)
