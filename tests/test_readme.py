"""The code in README.md runs as it stands."""

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_every_python_block_runs(capsys):
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)
    assert len(blocks) == 7
    for block in blocks:
        exec(compile(block, str(README), "exec"), {})
    shown = capsys.readouterr().out
    vote, crowd = (float(p) for p in re.findall(r"([\d.]+)%", shown))
    assert crowd > vote
