"""The code in docs/guide/inputs.md runs as it stands."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "inputs.md"


def test_the_code_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert blocks
    names: dict[str, object] = {}
    exec("\n".join(blocks), names)
    assert names["clf"].score(names["X"], names["truth"]) > 0.8
    for model, rows in (("large", "copy"), ("stream", "copy"), ("by_rows", "rows")):
        assert names[model].score(names[rows], names["truth"]) > 0.8
