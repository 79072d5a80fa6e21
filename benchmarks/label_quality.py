"""Whether report, label quality and questions tell the truth about a crowd.

Simulated crowds answer data sets of scikit-learn, so that the truth is known.
"""

import argparse
from collections import defaultdict

import numpy as np
import torch
from _common import (
    add_output,
    environment,
    environment_line,
    installed_version,
    markdown_table,
    mean_std,
    write_results,
)
from _crowd_sets import SOURCES, Crowd
from _peers import cleanlab_answer_quality
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold

from skcrowd import Annotations, CrowdClassifier, CrowdRegressor
from skcrowd.datasets import make_annotations

SETS = {
    "digits, 30 people, 3 answers": Crowd("digits", 30, 3),
    "digits, 150 people, 3 answers": Crowd("digits", 150, 3),
    "digits, 30 people, 1 answer": Crowd("digits", 30, 1),
    "even, 30 people, 3 answers": Crowd("even", 30, 3),
    "breast cancer, 60 people, 2 answers": Crowd("breast cancer", 60, 2),
}
BOUGHT_ON = ("digits, 30 people, 1 answer", "even, 30 people, 3 answers")
BOUGHT_SHARE, ROUNDS = 0.5, 3  # answers bought an item, in so many rounds
MOST_ITEMS, FOLDS = 800, 3
GROUPS = {"0 to 3": (0, 3), "4 to 15": (4, 15), "16 to 100": (16, 100)}
GROUPS["over 100"] = (101, np.inf)
CAPTION = """\
Simulated crowds of mixed kinds, work shared out unevenly (Zipf), {n_items} items at
most; mean ± sample standard deviation over {n_seeds} seed(s). CrowdClassifier and
CrowdRegressor with all defaults.{note}
"""
INTERVALS = """
## Intervals of annotator_report

Of 100 annotators, how many have their true value within the 95 % interval; in brackets
its mean width. Columns: by the number of their answers. Offsets are taken less that of
the whole crowd, which no rating tells.
"""
ERRORS = """
## Errors found

AUROC, 0.5 is chance: *wrong votes* (the labels of the majority vote, the same for all
rows) and *wrong answers*, ranked by the probability of being right; *own consensus*:
its share of right labels. *In sample*: the network has seen the answers. *Out of
sample*: `pred_proba` from {folds} folds.
"""
BUYING = """
## Answers bought

Share of right consensus labels (for ratings: R² of the consensus) after half an answer
an item more, bought in three rounds. *Fitted again*: once, at the end.
"""


def main():
    """Measure everything and write the tables."""
    args = parse()
    torch.set_num_threads(args.threads)
    results = defaultdict(list)
    for seed in range(args.seeds):
        for name in args.sets or SETS:
            data = simulate(SETS[name], seed, args.items)
            fitted = classifier(seed, args.epochs).fit(data["X"], data["y"])
            results["intervals", name].append(label_coverage(fitted, data))
            for row, found in find_errors(fitted, data).items():
                results["errors", name, row].append(found)
            if name in BOUGHT_ON:
                for row, bought in buy(fitted, data, seed, right).items():
                    results["buying", name, row].append(bought)
        numbers(results, seed, args)
    report(args, results)


def parse():
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    parser.add_argument("--sets", nargs="*", help="some of the data sets")
    parser.add_argument("--items", type=int, default=MOST_ITEMS, help="items at most")
    parser.add_argument("--epochs", type=int, help="instead of the default")
    parser.add_argument("--quick", action="store_true", help="one seed, two epochs")
    add_output(parser)
    args = parser.parse_args()
    if args.quick:
        args.seeds, args.epochs, args.items = 1, 2, 120
    return args


def settings(epochs):
    """Return what --epochs changes."""
    return {} if epochs is None else {"max_epochs": epochs}


def classifier(seed, epochs):
    """Build the default."""
    return CrowdClassifier(random_state=seed, **settings(epochs))


def simulate(crowd, seed, n_items):
    """Items, truth, who is in the crowd, what they answer, what all would answer."""
    rng = np.random.default_rng(seed)
    X, truth = SOURCES[crowd.source]()
    rows = rng.permutation(len(X))[:n_items]
    X, truth = X[rows].astype(np.float32), truth[rows]
    options = {"answers_per_item": crowd.answers_per_item, "workload": "zipf"}
    drawn = make_annotations(truth, crowd.annotators, random_state=seed, **options)
    every = make_annotations(truth, drawn.confusion, random_state=seed + 1000)
    full, y = every.annotations.to_dense(), drawn.annotations.to_dense()
    full = np.where(y >= 0, y, full)
    return {"X": X, "z": truth, "y": y, "full": full, "confusion": drawn.confusion}


