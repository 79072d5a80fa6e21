"""The code in README.md runs as it stands, and the page stays short."""

import re

import pytest
from _pages import ROOT, code_of
from _scripts import few_epochs

README = ROOT / "README.md"


@pytest.mark.slow
def test_every_python_block_runs(capsys):
    blocks = code_of(README)
    assert blocks
    names: dict[str, object] = {}
    with few_epochs(10):
        for block in blocks:
            exec(compile(block, str(README), "exec"), names)
    shown = capsys.readouterr().out
    vote, crowd = (float(p) for p in re.findall(r"([\d.]+)%", shown))
    assert crowd > vote
    assert "(20, 10, 10)" in shown


def test_it_names_both_commands_and_a_picture():
    text = README.read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in ("demo", "test"):
        assert f"`make {command}`" in text
        assert re.search(rf"^{command}:", makefile, re.M)
    (picture,) = re.findall(r"!\[.*\]\((.*)\)", text)
    assert (ROOT / picture).exists()


def test_it_is_a_screen_and_a_half():
    assert len(README.read_text(encoding="utf-8").splitlines()) < 90
