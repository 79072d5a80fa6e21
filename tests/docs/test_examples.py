"""The examples run, with less data and fewer epochs, and show what they promise."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from _scripts import few_epochs, run_script
from sklearn.datasets import load_digits
from sklearn.utils import Bunch

from skcrowd.datasets import make_annotations

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def no_figure_is_left():
    """Close what the examples draw."""
    yield
    plt.close("all")


def digits_as_labelme():
    """Eight digits and 59 simulated people, in the form of LabelMe."""
    X, truth = load_digits(n_class=8, return_X_y=True)
    X, truth = X.astype(np.float32), truth.astype(np.int64)
    kinds = {"average": 40, "biased": 9, "random": 10}
    crowd = make_annotations(truth[:1000], kinds, answers_per_item=3, random_state=0)
    return Bunch(
        X_train=X[:1000],
        annotations=crowd.annotations,
        gold_train=truth[:1000],
        X_test=X[1000:],
        gold_test=truth[1000:],
    )


def test_labelme(monkeypatch):
    monkeypatch.setattr("skcrowd.datasets.fetch_labelme", digits_as_labelme)
    printed, _ = run_script(EXAMPLES / "labelme_scenes.py")
    assert "1000 items" in printed
    vote, crowd = re.findall(r": ([\d.]+)% of other .*?, ([\d.]+)% of these", printed)
    assert [float(c) > float(v) for v, c in zip(vote, crowd, strict=True)] == [True] * 2
    (axes,) = plt.gcf().axes
    interval, estimated, right = *axes.collections, *axes.lines
    low, high = np.array([s[:, 1] for s in interval.get_segments()]).T
    assert len(low) > 20
    assert np.all((low <= estimated.get_ydata()) & (estimated.get_ydata() <= high))
    assert np.mean((low <= right.get_ydata()) & (right.get_ydata() <= high)) > 0.8


def test_ratings():
    with few_epochs(20):
        printed, _ = run_script(EXAMPLES / "plot_film_ratings.py")
    mean, crowd, corrected = map(float, re.findall(r"R² (0\.\d+)$", printed, re.M))
    assert mean < crowd < corrected


def test_names():
    with few_epochs(5):
        printed, _ = run_script(EXAMPLES / "plot_names_in_sentences.py")
    vote, crowd = map(float, re.findall(r"inferred (0\.\d+)", printed))
    assert crowd > vote + 0.1
    kinds = re.findall(r"^ *\d+ ([a-z]+) +[01]\.\d\d$", printed, re.M)
    assert len(kinds) == 16
    assert kinds[:2] == ["expert"] * 2


def test_tuning():
    with few_epochs(5):
        printed, _ = run_script(EXAMPLES / "plot_tuning_without_gold.py")
    (correlation,) = re.findall(r"rank correlation ([\d.]+)", printed)
    assert float(correlation) > 0.6


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
    with few_epochs(5):
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


def test_report():
    with few_epochs():
        printed, _ = run_script(EXAMPLES / "plot_report.py")
    assert re.search(r"Annotators +12 \(600 answers\)", printed)
