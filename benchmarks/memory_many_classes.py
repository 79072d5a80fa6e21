"""Memory of a fit with many classes: the peak, with and without a table of confusions.

Every row is a process of its own, so that its peak is that of nothing else. Answers are
simulated without a table, too: an annotator is right, or names a class near the truth.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from _common import (
    add_output,
    environment,
    environment_line,
    markdown_table,
    write_results,
)

SIZES = {  # classes, annotators
    "5 000 classes, 10 annotators": (5_000, 10),
    "1 000 classes, 300 annotators": (1_000, 300),
}
METHODS = ["regularized_em", "em", "dawid_skene", "majority_vote"]
QUICK = {"20 classes, 5 annotators": (20, 5)}
ANSWERS_PER_ITEM, N_FEATURES, ACCURACY, NEAR = 3, 32, 0.7, 3
PREDICTED = 1_000  # items

COLUMNS = [
    "crowd",
    "method",
    "table alone, GB",
    "peak of fit, GB",
    "peak of all, GB",
    "s a fit",
    "file, MB",
    "training items right",
    "right by vote",
]

CAPTION = """\
{n_items} items with {n_features} features, {answers} answers each, 70 % of them right;
`CrowdClassifier` with its defaults, but {epochs} epochs, on which the peak does not
depend; {threads} thread(s).

- **table alone**: what `annotator_confusion_` would take once: annotators times classes
  squared, float64.
- **peak of fit**: largest resident memory of the process until `fit` returns, Python,
  torch and the data included.
- **peak of all**: the same after `predict`, `score` on the answers to {predicted}
  items, `annotator_report`, `label_quality` of these items and `save`.
- **file**: what `save` wrote; most of it is what was inferred of the items, twice: the
  last of it, `posterior_`, and what the confusions are counted from.
"""


def main():
    """Run the table, or one row of it."""
    args = parse_arguments()
    torch.set_num_threads(args.threads)
    if args.row:
        print(json.dumps(measure(*json.loads(args.row))))
        return
    sizes = QUICK if args.quick else SIZES
    results = []
    for name, (n_classes, n_annotators) in sizes.items():
        for method in args.methods:
            row = n_classes, n_annotators, args.items, method, args.epochs
            result = {"crowd": name, "method": method, **apart(row, args.threads)}
            results.append(result)
            print(" | ".join(cells(result)), flush=True)
    report(args, results)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--methods", nargs="*", choices=METHODS, default=METHODS[:2])
    parser.add_argument("--items", type=int, default=20_000, help="default: 20000")
    parser.add_argument("--epochs", type=int, default=15, help="default: 15")
    parser.add_argument("--quick", action="store_true", help="few classes, two epochs")
    parser.add_argument("--row", help=argparse.SUPPRESS)
    add_output(parser)
    args = parser.parse_args()
    if args.quick:
        args.items, args.epochs = 100, 2
    return args


def apart(row, threads):
    """Measure in a process of its own."""
    command = [sys.executable, __file__, "--threads", str(threads)]
    told = subprocess.run(
        [*command, "--row", json.dumps(row)], check=True, stdout=subprocess.PIPE
    )
    return json.loads(told.stdout.splitlines()[-1])


def measure(n_classes, n_annotators, n_items, method, epochs):
    """Fit, predict, judge and save, and note the peaks."""
    import skcrowd
    from skcrowd.aggregation import majority_vote

    X, truth, annotations = simulated(n_classes, n_annotators, n_items)
    begin = time.perf_counter()
    clf = skcrowd.CrowdClassifier(method=method, max_epochs=epochs, random_state=0)
    clf.fit(X, annotations)
    seconds, of_fit = time.perf_counter() - begin, peak()
    right = float((clf.posterior_.argmax(axis=1) == truth).mean())
    part = X[:PREDICTED], annotations[:PREDICTED]
    clf.predict(X)
    clf.score(*part)
    clf.annotator_report()
    clf.label_quality(*part)
    with tempfile.TemporaryDirectory() as folder:
        size = skcrowd.save(clf, Path(folder) / "model").stat().st_size
    of_all = peak()
    vote = (majority_vote(annotations).argmax(axis=1) == truth).mean()
    return {
        "table": 8 * n_annotators * n_classes**2 / 1e9,
        "fit": of_fit,
        "all": of_all,
        "seconds": seconds,
        "file": size / 1e6,
        "right": right,
        "vote": float(vote),
    }


def peak():
    """Largest resident memory so far, GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def simulated(n_classes, n_annotators, n_items):
    """Draw items about the centres of their classes, and answers."""
    from skcrowd.annotations import Annotations

    rng = np.random.default_rng(0)
    truth = rng.permutation(np.arange(n_items) % n_classes)
    centres = rng.normal(size=(n_classes, N_FEATURES))
    X = centres[truth] + 0.5 * rng.normal(size=(n_items, N_FEATURES))
    item = np.repeat(np.arange(n_items), ANSWERS_PER_ITEM)
    annotator = rng.random((n_items, n_annotators)).argsort(axis=1)[
        :, :ANSWERS_PER_ITEM
    ]
    wrong = rng.random(len(item)) > ACCURACY
    answer = truth[item] + wrong * rng.integers(1, NEAR + 1, len(item))
    annotations = Annotations.from_long(
        item,
        annotator.ravel(),
        answer % n_classes,
        classes=np.arange(n_classes),
    )
    return X.astype(np.float32), truth, annotations


def cells(result):
    """One line of the table."""
    return [
        result["crowd"],
        f"`{result['method']}`",
        f"{result['table']:.1f}",
        f"{result['fit']:.1f}",
        f"{result['all']:.1f}",
        f"{result['seconds']:.0f}",
        f"{result['file']:.0f}",
        f"{100 * result['right']:.1f} %",
        f"{100 * result['vote']:.1f} %",
    ]


def report(args, results):
    """Write the table and raw numbers."""
    described = environment(args.threads)
    table = markdown_table(COLUMNS, [cells(result) for result in results])
    caption = CAPTION.format(
        n_items=args.items,
        n_features=N_FEATURES,
        answers=ANSWERS_PER_ITEM,
        epochs=args.epochs,
        threads=args.threads,
        predicted=PREDICTED,
    )
    foot = environment_line(described)
    text = f"# Memory with many classes\n\n{table}\n\n{caption}\n{foot}"
    raw = {"environment": described, "results": results}
    write_results(args.output, "memory_many_classes", text, raw)


if __name__ == "__main__":
    main()
