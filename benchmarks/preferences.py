"""Scores of new items, learned from pairwise preferences of judges of all sorts.

Simulated judges compare items with a known quality; the scores of items that nobody
compared are held against it.
"""

import argparse
from itertools import islice, product
from typing import NamedTuple

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
from joblib import Parallel, delayed
from scipy.stats import kendalltau
from sklearn.linear_model import LogisticRegressionCV

from skcrowd import CrowdClassifier, CrowdRanker

N_ITEMS, N_NEW, N_FEATURES, ANSWERS_PER_PAIR = 200, 500, 10, 3
TITLE = "# Preferences\n\n"
CAPTION = """
Kendall's tau of the scores of {new} new items with their true quality, in hundredths,
mean ± sample standard deviation over {seeds} seed(s). {items} items of {features}
features; each pair is answered by {answers} of the judges. *Good*: 8 judges who answer
by the quality, as Bradley and Terry say. *Mixed*: 5 of those, 3 who toss a coin, 2 who
always prefer the first place, 2 who answer the reverse in a third of their answers.
The quality is a linear function of the features, or that plus a curved one. *Logistic
regression*: with cross-validated strength, on the differences of features, of the pairs
with a majority.
"""


class Judges(NamedTuple):
    """Judges: how many answer by the quality, at random, by place, reversed."""

    good: int
    random: int
    first: int
    contrary: int


CROWDS = {"good": Judges(8, 0, 0, 0), "mixed": Judges(5, 3, 2, 2)}
N_PAIRS = (300, 1500)


def quality_of(items, weights, curved):
    """Return the true quality of items."""
    quality = items @ weights
    return quality + curved * np.sin(2 * items[:, 0]) * 2


def simulate(rng, judges, n_pairs, curved):
    """Return items, places of the pairs, answers, new items and their quality."""
    weights = rng.normal(size=N_FEATURES) / np.sqrt(N_FEATURES)
    items = rng.normal(size=(N_ITEMS, N_FEATURES)).astype(np.float32)
    new = rng.normal(size=(N_NEW, N_FEATURES)).astype(np.float32)
    quality = 2 * quality_of(items, weights, curved)
    first = rng.integers(0, N_ITEMS, n_pairs)
    second = (first + rng.integers(1, N_ITEMS, n_pairs)) % N_ITEMS
    proba = 1 / (1 + np.exp(quality[second] - quality[first]))
    kinds = np.repeat(np.arange(4), judges)
    y = np.full((n_pairs, len(kinds)), "", dtype="U6")
    for pair in range(n_pairs):
        for judge in rng.choice(len(kinds), ANSWERS_PER_PAIR, replace=False):
            is_first = rng.random() < proba[pair]
            if kinds[judge] == 1:
                is_first = rng.random() < 0.5
            elif kinds[judge] == 2:
                is_first = True
            elif kinds[judge] == 3:
                is_first ^= rng.random() < 1 / 3
            y[pair, judge] = "first" if is_first else "second"
    return items, first, second, y, new, quality_of(new, weights, curved)


def logistic(items, first, second, y, new, seed):
    """Score by logistic regression on the majority."""
    votes = (y == "first").sum(axis=1) - (y == "second").sum(axis=1)
    is_clear = votes != 0
    differences = (items[first] - items[second])[is_clear]
    model = LogisticRegressionCV(
        fit_intercept=False,
        l1_ratios=(0.0,),
        use_legacy_attributes=False,
        scoring="neg_log_loss",
    )
    model.fit(differences, votes[is_clear] > 0)
    return new @ model.coef_[0]


def ranker(method):
    """Return a function that scores by a CrowdRanker."""

    def scores(items, first, second, y, new, seed):
        classifier = CrowdClassifier(method=method, random_state=seed)
        model = CrowdRanker(classifier).fit((items[first], items[second]), y)
        return model.score_items(new)

    return scores


METHODS = {
    "confusion_layer": ranker("confusion_layer"),
    "em": ranker("em"),
    "majority_vote": ranker("majority_vote"),
    "logistic regression": logistic,
}


def taus_of(curved, judges, n_pairs, seed, threads):
    """Return Kendall's tau of every method for one crowd."""
    torch.set_num_threads(threads)
    rng = np.random.default_rng(seed)
    *crowd, truth = simulate(rng, CROWDS[judges], n_pairs, curved)
    return {
        method: float(100 * kendalltau(scores(*crowd, seed), truth)[0])
        for method, scores in METHODS.items()
    }


def main():
    """Fit every method to every crowd, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    parser.add_argument("--jobs", type=int, default=1, help="fits side by side")
    parser.add_argument("--quick", action="store_true", help="one seed, few pairs")
    add_output(parser)
    args = parser.parse_args()
    seeds, sizes = (1, (60,)) if args.quick else (args.seeds, N_PAIRS)
    crowds = list(product((0, 1), CROWDS, sizes))
    every = Parallel(args.jobs, return_as="generator")(
        delayed(taus_of)(*crowd, seed, args.threads)
        for crowd in crowds
        for seed in range(seeds)
    )
    rows, records = [], []
    for curved, judges, n_pairs in crowds:
        runs = list(islice(every, seeds))
        taus = {method: [run[method] for run in runs] for method in METHODS}
        label = f"{'curved' if curved else 'linear'}, {judges}, {n_pairs} pairs"
        rows.append([label, *(mean_std(values, 1) for values in taus.values())])
        records.append({"crowd": label, "taus": taus})
        print(*rows[-1], sep=" | ", flush=True)
    header = ["quality, judges", *METHODS]
    caption = CAPTION.format(
        new=N_NEW,
        seeds=seeds,
        items=N_ITEMS,
        features=N_FEATURES,
        answers=ANSWERS_PER_PAIR,
    )
    described = environment(args.threads)
    text = TITLE + markdown_table(header, rows) + "\n" + caption + "\n"
    text += environment_line(described)
    results = {"environment": described, "records": records}
    write_results(args.output, "preferences", text, results)


if __name__ == "__main__":
    main()
