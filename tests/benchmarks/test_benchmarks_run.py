"""Every benchmark runs on a tiny problem, so that none rots."""

import json
import subprocess
import sys
from itertools import chain, repeat
from pathlib import Path

import numpy as np
import pytest
from _scripts import few_epochs, run_script
from scipy import sparse

from skcrowd.aggregation import Consensus
from skcrowd.annotations import Annotations
from skcrowd.datasets import make_annotations

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"

pytestmark = pytest.mark.slow


@pytest.fixture
def labelme_folder(tmp_path):
    """A small stand-in for LabelMe, in the form of its file."""
    rng = np.random.default_rng(0)
    gold = {split: rng.permutation(np.arange(80) % 8) for split in ("train", "test")}
    centres = rng.uniform(size=(8, 12))
    crowd = make_annotations(gold["train"], 6, answers_per_item=3, random_state=0)
    np.savez(
        tmp_path / "labelme.npz",
        annotations=crowd.annotations.to_dense().astype(np.int8),
        **{f"gold_{split}": labels for split, labels in gold.items()},
        **{
            f"X_{split}": (centres[labels] + rng.uniform(size=(80, 12))).astype("f4")
            for split, labels in gold.items()
        },
    )
    return tmp_path


@pytest.fixture
def reviews_folder(tmp_path):
    """A small stand-in for the film reviews, in the form of their file."""
    rng = np.random.default_rng(0)
    stored = {}
    for split in ("train", "test"):
        stored[f"gold_{split}"] = gold = rng.uniform(size=60)
        words = sparse.csr_matrix(rng.poisson(2 * gold[:, None], (60, 15)))
        for part in ("data", "indices", "indptr", "shape"):
            stored[f"X_{split}_{part}"] = np.asarray(getattr(words, part))
    crowd = make_annotations(
        stored["gold_train"], 6, kind="numbers", answers_per_item=3, random_state=0
    )
    dense = crowd.annotations.to_dense().astype("f4")
    np.savez(tmp_path / "moviereviews.npz", annotations=dense, **stored)
    return tmp_path


@pytest.fixture
def conll_folder(tmp_path):
    """A small stand-in for the tagged sentences, in the form of their two files."""
    rng = np.random.default_rng(0)
    words = np.array(["Ann", "Bob", "met", "and", "saw", "U.S."])
    stored, embeddings = {"labels": np.array(["O", "B-PER", "I-PER"])}, {}
    for split in ("train", "test"):
        lengths = rng.integers(2, 6, size=30)
        word = rng.integers(6, size=lengths.sum())
        stored[f"{split}_lengths"] = lengths.astype("i4")
        stored[f"{split}_tokens"] = np.array("\n".join(words[word]))
        stored[f"{split}_gold"] = (word < 2).astype("i1")
        embeddings[split] = np.eye(6, dtype="f2")[word]
    gold, lengths = stored["train_gold"][:, None], stored["train_lengths"]
    answers = gold * (rng.random((len(gold), 4)) < 0.8)
    unseen = np.eye(4, dtype=bool)[rng.integers(4, size=30)].repeat(lengths, axis=0)
    stored["train_annotations"] = np.where(unseen, -1, answers).astype("i1")
    np.savez(tmp_path / "conll_mturk.npz", **stored)
    np.savez(tmp_path / "conll_mturk_minilm64.npz", **embeddings)
    return tmp_path


def run(name, output, *options, files=None):
    with few_epochs():
        run_script(FOLDER / f"{name}.py", "--quick", "--output", output, *options)
    read = [read_results(output, file) for file in files or [name]]
    return read if files else read[0]


def read_results(output, name):
    table = (output / f"{name}.md").read_text(encoding="utf-8")
    return table, json.loads((output / f"{name}.json").read_text(encoding="utf-8"))


