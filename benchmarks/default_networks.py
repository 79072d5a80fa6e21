"""Compare the default networks with linear models, forests and boosting.

On true values, and for ratings of simulated and real crowds, where the others learn the
mean rating. Settings of the network are read off features and answers in ``fit``; no
test item is seen before it scores.
"""

import argparse
import json
import time

import numpy as np
import torch
from _common import (
    RESULTS,
    add_output,
    environment,
    environment_line,
    markdown_table,
    matches,
    mean_std,
    write_results,
)
from _labelme_data import load as load_labelme
from _movie_reviews_data import load as load_reviews
from _network_sets import LABELS, NUMBERS
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegressionCV, RidgeCV
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Bunch

from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.aggregation import answer_mean
from skcrowd.datasets import make_annotations

CROWDS = ("diabetes", "friedman1", "linear, 5 of 60", "linear, 100, noisy", "houses")
COLUMNS = ("default network", "linear, CV", "forest", "boosting")
NO_MODEL = -10.0  # an R² below it is not written out
CAPTION = """\
R² of numbers and accuracy of labels on test items, %, mean ± sample standard deviation
over {n_seeds} seed(s), which choose the split (of LabelMe and the film reviews only the
seed of the network). All models have the defaults of their packages; forests have 100
trees, the penalties of the linear models are chosen by their own cross-validation, on
standardised features. *Gold* rows learn true values. *Crowd* rows learn ratings, of 12
simulated annotators (three an item) or of the real crowd of the film reviews; the other
models learn the mean rating. ``calibrate=False`` leaves out the second training, which
changes no prediction. LabelMe is scored on its validation split. *s* is the
median time of a fit of the network.
"""


def main():
    """Run the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    parser.add_argument("--data", default=None, help="folder of the real crowds")
    parser.add_argument("--data-home", default=None, help="cache of the download")
    parser.add_argument("--only", nargs="*", help="rows whose name contains a text")
    parser.add_argument("--quick", action="store_true", help="one seed, two epochs")
    parser.add_argument(
        "--keep-rivals",
        action="store_true",
        help="take the scores of the others from the table of before",
    )
    add_output(parser)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    options = {"max_epochs": 2} if args.quick else {}
    table = RESULTS / "default_networks.json"
    stored = json.loads(table.read_text())["results"] if table.exists() else {}
    results = {}
    for name, split in rows(args):
        if not matches(name, args.only):
            continue
        n_seeds = 1 if args.quick else args.seeds
        before = stored.get(name, []) if args.keep_rivals else []
        results[name] = run_seeds(split, n_seeds, options, before)
        print(name, *cells(results[name]), sep=" | ", flush=True)
        report(args, results)


def rows(args):
    """Yield the name of every row, and a function that returns its data for a seed."""
    for name, source in NUMBERS.items():
        yield f"gold: {name}", lambda seed, source=source: split(source, seed, True)
    for name, source in LABELS.items():
        yield f"gold: {name}", lambda seed, source=source: split(source, seed, False)
    for name in CROWDS:
        yield f"crowd: {name}", lambda seed, name=name: rated(NUMBERS[name], seed)
    if not args.quick:
        yield "gold: LabelMe", lambda seed: labelme(args)
        yield "gold: film reviews", lambda seed: reviews(args, gold=True)
        yield "crowd: film reviews", lambda seed: reviews(args, gold=False)


def split(source, seed, is_number):
    """Half of the items to learn from, half to score."""
    X, y = source()
    strata = None if is_number else y
    X, X_test, y, y_test = train_test_split(
        X.astype(np.float32), y, test_size=0.5, random_state=seed, stratify=strata
    )
    return Bunch(X=X, y=y, answers=y, X_test=X_test, y_test=y_test, is_number=is_number)


def rated(source, seed):
    """Let a simulated crowd rate the items; `y` is the mean rating."""
    data = split(source, seed, True)
    crowd = make_annotations(
        data.y, 12, kind="numbers", answers_per_item=3, random_state=seed
    )
    return Bunch(
        **{**data, "answers": crowd.annotations, "y": answer_mean(crowd.annotations)}
    )


def labelme(args):
    """LabelMe's true labels, scored on the validation split."""
    data = load_labelme(args.data, args.data_home)
    gold = data.gold_train
    return Bunch(
        X=data.X_train.astype(np.float32),
        y=gold,
        answers=gold,
        X_test=data.X_valid.astype(np.float32),
        y_test=data.gold_valid,
        is_number=False,
        is_fixed=True,
    )


