"""Classes with an order: against classes without one, and rounded ratings.

Simulated stars with features, films whose ratings are rounded to five stars, and a
public crowd without features. All contenders get the same answers; true classes are
used but to score.
"""

import argparse
import json
import warnings
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
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
from _ordinal_crowds import SIMULATED, draw
from _truth_inference_data import BESIDE
from sklearn.metrics import cohen_kappa_score

from skcrowd import CrowdClassifier, CrowdRegressor
from skcrowd.annotations import Annotations

CONTENDERS = {
    "ordered classes": {"ordinal": True},
    "ordered classes, `em`": {"ordinal": True, "method": "em"},
    "classes": {},
    "classes, `em`": {"method": "em"},
    "ratings, rounded": None,
}
MEASURES = {
    "error": "Mean distance to the true class, in steps",
    "right": "Share of right classes, in percent",
    "kappa": "Quadratic weighted kappa",
}
PREDICTED = """\
Predictions of further items, from features alone, mean ± sample standard deviation over
{n_seeds} seeds. Simulated: 300 items of Friedman's function cut into classes, 28
annotators, four answers an item, five levels of equal shares, unless said otherwise.
*mixed*: experts, average annotators, ones who answer a step too high or too low, noisy
ones, ones who use the ends and the middle alone (coarse), ones who answer the middle
every second time (lazy), and two who guess; *few answers*: two an item; *uneven*:
shares grow by 1.5 from class to class; *biased*: two thirds answer too high or too low;
*lazy*: most are lazy or coarse; *levels left out*: twelve annotators, six levels, of
which half of the annotators give the first, third and fifth alone.{films}
"""
INFERRED = """\
The inferred truth of the items that were answered.{adult}
"""


