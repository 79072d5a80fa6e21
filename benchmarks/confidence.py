"""What stated confidences and soft labels of answers are worth, against ignoring them.

Simulated crowds state confidences in several ways; the answers of a seed are the same
for all of them. True labels only score.
"""

import argparse
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
from scipy.special import expit, softmax
from sklearn.datasets import load_digits

from skcrowd import CrowdClassifier
from skcrowd.aggregation import DawidSkene, MajorityVote, OneCoin
from skcrowd.annotations import Annotations

BEHAVIOURS = {
    "honest": "the chance of being right",
    "over-sure": "at least 0.9, nearly always",
    "under-sure": "from 0.1 to 0.6, nearly always",
    "1 to 5 stars": "rounded, from a scale of one's own",
    "uninformative": "drawn at random",
    "turned round": "1 less the chance of being right",
    "mixed": "each annotator one of honest, over-sure, under-sure, uninformative, "
    "turned round",
}
MIXED = "honest", "over-sure", "under-sure", "uninformative", "turned round"
CROWDS = {  # items, annotators, answers an item
    "3 answers": (500, 25, 3),
    "2 answers": (500, 25, 2),
    "5 answers of few each": (200, 60, 5),
}
AGGREGATORS = {
    "MajorityVote": MajorityVote,
    "OneCoin": OneCoin,
    "DawidSkene": DawidSkene,
}
METHODS = "auto", "em", "crowd_layer"
LEARNED = "over-sure", "uninformative", "mixed"
N_CLASSES = 4
TRAIN, PER_ITEM, ANNOTATORS = 600, 2, 20
NOISE = 0.5  # of a stated log-odds
REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "cifar10n.npz"
CAPTION = """\
Accuracy in %, mean ± standard deviation over {seeds} seeds. The log-odds of a right
answer are N(1.3, 0.7) by annotator plus N(0, 1.5) by answer; what is stated is that
with noise of {noise}, changed as the row says. "as weights": the stated numbers are
taken as weights of the answers. The last column is the mean gain over ignoring them ±
the standard deviation of the gain.
"""


def simulate(rng, truth, n_annotators, per_item, n_classes):
    """Draw who answers what, and the log-odds of each answer's being right."""
    n_items = len(truth)
    item = np.repeat(np.arange(n_items), per_item)
    order = np.argsort(rng.random((n_items, n_annotators)), axis=1)[:, :per_item]
    annotator = np.sort(order, axis=1).ravel()
    ability = rng.normal(1.3, 0.7, n_annotators)
    log_odds = ability[annotator] + rng.normal(0, 1.5, len(item))
    chance = np.maximum(expit(log_odds), 1 / n_classes)
    wrong = (truth[item] + rng.integers(1, n_classes, len(item))) % n_classes
    answer = np.where(rng.random(len(item)) < chance, truth[item], wrong)
    known = np.log(chance) - np.log1p(-np.minimum(chance, 1 - 1e-9))
    return item, annotator, answer, known + rng.normal(0, NOISE, len(item))


def state(rng, behaviour, log_odds, annotator):
    """Return what annotators state of their answers."""
    if behaviour == "mixed":
        kind = rng.integers(len(MIXED), size=annotator.max() + 1)[annotator]
        stated = [state(rng, name, log_odds, annotator) for name in MIXED]
        return np.choose(kind, stated)
    if behaviour == "over-sure":
        return expit(0.5 * log_odds + 3)
    if behaviour == "under-sure":
        return expit(0.4 * log_odds - 1)
    if behaviour == "1 to 5 stars":
        offset = rng.normal(0, 0.7, annotator.max() + 1)[annotator]
        return np.clip(np.round(3 + log_odds / 1.2 + offset), 1, 5)
    if behaviour == "uninformative":
        return rng.random(len(annotator))
    return expit(-log_odds if behaviour == "turned round" else log_odds)


