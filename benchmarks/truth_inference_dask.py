"""Time and memory of Dawid-Skene on Dask, from Parquet, beyond what a process holds.

Simulated answers of 1 000 annotators to ten classes, five an item, written to Parquet
files of two million each. A cluster of two processes on this machine reads them.
"""

import argparse
import os
import resource
import shutil
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
from _common import (
    add_output,
    environment,
    environment_line,
    markdown_table,
    write_results,
)
from truth_inference_speed import N_ANNOTATORS, N_CLASSES, PER_ITEM, simulate

from skcrowd.aggregation.dask import DaskDawidSkene

SIZES = 10_000_000, 100_000_000
PER_FILE = 2_000_000
N_WORKERS = 2
CAPTION = """\
`DaskDawidSkene(is_partitioned=True, dtype="float32", tol={tol:g})` on {annotators:,}
annotators, {classes} classes, {per_item} answers an item, from Parquet files of
{per_file:,} answers, on a `LocalCluster` of {workers} processes with one thread each.
*s*: wall time of the fit, reading included; *CPU s*: of all processes. *predict s*:
labels to Parquet. *peak*: resident memory of the largest worker, and of the process
that asks. *right*: share of right labels. The machine was {load} while it ran.
"""


def main():
    """Run every size and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--tol", type=float, default=1e-5)
    parser.add_argument("--folder", type=Path, help="where the files are written")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="50 thousand answers only, workers in this process",
    )
    add_output(parser)
    args = parser.parse_args()
    rows = []
    for size in (50_000,) if args.quick else args.sizes:
        folder = Path(tempfile.mkdtemp(dir=args.folder))
        try:
            rows.append(measure(size, args.tol, folder, processes=not args.quick))
        finally:
            shutil.rmtree(folder)
        print(rows[-1], flush=True)
    report(args, rows)


def write_answers(size, folder):
    """Write the answers, file by file, and return the bytes and the truth."""
    truths = []
    accuracy = np.random.default_rng(0).uniform(0.4, 0.9, N_ANNOTATORS)
    for number, start in enumerate(range(0, size, PER_FILE)):
        n_answers = min(PER_FILE, size - start)
        item, annotator, answer, truth = simulate(n_answers, number, accuracy)
        columns = {
            "item": item + start // PER_ITEM,
            "annotator": annotator.astype(np.int16),
            "label": answer.astype(np.int8),
        }
        pd.DataFrame(columns).to_parquet(folder / f"part-{number:05d}.parquet")
        truths.append(truth)
    n_bytes = sum(path.stat().st_size for path in folder.iterdir())
    return n_bytes, np.concatenate(truths)


def measure(size, tol, folder, *, processes):
    """Write, fit, predict; return times and memory."""
    import dask.dataframe as dd
    from distributed import Client, LocalCluster

    answers, labels = folder / "answers", folder / "labels"
    answers.mkdir()
    n_bytes, truth = write_answers(size, answers)
    options = {"n_workers": N_WORKERS, "threads_per_worker": 1, "processes": processes}
    with (
        LocalCluster(**options, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        before = sum(client.run(time.process_time).values())
        start, own = time.perf_counter(), time.process_time()
        model = DaskDawidSkene(is_partitioned=True, dtype="float32", tol=tol)
        with Memory() as memory:
            model.fit(dd.read_parquet(answers, split_row_groups=False))
            seconds = time.perf_counter() - start
            cpu = sum(client.run(time.process_time).values()) - before
            cpu += time.process_time() - own
            start = time.perf_counter()
            model.predict().to_parquet(labels, write_index=False)
            predicting = time.perf_counter() - start
        peaks = client.run(peak_gb)
    return {
        "size": size,
        "parquet_gb": n_bytes / 1e9,
        "seconds": seconds,
        "cpu": cpu,
        "iterations": model.n_iter_,
        "predict_seconds": predicting,
        "worker_peak_gb": max(peaks.values()),
        "own_peak_gb": memory.peak,
        "right": share_of_right(labels, truth),
        "load": os.getloadavg()[0],
    }


def share_of_right(folder, truth):
    """Compare the labels with the truth, file by file."""
    n_right = 0
    for path in folder.glob("*.parquet"):
        found = pd.read_parquet(path)
        n_right += int((found["label"].to_numpy() == truth[found["item"]]).sum())
    return n_right / len(truth)


def peak_gb():
    """Return the largest resident memory that this process had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


class Memory:
    """The largest resident memory of this process from here on, looked at in turns."""

    def __enter__(self):
        self.peak, self.done = 0.0, threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()

    def _look(self):
        page = resource.getpagesize()
        while True:
            resident = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
            self.peak = max(self.peak, resident * page / 1e9)
            if self.done.wait(0.1):
                return


def report(args, rows):
    """Write the table."""
    lines = [
        [
            f"{row['size']:,}",
            f"{row['parquet_gb']:.2f} GB",
            f"{row['seconds']:.0f}",
            f"{row['cpu']:.0f}",
            row["iterations"],
            f"{row['predict_seconds']:.0f}",
            f"{row['worker_peak_gb']:.2f} GB",
            f"{row['own_peak_gb']:.2f} GB",
            f"{100 * row['right']:.2f}",
        ]
        for row in rows
    ]
    columns = ["answers", "Parquet", "s", "CPU s", "iterations", "predict s"]
    columns += ["peak of a worker", "peak of the client", "right %"]
    described = environment(args.threads)
    busiest = max(row["load"] for row in rows)
    cores = described["cpu_count"]
    load = f"busy with other programs (load {busiest:.0f} on {cores} cores)"
    caption = CAPTION.format(
        annotators=N_ANNOTATORS,
        classes=N_CLASSES,
        per_item=PER_ITEM,
        per_file=PER_FILE,
        workers=N_WORKERS,
        tol=args.tol,
        load=load if busiest > cores + 1 else "otherwise idle",
    )
    text = "\n\n".join(
        [
            "# Dawid-Skene on Dask",
            caption,
            markdown_table(columns, lines),
            environment_line(described),
        ]
    )
    raw = {"environment": described, "tol": args.tol, "rows": rows}
    write_results(args.output, "truth_inference_dask", text, raw)


if __name__ == "__main__":
    main()
