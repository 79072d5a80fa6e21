"""Details of answers that no container of these answers holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ._collector import Collector

if TYPE_CHECKING:
    from ._finish import Answers, Options

__all__ = ["leave_out_details", "refuse_details"]


def refuse_details(options: Options, what: str) -> None:
    """Raise if details were asked for.

    Parameters
    ----------
    options : Options
    what : str
        What the answers are, such as "sets of labels".

    Raises
    ------
    ValueError
        If there are `details`, or signs that are `unsure`.
    """
    asked = [*sorted(options.details), *(["unsure"] if np.size(options.unsure) else [])]
    if asked:
        raise ValueError(
            f"{asked} of {what} are not kept; leave them out, or read answers that are "
            "labels or numbers, one for each row."
        )


def leave_out_details(
    collector: Collector, answers: Answers, options: Options, what: str
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
    """
    refuse_details(options, what)
    for name, values in answers.details.items():
        n_known = int(np.isfinite(values).sum())
        collector.left_out[f"{name} of answers that are {what}"] += n_known
