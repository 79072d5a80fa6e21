"""Accuracy of annotators in annotator_report: its error, and what its intervals hold.

Simulated crowds answer handwritten digits; real crowds have known truth.
"""

import argparse
import warnings
from collections import defaultdict
from pathlib import Path

import _ordered_annotators as ordered
import numpy as np
import torch
from _common import (
    add_output,
    environment,
    environment_line,
    installed_version,
    markdown_table,
    write_results,
)
from sklearn.datasets import load_digits

from skcrowd import CrowdClassifier
from skcrowd.aggregation import dawid_skene
from skcrowd.aggregation._tempered_posterior import tempered_posterior
from skcrowd.annotations import Annotations
from skcrowd.metrics._annotator_accuracy import accuracy_interval, right_answers

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
LEVEL, ENOUGH = 0.95, 30
KINDS = ("perfect", "good", "average", "guesser", "one class", "adversary")
NUMBERS = (3, 30, 300)
COLLEAGUES = {"good": 5, "average": 6}  # with 150 answers each
JOBS = {
    "300 items, 5 answers of 40": (300, 5, 40),
    "600 items, 3 answers of 20": (600, 3, 20),
    "600 items, 2 answers of 20": (600, 2, 20),
    "600 items, 1 answer of 20": (600, 1, 20),
}
ORDERED_CROWDS = 3  # a seed
SHARES = {"perfect": 0.1, "good": 0.4, "average": 0.3, "guesser": 0.2}
CAPTION = """\
# Accuracy of annotators

`annotator_report` of CrowdClassifier with all defaults, no true label known; {n_seeds}
seed(s), digits answered by simulated crowds. *Holds*: of 100 intervals of 95 %, how
many hold the probability of a right answer, mean width in brackets. *Error*: mean
absolute difference of `accuracy` and the share of the annotator's answers that are
right.{note}

## By kind of annotator and number of answers

29 annotators of 900 items: of each kind three, and eleven good and average ones with
150 answers each.
"""
ORDERED = """
## By kind, classes with an order

`CrowdClassifier(ordinal=True)`, five ordered classes (Friedman's function, cut);
{crowds} crowds of {items} items. Of each kind three annotators; six average and four
good ones have 100 answers each. *Biased*: answers 0.7 steps too high.

{by_kind}

The same, {few_items} items and 450 answers of nine annotators:

{few}
"""
JOB = """
## By job

Simulated jobs: annotators of {enough} answers and more, and all others. The number of
answers of an annotator is uneven (Pareto).
"""
REAL = """
## Real crowds

The true value is the share of the annotator's answers that is right by gold. LabelMe
and Music: the classifier with all defaults. Crowds without features: counts of right
answers under the posterior of Dawid and Skene, their variance as in the report.
cleanlab: its agreement with consensus, given the predictions of the same network,
without features agreement with the majority vote.
"""


