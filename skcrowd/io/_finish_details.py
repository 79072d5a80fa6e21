"""Details of answers that no container of these answers holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ._collector import Collector

if TYPE_CHECKING:
    from ._finish import Answers, Options

__all__ = ["OF_SETS", "leave_out_details", "refuse_details"]

OF_SETS = "confidence", "weight"  # details that sets of labels have


def refuse_details(options: Options, what: str, kept: tuple[str, ...] = ()) -> None:
    """Raise if details were asked for that the answers cannot have.

    Parameters
    ----------
    options : Options
    what : str
        What the answers are, such as "sets of labels".
    kept : tuple of str
        Details that they have.

    Raises
    ------
    ValueError
        If there are other `details`, or signs that are `unsure`.
    """
    asked = sorted(set(options.details) - set(kept))
    asked += ["unsure"] if np.size(options.unsure) else []
    if asked:
        raise ValueError(
            f"{asked} of {what} are not kept; leave them out, or read answers that are "
            "labels or numbers, one for each row."
        )


def leave_out_details(
    collector: Collector,
    answers: Answers,
    options: Options,
    what: str,
    kept: tuple[str, ...] = (),
) -> None:
    """Raise if details were asked for; count what the file has of itself.

    Parameters
    ----------
    collector : Collector
        Its `left_out` is changed.
    answers : Answers
    options : Options
    what : str
        What the answers are, such as "sets of labels".
    kept : tuple of str
        Details that they have.
    """
    refuse_details(options, what, kept)
    for name, values in answers.details.items():
        if name in kept:
            continue
        n_known = int(np.isfinite(values).sum())
        collector.left_out[f"{name} of answers that are {what}"] += n_known
