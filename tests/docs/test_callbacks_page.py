"""The code in docs/guide/callbacks.md runs as it stands."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "callbacks.md"


def test_the_code_runs(capsys):
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert blocks
    names: dict[str, object] = {}
    exec("\n".join(blocks), names)
    last = names["clf"].history_[-1]
    assert last["accuracy"] > 0.4
    assert last["true_accuracy"] > 0.7
    assert "valid_loss" in capsys.readouterr().out
