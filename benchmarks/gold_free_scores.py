"""Which score ranks models as the truth does, and how many true labels settle it.

For every data set and grid of models, all are fitted to two thirds of the answered
items. Every score of ``skcrowd.metrics`` sees the other third: answers, and, where it
needs them, some true labels. True labels of items that no score sees judge.
"""

import argparse
from pathlib import Path

import numpy as np
from _common import (
    add_output,
    environment,
    environment_line,
    markdown_table,
    matches,
    write_results,
)
from _score_fits import fit_models, remembered
from _score_grids import GRIDS, PRIOR_LIKE
from _score_tasks import N_SENTENCES, tasks
from _score_values import ranking, score_models
from joblib import Parallel, delayed

NUMBERS = [10, 25, 50, 100, 200]
N_DRAWS = 1
QUICK = {"sets": ["rare, average", "ratings, diabetes"], "grids": ["epochs"]}
CAPTION = """\
Spearman correlation of the score with the true quality of the models (accuracy, R² or
span F1 on items that no score sees), mean over {n_seeds} seed(s), which draw the items
to score on and the networks; in brackets how much worse than the best model of its grid
the chosen one is, in points. Grids whose models differ by less than a point are left
out, and so are scores that a data set is too small for. A number behind a score: true
labels that it sees, drawn at random, once a seed.

- **±**: standard deviation over the seeds of the mean over everything.
- **worst**: the data set and grid with the lowest correlation. **loss**: mean of what
  stands in brackets; **worst loss**: on the data set and grid where it is largest.
- **gain**: mean gain of the chosen model over the first of its grid, which is the
  default, or the regulariser with weight 0.
- **priors**: the grids {priors}, whose regularisers
  assume something of the truth that no answer tells.

LabelMe is judged by its validation split, CoNLL is the first {n_sentences} sentences
of its training and test splits and few epochs.
"""


def main():
    """Run the tables."""
    args = read_arguments()
    todo = [
        (name, task, seed)
        for name, task in tasks(args.data, args.data_home).items()
        if matches(name, args.sets)
        for seed in args.seeds
    ]
    found = Parallel(n_jobs=args.jobs, verbose=10)(
        delayed(remembered)(
            args.cache,
            ("scores", name, seed, args.epochs, args.grids, args.quick),
            *(run, name, task, seed, args),
        )
        for name, task, seed in todo
    )
    report(args, [line for lines in found for line in lines])