def aggregate(name, annotations, truth):
    """Return the accuracy of an aggregator."""
    found = AGGREGATORS[name]()
    return 100 * float((found.fit(annotations).predict() == truth).mean())


def crowds(seeds):
    """Return accuracies by crowd, aggregator, behaviour and use."""
    cells = {}
    for crowd, (n_items, n_annotators, per_item) in CROWDS.items():
        for seed in range(seeds):
            rng = np.random.default_rng(seed)
            truth = rng.integers(N_CLASSES, size=n_items)
            sizes = n_annotators, per_item, N_CLASSES
            item, annotator, answer, log_odds = simulate(rng, truth, *sizes)
            plain = Annotations.from_long(
                item, annotator, answer, n_items=n_items, classes=range(N_CLASSES)
            )
            ignored = {name: aggregate(name, plain, truth) for name in AGGREGATORS}
            for behaviour in BEHAVIOURS:
                stated = state(rng, behaviour, log_odds, annotator)
                used = plain.with_details(confidence=stated)
                weighed = plain.with_details(weight=stated / stated.mean())
                for name in AGGREGATORS:
                    cell = cells.setdefault((crowd, name, behaviour), [])
                    values = [aggregate(name, a, truth) for a in (weighed, used)]
                    cell.append([ignored[name], *values])
        print(f"{crowd} done", flush=True)
    return cells


def networks(seeds, max_epochs):
    """Return test accuracies of networks by method, behaviour and use."""
    X, z = load_digits(return_X_y=True)
    cells = {}
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(z))
        train, test = order[:TRAIN], order[TRAIN:]
        sizes = ANNOTATORS, PER_ITEM, 10
        item, annotator, answer, log_odds = simulate(rng, z[train], *sizes)
        plain = Annotations.from_long(
            item, annotator, answer, n_items=TRAIN, classes=range(10)
        )
        stated = {name: state(rng, name, log_odds, annotator) for name in LEARNED}
        for method in METHODS:

            def learn(annotations, method=method, train=train, test=test, seed=seed):
                options = {} if method == "auto" else {"method": method}
                clf = CrowdClassifier(
                    max_epochs=max_epochs, random_state=seed, **options
                )
                clf.fit(X[train], annotations)
                return 100 * float(clf.score(X[test], z[test]))

            ignored = learn(plain)
            for name in LEARNED:
                used = learn(plain.with_details(confidence=stated[name]))
                cells.setdefault((method, name), []).append([ignored, used])
        print(f"networks, seed {seed} done", flush=True)
    return cells


def soft_labels(seeds):
    """Return accuracies of plain and soft answers, by crowd and aggregator."""
    cells = {}
    for crowd, (n_items, n_annotators, per_item) in CROWDS.items():
        for seed in range(seeds):
            rng = np.random.default_rng(seed)
            truth = rng.integers(N_CLASSES, size=n_items)
            asked = np.argsort(rng.random((n_items, n_annotators)), axis=1)
            asked = asked[:, :per_item]
            shape = n_items, per_item, N_CLASSES
            seen = rng.normal(size=shape) + 1.5 * np.eye(N_CLASSES)[truth][:, None]
            sureness = rng.choice([0.7, 1.5, 3.0], n_annotators)[asked]
            soft = np.full((n_items, n_annotators, N_CLASSES), np.nan)
            rows = np.arange(n_items)[:, None]
            soft[rows, asked] = softmax(seen * sureness[:, :, None], axis=2)
            annotations = Annotations.from_soft_labels(soft)
            plain = annotations.without_details()
            for name in AGGREGATORS:
                values = [aggregate(name, a, truth) for a in (plain, annotations)]
                cells.setdefault((crowd, name), []).append(values)
    return cells


