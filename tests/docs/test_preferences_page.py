"""The code in docs/guide/preferences.md runs as it stands."""

import re
from pathlib import Path

import numpy as np

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "preferences.md"


def test_the_code_runs(capsys):
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert blocks
    names: dict[str, object] = {}
    exec("\n".join(blocks), names)
    assert np.corrcoef(names["scores"], names["quality"])[0, 1] > 0.9
    assert names["ranker"].position_effect_[2] > 0.4
    assert "position_effect" in capsys.readouterr().out
