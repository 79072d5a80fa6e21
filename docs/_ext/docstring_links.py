"""Links in docstrings: to the pages that they mention, and to what is related."""

import inspect
import re
from pathlib import Path
from typing import Any

from reference_pages import related
from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parents[1]
MENTION = re.compile(r"``docs/([\w/]+)\.md``")


def link(match: re.Match[str]) -> str:
    """Return the link, or what was written where there is no such page."""
    page = match[1]
    if not (DOCS / f"{page}.md").exists():
        return match[0]
    return f":doc:`/{page}`"


def process(app: Any, what: str, name: str, obj: Any, options: Any, lines: Any) -> None:
    """Replace the lines of a docstring, before numpydoc reads them."""
    text = MENTION.sub(link, "\n".join(lines))
    others = related(name) if what in {"class", "function"} else []
    if others and "See Also\n" not in text:
        text += "\n\nSee Also\n--------\n" + ", ".join(others) + "\n"
    lines[:] = text.split("\n")


def skip(app: Any, what: str, name: str, obj: Any, skipped: bool, options: Any) -> Any:
    """Leave out methods that only a base class of another package defines."""
    home = getattr(inspect.unwrap(obj) if callable(obj) else obj, "__module__", None)
    is_foreign = callable(obj) and home and not home.startswith("skcrowd")
    return True if is_foreign and what == "class" else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the replacement."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", process)
    app.connect("autodoc-skip-member", skip)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
