"""Files about the project agree with each other and with the package."""

import re
import tomllib
from pathlib import Path

import pytest

import skcrowd

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_version_is_one():
    version = PROJECT["version"]
    assert f"version: {version}\n" in read("CITATION.cff")
    assert f"version = {{{version}}}" in read("docs/project/citing.md")
    released = re.findall(
        r"^## \[([\d.]+)\] - \d{4}-\d\d-\d\d$", read("CHANGELOG.md"), re.M
    )
    assert released[0] == version


def test_workflows_test_every_python_that_is_declared():
    declared = {
        entry.rpartition(" ")[2]
        for entry in PROJECT["classifiers"]
        if re.search(r":: 3\.\d+$", entry)
    }
    tested = set(re.findall(r'python: "([\d.]+)"', read(".github/workflows/tests.yml")))
    assert tested == declared
    for end in ("oldest", "newest"):
        assert f"constraints-{end}.txt" in read(".github/workflows/tests.yml")


@pytest.mark.parametrize(
    "name",
    [
        "docs/CONTRIBUTING.md",
        "README.md",
        *sorted(
            str(path.relative_to(ROOT)) for path in (ROOT / ".github").rglob("*.*ml")
        ),
    ],
)
def test_commands_of_make_exist(name):
    targets = set(re.findall(r"^([\w -]+?):(?!=)", read("Makefile"), re.M))
    targets = {target for line in targets for target in line.split()}
    for command in re.findall(
        r"\bmake ((?:test|lint|docs|demo|bench|cov|wheel)[\w-]*)", read(name)
    ):
        assert command in targets, command


def test_pages_of_the_project_say_what_a_newcomer_asks():
    text = read("docs/CONTRIBUTING.md")
    for heading in (
        "Set up",
        "Layout",
        "A method in ten minutes",
        "Tests",
        "Benchmarks",
        "Style",
        "How decisions are made",
    ):
        assert f"## {heading}\n" in text
    assert "Contributor Covenant" in read("docs/CODE_OF_CONDUCT.md")
    assert "privately" in read("docs/SECURITY.md")
    assert "## Decisions\n" in read("docs/architecture.md")
    assert "## Deprecation policy\n" in read("docs/architecture.md")


def test_the_wheel_holds_every_file_of_the_package():
    setup = tomllib.loads(read("pyproject.toml"))["tool"]["setuptools"]
    package = Path(skcrowd.__file__).parent
    listed = {
        path for g in setup["package-data"]["skcrowd"] for path in package.glob(g)
    }
    others = {
        path
        for path in package.rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    assert others == listed
    folders = {path.parent for path in package.rglob("*.py")}
    assert all((folder / "__init__.py").exists() for folder in folders)
