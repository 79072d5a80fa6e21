"""Which method should be the default: all of them on crowds of many sorts.

Simulated crowds, ordinary and hostile ones, answer data sets of scikit-learn; LabelMe's
real answers are scored by its validation split, those to Music and of language models
by their test items. Every method has its defaults, and so has the network. Beside them
stand classifiers of scikit-learn that are trained on one inferred label an item.
"""

import argparse
import json
import warnings
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from _common import (
    add_output,
    environment,
    environment_line,
    markdown_table,
    matches,
    mean_std,
    write_results,
)
from _crowd_sets import SIMULATED, answered, labelme, supervised
from _hostile_crowds import HOSTILE
from _real_crowds import real
from _yardsticks import YARDSTICKS, yardstick
from joblib import Parallel, delayed
from scipy.stats import rankdata

from skcrowd import CrowdClassifier
from skcrowd.exceptions import CrowdWarning

BASELINE = "majority_vote"
SIMPLE = (BASELINE, "dawid_skene", *YARDSTICKS)
NO_DROPOUT = {"module__dropout": 0.0, "module__input_dropout": 0.0}
FAR = 0.1  # below the vote: a collapse
NOISE = 2.0  # standard errors
CAPTION = """\
Accuracy on held-out gold labels (balanced accuracy where a class has 1 or 3 % of the
items), at most {n_seeds} seed(s); all settings are defaults. Columns with a comma are
classifiers of scikit-learn trained on the vote, or on the truth that the Dawid-Skene
model infers.

- **rank**: mean over {n_sets} data sets of the method's place, 1 is best.
- **accuracy**: mean over the data sets, %.
- **gain**: mean gain over training on the soft majority vote, points.
- **worst gain**: on the data set where it gains least.
- **below the vote**: data sets where the mean gain is negative by more than twice its
  standard error over seeds and items that score.
- **below the simple**: data sets where the method is below the best of {n_simple}
  simple ones, as far: our network trained on the vote and on Dawid-Skene labels, and
  the classifiers of scikit-learn.
- **collapses**: fits more than {far} points below the vote of the same seed.
- **s**: median seconds a fit, {n_jobs} at a time on a machine that is busy with them.
"""


def main():
    """Run the table."""
    args = read_arguments()
    sets = {name: task for name, task in data_sets(args) if matches(name, args.sets)}
    known = [*CrowdClassifier._known_methods, *YARDSTICKS]
    methods = [m for m in known if matches(m, args.only) or m == BASELINE]
    runs = Parallel(n_jobs=args.jobs, verbose=10)(
        delayed(run)(name, task, method, seed, args)
        for seed in range(args.seeds)
        for name, task in sets.items()
        for method in methods
    )
    shape = args.seeds, len(sets), len(methods), 3
    accuracy, error, seconds = np.array(runs).reshape(shape).transpose(3, 1, 2, 0)
    report(args, [*sets], methods, accuracy, error, seconds)


def data_sets(args):
    """Yield the name of every data set, and the data or a function that makes it."""
    for name, crowd in SIMULATED.items():
        yield name, partial(answered, crowd)
    yield from HOSTILE.items()
    if not args.quick:
        yield from labelme(args.data, args.data_home)
        yield from real(args.data)


def read_arguments():
    """Read what the user wants."""
    parser = argument_parser(__doc__, "methods")
    parser.add_argument(
        "--stored", action="store_true", help="only what is in that folder, no fits"
    )
    parser.add_argument("--figure", type=Path, help="where to draw the gains, a PNG")
    return parsed(parser)


