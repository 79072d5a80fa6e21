"""How right networks are that learned numbers from a real crowd: film reviews.

Every row trains on the ratings of the 1500 training reviews and is judged on the gold
ratings of the 3506 test reviews, with fixed settings; nothing is chosen here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

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
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from skcrowd import CrowdRegressor
from skcrowd.aggregation import answer_mean, weighted_mean

COLUMNS = [
    "row",
    "MAE",
    "RMSE",
    "R²",
    "R² without offset",
    "R² of inferred truth",
    "bias correlation",
    "s a fit",
]
NETWORK = {"module__hidden": (64,), "optimizer__weight_decay": 0.1}
RIDGE = {"alpha": 1.0}
CAPTION = """\
Mean ± sample standard deviation over {n_seeds} seed(s), 0 to {last}. Features: TF-IDF
(sublinear) of the words, then the first {n_topics} singular vectors, fitted to the
training reviews. Settings of every network unless its name says otherwise: MLP
{n_topics}-64-1, ReLU, Adam 1e-3, L2 .1, {epochs} epochs, batch {batch}; each method
otherwise with its defaults. Ridge: alpha 1 on the same features. *All defaults* is
`CrowdRegressor()` on these features, and on the sparse TF-IDF itself.

- **MAE, RMSE, R²**: predictions against the gold ratings of the test reviews.
- **R² without offset**: after the mean error is taken off all predictions. It cannot be
  had without gold ratings; the rows that name some show how few are enough.
- **R² of inferred truth**: inferred ratings of the training reviews, against gold.
- **bias correlation**: `annotator_offset_` against each annotator's mean error, which
  the gold ratings show; annotators weighted by their ratings.
- **s a fit**: median wall time of a fit.

