"""Sets of labels from a crowd: one network for all labels, and the simpler ways.

Simulated annotators tick labels of images of digits and of two synthetic data sets.
True labels of a test set judge; none reaches a fit, except in the row of true labels.
"""

import argparse
import time
import warnings

import numpy as np
import torch
from _common import (
    add_output,
    environment,
    environment_line,
    markdown_table,
    matches,
    mean_std,
    write_results,
)
from scipy.special import expit
from sklearn.datasets import load_digits, make_multilabel_classification
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skcrowd import CrowdClassifier, CrowdMultilabelClassifier, MultilabelAnnotations
from skcrowd.annotations import Annotations
from skcrowd.exceptions import CrowdWarning

N_ITEMS, N_ANNOTATORS, ANSWERS_PER_ITEM = 500, 20, 3
SHOWN = {
    "loop": {0, 6, 8, 9},
    "straight line": {1, 4, 7},
    "open to the left": {2, 3, 5, 7, 9},
    "even": {0, 2, 4, 6, 8},
    "prime": {2, 3, 5, 7},
    "seven": {7},
}
MEASURES = "micro", "macro", "subset"
CAPTION = """\
F1 over all pairs of test item and label (micro), mean of the labels' F1 (macro), and
share of test items of which all labels are right (subset), in %, mean ± sample
standard deviation over {n_seeds} seed(s); seconds are those of a fit and a prediction,
on a machine that others used, too. Every seed draws data, annotators and answers anew.
{n_annotators} annotators, {per_item} of whom answer each of {n_items} items; their
sensitivity and specificity differ by annotator and by label, and one in five ticks at
random. All networks have their defaults. The default method was chosen by this table.
"""


