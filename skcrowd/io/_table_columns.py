"""Which column of a table holds what, by its usual names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ._name_types import words

__all__ = ["ITEM", "find_column", "table_columns"]

ITEM = words(
    "item item_id task task_id example example_id instance instance_id document "
    "document_id doc_id question question_id unit unit_id sample sample_id image "
    "image_id id orig_id text url"
)
ANNOTATOR = words(
    "annotator annotator_id annotator_name worker worker_id workerid user user_id "
    "username rater rater_id coder coder_id labeler labeler_id labeller judge judge_id "
    "participant participant_id turk_id"
)
ANSWER = words(
    "answer label annotation response rating score judgment judgement value class "
    "category choice vote tag code"
)
GOLD = words("gold gold_label truth true_label ground_truth")
PREFERRED = words(
    "preferred preference winner better chosen choice answer label vote response "
    "judgment judgement"
)
# Columns of two items that are compared.
PAIRS = [
    ("first", "second"),
    ("left", "right"),
    *(
        (f"{noun}_{a}", f"{noun}_{b}")
        for noun in words(
            "item model option response answer text output candidate completion "
            "summary image document"
        )
        for a, b in (("a", "b"), ("1", "2"))
    ),
]


def table_columns(
    names: list[str],
    given: Mapping[str, str | None],
    pair: tuple[str, str] | None = None,
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

    Returns
    -------
    columns : dict from part to str
        The parts "annotator", "answer", "item" and "gold", or, where answers compare
        two items, "annotator", "answer", "first" and "second", and "item" where the
        pairs have names.

    Raises
    ------
    ValueError
        If a column is not found.
    """
    usual = {"annotator": ANNOTATOR, "answer": ANSWER, "item": ITEM, "gold": GOLD}
    columns: dict[str, str] = {}
    if pair is None and given.get("item") is None:
        pair = _usual_pair(names, given.get("answer"))
    if pair is not None:
        absent = [name for name in pair if name not in names]
        if absent:
            raise ValueError(f"pair names {absent}, but the columns are {names}.")
        columns = dict(zip(("first", "second"), pair, strict=True))
        usual["answer"] = PREFERRED
    optional = {"gold"} if pair is None else {"gold", "item"}
    for part, known in usual.items():
        if part == "gold" and pair is not None:
            continue
        name = find_column(
            names,
            known,
            given.get(part),
            part,
            columns.values(),
            is_optional=part in optional,
        )
        if name is not None:
            columns[part] = name
    return columns


def _usual_pair(names: list[str], answer: str | None) -> tuple[str, str] | None:
    """Return the columns of the items compared, if there is a preference, too."""
    plain = _plain(names)
    for first, second in PAIRS:
        if first in plain and second in plain:
            pair = plain[first], plain[second]
            has_answer = any(plain.get(n, pair[0]) not in pair for n in PREFERRED)
            if has_answer or answer is not None:
                return pair
    return None


def find_column(
    names: list[str],
    usual: list[str],
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
    usual : list of str
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
    plain = _plain([name for name in names if name not in set(taken)])
    found = next((plain[name] for name in usual if name in plain), None)
    if found is None and not is_optional:
        raise ValueError(
            f"no column is named as {part}s usually are; pass {part}=, one of {names}. "
            "A table with a column for each annotator is read by annotators=, the list "
            "of these columns."
        )
    return found


def _plain(names: list[str]) -> dict[str, str]:
    """Return the names of columns by themselves in lower case."""
    return {name.strip().lower().replace(" ", "_"): name for name in reversed(names)}
