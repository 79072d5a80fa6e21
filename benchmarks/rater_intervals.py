"""Whether the intervals of raters and the standard deviations of predictions hold.

Simulated crowds of every kind of rater, the film reviews and the emotions of headlines.
"""

import argparse
import warnings
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from _common import (
    add_output,
    environment,
    environment_line,
    markdown_table,
    mean_std,
    write_results,
)
from _movie_reviews_data import load
from sklearn.datasets import load_diabetes

from skcrowd import Annotations, CrowdRegressor
from skcrowd.aggregation import weighted_mean
from skcrowd.aggregation._rating_regression import rating_regressions
from skcrowd.datasets import make_annotations
from skcrowd.estimators._insight._number_report import number_columns

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
VALUES = ("offset", "scale", "noise_std", "correlation")
N_RATINGS = (3, 30, 300)
KINDS = {  # scale, bias, noise, in standard deviations of the truth; raters of each n
    "good": (1.0, 0.0, 0.4, 6),
    "noisy": (1.0, 0.0, 1.2, 2),
    "biased by ±1.2": (1.0, 1.2, 0.4, 3),
    "stretched scale": (1.6, 0.0, 0.4, 1),
    "squeezed scale": (0.5, 0.0, 0.3, 1),
    "one value": (0.0, 1.0, 0.0, 1),
    "random": (0.0, 0.0, 1.0, 1),
    "reversed": (-1.0, 0.0, 0.4, 1),
}
THREE_OF_FIVE = np.array([[1, -1.2, 0.4]] * 3 + [[1, 0, 0.4]] * 2)
N_ITEMS, N_FEATURES, CROWDS = 1500, 10, 60  # CROWDS for each seed, without a network
GROUPS = {"3 to 15": (3, 15), "16 to 99": (16, 99), "100 and more": (100, np.inf)}
LEAST = 5  # ratings of a rater of a real crowd whose line on gold counts
THINNED = 0.25  # share of the ratings of a real crowd that is kept
CAPTION = """\
# Intervals of raters, standard deviations of predictions

{n_seeds} seed(s). Of 100 raters, how many have their true value within the 95 %
interval of `annotator_report`; in brackets the median width of the intervals, in
standard deviations of the truth where the column has a unit.
"""
BY_KIND = """
## Simulated crowds without features, by kind of rater

{n_crowds} crowds of 48 raters each, 1 500 items: truth and raters by `weighted_mean`, a
normal prior in place of a network. True values as drawn: no value is taken less that of
the crowd. The last rows: five raters of 300 ratings each, of whom three share an offset
of -1.2.
"""
BY_NUMBER = """
## CrowdRegressor, by number of ratings

*Simulated*: the same raters, ten features that explain 64 % of the truth. *Films*: 135
raters of 1 500 reviews; *emotions*: 38 raters of 700 headlines, valence, a constant
feature. Their true values are the line of the rater's ratings on the gold ratings
(raters with {least} ratings and more), offsets less the mean difference, scales over
the ratio of the means: one offset and one scale of all raters no rating tells. *All
ratings*: the same ratings are compared with gold, so that more than 95 of 100 are
expected. *A quarter*: the regressor learns from a random quarter of the ratings.
"""
STD = """
## predict(X, return_std=True) on test items

Items in thirds by their standard deviation (in tenths of that of the truth: s), r the
root mean square of the errors in the same unit, and of 100 items how many have the
truth within ±1.96 s; in brackets the same with `prediction_std_` for all. The mean
error, which is the crowd's, is taken off. *Varied*: for how many seeds s differs
between items.
"""


def main():
    """Measure everything and write the tables."""
    args = parse()
    torch.set_num_threads(args.threads)
    films = load(args.data)
    results = {"kinds": {}, "numbers": {}, "std": defaultdict(list)}
    for seed in range(args.seeds):
        simulate_kinds(results["kinds"], seed, args)
        for name, X, annotations, truth, least in numbers_of(films, seed, args):
            fitted = regressor(seed, args).fit(X, annotations)
            count_groups(results["numbers"], name, fitted, annotations, truth, least)
        for name, found in spreads(films, seed, args).items():
            results["std"][name].append(found)
        report(args, results)