def test_labelme(tmp_path, labelme_folder):
    wanted = ["gold", "vote", "Dawid", "example", "layer MW", "em", "CrowdClassifier()"]
    options = ["--data", str(labelme_folder), "--only", *wanted]
    table, raw = run("labelme", tmp_path / "out", *options)
    names = {result["row"] for result in raw["results"]}
    assert {"gold labels", "crowd layer MW", "em"} <= names
    assert {
        "CrowdClassifier(), uneven",
        "CrowdClassifier(), class shares known",
    } <= names
    for result in raw["results"]:
        assert f"| {result['row']} | {result['features']} |" in table
        (only,) = result["runs"]
        assert 0 <= only["accuracy"] <= 1
        assert sum(only["predicted_per_class"]) == 80
    assert raw["environment"]["versions"]["skcrowd"]
    options[-len(wanted) :] = ["crowd layer VW", "--update"]
    _, updated = run("labelme", tmp_path / "out", *options)
    kept = {r["row"]: r for r in updated["results"]}
    assert set(kept) - names == {"crowd layer VW", "crowd layer VW+B"}
    assert all(r in updated["results"] for r in raw["results"])
    assert list(kept).index("crowd layer VW") == list(kept).index("crowd layer MW") + 1


def test_defaults(tmp_path):
    table, raw = run(
        "defaults", tmp_path, "--only", "all defaults", "features standardised"
    )
    assert "| all defaults |" in table
    for by_data in raw["results"].values():
        for result in by_data.values():
            assert 0 <= result["accuracy"][0] <= 1


def test_movie_reviews(tmp_path, reviews_folder):
    table, raw = run("movie_reviews", tmp_path / "out", "--data", str(reviews_folder))
    names = {result["row"] for result in raw["results"]}
    assert {"gold ratings", "Ridge on mean", "em", "crowd layer S+B"} <= names
    for result in raw["results"]:
        assert f"| {result['row']} |" in table
        (only,) = result["runs"]
        assert only["r2"] <= only["r2_without_offset"] <= 1
        assert 0 < only["mae"] <= only["rmse"]
    few = {r["row"]: r["runs"][0]["r2_without_offset"] for r in raw["results"]}
    assert few["em"] == pytest.approx(few["em, 20 gold ratings for the offset"])


def test_rating_defaults(tmp_path):
    table, raw = run("rating_defaults", tmp_path, "--only", "all defaults", "lr=3e-3")
    assert "| all defaults |" in table
    for by_data in raw["results"].values():
        for result in by_data.values():
            assert result["score"][0] <= 1
            assert result["inferred"][0] <= 1


def test_default_networks(tmp_path):
    rows = "gold: wine", "crowd: diabetes"
    table, raw = run("default_networks", tmp_path, "--only", *rows)
    assert len(raw["results"]) == 2
    for name, (only,) in raw["results"].items():
        assert f"| {name} |" in table
        assert set(only["scores"]) >= {"default network", "forest"}
        assert all(score <= 1 for score in only["scores"].values())


def test_tuning(tmp_path):
    table, raw = run("tuning", tmp_path, "--only", "many features")
    names = [f"many features, simulated {kind}" for kind in ("crowd", "ratings")]
    assert [result["task"] for result in raw["results"]] == names
    for result in raw["results"]:
        assert f"| {result['task']} |" in table
        assert all(result[way] <= 1 for way in ("default", "vote", "answers"))
        assert set(result["chosen"]) == {"vote", "answers"}


def test_ordinal(tmp_path):
    table, raw = run("ordinal", tmp_path)
    assert table.count("| ordered classes |") == 6
    assert len(raw["results"]) == 10


def test_multilabel(tmp_path):
    wanted = ["CrowdMultilabelClassifier()", "a label", "vote, then"]
    table, raw = run("multilabel", tmp_path, "--sets", "digits", "--only", *wanted)
    (rows,) = raw["results"].values()
    assert len(rows) == 3
    for name, (only,) in rows.items():
        assert f"| {name} |" in table
        assert 0 <= only["micro"] <= 1