def main():
    """Run the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    parser.add_argument("--only", nargs="*", help="rows whose name contains a text")
    parser.add_argument("--sets", nargs="*", help="data whose name contains a text")
    parser.add_argument("--epochs", type=int, help="epochs of all networks")
    parser.add_argument("--quick", action="store_true", help="one seed, two epochs")
    add_output(parser)
    args = parser.parse_args()
    if args.quick:
        args.seeds, args.epochs = 1, 2
    torch.set_num_threads(args.threads)
    warnings.simplefilter("ignore", CrowdWarning)  # of single labels, some of them rare
    warnings.simplefilter("ignore", UndefinedMetricWarning)
    results = {name: {} for name in DATA if matches(name, args.sets)}
    for name in results:
        make = DATA[name]
        tasks = [make(np.random.default_rng(seed)) for seed in range(args.seeds)]
        for row, contender in CONTENDERS.items():
            if not matches(row, args.only):
                continue
            results[name][row] = [
                run(contender, task, seed, args.epochs)
                for seed, task in enumerate(tasks)
            ]
            print(name, row, *cells(results[name][row]), sep=" | ", flush=True)
        write(args, results)


def write(args, results):
    """Write the tables of the data sets that are done."""
    columns = ["model", *(f"{measure} F1" for measure in MEASURES[:2]), "subset", "s"]
    tables = [
        f"## {name}\n\n"
        + markdown_table(columns, [[row, *cells(runs)] for row, runs in rows.items()])
        for name, rows in results.items()
        if rows
    ]
    described = environment(args.threads)
    caption = CAPTION.format(
        n_seeds=args.seeds,
        n_items=N_ITEMS,
        n_annotators=N_ANNOTATORS,
        per_item=ANSWERS_PER_ITEM,
    )
    parts = ["# Sets of labels", *tables, caption, environment_line(described)]
    raw = {"environment": described, "results": results}
    write_results(args.output, "multilabel", "\n\n".join(parts), raw)


def digits(rng):
    """Take images of digits, with what can be seen or said of them as labels."""
    X, digit = load_digits(return_X_y=True)
    truth = np.stack([np.isin(digit, [*shown]) for shown in SHOWN.values()], axis=1)
    return with_crowd(X, truth, rng, sensitivity=0.8, specificity=0.85)


def synthetic(rng):
    """Draw counts of words of documents of several topics, few or none each."""
    X, truth = make_multilabel_classification(
        1600, 40, n_classes=8, n_labels=2, random_state=int(rng.integers(2**31))
    )
    return with_crowd(X, truth, rng, sensitivity=0.8, specificity=0.85)


def forgotten(rng):
    """Draw twelve topics, of which annotators overlook many, and tick few wrong."""
    X, truth = make_multilabel_classification(
        1600, 60, n_classes=12, n_labels=3, random_state=int(rng.integers(2**31))
    )
    return with_crowd(X, truth, rng, sensitivity=0.5, specificity=0.97)


DATA = {
    "digits, 6 labels": digits,
    "documents, 8 labels": synthetic,
    "documents, 12 labels, many overlooked": forgotten,
}


def with_crowd(X, truth, rng, *, sensitivity, specificity):
    """Split the data, and let annotators answer the training items."""
    X, X_test, truth, truth_test = train_test_split(
        X.astype(np.float32),
        truth.astype(np.int64),
        train_size=N_ITEMS,
        random_state=int(rng.integers(2**31)),
    )
    n_items, n_labels = truth.shape
    answers = np.full((n_items, N_ANNOTATORS, n_labels), np.nan)
    tick = np.stack(
        [
            rates(1 - specificity, n_labels, rng),
            rates(sensitivity, n_labels, rng),
        ]
    )
    at_random = rng.random(N_ANNOTATORS) < 0.2
    tick[:, at_random] = tick[:, at_random].mean(axis=0)
    for i in range(n_items):
        annotator = rng.choice(N_ANNOTATORS, ANSWERS_PER_ITEM, replace=False)
        probability = np.where(truth[i], tick[1][annotator], tick[0][annotator])
        answers[i, annotator] = rng.random(probability.shape) < probability
    return X, MultilabelAnnotations.from_indicators(answers), truth, X_test, truth_test


def rates(mean, n_labels, rng):
    """Draw a rate for each annotator and label."""
    logit = np.log(mean / (1 - mean))
    of_annotator = rng.normal(scale=0.8, size=(N_ANNOTATORS, 1))
    of_label = rng.normal(scale=0.5, size=n_labels)
    both = rng.normal(scale=0.5, size=(N_ANNOTATORS, n_labels))
    return expit(logit + of_annotator + of_label + both)


def all_labels(task, seed, epochs, **parameters):
    """One network, with a confusion for each annotator and label."""
    X, answers, _, X_test, _ = task
    model = CrowdMultilabelClassifier(random_state=seed, **parameters)
    return epochs_set(model, epochs).fit(X, answers).predict(X_test)


def true_labels(task, seed, epochs):
    """Train the same network on the true labels: the upper bound."""
    X, _, truth, X_test, _ = task
    model = CrowdMultilabelClassifier(random_state=seed)
    return epochs_set(model, epochs).fit(X, truth).predict(X_test)


def one_classifier_a_label(task, seed, epochs):
    """Train a CrowdClassifier for each label on its own."""
    X, answers, _, X_test, _ = task
    predicted = []
    for label in range(answers.n_labels):
        model = epochs_set(CrowdClassifier(random_state=seed, classes=[0, 1]), epochs)
        rows = np.arange(len(X)) * answers.n_labels + label
        decisions: Annotations = answers.decisions[rows]
        predicted.append(model.fit(X, decisions).predict(X_test))
    return np.stack(predicted, axis=1)


def vote_then_regression(task, seed, epochs):
    """Take the majority vote on each label, then a logistic regression for each."""
    X, answers, _, X_test, _ = task
    votes = np.nanmean(answers.to_indicators(), axis=1) > 0.5
    regression = LogisticRegression(max_iter=1000)
    model = make_pipeline(StandardScaler(), OneVsRestClassifier(regression))
    return model.fit(X, votes.astype(np.int64)).predict(X_test)


def epochs_set(model, epochs):
    """Set the number of epochs, if the user chose one."""
    return model.set_params(max_epochs=epochs) if epochs else model


CONTENDERS = {
    "true labels, same network": true_labels,
    "CrowdMultilabelClassifier()": all_labels,
    "method=regularized_em": lambda *task: all_labels(*task, method="regularized_em"),
    "method=majority_vote": lambda *task: all_labels(*task, method="majority_vote"),
    "one CrowdClassifier() a label": one_classifier_a_label,
    "vote, then OneVsRest(LogisticRegression)": vote_then_regression,
}


def run(contender, task, seed, epochs):
    """Fit a contender, and judge its predictions of the test items."""
    start = time.perf_counter()
    predicted = contender(task, seed, epochs)
    seconds = time.perf_counter() - start
    truth = task[-1]
    return {
        "micro": float(f1_score(truth, predicted, average="micro")),
        "macro": float(f1_score(truth, predicted, average="macro")),
        "subset": float((truth == predicted).all(axis=1).mean()),
        "seconds": seconds,
    }


def cells(runs):
    """Write the cells of a row."""
    values = [mean_std([run[name] for run in runs], 1, 100) for name in MEASURES]
    return [*values, f"{np.mean([run['seconds'] for run in runs]):.1f}"]


if __name__ == "__main__":
    main()
