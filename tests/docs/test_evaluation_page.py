"""The code in docs/guide/evaluation.md runs as it stands."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "evaluation.md"


def test_the_code_runs(capsys):
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert blocks
    names: dict = {}
    exec("\n".join(blocks), names)
    true = (names["y_pred"] == names["truth"][names["test"]]).mean()
    for evaluation in (names["evaluation"], names["checked"]):
        assert evaluation.is_reliable
        assert evaluation.low < true < evaluation.high
    assert names["difference"].low > 0
    assert "100 gold labels" in capsys.readouterr().out
