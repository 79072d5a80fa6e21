"""The code in docs/guide/checkpoints.md runs as it stands."""

import re
from functools import partial
from pathlib import Path
from textwrap import dedent

from skorch import callbacks

from skcrowd import CrowdClassifier

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "checkpoints.md"


def test_every_python_block_runs(items, answers, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    found = re.findall(r"^( *)```python\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    resuming, own, kept, loaded = (dedent(indent + code) for indent, code in found)

    short = partial(CrowdClassifier, max_epochs=3)
    names = {"CrowdClassifier": short, "X": items[0], "y": answers}
    names |= {name: getattr(callbacks, name) for name in callbacks.__all__}
    exec(compile(resuming, str(PAGE), "exec"), names)
    assert (tmp_path / "fits").is_dir()
    exec(compile(own, str(PAGE), "exec"), names)
    memory = names["Memory"]()
    memory.load_state_dict({"seen": 3})
    assert memory.state_dict() == {"seen": 3}
    exec(compile(kept, str(PAGE), "exec"), names)
    assert (tmp_path / "best" / "criterion.pt").exists()
    exec(compile(loaded, str(PAGE), "exec"), names)
    assert names["again"].n_iter_ > names["clf"].n_iter_
