"""What the benchmark scripts share: result files, tables, small statistics."""

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