def main():
    """Measure everything and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help="number of seeds")
    parser.add_argument(
        "--data", type=Path, default=SHARED, help="folder of the real crowds"
    )
    parser.add_argument("--quick", action="store_true", help="one seed, little of all")
    add_output(parser)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    warnings.simplefilter("ignore")
    results = defaultdict(list)
    without_features(results, args.data)
    for seed in range(1 if args.quick else args.seeds):
        by_kind(results, seed, args.quick)
        by_ordered_kind(results, seed, args.quick)
        for name, (n_items, per_item, n_annotators) in JOBS.items():
            n_drawn = n_items // 5 if args.quick else n_items
            job = draw_job(seed, n_drawn, per_item, n_annotators)
            for group, rows in measure_fit(*job, seed, args.quick).items():
                results["job", name, group] += rows
        for name in ("labelme", "music"):
            path = args.data / f"{name}.npz"
            if path.exists():
                data = read_features(path)
                for group, rows in measure_fit(*data, None, seed, args.quick).items():
                    results["real", name, group] += rows
        report(args, results, seed + 1)


def without_features(results, folder):
    """Measure the annotators of crowds without features, if they are there."""
    path = folder / "truth_inference.npz"
    if path.exists():
        with np.load(path, allow_pickle=False) as stored:
            for name, y, gold in crowds(stored):
                for group, rows in measure_answers(y, gold).items():
                    results["real", name, group] += rows


def confusion(kind, n_classes=10):
    """Return how an annotator of a kind answers, (n_classes, n_classes)."""
    if kind == "one class":
        return np.eye(n_classes)[np.full(n_classes, 3)]
    if kind == "adversary":
        return np.roll(np.eye(n_classes), 1, axis=1)
    right = {"perfect": 1.0, "good": 0.9, "average": 0.7, "guesser": 1 / n_classes}
    table = np.full((n_classes, n_classes), (1 - right[kind]) / (n_classes - 1))
    np.fill_diagonal(table, right[kind])
    return table


def answer(truth, kind, rng):
    """Draw answers to items of a truth."""
    cumulative = confusion(kind).cumsum(axis=1)[truth]
    return (rng.random((len(truth), 1)) > cumulative).sum(axis=1)


def digits(rng, n_items):
    """Draw items and their truth."""
    X, truth = load_digits(return_X_y=True)
    rows = rng.permutation(len(X))[:n_items]
    return X[rows].astype(np.float32) / 16, truth[rows]


def by_kind(results, seed, quick):
    """Annotators of every kind with few and many answers."""
    rng = np.random.default_rng(seed)
    X, truth = digits(rng, 900)
    people = [(kind, n) for kind in KINDS for n in NUMBERS]
    people += [(kind, 150) for kind, n in COLLEAGUES.items() for _ in range(n)]
    y = np.full((len(X), len(people)), -1)
    for column, (kind, n) in enumerate(people):
        items = rng.choice(len(X), n, replace=False)
        y[items, column] = answer(truth[items], kind, rng)
    right = true_accuracy([kind for kind, _ in people], truth)
    rows = measured(fit(X, y, seed, quick), y, truth, right)
    for (kind, n), row in zip(people, rows, strict=True):
        results["kind", kind, str(n)].append(row)


def by_ordered_kind(results, seed, quick):
    """Annotators of every kind on an ordered scale, with few and many answers."""
    crowds = range(seed * ORDERED_CROWDS, (seed + 1) * ORDERED_CROWDS)
    for number in crowds[:1] if quick else crowds:
        for crowd, n_items, people in (
            ("ordered", ordered.N_ITEMS, ordered.everybody()),
            ("ordered job", ordered.FEW_ITEMS, ordered.FEW),
        ):
            X, y, truth, right = ordered.draw(5000 + number, n_items, people)
            clf = fit(X, y, seed, quick, ordinal=True)
            rows = measured(clf, y, truth, right)
            for (kind, n), row in zip(people, rows, strict=True):
                results[crowd, kind, str(n)].append(row)


def draw_job(seed, n_items, per_item, n_annotators):
    """Draw a job that annotators share unevenly."""
    rng = np.random.default_rng(1000 + seed)
    X, truth = digits(rng, n_items)
    kinds = rng.choice([*SHARES], n_annotators, p=[*SHARES.values()])
    workload = rng.pareto(1.2, n_annotators) + 0.05
    workload /= workload.sum()
    y = np.full((n_items, n_annotators), -1)
    for item in range(n_items):
        annotators = rng.choice(n_annotators, per_item, replace=False, p=workload)
        for annotator in annotators:
            y[item, annotator] = answer(truth[[item]], kinds[annotator], rng)[0]
    return X, y, truth, true_accuracy(kinds, truth)


def true_accuracy(kinds, truth):
    """Return the probability of a right answer of each annotator."""
    return np.array([confusion(kind)[truth, truth].mean() for kind in kinds])


def read_features(path):
    """Read features, answers and truth."""
    with np.load(path, allow_pickle=False) as stored:
        X = stored["X_train"].astype(np.float32)
        return X, stored["annotations"].astype(int), stored["gold_train"]


def fit(X, y, seed, quick, **options):
    """Fit the default classifier."""
    settings = {"max_epochs": 2} if quick else {}
    return CrowdClassifier(random_state=seed, **settings, **options).fit(X, y)


def measure_fit(X, y, truth, right, seed, quick):
    """Measure all annotators, and cleanlab on the same network's predictions."""
    clf = fit(X, y, seed, quick)
    rows = measured(clf, y, truth, right)
    peer = cleanlab_accuracy(y, clf.predict_proba(X))
    for row, of_peer, own in zip(rows, peer, own_accuracy(y, truth), strict=True):
        row["cleanlab"] = None if np.isnan(of_peer) else float(abs(of_peer - own))
    return by_number(rows)