def test_label_quality(tmp_path):
    name = "even, 30 people, 3 answers"
    table, raw = run("label_quality", tmp_path, "--sets", name)
    found = raw["results"]
    for row in ("vote share", "skcrowd, in sample", "skcrowd"):
        assert table.count(f"| {name}: {row} |") == 2
        (only,) = found[f"errors | {name} | {row}"]
        for measure in ("votes", "answers", "own", "consensus", "ece", "inside"):
            assert 0 <= only[measure] <= 1
    (groups,) = found[f"intervals | {name}"]
    assert sum(n for n, _, _ in groups.values()) == 30
    bought = {key for key in found if key.startswith("buying | ")}
    assert f"buying | {name} | next_queries" in bought
    assert len(bought) == 2 * 5


def test_dependence(tmp_path):
    table, raw = run("dependence", tmp_path, "--items", "60")
    assert "False alarms" in table
    alarms = raw["cells"]["False alarms"]["10 annotators"]
    assert {"5 classes", "ratings to a decimal", "five stars", "tags"} < set(alarms)
    assert set(alarms.values()) <= {0.0, 100.0}
    most = raw["cells"]["Copies who are most annotators"]
    assert most["50 % right, 0 % own answers"]["5 classes, named"] == 100.0
    assert "4 always right, 3 others" in table


def test_hostile_reports(tmp_path):
    table, raw = run("hostile_reports", tmp_path, "--sets", "7 of 10 are copies")
    (found,) = raw["results"]["7 of 10 are copies"]
    assert {"vote", "consensus", "expected", "holds", "width"} < set(found)
    assert all(0 <= value <= 1 for value in found.values())
    assert "| 7 of 10 are copies |" in table


def test_truth_inference(tmp_path):
    gold = np.arange(60) % 3
    crowd = make_annotations(gold, 6, answers_per_item=4, random_state=0).annotations
    parts = {"item": crowd.item, "annotator": crowd.annotator, "answer": crowd.answer}
    stored = {**parts, "gold": gold, "classes": np.arange(3)}
    named = {f"tiny/{name}": values for name, values in stored.items()}
    np.savez(tmp_path / "truth_inference.npz", **named)
    options = "--data", str(tmp_path), "--only", "majority_vote", "consensus"
    table, raw = run("truth_inference", tmp_path / "out", *options)
    assert "| consensus |" in table
    found = {row["aggregator"]: row["values"] for row in raw["accuracy"]}
    assert set(found) >= {"majority_vote", "consensus"}
    assert all(0.5 < value <= 1 for values in found.values() for value in values)


def test_truth_inference_is_updated(tmp_path):
    truth = np.arange(60) % 3
    crowd = make_annotations(truth, 6, answers_per_item=4, random_state=0).annotations
    parts = {"item": crowd.item, "annotator": crowd.annotator, "answer": crowd.answer}
    stored = {**parts, "gold": truth, "classes": np.arange(3)}
    named = {f"tiny/{name}": values for name, values in stored.items()}
    np.savez(tmp_path / "truth_inference.npz", **named)
    options = "--data", str(tmp_path), "--only"
    run("truth_inference", tmp_path / "out", *options, "majority_vote")
    table, _ = run("truth_inference", tmp_path / "out", *options, "wawa", "--update")
    assert "| majority_vote |" in table
    assert "| wawa |" in table


def test_truth_inference_scales(tmp_path):
    table, raw = run("truth_inference_scales", tmp_path, "--data", str(tmp_path))
    assert "| ordinal |" in table
    assert "| gaussian |" in table
    assert {row["crowd"] for row in raw["ratings"]} >= {"normal", "zeros"}


@pytest.mark.usefixtures("in_this_process")
def test_truth_inference_speed(tmp_path):
    table, raw = run("truth_inference_speed", tmp_path)
    assert "| skcrowd float32 | 50,000 |" in table
    assert all(row["right"] > 0.85 for row in raw["rows"])


