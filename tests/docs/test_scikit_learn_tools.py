"""docs/guide/scikit_learn_tools.md shows the tested matrix, and its code runs."""

import re
from pathlib import Path

import pytest
from _scripts import few_epochs
from _tool_outcomes import OUTCOMES, table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "scikit_learn_tools.md"


@pytest.mark.parametrize("kind", OUTCOMES, ids=lambda kind: kind.__name__)
def test_the_tables_are_those_that_are_tested(kind):
    after = PAGE.read_text().split(f"### {kind.__name__}\n")[1]
    shown = re.search(r"(^\|.*\n)+", after, flags=re.MULTILINE)
    assert shown[0].strip() == table(kind)


def test_every_link_leads_somewhere():
    text = PAGE.read_text()
    titles = re.findall(r"^##+ (.*)$", text, flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles}
    assert set(re.findall(r"\(#([\w-]+)\)", text)) <= anchors
    files = re.findall(r"\]\(([\w./]+)\)", text)
    assert all((PAGE.parent / name).exists() for name in files)


@pytest.mark.slow
def test_every_python_block_runs():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    assert len(blocks) == 8
    shared = {}
    with few_epochs():
        for block in blocks:
            exec(compile(block, str(PAGE), "exec"), shared)