def label_coverage(clf, data):
    """Whether each interval holds the true accuracy, and its width, by group."""
    shares = np.bincount(data["z"], minlength=len(clf.classes_)) / len(data["z"])
    accuracy = np.einsum("i,rii->r", shares, data["confusion"])
    return covered(clf.annotator_report(), accuracy, "accuracy")


def covered(told, truth, name):
    """Count annotators, those within their interval, and add up the widths."""
    low, high = told[f"{name}_low"].to_numpy(), told[f"{name}_high"].to_numpy()
    inside, n = (low <= truth) & (truth <= high), told["n_answers"].to_numpy()
    found = {}
    for group, (fewest, most) in GROUPS.items():
        of_group = (n >= fewest) & (n <= most)
        sums = of_group, inside & of_group, (high - low) * of_group
        found[group] = [float(values.sum()) for values in sums]
    return found


def find_errors(clf, data):
    """AUROC of every contender, and the accuracy of its consensus."""
    X, y, z = data["X"], data["y"], data["z"]
    annotations = Annotations.from_dense(y, classes=clf.classes_)
    votes = (y[:, :, None] == clf.classes_).sum(axis=1)
    voted, shares = votes.argmax(axis=1), votes / votes.sum(axis=1, keepdims=True)
    of_answers = shares[annotations.item, annotations.answer]
    outside = out_of_sample(clf, X, y)
    told = {
        "vote share": (voted, shares.max(axis=1), of_answers),
        "skcrowd, in sample": say(clf, X, y, annotations, voted),
        "skcrowd, out of sample": say(clf, X, y, annotations, voted, outside),
    }
    if installed_version("cleanlab"):
        peer = cleanlab_answer_quality(annotations, outside, voted)
        told["cleanlab, the same networks"] = peer
    is_wrong = clf.classes_[voted] != z
    wrong_answer = annotations.labels != z[annotations.item]
    return {
        row: {
            "votes": auroc(is_wrong, -of_votes),
            "answers": auroc(wrong_answer, -of_answers),
            "consensus": float(np.mean(clf.classes_[label] == z)),
        }
        for row, (label, of_votes, of_answers) in told.items()
    }


def say(clf, X, y, annotations, voted, outside=None):
    """Consensus, and the probabilities that votes and answers are right."""
    quality = clf.label_quality(X, y, pred_proba=outside)
    label = np.searchsorted(clf.classes_, quality["consensus_label"])
    answers = clf.answer_quality(X, y, pred_proba=outside)["probability"].to_numpy()
    of_votes = np.zeros(len(X))
    is_vote = annotations.answer == voted[annotations.item]
    of_votes[annotations.item[is_vote]] = answers[is_vote]
    return label, of_votes, answers


def auroc(is_wrong, score):
    """AUROC, or None where all are of one kind."""
    return float(roc_auc_score(is_wrong, score)) if 0 < is_wrong.mean() < 1 else None


def out_of_sample(clf, X, y):
    """Probabilities by networks that have not seen the answers to an item."""
    proba = np.empty((len(X), len(clf.classes_)))
    for train, test in KFold(FOLDS, shuffle=True, random_state=0).split(X):
        part = clone(clf).set_params(classes=clf.classes_).fit(X[train], y[train])
        proba[test] = part.predict_proba(X[test])
    return proba


def buy(fitted, data, seed, score):
    """Score of the consensus after buying answers in several ways."""
    X = data["X"]
    found = {"before": {"kept": score(fitted, data, data["y"])}}
    for row, choose in WAYS.items():
        rng, y = np.random.default_rng(seed), data["y"].copy()
        budget = int(BOUGHT_SHARE * len(y) / ROUNDS)
        for _ in range(ROUNDS):
            item, annotator = choose(fitted, X, y, budget, rng)
            y[item, annotator] = data["full"][item, annotator]
        again = clone(fitted).set_params(**keep_classes(fitted)).fit(X, y)
        found[row] = {
            "kept": score(fitted, data, y),
            "again": score(again, data, y),
        }
    return found


def keep_classes(fitted):
    """Parameters with which another fit has the same classes."""
    return {"classes": fitted.classes_} if hasattr(fitted, "classes_") else {}


def right(clf, data, y):
    """Share of right consensus labels."""
    told = clf.label_quality(data["X"], y)["consensus_label"]
    return float((told.to_numpy() == data["z"]).mean())


def at_random(clf, X, y, n, rng):
    """Choose items and people at random."""
    return open_pairs(y, rng.permutation(len(y))[:n], rng)


def unsure_items(clf, X, y, n, rng):
    """Choose the items that are least sure, and people at random."""
    return open_pairs(y, clf.label_quality(X, y)["quality"].argsort()[:n], rng)