def test_truth_inference_dask(tmp_path):
    table, raw = run("truth_inference_dask", tmp_path)
    assert "| 50,000 |" in table
    assert raw["rows"][0]["right"] > 0.85


def test_truth_inference_simulated(tmp_path):
    table, raw = run("truth_inference_simulated", tmp_path)
    assert "| one answer |" in table
    assert raw["results"]["one answer"]["consensus"] == pytest.approx(
        raw["results"]["one answer"]["majority_vote"]
    )


def test_truth_inference_left_out(tmp_path):
    save_crowd(tmp_path / "truth_inference.npz")
    cache = tmp_path / "cache"
    options = "--data", str(tmp_path), "--cache", str(cache)
    table, raw = run("truth_inference_left_out", tmp_path / "out", *options)
    assert "| mean of 1 |" in table
    (name,) = raw["accuracy"]
    found = raw["accuracy"][name]
    assert len(found) == len(raw["rules"])
    stored = np.load(tmp_path / "truth_inference.npz")
    columns = (stored[f"{name}/{part}"] for part in ("item", "annotator", "answer"))
    posterior = Consensus().fit(Annotations.from_long(*columns)).predict_proba()
    right = posterior.argmax(axis=1) == stored[f"{name}/gold"]
    assert found[raw["default"]] == pytest.approx(right.mean(), abs=0.02)  # ties
    (path,) = cache.iterdir()
    kept = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(kept | {"vote": 0.25}), encoding="utf-8")
    _, again = run("truth_inference_left_out", tmp_path / "out", *options)
    assert again["vote"] == {name: 0.25}
    assert again["accuracy"] == raw["accuracy"]


def test_model_evaluation(tmp_path):
    kinds = "4 classes, 3 answers, good", "ratings, 3 answers, good"
    names = *kinds, "copies", "spans, 3 answers, mixed"
    table, raw = run("model_evaluation", tmp_path, "--only", *names)
    assert "4 classes, 3 answers, good" in table
    rows = raw["results"]["spans, 3 answers, mixed"]
    assert {"model", "difference", "gold", "error"} <= set(rows[0])


def test_annotator_accuracy(tmp_path):
    save_crowd(tmp_path / "truth_inference.npz")
    options = "--data", str(tmp_path)
    table, raw = run("annotator_accuracy", tmp_path / "out", *options)
    assert "| adversary |" in table
    assert "| 300 items, 5 answers of 40 |" in table
    many, few = (raw["results"].get(f"real | small | {n}") for n in ("many", "few"))
    assert sum(found["annotators"] for found in (many, few) if found) == 6
    assert raw["results"]["ordered | biased | 100"]["annotators"] == 1
    assert raw["results"]["ordered job | average | 60"]["annotators"] == 4
    perfect = raw["results"]["kind | perfect | 300"]
    assert perfect["annotators"] == 1
    assert perfect["error"] < 0.1


def test_annotator_accuracy_tags(tmp_path, conll_folder):
    options = "--data", str(conll_folder)
    table, raw = run("annotator_accuracy_tags", tmp_path / "out", *options)
    assert "| span_f1 |" in table
    assert set(raw["results"]) == {
        "accuracy",
        "span_precision",
        "span_recall",
        "span_f1",
    }


def save_crowd(path):
    """Save a small crowd in the form of truth_inference.npz."""
    truth = np.arange(60) % 3
    y = make_annotations(truth, 6, answers_per_item=3, random_state=0).annotations
    columns = {
        "item": y.item,
        "annotator": y.annotator,
        "answer": y.answer,
        "classes": y.classes,
        "gold": truth,
        "n_annotators": y.n_annotators,
    }
    np.savez(path, **{f"small/{name}": values for name, values in columns.items()})


