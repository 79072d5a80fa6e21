"""When an answer was given, to tell which of several is the last."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from ._name_types import is_number

__all__ = ["moment_of"]


def moment_of(value: Any) -> float:
    """Return a moment as seconds.

    Parameters
    ----------
    value : str, number or None
        A date and time in ISO 8601, or seconds since 1970. Without a time zone it is
        UTC.

    Returns
    -------
    moment : float
        NaN if it is something else.

    Examples
    --------
    >>> from skcrowd.io._moments import moment_of
    >>> moment_of("1970-01-01T00:01:00.5Z"), moment_of(3), moment_of("yesterday")
    (60.5, 3.0, nan)
    """
    if is_number(value):
        return float(value)
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return math.nan
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
