"""Read names and texts of items that nobody has answered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from skcrowd.annotations._usual_names import ITEM

from ._contents import JSON, content_of
from ._csv_rows import read_rows
from ._json_records import read_records
from ._name_types import is_missing
from ._table_columns import find_column

if TYPE_CHECKING:
    from skcrowd._typing import PathLike

__all__ = ["read_items"]


def read_items(
    path: PathLike, *, item: str | None = None, text: str | None = None
) -> tuple[list[Any], list[str]]:
    r"""Read the names and texts of items, for predictions.

    Parameters
    ----------
    path : path
        CSV, TSV, JSON or JSON Lines, with a row or record for each item.
    item : str, default=None
        The column of names. None: recognised by its usual names, else rows are
        numbered from 0.
    text : str, default=None
        The column of texts. None: "text", else the only column but the names.

    Returns
    -------
    items : list of n_items
    texts : list of n_items str

    Raises
    ------
    ValueError
        If a column is not found, an item has no text or no name while others have, or
        the file is malformed.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skcrowd.io import read_items
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "new.csv"
    ...     _ = path.write_text("id,text\na,Lovely!\nb,Not again.\n")
    ...     read_items(path)
    (['a', 'b'], ['Lovely!', 'Not again.'])
    """
    path = Path(path)
    is_json = content_of(path) == JSON
    items: list[Any] = []
    texts: list[str] = []
    for number, record in enumerate(read_records(path) if is_json else read_rows(path)):
        row = record.data
        if not number:
            item, text = _columns(list(row), item, text)
        value = row.get(str(text))
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{record.where} has no text in {text!r}; leave it out.")
        if item is not None and is_missing(row.get(item)):
            raise ValueError(f"{record.where} has no name in {item!r}; give it one.")
        items.append(number if item is None else row[item])
        texts.append(value)
    return items, texts


def _columns(
    names: list[str], item: str | None, text: str | None
) -> tuple[str | None, str]:
    """Return the columns of names and of texts."""
    usual = [name for name in ITEM if name not in ("text", "url", "image")]
    taken = () if text is None else (text,)
    item = find_column(names, usual, item, "item", taken, is_optional=True)
    left = [name for name in names if name != item]
    if text is None and "text" not in left and len(left) != 1:
        raise ValueError(
            f"it is not certain which column is the text; pass text=, one of {left}."
        )
    only = "text" if "text" in left else left[0]
    found = find_column(names, [], only if text is None else text, "text")
    return item, str(found)
