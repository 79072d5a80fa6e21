"""The code in docs/guide/exports.md runs, and so do the examples of exports."""

import json
import re
import shutil
from contextlib import nullcontext
from pathlib import Path

import pytest
from _scripts import few_epochs, run_script

from skcrowd.io import FORMATS, read_answers

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "guide" / "exports.md"
EXPORTS = DOCS / "examples" / "exports"


@pytest.mark.slow
def test_the_code_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXPORTS / "reviews_label_studio.json", "reviews.json")
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert len(blocks[0].strip().splitlines()) <= 11
    names: dict = {}
    for block in blocks:  # what the tagger says is looked at below
        with nullcontext() if "CrowdSequenceTagger" in block else few_epochs():
            exec(block, names)
    assert names["spans"] == [[(0, 3, "PER"), (9, 12, "PER")]]
    assert len(json.loads(Path("relabel.json").read_text(encoding="utf-8"))) == 10
    whole = json.loads(Path("all.json").read_text(encoding="utf-8"))
    assert len(whole) == len(names["export"].items) == 80
    checked = json.loads(Path("check.json").read_text(encoding="utf-8"))
    assert "annotator" in checked[0]["meta"]["notes"][0]
    assert Path("report.html").stat().st_size > 10_000


def test_all_readers_are_in_the_table():
    text = PAGE.read_text(encoding="utf-8")
    readers = {known.read.__name__ for known in FORMATS.values()} - {"read_zip"}
    assert {name for name in readers if f"`{name}`" not in text} == {"read_cvat"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tool", "files"),
    [
        ("label_studio", {"report.html", "relabel.json"}),
        ("mturk", {"report.html", "check.json", "next.csv"}),
        ("prodigy", {"report.html", "relabel.jsonl"}),
    ],
)
def test_examples(tool, files, tmp_path):
    demo = DOCS / "examples" / f"demo_{tool}.py"
    with few_epochs():
        printed, _ = run_script(demo, "--folder", tmp_path)
    assert "left out:" in printed
    assert "Crowd report" in printed
    assert {path.name for path in tmp_path.iterdir()} == files


@pytest.mark.parametrize("path", sorted(EXPORTS.iterdir()), ids=lambda path: path.name)
def test_exports_are_recognised(path):
    export = read_answers(path)
    assert path.stem.endswith(
        {"Label Studio": "label_studio", "Mechanical Turk": "mturk"}.get(
            export.tool, export.tool.lower()
        )
    )