def parse():
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    parser.add_argument(
        "--data",
        type=Path,
        default=None,
        help="folder with moviereviews.npz and emotion.npz; default: ../shared/data "
        "beside the repository where it exists, else the films are downloaded",
    )
    parser.add_argument("--crowds", type=int, default=CROWDS, help="for each seed")
    parser.add_argument("--epochs", type=int, help="instead of the default")
    parser.add_argument("--quick", action="store_true", help="one seed, two epochs")
    add_output(parser)
    args = parser.parse_args()
    if args.quick:
        args.seeds, args.epochs, args.crowds = 1, 2, 2
    return args


def regressor(seed, args):
    """Build the default."""
    settings = {} if args.epochs is None else {"max_epochs": args.epochs}
    return CrowdRegressor(random_state=seed, **settings)


def draw_raters(rng):
    """Return kind, number of ratings and parameters of every rater of a crowd."""
    kinds, n_ratings, parameters = [], [], []
    for kind, (scale, bias, noise, count) in KINDS.items():
        for n in np.repeat(N_RATINGS, count):
            kinds.append(kind)
            n_ratings.append(n)
            parameters.append((scale, bias * rng.choice([-1, 1]), noise))
    return np.array(kinds), np.array(n_ratings), np.array(parameters)


def rate(truth, n_ratings, parameters, rng):
    """Return the ratings of each rater of as many items as `n_ratings` says."""
    items = [rng.choice(len(truth), n, replace=False) for n in n_ratings]
    item, annotator = np.concatenate(items), np.repeat(range(len(n_ratings)), n_ratings)
    scale, bias, noise = parameters[annotator].T
    rating = scale * truth[item] + bias + noise * rng.standard_normal(len(item))
    names = range(len(n_ratings))
    return Annotations.from_long(
        item,
        annotator,
        rating,
        kind="numbers",
        n_items=len(truth),
        annotator_ids=names,
    )


def true_values(parameters, truth):
    """Return the columns of the report as they would be if all were known."""
    scale, bias, noise = parameters.T
    signal = scale * truth.std()
    whole = np.hypot(signal, noise)
    correlation = signal / np.where(whole > 0, whole, 1)
    offset = (scale - 1) * truth.mean() + bias
    return dict(zip(VALUES, (offset, scale, noise, correlation), strict=True))


def simulate_kinds(counts, seed, args):
    """Count intervals that hold, by kind of rater and number of ratings."""
    for crowd in range(args.crowds):
        rng = np.random.default_rng([seed, crowd])
        truth = rng.standard_normal(N_ITEMS)
        kinds, n_ratings, parameters = draw_raters(rng)
        columns = without_network(rate(truth, n_ratings, parameters, rng))
        values = true_values(parameters, truth)
        for kind in KINDS:
            for n in N_RATINGS:
                rows = (kinds == kind) & (n_ratings == n)
                count(counts, f"{kind} | {n}", columns, values, rows)
        n_ratings = np.full(5, 300)
        columns = without_network(rate(truth, n_ratings, THREE_OF_FIVE, rng))
        values = true_values(THREE_OF_FIVE, truth)
        for name, rows in {"three": slice(3), "other two": slice(3, 5)}.items():
            count(
                counts,
                f"three of five by -1.2: the {name} | 300",
                columns,
                values,
                rows,
            )


