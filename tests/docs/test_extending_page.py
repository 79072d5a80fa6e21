"""The code in docs/guide/extending.md runs as it stands, and so does the template."""

import ast
import re
import runpy
from pathlib import Path

import pytest
from _scripts import run_script

from skcrowd import CrowdClassifier, _method_checks
from skcrowd.methods import TrainingContext
from skcrowd.methods._label_statistics import LabelStatistics
from skcrowd.persistence import _user_registry

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "guide" / "extending.md"
TO_COPY = [PAGE, *sorted((DOCS / "examples").glob("*.py"))]


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
    assert len(blocks) == 11
    path = tmp_path / "own_file.py"
    path.write_text("\n".join(blocks), encoding="utf-8")
    run_script(path)


def test_what_the_page_calls_is_there():
    """Names in the table of the context, which the blocks do not all use."""
    text = PAGE.read_text("utf-8")
    labels = set(re.findall(r"`context\.labels\.(\w+)\(", text))
    own = set(re.findall(r"`context\.(\w+)\(", text))
    assert labels == {"votes", "initial_posterior", "expected_counts", "posterior"}
    assert all(callable(getattr(LabelStatistics, name, None)) for name in labels)
    assert own == {"train", "predict_truth"}
    assert all(callable(getattr(TrainingContext, name, None)) for name in own)


@pytest.mark.parametrize("path", TO_COPY, ids=lambda path: path.stem)
def test_what_users_copy_imports_nothing_private(path):
    code = path.read_text("utf-8")
    if path.suffix == ".md":
        code = "\n".join(re.findall(r"```python\n(.*?)```", code, re.DOTALL))
    modules = {
        name
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        for name in (*(getattr(node, "module", None) or "").split("."), alias.name)
    }
    assert not {name for name in modules if re.match(r"_(?!_)|.*\._", name)}


@pytest.mark.parametrize("shrinkage", [-0.1, float("nan")])
def test_the_template_refuses_a_wrong_parameter(shrinkage):
    template = runpy.run_path(str(DOCS / "examples" / "my_method.py"))
    clf = CrowdClassifier(method=template["MyMethod"](shrinkage))
    with pytest.raises(ValueError, match="shrinkage must be at least 0, got"):
        clf.fit([[0.0], [1.0], [2.0]], [[0, 0], [1, 1], [0, 1]])
    assert not hasattr(clf, "net_")


@pytest.mark.slow
def test_the_template_runs():
    printed, _ = run_script(DOCS / "examples" / "my_method.py")
    (share,) = re.findall(r"training items: (\d+)%", printed)
    assert int(share) > 70
    assert re.search(r"^\d\d checks passed\.$", printed, re.MULTILINE)
