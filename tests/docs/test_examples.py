"""The examples run, with less data and fewer epochs, and show what they promise."""

import re
from pathlib import Path

import pytest
from _scripts import run_script

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"

pytestmark = pytest.mark.slow


def test_ratings():
    printed, _ = run_script(EXAMPLES / "demo_ratings.py", "--quick")
    mean, crowd, corrected = map(float, re.findall(r": +(0\.\d+)$", printed, re.M))
    assert mean < crowd < corrected
    scales = re.findall(r"random .*\) +(-?[\d.]+) \( 0.00\)", printed)
    assert len(scales) == 3
    assert all(abs(float(scale)) < 0.5 for scale in scales)


def test_names():
    printed, _ = run_script(EXAMPLES / "demo_names.py", "--quick")
    scores = re.findall(r"tags (0\.\d+), others (0\.\d+)", printed)
    (vote, vote_test), (crowd, crowd_test) = (map(float, pair) for pair in scores)
    assert crowd > vote + 0.1
    assert crowd_test > vote_test + 0.03
    kinds = re.findall(r"^ *\d+ ([a-z]+) +[01]\.\d\d$", printed, re.M)
    assert len(kinds) == 16
    assert kinds[:2] == ["expert"] * 2


def test_tuning():
    printed, _ = run_script(EXAMPLES / "demo_tuning.py", "--quick")
    shares = re.findall(r"([\d.]+)% right", printed)
    vote, default, tuned = map(float, shares)
    assert vote + 10 < default < tuned - 3


def test_checkpoint():
    printed, _ = run_script(EXAMPLES / "demo_checkpoint.py", "--quick")
    assert "The process ended with -9." in printed
    left, epochs = re.search(r"Resumed, (\d+) of (\d+)", printed).groups()
    assert int(left) < int(epochs)
    assert "Equal to the last bit: True" in printed
    assert "Files that are left: 0" in printed


def test_demo(tmp_path):
    picture = tmp_path / "confusions.png"
    options = "--quick", "--picture", picture
    printed, bar = run_script(EXAMPLES / "demo_digits.py", *options)
    accuracy = {
        name.strip(): float(percent)
        for name, percent in re.findall(r"\| ([^|]+)\| +([\d.]+)% \|", printed)
    }
    others = {"majority vote", "Dawid-Skene", "crowd layer", "EM", "KD-Crowd"}
    assert {"gold", "regularized EM", *others} <= set(accuracy)
    for name in ("EM", "regularized EM", "KD-Crowd"):
        assert accuracy["gold"] + 0.5 > accuracy[name] > accuracy["majority vote"]
    verdicts = re.findall(r"(SPAMMER|ADVERSARY) +\| ([a-z ]+?) +\|", printed)
    assert ("SPAMMER", "one class") in verdicts
    assert ("ADVERSARY", "adversarial") in verdicts
    assert "100%" in bar
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_report(tmp_path):
    path = tmp_path / "report.html"
    printed, _ = run_script(EXAMPLES / "demo_report.py", "--path", path)
    assert re.search(r"Annotators +12 \(600 answers\)", printed)
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
