"""What was left out of an export, counted by reason."""

from __future__ import annotations

from collections.abc import Mapping

from ._collector import Collector

__all__ = ["EMPTY_FILES", "count_left_out", "listed"]

EMPTY_FILES = "files of users without an answer"


def count_left_out(collector: Collector, name: str) -> dict[str, int]:
    """Return what was left out, counted by reason.

    Parameters
    ----------
    collector : Collector
    name : str
        Of the question that is read.

    Returns
    -------
    counts : dict from reason to int
    """
    counts = collector.left_out.copy()
    if collector.n_anonymous:
        counts["answers without the name of an annotator"] = collector.n_anonymous
    for unreadable, n in collector.unreadable.items():
        counts[f"answers to {unreadable}, which cannot be read"] = n
    for other, question in collector.questions.items():
        if other != name:
            counts[f"answers to another question, {other!r}"] = len(question)
    return {reason: n for reason, n in counts.items() if n}


def listed(left_out: Mapping[str, int]) -> str:
    """Write counts in one line.

    Parameters
    ----------
    left_out : Mapping from reason to int

    Returns
    -------
    text : str
    """
    return "; ".join(f"{reason}: {n}" for reason, n in left_out.items() if n)
