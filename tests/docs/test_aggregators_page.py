"""The code in docs/guide/aggregators.md runs, and the names in it exist."""

import re
from pathlib import Path

import pandas as pd
import pytest

from skcrowd import aggregation

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "aggregators.md"


@pytest.fixture(scope="module")
def blocks():
    """The blocks of Python on the page."""
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)


def test_the_code_runs(blocks):
    *setup, last = blocks[0].strip().splitlines()
    names: dict = {}
    exec("\n".join(setup), names)
    expression, _, shown = last.partition("  # ")
    found = repr(eval(expression, names))
    assert found.startswith(shown[:-1])


# Dask sets an index in a way that pandas deprecates.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_the_code_for_dask_runs(blocks, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answers = [("item 7", "ann", "cat"), ("item 7", "bo", "cat"), ("y", "ann", "dog")]
    table = pd.DataFrame(answers, columns=["item", "annotator", "label"])
    (tmp_path / "answers").mkdir()
    table.to_parquet("answers/part.parquet")
    exec(blocks[1], {})
    labels = pd.read_parquet("labels")
    assert sorted(labels["label"]) == ["cat", "dog"]


def test_every_registry_exists():
    registries = re.findall(r"`([A-Z]+_AGGREGATORS)", PAGE.read_text(encoding="utf-8"))
    assert len(set(registries)) == 4
    assert all(hasattr(aggregation, name) for name in registries)