def open_pairs(y, items, rng):
    """Somebody who has not answered, for each item."""
    missing = np.isnan(y) if y.dtype.kind == "f" else y < 0
    who = [rng.choice(np.flatnonzero(missing[item])) for item in items]
    return np.asarray(items), np.array(who)


def by_gain(clf, X, y, n, rng):
    """Ask ``next_queries``."""
    told = clf.next_queries(X, y, n)
    return told["item"].to_numpy(), told["annotator"].to_numpy()


def by_gain_without_limit(clf, X, y, n, rng):
    """Ask ``next_queries``, as many questions to one person as there may be."""
    told = clf.next_queries(X, y, n, max_per_annotator=None)
    return told["item"].to_numpy(), told["annotator"].to_numpy()


WAYS = {
    "items and people at random": at_random,
    "least sure items, people at random": unsure_items,
    "next_queries": by_gain,
    "next_queries, max_per_annotator=None": by_gain_without_limit,
}
RATINGS = "diabetes, 30 people, 2 ratings"


def numbers(results, seed, args):
    """Do the same for ratings."""
    X, truth = load_diabetes(return_X_y=True)
    X, truth = X[: args.items].astype(np.float32), truth[: args.items]
    options = {"kind": "numbers", "workload": "zipf", "random_state": seed}
    drawn = make_annotations(truth, 30, answers_per_item=2, **options)
    lines = np.column_stack([drawn.scale, drawn.bias, drawn.noise_std])
    every = make_annotations(truth, lines, kind="numbers", random_state=seed + 1000)
    y = drawn.annotations.to_dense()
    full = np.where(np.isnan(y), every.annotations.to_dense(), y)
    reg = CrowdRegressor(random_state=seed, **settings(args.epochs)).fit(X, y)
    told = reg.annotator_report()
    offset = (drawn.scale - 1) * truth.mean() + drawn.bias
    correlation = drawn.scale * truth.std()
    correlation /= np.hypot(correlation, drawn.noise_std)
    of_crowd = np.average(offset - told["offset"], weights=told["n_answers"])
    values = {"offset": offset - of_crowd, "correlation": correlation}
    for name, value in values.items():
        found = covered(told, value, name)
        results["intervals", f"{RATINGS}: {name}"].append(found)
    data = {"X": X, "z": truth, "y": y, "full": full}
    for row, bought in buy(reg, data, seed, r2).items():
        results["buying", RATINGS, row].append(bought)


def r2(reg, data, y):
    """R² of the consensus."""
    error = reg.label_quality(data["X"], y)["consensus"].to_numpy() - data["z"]
    return float(1 - np.mean(error**2) / data["z"].var())


def report(args, results):
    """Write the tables and the numbers behind them."""
    described = environment(args.threads)
    missing = not installed_version("cleanlab")
    note = " cleanlab is not installed; its rows are left out." if missing else ""
    parts = [
        CAPTION.format(n_items=args.items, n_seeds=args.seeds, note=note),
        INTERVALS,
        interval_table(results),
        ERRORS.format(folds=FOLDS),
        value_table(results, "errors", ("votes", "answers", "consensus")),
        BUYING,
        value_table(results, "buying", ("kept", "again")),
        "",
        environment_line(described),
    ]
    raw = {" | ".join(key): runs for key, runs in results.items()}
    raw = {"results": raw, "seeds": args.seeds, "environment": described}
    write_results(args.output, "label_quality", "\n".join(parts), raw)


def interval_table(results):
    """Coverage by group."""
    rows = []
    for (_, name), runs in by_kind(results, "intervals"):
        cells = [name]
        for group in GROUPS:
            n, inside, width = np.sum([run[group] for run in runs], axis=0)
            cells.append(f"{100 * inside / n:.0f} ({width / n:.2f})" if n else "-")
        rows.append(cells)
    return markdown_table(["crowd", *GROUPS], rows)


HEADS = {
    "votes": "wrong votes",
    "answers": "wrong answers",
    "consensus": "own consensus, %",
    "kept": "consensus, same fit, %",
    "again": "fitted again, %",
}


def value_table(results, wanted, names):
    """Mean and deviation over the seeds."""
    rows = []
    for (_, name, row), runs in by_kind(results, wanted):
        cells = [f"{name}: {row}"]
        for value in names:
            percent = "%" in HEADS[value]
            values = [run.get(value) for run in runs]
            cells.append(mean_std(values, *((1, 100) if percent else (3,))))
        rows.append(cells)
    return markdown_table(["crowd", *(HEADS[name] for name in names)], rows)


def by_kind(results, wanted):
    """Results of one table, a data set after the other."""
    chosen = [(key, runs) for key, runs in results.items() if key[0] == wanted]
    names = list(dict.fromkeys(key[1] for key, _ in chosen))
    return sorted(chosen, key=lambda entry: names.index(entry[0][1]))


if __name__ == "__main__":
    main()
