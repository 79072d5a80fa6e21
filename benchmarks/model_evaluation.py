"""Whether the intervals of skcrowd.metrics.evaluate hold the quality of a model.

Simulated crowds, so that the quality in the population is known.
"""

import argparse
import warnings
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import numpy as np
from _common import (
    add_output,
    environment,
    environment_line,
    markdown_table,
    matches,
    mean_std,
    write_results,
)
from scipy.stats import beta

from skcrowd.aggregation import dawid_skene, majority_vote
from skcrowd.annotations import Annotations
from skcrowd.datasets import annotator_confusions, make_annotations
from skcrowd.metrics import evaluate, span_f1_score

N_ITEMS, N_ANNOTATORS, N_DRAWS, FEW_DRAWS = 600, 20, 300, 100
ACCURACIES = (0.85, 0.8)  # of the two models
GOLD = (50, 100, 300)
GOOD = {"expert": 5, "average": 15}
SHARED = 0.6  # probability that the two models err on the same draw
BIASED = 0.6  # share of the items of class 0 that a biased crowd answers as class 1
HARD = 0.2  # share of hard items
SPAN_RATES = ([0.1, 0.05, 0.08, 0.01], [0.2, 0.08, 0.1, 0.01])
CAPTION = """\
Simulated crowds of {annotators} annotators, {items} items; 95 % intervals. Of 100
intervals, how many hold the value in the population: mean ± sample standard deviation
over {seeds} seed(s) of {repeats} simulations each. Models have accuracies of about .85
and .80 and make many of their errors together. Errors of models are random in one half
of the simulations, in the other they depend on the class.
"""
ANSWERS = """
## Answers alone, where the crowd is as assumed

*Posterior mean*: the mean posterior of the predicted class given the answers
(Dawid-Skene), with a normal interval. *Truth known*: the Jeffreys interval with the
true labels of all items, which shows what chance does in these simulations. *Error*:
mean error of the estimate of `evaluate`. *Reliable*: how many of 100 it calls reliable.
"""
GOLD_TABLE = """
## With gold labels, whatever the crowd

*Width*: relative to the Wilson interval of the gold labels alone. *Flagged*: of 100,
how often gold labels are said to contradict the answers.
"""
BROKEN = """
## Answers alone, where an assumption is broken

*Biased*: all annotators answer class 1 for most items of class 0. *Hard items*:
annotators and models are both at chance on a fifth of the items. *Trained on the
answers*: a model that predicts the majority vote of the same answers on 70 % of the
items, without `trained_on_answers=True`. *Copies*: five of the annotators give the
answers of one other; with `annotator_groups`, and without.
"""
OTHERS = """
## Ratings and spans

R² of models of .87 and .75 in 300 rated items, span F1 of simulated taggers in 200
sequences, with answers alone and with 50 gold values.
"""


class Setting(NamedTuple):
    """A simulated crowd."""

    kind: str
    n_classes: int
    answers: int
    crowd: str

    @property
    def name(self):
        """Name of the row."""
        if self.kind in ("ratings", "spans"):
            return f"{self.kind}, {self.answers} answers, {self.crowd}"
        text = f"{self.n_classes} classes, {self.answers} answers, {self.crowd}"
        return text if self.kind == "assumed" else f"{self.kind}: {text}"


SETTINGS = [
    *(
        Setting("assumed", n_classes, answers, crowd)
        for n_classes in (2, 4, 10)
        for answers in (3, 5, 10)
        for crowd in ("good", "mixed")
    ),
    *(
        Setting(kind, n_classes, 5, "good")
        for kind in ("biased", "hard items", "trained on the answers")
        for n_classes in (2, 4)
    ),
    Setting("copies", 4, 5, "good"),
    Setting("copies, grouped", 4, 5, "good"),
    *(
        Setting(kind, 0, answers, crowd)
        for kind in ("ratings", "spans")
        for answers in (3, 5)
        for crowd in ("good", "mixed")
    ),
]


def main():
    """Simulate everything and write the tables."""
    args = parse()
    jobs = [
        (setting, seed, repeat, FEW_DRAWS if args.quick else N_DRAWS)
        for setting in SETTINGS
        if matches(setting.name, args.only)
        for seed in range(args.seeds)
        for repeat in range(args.repeats)
    ]
    with ProcessPoolExecutor(args.jobs) as pool:
        rows = list(pool.map(run, jobs, chunksize=4))
    results = defaultdict(list)
    for (setting, seed, *_), row in zip(jobs, rows, strict=True):
        results[setting].append({"seed": seed, **row})
    report(args, results)