def main():
    """Fit every contender to every crowd and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    parser.add_argument("--jobs", type=int, default=1, help="number of processes")
    parser.add_argument("--data", type=Path, default=BESIDE, help="real crowds")
    parser.add_argument(
        "--folder", type=Path, help="where scores are kept, for a run that goes on"
    )
    parser.add_argument("--quick", action="store_true", help="one crowd, few epochs")
    add_output(parser)
    args = parser.parse_args()
    seeds = range(1 if args.quick else args.seeds)
    crowds = ["mixed"] if args.quick else list(SIMULATED)
    for name, file in (("films", "moviereviews.npz"), ("adult", "adult_ordinal.npz")):
        if not args.quick and (args.data / file).exists():
            crowds.append(name)
    tasks = [
        (crowd, seed, args.data, args.quick, args.threads, args.folder)
        for seed in seeds
        for crowd in crowds
    ]
    results = defaultdict(list)
    if args.jobs == 1:
        collect(results, map(run, tasks))
    else:
        with ProcessPoolExecutor(args.jobs) as pool:
            collect(results, pool.map(run, tasks))
    report(args, len(seeds), crowds, results)


def collect(results, found):
    """Add the rows of every task."""
    for rows in found:
        for key, scores in rows:
            results[key].append(scores)
        print(rows[0][0][1], flush=True)


def run(task):
    """Score all contenders on a crowd; return pairs of key and scores."""
    crowd, seed, data, is_quick, threads, folder = task
    warnings.simplefilter("ignore")
    torch.set_num_threads(threads)
    drawn = {"films": films, "adult": adult}.get(
        crowd, lambda folder, seed: draw(SIMULATED[crowd], seed)
    )(data, seed)
    options = {"random_state": seed}
    if is_quick or drawn[3] is None:  # without features there is little to learn
        options["max_epochs"] = 2 if is_quick else 10
    rows = []
    for name, params in CONTENDERS.items():
        place = folder and folder / f"{crowd}, {name}, {seed}.json"
        if place and place.exists():
            scores = json.loads(place.read_text())
        else:
            scores = measured(params, *drawn, options)
        if place:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(json.dumps(scores))
        rows += [((kind, crowd, name), each) for kind, each in scores.items()]
    return rows


def measured(params, X, y, truth, X_test, truth_test, options):
    """Return the measures of a contender, predicted and inferred."""
    predicted, inferred = fit(params, X, y, X_test, options)
    known = truth >= 0
    scores = {"inferred": score(truth[known], inferred[known])}
    if X_test is None:
        return scores
    return {"predicted": score(truth_test, predicted)} | scores


def fit(params, X, y, X_test, options):
    """Return predicted and inferred classes, as codes."""
    highest = len(y.classes) - 1
    if params is None:
        ratings = Annotations(y.item, y.annotator, y.answer.astype(float), y.shape)
        reg = CrowdRegressor(**options).fit(X, ratings)
        found = [None if X_test is None else reg.predict(X_test), reg.posterior_mean_]
        return [f if f is None else np.clip(np.rint(f), 0, highest) for f in found]
    clf = CrowdClassifier(**params, **options).fit(X, y)
    predicted = None if X_test is None else clf.predict(X_test)
    if "ordinal" in params:
        median = (np.cumsum(clf.posterior_, axis=1) < 0.5).sum(axis=1)
        return predicted, np.minimum(median, highest)
    return predicted, clf.posterior_.argmax(axis=1)


def score(truth, found):
    """Return the measures of classes, as codes."""
    return {
        "error": float(np.abs(truth - found).mean()),
        "right": float(100 * np.mean(truth == found)),
        "kappa": float(cohen_kappa_score(truth, found, weights="quadratic")),
    }


def stars(ratings):
    """Round ratings in [0, 1] to codes of five stars."""
    return np.clip(np.rint(4 * ratings), 0, 4).astype(np.int64)


def films(folder, seed):
    """Return reviews whose ratings are rounded to five stars."""
    data = load(folder)
    a = data.annotations
    y = Annotations(a.item, a.annotator, stars(a.answer), a.shape, np.arange(5))
    truth, truth_test = stars(data.gold_train), stars(data.gold_test)
    return data.topics_train, y, truth, data.topics_test, truth_test


def adult(folder, seed):
    """Return web pages without features."""
    d = np.load(folder / "adult_ordinal.npz")
    item, annotator = d["item"].astype(int), d["annotator"].astype(int)
    order = np.lexsort((annotator, item))
    item, annotator = item[order], annotator[order]
    answer, gold = d["answer"].astype(int)[order], d["gold"].astype(int)
    shape = len(gold), int(annotator.max()) + 1
    y = Annotations(item, annotator, answer, shape, np.arange(4))
    return np.zeros((len(gold), 1), dtype=np.float32), y, gold, None, None


def report(args, n_seeds, crowds, results):
    """Write the tables."""
    described = environment(args.threads)
    films = (
        " *films*: ratings of reviews, rounded to five stars; singular vectors of "
        "their words (TF-IDF)."
        if "films" in crowds
        else ""
    )
    adult = (
        " *adult*: web pages of four levels, 333 with gold; without features, so that "
        "the network knows the shares of the classes alone."
        if "adult" in crowds
        else ""
    )
    parts = ["# Classes that have an order"]
    for kind, title, text in (
        ("predicted", "Predictions", PREDICTED.format(n_seeds=n_seeds, films=films)),
        ("inferred", "Inferred truth", INFERRED.format(adult=adult)),
    ):
        parts += [f"## {title}", text]
        of_kind = [c for c in crowds if (kind, c, "classes") in results]
        for measure, caption in MEASURES.items():
            digits = 1 if measure == "right" else 3
            rows = [
                [
                    name,
                    *(
                        mean_std([s[measure] for s in results[kind, c, name]], digits)
                        for c in of_kind
                    ),
                ]
                for name in CONTENDERS
            ]
            parts += [f"{caption}:", markdown_table(["model", *of_kind], rows)]
    parts.append(environment_line(described))
    raw = {
        "environment": described,
        "seeds": n_seeds,
        "results": [
            {"kind": kind, "crowd": crowd, "model": name, "scores": scores}
            for (kind, crowd, name), scores in results.items()
        ],
    }
    write_results(args.output, "ordinal", "\n\n".join(parts), raw)


if __name__ == "__main__":
    main()
