"""The code in docs/guide/multilabel.md runs as it stands."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "multilabel.md"


def test_the_code_runs():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert blocks
    names: dict[str, object] = {}
    exec("\n".join(blocks), names)
    assert names["Y"].n_labels == 3
    assert names["f1"] > 0.8
    assert names["report"]["f1"].idxmax() == 0
    assert len(names["by_label"]) == 4 * 3
