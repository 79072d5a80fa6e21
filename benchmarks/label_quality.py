"""Whether report, label quality and questions tell the truth about a crowd.

Simulated crowds answer data sets of scikit-learn, so that the truth is known; of real
crowds it is known, too, and only scores.
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
from _label_errors import (
    FOLDS,
    REAL,
    crowds_without_features,
    find_errors,
    from_answers_alone,
    real_crowds,
)
from sklearn.base import clone
from sklearn.datasets import load_diabetes

from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.datasets import make_annotations

SETS = {
    "digits, 30 people, 3 answers": Crowd("digits", 30, 3),
    "digits, 150 people, 3 answers": Crowd("digits", 150, 3),
    "digits, 30 people, 1 answer": Crowd("digits", 30, 1),
    "even, 30 people, 3 answers": Crowd("even", 30, 3),
    "breast cancer, 60 people, 2 answers": Crowd("breast cancer", 60, 2),
    "even, 40 people, 5 answers": Crowd("even", 40, 5),
}
BOUGHT_ON = ("digits, 30 people, 1 answer", "even, 30 people, 3 answers")
BOUGHT_SHARE, ROUNDS = 0.5, 3  # answers bought an item, in so many rounds
MOST_ITEMS = 800
PEERS = ("cleanlab", "crowd-kit")
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
its mean width. Columns: by the number of their answers; annotators without an interval
(the correlation of one or two ratings) do not count. Offsets are taken less that of
the whole crowd, which no rating tells.
"""
ERRORS = """
## Wrong labels and answers

AUROC, 0.5 is chance: of *wrong votes* (the labels of the majority vote, the same for
all rows), of *wrong answers*, and of the *own wrong labels* of each row, whose share
of right ones is *own consensus*, ranked by the probability of being right. *skcrowd*
is `label_quality` as by default, its `pred_proba` from {folds} folds, which *Bayes'
rule* and cleanlab have, too; *in sample* is `cv="prefit"`.
"""
CALIBRATION = """
## Probabilities of the consensus

*Calibration error*: mean difference between the probability of being right and the
share of right labels, in ten bins of as many items; *ideal*: what it would be if
every label were right with just its probability, which is more than 0 because bins
are small. *Wrong* and *expected* numbers of wrong labels; *inside*: of 100 runs, in
how many the 95 % interval of `expected_label_errors` holds the number.
"""
ALONE = """
## Probabilities without features

Real crowds without features, of at most 10 000 items: the same for the posterior of
Dawid-Skene, and of the calibration that `label_quality` has, where the shares of the
classes stand in for the network. These crowds, with LabelMe and Music, chose its
exponent 0.75 (without any one of them it is the same) and the doubt of
`expected_label_errors`, so that none is a test set for the latter.
"""
DOUBT = """
Root mean square of log(wrong / expected) over the real crowds, with features and
without: {rms:.2f}.
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
            add_errors(results, name, fitted, data)
            if name in BOUGHT_ON:
                for row, bought in buy(fitted, data, seed, right).items():
                    results["buying", name, row].append(bought)
        numbers(results, seed, args)
        for name, data in real_crowds(args.data).items():
            data = {key: values[: args.real_items] for key, values in data.items()}
            fitted = classifier(seed, args.epochs).fit(data["X"], data["y"])
            add_errors(results, name, fitted, data)
    for name, annotations, truth in crowds_without_features(args.data):
        for row, found in from_answers_alone(annotations, truth).items():
            results["alone", name, row].append(found)
    report(args, results)


def add_errors(results, name, fitted, data):
    """Measure all contenders on one crowd."""
    for row, found in find_errors(fitted, data).items():
        results["errors", name, row].append(found)


def parse():
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    parser.add_argument("--sets", nargs="*", help="some of the data sets")
    parser.add_argument("--items", type=int, default=MOST_ITEMS, help="items at most")
    parser.add_argument("--epochs", type=int, help="instead of the default")
    parser.add_argument(
        "--data",
        help="folder with labelme.npz, music.npz and truth_inference.npz (default: "
        "../shared/data beside the repository); what is missing is left out",
    )
    parser.add_argument("--quick", action="store_true", help="one seed, two epochs")
    add_output(parser)
    args = parser.parse_args()
    if args.quick:
        args.seeds, args.epochs, args.items = 1, 2, 60
    args.real_items = args.items if args.quick else None
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
    """Count annotators, those within their interval, and add up the widths.

    Those without an interval, as of one or two ratings, are left out.
    """
    low, high = told[f"{name}_low"].to_numpy(), told[f"{name}_high"].to_numpy()
    has_one = np.isfinite(high - low)
    truth, n, low, high = (
        values[has_one] for values in (truth, told["n_answers"].to_numpy(), low, high)
    )
    inside = (low <= truth) & (truth <= high)
    found = {}
    for group, (fewest, most) in GROUPS.items():
        of_group = (n >= fewest) & (n <= most)
        sums = of_group, inside & of_group, (high - low) * of_group
        found[group] = [float(values.sum()) for values in sums]
    return found


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
    told = clf.label_quality(data["X"], y, cv="prefit")["consensus_label"]
    return float((told.to_numpy() == data["z"]).mean())


def at_random(clf, X, y, n, rng):
    """Choose items and people at random."""
    return open_pairs(y, rng.permutation(len(y))[:n], rng)


def unsure_items(clf, X, y, n, rng):
    """Choose the items that are least sure, and people at random."""
    return open_pairs(
        y, clf.label_quality(X, y, cv="prefit")["quality"].argsort()[:n], rng
    )


def open_pairs(y, items, rng):
    """Somebody who has not answered, for each item."""
    missing = np.isnan(y) if y.dtype.kind == "f" else y < 0
    annotator = [rng.choice(np.flatnonzero(missing[item])) for item in items]
    return np.asarray(items), np.array(annotator)


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
    told = reg.label_quality(data["X"], y, cv="prefit")["consensus"]
    error = told.to_numpy() - data["z"]
    return float(1 - np.mean(error**2) / data["z"].var())


def report(args, results):
    """Write the tables and the numbers behind them."""
    described = environment(args.threads)
    missing = [name for name in PEERS if not installed_version(name)]
    note = f" Not installed, rows left out: {', '.join(missing)}." if missing else ""
    calibration = ("ece", "ideal", "wrong", "expected", "inside")
    parts = [
        CAPTION.format(n_items=args.items, n_seeds=args.seeds, note=note),
        INTERVALS,
        interval_table(results),
        ERRORS.format(folds=FOLDS),
        value_table(results, "errors", ("votes", "answers", "own", "consensus")),
        CALIBRATION,
        value_table(results, "errors", calibration, is_probability),
        ALONE,
        value_table(results, "alone", ("consensus", "own", *calibration)),
        DOUBT.format(rms=log_ratio_of_errors(results)),
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


HEADS = {  # of a column, its digits and scale
    "votes": ("wrong votes", 3, 1),
    "answers": ("wrong answers", 3, 1),
    "own": ("own wrong labels", 3, 1),
    "consensus": ("own consensus, %", 1, 100),
    "ece": ("calibration error", 3, 1),
    "ideal": ("ideal", 3, 1),
    "wrong": ("wrong", 1, 1),
    "expected": ("expected", 1, 1),
    "inside": ("inside, %", 0, 100),
    "kept": ("consensus, same fit, %", 1, 100),
    "again": ("fitted again, %", 1, 100),
}


def log_ratio_of_errors(results):
    """Root mean square over the real crowds of log(wrong / expected), calibrated."""
    ratios = [
        np.log(np.mean([run["wrong"] / run["expected"] for run in runs]))
        for (_, name, *row), runs in results.items()
        if row == ["calibrated"] or (name in REAL and row == ["skcrowd"])
    ]
    return np.sqrt(np.mean(np.square(ratios))) if ratios else np.nan


def is_probability(runs):
    """Whether a row has probabilities of its labels."""
    return "ece" in runs[0]


def value_table(results, wanted, names, shows=bool):
    """Mean and deviation over the seeds, of the rows that are to be shown."""
    rows = []
    for (_, name, row), runs in by_kind(results, wanted):
        if not shows(runs):
            continue
        cells = [f"{name}: {row}"]
        for value in names:
            _, digits, scale = HEADS[value]
            cells.append(mean_std([run.get(value) for run in runs], digits, scale))
        rows.append(cells)
    return markdown_table(["crowd", *(HEADS[name][0] for name in names)], rows)


def by_kind(results, wanted):
    """Results of one table, a data set after the other."""
    chosen = [(key, runs) for key, runs in results.items() if key[0] == wanted]
    names = list(dict.fromkeys(key[1] for key, _ in chosen))
    return sorted(chosen, key=lambda entry: names.index(entry[0][1]))


if __name__ == "__main__":
    main()
