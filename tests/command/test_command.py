"""The command: files in, tables and pages out, errors on stderr."""

import csv
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from skcrowd.command import main
from skcrowd.command._main import SUBCOMMANDS
from skcrowd.datasets import make_annotations

NAMES = np.array(["cat", "cow", "dog"])
KINDS = {"expert": 3, "average": 2, "random": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a table of labels, one of ratings, spans, and features."""
    folder = tmp_path_factory.mktemp("command")
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 40)
    crowd = make_annotations(truth, KINDS, answers_per_item=4, random_state=0)
    y = crowd.annotations
    rows = [
        (f"t{i}", f"w{a}", NAMES[label], f"it says {NAMES[truth[i]]}")
        for i, a, label in zip(y.item, y.annotator, y.answer, strict=True)
    ]
    write(folder / "labels.csv", ("item", "annotator", "answer", "text"), rows)
    rated = [
        (f"t{i}", f"w{a}", round(truth[i] + 0.3 * rng.normal() + 0.2 * a, 2))
        for i in range(40)
        for a in range(3)
    ]
    write(folder / "ratings.csv", ("item", "annotator", "rating"), rated)
    vectors = [(f"t{i}", *(truth[i] == np.arange(3)).astype(int)) for i in range(40)]
    write(folder / "vectors.csv", ("item", "a", "b", "c"), vectors)
    items = np.array([row[0] for row in vectors])
    X = np.array([row[1:] for row in vectors], dtype=float)
    np.savez(folder / "vectors.npz", items=items[::-1], X=X[::-1])
    np.savetxt(folder / "truth.txt", truth, fmt="%d")
    spans = [
        {
            "text": f"Ann met Bob{hash_}",
            "spans": [{"start": 0, "end": 3, "label": "PER"}] * (annotator != "c"),
            "answer": "accept",
            "_annotator_id": annotator,
            "_input_hash": hash_,
            "_task_hash": hash_,
        }
        for hash_ in range(12)
        for annotator in "abc"
    ]
    lines = "\n".join(json.dumps(record) for record in spans)
    (folder / "spans.jsonl").write_text(lines)
    words = np.array(["poor", "fair", "good"])
    stars = [
        (f"t{i}", f"w{a}", words[min(max(truth[i] + step, 0), 2)])
        for i in range(40)
        for a in range(4)
        for step in rng.choice([-1, 0, 1], 1, p=[0.1, 0.8, 0.1]) + (a == 3)
    ]
    write(folder / "stars.csv", ("item", "annotator", "answer"), stars)
    frame = pd.DataFrame(stars, columns=["item", "annotator", "answer"])
    frame["answer"] = pd.Categorical(frame["answer"], words, ordered=True)
    frame.to_parquet(folder / "stars.parquet")
    sets = [
        (f"t{i}", f"w{a}", json.dumps(ticks), f"it says {NAMES[truth[i]]}")
        for i in range(40)
        for a in range(3)
        for ticks in [[NAMES[truth[i]], "pet"][: 1 + (i + a) % 2] if a < 2 else []]
    ]
    write(folder / "sets.csv", ("item", "annotator", "answer", "text"), sets)
    better = [f"t{i}" for i in np.argsort(-truth, kind="stable")]
    place = {name: k for k, name in enumerate(better)}
    pairs = [
        (first, second, "left" if place[first] < place[second] else "right", f"w{a}")
        for first, second in rng.permuted(np.tile(better, (40, 1)), axis=1)[:, :2]
        for a in range(3)
    ]
    header = "left", "right", "better", "annotator"
    write(folder / "pairs.csv", header, pairs)
    return folder


def write(path, header, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def read(text):
    return list(csv.DictReader(text.splitlines()))


def run(capsys, *arguments, code=0):
    """Run the command; return what it wrote to stdout and stderr."""
    assert main([str(argument) for argument in arguments]) == code
    return capsys.readouterr()


def test_consensus_of_labels(folder, capsys):
    out, err = run(capsys, "consensus", folder / "labels.csv")
    rows = read(out)
    truth = np.loadtxt(folder / "truth.txt", dtype=int)
    assert [row["item"] for row in rows] == [f"t{i}" for i in range(40)]
    right = [row["label"] == NAMES[k] for row, k in zip(rows, truth, strict=True)]
    assert np.mean(right) > 0.8
    assert all(0 < float(row["probability"]) <= 1 for row in rows)
    assert "40 items by 6 annotators" in err


def test_every_aggregator_of_its_kind(folder, capsys, tmp_path):
    path = tmp_path / "labels.csv"
    call = "consensus", folder / "labels.csv", "--quiet", "--method"
    out, err = run(capsys, *call, "majority_vote", "-o", path)
    assert (out, err) == ("", "")
    assert len(read(path.read_text())) == 40
    _, err = run(capsys, *call, "median", code=1)
    assert "choose one of consensus, majority_vote" in err


def test_consensus_of_ratings_and_spans(folder, capsys):
    out, _ = run(capsys, "consensus", folder / "ratings.csv", "--quiet")
    truth = np.loadtxt(folder / "truth.txt")
    ratings = [float(row["rating"]) for row in read(out)]
    assert np.corrcoef(ratings, truth)[0, 1] > 0.9
    out, _ = run(capsys, "consensus", folder / "spans.jsonl", "--quiet")
    assert json.loads(read(out)[0]["tags"]) == ["B-PER", "O", "O"]


FEW = "--epochs", "2"
FILES = ["labels.csv", "ratings.csv", "sets.csv", "spans.jsonl", "pairs.csv"]
FILES += ["stars.parquet"]
COLUMNS = {
    "labels.csv": {"label", "probability", "n_answers", "agreement"},
    "stars.parquet": {"label", "probability", "n_answers", "agreement"},
    "ratings.csv": {"rating", "n_answers"},
    "sets.csv": {"labels", "n_answers", "P(cat)", "P(cow)", "P(dog)", "P(pet)"},
    "spans.jsonl": {"tags", "spans"},
    "pairs.csv": {"score", "rank", "n_comparisons"},
}


@pytest.mark.parametrize("name", FILES)
def test_every_kind_without_features(name, folder, capsys, tmp_path):
    """All that asks for no model, and the page, which asks for all else."""
    out, _ = run(capsys, "consensus", folder / name, "--quiet")
    assert set(read(out)[0]) == COLUMNS[name] | {"item"}
    assert "Krippendorff's alpha" in run(capsys, "agreement", folder / name)[0]
    run(capsys, "agreement", folder / name, "-o", tmp_path / "agreement.csv")
    for row in read((tmp_path / "agreement.csv").read_text()):
        assert float(row["low"]) <= float(row["value"]) <= float(row["high"])
    out, _ = run(capsys, "annotators", folder / name, "--quiet", *FEW)
    assert len(out.splitlines()) >= 4
    out, _ = run(capsys, "next", folder / name, "--quiet", "-n", 2, *FEW)
    assert "expected_gain" in out
    path = tmp_path / "report.html"
    call = "report", folder / name, "-o", path, "--title", "My crowd", *FEW
    out, err = run(capsys, *call)
    assert out.startswith("My crowd")
    assert ("no features" in err) == (name != "spans.jsonl")
    assert path.read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("name", ["labels.csv", "ratings.csv", "spans.jsonl"])
def test_an_export_of_one_item(name, folder, capsys, tmp_path):
    """Nothing can be held out, and all is made nevertheless."""
    lines = (folder / name).read_text().splitlines(keepends=True)
    header, records = ([], lines) if name.endswith("jsonl") else (lines[:1], lines[1:])
    first = records[:3]  # those of one item
    path, page = tmp_path / name, tmp_path / "report.html"
    path.write_text("".join(header + first))
    assert len(read(run(capsys, "consensus", path, "--quiet")[0])) == 1
    run(capsys, "next", path, "--quiet", "-n", 1, *FEW)
    _, err = run(capsys, "report", path, "-o", page, *FEW)
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert ("a single item" in err) == (name == "spans.jsonl")
    if name == "labels.csv":
        _, err = run(capsys, "report", path, "--text", "text", "-o", page, *FEW)
        assert "a single item" in err


def test_a_report_where_one_of_several_texts_is_annotated(capsys, tmp_path):
    result = {"from_name": "l", "to_name": "text", "type": "labels"}
    span = {"start": 0, "end": 3, "text": "Ann", "labels": ["PER"]}
    given = [
        {"completed_by": annotator, "result": [result | {"value": span}]}
        for annotator in (1, 2)
    ]
    texts = ["Ann met Bob in Rome", "It rained"]
    tasks = [
        {"id": k, "data": {"text": text}, "annotations": [] if k else given}
        for k, text in enumerate(texts)
    ]
    path, page = tmp_path / "tasks.json", tmp_path / "report.html"
    path.write_text(json.dumps(tasks))
    _, err = run(capsys, "report", path, "-o", page, *FEW)
    assert "a single item has answers" in err
    assert page.read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("name", "features"),
    [
        *((name, "vectors.csv") for name in FILES if name != "spans.jsonl"),
        ("labels.csv", "--text"),
        ("sets.csv", "--text"),
        ("pairs.csv", "--text"),
        ("spans.jsonl", "--text"),
    ],
)
def test_every_kind_with_features(name, features, folder, capsys):
    given = [features, "--epochs", 8]
    if features != "--text":
        given = ["--features", folder / features, "--epochs", 8]
    out, err = run(capsys, "consensus", folder / name, *given)
    rows = read(out)
    assert set(rows[0]) - {"std"} == COLUMNS[name] | {"item"}
    assert "no features" not in err
    truth = np.loadtxt(folder / "truth.txt", dtype=int)
    if name == "labels.csv":
        right = [row["label"] == NAMES[k] for row, k in zip(rows, truth, strict=True)]
        assert np.mean(right) > 0.9
    if name == "pairs.csv":
        assert rows[0]["rank"] == "1"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("labels.csv", ["--text"]),
        ("labels.csv", ["--features", "vectors.npz"]),
        ("stars.parquet", ["--features", "vectors.npz"]),
        ("ratings.csv", ["--features", "vectors.csv"]),
        ("sets.csv", ["--text", "text"]),
        ("spans.jsonl", []),
    ],
)
def test_a_model_predicts_new_items(name, given, folder, capsys, tmp_path):
    model, new = tmp_path / "crowd.model", tmp_path / "new.csv"
    given = [folder / part if "." in part else part for part in given]
    n_epochs = 40 if name == "stars.parquet" else 10
    call = "train", folder / name, *given, "-o", model, "--epochs", n_epochs
    assert f"written: {model}" in run(capsys, *call)[1]
    if "--features" in given:
        write(new, ("item", "a", "b", "c"), [("n1", 1, 0, 0), ("n2", 0, 0, 1)])
    else:
        write(new, ("id", "text"), [("n1", "it says cat"), ("n2", "Ann met Bob1")])
    rows = read(run(capsys, "predict", model, new)[0])
    assert [row["item"] for row in rows] == ["n1", "n2"]
    if name == "labels.csv":
        assert rows[0]["label"] == "cat"
    if name == "stars.parquet":
        assert [row["label"] for row in rows] == ["poor", "good"]
    if name == "spans.jsonl":
        assert json.loads(rows[1]["spans"]) == [[0, 3, "PER"]]


def test_what_makes_no_sense_is_refused(folder, capsys, tmp_path):
    text = "--text"
    cases = [
        (["train", folder / "labels.csv"], "there is nothing to learn from"),
        (["train", folder / "pairs.csv", text], "preferences cannot be kept"),
        (["train", folder / "ratings.csv", text], "not certain which column"),
        (["consensus", folder / "labels.csv", text, "--method", "glad"], "leave it"),
        (["consensus", folder / "spans.jsonl", "--method", "glad"], "leave it out"),
        (
            ["next", folder / "spans.jsonl", "--features", folder / "vectors.csv"],
            "learned from their texts",
        ),
        (["consensus", folder / "labels.csv", "--question", "q"], "without the option"),
        (["agreement", folder / "stars.csv", "--ordinal"], "LOWEST,...,HIGHEST"),
        (["agreement", folder / "stars.csv", "--order", "good,fair"], "['poor']"),
        (["agreement", folder / "sets.csv", "--ordinal"], "are one label each"),
        (["predict", folder / "labels.csv", folder / "vectors.csv"], "is no model"),
    ]
    for call, expected in cases:
        assert expected in run(capsys, *call, code=1)[1]
    assert not list(tmp_path.iterdir())


def test_features_that_cannot_be_read(folder, capsys, tmp_path):
    path = tmp_path / "features.csv"
    for text, expected in [
        ("", "features.csv is empty"),
        ("item\nt0\n", "has no features"),
        ("item,a\n", "has a header, but no row"),
        ("item,a\nt0,nan\n", "NaN"),
        ("item,a\nt0,1\nt0,2\n", "twice"),
        ("item,a\nt0,1,2\n", "row 1 (line 2) has 3 fields, but there are 2 columns"),
    ]:
        path.write_text(text)
        call = "annotators", folder / "labels.csv", "--features", path
        assert expected in run(capsys, *call, code=1)[1]
    np.savez(tmp_path / "X.npz", items=["t0"], X=np.zeros(3))
    call = "annotators", folder / "labels.csv", "--features", tmp_path / "X.npz"
    assert "a row of numbers" in run(capsys, *call, code=1)[1]


def test_annotators_best_first(folder, capsys):
    out, _ = run(capsys, "annotators", folder / "labels.csv", "--quiet")
    names = [line.split()[0] for line in out.splitlines()[1:]]
    assert names[-1] == "w5"  # who answers at random
    assert set(names) == {f"w{a}" for a in range(6)}


@pytest.mark.parametrize("name", ["vectors.csv", "vectors.npz"])
def test_features_are_matched_by_item(name, folder, capsys):
    features = "--features", folder / name
    call = "annotators", folder / "labels.csv", "--quiet", *features, *FEW
    out, _ = run(capsys, *call)
    assert len(out.splitlines()) == 7
    _, err = run(capsys, "next", folder / "labels.csv", "-n", 3, *features, *FEW)
    assert "no features" not in err


def test_next_questions(folder, capsys, tmp_path):
    path = tmp_path / "queue.csv"
    run(capsys, "next", folder / "labels.csv", "-n", 5, "-o", path, *FEW)
    rows = read(path.read_text())
    assert len(rows) == 5
    assert {"item", "annotator", "expected_gain"} <= set(rows[0])


@pytest.mark.parametrize("text", [["--text"], ["--text", "text"]])
def test_a_page_from_texts(text, folder, capsys, tmp_path):
    path = tmp_path / "report.html"
    _, err = run(capsys, "report", folder / "labels.csv", "-o", path, *text, *FEW)
    assert "no features" not in err
    assert "labels.csv" in path.read_text()


def test_errors_are_one_line(folder, capsys, tmp_path):
    _, err = run(capsys, "consensus", tmp_path / "none.csv", code=1)
    assert err.startswith("skcrowd: error: ")
    assert "none.csv" in err
    nowhere = tmp_path / "none" / "labels.csv"
    _, err = run(capsys, "consensus", folder / "labels.csv", "-o", nowhere, code=1)
    assert "there is no folder" in err
    broken = tmp_path / "broken.csv"
    broken.write_text("a,b\n1,2\n")
    _, err = run(capsys, "agreement", broken, code=1)
    assert "pass --annotator, one of" in err
    broken.write_text("a,b,c\n1,x,yes\n")
    columns = "--item", "a", "--annotator", "b", "--answer", "c"
    assert "1,yes" in run(capsys, "consensus", broken, *columns)[0]
    few = tmp_path / "few.csv"
    few.write_text("item,a\nt0,1\n")
    call = "annotators", folder / "labels.csv", "--quiet", "--features", few
    _, err = run(capsys, *call, code=1)
    assert "no features of 39 of 40 items, such as 't1'" in err
    few.write_text("item,a\nt0,x\n")
    assert "few.csv, row 1 (line 2): " in run(capsys, *call, code=1)[1]
    with pytest.raises(OSError, match="none"):
        main(["consensus", "--debug", str(tmp_path / "none.csv")])


@pytest.mark.parametrize(
    ("module", "extra", "call"),
    [
        ("pandas", "pandas", ["annotators"]),
        ("pandas", "pandas", ["next"]),
        ("pandas", "pandas", ["report"]),
        ("pandas", "pandas", ["consensus", "--text"]),
        ("safetensors", "safe", ["train", "--text"]),
    ],
)
def test_what_is_not_installed_is_said_at_once(
    module, extra, call, folder, capsys, monkeypatch
):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr("skcrowd.command._subcommand.read_answers", None)
    name, *options = call
    out, err = run(capsys, name, folder / "labels.csv", *options, code=1)
    assert out == ""
    assert err == (
        f"skcrowd: error: this needs {module}, which is not installed: "
        f'pip install "skcrowd[{extra}]"\n'
    )


def test_wrong_calls(capsys):
    assert main([]) == 2
    assert "examples:" in capsys.readouterr().out
    with pytest.raises(SystemExit) as error:
        main(["consensus"])
    assert error.value.code == 2


@pytest.mark.parametrize("command", SUBCOMMANDS, ids=lambda command: command.name)
def test_help_has_an_example(command, capsys):
    with pytest.raises(SystemExit) as error:
        main([command.name, "--help"])
    assert error.value.code == 0
    assert f"  skcrowd {command.name} " in capsys.readouterr().out


@pytest.mark.slow
def test_it_runs_as_a_module(folder):
    call = [sys.executable, "-m", "skcrowd", "consensus", folder / "labels.csv"]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("item,label")


def test_an_order_that_is_said_is_that_of_ordered_categories(folder, capsys):
    said = "--order", "poor, fair,good"
    for subcommand in ("consensus", "agreement"):
        expected, note = run(capsys, subcommand, folder / "stars.parquet")
        assert run(capsys, subcommand, folder / "stars.csv", *said)[0] == expected
        assert "3 classes, from lowest to highest: ['poor', 'fair', 'good']" in note
    assert "alpha (ordinal)" in expected
    assert "alpha (ordinal)" not in run(capsys, "agreement", folder / "stars.csv")[0]
    out, _ = run(capsys, "annotators", folder / "stars.csv", *said, *FEW)
    header, *rows = (line.split() for line in out.splitlines())
    assert {"rank_bias", "rank_error"} <= set(header)
    assert rows[-1][0] == "w3"  # who answers a step too high


def test_numbers_have_an_order_if_that_is_said(folder, capsys, tmp_path):
    frame = pd.read_csv(folder / "stars.csv")
    frame["answer"] = frame["answer"].map({"poor": 1, "fair": 2, "good": 3})
    frame.to_csv(tmp_path / "numbers.csv", index=False)
    call = "consensus", tmp_path / "numbers.csv", "--quiet", "--ordinal"
    numbers = read(run(capsys, *call)[0])
    words = read(run(capsys, "consensus", folder / "stars.parquet")[0])
    assert [row["probability"] for row in numbers] == [
        row["probability"] for row in words
    ]
    path = tmp_path / "page.html"
    run(capsys, "report", *call[1:], "-o", path, *FEW)
    assert "alpha for labels with an order" in path.read_text()


@pytest.fixture(scope="module")
def soft(tmp_path_factory):
    """A table of distributions over three labels, by three annotators."""
    path = tmp_path_factory.mktemp("soft") / "soft.csv"
    rng = np.random.default_rng(3)
    truth = rng.integers(3, size=30)
    shares = np.eye(3)[truth][:, None] + 0.3 * rng.random((30, 3, 3))
    shares /= shares.sum(axis=2, keepdims=True)
    rows = [
        (f"t{i}", f"w{a}", *shares[i, a].round(6))
        for i in range(30)
        for a in range(3)
        if (i + a) % 4
    ]
    header = "item", "annotator", *(f"p_{name}" for name in NAMES)
    write(path, header, rows)
    return path, [NAMES[label] for label in truth]


@pytest.mark.parametrize(
    "columns", ["p_", "cat=p_cat,cow=p_cow, dog=p_dog"], ids=["begin", "each"]
)
def test_probabilities_are_answers(columns, soft, capsys):
    path, truth = soft
    call = "--quiet", "--probabilities", columns, path
    found = read(run(capsys, "consensus", *call)[0])
    assert [row["label"] for row in found] == truth
    assert "alpha" in run(capsys, "agreement", *call)[0]


def test_a_report_and_questions_of_probabilities(soft, capsys, tmp_path):
    path, _ = soft
    call = path, "--quiet", "--probabilities", "p_", "--epochs", "2"
    page = tmp_path / "report.html"
    run(capsys, "report", *call, "-o", page)
    assert "w1" in page.read_text()
    queries = tmp_path / "next.csv"
    run(capsys, "next", *call, "--number", 4, "-o", queries)
    assert len(read(queries.read_text())) == 4


def test_probabilities_of_sets_are_answers(soft, capsys):
    call = soft[0], "--quiet", "--kind", "sets", "--probabilities", "p_"
    found = read(run(capsys, "consensus", *call)[0])
    assert [json.loads(row["labels"]) for row in found] == [[name] for name in soft[1]]


def test_wrong_probabilities_are_said(soft, capsys):
    call = "consensus", soft[0], "--probabilities"
    _, err = run(capsys, *call, "q_", code=1)
    assert "--probabilities 'q_' finds the columns []" in err
    _, err = run(capsys, *call, "cat=p_cat,p_dog", code=1)
    assert "--probabilities cat=p_cat,p_dog: write the beginning of the names" in err
    _, err = run(capsys, "consensus", soft[0], code=1)
    assert "of each label by --probabilities, the beginning" in err
    _, err = run(capsys, *call, "p_", "--answer", "p_cat", code=1)
    assert "leave out answer" in err


def test_advice_on_probabilities_is_of_the_command(tmp_path, capsys):
    path = tmp_path / "p.csv"
    path.write_text("item,annotator,p_cat,p_dog\n1,a,0.5,0.5\n2,a,0.1,0.9\n")
    for columns in ("cat=p_cat,dog", "q_"):
        assert (
            main(["consensus", "--quiet", "--probabilities", columns, str(path)]) != 0
        )
        told = capsys.readouterr().err
        assert "LABEL=COLUMN for each" in told
        assert "--label" not in told
        assert "dict" not in told


def json_lines(path, rows):
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "given",
    [
        ("--annotators", "ann", "bob", "cy"),
        ("--annotators", "ann, bob,cy"),
        ("--annotators", "ann,bob,cy", "--item", "nr"),
    ],
)
def test_columns_of_a_wide_table_of_json_are_named(given, tmp_path, capsys):
    rows = [
        {"item": k, "nr": k, "ann": mood, "bob": mood, "cy": "so"}
        for k, mood in enumerate(["good", "bad"])
    ]
    path = json_lines(tmp_path / "wide.jsonl", rows)
    out, _ = run(capsys, "consensus", path, "--quiet", *given)
    assert [row["label"] for row in read(out)] == ["good", "bad"]


def test_columns_of_a_long_table_of_json_are_named(tmp_path, capsys):
    rows = [
        {"review": k, "who": name, "mood": mood}
        for k, mood in enumerate(["good", "bad"])
        for name in "ab"
    ]
    path = json_lines(tmp_path / "long.jsonl", rows)
    names = "--item", "review", "--annotator", "who", "--answer", "mood"
    out, _ = run(capsys, "consensus", path, "--quiet", *names)
    assert [row["label"] for row in read(out)] == ["good", "bad"]
    _, err = run(capsys, "consensus", path, "--quiet", code=1)
    assert "of a table, --item, --annotator, --answer, the names of its columns" in err


def test_probabilities_in_json_are_found(tmp_path, capsys):
    rows = [
        {"item": k, "worker": name, "p_good": share, "p_bad": 1 - share}
        for k, share in enumerate([0.75, 0.25])
        for name in "ab"
    ]
    path = json_lines(tmp_path / "shares.json", rows)
    out, _ = run(capsys, "consensus", path, "--quiet", "--probabilities", "p_")
    assert [row["label"] for row in read(out)] == ["good", "bad"]


def test_what_is_not_used_or_not_left_is_said(tmp_path, capsys):
    path = tmp_path / "y.csv"
    rows = "1,a,x,x\n1,b,x,x\n1,c,y,x\n2,a,y,\n2,b,y,\n2,c,x,\n"
    path.write_text(f"item,annotator,label,gold\n{rows}")
    _, err = run(capsys, "consensus", path)
    assert "true answers are not used here" in err
    _, err = run(capsys, "next", path)
    assert "there is nothing to ask" in err


def test_what_is_said_of_answers(tmp_path, capsys):
    path = tmp_path / "y.csv"
    rows = "1,a,x,1,.9,3\n1,b,y,5,.5,4\n2,a,?,1,.2,5\n2,b,y,1,.7,6\n"
    path.write_text(f"item,annotator,label,n,sure,took\n{rows}")
    call = "consensus", path, "--method", "majority_vote"
    out, err = run(capsys, *call, "--weight", "n", "--unsure", "?, dk")
    assert "2 classes: ['x', 'y']" in err
    assert [row["label"] for row in read(out)] == ["y", "y"]
    run(capsys, *call, "--confidence", "sure", "--time", "took")
    _, err = run(capsys, *call, "--separator", "", code=1)
    assert "separator is empty" in err


def test_details_that_the_file_lacks(tmp_path, capsys):
    path = tmp_path / "y.csv"
    path.write_text("item,annotator,label\n1,a,x\n1,b,y\n")
    _, err = run(capsys, "consensus", path, "--weight", "n", code=1)
    assert "--weight 'n' is no column" in err
