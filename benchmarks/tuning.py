"""What tuning without one gold label is worth.

The same candidates, three times: no search at all (all defaults), a search on the vote
(a network that learns the majority vote, or the mean rating, and is judged by it), and
one on the answers (CrowdClassifier or CrowdRegressor, judged by its gold-free ``score``
on held-out items). The chosen model is fitted to everything. Gold labels of test items
only judge.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
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
from _labelme_data import load as load_labelme
from _movie_reviews_data import load as load_reviews
from joblib import Parallel, delayed
from sklearn.datasets import load_digits, make_classification, make_friedman1
from sklearn.model_selection import (
    RandomizedSearchCV,
    train_test_split,
)
from sklearn.utils import Bunch

from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.aggregation import answer_mean, majority_vote
from skcrowd.datasets import make_annotations
from skcrowd.model_selection import VoteStratifiedKFold

NETWORK = {
    "lr": [3e-4, 1e-3, 3e-3],
    "optimizer__weight_decay": [0.0, 1e-3, 1e-2, 1e-1],
    "module__hidden": [(32,), (64,), (128,), (256,)],
    "max_epochs": [25, 50, 100],
}
COLUMNS = ["data", "default", "tuned on the vote", "tuned on the answers", "better"]
CAPTION = """\
Accuracy in % (100 times R² for ratings) on gold test items, mean ± sample standard
deviation over {n_seeds} seed(s); each draws the candidates, the folds and the networks
(and for simulated crowds the crowd). {n_candidates} candidates, {n_folds} folds of
items, stratified on the vote.

- **default**: `CrowdClassifier()` or `CrowdRegressor()`.
- **tuned on the vote**: the candidates learn the majority vote (the mean rating) as if
  it were the truth, and are judged by accuracy (R²) against the vote of held-out items.
- **tuned on the answers**: the candidates are crowd models, and are judged by their
  gold-free `score` on the answers to held-out items.
- **better**: seeds in which the last is better than the default, and than the vote's.

