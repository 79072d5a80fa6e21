"""The code in docs/guide/aggregators.md runs, and the names in it exist."""

import re
from pathlib import Path

from skcrowd import aggregation

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "aggregators.md"
RESULTS = PAGE.parents[2] / "benchmarks" / "results"


def test_the_code_runs():
    text = PAGE.read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, re.S)
    *setup, last = block.strip().splitlines()
    names: dict = {}
    exec("\n".join(setup), names)
    expression, _, shown = last.partition("  # ")
    found = repr(eval(expression, names))
    assert found.startswith(shown[:-1])


def test_every_aggregator_exists_and_figures_are_in_the_tables():
    text = PAGE.read_text(encoding="utf-8")
    registries = re.findall(r"`([A-Z]+_AGGREGATORS)", text)
    assert len(set(registries)) == 4
    assert all(hasattr(aggregation, name) for name in registries)
    scales = (RESULTS / "truth_inference_scales.md").read_text(encoding="utf-8")
    for figures in (("11.92", "12.02", "12.15"), ("0.187", "0.260", "0.412")):
        assert all(figure in scales for figure in figures)
    labels = (RESULTS / "truth_inference.md").read_text(encoding="utf-8")
    assert "| consensus | 85.2 |" in labels
    assert "| dawid_skene | 83.9 |" in labels
