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

__all__ = ["find_column", "table_columns"]

GOLD = "gold", "gold_label", "truth", "true_label", "ground_truth"


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
        If a column is not found.
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
    return columns


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
    plain = by_plain_name(name for name in names if name not in set(taken))
    found = next((plain[name] for name in usual if name in plain), None)
    if found is None and not is_optional:
        raise ValueError(
            f"no column is named as {part}s usually are; pass {part}=, one of {names}. "
            "A table with a column for each annotator is read by annotators=, the list "
            "of these columns, one with a column for the probability of each label by "
            "probabilities=, the beginning of the names of these columns."
        )
    return found
