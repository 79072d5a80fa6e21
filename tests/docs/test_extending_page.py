"""The code in docs/extending.md runs as it stands, and so does the template."""

import re
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "extending.md"


def run(path):
    """Run a file in a new process, and return what it prints."""
    done = subprocess.run([sys.executable, path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_blocks_run_one_after_another(tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 9
    path = tmp_path / "own_file.py"
    path.write_text("\n".join(blocks), encoding="utf-8")
    run(path)


def test_the_template_runs():
    printed = run(DOCS / "examples" / "my_method.py")
    (share,) = re.findall(r"training items: (\d+)%", printed)
    assert int(share) > 70
    assert re.search(r"^\d\d checks passed\.$", printed, re.MULTILINE)
