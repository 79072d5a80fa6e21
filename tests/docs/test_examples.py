"""The examples run and show what they promise."""

import re
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


def test_ratings():
    command = [sys.executable, EXAMPLES / "demo_ratings.py"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    mean, crowd, corrected = map(float, re.findall(r": +(0\.\d+)$", done.stdout, re.M))
    assert mean < crowd < corrected
    scales = re.findall(r"random .*\) +(-?[\d.]+) \( 0.00\)", done.stdout)
    assert len(scales) == 3
    assert all(abs(float(scale)) < 0.5 for scale in scales)


def test_names():
    command = [sys.executable, EXAMPLES / "demo_names.py"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    scores = re.findall(r"tags (0\.\d+), others (0\.\d+)", done.stdout)
    (vote, vote_test), (crowd, crowd_test) = (map(float, pair) for pair in scores)
    assert crowd > vote + 0.1
    assert crowd_test > vote_test + 0.1
    kinds = re.findall(r"^ *\d+ ([a-z]+) +[01]\.\d\d$", done.stdout, re.M)
    assert len(kinds) == 16
    assert kinds[:2] == ["expert"] * 2


def test_tuning():
    command = [sys.executable, EXAMPLES / "demo_tuning.py"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    shares = re.findall(r"([\d.]+)% right", done.stdout)
    vote, default, tuned = map(float, shares)
    assert vote + 10 < default < tuned - 3


def test_checkpoint():
    command = [sys.executable, EXAMPLES / "demo_checkpoint.py"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "The process ended with -9." in done.stdout
    left, epochs = re.search(r"Resumed, (\d+) of (\d+)", done.stdout).groups()
    assert int(left) < int(epochs)
    assert "Equal to the last bit: True" in done.stdout
    assert "Files that are left: 0" in done.stdout


def test_demo(tmp_path):
    picture = tmp_path / "confusions.png"
    command = [sys.executable, EXAMPLES / "demo_digits.py", "--picture", picture]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    accuracy = {
        name.strip(): float(percent)
        for name, percent in re.findall(r"\| ([^|]+)\| +([\d.]+)% \|", done.stdout)
    }
    others = {"majority vote", "Dawid-Skene", "crowd layer", "EM", "KD-Crowd"}
    assert {"gold", "regularized EM", *others} <= set(accuracy)
    for name in ("EM", "regularized EM", "KD-Crowd"):
        assert accuracy["gold"] + 0.5 > accuracy[name] > accuracy["majority vote"]
    verdicts = re.findall(r"(SPAMMER|ADVERSARY) +\| ([a-z ]+?) +\|", done.stdout)
    assert ("SPAMMER", "one class") in verdicts
    assert ("ADVERSARY", "adversarial") in verdicts
    assert "100%" in done.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")
