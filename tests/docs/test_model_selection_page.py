"""The code in docs/guide/model_selection.md runs, and does what it says."""

import re
from pathlib import Path

import numpy as np
from _scripts import few_epochs

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "model_selection.md"


def test_the_blocks_run_one_after_another():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    assert len(blocks) == 5
    names: dict = {}
    with few_epochs(5):
        for block in blocks:
            exec(compile(block, str(PAGE), "exec"), names)
    truth = names["truth"]
    assert names["search"].best_params_ == {"lr": 1e-2}
    assert 0 < names["held_out"] < 1
    assert np.isfinite(names["scores"]).all()
    assert names["proba"].shape == (150, 3)
    assert (names["cleaned"] == truth).mean() > 0.85
