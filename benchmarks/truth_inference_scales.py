"""Truth inference on scales: ratings, and labels that have an order.

Every aggregator of ratings on two public crowds and on simulated ones; aggregators of
labels, with and without an order, on a public crowd and on simulated stars. No true
value is used but to score.
"""

import argparse
import warnings
from collections import defaultdict
from pathlib import Path

import numpy as np
from _common import (
    add_output,
    environment,
    environment_line,
    markdown_table,
    mean_std,
    write_results,
)
from _truth_inference_data import BESIDE
from sklearn.exceptions import ConvergenceWarning

from skcrowd.aggregation import LABEL_AGGREGATORS, RATING_AGGREGATORS
from skcrowd.annotations import Annotations

NOMINAL = "majority_vote", "dawid_skene", "one_coin", "ibcc", "mace", "consensus"
RATINGS = """\
Error of the inferred ratings. Public crowds: mean absolute error (*emotion*: from -100
to 100; *films*: from 0 to 1). Simulated: root mean squared error in standard
deviations of the truth, mean ± sample standard deviation over {n_seeds} seeds;
*normal*: scales, biases and noise of 25 annotators, five ratings an item; *plain*:
noise alone, the same for all; *spam*: a fifth rates at random; *few*: two ratings an
item; *stars*: rounded to 1 to 5; *zeros*: many true and reported zeros, noise that
grows with the truth.
"""
ORDINAL = """\
Mean absolute error in steps of the scale / share of right labels in percent, of the
most probable label. *adult*: 333 web pages with gold, four classes. Simulated stars
from 1 to 5, five answers an item: mean over {n_seeds} seeds ± the sample standard
deviation of the error; 40 annotators with biases, noise and thresholds of their own, a
tenth answer at random; *few*: three answers an item; *many people*: 150; *biased*: 20
with twice the bias; *alike*: no biases and one noise.
"""


