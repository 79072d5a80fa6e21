"""The code in docs/guide/scores.md runs as it stands, and names all scores."""

import re
from pathlib import Path

from _scripts import few_epochs

from skcrowd.metrics import SCORERS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "scores.md"


def test_the_code_runs():
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert blocks
    names: dict[str, object] = {}
    with few_epochs(5):
        exec("\n".join(blocks), names)
    assert names["search"].best_params_["lr"] > 1e-5


def test_every_score_is_explained():
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in SCORERS)
