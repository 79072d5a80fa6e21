"""Choose the question whose answers are read."""

from __future__ import annotations

from ._collector import Collector
from ._left_out import listed

__all__ = ["chosen_question"]


def chosen_question(collector: Collector, wanted: str | None) -> str:
    """Return the name of the question that is read.

    Parameters
    ----------
    collector : Collector
    wanted : str or None
        What the user said; None for the only question.

    Returns
    -------
    name : str

    Raises
    ------
    ValueError
        If it is not clear, cannot be read, or nobody who answered is named.
    """
    names = {n: f"{n!r} ({q.kind}, {len(q)})" for n, q in collector.questions.items()}
    if wanted is not None and wanted not in names:
        unreadable = [n for n in collector.unreadable if n.startswith(f"{wanted} (")]
        if unreadable:
            raise ValueError(_unreadable(collector))
        raise ValueError(
            f"there is no question {wanted!r}; the file has "
            f"{', '.join(names.values()) or 'none'}."
        )
    if len(names) == 1:
        return next(iter(names))
    if wanted is not None:
        return wanted
    if names:
        raise ValueError(
            f"the file has several questions: {', '.join(names.values())}; pass "
            f"question={next(iter(names))!r} or another."
        )
    if collector.n_anonymous:
        raise ValueError(
            f"no answer names its annotator ({collector.n_anonymous} of them), and "
            f"without names nothing can be learned of annotators. "
            f"{collector.tool.identity}"
        )
    if collector.unreadable:
        raise ValueError(_unreadable(collector))
    raise ValueError(
        f"the file has no answer; left out: {listed(collector.left_out) or 'nothing'}."
    )


def _unreadable(collector: Collector) -> str:
    found = ", ".join(f"{n} of {q}" for q, n in collector.unreadable.items())
    return (
        f"the answers are neither labels, numbers nor spans of text: {found}. Such "
        "answers cannot be read; export a question with choices, a rating or labelled "
        "spans, or make a long table of labels yourself (read_table); of rankings one "
        "with a row for each pair and columns first, second and preferred."
    )