def measured(clf, y, truth, right):
    """Compare the report with the truth, one dict for each annotator."""
    report, own = clf.annotator_report(), own_accuracy(y, truth)
    intervals = report["accuracy_low"], report["accuracy_high"]
    return compare((y >= 0).sum(axis=0), report["accuracy"], intervals, own, right)


def own_accuracy(y, truth):
    """Return the share of right answers of each annotator; NaN without answers."""
    n = (y >= 0).sum(axis=0)
    right = (y == truth[:, None]).sum(axis=0).astype(float)
    return np.divide(right, n, out=np.full(len(n), np.nan), where=n > 0)


def compare(n_answers, accuracy, intervals, own, right=None):
    """Return error, width, and whether the interval holds, for each annotator."""
    low, high = map(np.asarray, intervals)
    true = own if right is None else right
    return [
        {
            "n": int(n),
            "error": float(abs(value - of_own)),
            "width": float(width),
            "holds": bool(inside),
        }
        for n, value, of_own, width, inside in zip(
            n_answers,
            accuracy,
            own,
            high - low,
            (low <= true) & (true <= high),
            strict=True,
        )
    ]


def by_number(rows):
    """Group annotators with answers by how many they have."""
    return {
        "many": [row for row in rows if row["n"] >= ENOUGH],
        "few": [row for row in rows if 0 < row["n"] < ENOUGH],
    }


def cleanlab_accuracy(y, proba):
    """Return cleanlab's agreement with consensus; NaN where it computes none."""
    found = np.full(y.shape[1], np.nan)
    if not installed_version("cleanlab"):
        return found
    from cleanlab.multiannotator import get_label_quality_multiannotator

    answered = (y >= 0).any(axis=0)
    labels = np.where(y >= 0, y, np.nan)[:, answered]
    try:
        result = get_label_quality_multiannotator(labels, proba, verbose=False)
    except ValueError:  # one answer an item
        return found
    stats = result["annotator_stats"].sort_index()
    found[answered] = stats["agreement_with_consensus"]
    return found


def crowds(stored):
    """Yield name, annotations and gold of each crowd once."""
    for name in sorted({key.split("/")[0] for key in stored.files}):
        if name == "d_Duck_Identification":  # bluebird once more
            continue
        columns = ("item", "annotator", "answer", "classes", "gold", "n_annotators")
        item, annotator, answered, classes, gold, n_annotators = (
            stored[f"{name}/{column}"] for column in columns
        )
        order = np.lexsort((annotator, item))
        triples = (values[order].astype(int) for values in (item, annotator, answered))
        shape = len(gold), int(n_annotators)
        yield name, Annotations(*triples, shape, np.arange(len(classes))), gold


