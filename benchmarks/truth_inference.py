"""Truth inference from answers alone: every aggregator on public crowds.

Every aggregator of labels with all its defaults on public crowds with true labels, and
crowd-kit's on the same answers. No true label is used but to score.
"""

import argparse
import json
import time
import warnings
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
from _common import (
    add_output,
    environment,
    environment_line,
    installed_version,
    markdown_table,
    mean_std,
    write_results,
)
from _truth_inference_data import load_crowds
from sklearn.exceptions import ConvergenceWarning

from skcrowd.aggregation import LABEL_AGGREGATORS

CROWDKIT = {
    "majority_vote": "MajorityVote",
    "dawid_skene": "DawidSkene",
    "one_coin": "OneCoinDawidSkene",
    "glad": "GLAD",
    "mace": "MACE",
    "wawa": "Wawa",
    "zero_based_skill": "ZeroBasedSkill",
    "kos": "KOS",
    "mmsr": "MMSR",
}
BINARY = {"kos"}  # of crowd-kit
LARGE = 30_000  # answers; slower aggregators of crowd-kit take minutes above
FAST = {"majority_vote", "dawid_skene", "wawa", "zero_based_skill"}
LATER = {"cifar10n", "adult_ordinal"}  # not in the seconds of a row
CAPTION = """\
Share of right labels among items with a true label, in percent; equally probable labels
share. Mean ± sample standard deviation over {n_seeds} seeds where an aggregator draws
at random. *mean*: over the first {n_mean} crowds, which are eleven of those of Li,
Rubinstein and Cohn (2019), of which one is there twice. *worst*: smallest difference
from the majority vote over them, in points. *s*: seconds of one seed on all crowds but
cifar10n and adult_ordinal, one thread. A dash: not run (crowd-kit's slow aggregators
above {large} answers, its KOS
with more than two classes), or it raised an error with this scikit-learn; then there is
no mean.{note}
"""


