"""Every block of Python on the pages runs, one after another in one namespace."""

import ast
import importlib.util
import re
import shlex
import tomllib
from itertools import chain

import pytest
from _pages import DOCS, ROOT, code_of, pages
from _scripts import few_epochs

BENCHMARKS = ROOT / "benchmarks" / "README.md"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = set(PROJECT["project"]["optional-dependencies"])

# These have a test of their own, which also looks at what comes out.
OWN_TESTS = {
    "callbacks",
    "checkpoints",
    "evaluation",
    "extending",
    "aggregators",
    "multilabel",
    "preferences",
    "inputs",
    "exports",
    "missing_answers",
    "model_selection",
    "persistence",
    "README",
    "scikit_learn_tools",
    "scores",
}
# Shown with what the reader has.
OTHERS = {"report", "CONTRIBUTING"}
PAGES = [
    page for page in pages() if code_of(page) and page.stem not in OWN_TESTS | OTHERS
]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_the_blocks_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "page"}
    with few_epochs():
        for block in code_of(page):
            exec(compile(block, str(page), "exec"), names)


def test_the_list_of_own_tests_is_up_to_date():
    with_code = {page.stem for page in pages() if code_of(page)}
    assert with_code >= OWN_TESTS | OTHERS


def test_the_block_of_the_report_runs(items, answers, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    import skcrowd

    X, _ = items
    model = skcrowd.CrowdClassifier(max_epochs=2, random_state=0).fit(X, answers)
    names = {"model": model, "X": X, "y": answers}
    for block in code_of(DOCS / "guide" / "report.md"):
        exec(compile(block, "report.md", "exec"), names)
    assert (tmp_path / "crowd.html").exists()


def test_the_error_of_the_contributing_guide_says_what_was_seen():
    (block,) = code_of(DOCS / "CONTRIBUTING.md")
    with pytest.raises(ValueError, match=r"y of shape \(3, 2\) holds no answer"):
        exec(block, {"shape": (3, 2)})


SHOWN = re.compile(r"```\{code-block\} python\n(.*?)```", re.DOTALL)


def test_what_is_shown_only_is_python():
    """Code of other packages, which are not installed."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for block in SHOWN.findall(text):
            ast.parse(block, filename=str(page))
        assert "```py\n" not in text, page


def test_commands_name_what_is_there():
    texts = [page.read_text(encoding="utf-8") for page in (*pages(), BENCHMARKS)]
    for command, *words in chain(*map(commands, texts)):
        if command == "make":
            makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
            assert re.search(rf"^[\w -]*\b{words[0]}\b[\w -]*:", makefile, re.M)
        elif command == "pip":
            extras = re.findall(r"\[([\w,]+)\]", " ".join(words))
            assert {e for part in extras for e in part.split(",")} <= EXTRAS
            assert all((ROOT / w).exists() for w in words if w.endswith(".txt"))
        elif words[0] == "-m":
            assert importlib.util.find_spec(words[1])
        else:
            script = (ROOT / words[0]).read_text(encoding="utf-8")
            options = {w.partition("=")[0] for w in words[1:] if w.startswith("--")}
            assert all(f'"{option}"' in script for option in options)


def commands(text):
    """Yield the words of each command in the blocks of a page."""
    for block in re.findall(r"^```([^`]*)^```$", text, re.MULTILINE):
        language, _, lines = block.partition("\n")
        if language in {"", "{code-block} console"}:
            for line in re.findall(r"^(?:\$ )?((?:make|pip|python) .*)$", lines, re.M):
                yield shlex.split(line.partition("  #")[0])
