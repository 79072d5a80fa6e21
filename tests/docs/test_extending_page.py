"""The code in docs/guide/extending.md runs as it stands, and so does the template."""

import re
from pathlib import Path

import pytest
from _scripts import run_script

from skcrowd import _method_checks
from skcrowd.persistence import _user_registry

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "guide" / "extending.md"


@pytest.fixture(autouse=True)
def own_registry(monkeypatch):
    """The scripts register their classes in this process."""
    monkeypatch.setattr(_user_registry, "_THINGS", {})


FEW_CHECKS = (  # of check_method: all of them on the template, and test_check_method
    "check_fit_predict",
    "check_seed_gives_the_same_bits",
    "check_annotator_order",
    "check_weights_are_repetitions",
    "check_gold",
    "check_save_and_load",
)


@pytest.mark.slow
def test_the_blocks_run_one_after_another(tmp_path, monkeypatch):
    few = [c for c in _method_checks.CHECKS if c.__name__ in FEW_CHECKS]
    monkeypatch.setattr(_method_checks, "CHECKS", few)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 9
    path = tmp_path / "own_file.py"
    path.write_text("\n".join(blocks), encoding="utf-8")
    run_script(path)


@pytest.mark.slow
def test_the_template_runs():
    printed, _ = run_script(DOCS / "examples" / "my_method.py")
    (share,) = re.findall(r"training items: (\d+)%", printed)
    assert int(share) > 70
    assert re.search(r"^\d\d checks passed\.$", printed, re.MULTILINE)