def main():
    """Run every aggregator on every crowd and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    parser.add_argument("--data", type=Path, help="folder with truth_inference.npz")
    parser.add_argument("--only", nargs="*", help="some aggregators, by name")
    parser.add_argument("--crowds", nargs="*", help="some crowds, by name")
    parser.add_argument("--quick", action="store_true", help="one seed, small crowds")
    parser.add_argument(
        "--update",
        action="store_true",
        help="keep the stored figures of all that is not run",
    )
    add_output(parser)
    args = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    crowds = [
        crowd
        for crowd in load_crowds(args.data)
        if (not args.crowds or crowd.name in args.crowds)
        and not (args.quick and crowd.annotations.n_answers > 6000)
    ]
    seeds = 1 if args.quick else args.seeds
    results, seconds = defaultdict(list), defaultdict(float)
    for crowd in crowds:
        for name in args.only or LABEL_AGGREGATORS:
            if name == "crowdlab":  # needs a classifier
                continue
            measure(crowd, name, seeds, results, seconds)
            if name in CROWDKIT and installed_version("crowd-kit"):
                measure_crowdkit(crowd, name, results, seconds)
        print(crowd.name, flush=True)
    if args.update:
        crowds = keep_stored(args, results, seconds)
        seeds = max(map(len, results.values()))
    report(args, crowds, seeds, results, seconds)


def keep_stored(args, results, seconds):
    """Add the figures of the stored table that are not new; return all crowds."""
    raw = json.loads((args.output / "truth_inference.json").read_text("utf-8"))
    for row in raw["accuracy"]:
        results.setdefault((row["aggregator"], row["crowd"]), row["values"])
    for name, value in raw["seconds"].items():
        seconds.setdefault(name, value)
    measured = {crowd for _, crowd in results}
    return [crowd for crowd in load_crowds(args.data) if crowd.name in measured]


def measure(crowd, name, seeds, results, seconds):
    """Fit one aggregator with each seed."""
    cls = LABEL_AGGREGATORS[name]
    is_random = "random_state" in cls().get_params() and name != "majority_vote"
    for seed in range(seeds if is_random else 1):
        aggregator = cls(random_state=seed) if is_random else cls()
        start = time.perf_counter()
        aggregator.fit(crowd.annotations)
        if not seed and crowd.name not in LATER:
            seconds[name] += time.perf_counter() - start
        right = accuracy(aggregator.predict_proba(), crowd.gold)
        results[name, crowd.name].append(right)


def measure_crowdkit(crowd, name, results, seconds):
    """Fit the aggregator of crowd-kit with the same name."""
    import crowdkit.aggregation as crowdkit

    a, row = crowd.annotations, f"crowd-kit {CROWDKIT[name]}"
    is_slow = name not in FAST and a.n_answers > LARGE
    if is_slow or (name in BINARY and len(a.classes) > 2):
        return
    table = {"task": a.item, "worker": a.annotator, "label": a.answer}
    aggregator = getattr(crowdkit, CROWDKIT[name])()
    frame = pd.DataFrame(table)
    start = time.perf_counter()
    try:
        labels = aggregator.fit_predict(frame)
    except (AttributeError, TypeError, ValueError) as error:  # of its own
        print(f"{row} on {crowd.name}: {str(error).splitlines()[0]}")
        return
    if crowd.name not in LATER:
        seconds[row] += time.perf_counter() - start
    known = np.flatnonzero(crowd.gold >= 0)
    found = labels.reindex(known)
    right = float((found.to_numpy() == crowd.gold[known]).mean())
    results[row, crowd.name].append(right)


def accuracy(posterior, gold):
    """Share of right labels; equally probable ones share."""
    known = np.flatnonzero(gold >= 0)
    posterior = posterior[known]
    highest = posterior.max(axis=1, keepdims=True)
    is_best = np.isclose(posterior, highest, atol=1e-9)
    right = is_best[np.arange(len(known)), gold[known]]
    return float((right / is_best.sum(axis=1)).mean())


def report(args, crowds, seeds, results, seconds):
    """Write the table, the best mean first."""
    names = list(dict.fromkeys(name for name, _ in results))
    eleven = [crowd.name for crowd in crowds if crowd.is_of_eleven]
    vote = {c.name: np.mean(results.get(("majority_vote", c.name), 0)) for c in crowds}

    def summary(name):
        parts = [results.get((name, crowd)) for crowd in eleven]
        if not parts or None in parts:
            return None
        means = [np.mean(part) for part in parts]
        worst = min(m - vote[c] for m, c in zip(means, eleven, strict=True))
        return float(np.mean(means)), float(worst)

    summaries = {name: summary(name) for name in names}
    names.sort(key=lambda name: -(summaries[name] or (0,))[0])
    rows = []
    for name in names:
        mean, worst = summaries[name] or (None, None)
        cells = [mean_std(results.get((name, c.name), []), 1, 100) for c in crowds]
        own = ["-" if v is None else f"{100 * v:.1f}" for v in (mean, worst)]
        rows.append([name, *own, f"{seconds[name]:.1f}", *cells])
    columns = ["aggregator", "mean", "worst", "s", *(c.name for c in crowds)]
    note = ""
    if not any(name.startswith("crowd-kit") for name in names):
        note = " crowd-kit is not installed; its rows are missing."
    described = environment(args.threads)
    caption = CAPTION.format(
        n_seeds=seeds, n_mean=len(eleven), large=f"{LARGE:,}", note=note
    )
    text = "\n\n".join(
        [
            "# Truth inference without features",
            caption,
            markdown_table(columns, rows),
            environment_line(described),
        ]
    )
    raw = {
        "environment": described,
        "seeds": seeds,
        "seconds": dict(seconds),
        "accuracy": [
            {"aggregator": name, "crowd": crowd, "values": values}
            for (name, crowd), values in results.items()
        ],
    }
    write_results(args.output, "truth_inference", text, raw)


if __name__ == "__main__":
    main()
