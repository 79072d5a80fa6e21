"""Which method should be the default: all of them on crowds of many sorts.

Simulated crowds answer data sets of scikit-learn; LabelMe's real answers are judged by
its validation split. Every method has its defaults, and so has the network. No test
split is read: this table is where the default of CrowdClassifier comes from.
"""

import argparse
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
from _crowd_sets import labelme, simulated, supervised
from joblib import Parallel, delayed
from scipy.stats import rankdata

from skcrowd import CrowdClassifier

BASELINE = "majority_vote"
NO_DROPOUT = {"module__dropout": 0.0, "module__input_dropout": 0.0}
FAR = 0.1  # below the vote: a collapse
CAPTION = """\
Accuracy on held-out gold labels, {n_seeds} seed(s); all settings are defaults.

- **rank**: mean over {n_sets} data sets of the method's place, 1 is best.
- **accuracy**: mean over the data sets, %.
- **gain**: mean gain over training on the soft majority vote, points.
- **worst gain**: on the data set where it gains least.
- **below the vote**: data sets where the mean gain is negative by more than twice its
  standard error over the seeds.
- **collapses**: fits more than {far} points below the vote of the same seed.
- **s**: median seconds a fit, {n_jobs} at a time on a machine that is busy with them.
"""


def main():
    """Run the table."""
    args = read_arguments()
    data = dict(simulated())
    if not args.quick:
        data.update(labelme(args.data, args.data_home))
    data = {name: task for name, task in data.items() if matches(name, args.sets)}
    methods = [
        m
        for m in CrowdClassifier._known_methods
        if matches(m, args.only) or m == BASELINE
    ]
    if args.quick:
        args.seeds, args.epochs = 1, 2
    runs = Parallel(n_jobs=args.jobs, verbose=10)(
        delayed(run)(task, method, seed, args)
        for task in data.values()
        for method in methods
        for seed in range(args.seeds)
    )
    shape = len(data), len(methods), args.seeds
    accuracy, seconds = np.array(runs).T.reshape(2, *shape)
    report(args, [*data], methods, accuracy, seconds)


def read_arguments():
    """Read what the user wants."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    parser.add_argument("--only", nargs="*", help="methods whose name contains a text")
    parser.add_argument("--sets", nargs="*", help="data sets, likewise")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--epochs", type=int, help="instead of the default")
    parser.add_argument("--data", type=Path, help="folder with labelme.npz")
    parser.add_argument("--data-home", default=None, help="cache of the download")
    parser.add_argument("--figure", type=Path, help="where to draw the gains, a PNG")
    parser.add_argument("--quick", action="store_true", help="one seed, two epochs")
    add_output(parser)
    return parser.parse_args()


def run(task, method, seed, args):
    """Fit once: accuracy, and seconds."""
    start = perf_counter()
    clf = fitted(task, seed, args, method=method)
    return clf.score(task.X_judge, task.z_judge), perf_counter() - start


def fitted(task, seed, args, **chosen):
    """Fit with defaults, but for what is chosen."""
    torch.set_num_threads(args.threads)
    epochs = {"max_epochs": args.epochs} if args.epochs else {}
    clf = CrowdClassifier(random_state=seed, **epochs, **chosen)
    return clf.fit(task.X, task.Y)


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


def report(args, sets, methods, accuracy, seconds):
    """Write tables, raw numbers and the figure."""
    gain = accuracy - accuracy[:, [methods.index(BASELINE)]]
    ranks = rankdata(-accuracy.mean(axis=2), axis=1).mean(axis=0)
    order = np.argsort(ranks)
    lines = [summary(accuracy[:, m], gain[:, m], seconds[:, m]) for m in order]
    rows = [
        [methods[m], f"{ranks[m]:.1f}", *line]
        for m, line in zip(order, lines, strict=True)
    ]
    columns = ["method", "rank", "accuracy", "gain", "worst gain", "below the vote"]
    table = markdown_table([*columns, "collapses", "s"], rows)
    described = environment(args.threads)
    caption = CAPTION.format(
        n_seeds=args.seeds, n_sets=len(sets), far=int(100 * FAR), n_jobs=args.jobs
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
        "accuracy": accuracy.tolist(),
        "seconds": seconds.tolist(),
    }
    write_results(args.output, "crowds", text, raw)
    if args.figure:
        draw(args.figure, sets, methods, gain.mean(axis=2), order)


def summary(accuracy, gain, seconds):
    """One line of the table, of arrays (n_sets, n_seeds)."""
    error = gain.std(axis=1, ddof=min(1, gain.shape[1] - 1)) / np.sqrt(gain.shape[1])
    below = gain.mean(axis=1) < -np.maximum(2 * error, 1e-9)
    return [
        f"{100 * accuracy.mean():.1f}",
        f"{100 * gain.mean():.1f}",
        f"{100 * gain.mean(axis=1).min():.1f}",
        str(below.sum()),
        str((gain < -FAR).sum()),
        f"{np.median(seconds):.1f}",
    ]


def by_set(sets, methods, accuracy, order):
    """Write the accuracy on every data set."""
    rows = [
        [name, *(mean_std(accuracy[i, m], 1, scale=100) for m in order)]
        for i, name in enumerate(sets)
    ]
    return markdown_table(["data", *(methods[m] for m in order)], rows)


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
