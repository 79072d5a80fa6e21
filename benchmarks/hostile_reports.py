"""Consensus, probabilities and intervals that reports state on crowds that mislead.

All settings are defaults, and no true label is known to the fits; they only score. The
crowds are those of crowds.py whose true labels of the answered items are known.
"""

import argparse
import warnings
from functools import partial
from pathlib import Path

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
from _crowd_sets import SIMULATED, answered
from _hostile_crowds import HOSTILE
from _label_errors import calibration_error

from skcrowd import CrowdClassifier
from skcrowd.exceptions import CrowdWarning

CAPTION = """\
Mean ± sample standard deviation over {n_seeds} seed(s) of network and folds.

- **vote**: share of right labels of the majority vote, %.
- **inferred**: the same of `posterior_`, the truth that `fit` infers.
- **consensus**: the same of `label_quality`, with networks that have not seen
  an item.
- **expected**: mean probability of being right that `label_quality` states, %; it
  should be the share before it.
- **calibration error**: mean difference of the two in ten bins of as many items,
  points.
- **holds**: of 100 annotators, how many have their true share of right answers in the
  interval of `annotator_report` (95 %).
- **width**: mean width of these intervals.
- **error**: mean absolute error of `accuracy`.
"""
COLUMNS = (
    *("vote", "inferred", "consensus", "expected", "calibration error"),
    *("holds", "width", "error"),
)
IN_PERCENT = COLUMNS[:6]


def main():
    """Measure all crowds and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    parser.add_argument("--sets", nargs="*", help="crowds whose name contains a text")
    parser.add_argument(
        "--quick", action="store_true", help="one seed, two epochs, few items"
    )
    add_output(parser)
    args = parser.parse_args()
    args.seeds = 1 if args.quick else args.seeds
    torch.set_num_threads(args.threads)
    crowds = {name: partial(answered, crowd) for name, crowd in SIMULATED.items()}
    results = {}
    for name, make in {**crowds, **HOSTILE}.items():
        if matches(name, args.sets):
            data = make()
            results[name] = [measured(data, seed, args) for seed in range(args.seeds)]
            report(args, results)


def measured(data, seed, args):
    """Fit once, and return a number for every column."""
    most, options = (100, {"max_epochs": 2}) if args.quick else (None, {})
    X, y, truth = data.X[:most], data.Y[:most], np.asarray(data.z)[:most]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CrowdWarning)  # of crowds that mislead
        clf = CrowdClassifier(random_state=seed, **options).fit(X, y)
        quality = clf.label_quality(X, y)
    inferred = clf.classes_[clf.posterior_.argmax(axis=1)]
    is_right = quality["consensus_label"].to_numpy() == truth
    probability = quality["consensus_probability"].to_numpy()
    votes = np.zeros((len(truth), len(y.classes)))
    np.add.at(votes, (y.item, y.answer), 1)
    return {
        "vote": float((y.classes[votes.argmax(axis=1)] == truth).mean()),
        "inferred": float((inferred == truth).mean()),
        "consensus": float(is_right.mean()),
        "expected": float(probability.mean()),
        "calibration error": calibration_error(probability, is_right),
        **intervals(clf.annotator_report(), y, truth),
    }


def intervals(found, y, truth):
    """Compare reported accuracies with the true shares of right answers."""
    n_answers = y.answers_per_annotator
    is_right = y.classes[y.answer] == truth[y.item]
    share = np.bincount(y.annotator, is_right, y.n_annotators) / np.maximum(
        n_answers, 1
    )
    known = n_answers > 0
    low, high = found["accuracy_low"].to_numpy(), found["accuracy_high"].to_numpy()
    return {
        "holds": float(((low <= share) & (share <= high))[known].mean()),
        "width": float((high - low)[known].mean()),
        "error": float(np.abs(found["accuracy"].to_numpy() - share)[known].mean()),
    }


def report(args, results):
    """Write the table and the raw numbers."""
    rows = []
    for name, runs in results.items():
        values = ((column, [run[column] for run in runs]) for column in COLUMNS)
        cells = (
            mean_std(each, 1, scale=100) if column in IN_PERCENT else mean_std(each, 3)
            for column, each in values
        )
        rows.append([name, *cells])
    described = environment(args.threads)
    text = (
        "# Reports on crowds that mislead\n\n"
        f"{markdown_table(['crowd', *COLUMNS], rows)}\n\n"
        f"{CAPTION.format(n_seeds=args.seeds)}\n{environment_line(described)}"
    )
    raw = {"environment": described, "seeds": args.seeds, "results": results}
    write_results(args.output, Path(__file__).stem, text, raw)


if __name__ == "__main__":
    main()