def parse():
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    parser.add_argument("--repeats", type=int, default=9, help="simulations a seed")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--only", nargs="*", help="rows whose name contains a text")
    parser.add_argument("--quick", action="store_true", help="one short simulation")
    add_output(parser)
    args = parser.parse_args()
    if args.quick:
        args.seeds = args.repeats = 1
    return args


def run(job):
    """Simulate and evaluate once; return what the tables need."""
    setting, seed, repeat, n_draws = job
    number = 1000 * seed + repeat
    simulate = {"ratings": ratings, "spans": spans}.get(setting.kind, labels)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = simulate(setting, number)
        n_gold = data.pop("n_gold", GOLD[repeat % len(GOLD)])
        return measure(data, n_gold, number, n_draws)


def labels(setting, number):
    """Truth, answers and predictions of two models."""
    rng = np.random.default_rng([number, setting.n_classes, setting.answers])
    n_classes = setting.n_classes
    shares = rng.dirichlet(np.full(n_classes, 8.0))
    truth = rng.choice(n_classes, N_ITEMS, p=shares)
    truth[:n_classes] = np.arange(n_classes)
    tables = [errors(accuracy, n_classes, number % 2) for accuracy in ACCURACIES]
    hard = np.zeros(N_ITEMS, dtype=bool)
    if setting.kind == "hard items":
        hard = rng.random(N_ITEMS) < HARD
    y = crowd_answers(setting, truth, hard, number)
    noise = rng.random(N_ITEMS)
    other = np.where(rng.random(N_ITEMS) < SHARED, noise, rng.random(N_ITEMS))
    predictions, quality = [], []
    for table, uniform in zip(tables, (noise, other), strict=True):
        table = np.array(table)
        rows = table[truth]
        rows[hard] = 1 / n_classes
        predicted = (rows.cumsum(axis=1) < uniform[:, None]).sum(axis=1)
        predictions.append(np.minimum(predicted, n_classes - 1))
        right = shares @ table.diagonal()
        share_hard = HARD if setting.kind == "hard items" else 0.0
        quality.append((1 - share_hard) * right + share_hard / n_classes)
    options = {}
    if setting.kind == "trained on the answers":
        vote = majority_vote(y).argmax(axis=1)
        copied = rng.random(N_ITEMS) < 0.7
        right = quality[0]
        predictions[0] = np.where(copied, vote, predictions[0])
        # The vote's accuracy in the population is that in the sample, nearly.
        quality[0] = 0.7 * (vote == truth).mean() + 0.3 * right
    if setting.kind == "copies, grouped":
        options["annotator_groups"] = [0] * 6 + list(range(1, N_ANNOTATORS - 5))
    return {
        "y": y,
        "truth": truth,
        "predictions": predictions,
        "quality": quality,
        "options": {"classes": np.arange(n_classes), **options},
    }


def errors(accuracy, n_classes, depends_on_class):
    """Confusion matrix of a model."""
    table = np.ones((n_classes, n_classes))
    right = np.full(n_classes, accuracy)
    if depends_on_class:
        right += np.where(np.arange(n_classes) % 2, 0.1, -0.1)
        table = 0.1 + np.roll(np.eye(n_classes), 1, axis=1)
    np.fill_diagonal(table, 0)
    table *= ((1 - right) / table.sum(axis=1))[:, None]
    np.fill_diagonal(table, right)
    return table


def crowd_answers(setting, truth, hard, number):
    """Answers of a crowd."""
    n_classes = setting.n_classes
    kinds = GOOD if setting.crowd == "good" else N_ANNOTATORS
    confusion, _ = annotator_confusions(kinds, n_classes, random_state=number)
    if setting.kind == "biased":
        confusion[:, 0] *= 1 - BIASED
        confusion[:, 0, 1] += BIASED
    options = {"answers_per_item": setting.answers, "classes": np.arange(n_classes)}
    y = make_annotations(truth, confusion, random_state=number, **options).annotations
    if hard.any():
        guesses = np.random.default_rng(number).integers(n_classes, size=y.n_answers)
        answer = np.where(hard[y.item], guesses, y.answer)
        y = Annotations(y.item, y.annotator, answer, y.shape, classes=y.classes)
    if setting.kind.startswith("copies"):
        y = copied(y, truth, confusion, number)
    return y


def copied(y, truth, confusion, number):
    """Let annotators 1 to 5 give the answers that annotator 0 would give."""
    full = make_annotations(truth, confusion, random_state=number).annotations
    of_first = full.to_dense()[:, 0]
    answer = np.where(y.annotator <= 5, of_first[y.item], y.answer)
    return Annotations(y.item, y.annotator, answer, y.shape, classes=y.classes)


