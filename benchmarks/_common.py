"""What the benchmark scripts share: result files, tables, small statistics."""

import argparse
import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results"

PACKAGES = (
    "skcrowd",
    "numpy",
    "scipy",
    "scikit-learn",
    "torch",
    "skorch",
    "scikit-activeml",
    "crowd-kit",
    "cleanlab",
)


def add_output(parser):
    """Add the arguments that every benchmark has."""
    parser.add_argument(
        "--output",
        type=Path,
        default=RESULTS,
        help="folder for the .md and .json files (default: benchmarks/results)",
    )
    parser.add_argument(
        "--threads", type=int, default=1, help="threads of torch (default: 1)"
    )


def parse_table(doc, file, *, seeds, can_update=False):
    """Read the arguments of a script that fits every row of a table with every seed.

    Parameters
    ----------
    doc : str
        Docstring of the script.
    file : str
        The real data's file, such as ``"labelme.npz"``.
    seeds : int
        Default number of seeds.
    can_update : bool, default=False
        Whether ``--update`` is an option.

    Returns
    -------
    args : argparse.Namespace
        ``most_items`` of simulated data to learn from: None, all of them, but with
        ``--quick``.
    """
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=seeds, help="number of seeds")
    parser.add_argument(
        "--data",
        type=Path,
        default=None,
        help=f"folder with {file}; default: ../shared/data beside the repository where "
        "it exists, else the download of skcrowd.datasets",
    )
    parser.add_argument("--data-home", default=None, help="cache of the download")
    parser.add_argument("--only", nargs="*", help="rows whose name contains a text")
    parser.add_argument("--epochs", type=int, help="instead of each row's own")
    parser.add_argument(
        "--quick", action="store_true", help="one seed, two epochs, few items"
    )
    if can_update:
        parser.add_argument(
            "--update",
            action="store_true",
            help="keep the stored figures of rows that are not run",
        )
    add_output(parser)
    args = parser.parse_args()
    args.most_items = 120 if args.quick else None
    if args.quick:
        args.seeds, args.epochs = 1, 2
    return args


def matches(name, wanted):
    """Whether the user asked for the row of this name."""
    return not wanted or any(text in name for text in wanted)


def installed_version(package):
    """Return the version of a package, or None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def environment(threads):
    """Describe where the numbers come from."""
    versions = {name: installed_version(name) for name in PACKAGES}
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "cpu_count": os.cpu_count(),
        "threads": threads,
        "versions": {name: text for name, text in versions.items() if text},
    }


def environment_line(described):
    """One sentence on the environment, for the foot of a table."""
    versions = ", ".join(f"{k} {v}" for k, v in described["versions"].items())
    return (
        f"Python {described['python']} on {described['machine']}, "
        f"{described['cpu_count']} CPU cores, {described['threads']} thread(s) for "
        f"torch; {versions}."
    )


def mean_std(values, digits, scale=1.0):
    """Write mean ± sample standard deviation; a dash where there are no values."""
    values = [value * scale for value in values if value is not None]
    if not values:
        return "-"
    mean = f"{np.mean(values):.{digits}f}"
    if len(values) == 1:
        return mean
    return f"{mean} ± {np.std(values, ddof=1):.{digits}f}"


def markdown_table(columns, rows):
    """Write a markdown table; the first column is text, the others are numbers."""
    lines = [columns, ["---"] + ["---:"] * (len(columns) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def write_results(folder, name, text, raw):
    """Print the text, and write it and the raw numbers next to each other."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(text + "\n", encoding="utf-8")
    numbers = json.dumps(raw, indent=1, ensure_ascii=False)
    (folder / f"{name}.json").write_text(numbers + "\n", encoding="utf-8")
    print(f"\n{text}\n\nWritten to {folder / name}.md and .json")