def measure_answers(y, gold):
    """Measure annotators of a crowd without features, and the majority vote."""
    fitted = dawid_skene(y)
    shares = fitted.posterior.mean(axis=0)
    log_prior = np.tile(np.log(shares), (len(gold), 1))
    calibrated = tempered_posterior(log_prior, y, shares, fitted.posterior).posterior
    known = gold[y.item] >= 0
    kept = Annotations(
        y.item[known], y.annotator[known], y.answer[known], y.shape, y.classes
    )
    n = kept.answers_per_annotator
    right = right_answers(kept, fitted.posterior, calibrated)
    interval = accuracy_interval(right.mean, right.doubt(), n, LEVEL)
    votes = np.zeros((len(gold), len(y.classes)))
    np.add.at(votes, (y.item, y.answer), 1)

    def share(labels):
        is_right = labels[kept.item] == kept.answer
        counts = np.bincount(kept.annotator, is_right, kept.n_annotators)
        return counts / np.maximum(n, 1)

    own = share(gold)
    rows = compare(n, right.mean / np.maximum(n, 1), interval, own)
    for row, voted in zip(rows, np.abs(share(votes.argmax(axis=1)) - own), strict=True):
        row["cleanlab"] = float(voted)
    return by_number(rows)


def report(args, results, n_seeds):
    """Write the tables and the numbers behind them."""
    described = environment(args.threads)
    missing = not installed_version("cleanlab")
    note = " cleanlab is not installed; its columns are dashes." if missing else ""
    parts = [
        CAPTION.format(n_seeds=n_seeds, note=note),
        kind_table(results, "kind", KINDS, NUMBERS),
        ORDERED.format(
            crowds=n_seeds * (1 if args.quick else ORDERED_CROWDS),
            items=ordered.N_ITEMS,
            by_kind=kind_table(results, "ordered", ordered.KINDS, ordered.NUMBERS),
            few_items=ordered.FEW_ITEMS,
            few=few_table(results),
        ),
        JOB.format(enough=ENOUGH),
        group_table(results, "job"),
        REAL,
        group_table(results, "real"),
        "",
        environment_line(described),
    ]
    raw = {" | ".join(key): summary(rows) for key, rows in results.items() if rows}
    raw = {"results": raw, "seeds": n_seeds, "environment": described}
    write_results(args.output, "annotator_accuracy", "\n".join(parts), raw)


HEADS = ("holds", "error")


def summary(rows):
    """Return means over annotators, and how many there are."""
    peer = [row["cleanlab"] for row in rows if row.get("cleanlab") is not None]
    names = "holds", "width", "error"
    means = {name: float(np.mean([row[name] for row in rows])) for name in names}
    of_peer = float(np.mean(peer)) if peer else None
    return {"annotators": len(rows), **means, "cleanlab": of_peer}


def cells(rows):
    """Write coverage and width, and error."""
    if not rows:
        return "-", "-"
    holds, width, error = (
        np.mean([row[name] for row in rows]) for name in ("holds", "width", "error")
    )
    return f"{100 * holds:.0f} ({width:.2f})", f"{error:.3f}"


def kind_table(results, crowd, kinds, numbers):
    """Write a row for each kind, with columns for each number of answers."""
    rows = [
        [kind, *(c for n in numbers for c in cells(results[crowd, kind, str(n)]))]
        for kind in kinds
    ]
    heads = [f"{n} answers: {what}" for n in numbers for what in HEADS]
    return markdown_table(["kind", *heads], rows)


def few_table(results):
    """Write a row for each kind of the small ordered job."""
    rows = [
        [f"{kind}, {n} answers", *cells(results["ordered job", kind, str(n)])]
        for kind, n in dict.fromkeys(ordered.FEW)
    ]
    return markdown_table(["annotator", *HEADS], rows)


def group_table(results, wanted):
    """Write a row for each crowd: those with many answers, then those with few."""
    names = dict.fromkeys(key[1] for key in results if key[0] == wanted)
    lines = []
    for name in names:
        line = [name]
        for group in ("many", "few"):
            rows = results[wanted, name, group]
            peer = [row["cleanlab"] for row in rows if row["cleanlab"] is not None]
            of_peer = f"{np.mean(peer):.3f}" if peer else "-"
            line += [len(rows), *cells(rows), of_peer]
        lines.append(line)
    heads = [
        f"{group}: {what}"
        for group in (f"{ENOUGH} answers and more", "fewer")
        for what in ("annotators", *HEADS, "error of cleanlab")
    ]
    return markdown_table(["crowd", *heads], lines)


if __name__ == "__main__":
    main()
