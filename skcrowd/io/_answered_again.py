"""Several answers of one annotator to one question in one record."""

from __future__ import annotations

from collections.abc import Sequence

from ._collector import Collector
from ._finish import ANSWERED_AGAIN, Options
from ._question_answers import Answer

__all__ = ["kept_answer"]


def kept_answer(
    given: Sequence[Answer], name: str, collector: Collector, options: Options
) -> Answer:
    """Return the answer that counts; count the others.

    Parameters
    ----------
    given : sequence of Answer
        At least one, in the order of the file.
    name : str
        Of the question.
    collector : Collector
    options : Options

    Returns
    -------
    answer : Answer

    Raises
    ------
    ValueError
        If there are several, with ``repeated="error"``, to the question that is read.
    """
    is_read = options.question in (None, name)
    if len(given) > 1 and is_read:
        if options.repeated == "error":
            raise ValueError(
                f"an annotator answers {name!r} {len(given)} times: "
                f"{[answer.value for answer in given]}; pass repeated='last' or "
                "'first' to keep one."
            )
        collector.left_out[ANSWERED_AGAIN] += len(given) - 1
    return given[-1 if options.repeated == "last" else 0]
