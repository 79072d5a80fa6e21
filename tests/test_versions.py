"""The versions that pyproject.toml allows are those that are tested."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(file):
    """Exact versions by name."""
    lines = (ROOT / file).read_text().splitlines()
    pairs = (line.split("==") for line in lines if "==" in line)
    return {canonical(name): version for name, version in pairs}


def numbers(version):
    """Return the numbers of a version, without trailing zeros."""
    found = [int(n) for n in re.findall(r"\d+", version)]
    while found and not found[-1]:
        found.pop()
    return found


def lower_bounds():
    """Return every requirement with a lower bound, of the package and its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    lines = [*project["dependencies"], *(line for extra in extras for line in extra)]
    matches = (re.fullmatch(r"([\w.-]+)>=([\d.]+)", line) for line in lines)
    return dict(match.groups() for match in matches if match)


def names_of_extra(extra):
    """Names of what an extra requires."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {re.match(r"[\w.-]+", r)[0] for r in project["optional-dependencies"][extra]}


# Tools that check the code or build the site, which no behaviour of the package
# depends on.
DEVELOPMENT = {"mypy", "ruff"} | names_of_extra("docs")


@pytest.mark.parametrize("name", sorted(set(lower_bounds()) - DEVELOPMENT))
def test_the_oldest_versions_are_the_lower_bounds(name):
    pinned = pins("constraints-oldest.txt")[canonical(name)]
    assert numbers(pinned) == numbers(lower_bounds()[name])


@pytest.mark.parametrize("file", ["constraints.txt", "constraints-newest.txt"])
def test_pins_are_within_the_bounds(file):
    pinned = pins(file)
    for name, bound in lower_bounds().items():
        if name not in DEVELOPMENT or file == "constraints.txt":
            assert numbers(pinned[canonical(name)]) >= numbers(bound), name
