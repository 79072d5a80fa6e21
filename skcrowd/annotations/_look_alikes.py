"""Names that differ only in how they are written, or stand for none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ._missing import warn_of_missing_names
from ._warn import warn

__all__ = ["found_names", "looking_alike", "warn_of_look_alikes"]

MOST_SHOWN = 3
_NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]*)(\.[0-9]*)?")
_TRUTH = {"true": "1.", "false": "0."}
_WITH_ZEROS = re.compile(r"(0|-?[1-9][0-9]*)\.0+")
_ONE_WRITING = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_ONE_WRITING |= dict.fromkeys(map(ord, "\u2018\u2019"), "'")
_TAGS = frozenset(map(chr, range(0xE0020, 0xE0080)))


def warn_of_look_alikes(
    items: Iterable[Any] = (),
    annotators: Iterable[Any] = (),
    labels: Iterable[Any] = (),
) -> None:
    """Warn if two names are probably meant to be one, or to be none.

    Nothing is changed. Items are alike if only spaces, or the Unicode form of their
    characters, differ, characters that nobody sees, the script of digits, the sort of
    dashes and apostrophes, or zeros as decimal places, as in "1.0", because ids may
    use letters of either case; annotators also if the case does. Labels are alike if
    case and form differ, and if they are the same number; "01" is a code, not 1. Items
    and annotators of a name such as 'nan' are probably missing ones, and so are
    annotators whose name is no text but NaN or None; of labels `find_missing` says so.

    Parameters
    ----------
    items, annotators, labels : iterable, default=()
        Names; those that are no texts, or the same, are never alike.

    Warns
    -----
    CrowdWarning
        For each of the three, and of items and annotators for both.
    """
    # an index may have gaps: it tells which rows belong together
    warn_of_missing_names("items", [name for name in items if isinstance(name, str)])
    warn_of_missing_names("annotators", annotators)
    for what, names, written, ways in (
        ("items", items, _in_one_form, "spaces, Unicode form or zeros as decimals"),
        (
            "annotators",
            annotators,
            _without_case,
            "spaces, case, Unicode form or zeros as decimals",
        ),
        (
            "labels",
            labels,
            _plain_number_or_text,
            "spaces, case, Unicode form or the way a number is written",
        ),
    ):
        alike = _alike(names, written)
        if alike:
            shown = ", ".join(" and ".join(map(ascii, group)) for group in alike)
            merge = ", or pass them to merge_annotators" if what == "annotators" else ""
            warn(
                f"{what} differ only in {ways}: {shown}. Each was read as one of its "
                f"own; if they are the same, write them alike{merge}.",
                ("look-alikes", what),
            )


def found_names(names: Any, given: Any = None) -> list[Any]:
    """Return the names that were found in a table; none where they were given.

    Parameters
    ----------
    names : ndarray or None
    given : array-like, default=None
        The argument that gives them.
    """
    return names.tolist() if given is None and names is not None else []


def looking_alike(labels: Iterable[Any]) -> set[str]:
    """Return the labels of which another one is only written differently.

    Parameters
    ----------
    labels : iterable
        Those that are no texts are never alike.
    """
    texts = [label for label in labels if isinstance(label, str)]
    return {name for group in _groups(texts, _plain_number_or_text) for name in group}


def _alike(names: Iterable[Any], written: Callable[[str], str]) -> list[list[str]]:
    """Return the first groups of names that are written alike."""
    texts = {name for name in names if isinstance(name, str)}
    if len(set(map(written, texts))) == len(texts):
        return []
    found = (sorted(group) for group in _groups(texts, written))
    return sorted(found)[:MOST_SHOWN]


def _groups(texts: Iterable[str], written: Callable[[str], str]) -> Iterator[set[str]]:
    """Yield the names that are written alike."""
    groups: dict[str, set[str]] = {}
    for name in texts:
        groups.setdefault(written(name), set()).add(name)
    yield from (group for group in groups.values() if len(group) > 1)


def _in_one_form(name: str) -> str:
    """Return a name in one Unicode form, with single spaces inside and none around.

    Without invisible characters, with plain digits, dashes and apostrophes; of a whole
    number without the zeros that tables with gaps give it.
    """
    if name.endswith("0") and _WITH_ZEROS.fullmatch(name):
        return name.partition(".")[0]
    if name.isascii() and " " not in name and name.isprintable():
        return name
    if not name.isascii():
        name = unicodedata.normalize("NFC", name.translate(_ONE_WRITING))
        table = {ord(one): _plain_character(one) for one in set(name)}
        name = name.translate(table)
    return " ".join(name.split())


def _plain_character(character: str) -> str:
    """Return a digit of any script as that of ASCII, and "" for what is not seen.

    Tags are not seen, but tell flags apart.
    """
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    is_hidden = unicodedata.category(character) == "Cf" and character not in _TAGS
    return "" if is_hidden else character


def _without_case(name: str) -> str:
    """Return a name as `_in_one_form`, without its case."""
    return _in_one_form(name).casefold()


def _plain_number_or_text(name: str) -> str:
    """Return a number without sign + and final zeros, another text without its case.

    What begins with a zero is a code, not a number. True is 1, and false is 0.
    """
    text = _without_case(name)
    if text in _TRUTH:
        return _TRUTH[text]
    if not _NUMBER.fullmatch(text):
        return text
    whole, _, decimals = text.lstrip("+-").partition(".")
    number = f"{whole}.{decimals.rstrip('0')}"
    return f"-{number}" if text[0] == "-" and number != "0." else number
