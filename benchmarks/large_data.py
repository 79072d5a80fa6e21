"""Data larger than memory: anonymous memory and time of fits on a memory map.

Features lie on disk, and every row is a process of its own, so that its memory is that
of nothing else. The yardstick is a plain PyTorch loop over the same memory map, with
one label an item, in the same process.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from functools import partial
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
from _contenders import EpochClock
from _networks import PlainNetwork, plain_epoch

ITEMS = [100_000, 1_000_000, 10_000_000]
ANNOTATORS = [10, 1_000, 100_000]  # of the smallest number of items
USUAL = 50  # annotators
HOW = ["majority_vote", "em", "default", "partial_fit"]
N_FEATURES, N_CLASSES, N_HIDDEN, ACCURACY = 128, 5, 128, 0.7
ANSWERS_PER_ITEM = 2
BATCH_SIZE = 4096
ROWS_AT_ONCE = 100_000  # of the files that are written
PART = 1_000_000  # rows of a call of partial_fit
PAUSE = 0.02  # s between two readings of the memory

COLUMNS = [
    "fit",
    "features, GB",
    "peak, GB",
    "before fit, GB",
    "s an epoch",
    "x plain loop",
    "x plain loop, CPU time",
    "s a fit, CPU time",
]

CAPTION = """\
{n_features} features in float32 in a file, read as a memory map; {n_classes} classes,
{answers} answers an item, of which 70 % are right; {usual} annotators and one of these
fits, or another number of annotators and `em`; one MLP with {n_hidden} hidden units for
all, Adam, batch {batch_size}, {epochs} epoch(s) without a warm start, {threads}
thread(s). `default` is the default method with the default network instead, which
chooses its settings from the features; `partial_fit` is one pass of the method `em`
over parts of {part:,} rows.

- **peak**: largest anonymous memory (`RssAnon` of `/proc/PID/status`) of the process
  from its start to the end of `predict` of all items; Python, torch and the answers are
  counted, pages of the file, which the system can drop at any time, are not. It is read
  {per_second:.0f} times a second.
- **before fit**: the same once the answers are read.
- **s an epoch**: wall time of the training of the final network by its epochs, with one
  inference of the truth each; of `partial_fit` that of all calls.
- **x plain loop**: the ratio to an epoch of the plain loop in the same process, by wall
  time and by CPU time, which other load on the machine disturbs less.
- **s a fit**: with reading features, networks of folds of the default, and all else.

Wall times depend on what else the machine does: compare ratios, not seconds.
"""


def main():
    """Run the table, or one row of it."""
    args = parse_arguments()
    torch.set_num_threads(args.threads)
    if args.row:
        print(json.dumps(measure(**json.loads(args.row))))
        return
    results = stored(args)
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        path = Path(folder) / "features.npy"
        write_features(path, max(args.items))
        for row in rows(args):
            if not any(row.items() <= known.items() for known in results):
                results.append({**row, **apart({**row, "path": str(path)}, args)})
                results.sort(key=place)
            report(args, results)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", nargs="*", type=int, default=ITEMS)
    parser.add_argument("--annotators", nargs="*", type=int, default=ANNOTATORS)
    parser.add_argument("--how", nargs="*", choices=HOW, default=HOW)
    parser.add_argument("--epochs", type=int, default=1, help="default: 1")
    parser.add_argument(
        "--folder", help="where the file is written; default: temporary"
    )
    parser.add_argument("--quick", action="store_true", help="few items, two rows")
    parser.add_argument(
        "--update", action="store_true", help="measure only rows that are not stored"
    )
    parser.add_argument("--row", help=argparse.SUPPRESS)
    add_output(parser)
    args = parser.parse_args()
    if args.quick:
        args.items, args.annotators, args.how = [2_000], [], ["em", "partial_fit"]
    return args


def stored(args):
    """Return the rows of an earlier run that are kept."""
    path = args.output / "large_data.json"
    if not args.update or not path.exists():
        return []
    return json.loads(path.read_text(encoding="utf-8"))["results"]


def place(result):
    """Return what rows are sorted by."""
    order = result["n_annotators"] != USUAL, result["n_items"], result["n_annotators"]
    return (*order, HOW.index(result["how"]))


def rows(args):
    """Yield the settings of each row."""
    common = {"epochs": args.epochs, "part": 500 if args.quick else PART}
    for n_items in args.items:
        for how in args.how:
            yield {"n_items": n_items, "n_annotators": USUAL, "how": how, **common}
    for n_annotators in args.annotators:
        few = {"n_items": min(args.items), "n_annotators": n_annotators}
        yield {**few, "how": "em", **common}


def write_features(path, n_items):
    """Write standard normal features, part by part."""
    rng = np.random.default_rng(0)
    shape = n_items, N_FEATURES
    X = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    for start in range(0, n_items, ROWS_AT_ONCE):
        part = X[start : start + ROWS_AT_ONCE]
        part[:] = rng.standard_normal(part.shape, dtype=np.float32)
    X.flush()


def apart(row, args):
    """Measure in a process of its own, and read its memory from here."""
    command = [sys.executable, __file__, "--threads", str(args.threads)]
    command += ["--row", json.dumps(row)]
    peak = 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        while child.poll() is None:
            peak = max(peak, anonymous(child.pid))
            time.sleep(PAUSE)
        told = child.stdout.read()
    if child.returncode:
        raise SystemExit(f"the row {row} has failed.")
    return {"peak": peak, **json.loads(told.splitlines()[-1])}


def anonymous(pid):
    """Anonymous resident memory of a process now, GB; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    found = [line.split()[1] for line in lines if line.startswith("RssAnon")]
    return int(found[0]) * 1024 / 1e9 if found else 0.0


