"""Every block of Python on the pages runs, one after another in one namespace."""

import pytest
from _pages import DOCS, code_of, pages
from _scripts import few_epochs

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
# Shown with a model and data that the reader has.
OTHERS = {"report"}
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