Candidates differ in learning rate, weight decay, size and epochs.
"""


@dataclass(frozen=True)
class Task:
    """Answers to learn from, and gold labels to judge by."""

    name: str
    load: Callable
    kind: type


def many_features(seed, **options):
    """Items of four classes; nine of ten features say nothing."""
    X, truth = make_classification(
        1600,
        n_features=100,
        n_informative=10,
        n_redundant=0,
        n_classes=4,
        flip_y=0,
        class_sep=1.5,
        random_state=seed,
    )
    return simulated(X, truth, seed)


def many_features_rated(seed, **options):
    """Items with a number; most features say nothing."""
    X, truth = make_friedman1(1600, n_features=60, noise=0.5, random_state=seed)
    return simulated(X, (truth - truth.mean()) / truth.std(), seed, kind="numbers")


def simulated(X, truth, seed, **options):
    """600 items with two answers each, and 1000 to judge by."""
    X, X_test, truth, gold_test = train_test_split(
        X.astype(np.float32), truth, test_size=1000, random_state=seed
    )
    kinds = {"average": 15, "biased": 5, "random": 5}
    options = {"answers_per_item": 2, "random_state": seed, **options}
    y = make_annotations(truth, kinds, **options).annotations
    return Bunch(X=X, y=y, X_test=X_test, gold_test=gold_test)


def digits(seed, **options):
    """Images of digits, a mixed crowd, two answers each."""
    X, truth = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32)
    X, X_test, truth, gold_test = train_test_split(
        X, truth, test_size=0.5, random_state=0, stratify=truth
    )
    kinds = {"expert": 2, "average": 10, "biased": 5, "random": 5}
    crowd = make_annotations(truth, kinds, answers_per_item=2, random_state=seed)
    return Bunch(X=X, y=crowd.annotations, X_test=X_test, gold_test=gold_test)


def labelme(seed, data, data_home):
    """Scenes, a real crowd."""
    found = load_labelme(data, data_home)
    return Bunch(
        X=found.X_train.astype(np.float32),
        y=found.annotations,
        X_test=found.X_test.astype(np.float32),
        gold_test=found.gold_test,
    )


def reviews(seed, data, data_home):
    """Film reviews, a real crowd."""
    found = load_reviews(data, data_home)
    return Bunch(
        X=found.topics_train,
        y=found.annotations,
        X_test=found.topics_test,
        gold_test=found.gold_test,
    )


TASKS = [
    Task("many features, simulated crowd", many_features, CrowdClassifier),
    Task("many features, simulated ratings", many_features_rated, CrowdRegressor),
    Task("digits, simulated crowd", digits, CrowdClassifier),
    Task("LabelMe", labelme, CrowdClassifier),
    Task("MovieReviews", reviews, CrowdRegressor),
]


def vote(y, kind):
    """Return what is learned where nobody models the annotators."""
    if kind is CrowdRegressor:
        return answer_mean(y)
    return y.classes[majority_vote(y).argmax(axis=1)]


def search(estimator, X, y, seed, args):
    """Search, and fit the chosen candidate to everything."""
    kind = "numbers" if isinstance(estimator, CrowdRegressor) else "labels"
    found = RandomizedSearchCV(
        estimator,
        NETWORK,
        n_iter=args.candidates,
        cv=VoteStratifiedKFold(args.folds, shuffle=True, random_state=seed, kind=kind),
        random_state=seed,
        error_score="raise",
    )
    return found.fit(X, y)


def run(task, seed, args):
    """All three ways with one seed."""
    torch.set_num_threads(args.threads)
    data = task.load(seed, data=args.data, data_home=args.data_home)
    answered = np.flatnonzero(data.y.answers_per_item)[: args.most_items]
    X, y = data.X[answered], data.y[answered]
    fixed = {"calibrate": False} if task.kind is CrowdRegressor else {}
    fixed = {"random_state": seed, **fixed}
    if args.epochs:
        fixed["max_epochs"] = args.epochs
    plain = task.kind(**fixed).fit(X, y)
    by_vote = search(task.kind(**fixed), X, vote(y, task.kind), seed, args)
    by_answers = search(task.kind(**fixed), X, y, seed, args)
    models = {"default": plain, "vote": by_vote, "answers": by_answers}
    return {
        "task": task.name,
        "seed": seed,
        **{
            name: float(model.score(data.X_test, data.gold_test))
            for name, model in models.items()
        },
        "chosen": {
            name: {k: str(v) for k, v in found.best_params_.items()}
            for name, found in (("vote", by_vote), ("answers", by_answers))
        },
    }


def row(name, results):
    """One row of the table."""
    scores = {
        way: [r[way] for r in results if r["task"] == name]
        for way in ("default", "vote", "answers")
    }
    cells = [mean_std(values, 1, 100) for values in scores.values()]
    pairs = zip(scores["answers"], scores["default"], scores["vote"], strict=True)
    over = [(a > d, a > v) for a, d, v in pairs]
    wins = f"{sum(o[0] for o in over)} and {sum(o[1] for o in over)} of {len(over)}"
    return [name, *cells, wins]


def read_arguments():
    """Read what the user wants."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--candidates", type=int, default=10)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--epochs", type=int, help="instead of the default's")
    parser.add_argument("--only", nargs="*", help="data whose name contains a text")
    parser.add_argument(
        "--data", type=Path, default=None, help="folder of the real data"
    )
    parser.add_argument("--data-home", default=None, help="cache of the downloads")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="one seed, two candidates")
    add_output(parser)
    args = parser.parse_args()
    args.most_items = 100 if args.quick else None
    if args.quick:
        args.seeds, args.candidates, args.folds, args.epochs = 1, 2, 2, 2
        NETWORK["max_epochs"] = [1, 2]
    return args


def main():
    """Run the table."""
    args = read_arguments()
    todo = [
        (task, seed)
        for task in TASKS
        if matches(task.name, args.only)
        for seed in range(args.seeds)
    ]
    run_one = delayed(run)
    results = Parallel(n_jobs=args.jobs, verbose=10)(
        run_one(task, seed, args) for task, seed in todo
    )
    names = dict.fromkeys(result["task"] for result in results)
    described = environment(args.threads)
    caption = CAPTION.format(
        n_seeds=args.seeds, n_candidates=args.candidates, n_folds=args.folds
    )
    table = markdown_table(COLUMNS, [row(name, results) for name in names])
    text = "\n\n".join(
        ["# Tuning without gold labels", table, caption, environment_line(described)]
    )
    write_results(
        args.output, "tuning", text, {"results": results, "environment": described}
    )


if __name__ == "__main__":
    main()
