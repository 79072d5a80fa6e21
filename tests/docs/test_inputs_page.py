"""The code in docs/guide/inputs.md runs as it stands."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "inputs.md"


def test_the_code_runs():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert blocks
    names: dict[str, object] = {}
    exec("\n".join(blocks), names)
    assert names["clf"].score(names["X"], names["truth"]) > 0.8
