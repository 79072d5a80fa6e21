"""The defaults of the default method, chosen without the crowd they are measured on.

For each data set of crowds.py the setting of `RegularizedEM` is chosen by the mean
accuracy on all the others, and the one that was left out is scored.
"""

import json
import re
import warnings

import numpy as np
from _common import (
    environment,
    environment_line,
    markdown_table,
    matches,
    mean_std,
    write_results,
)
from crowds import argument_parser, data_sets, fitted, parsed, score
from joblib import Parallel, delayed

from skcrowd.exceptions import CrowdWarning
from skcrowd.methods import RegularizedEM

DEFAULT, VOTE = "default", "majority vote"
CHANGES = {
    DEFAULT: {},
    "structure_weight=10": {"structure_weight": 10.0},
    "structure_weight=100": {"structure_weight": 100.0},
    "shares_weight=0.3": {"shares_weight": 0.3},
    "shares_weight=1": {"shares_weight": 1.0},
    "pseudo_counts=1": {"pseudo_counts": 1.0},
    "pseudo_counts=10": {"pseudo_counts": 10.0},
    "warm_epochs=2": {"warm_epochs": 2},
    "warm_epochs=10": {"warm_epochs": 10},
    "n_folds=2": {"n_folds": 2},
    "annotator_groups=None": {"annotator_groups": None},
}
SOURCES = (  # of items, and how the names of their data sets start; else the digits
    ("wine", "wine|50 wines"),
    ("breast cancer", "breast cancer"),
    ("make_classification", "even|forest|rare|1 % prev|3 % prev"),
    ("Gaussian clusters", "100 classes"),
    ("LabelMe", "LabelMe"),
    ("Music", "Music"),
    ("language models", "judges"),
)
CAPTION = """\
Accuracy on held-out gold labels (balanced where a class has 1 or 3 % of the items), %,
mean ± sample standard deviation over {n_seeds} seed(s). *left out*: for each data set,
the setting with the best mean on the data sets of all *other* sources, and the accuracy
that it gives on this one. Crowds on the same items are one source: those on the digits,
or on LabelMe in all its scalings, are left out together. *best here*: the setting that
is best on this data set, chosen by the labels that score, which nobody can know. The
settings are the defaults and, one at a time, {n_changes} change(s). What the method
consists of was found on some of the same crowds.
"""


def main():
    """Measure all settings on all data sets and write the table."""
    args = parsed(argument_parser(__doc__, "settings"))
    sets = {name: task for name, task in data_sets(args) if matches(name, args.sets)}
    settings = [name for name in CHANGES if matches(name, args.only)]
    settings = [*dict.fromkeys([DEFAULT, *settings]), VOTE]
    runs = Parallel(n_jobs=args.jobs)(
        delayed(run)(name, task, setting, seed, args)
        for seed in range(args.seeds)
        for name, task in sets.items()
        for setting in settings
    )
    shape = args.seeds, len(sets), len(settings)
    report(args, [*sets], settings[:-1], np.array(runs).reshape(shape))


def run(name, task, setting, seed, args):
    """Return the accuracy of one fit, unless it is stored."""
    file = re.sub("[^a-zA-Z0-9=.]+", "_", f"{name} {setting} {seed}") + ".json"
    place = args.folder and args.folder / file
    if place and place.exists():
        return json.loads(place.read_text(encoding="utf-8"))
    task = task() if callable(task) else task
    is_vote = setting == VOTE
    method = "majority_vote" if is_vote else RegularizedEM(**CHANGES[setting])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CrowdWarning)  # of hostile crowds
        clf = fitted(task, seed, args, method=method)
    accuracy = float(score(task, clf.predict(task.X_judge))[0])
    if place:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(accuracy), encoding="utf-8")
    return accuracy


def source(name):
    """Return the name of the items of a data set."""
    return next((items for items, start in SOURCES if re.match(start, name)), "digits")


def leave_one_out(sets, means):
    """Return the number of the setting that the data sets of other sources choose.

    Parameters
    ----------
    sets : list of str
    means : ndarray of shape (n_sets, n_settings)
    """
    sources = np.array([source(name) for name in sets])
    chosen = []
    for own in sources:
        others = means[sources != own]
        chosen.append(int(others.mean(axis=0).argmax()) if len(others) else 0)
    return chosen


def report(args, sets, settings, accuracy):
    """Write the table; `accuracy` is (n_seeds, n_sets, n_settings + 1)."""
    vote, means = accuracy[:, :, -1], accuracy[:, :, :-1].mean(axis=0)
    chosen = leave_one_out(sets, means)
    picked = {
        "majority vote": vote,
        "default": accuracy[:, :, 0],
        "left out": accuracy[:, np.arange(len(sets)), chosen],
        "best here": accuracy[:, np.arange(len(sets)), means.argmax(axis=1)],
    }
    lines = [
        [name, *(mean_std(v[:, i], 1, scale=100) for v in picked.values())]
        + [settings[chosen[i]]]
        for i, name in enumerate(sets)
    ]
    averages = [f"{100 * values.mean():.1f}" for values in picked.values()]
    lines.append([f"mean of {len(sets)}", *averages, ""])
    lowest = [
        f"{100 * (values - vote).mean(axis=0).min():.1f}" for values in picked.values()
    ]
    lines.append(["smallest difference from the vote", *lowest, ""])
    by_setting = [
        [name, f"{100 * means[:, s].mean():.2f}", str(chosen.count(s))]
        for s, name in enumerate(settings)
    ]
    described = environment(args.threads)
    text = "\n\n".join(
        [
            "# The default method, one crowd left out",
            CAPTION.format(n_seeds=args.seeds, n_changes=len(settings) - 1),
            markdown_table(["data", *picked, "setting left out"], lines),
            markdown_table(["setting", "mean", "times chosen"], by_setting),
            environment_line(described),
        ]
    )
    raw = {
        "environment": described,
        "sets": sets,
        "settings": [*settings, VOTE],
        "accuracy": np.round(accuracy, 6).tolist(),
        "chosen": [settings[s] for s in chosen],
    }
    write_results(args.output, "crowds_left_out", text, raw)


if __name__ == "__main__":
    main()
