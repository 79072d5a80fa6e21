"""The code in README.md runs as it stands."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"


@pytest.mark.slow
def test_every_python_block_runs(capsys):
    n_blocks = 0
    for section in README.read_text().split("\n## "):
        names = {}  # a section goes on with what it has
        for block in re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL):
            exec(compile(block, str(README), "exec"), names)
            n_blocks += 1
    assert n_blocks == 10
    shown = capsys.readouterr().out
    vote, crowd = (float(p) for p in re.findall(r"([\d.]+)%", shown))
    assert crowd > vote