def real(seeds):
    """Return accuracies on CIFAR-10N, with the time an annotator took as confidence."""
    if not REAL.exists():
        return {}
    data, cells = np.load(REAL), {}
    for seed in range(seeds):
        rows = np.random.default_rng(seed).choice(50_000, 10_000, replace=False)
        item = np.repeat(np.arange(len(rows)), 3)
        annotator, answer, time = (
            data[key][rows].ravel()
            for key in ("annotators", "answers", "seconds_per_ten")
        )
        plain = Annotations.from_long(
            item, annotator, answer, n_items=len(rows), classes=range(10)
        )
        order = np.lexsort((annotator, item))
        used = plain.with_details(confidence=-time[order].astype(float))
        for name in AGGREGATORS:
            values = [aggregate(name, a, data["gold"][rows]) for a in (plain, used)]
            cells.setdefault(name, []).append(values)
    return cells


def row(name, values):
    """Write a row: each use, and the gain of the last over the first."""
    values = np.array(values)
    gain = (values[:, -1] - values[:, 0]).tolist()
    uses = [mean_std(column.tolist(), 1) for column in values.T]
    text = mean_std(gain, 1)
    return [*name, *uses, text if np.mean(gain) < 0 else f"+{text}"]


def tables(results, args):
    """Write all tables."""
    parts = [
        "# Confidences and soft labels",
        CAPTION.format(seeds=args.seeds, noise=NOISE),
    ]
    columns = ["what is stated", "aggregator", "ignored", "as weights", "used", "gain"]
    for crowd, sizes in CROWDS.items():
        items, annotators, per_item = sizes
        rows = [
            row([behaviour, name], values)
            for (of, name, behaviour), values in sorted(
                results["crowds"].items(),
                key=lambda cell: list(BEHAVIOURS).index(cell[0][2]),
            )
            if of == crowd
        ]
        parts.append(
            f"## {items} items, {annotators} annotators, {per_item} answers an item, "
            f"{N_CLASSES} classes\n\n{markdown_table(columns, rows)}"
        )
    lines = [f"- {name}: {text}" for name, text in BEHAVIOURS.items()]
    parts.append("\n".join(lines))
    rows = [row(list(k), v) for k, v in results["networks"].items()]
    parts.append(
        f"## Networks: digits, {TRAIN} items, {ANNOTATORS} annotators, {PER_ITEM} "
        "answers an item, accuracy on the others\n\n"
        + markdown_table(["method", "what is stated", "ignored", "used", "gain"], rows)
    )
    rows = [row(list(k), v) for k, v in results["soft"].items()]
    parts.append(
        "## Soft labels\n\nAnnotators see the true class 1.5 standard deviations "
        "above the others, and give a softmax of what they see, a third of them each "
        "with the factors 0.7, 1.5 and 3. A plain answer is the most probable class."
        "\n\n" + markdown_table(["crowd", "aggregator", "plain", "soft", "gain"], rows)
    )
    if results["real"]:
        rows = [row([k], v) for k, v in results["real"].items()]
        parts.append(
            "## CIFAR-10N: less time as more confidence\n\n10 000 images drawn anew by "
            "each seed, three answers each. The time is that of a page of ten images.\n"
            "\n" + markdown_table(["aggregator", "ignored", "used", "gain"], rows)
        )
    parts.append(environment_line(environment(args.threads)))
    return "\n\n".join(parts)


def main():
    """Measure, print and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="crowds a cell")
    parser.add_argument("--epochs", type=int, default=30, help="of a network")
    parser.add_argument("--quick", action="store_true", help="one crowd, two epochs")
    add_output(parser)
    args = parser.parse_args()
    if args.quick:
        args.seeds, args.epochs = 1, 2
    torch.set_num_threads(args.threads)
    results = {
        "crowds": crowds(args.seeds),
        "soft": soft_labels(args.seeds),
        "real": real(args.seeds),
        "networks": networks(args.seeds, args.epochs),
    }
    raw = {
        part: {" / ".join(np.atleast_1d(k)): v for k, v in cells.items()}
        for part, cells in results.items()
    }
    raw["environment"] = environment(args.threads)
    write_results(args.output, "confidence", tables(results, args), raw)


if __name__ == "__main__":
    main()
