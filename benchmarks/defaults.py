"""How the defaults of CrowdClassifier were chosen, on development data only.

Simulated crowds answer data sets that come with scikit-learn; of LabelMe the answers
train and the gold labels of the validation split judge. No test split is read.
"""

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
from _labelme_data import load
from sklearn.datasets import (
    load_breast_cancer,
    load_digits,
    load_wine,
    make_classification,
)
from sklearn.model_selection import train_test_split
from sklearn.utils import Bunch

from skcrowd import CrowdClassifier
from skcrowd.datasets import make_annotations
from skcrowd.metrics import confusion_error

UNSCALED = {"module__center": None, "module__scale": None}
CANDIDATES = {
    "all defaults": {},
    "method=majority_vote": {"method": "majority_vote"},
    "method=dawid_skene": {"method": "dawid_skene"},
    "method=crowd_layer": {"method": "crowd_layer"},
    "method=confusion_layer": {"method": "confusion_layer"},
    "features unscaled": UNSCALED,
    "features standardised": {"standardise": True},
    "pseudo_counts=1": {"method__pseudo_counts": 1},
    "pseudo_counts=10": {"method__pseudo_counts": 10},
    "warm_epochs=1": {"method__warm_epochs": 1},
    "warm_epochs=10": {"method__warm_epochs": 10},
    "epochs_per_round=3": {"method__epochs_per_round": 3},
    "max_epochs=25": {"max_epochs": 25},
    "max_epochs=100": {"max_epochs": 100},
    "early_stopping": {"max_epochs": 100, "early_stopping": True},
    "batch_size=32": {"batch_size": 32},
    "batch_size=256": {"batch_size": 256},
    "hidden=(256,)": {"module__hidden": (256,)},
    "hidden=(128, 64)": {"module__hidden": (128, 64)},
    "dropout=.25": {"module__dropout": 0.25},
    "lr=3e-3": {"lr": 3e-3},
}
CAPTION = """\
Accuracy on held-out gold labels, %, mean ± sample standard deviation over {n_seeds}
seed(s); in brackets the mean absolute error of the confusion matrices against the true
ones, in thousandths, where they are known. Every row changes the named parameters and
leaves all others at their default. Features are given as they are. Crowds of 10 (wine,
breast cancer) or 30 simulated annotators of mixed kinds, two answers an item.
"""


def main():
    """Run the table."""
    args = parse_table(__doc__, "labelme.npz", seeds=5)
    torch.set_num_threads(args.threads)
    data = dict(simulated(args.most_items))
    if not args.quick:
        data["LabelMe, validation"] = labelme(args.data, args.data_home)
    results = {}
    for name in CANDIDATES:
        if not matches(name, args.only):
            continue
        parameters = CANDIDATES[name]
        results[name] = {
            key: run(task, dict(parameters), args.seeds, args.epochs)
            for key, task in data.items()
        }
        print(name, *(cell(r) for r in results[name].values()), sep=" | ", flush=True)
    rows = [[name, *map(cell, r.values()), mean(r)] for name, r in results.items()]
    table = markdown_table(["changed", *data, "mean"], rows)
    described = environment(args.threads)
    caption = CAPTION.format(n_seeds=args.seeds)
    text = f"# Defaults\n\n{table}\n\n{caption}\n{environment_line(described)}"
    raw = {"environment": described, "results": results}
    write_results(args.output, "defaults", text, raw)


def simulated(most_items):
    """Yield data sets answered by simulated crowds."""
    synthetic = make_classification(
        4000, 20, n_informative=10, n_classes=5, n_clusters_per_class=2, random_state=0
    )
    sources = {
        "digits": load_digits(return_X_y=True),
        "wine": load_wine(return_X_y=True),
        "breast cancer": load_breast_cancer(return_X_y=True),
        "synthetic": synthetic,
    }
    for name, (X, z) in sources.items():
        X, X_judge, z, z_judge = train_test_split(
            X.astype(np.float32), z, test_size=0.4, random_state=0, stratify=z
        )
        size = 10 if len(z) < 500 else 30
        X, z = X[:most_items], z[:most_items]
        crowd = make_annotations(z, size, answers_per_item=2, random_state=1)
        yield (
            name,
            Bunch(
                X=X,
                Y=crowd.annotations,
                X_judge=X_judge,
                z_judge=z_judge,
                confusion=crowd.confusion,
            ),
        )


def labelme(folder, data_home):
    """LabelMe, judged on its validation split."""
    data = load(folder, data_home)
    return Bunch(
        X=data.X_train,
        Y=data.annotations,
        X_judge=data.X_valid,
        z_judge=data.gold_valid,
        confusion=None,
    )


def run(task, parameters, n_seeds, epochs):
    """Fit one candidate on one data set with every seed."""
    if parameters.pop("standardise", False):
        deviation = task.X.std(axis=0)
        parameters["module__center"] = task.X.mean(axis=0)
        parameters["module__scale"] = np.where(deviation > 0, deviation, 1)
    if epochs:
        parameters["max_epochs"] = epochs
    accuracy, error = [], []
    for seed in range(n_seeds):
        clf = CrowdClassifier(random_state=seed, **parameters).fit(task.X, task.Y)
        accuracy.append(clf.score(task.X_judge, task.z_judge))
        if task.confusion is not None:
            error.append(confusion_error(clf.annotator_confusion_, task.confusion))
    return {"accuracy": accuracy, "confusion_error": error}


def cell(result):
    """Accuracy and, in brackets, error of the confusion matrices."""
    shown = mean_std(result["accuracy"], 1, scale=100)
    error = result["confusion_error"]
    return f"{shown} ({1000 * np.mean(error):.0f})" if error else shown


def mean(results):
    """Mean accuracy over the data sets."""
    return f"{100 * np.mean([np.mean(r['accuracy']) for r in results.values()]):.1f}"


if __name__ == "__main__":
    main()
