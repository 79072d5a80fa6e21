"""The code in docs/guide/aggregators.md runs, and the names in it exist."""

import re
from pathlib import Path

from skcrowd import aggregation

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "aggregators.md"


def test_the_code_runs():
    text = PAGE.read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, re.S)
    *setup, last = block.strip().splitlines()
    names: dict = {}
    exec("\n".join(setup), names)
    expression, _, shown = last.partition("  # ")
    found = repr(eval(expression, names))
    assert found.startswith(shown[:-1])


def test_every_registry_exists():
    registries = re.findall(r"`([A-Z]+_AGGREGATORS)", PAGE.read_text(encoding="utf-8"))
    assert len(set(registries)) == 4
    assert all(hasattr(aggregation, name) for name in registries)
