"""How the defaults of CrowdRegressor were chosen, on development data only.

Simulated crowds rate data sets that come with scikit-learn; on the film reviews the
held-out ratings judge. No gold rating of a review is read.
"""

import numpy as np
import torch
from _common import (
    environment,
    environment_line,
    markdown_table,
    matches,
    mean_std,
    parse_table,
    write_results,
)
from _movie_reviews_data import load
from sklearn.datasets import load_diabetes, make_friedman1, make_friedman3
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, cross_val_score, train_test_split
from sklearn.utils import Bunch

from skcrowd import CrowdRegressor
from skcrowd.datasets import make_annotations

UNSCALED = {"module__center": None, "module__scale": None}
CANDIDATES = {
    "all defaults": {},
    "method=mean": {"method": "mean"},
    "method=weighted_mean": {"method": "weighted_mean"},
    "method=gaussian_layer": {"method": "gaussian_layer"},
    "method=crowd_layer": {"method": "crowd_layer"},
    "method=crowd_layer, S+B": {
        "method": "crowd_layer",
        "method__connection": "S+B",
    },
    "crowd_layer, annotator_lr=1e-2": {
        "method": "crowd_layer",
        "method__annotator_lr": 1e-2,
    },
    "gaussian_layer, annotator_lr=1e-3": {
        "method": "gaussian_layer",
        "method__annotator_lr": 1e-3,
    },
    "scale_std=0": {"method__scale_std": 0},
    "scale_std=.1": {"method__scale_std": 0.1},
    "scale_std=1": {"method__scale_std": 1},
    "pseudo_counts=0": {"method__pseudo_counts": 0},
    "pseudo_counts=5": {"method__pseudo_counts": 5},
    "pseudo_counts=20": {"method__pseudo_counts": 20},
    "warm_epochs=1": {"method__warm_epochs": 1},
    "warm_epochs=10": {"method__warm_epochs": 10},
    "epochs_per_round=3": {"method__epochs_per_round": 3},
    "features unscaled": UNSCALED,
    "max_epochs=25": {"max_epochs": 25},
    "max_epochs=50": {"max_epochs": 50},
    "max_epochs=200": {"max_epochs": 200},
    "early_stopping": {"max_epochs": 200, "early_stopping": True},
    "batch_size=32": {"batch_size": 32},
    "batch_size=256": {"batch_size": 256},
    "hidden=(256,)": {"module__hidden": (256,)},
    "hidden=(64,)": {"module__hidden": (64,)},
    "dropout=.25": {"module__dropout": 0.25},
    "weight_decay=.01": {"optimizer__weight_decay": 0.01},
    "weight_decay=.1": {"optimizer__weight_decay": 0.1},
    "lr=3e-3": {"lr": 3e-3},
}
CAPTION = """\
R² on held-out true numbers, mean ± sample standard deviation over {n_seeds} seed(s); in
brackets R² of the inferred truth of the training items. Every row changes the named
parameters and leaves all others at their default (but for `calibrate=False`, which
changes neither). Crowds of 30 simulated annotators of
mixed kinds, three ratings an item, shared out unevenly (Zipf). Film reviews: mean
log-density of held-out ratings, 3 folds; no gold rating is read.
"""


def main():
    """Run the table."""
    args = parse_table(__doc__, "moviereviews.npz", seeds=5)
    torch.set_num_threads(args.threads)
    tasks = dict(simulated(args.most_items))
    reviews = None if args.quick else load(args.data, args.data_home)
    results = {}
    for name in CANDIDATES:
        if not matches(name, args.only):
            continue
        parameters = dict(CANDIDATES[name])
        if args.epochs:
            parameters["max_epochs"] = args.epochs
        results[name] = {
            key: run(task, parameters, args.seeds) for key, task in tasks.items()
        }
        if reviews is not None:
            results[name]["film reviews"] = answers_kept(
                reviews, parameters, args.seeds
            )
        print(name, *(cell(r) for r in results[name].values()), sep=" | ", flush=True)
    report(args, results)


def simulated(most_items):
    """Yield data sets rated by simulated crowds."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((2400, 100))
    linear = X[:, :20] @ rng.standard_normal(20) + 2 * rng.standard_normal(2400)
    sources = {
        "diabetes": load_diabetes(return_X_y=True),
        "friedman1": make_friedman1(1600, noise=1.0, random_state=0),
        "friedman3": make_friedman3(1600, noise=0.1, random_state=0),
        "linear, 100 features": (X, linear),
    }
    for name, (X, z) in sources.items():
        X, X_judge, z, z_judge = train_test_split(
            X.astype(np.float32), z, test_size=0.4, random_state=0
        )
        X, z = X[:most_items], z[:most_items]
        crowd = make_annotations(
            z, 30, kind="numbers", answers_per_item=3, workload="zipf", random_state=1
        )
        yield (
            name,
            Bunch(X=X, z=z, Y=crowd.annotations, X_judge=X_judge, z_judge=z_judge),
        )


def run(task, parameters, n_seeds):
    """Fit one candidate on one data set with every seed."""
    score, inferred = [], []
    for seed in range(n_seeds):
        reg = CrowdRegressor(random_state=seed, calibrate=False, **parameters)
        reg.fit(task.X, task.Y)
        score.append(reg.score(task.X_judge, task.z_judge))
        inferred.append(r2_score(task.z, reg.posterior_mean_))
    return {"score": score, "inferred": inferred}


def answers_kept(reviews, parameters, n_seeds):
    """Log-density of held-out ratings of the film reviews, with every seed."""
    score = []
    for seed in range(n_seeds):
        reg = CrowdRegressor(random_state=seed, **parameters)
        folds = KFold(3, shuffle=True, random_state=seed)
        kept = cross_val_score(reg, reviews.topics_train, reviews.annotations, cv=folds)
        score.append(float(kept.mean()))
    return {"score": score}


def cell(result):
    """R² and, in brackets, that of the inferred truth."""
    shown = mean_std(result["score"], 3)
    inferred = result.get("inferred")
    return f"{shown} ({np.mean(inferred):.2f})" if inferred else shown


def report(args, results):
    """Write table and raw numbers."""
    columns = ["changed", *next(iter(results.values())), "mean of the simulated"]
    rows = [[name, *map(cell, r.values()), mean(r)] for name, r in results.items()]
    described = environment(args.threads)
    caption = CAPTION.format(n_seeds=args.seeds)
    table = markdown_table(columns, rows)
    foot = environment_line(described)
    text = f"# Defaults of CrowdRegressor\n\n{table}\n\n{caption}\n{foot}"
    raw = {"environment": described, "results": results}
    write_results(args.output, "rating_defaults", text, raw)


def mean(results):
    """Mean R² over the simulated data sets."""
    scores = [np.mean(r["score"]) for r in results.values() if "inferred" in r]
    return f"{np.mean(scores):.3f}"


if __name__ == "__main__":
    main()