def main():
    """Run every aggregator on every crowd and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    parser.add_argument("--data", type=Path, default=BESIDE, help="real crowds")
    parser.add_argument("--quick", action="store_true", help="one seed, few items")
    add_output(parser)
    args = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    seeds, n_items = (1, 30) if args.quick else (args.seeds, 500)
    ratings, ordinal = defaultdict(list), defaultdict(list)
    for crowd, annotations, gold in public_ratings(args.data):
        for name, cls in RATING_AGGREGATORS.items():
            error = cls().fit_predict(annotations) - gold
            ratings[name, crowd].append(float(np.nanmean(np.abs(error))))
    for annotations, gold in public_order(args.data):
        score_labels("adult", annotations, gold, ordinal)
    for seed in range(seeds):
        for crowd in SIMULATED_RATINGS:
            annotations, truth = simulate_ratings(crowd, seed, n_items)
            for name, cls in RATING_AGGREGATORS.items():
                error = cls().fit_predict(annotations) - truth
                value = np.sqrt(np.mean(error**2)) / truth.std()
                ratings[name, crowd].append(float(value))
        for crowd in SIMULATED_STARS:
            score_labels(crowd, *simulate_stars(crowd, seed, n_items), ordinal)
        print(f"seed {seed}", flush=True)
    report(args, seeds, ratings, ordinal)


def score_labels(crowd, annotations, gold, results):
    """Add error and accuracy of every aggregator of labels."""
    known = np.flatnonzero(gold >= 0)
    for name in (*NOMINAL, "ordinal"):
        aggregator = LABEL_AGGREGATORS[name]().fit(annotations)
        found = aggregator.predict_proba().argmax(axis=1)[known]
        error = float(np.abs(found - gold[known]).mean())
        results[name, crowd].append((error, float(np.mean(found == gold[known]))))


def public_ratings(folder):
    """Yield name, annotations and true ratings."""
    if (folder / "emotion.npz").exists():
        d = np.load(folder / "emotion.npz")
        table = {key: d[key] for key in ("item", "annotator", "answer")}
        annotations = Annotations.from_long(
            "item",
            "annotator",
            "answer",
            data=table,
            n_items=len(d["gold"]),
            kind="numbers",
        )
        yield "emotion", annotations, d["gold"].astype(float)
    if (folder / "moviereviews.npz").exists():
        d = np.load(folder / "moviereviews.npz")
        dense = d["annotations"].astype(float)
        annotations = Annotations.from_dense(dense, kind="numbers")
        yield "films", annotations, d["gold_train"].astype(float)


def public_order(folder):
    """Yield annotations and codes of true labels, -1 unknown."""
    if (folder / "adult_ordinal.npz").exists():
        d = np.load(folder / "adult_ordinal.npz")
        item, annotator = d["item"].astype(int), d["annotator"].astype(int)
        gold = d["gold"].astype(int)
        shape, classes = (len(gold), int(annotator.max()) + 1), np.arange(4)
        order = np.lexsort((annotator, item))
        triples = (item[order], annotator[order], d["answer"].astype(int)[order])
        yield Annotations(*triples, shape, classes), gold


def assigned(rng, n_items, n_annotators, per_item):
    """Draw who answers; return items and annotators, sorted."""
    order = rng.uniform(size=(n_items, n_annotators)).argsort(axis=1)[:, :per_item]
    return np.repeat(np.arange(n_items), per_item), np.sort(order, axis=1).ravel()


SIMULATED_RATINGS = "normal", "plain", "spam", "few", "stars", "zeros"


def simulate_ratings(crowd, seed, n_items):
    """Draw ratings; return them and the truth."""
    rng = np.random.default_rng(seed)
    item, annotator = assigned(rng, n_items, 25, 2 if crowd == "few" else 5)
    n = len(item)
    scale = np.exp(rng.normal(0, 0.3, 25))
    bias, noise = rng.normal(0, 0.4, 25), np.exp(rng.normal(-0.3, 0.5, 25))
    if crowd == "plain":
        scale, bias, noise = np.ones(25), np.zeros(25), np.full(25, 0.7)
    s, b, e = scale[annotator], bias[annotator], noise[annotator] * rng.normal(size=n)
    truth = rng.normal(size=n_items)
    y = s * truth[item] + b + e
    if crowd == "stars":
        truth = np.clip(3.6 + 0.9 * truth, 1, 5)
        y = np.clip(np.rint(3 + s * (truth[item] - 3) + b + e), 1, 5)
    if crowd == "zeros":
        is_zero = rng.uniform(size=n_items) < 0.4
        truth = np.where(is_zero, 0, np.minimum(rng.exponential(30, n_items), 100))
        y = s * truth[item] * np.exp(0.6 * e) + 5 * b
        odd = (rng.uniform(size=n) < 0.15) * rng.exponential(20, n)
        y = np.where(is_zero[item], odd, y) * (rng.uniform(size=n) > 0.2)
        y = np.rint(np.clip(y, 0, 100))
    if crowd == "spam":
        is_spam = (rng.permutation(25) < 5)[annotator]
        y[is_spam] = rng.permutation(y)[: is_spam.sum()]
    return Annotations(item, annotator, y, (n_items, 25)), truth


SIMULATED_STARS = {
    "stars": {},
    "few": {"per_item": 3},
    "many people": {"n_annotators": 150},
    "biased": {"n_annotators": 20, "bias": 1.0},
    "alike": {"bias": 0.0, "spread": 0.0},
}


def simulate_stars(crowd, seed, n_items):
    """Draw stars by thresholds on a latent scale; return codes of stars and truth."""
    settings = {"per_item": 5, "n_annotators": 40, "bias": 0.5, "spread": 0.5}
    per_item, n_annotators, bias, spread = (settings | SIMULATED_STARS[crowd]).values()
    rng = np.random.default_rng(seed)
    item, annotator = assigned(rng, n_items, n_annotators, per_item)
    truth = rng.choice(5, n_items, p=[0.1, 0.15, 0.2, 0.3, 0.25])
    biases = rng.normal(0, bias, n_annotators)
    noise = 0.7 * np.exp(rng.normal(0, spread, n_annotators))
    thresholds = np.arange(4) + 0.5 + rng.normal(0, 0.15, (n_annotators, 4))
    latent = truth[item] + biases[annotator]
    latent = latent + noise[annotator] * rng.normal(size=len(item))
    y = (latent[:, None] > np.sort(thresholds, axis=1)[annotator]).sum(axis=1)
    is_random = (rng.permutation(n_annotators) < n_annotators // 10)[annotator]
    y[is_random] = rng.integers(5, size=is_random.sum())
    shape = n_items, n_annotators
    return Annotations(item, annotator, y, shape, np.arange(5)), truth


def report(args, seeds, ratings, ordinal):
    """Write both tables."""
    described = environment(args.threads)
    crowds = list(dict.fromkeys(crowd for _, crowd in ratings))
    digits = {"emotion": 2}
    rating_rows = [
        [name, *(mean_std(ratings[name, c], digits.get(c, 3)) for c in crowds)]
        for name in RATING_AGGREGATORS
    ]
    of_labels = list(dict.fromkeys(crowd for _, crowd in ordinal))

    def cell(values):
        errors, right = zip(*values, strict=True)
        return f"{mean_std(errors, 3)} / {100 * np.mean(right):.1f}"

    label_rows = [
        [name, *(cell(ordinal[name, c]) for c in of_labels)]
        for name in (*NOMINAL, "ordinal")
    ]
    text = "\n\n".join(
        [
            "# Truth inference on scales",
            "## Ratings",
            RATINGS.format(n_seeds=seeds),
            markdown_table(["aggregator", *crowds], rating_rows),
            "## Labels that have an order",
            ORDINAL.format(n_seeds=seeds),
            markdown_table(["aggregator", *of_labels], label_rows),
            environment_line(described),
        ]
    )
    raw = {
        "environment": described,
        "seeds": seeds,
        "ratings": [
            {"aggregator": name, "crowd": crowd, "values": values}
            for (name, crowd), values in ratings.items()
        ],
        "labels": [
            {"aggregator": name, "crowd": crowd, "error_and_accuracy": values}
            for (name, crowd), values in ordinal.items()
        ],
    }
    write_results(args.output, "truth_inference_scales", text, raw)


if __name__ == "__main__":
    main()