def read_arguments():
    """Read what the user wants."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2, 3, 4])
    parser.add_argument("--sets", nargs="*", help="data sets whose name has a text")
    parser.add_argument("--grids", nargs="*", help="grids, likewise")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--epochs", type=int, help="instead of the default")
    parser.add_argument(
        "--cache", type=Path, help="folder that keeps fits and scores for the next run"
    )
    parser.add_argument("--data", type=Path, help="folder with the real data's files")
    parser.add_argument("--data-home", default=None, help="cache of the download")
    parser.add_argument("--quick", action="store_true", help="one seed, few models")
    add_output(parser)
    args = parser.parse_args()
    if args.quick:
        args.seeds, args.epochs, args.jobs = [0], 2, 1
        args.sets = args.sets or QUICK["sets"]
        args.grids = args.grids or QUICK["grids"]
    return args


def run(name, make_task, seed, args):
    """Fit and score all models of a data set; a line for each grid and score."""
    task = make_task(seed)
    grids = {
        grid: models[:3] if args.quick else models
        for grid, models in GRIDS[task.estimator].items()
        if matches(grid, args.grids)
    }
    models, of_grid = fit_models(name, task, grids, seed, args)
    scores = score_models(task, models, NUMBERS, N_DRAWS, seed)
    gold = np.array([model.gold for model in models])
    lines = []
    for grid, places in of_grid.items():
        for score, values in scores.items():
            told = ranking(values[:, places], gold[places])
            lines.append(
                {
                    "set": name,
                    "grid": grid,
                    "seed": seed,
                    "score": score,
                    "values": values[:, places].tolist(),
                    "gold": gold[places].tolist(),
                    **dict(zip(("correlation", "regret", "gain"), told, strict=True)),
                }
            )
    return lines


def report(args, lines):
    """Write the tables and the raw numbers."""
    names = list(dict.fromkeys(line["score"] for line in lines))
    counted = [line for line in lines if not np.isnan(line["correlation"])]
    sets, grids = (
        list(dict.fromkeys(line[key] for line in counted)) for key in ("set", "grid")
    )
    order = sorted(names, key=lambda name: -mean(counted, "correlation", score=name))
    overall = [[name, *summary(counted, name)] for name in order]
    columns = ["score", "correlation", "±", "worst", "loss", "worst loss", "gain"]
    described = environment(args.threads)
    text = "\n\n".join(
        [
            "# Scores without gold labels, and with few",
            markdown_table([*columns, "priors", "others"], overall),
            by(counted, order, "set", sets),
            by(counted, order, "grid", grids),
            caption(args),
            environment_line(described),
        ]
    )
    write_results(
        args.output,
        "gold_free_scores",
        text,
        {"environment": described, "seeds": args.seeds, "results": nested(lines)},
    )


def select(lines, **wanted):
    """Keep the lines that have the values wanted."""
    return [x for x in lines if all(x[key] == value for key, value in wanted.items())]


def mean(lines, what, **wanted):
    """Mean over some lines, each data set and grid counted once a seed."""
    values = [line[what] for line in select(lines, **wanted)]
    return float(np.mean(values)) if values else np.nan


def summary(lines, score):
    """One line of the first table, after the name."""
    own = select(lines, score=score)
    if not own:  # constant scores of the few epochs of --quick have no correlation
        return ["-"] * 8
    seeds = {line["seed"] for line in own}
    each = [mean(own, "correlation", seed=seed) for seed in seeds]
    cells = {(line["set"], line["grid"]) for line in own}
    parts = [select(own, set=name, grid=grid) for name, grid in cells]
    prior_like = [line for line in own if line["grid"] in PRIOR_LIKE]
    others = [line for line in own if line["grid"] not in PRIOR_LIKE]
    return [
        f"{mean(own, 'correlation'):.2f}",
        f"{np.std(each, ddof=1) if len(each) > 1 else 0:.2f}",
        f"{min(mean(part, 'correlation') for part in parts):.2f}",
        f"{100 * mean(own, 'regret'):.1f}",
        f"{100 * max(mean(part, 'regret') for part in parts):.1f}",
        f"{100 * mean(own, 'gain'):.1f}",
        f"{mean(prior_like, 'correlation'):.2f}",
        f"{mean(others, 'correlation'):.2f}",
    ]


def by(lines, order, key, names):
    """Write a table with a column for each data set, or each grid."""
    rows = [
        [score, *(cell(select(lines, **{"score": score, key: name})) for name in names)]
        for score in order
    ]
    return markdown_table([f"score by {key}", *names], rows)


def cell(lines):
    """Write correlation and loss."""
    if not lines:
        return "-"
    return f"{mean(lines, 'correlation'):.2f} ({100 * mean(lines, 'regret'):.1f})"


def caption(args):
    """Say what the tables show."""
    return CAPTION.format(
        n_seeds=len(args.seeds),
        priors=", ".join(PRIOR_LIKE),
        n_sentences=N_SENTENCES,
    )


def nested(lines):
    """Order the raw numbers by data set, grid and score; one value a seed."""
    results: dict = {}
    for line in lines:
        grid = results.setdefault(line["set"], {}).setdefault(line["grid"], {})
        score = grid.setdefault(line["score"], {})
        for what in ("correlation", "regret", "gain"):
            score.setdefault(what, []).append(rounded(line[what]))
    return results


def rounded(value):
    """Return what JSON can hold; it has no NaN."""
    return None if np.isnan(value) else round(value, 3)


if __name__ == "__main__":
    main()