def without_network(annotations):
    """Return the columns of the report where a normal prior stands for a network."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # convergence
        inferred = weighted_mean(annotations, scale_std=0.3)
    weight = (annotations.answers_per_item > 0) * 1.0
    center = np.average(inferred.mean, weights=weight)
    square = (inferred.mean - center) ** 2 + inferred.std**2
    truth_var = np.average(square, weights=weight)
    statistics = rating_regressions(
        annotations,
        inferred.rating_parameters[:3],
        np.full(len(annotations), center),
        truth_var,
        prior_df=weight.sum(),
        sample_weight=weight,
    )
    return number_columns(statistics, center, truth_var, 0.95)


def count(counts, name, columns, values, rows, unit=1.0):
    """Add the intervals that hold, and their widths."""
    for value in VALUES:
        low, high = (
            np.asarray(columns[f"{value}_{end}"])[rows] for end in ("low", "high")
        )
        true, told = values[value][rows], np.isfinite(low)
        inside = (low - 1e-9 <= true) & (true <= high + 1e-9)
        width = (high - low) / (unit if value in ("offset", "noise_std") else 1.0)
        entry = counts.setdefault(f"{name} | {value}", [0, 0, []])
        entry[0] += int(inside[told].sum())
        entry[1] += int(told.sum())
        entry[2] += width[told].round(4).tolist()


def numbers_of(films, seed, args):
    """Yield name, X, annotations, truth or raters, and whether the truth is gold."""
    rng = np.random.default_rng(seed)
    X, truth = features_and_truth(rng, N_ITEMS)
    kinds, n_ratings, parameters = draw_raters(rng)
    del kinds
    annotations = rate(truth, n_ratings, parameters, rng)
    yield "simulated", X, annotations, true_values(parameters, truth), None
    reviews = films.annotations, films.gold_train, films.topics_train
    for name, (all_ratings, gold, X) in {
        "films": reviews,
        **emotions(args.data or BESIDE),
    }.items():
        values = lines_on_gold(all_ratings, gold)
        if name != "films" or seed == 0:
            yield f"{name}, all ratings", X, all_ratings, values, gold
        kept = np.flatnonzero(rng.random(all_ratings.n_answers) < THINNED)
        few = Annotations.from_long(
            all_ratings.item[kept],
            all_ratings.annotator[kept],
            all_ratings.answer[kept],
            kind="numbers",
            n_items=all_ratings.n_items,
            annotator_ids=range(all_ratings.n_annotators),
        )
        yield f"{name}, a quarter", X, few, values, gold


def features_and_truth(rng, n_items):
    """Return features, and a truth of which they explain 64 %."""
    X = rng.standard_normal((n_items, N_FEATURES)).astype(np.float32)
    signal = X @ rng.standard_normal(N_FEATURES)
    truth = 0.8 * signal / signal.std() + 0.6 * rng.standard_normal(n_items)
    return X, (truth - truth.mean()) / truth.std()


def emotions(folder):
    """Return ratings, gold and a constant feature of the headlines, if present."""
    path = folder / "emotion.npz"
    if not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as stored:
        item, annotator, answer, gold = (
            stored[name] for name in ("item", "annotator", "answer", "gold")
        )
    ratings = Annotations.from_long(
        item,
        annotator,
        answer.astype(float),
        kind="numbers",
        n_items=len(gold),
        annotator_ids=range(annotator.max() + 1),
    )
    return {"emotions": (ratings, gold, np.ones((len(gold), 1), dtype=np.float32))}


def lines_on_gold(annotations, gold):
    """Return the report's columns of lines of ratings on gold; NaN with too few."""
    known = ~np.isnan(gold[annotations.item])
    item, annotator = annotations.item[known], annotations.annotator[known]
    mean, var = np.nanmean(gold), np.nanvar(gold)
    values = {value: np.full(annotations.n_annotators, np.nan) for value in VALUES}
    for r in range(annotations.n_annotators):
        x, y = gold[item[annotator == r]], annotations.answer[known][annotator == r]
        if len(x) < LEAST or not np.ptp(x):
            continue
        scale, intercept = np.polyfit(x, y, 1)
        noise = np.sqrt(((y - intercept - scale * x) ** 2).sum() / (len(x) - 2))
        signal = scale * np.sqrt(var)
        whole = np.hypot(signal, noise) or 1.0
        offset = intercept + (scale - 1) * mean
        for value, number in zip(
            VALUES, (offset, scale, noise, signal / whole), strict=True
        ):
            values[value][r] = number
    return values


def count_groups(counts, name, fitted, annotations, values, gold):
    """Count intervals that hold, by number of ratings."""
    columns = fitted.annotator_report()
    n = annotations.answers_per_annotator
    if gold is not None:
        seen = np.isfinite(values["offset"]) & (n >= 3)
        weight = n * seen
        values = {value: np.where(seen, values[value], 0.0) for value in VALUES}
        told = {value: np.nan_to_num(columns[value].to_numpy()) for value in VALUES}
        common = weight @ (values["offset"] - told["offset"]) / weight.sum()
        ratio = (weight @ values["scale"]) / (weight @ told["scale"])
        values["offset"], values["scale"] = (
            values["offset"] - common,
            values["scale"] / ratio,
        )
        n = np.where(seen, n, 0)
    unit = np.sqrt(fitted._truth_moments[2])
    for group, (fewest, most) in GROUPS.items():
        rows = (n >= fewest) & (n <= most)
        count(counts, f"{name} | {group}", columns, values, rows, unit)