def measure(path, n_items, n_annotators, how, epochs, part):
    """Train the plain loop, then skcrowd, on the same rows of the file."""
    X = np.load(path, mmap_mode="r")[:n_items]
    truth, y = simulated(X, n_annotators)
    before = anonymous("self")
    plain_loop(path, truth[:1000], 1)  # what torch does once
    plain = timed(plain_loop, path, truth, epochs)
    plain = {clock: seconds / epochs for clock, seconds in plain.items()}
    whole, clf, epoch = trained(X, y, how, epochs, part)
    right = float((clf.predict(X) == truth).mean())
    return {
        "before": before,
        "plain": plain,
        "epoch": epoch,
        "fit": whole,
        "right": right,
    }


def simulated(X, n_annotators):
    """Return the true class of each item, and the answers."""
    from skcrowd.annotations import Annotations

    rng = np.random.default_rng(1)
    weights = rng.standard_normal((N_FEATURES, N_CLASSES), dtype=np.float32)
    truth = np.empty(len(X), dtype=np.int8)
    for start in range(0, len(X), ROWS_AT_ONCE):
        some = slice(start, start + ROWS_AT_ONCE)
        truth[some] = (X[some] @ weights).argmax(axis=1)
    first = rng.integers(n_annotators, size=len(X))
    second = (first + rng.integers(1, n_annotators, len(X))) % n_annotators
    item = np.repeat(np.arange(len(X)), ANSWERS_PER_ITEM)
    wrong = rng.random(len(item), dtype=np.float32) > ACCURACY
    answer = truth[item] + wrong * rng.integers(1, N_CLASSES, len(item))
    y = Annotations.from_long(
        item,
        np.stack([first, second], axis=1).ravel(),
        answer % N_CLASSES,
        classes=np.arange(N_CLASSES),
        n_items=len(X),
        annotator_ids=np.arange(n_annotators),
    )
    return truth, y


def timed(function, *args):
    """Return the seconds of a call by each clock."""
    wall, cpu = time.perf_counter(), time.process_time()
    function(*args)
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def plain_loop(path, truth, epochs):
    """Train by hand on one label an item."""
    X = torch.as_tensor(np.load(path, mmap_mode="c")[: len(truth)])  # torch may write
    labels = torch.as_tensor(truth, dtype=torch.int64)
    network = PlainNetwork(N_FEATURES, N_CLASSES, N_HIDDEN)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    for _ in range(epochs):
        plain_epoch(network, optimizer, X, labels, BATCH_SIZE)


def trained(X, y, how, epochs, part):
    """Return the seconds of a fit, the estimator, and the seconds of an epoch."""
    clf = classifier(how, epochs)
    if how == "partial_fit":
        whole = timed(fit_parts, clf, X, y, part)
        return whole, clf, whole
    whole = timed(clf.fit, X, y)
    marks = dict(clf.net_.callbacks_)["clock"].marks_
    ends = {"wall": marks.wall, "cpu": marks.cpu}
    return whole, clf, {k: (v[-1] - v[0]) / epochs for k, v in ends.items()}


def classifier(how, epochs):
    """Build the CrowdClassifier that is measured."""
    from skcrowd import CrowdClassifier

    method = {"partial_fit": "em", "default": "regularized_em"}.get(how, how)
    warm = {} if method == "majority_vote" else {"method__warm_epochs": 0}
    same = partial(PlainNetwork, N_FEATURES, N_CLASSES, N_HIDDEN)
    return CrowdClassifier(
        None if how == "default" else same,
        method=method,
        max_epochs=epochs,
        batch_size=BATCH_SIZE,
        callbacks=[("clock", EpochClock())],
        random_state=0,
        **warm,
    )


def fit_parts(clf, X, y, part):
    """Pass once through the rows, part by part."""
    for start in range(0, len(X), part):
        some = slice(start, start + part)
        clf.partial_fit(X[some], y[some])


def name_of(result):
    """Name a row by its items, and by the method or an unusual number of annotators."""
    n_annotators, how = result["n_annotators"], result["how"]
    if n_annotators != USUAL:
        how = f"{n_annotators:,} annotators"
    return f"{result['n_items']:,} items, {how}"


def cells(result):
    """One line of the table."""
    epoch, plain = result["epoch"], result["plain"]
    return [
        name_of(result),
        f"{4 * N_FEATURES * result['n_items'] / 1e9:.2f}",
        f"{result['peak']:.2f}",
        f"{result['before']:.2f}",
        f"{epoch['wall']:.1f}",
        f"{epoch['wall'] / plain['wall']:.2f}",
        f"{epoch['cpu'] / plain['cpu']:.2f}",
        f"{result['fit']['cpu']:.0f}",
    ]


def report(args, results):
    """Write the table and raw numbers."""
    described = environment(args.threads)
    table = markdown_table(COLUMNS, [cells(result) for result in results])
    caption = CAPTION.format(
        n_features=N_FEATURES,
        n_classes=N_CLASSES,
        n_hidden=N_HIDDEN,
        answers=ANSWERS_PER_ITEM,
        batch_size=BATCH_SIZE,
        epochs=args.epochs,
        threads=args.threads,
        usual=USUAL,
        per_second=1 / PAUSE,
        part=results[0]["part"],
    )
    text = f"# Data larger than memory\n\n{table}\n\n{caption}\n"
    text += environment_line(described)
    raw = {"environment": described, "results": results}
    write_results(args.output, "large_data", text, raw)


if __name__ == "__main__":
    main()
