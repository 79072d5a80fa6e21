"""Intervals of skcrowd.metrics.evaluate on the answers of real crowds.

The truth of the items is known, the model is simulated: right on 80 of 100 items, its
errors independent of the crowd's.
"""

import argparse
import warnings
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

from skcrowd.aggregation import dawid_skene
from skcrowd.annotations import Annotations
from skcrowd.metrics import evaluate

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
MOST_ITEMS, MOST_CLASSES, N_GOLD, ACCURACY, N_DRAWS = 2000, 10, 100, 0.8, 400
CAPTION = """\
# Evaluation of a model by the answers of real crowds

A simulated model that is right on 80 of 100 items; mean ± sample standard deviation
over {seeds} seed(s). *Consensus*: of 100 items, how many Dawid-Skene infers right.
*Error*: estimate less the accuracy on all items. *Holds*: of 100 intervals of 95 %, how
many hold that accuracy. *Flagged*: of 100, how often the evaluation by answers is said
not to be reliable, by itself or by {gold} gold labels.
"""


def main():
    """Evaluate on every crowd and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    parser.add_argument(
        "--data",
        type=Path,
        default=SHARED,
        help="folder with truth_inference.npz (default: ../shared/data)",
    )
    parser.add_argument("--quick", action="store_true", help="one seed")
    add_output(parser)
    args = parser.parse_args()
    seeds = 1 if args.quick else args.seeds
    results = {}
    with np.load(args.data / "truth_inference.npz", allow_pickle=False) as stored:
        for name, crowd in crowds(stored):
            results[name] = [measure(*crowd, seed) for seed in range(seeds)]
            print(name, flush=True)
    described = environment(args.threads)
    text = [
        CAPTION.format(seeds=seeds, gold=N_GOLD),
        table(results),
        "",
        environment_line(described),
    ]
    raw = {"environment": described, "results": results}
    write_results(args.output, "model_evaluation_real", "\n".join(text), raw)


def crowds(stored):
    """Yield name, annotations and truth of each crowd of few classes, each once."""
    for name in sorted({key.split("/")[0] for key in stored.files}):
        columns = ("item", "annotator", "answer", "classes", "gold", "n_annotators")
        item, annotator, answer, classes, gold, n_annotators = (
            stored[f"{name}/{column}"] for column in columns
        )
        if len(classes) > MOST_CLASSES or name == "d_Duck_Identification":
            continue
        kept = np.flatnonzero(gold >= 0)
        kept = np.random.default_rng(0).permutation(kept)[:MOST_ITEMS]
        row = np.full(len(gold), -1)
        row[kept] = np.arange(kept.size)
        used = np.flatnonzero(row[item] >= 0)
        used = used[np.lexsort((annotator[used], row[item[used]]))]
        key = row[item[used]] * int(n_annotators) + annotator[used]
        used = used[np.append(True, key[1:] != key[:-1])]  # a first answer counts
        triples = row[item[used]], annotator[used], answer[used]
        shape = kept.size, int(n_annotators)
        y = Annotations(*triples, shape, classes=np.arange(len(classes)))
        yield name, (y, gold[kept])


def measure(y, truth, seed):
    """Evaluate one simulated model."""
    rng = np.random.default_rng(seed)
    n_items, n_classes = truth.size, len(y.classes)
    wrong = (truth + rng.integers(1, n_classes, n_items)) % n_classes
    y_pred = np.where(rng.random(n_items) < ACCURACY, truth, wrong)
    gold = np.full(n_items, -1)
    known = rng.choice(n_items, min(N_GOLD, n_items // 2), replace=False)
    gold[known] = truth[known]
    options = {"gold": gold, "n_draws": N_DRAWS, "random_state": seed}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        powered = evaluate(y_pred, y, **options)
    alone, accuracy = powered.answers_only, (y_pred == truth).mean()
    consensus = dawid_skene(y).posterior.argmax(axis=1)
    return {
        "items": n_items,
        "classes": n_classes,
        "answers": y.n_answers / n_items,
        "consensus": float((consensus == truth).mean()),
        "error": float(alone.estimate - accuracy),
        "holds": bool(alone.low <= accuracy <= alone.high),
        "flagged": not alone.is_reliable,
        "gold_error": float(powered.estimate - accuracy),
        "gold_holds": bool(powered.low <= accuracy <= powered.high),
    }


def table(results):
    """Write a row for each crowd."""
    lines = []
    for name, rows in results.items():
        lines.append(
            [
                name,
                rows[0]["items"],
                rows[0]["classes"],
                f"{rows[0]['answers']:.1f}",
                f"{100 * rows[0]['consensus']:.0f}",
                mean_std([row["error"] for row in rows], 3),
                mean_std([row["holds"] for row in rows], 0, 100),
                mean_std([row["flagged"] for row in rows], 0, 100),
                mean_std([row["gold_error"] for row in rows], 3),
                mean_std([row["gold_holds"] for row in rows], 0, 100),
            ]
        )
    columns = ["crowd", "items", "classes", "answers an item", "consensus", "error"]
    columns += ["holds", "flagged", "error, gold", "holds, gold"]
    return markdown_table(columns, lines)


if __name__ == "__main__":
    main()