def reviews(args, gold):
    """Return the film reviews, as singular vectors of their words."""
    data = load_reviews(args.data, args.data_home)
    y = data.gold_train if gold else answer_mean(data.annotations)
    return Bunch(
        X=data.topics_train,
        y=y,
        answers=y if gold else data.annotations,
        X_test=data.topics_test,
        y_test=data.gold_test,
        is_number=True,
        is_fixed=True,
    )


def run_seeds(split, n_seeds, options, before):
    """Run every seed; rivals are taken from `before`, or once from a fixed split."""
    runs = []
    for seed in range(n_seeds):
        data = split(seed)
        known = before[seed]["scores"] if seed < len(before) else None
        if runs and data.get("is_fixed"):
            known = runs[0]["scores"]
        runs.append(run(data, seed, options, known))
    return runs


def run(data, seed, options, known):
    """Score the default network and its rivals, if they are not known, on one split."""
    kind = CrowdClassifier
    if data.is_number:
        kind, options = CrowdRegressor, {**options, "calibrate": False}
    begin = time.perf_counter()
    network = kind(random_state=seed, **options).fit(data.X, data.answers)
    seconds = time.perf_counter() - begin
    scores = {COLUMNS[0]: network.score(data.X_test, data.y_test)}
    for name, model in zip(COLUMNS[1:], rivals(data.is_number, seed), strict=True):
        if known is None:
            model.fit(data.X, data.y)
            scores[name] = model.score(data.X_test, data.y_test)
        else:
            scores[name] = known[name]
    return {"scores": scores, "seconds": seconds}


def rivals(is_number, seed):
    """Return the models of the other columns."""
    if is_number:
        linear = RidgeCV(np.logspace(-1, 5, 13))
        forest = RandomForestRegressor(100, random_state=seed)
        boosting = HistGradientBoostingRegressor(random_state=seed)
    else:
        linear = LogisticRegressionCV(
            Cs=np.logspace(-4, 2, 7),
            cv=4,
            max_iter=300,
            l1_ratios=(0.0,),
            scoring="accuracy",
            use_legacy_attributes=False,
        )
        forest = RandomForestClassifier(100, random_state=seed)
        boosting = HistGradientBoostingClassifier(random_state=seed)
    return make_pipeline(StandardScaler(), linear), forest, boosting


def cells(runs):
    """Scores, the gap to the best rival, and the time of a fit."""
    by_model = {name: [r["scores"][name] for r in runs] for name in COLUMNS}
    means = {name: np.mean(scores) for name, scores in by_model.items()}
    gap = means[COLUMNS[0]] - max(means[name] for name in COLUMNS[1:])
    seconds = np.median([r["seconds"] for r in runs])
    shown = [
        mean_std(scores, 1, scale=100) if means[name] > NO_MODEL else "below -1000"
        for name, scores in by_model.items()
    ]
    return [*shown, f"{100 * gap:+.1f}", f"{seconds:.1f}"]


def report(args, results):
    """Write table and raw numbers."""
    described = environment(args.threads)
    table = markdown_table(
        ["learned from", *COLUMNS, "gap to the best", "s"],
        [[name, *cells(runs)] for name, runs in results.items()],
    )
    caption = CAPTION.format(n_seeds=args.seeds)
    text = f"# Default networks\n\n{table}\n\n{caption}\n{environment_line(described)}"
    raw = {"environment": described, "results": results}
    write_results(args.output, "default_networks", text, raw)


if __name__ == "__main__":
    main()
