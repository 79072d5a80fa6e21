"""Names that hold half of a character."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

__all__ = ["check_characters"]

_HALF = re.compile("[\ud800-\udfff]")


def check_characters(**names: Iterable[Any]) -> None:
    """Raise if a name holds half of a character, which no file can store.

    Parameters
    ----------
    **names : iterable
        Names, by what they name.
    """
    for what, listed in names.items():
        for name in listed:
            if isinstance(name, str) and _HALF.search(name):
                raise ValueError(
                    f"{what} hold {name!a}, in which half of a character (such as "
                    "an emoji) is missing; the text was cut within it. Export it "
                    "again, or write the name anew."
                )
