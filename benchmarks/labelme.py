"""How right networks are that learned from a real crowd: LabelMe.

Every row trains on the answers of the 1000 training images and is judged on the gold
labels of the 1188 test images, with fixed settings; nothing is chosen here.
"""

import json
from dataclasses import asdict, replace
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
from _labelme_data import TREATMENTS, load, thinned
from _labelme_rows import Settings, all_rows

from skcrowd.metrics import confusion_error

COLUMNS = [
    "row",
    "features",
    "test accuracy %",
    "worst seed",
    "confusion MAE",
    "inferred labels %",
    "rarest class predicted",
    "s a fit",
]

CAPTION = """\
Mean ± sample standard deviation over {n_seeds} seed(s), 0 to {last}. Settings, the same
in every row unless its name says otherwise: MLP {n_features}-128-{n_classes}, ReLU,
dropout .5, no scaling inside, Adam 1e-3, L2 1e-4, batch 64, {epochs} epochs; each
method otherwise with its defaults. Features: *sqrt* = square root divided by one
standard deviation of the training set; *standardised* = raw ones through
StandardScaler; *raw* = untouched. *All defaults* is not bound by these settings.

- **worst seed**: the lowest test accuracy of a seed, %.
- **confusion MAE**: mean absolute error of `annotator_confusion_` against the matrices
  counted with the training gold labels, each row of a matrix weighted by the number of
  answers that the annotator gave to items of that class.
- **inferred labels**: accuracy of the inferred labels of the training items; a tie
  between m labels counts 1/m where the right one is among them.
- **rarest class predicted**: the smallest number of test items that were given any one
  class, over all seeds; 0 is a lost class. The rarest class has {rarest} test items.
- **s a fit**: median wall time of a fit, on a machine that may have other work.

Training and test gold labels only score; no validation labels are used.
"""


def main():
    """Run the table."""
    args = parse_table(__doc__, "labelme.npz", seeds=10, can_update=True)
    torch.set_num_threads(args.threads)
    data = load(args.data, args.data_home)
    settings = Settings(seed=0, epochs=args.epochs)
    rows = [row for row in all_rows() if matches(row.name, args.only)]
    results = []
    for row in rows:
        if row.is_available():
            results.append(run_row(row, data, settings, args.seeds))
            print(" | ".join(cells(results[-1])), flush=True)
        else:
            print(f"{row.name}: left out, {row.package} is not installed", flush=True)
    if args.update:
        results = with_stored(args, results)
    report(args, data, settings, results)


def with_stored(args, results):
    """Add the rows of the stored table that were not run, in the order of all rows."""
    raw = json.loads((args.output / "labelme.json").read_text(encoding="utf-8"))
    found = {(r["row"], r["features"]): r for r in [*raw["results"], *results]}
    ordered = [(row.name, row.features) for row in all_rows()]
    kept = [found[key] for key in ordered if key in found]
    n_seeds = {len(result["runs"]) for result in kept}
    if n_seeds != {args.seeds}:
        raise SystemExit(f"Rows would have {n_seeds} seeds; pass the same --seeds.")
    return kept


def run_row(row, data, settings, n_seeds):
    """Fit a row with every seed."""
    runs = [run_seed(row, data, replace(settings, seed=s)) for s in range(n_seeds)]
    return {"row": row.name, "features": row.features, "runs": runs}


def run_seed(row, data, settings):
    """Fit once, score once."""
    data = thinned(data) if row.is_uneven else data
    X_train, X_test = TREATMENTS[row.features](data)
    start = perf_counter()
    outcome = row.learn(data, X_train, settings)
    seconds = perf_counter() - start
    predicted = np.asarray(outcome.predict(X_test))
    per_class = np.bincount(predicted, minlength=len(data.annotations.classes))
    return {
        "seed": settings.seed,
        "accuracy": float((predicted == data.gold_test).mean()),
        "confusion_error": matrix_error(data, outcome.confusion),
        "inferred_accuracy": inferred_accuracy(data, outcome.posterior),
        "predicted_per_class": per_class.tolist(),
        "seconds": seconds,
    }


def matrix_error(data, confusion):
    """Error of the confusion matrices, rows weighted by their answers."""
    if confusion is None:
        return None
    return confusion_error(confusion, data.confusion, weights=data.answers_per_row)


def inferred_accuracy(data, posterior):
    """Accuracy of the most probable label; m tied labels share the point."""
    if posterior is None:
        return None
    best = np.isclose(posterior, posterior.max(axis=1, keepdims=True), rtol=0)
    right = best[np.arange(len(best)), data.gold_train]
    return float((right / best.sum(axis=1)).mean())


def cells(result):
    """One line of the table."""
    runs = result["runs"]
    values = {key: [run[key] for run in runs] for key in runs[0]}
    return [
        result["row"],
        result["features"],
        mean_std(values["accuracy"], 1, scale=100),
        f"{100 * min(values['accuracy']):.1f}",
        mean_std(values["confusion_error"], 3),
        mean_std(values["inferred_accuracy"], 1, scale=100),
        str(np.min(values["predicted_per_class"])),
        f"{np.median(values['seconds']):.2f}",
    ]


def report(args, data, settings, results):
    """Write table and raw numbers."""
    described = environment(args.threads)
    caption = CAPTION.format(
        n_seeds=args.seeds,
        last=args.seeds - 1,
        n_features=data.X_train.shape[1],
        n_classes=len(data.annotations.classes),
        epochs=settings.network["max_epochs"],
        rarest=np.bincount(data.gold_test).min(),
    )
    table = markdown_table(COLUMNS, [cells(result) for result in results])
    foot = environment_line(described)
    raw = {"environment": described, "settings": asdict(settings), "results": results}
    text = f"# LabelMe\n\n{table}\n\n{caption}\n{foot}"
    write_results(args.output, "labelme", text, raw)


if __name__ == "__main__":
    main()
