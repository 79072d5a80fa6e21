"""Time and memory of Dawid-Skene, beside crowd-kit's.

Simulated answers of 1 000 annotators to ten classes, five an item, from 50 thousand to
50 million answers; maximum likelihood from the votes, as crowd-kit's. Each row is a
process of its own.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
import warnings

import numpy as np
from _common import (
    add_output,
    environment,
    environment_line,
    installed_version,
    markdown_table,
    write_results,
)

N_ANNOTATORS, N_CLASSES, PER_ITEM = 1000, 10, 5
SIZES = 50_000, 500_000, 5_000_000, 50_000_000
CONTENDERS = "skcrowd float64", "skcrowd float32", "crowd-kit"
MOST_OF_CROWDKIT = 5_000_000  # answers; it takes minutes and gigabytes above
CAPTION = """\
Dawid-Skene on {annotators:,} annotators, {classes} classes, {per_item} answers an
item. *s*: wall time of the fit on {threads} CPU cores; *CPU s*: of all threads, which
other programs on the machine disturb less. *iterations* until the criterion of each:
skcrowd's mean absolute change of the posterior below {tol:g}, crowd-kit's change of
the log-likelihood an answer below {tol:g}. *peak*: of the process, imports, simulation
and answers included (int64 triples; a table of pandas for crowd-kit). *agrees*: share
of items with the same label as skcrowd's in float64. *ratio*: time of crowd-kit, which
uses one thread, over that of the row.{note}
"""


def main():
    """Run every contender on every size and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--tol", type=float, default=1e-5)
    parser.add_argument("--quick", action="store_true", help="50 thousand answers only")
    parser.add_argument("--row", help=argparse.SUPPRESS)
    add_output(parser)
    args = parser.parse_args()
    if args.row:
        print(json.dumps(measure(*json.loads(args.row), args.tol)))
        return
    rows = []
    for size in SIZES[:1] if args.quick else args.sizes:
        for name in CONTENDERS:
            is_own = name != "crowd-kit"
            if is_own or (size <= MOST_OF_CROWDKIT and installed_version("crowd-kit")):
                rows.append(in_own_process(name, size, args))
                print(rows[-1] | {"labels": "…"}, flush=True)
    report(args, rows)


def in_own_process(name, size, args):
    """Measure one row in a new process."""
    command = [sys.executable, __file__, "--tol", str(args.tol), "--row"]
    done = subprocess.run(
        [*command, json.dumps([name, size])], check=True, stdout=subprocess.PIPE
    )
    return {"name": name, "size": size, **json.loads(done.stdout)}


def measure(name, size, tol):
    """Simulate, fit, and return times, memory and a sample of the labels."""
    warnings.simplefilter("ignore")
    item, annotator, answer, truth = simulate(size)
    fit = fit_crowdkit if name == "crowd-kit" else fit_own
    prepared = fit(item, annotator, answer, len(truth), name, tol)
    del item, annotator, answer
    start = time.perf_counter(), time.process_time()
    labels, n_iter = prepared()
    seconds, cpu = time.perf_counter() - start[0], time.process_time() - start[1]
    return {
        "seconds": seconds,
        "cpu": cpu,
        "iterations": n_iter,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
        "right": float(np.mean(labels == truth)),
        "labels": labels[:: max(1, len(labels) // 10_000)].tolist(),
    }


def simulate(size, seed=0, accuracy=None):
    """Draw answers; right with a probability of each annotator, else at random."""
    rng = np.random.default_rng(seed)
    n_items = size // PER_ITEM
    truth = rng.integers(N_CLASSES, size=n_items).astype(np.int8)
    if accuracy is None:
        accuracy = rng.uniform(0.4, 0.9, N_ANNOTATORS)
    first = rng.integers(N_ANNOTATORS, size=n_items)
    step = 1 + 2 * rng.integers(100, size=n_items)  # below n_annotators / per_item
    annotator = (first[:, None] + np.arange(PER_ITEM) * step[:, None]) % N_ANNOTATORS
    annotator.sort(axis=1)
    annotator = annotator.ravel()
    item = np.repeat(np.arange(n_items), PER_ITEM)
    answer = np.repeat(truth, PER_ITEM).astype(np.int64)
    is_wrong = np.flatnonzero(rng.random(len(item)) > accuracy[annotator])
    other = rng.integers(1, N_CLASSES, len(is_wrong))
    answer[is_wrong] = (answer[is_wrong] + other) % N_CLASSES
    return item, annotator, answer, truth


def fit_own(item, annotator, answer, n_items, name, tol):
    """Return the fit of skcrowd, ready to run."""
    from skcrowd.aggregation import dawid_skene
    from skcrowd.annotations import Annotations

    shape, classes = (n_items, N_ANNOTATORS), np.arange(N_CLASSES)
    annotations = Annotations(item, annotator, answer, shape, classes)
    dtype = name.split()[1]

    def run():
        found = dawid_skene(annotations, pseudo_counts=0, tol=tol, dtype=dtype)
        return found.posterior.argmax(axis=1), found.n_iter

    return run


def fit_crowdkit(item, annotator, answer, n_items, name, tol):
    """Return the fit of crowd-kit, ready to run."""
    import pandas as pd
    from crowdkit.aggregation import DawidSkene

    table = pd.DataFrame({"task": item, "worker": annotator, "label": answer})

    def run():
        aggregator = DawidSkene(n_iter=300, tol=tol)
        labels = aggregator.fit_predict(table)
        return labels.sort_index().to_numpy(), len(aggregator.loss_history_)

    return run


def report(args, rows):
    """Write the table."""
    by_key = {(row["name"], row["size"]): row for row in rows}
    lines = []
    for row in rows:
        double = by_key.get(("skcrowd float64", row["size"]))
        same = np.mean(np.array(row["labels"]) == double["labels"]) if double else None
        rival = by_key.get(("crowd-kit", row["size"]))
        lines.append(
            [
                row["name"],
                f"{row['size']:,}",
                f"{row['seconds']:.2f}",
                f"{row['cpu']:.2f}",
                row["iterations"],
                f"{row['peak_mb'] / 1000:.2f} GB",
                f"{100 * row['right']:.2f}",
                "-" if same is None else f"{100 * same:.2f}",
                *(
                    f"{rival[key] / row[key]:.1f}" if rival else "-"
                    for key in ("seconds", "cpu")
                ),
            ]
        )
    columns = ["", "answers", "s", "CPU s", "iterations", "peak"]
    columns += ["right %", "agrees %", "ratio of s", "of CPU s"]
    has_rival = installed_version("crowd-kit")
    note = "" if has_rival else " crowd-kit is not installed; its rows are missing."
    described = environment(args.threads)
    caption = CAPTION.format(
        annotators=N_ANNOTATORS,
        classes=N_CLASSES,
        per_item=PER_ITEM,
        tol=args.tol,
        threads=described["cpu_count"],
        note=note,
    )
    text = "\n\n".join(
        [
            "# Speed and memory of Dawid-Skene",
            caption,
            markdown_table(columns, lines),
            environment_line(described),
        ]
    )
    raw = {
        "environment": described,
        "tol": args.tol,
        "rows": [{k: v for k, v in row.items() if k != "labels"} for row in rows],
    }
    write_results(args.output, "truth_inference_speed", text, raw)


if __name__ == "__main__":
    main()