def spreads(films, seed, args):
    """Return coverage of ±1.96 std by thirds, for each data set."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((2500, 5)).astype(np.float32)
    std = np.exp(0.7 * X[:, 1] - 0.7)
    signal = X @ [1, 0.5, 0, -0.5, 0]
    varied = signal + std * rng.standard_normal(len(X))
    even = signal + 0.7 * rng.standard_normal(len(X))
    diabetes = load_diabetes(return_X_y=True)
    found = {}
    for name, (X_all, truth) in {
        "simulated, std varies": (X, varied),
        "simulated, std is one": (X, even),
        "diabetes": (diabetes[0].astype(np.float32), diabetes[1]),
    }.items():
        train = rng.random(len(truth)) < 0.6
        crowd = make_annotations(
            truth[train], 20, kind="numbers", answers_per_item=3, random_state=seed
        )
        fitted = regressor(seed, args).fit(X_all[train], crowd.annotations)
        found[name] = by_thirds(fitted, X_all[~train], truth[~train])
    fitted = regressor(seed, args).fit(films.topics_train, films.annotations)
    found["films"] = by_thirds(fitted, films.topics_test, films.gold_test)
    return found


def by_thirds(fitted, X, truth):
    """Return mean std, root mean square error and coverage of each third."""
    mean, std = fitted.predict(X, return_std=True)
    error = truth - mean
    error = np.abs(error - error.mean())
    parts, unit = [], truth.std() / 10
    for rows in np.array_split(np.argsort(std, kind="stable"), 3):
        parts.append(
            {
                "std": float(std[rows].mean() / unit),
                "error": float(np.sqrt(np.mean(error[rows] ** 2)) / unit),
                "held": float(np.mean(error[rows] < 1.96 * std[rows])),
                "constant": float(np.mean(error[rows] < 1.96 * fitted.prediction_std_)),
            }
        )
    return {"thirds": parts, "varied": bool(np.ptp(std) > 0)}


def report(args, results):
    """Write the tables and the numbers behind them."""
    described = environment(args.threads)
    n_seeds = len(results["std"]["films"])
    parts = [
        CAPTION.format(n_seeds=n_seeds),
        BY_KIND.format(n_crowds=n_seeds * args.crowds),
        interval_table(results["kinds"], ["kind", "ratings"]),
        BY_NUMBER.format(least=LEAST),
        interval_table(results["numbers"], ["crowd", "ratings"]),
        STD,
        std_table(results["std"]),
        "",
        environment_line(described),
    ]
    counts = {
        part: {
            name: {
                "held": held,
                "of": of,
                "median_width": float(np.median(widths or [0])),
            }
            for name, (held, of, widths) in results[part].items()
        }
        for part in ("kinds", "numbers")
    }
    raw = {**counts, "std": results["std"], "seeds": n_seeds, "environment": described}
    write_results(args.output, "rater_intervals", "\n".join(parts), raw)


def interval_table(counts, heads):
    """Write coverage and width of every value."""
    names = dict.fromkeys(name.rsplit(" | ", 1)[0] for name in counts)
    rows = []
    for name in names:
        held, of, _ = counts[f"{name} | offset"]
        cells = [*name.split(" | "), of]
        for value in VALUES:
            held, of, widths = counts[f"{name} | {value}"]
            cells.append(
                f"{100 * held / of:.0f} ({np.median(widths):.2f})" if of else "-"
            )
        rows.append(cells)
    return markdown_table([*heads, "raters", *VALUES], rows)


def std_table(results):
    """Write mean and deviation over the seeds, for each third."""
    rows = []
    for name, runs in results.items():
        varied = f"{sum(run['varied'] for run in runs)} of {len(runs)}"
        for k, third in enumerate(("lowest", "middle", "highest")):
            parts = [run["thirds"][k] for run in runs]
            values = {key: [part[key] for part in parts] for key in parts[0]}
            held, constant = (
                mean_std(values[key], 1, 100) for key in ("held", "constant")
            )
            held = f"{held} ({constant})"
            spread = mean_std(values["std"], 1), mean_std(values["error"], 1)
            rows.append([name, varied, third, *spread, held])
    return markdown_table(["data", "varied", "third", "s", "r", "held"], rows)


if __name__ == "__main__":
    main()
