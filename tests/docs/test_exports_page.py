"""The code in docs/guide/exports.md runs, and so do the examples of exports."""

import json
import re
import shutil
from pathlib import Path

import pytest

from skcrowd.command import main
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
    few = re.sub(r"max_epochs=\d+", "max_epochs=2", "\n".join(blocks))
    exec(few, names)
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
    refused = {"read_cvat", "read_ground_truth", "read_appen_json"}
    assert {name for name in readers if f"`{name}`" not in text} == refused


DEMOS = {
    "label_studio": ("reviews_label_studio.json", {"relabel.json"}, []),
    "mturk": ("reviews_mturk.csv", {"check.json", "next.csv"}, []),
    "prodigy": ("names_prodigy.jsonl", {"relabel.jsonl"}, []),
    "doccano": ("topics_doccano", {"relabel.jsonl"}, []),
    "argilla": ("reviews_argilla.jsonl", {"relabel.json"}, []),
    "toloka": ("reviews_toloka.tsv", {"next.csv"}, []),
    "potato": ("stars_potato", {"relabel.json"}, []),
    "table": (
        "reviews_table.csv",
        {"relabel.json"},
        ["--item", "review", "--answer", "mood"],
    ),
    "pairs": ("reviews_pairs.csv", {"next.csv"}, []),
}


def test_every_export_has_its_example():
    assert {name for name, *_ in DEMOS.values()} == {p.name for p in EXPORTS.iterdir()}


@pytest.mark.slow
@pytest.mark.parametrize("tool", DEMOS)
def test_examples(tool, tmp_path, capsys):
    """Export, model, report and queue, in ten lines, or in one command."""
    script = DOCS / "examples" / f"demo_{tool}.py"
    export, files, columns = DEMOS[tool]
    body = re.search(r"def main\(folder\):\n(.*?)\n\n", script.read_text(), re.S)[1]
    assert body.count("\n    ") < 16
    few = re.sub(r"max_epochs=\d+", "max_epochs=2", script.read_text(encoding="utf-8"))
    names = {"__name__": tool, "__file__": str(script)}
    exec(compile(few, script, "exec"), names)
    names["main"](tmp_path)
    printed = capsys.readouterr().out
    assert "left out:" in printed
    assert "Crowd report" in printed
    assert {path.name for path in tmp_path.iterdir()} == files | {"report.html"}
    call = "report", EXPORTS / export, "--text", "--epochs", 1, *columns, "--quiet"
    assert main([*map(str, call), "-o", str(tmp_path / "page.html")]) == 0
    assert (tmp_path / "page.html").stat().st_size > 10_000


@pytest.mark.parametrize("tool", DEMOS)
def test_exports_are_recognised(tool):
    name, _, columns = DEMOS[tool]
    given = dict(zip([c.strip("-") for c in columns[::2]], columns[1::2], strict=True))
    title = read_answers(EXPORTS / name, **given).tool
    known = {"Mechanical Turk": "mturk", "Label Studio": "label_studio"}
    expected = "a table" if tool in ("table", "pairs") else tool
    assert known.get(title, title.lower()) == expected
