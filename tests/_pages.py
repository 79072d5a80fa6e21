"""The pages of the site, as they are written: code, links and tables of contents."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
WRITTEN_BY_THE_BUILD = {"_build", "_generated", "_tests", "gallery", "generated"}

TOCTREE = re.compile(r"```\{toctree\}\n(.*?)```", re.DOTALL)


def pages():
    """Return all pages that are written by hand, README included."""
    found = [
        path
        for path in DOCS.rglob("*.md")
        if not WRITTEN_BY_THE_BUILD & set(path.relative_to(DOCS).parts)
        and not is_result(path)
    ]
    return [ROOT / "README.md", *sorted(found)]


def is_result(path):
    """Whether the build makes this page from a table of the benchmarks."""
    return (
        path.parent.name == "benchmarks"
        and (ROOT / "benchmarks" / "results" / path.name).exists()
    )


def code_of(path):
    """Return the blocks of Python that run, without what is shown only."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"^( *)```python\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return [re.sub(f"^{indent}", "", code, flags=re.M) for indent, code in found]


def toctree_entries(path):
    """Return the pages that the tables of contents of a page list, as paths."""
    for block in TOCTREE.findall(path.read_text(encoding="utf-8")):
        lines = [line.strip() for line in block.splitlines()]
        is_glob = ":glob:" in lines
        for line in lines:
            if not line or line.startswith(":"):
                continue
            name = line.partition("<")[2].rstrip(">") or line
            if is_glob and "*" in name:
                yield from sorted(path.parent.glob(f"{name}.md"))
            else:
                yield Path(f"{path.parent / name}.md").resolve()
