"""Which column of a table holds what, by its usual names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from skcrowd.annotations._usual_names import (
    ANNOTATOR,
    ANSWER,
    ITEM,
    PREFERRED,
    by_plain_name,
    usual_pair,
)
from skcrowd.annotations._warn import warn

__all__ = [
    "check_different",
    "find_column",
    "held_by_name",
    "table_columns",
    "warn_of_others",
]

GOLD = "gold", "gold_label", "truth", "true_label", "ground_truth"
_USUAL = {"annotator": ANNOTATOR, "answer": ANSWER, "gold": GOLD}
_WORDS = {"annotator": "annotators", "answer": "answers", "gold": "true answers"}
_ENDS = "_id", "id", "_name"  # of two names of one annotator
_UNCLEAR = {  # names that often say something else
    *("response", "rating", "score", "value", "class", "category", "choice", "vote"),
    *("tag", "code", "username"),
}


def table_columns(
    names: list[str],
    given: Mapping[str, str | None],
    pair: tuple[str, str] | None = None,
    probabilities: Collection[str] = (),
) -> dict[str, str]:
    """Return the names of the columns by what they hold.

    Parameters
    ----------
    names : list of str
        All columns.
    given : Mapping from part to str or None
        What the user said.
    pair : tuple of two str, default=None
        The columns of the two items compared. None finds them, unless the user named
        the item.
    probabilities : collection of str, default=()
        Columns of probabilities, which are the answers.

    Returns
    -------
    columns : dict from part to str
        The parts "annotator", "answer", "item" and "gold", or, where answers compare
        two items, "annotator", "answer", "first" and "second", and "item" where the
        pairs have names. With `probabilities` there need be no "answer".

    Raises
    ------
    ValueError
        If a column is not found, or named for two parts.
    """
    usual: dict[str, Iterable[str]] = {
        "annotator": ANNOTATOR,
        "answer": ANSWER,
        "item": ITEM,
        "gold": GOLD,
    }
    columns: dict[str, str] = {}
    if pair is None and given.get("item") is None and not probabilities:
        pair = usual_pair(names, given.get("answer"))
    if pair is not None:
        absent = [name for name in pair if name not in names]
        if absent:
            raise ValueError(f"pair names {absent}, but the columns are {names}.")
        columns = dict(zip(("first", "second"), pair, strict=True))
        usual["answer"] = PREFERRED
    optional = {"gold"} if pair is None else {"gold", "item"}
    optional |= {"answer"} if probabilities else set()
    for part, known in usual.items():
        if part == "gold" and pair is not None:
            continue
        if part == "gold" and "answer" in columns:
            known = [*GOLD, *_gold_of(columns["answer"])]
        name = find_column(
            names,
            known,
            given.get(part),
            part,
            [*columns.values(), *probabilities],
            is_optional=part in optional,
        )
        if name is not None:
            columns[part] = name
    check_different(columns)
    return columns


def held_by_name(names: Iterable[str]) -> set[str]:
    """Return what columns hold by their usual names.

    Parameters
    ----------
    names : iterable of str

    Returns
    -------
    parts : set of {"item", "annotator", "answer", "gold"}
    """
    plain = by_plain_name(names).keys()
    known = {"item": ITEM, **_USUAL}
    return {part for part, usual in known.items() if plain & {*usual}}


def _gold_of(answer: str) -> list[str]:
    """Return the names of the column of true answers that tell those of answers."""
    plain = _plain(answer)
    return [f"{plain}_gold", f"gold_{plain}", f"true_{plain}"]


def check_different(columns: Mapping[str, str]) -> None:
    """Raise if one column is named for two parts.

    Parameters
    ----------
    columns : Mapping from part to str

    Raises
    ------
    ValueError
    """
    part_of: dict[str, str] = {}
    for part, name in columns.items():
        other = part_of.setdefault(name, part)
        if other != part:
            raise ValueError(
                f"the column {name!r} is named as {other} and as {part}; each has a "
                "column of its own."
            )


def warn_of_others(
    names: list[str],
    columns: Mapping[str, str],
    given: Mapping[str, str | None],
    used: Collection[str] = (),
) -> None:
    """Warn if other columns have the usual names of what one was found by its name.

    Parameters
    ----------
    names : list of str
        All columns.
    columns : Mapping from part to str
        What was found.
    given : Mapping from part to str or None
        What the user said.
    used : collection of str
        Columns that the user named for something else.

    Warns
    -----
    CrowdWarning
        Two names of one annotator, such as "worker" and "worker_id", are no others, nor
        are unclear names, such as "category", beside a clear one, such as "label".
    """
    others = [name for name in names if name not in {*columns.values(), *used}]
    for part, usual in _USUAL.items():
        if part not in columns or given.get(part) is not None:
            continue
        stem, is_clear = _stem(columns[part]), _plain(columns[part]) not in _UNCLEAR
        alike = {*usual} - _UNCLEAR if is_clear else {*usual}
        found = [
            name
            for name in others
            if _plain(name) in alike and (part != "annotator" or _stem(name) != stem)
        ]
        if found:
            warn(
                f"{_WORDS[part]} were read from column {columns[part]!r}, but {found} "
                f"may hold some, too; say which by {part}=.",
                ("columns", part),
            )


def _plain(name: str) -> str:
    return next(iter(by_plain_name([name])))


def _stem(name: str) -> str:
    """Return the name of a column without what tells names from ids."""
    plain = _plain(name)
    end = next((end for end in _ENDS if plain.endswith(end)), "")
    return plain.removesuffix(end)


def find_column(
    names: list[str],
    usual: Iterable[str],
    given: str | None,
    part: str,
    taken: Iterable[str] = (),
    *,
    is_optional: bool = False,
) -> str | None:
    """Return the column that holds items, annotators, answers or gold.

    Parameters
    ----------
    names : list of str
        All columns.
    usual : iterable of str
        Usual names, lower case, the likeliest first.
    given : str or None
        What the user said.
    part : {"item", "annotator", "answer", "gold"}
    taken : iterable of str
        Columns that hold something else.
    is_optional : bool, default=False
        Whether there may be none.

    Returns
    -------
    name : str or None
        None if there is none, and need not be.

    Raises
    ------
    ValueError
        If there is no such column.
    """
    if given is not None:
        if given not in names:
            raise ValueError(f"{part}={given!r} is no column; there are {names}.")
        return given
    free = [name for name in names if name not in set(taken)]
    plain = by_plain_name(free)
    found = next((plain[name] for name in usual if name in plain), None)
    if found is None and not is_optional:
        known = f"pass {part}=, one of {free}" if free else "add it to the table"
        raise ValueError(
            f"no column is named as {part}s usually are; {known}. "
            "A table with a column for each annotator is read by annotators=, the list "
            "of these columns, one with a column for the probability of each label by "
            "probabilities=, the beginning of the names of these columns."
        )
    return found