Gold ratings only score, except in the rows that name them.
"""


@dataclass(frozen=True)
class Row:
    """One way of learning.

    Attributes
    ----------
    name : str
    learn : callable
        ``learn(data, seed, epochs)`` returns predictions for the test reviews, the
        inferred truth of the training reviews or None, and biases or None.
    """

    name: str
    learn: Callable


def network(method=None, *, n_gold=0, features="topics", settings=NETWORK, **options):
    """Return a learner with CrowdRegressor; without `method` it learns from gold."""

    def learn(data, seed, epochs):
        parameters = {**settings, **options, "random_state": seed}
        if method:
            parameters["method"] = method
        if epochs:
            parameters["max_epochs"] = epochs
        X = data[f"{features}_train"]
        y = data.annotations if method else data.gold_train
        fitted = CrowdRegressor(**parameters).fit(X, y)
        predicted = fitted.predict(data[f"{features}_test"])
        if n_gold:
            predicted = predicted + offset_from_gold(fitted, data, X, n_gold, seed)
        if not method:
            return predicted, None, None
        return predicted, fitted.posterior_mean_, fitted.annotator_offset_

    return learn


def offset_from_gold(fitted, data, X, n_gold, seed):
    """Mean difference to the gold ratings of a few training reviews, at random."""
    few = np.random.default_rng(seed).choice(X.shape[0], n_gold, replace=False)
    return np.mean(data.gold_train[few] - fitted.posterior_mean_[few])


def ridge_on_gold(data, seed, epochs):
    """Ridge regression on the gold ratings."""
    model = Ridge(**RIDGE).fit(data.topics_train, data.gold_train)
    return model.predict(data.topics_test), None, None


def ridge_on_mean(data, seed, epochs):
    """Ridge regression on the mean rating."""
    mean = answer_mean(data.annotations)
    model = Ridge(**RIDGE).fit(data.topics_train, mean)
    return model.predict(data.topics_test), mean, None


def ridge_on_weighted_mean(data, seed, epochs):
    """Ridge regression on the reliability-weighted mean."""
    inferred = weighted_mean(data.annotations)
    model = Ridge(**RIDGE).fit(data.topics_train, inferred.mean)
    rating_parameters = inferred.rating_parameters
    offset = (
        rating_parameters.scale - 1
    ) * inferred.mean.mean() + rating_parameters.bias
    return model.predict(data.topics_test), inferred.mean, offset


ROWS = [
    Row("gold ratings", network()),
    Row("Ridge on gold ratings", ridge_on_gold),
    Row("mean", network("mean")),
    Row("Ridge on mean", ridge_on_mean),
    Row("weighted mean", network("weighted_mean")),
    Row("Ridge on weighted mean", ridge_on_weighted_mean),
    *[
        Row(f"crowd layer {c}", network("crowd_layer", method__connection=c))
        for c in ("B", "S", "S+B", "B+S")
    ],
    Row("Gaussian layer", network("gaussian_layer")),
    Row("em", network("em")),
    Row("em, scales 1", network("em", method__scale_std=0)),
    Row("em, 20 gold ratings for the offset", network("em", n_gold=20)),
    Row("em, 50 gold ratings for the offset", network("em", n_gold=50)),
    Row("mean, all other defaults", network("mean", settings={})),
    Row("CrowdRegressor(), all defaults", network("em", settings={})),
    Row(
        "CrowdRegressor() on sparse words",
        network("em", settings={}, features="words"),
    ),
]


def main():
    """Run the table."""
    args = parse_table(__doc__, "moviereviews.npz", seeds=5)
    torch.set_num_threads(args.threads)
    data = load(args.data, args.data_home)
    rows = [row for row in ROWS if matches(row.name, args.only)]
    results = []
    for row in rows:
        runs = [run_seed(row, data, seed, args.epochs) for seed in range(args.seeds)]
        results.append({"row": row.name, "runs": runs})
        print(" | ".join(cells(results[-1])), flush=True)
    report(args, data, results)


def run_seed(row, data, seed, epochs):
    """Fit once, score once."""
    start = perf_counter()
    predicted, inferred, bias = row.learn(data, seed, epochs)
    seconds = perf_counter() - start
    gold = data.gold_test
    unbiased = predicted + np.mean(gold - predicted)
    return {
        "seed": seed,
        "mae": mean_absolute_error(gold, predicted),
        "rmse": root_mean_squared_error(gold, predicted),
        "r2": r2_score(gold, predicted),
        "r2_without_offset": r2_score(gold, unbiased),
        "r2_inferred": None
        if inferred is None
        else r2_score(data.gold_train, inferred),
        "bias_correlation": None if bias is None else bias_correlation(data, bias),
        "seconds": seconds,
    }


def bias_correlation(data, bias):
    """Correlation with the biases that gold ratings show, weighted by ratings."""
    if not np.ptp(bias):
        return None
    covariance = np.cov(data.bias, bias, aweights=data.n_answers)
    return float(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))


def cells(result):
    """One line of the table."""
    runs = result["runs"]
    values = {key: [run[key] for run in runs] for key in runs[0]}
    return [
        result["row"],
        *(mean_std(values[key], 3) for key in list(values)[1:-2]),
        mean_std(values["bias_correlation"], 2),
        f"{np.median(values['seconds']):.2f}",
    ]


def report(args, data, results):
    """Write table and raw numbers."""
    described = environment(args.threads)
    defaults = CrowdRegressor()
    caption = CAPTION.format(
        n_seeds=args.seeds,
        last=args.seeds - 1,
        n_topics=data.topics_train.shape[1],
        epochs=args.epochs or defaults.max_epochs,
        batch=defaults._n_per_batch(len(data.gold_train)),
    )
    table = markdown_table(COLUMNS, [cells(result) for result in results])
    foot = environment_line(described)
    raw = {"environment": described, "network": NETWORK, "results": results}
    text = f"# Film reviews\n\n{table}\n\n{caption}\n{foot}"
    write_results(args.output, "movie_reviews", text, raw)


if __name__ == "__main__":
    main()