def argument_parser(description, rows):
    """Return a parser of the options of all benchmarks on these data sets."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    parser.add_argument("--only", nargs="*", help=f"{rows} whose name contains a text")
    parser.add_argument("--sets", nargs="*", help="data sets, likewise")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--epochs", type=int, help="instead of the default")
    parser.add_argument("--data", type=Path, help="folder of the real crowds")
    parser.add_argument("--data-home", default=None, help="cache of the download")
    parser.add_argument(
        "--folder", type=Path, help="where scores are kept for the next run"
    )
    parser.add_argument(
        "--quick", action="store_true", help="one seed, two epochs, fits to few items"
    )
    add_output(parser)
    return parser


def parsed(parser):
    """Parse the command line; a quick run has one seed, few epochs and items."""
    args = parser.parse_args()
    args.most_items = 120 if args.quick else None
    if args.quick:
        args.seeds, args.epochs = 1, 2
    return args


def run(name, task, method, seed, args):
    """Fit once, unless the score is stored: accuracy, its error, and seconds.

    NaN where there is no score.
    """
    place = args.folder and args.folder / f"{name}, {method}, {seed}.json".replace(
        "/", " of "
    )
    if place and place.exists():
        return json.loads(place.read_text())
    if args.stored:
        return [np.nan] * 3
    task = task() if callable(task) else task
    start = perf_counter()
    if method in YARDSTICKS:
        predicted = yardstick(method, task, seed)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CrowdWarning)  # of hostile crowds
            clf = fitted(task, seed, args, method=method)
        predicted = clf.predict(task.X_judge)
    seconds = perf_counter() - start
    scores = [np.nan] * 3 if predicted is None else [*score(task, predicted), seconds]
    if place:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(scores))
    return scores


def score(task, predicted):
    """Return the accuracy, balanced where a class is rare, and its standard error."""
    right = np.asarray(predicted) == task.z_judge
    if not task.get("is_balanced", False):
        return right.mean(), right.std() / np.sqrt(len(right))
    parts = [right[task.z_judge == label] for label in np.unique(task.z_judge)]
    variance = sum(part.var() / len(part) for part in parts) / len(parts) ** 2
    return np.mean([part.mean() for part in parts]), np.sqrt(variance)


def fitted(task, seed, args, **chosen):
    """Fit with defaults, but for what is chosen."""
    torch.set_num_threads(args.threads)
    epochs = {"max_epochs": args.epochs} if args.epochs else {}
    clf = CrowdClassifier(random_state=seed, **epochs, **chosen)
    return clf.fit(task.X[: args.most_items], task.Y[: args.most_items])


def true_labels(args):
    """Write what the default network learns from true labels, by its dropout."""
    choices = {"default": {}, "no dropout": NO_DROPOUT}
    rows = []
    for name, task in supervised():
        scores = [
            [
                fitted(task, seed, args, **chosen).score(task.X_judge, task.z_judge)
                for seed in range(args.seeds)
            ]
            for chosen in choices.values()
        ]
        rows.append([name, *(mean_std(s, 1, scale=100) for s in scores)])
    return markdown_table(["true labels", *choices], rows)


def report(args, sets, methods, accuracy, error, seconds):
    """Write tables, raw numbers and the figure; NaN is what was not measured."""
    gain = accuracy - accuracy[:, [methods.index(BASELINE)]]
    means = mean_of_seeds(accuracy)
    ranks = np.nanmean(rankdata(-means, axis=1, nan_policy="omit"), axis=0)
    order = np.argsort(ranks)
    error = mean_of_seeds(error)
    simple = [m for m, name in enumerate(methods) if name in SIMPLE]
    lines = []
    for m in order:
        rivals = [s for s in simple if s != m] or [m]
        above = means[:, m] - np.nanmax(means[:, rivals], axis=1)
        line = summary(accuracy[:, m], gain[:, m], error[:, m], above, seconds[:, m])
        lines.append([methods[m], f"{ranks[m]:.1f}", *line])
    columns = ["method", "rank", "accuracy", "gain", "worst gain", "below the vote"]
    columns += ["below the simple", "collapses", "s"]
    table = markdown_table(columns, lines)
    described = environment(args.threads)
    caption = CAPTION.format(
        n_seeds=args.seeds,
        n_sets=len(sets),
        n_simple=len(simple),
        far=int(100 * FAR),
        n_jobs=args.jobs,
    )
    text = (
        f"# Crowds of many sorts\n\n{table}\n\n{caption}\n"
        f"{by_set(sets, methods, accuracy, order)}\n\n{true_labels(args)}\n\n"
        f"{environment_line(described)}"
    )
    raw = {
        "environment": described,
        "sets": sets,
        "methods": methods,
        "accuracy": as_json(accuracy),
        "seconds": as_json(seconds),
    }
    write_results(args.output, "crowds", text, raw)
    if args.figure:
        draw(args.figure, sets, methods, mean_of_seeds(gain), order)


def mean_of_seeds(values):
    """Average the seeds that were measured; NaN without any."""
    n_seeds = np.isfinite(values).sum(axis=-1)
    total = np.nansum(values, axis=-1)
    return np.where(n_seeds > 0, total / np.maximum(n_seeds, 1), np.nan)


def as_json(values):
    """Return nested lists, with None for NaN."""
    return np.where(np.isfinite(values), values, None).tolist()


def summary(accuracy, gain, error, above, seconds):
    """One line of the table, of arrays (n_sets, n_seeds) or (n_sets,).

    `error` is the standard error of an accuracy over the items that score; that of a
    difference of two is about as large, because they err on the same items.
    """
    mean = mean_of_seeds(gain)
    n_seeds = np.maximum(np.isfinite(gain).sum(axis=1), 1)
    spread = np.sqrt(mean_of_seeds((gain - mean[:, None]) ** 2) / n_seeds)
    noise = np.maximum(NOISE * np.hypot(spread, error), 1e-9)
    return [
        f"{100 * np.nanmean(mean_of_seeds(accuracy)):.1f}",
        f"{100 * np.nanmean(mean):.1f}",
        f"{100 * np.nanmin(mean):.1f}",
        str((mean < -noise).sum()),
        str((above < -noise).sum()),
        str((gain < -FAR).sum()),
        f"{np.nanmedian(seconds):.1f}",
    ]


def by_set(sets, methods, accuracy, order):
    """Write the accuracy on every data set."""
    rows = [
        [name, *(cell(accuracy[i, m]) for m in order)] for i, name in enumerate(sets)
    ]
    return markdown_table(["data", *(methods[m] for m in order)], rows)


def cell(values):
    """Write the mean and standard deviation of the seeds that were measured."""
    return mean_std(values[np.isfinite(values)], 1, scale=100)


def draw(path, sets, methods, gain, order):
    """Draw the gains over the vote as a table of colours."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2 + 0.45 * len(methods), 1.5 + 0.3 * len(sets)))
    axes = figure.subplots()
    image = axes.imshow(100 * gain[:, order], cmap="RdBu", vmin=-20, vmax=20)
    axes.set_xticks(range(len(order)), [methods[m] for m in order], rotation=90)
    axes.set_yticks(range(len(sets)), sets)
    figure.colorbar(image, label="points above the majority vote", shrink=0.5)
    figure.savefig(path, dpi=150, bbox_inches="tight")


if __name__ == "__main__":
    main()