def ratings(setting, number):
    """Ratings and two models of numbers."""
    rng = np.random.default_rng([number, setting.answers])
    n_items, crowd = 300, setting.crowd
    truth = rng.normal(3, 1, n_items)
    spread = (0.15, 0.2, 0.2, 0.6) if crowd == "good" else (0.3, 0.4, 0.3, 1.5)
    scale = rng.uniform(1 - spread[0], 1 + spread[0], N_ANNOTATORS)
    bias = rng.normal(0, spread[1], N_ANNOTATORS)
    noise = rng.uniform(*spread[2:], N_ANNOTATORS)
    bias += 3 * (1 - scale) - bias.mean()
    lines = np.column_stack([scale, bias, noise])
    options = {"kind": "numbers", "answers_per_item": setting.answers}
    y = make_annotations(truth, lines, random_state=number, **options).annotations
    predictions = [
        3 + slope * (truth - 3) + std * rng.normal(size=n_items)
        for slope, std in ((0.8, 0.3), (0.7, 0.4))
    ]
    return {
        "y": y,
        "truth": truth,
        "predictions": predictions,
        "quality": [1 - 0.04 - 0.09, 1 - 0.09 - 0.16],
        "options": {},
        "n_gold": 50,
    }


def spans(setting, number):
    """Tag sequences and two models of tags."""
    truth = sentences(200, np.random.default_rng([number, setting.answers]))
    crowd = GOOD if setting.crowd == "good" else N_ANNOTATORS
    options = {"kind": "sequences", "answers_per_item": setting.answers}
    y = make_annotations(truth, crowd, random_state=number, **options).annotations
    predictions = [tagged(truth, rates, number + 500) for rates in SPAN_RATES]
    return {
        "y": y,
        "truth": truth,
        "predictions": predictions,
        "quality": population_f1(),
        "options": {},
        "n_gold": 50,
    }


def population_f1():
    """F1 of the two taggers on many sentences."""
    if not hasattr(population_f1, "value"):
        truth = sentences(4000, np.random.default_rng(0))
        population_f1.value = [
            span_f1_score(truth, tagged(truth, rates, 0)) for rates in SPAN_RATES
        ]
    return population_f1.value


def sentences(n_sequences, rng):
    """Draw true tags, with spans of one to three tokens of two types."""
    drawn = []
    for _ in range(n_sequences):
        length, place = int(rng.integers(6, 16)), int(rng.integers(3))
        tags = ["O"] * length
        while place < length:
            size, kind = int(rng.integers(1, 4)), rng.choice(["PER", "LOC"])
            if place + size <= length and rng.random() < 0.6:
                tags[place] = f"B-{kind}"
                tags[place + 1 : place + size] = [f"I-{kind}"] * (size - 1)
            place += size + int(rng.integers(1, 4))
        drawn.append(tags)
    return drawn


def tagged(truth, rates, seed):
    """Tags of one simulated tagger."""
    crowd = make_annotations(truth, [rates], kind="sequences", random_state=seed)
    return list(crowd.annotations.to_cells()[:, 0])


def measure(data, n_gold, number, n_draws):
    """Evaluate the first model, and the difference, with and without gold."""
    truth, (first, second) = data["truth"], data["predictions"]
    gold = [value if row < n_gold else None for row, value in enumerate(truth)]
    options = {"n_draws": n_draws, "random_state": number, **data["options"]}
    model = evaluate(first, data["y"], gold=gold, **options)
    pair = evaluate(first, data["y"], gold=gold, other=second, **options)
    quality, difference = data["quality"][0], data["quality"][0] - data["quality"][1]
    alone = model.answers_only
    row = {
        "n_gold": n_gold,
        "model": holds(alone, quality),
        "error": alone.estimate - quality,
        "width": alone.high - alone.low,
        "reliable": not [n for n in alone.notes if not n.startswith("gold")],
        "difference": holds(pair.answers_only, difference),
        "gold": holds(model, quality),
        "gold_difference": holds(pair, difference),
        "flagged": any(note.startswith("gold") for note in alone.notes),
    }
    if model.measure == "accuracy":
        row |= rivals(data, n_gold, quality, model)
    return row


def rivals(data, n_gold, quality, model):
    """Mean posterior given the answers, gold labels alone, and the truth of all."""
    first, truth = data["predictions"][0], data["truth"]
    posterior = dawid_skene(data["y"]).posterior[np.arange(first.size), first]
    half = 1.96 * posterior.std() / np.sqrt(posterior.size)
    share = (first == truth)[:n_gold].mean()
    half_gold = 1.96 * np.sqrt(share * (1 - share) / n_gold + 1.96**2 / (4 * n_gold**2))
    width = 2 * half_gold / (1 + 1.96**2 / n_gold)
    return {
        "posterior_mean": bool(abs(posterior.mean() - quality) <= half),
        "truth_known": truth_known(first == truth, quality),
        "relative_width": (model.high - model.low) / width,
    }