def test_model_evaluation_real(tmp_path):
    save_crowd(tmp_path / "truth_inference.npz")
    options = "--data", str(tmp_path)
    table, raw = run("model_evaluation_real", tmp_path / "out", *options)
    assert "| small | 60 | 3 | 3.0 |" in table
    assert raw["results"]["small"][0]["answers"] == 3


def test_crowds(tmp_path):
    picture = tmp_path / "gains.png"
    options = ["--jobs", "1", "--sets", "wine, 2", "breast cancer, mixed"]
    options += ["--only", "em", "trace", "--figure", str(picture)]
    table, raw = run("crowds", tmp_path, *options)
    assert set(raw["methods"]) >= {"em", "trace", "majority_vote"}
    assert raw["sets"] == ["wine, 2 people", "breast cancer, mixed"]
    accuracy = np.array(raw["accuracy"])
    assert accuracy.shape == (2, len(raw["methods"]), 1)
    assert ((accuracy > 0) & (accuracy <= 1)).all()
    for name in (*raw["sets"], *raw["methods"], "digits"):
        assert f"| {name} |" in table
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_crowds_left_out(tmp_path):
    options = ["--jobs", "1", "--sets", "wine, 2", "50 wines", "breast cancer, mixed"]
    options += ["--only", "n_folds", "--folder", str(tmp_path / "scores")]
    table, raw = run("crowds_left_out", tmp_path, *options)
    assert raw["settings"] == ["default", "n_folds=2", "majority vote"]
    accuracy = np.array(raw["accuracy"])[0]
    assert raw["sets"] == ["wine, 2 people", "breast cancer, mixed", "50 wines"]
    assert len(list((tmp_path / "scores").iterdir())) == accuracy.size == 9
    # Crowds on the same items do not choose for each other.
    cancer, wines = accuracy[[1], :2].mean(axis=0), accuracy[[0, 2], :2].mean(axis=0)
    best = [raw["settings"][found.argmax()] for found in (cancer, wines)]
    assert raw["chosen"] == [best[0], best[1], best[0]]
    for name in (*raw["sets"], "mean of 3", "default"):
        assert f"| {name} |" in table


def test_gold_free_scores(tmp_path):
    options = ["--cache", str(tmp_path / "cache")]
    table, raw = run("gold_free_scores", tmp_path, *options)
    for name in ("rare, average", "ratings, diabetes"):
        told = raw["results"][name]["epochs"]
        assert {"agreement", "gold_score, 10", "gold_and_answers, 50"} <= set(told)
        for score, by_seed in told.items():
            assert f"| {score} |" in table
            ((correlation, regret),) = zip(
                by_seed["correlation"], by_seed["regret"], strict=True
            )
            assert correlation is None or -1 <= correlation <= 1
            assert regret is None or regret >= 0
    assert len([*(tmp_path / "cache").iterdir()]) == 8  # three fits, scores, two sets


@pytest.fixture
def in_this_process(monkeypatch):
    """Rows of their own processes run in this one, which has the imports already."""
    monkeypatch.setattr(subprocess, "run", run_here)


def run_here(command, **options):
    """Stand in for ``subprocess.run`` of a script."""
    python, script, *arguments = command
    assert python == sys.executable
    printed = run_script(Path(script), *arguments)
    return subprocess.CompletedProcess(command, 0, *printed)


@pytest.mark.usefixtures("in_this_process")
def test_throughput(tmp_path):
    table, raw = run("throughput", tmp_path)
    assert raw["training"]
    for result in raw["training"]:
        assert result["memory"]["peak"] >= result["memory"]["imported"] > 0
        assert all(r["rival"]["wall"][0] > 0 for r in result["rounds"])
    assert "| 600x20 | skcrowd crowd_layer |" in table
    assert raw["prediction"]["rounds"]


@pytest.mark.usefixtures("in_this_process")
def test_memory_many_classes(tmp_path):
    table, raw = run("memory_many_classes", tmp_path, "--methods", "em")
    (result,) = raw["results"]
    assert 0 < result["fit"] <= result["all"]
    assert 0 < result["right"] <= 1
    assert "| 20 classes, 5 annotators | `em` |" in table


