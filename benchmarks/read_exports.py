"""How long a large export takes to be read, and how much memory.

Writes a JSON Lines file as Prodigy does, and as a table of answers, of growing sizes,
and reads each in a process of its own.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _common import (
    add_output,
    environment,
    environment_line,
    markdown_table,
    write_results,
)

WORDS = ("people", "met", "in", "an", "old", "hall", "and", "spoke", "until", "dark")
LABELS = ["good", "bad", "neither"]
N_ANNOTATORS = 50
MEGABYTE = 10**6
TABLE_PART = 10  # its rows are short


def prodigy_lines(n_bytes):
    """Yield lines of about 1.2 kB: three annotators choose an option for each item."""
    text = " ".join(WORDS * 20)
    options = json.dumps([{"id": label, "text": label} for label in LABELS])
    written = n_task = 0
    while written < n_bytes:
        item, r = divmod(n_task, 3)
        label, annotator = LABELS[(item * (r + 1)) % 3], (item + 7 * r) % N_ANNOTATORS
        line = (
            f'{{"text": "{item} {text}", "_input_hash": {item}, '
            f'"_task_hash": {n_task}, "options": {options}, '
            f'"accept": ["{label}"], "answer": "accept", '
            f'"_annotator_id": "reviews-{annotator}"}}\n'
        )
        written += len(line)
        yield line
        n_task += 1


def table_lines(n_bytes):
    """Yield lines of about 70 bytes, an answer each: a tenth of the size asked for."""
    n_bytes //= TABLE_PART
    yield "item,annotator,answer,seconds,comment\n"
    written = n_answer = 0
    while written < n_bytes:
        item, r = divmod(n_answer, 3)
        annotator = f"worker-{(item + 7 * r) % N_ANNOTATORS}"
        label = LABELS[(item * (r + 1)) % 3]
        line = (
            f"document-{item:09d},{annotator},{label},{n_answer % 60},as in the guide\n"
        )
        written += len(line)
        yield line
        n_answer += 1


SHAPES = {"Prodigy, JSON Lines": prodigy_lines, "table, CSV": table_lines}


def read(path):
    """Read a file in this process, and print what it took as JSON."""
    from skcrowd.io import read_answers

    calls = []
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.process_time()
    export = read_answers(path, progress=lambda done, total: calls.append(done))
    seconds = time.process_time() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "seconds": seconds,
                "before": before.ru_maxrss / 1024,
                "peak": after.ru_maxrss / 1024,
                "answers": export.annotations.n_answers,
                "calls": len(calls),
            }
        )
    )


def measured(shape, megabytes, folder):
    """Write a file, read it in another process, and remove it."""
    path = Path(folder) / ("export.csv" if "CSV" in shape else "export.jsonl")
    with path.open("w", encoding="utf-8") as file:
        file.writelines(SHAPES[shape](megabytes * MEGABYTE))
    size = path.stat().st_size / MEGABYTE
    call = [sys.executable, __file__, "--read", str(path)]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    path.unlink()
    return {"shape": shape, "megabytes": size, **json.loads(done.stdout)}


COLUMNS = [
    "file",
    "MB",
    "answers",
    "processor time, s",
    "MB a second",
    "memory before, MiB",
    "peak, MiB",
    "bytes an answer",
]
CAPTION = """\
`skcrowd.io.read_answers(path, progress=...)`, each file in a process of its own; three
answers to every item, by {annotators} annotators.

- **memory before**: largest resident memory of Python with `skcrowd.io` imported.
- **peak**: the same after reading.
- **bytes an answer**: what came on top, divided by the number of answers. It includes
  the names of the items, and the final annotations beside what was collected.
"""


def cells(row):
    """One line of the table."""
    grown = (row["peak"] - row["before"]) * 2**20 / row["answers"]
    return [
        row["shape"],
        f"{row['megabytes']:.0f}",
        row["answers"],
        f"{row['seconds']:.1f}",
        f"{row['megabytes'] / row['seconds']:.0f}",
        f"{row['before']:.0f}",
        f"{row['peak']:.0f}",
        f"{grown:.0f}",
    ]


def report(args, rows):
    """Write what has been measured so far."""
    described = environment(args.threads)
    table = markdown_table(COLUMNS, [cells(row) for row in rows])
    caption = CAPTION.format(annotators=N_ANNOTATORS)
    foot = environment_line(described)
    text = f"# Large exports\n\n{table}\n\n{caption}\n{foot}"
    raw = {"environment": described, "results": rows}
    write_results(args.output, "read_exports", text, raw)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--read", help="read this file, and print what it took")
    parser.add_argument(
        "--megabytes",
        type=int,
        nargs="*",
        default=[100, 1000],
        help="sizes of the JSON Lines; tables are a tenth of it (default: 100 1000)",
    )
    parser.add_argument("--quick", action="store_true", help="5 and 10 MB")
    add_output(parser)
    args = parser.parse_args()
    if args.read:
        read(args.read)
        return
    if args.quick:
        args.megabytes = [5, 10]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for megabytes in sorted(args.megabytes):
            for shape in SHAPES:
                rows.append(measured(shape, megabytes, folder))
                report(args, [row for x in SHAPES for row in rows if row["shape"] == x])


if __name__ == "__main__":
    main()