def truth_known(is_right, quality):
    """Whether the Jeffreys interval with the truth of all items holds the quality."""
    n_right, n_wrong = is_right.sum(), (~is_right).sum()
    low, high = beta.ppf([0.025, 0.975], n_right + 0.5, n_wrong + 0.5)
    return bool(low <= quality <= high)


def holds(evaluation, value):
    """Whether an interval holds a value."""
    return bool(evaluation.low <= value <= evaluation.high)


def by_seed(rows, name, digits=0, scale=100.0):
    """Mean ± standard deviation over the seeds."""
    seeds = sorted({row["seed"] for row in rows})
    means = [
        np.mean([row[name] for row in rows if row["seed"] == seed and name in row])
        for seed in seeds
    ]
    return mean_std(means, digits, scale)


def report(args, results):
    """Write the tables."""
    described = environment(args.threads)
    text = [
        "# Evaluation of models by the answers of a crowd",
        CAPTION.format(
            annotators=N_ANNOTATORS,
            items=N_ITEMS,
            seeds=args.seeds,
            repeats=args.repeats,
        ),
        ANSWERS,
        answers_table(results),
        GOLD_TABLE,
        gold_table(results),
        BROKEN,
        broken_table(results),
        OTHERS,
        others_table(results),
        "",
        environment_line(described),
    ]
    raw = {
        "environment": described,
        "results": {setting.name: rows for setting, rows in results.items()},
    }
    write_results(args.output, "model_evaluation", "\n".join(text), raw)


def of_kinds(results, *kinds):
    """Rows of the settings of these kinds, and all rows together."""
    chosen = {s.name: rows for s, rows in results.items() if s.kind in kinds}
    return chosen, [row for rows in chosen.values() for row in rows]


def answers_table(results):
    """Coverage by answers alone."""
    chosen, everything = of_kinds(results, "assumed")
    named = chosen | {"all": everything} if chosen else {}
    rows = [
        [
            name,
            by_seed(rows, "model"),
            by_seed(rows, "difference"),
            by_seed(rows, "posterior_mean"),
            by_seed(rows, "truth_known"),
            by_seed(rows, "error", 3, 1.0),
            by_seed(rows, "width", 3, 1.0),
            by_seed(rows, "reliable"),
        ]
        for name, rows in named.items()
    ]
    columns = ["crowd", "model", "difference", "posterior mean", "truth known"]
    return markdown_table([*columns, "error", "width", "reliable"], rows)


def gold_table(results):
    """Coverage by the number of gold labels."""
    groups = {
        "as assumed": ("assumed",),
        "biased": ("biased",),
        "hard items": ("hard items",),
        "trained on the answers": ("trained on the answers",),
    }
    lines = []
    for name, kinds in groups.items():
        _, everything = of_kinds(results, *kinds)
        for n_gold in GOLD:
            rows = [row for row in everything if row["n_gold"] == n_gold]
            if rows:
                lines.append(
                    [
                        f"{name}, {n_gold} gold labels",
                        by_seed(rows, "gold"),
                        by_seed(rows, "gold_difference"),
                        by_seed(rows, "relative_width", 2, 1.0),
                        by_seed(rows, "flagged"),
                    ]
                )
    columns = ["crowd", "model", "difference", "width", "flagged"]
    return markdown_table(columns, lines)


def broken_table(results):
    """Coverage by answers alone where they are not as assumed."""
    kinds = "biased", "hard items", "trained on the answers", "copies"
    chosen, _ = of_kinds(results, *kinds, "copies, grouped")
    rows = [
        [
            name,
            by_seed(rows, "model"),
            by_seed(rows, "difference"),
            by_seed(rows, "error", 3, 1.0),
            by_seed(rows, "reliable"),
        ]
        for name, rows in chosen.items()
    ]
    return markdown_table(["crowd", "model", "difference", "error", "reliable"], rows)


def others_table(results):
    """Coverage for numbers and spans."""
    chosen, _ = of_kinds(results, "ratings", "spans")
    rows = [
        [
            name,
            by_seed(rows, "model"),
            by_seed(rows, "difference"),
            by_seed(rows, "error", 3, 1.0),
            by_seed(rows, "width", 3, 1.0),
            by_seed(rows, "gold"),
            by_seed(rows, "gold_difference"),
        ]
        for name, rows in chosen.items()
    ]
    columns = ["crowd", "model", "difference", "error", "width", "50 gold"]
    return markdown_table([*columns, "50 gold, difference"], rows)


if __name__ == "__main__":
    main()