def test_large_data(tmp_path):
    table, raw = run("large_data", tmp_path)
    for result in raw["results"]:
        assert result["peak"] >= result["before"] > 0
        assert 0 < result["right"] < 1
    assert "| 2,000 items, partial_fit |" in table
    (tmp_path / "large_data.md").unlink()
    _, again = run("large_data", tmp_path, "--update")
    assert again["results"] == raw["results"]


def test_read_exports(tmp_path, monkeypatch):
    # The first of its processes is one; the others have the imports already.
    starts = chain([subprocess.run], repeat(run_here))
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: next(starts)(*a, **k))
    table, raw = run("read_exports", tmp_path)
    results = raw["results"]
    for small, large in zip(results[::2], results[1::2], strict=True):
        assert large["answers"] == pytest.approx(2 * small["answers"], rel=0.01)
        assert 0 < small["before"] <= small["peak"]
        assert large["calls"] > 1
    assert "| table, CSV | 1 |" in table


def test_conll(tmp_path, conll_folder):
    files = ["conll_minilm", "conll_tokens"]
    options = ["--data", str(conll_folder)]
    for table, raw in run("conll", tmp_path / "out", *options, files=files):
        found = {result["row"]: result["runs"] for result in raw["results"]}
        for row, (only,) in found.items():
            assert f"| {row} |" in table
            assert 0 <= only["test"]["f1"] <= 1
            assert (only["inferred"] is None) == (row == "gold tags")
        fit, argmax = found["sequence EM"], found["sequence EM, decode argmax"]
        assert fit[0]["seconds"] == argmax[0]["seconds"]
        for result in raw["without_network"]:
            assert f"| {result['row']} |" in table
            assert result["f1"] > 0.5


def test_conll_without_embeddings(tmp_path, conll_folder):
    (conll_folder / "conll_mturk_minilm64.npz").unlink()
    options = ["--data", str(conll_folder), "--contenders", "EM"]
    ((_, raw),) = run("conll", tmp_path / "out", *options, files=["conll_tokens"])
    assert [result["row"] for result in raw["results"]] == ["EM"]
    assert not (tmp_path / "out" / "conll_minilm.md").exists()


def test_sequence_crowds(tmp_path):
    options = ["--crowds", "average", "dense", "long documents"]
    table, raw = run("sequence_crowds", tmp_path, *options)
    assert len(raw["results"]) == 3
    for result in raw["results"]:
        assert result["crowd"] in table
        for inferred, of_spans in result["runs"][0]["inferred"].values():
            assert 0 <= inferred <= 1
            assert 0 <= of_spans <= 1


def test_sequence_speed(tmp_path, conll_folder):
    options = ["--data", str(conll_folder)]
    table, raw = run("sequence_speed", tmp_path / "out", *options)
    for result in raw["results"]:
        assert f"| {result['input']} | {result['method']} |" in table
        (only,) = result["rounds"]
        plain, rival = only["plain"], only["rival"]
        assert min(*plain["wall"], *rival["wall"]) > 0
        assert plain["n_passes"] == 2 * 30
        in_folds = result["method"] == "sequence_em"
        assert (rival["n_passes"] > plain["n_passes"]) == in_folds
        assert (rival["n_epochs"] > 2) == in_folds


def test_preferences(tmp_path):
    text, results = run("preferences", tmp_path)
    assert len(results["records"]) == 4
    assert "logistic regression" in text


def test_answer_details(tmp_path):
    table, raw = run("answer_details", tmp_path)
    for sort in ("sets", "tags"):
        for row, (scores,) in raw[sort].items():
            assert f"| {row.replace(' / ', ' | ')} |" in table
            assert len(scores) == 2 + row.startswith("soft labels")
            assert all(0 <= score <= 100 for score in scores)
