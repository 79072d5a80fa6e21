"""
From a table of answers to a tuned model, without one gold label
================================================================

Twenty-five simulated people label items of four classes, two answers an item: most are
fair, some prefer a class, some answer at random. The answers come as labelling tools
export them, a row an answer. A search over learning rate, weight decay, size and epochs
judges each candidate by the answers to items it has not seen; no true label is used.
For comparison the same search learns the majority vote. True labels of other items only
show, at the end, what it was worth.
"""

import argparse

import numpy as np
from sklearn.datasets import make_classification
from sklearn.model_selection import RandomizedSearchCV, train_test_split

from skcrowd import Annotations, CrowdClassifier
from skcrowd.aggregation import majority_vote
from skcrowd.datasets import make_annotations
from skcrowd.model_selection import VoteStratifiedKFold

CROWD = {"average": 15, "biased": 5, "random": 5}
CANDIDATES = {
    "lr": [3e-4, 1e-3, 3e-3],
    "optimizer__weight_decay": [0.0, 1e-2, 1e-1],
    "module__hidden": [(32,), (128,)],
    "max_epochs": [20, 50],
}


def main(seed=0, quick=False):
    X, table, X_test, truth_test = make_table(seed)
    print(f"{table.head(3)}\n… {len(table)} answers\n")
    Y = Annotations.from_long("item", "annotator", "label", data=table, n_items=len(X))

    default = CrowdClassifier(random_state=seed).fit(X, Y)
    tuned = search(seed, quick).fit(X, Y)
    vote = Y.classes[majority_vote(Y).argmax(axis=1)]
    tuned_on_vote = search(seed, quick).fit(X, vote)

    print(f"chosen: {tuned.best_params_}\n")
    models = {
        "tuned on the vote": tuned_on_vote,
        "all defaults": default,
        "tuned on the answers": tuned,
    }
    for name, model in models.items():
        print(f"{name:22s}{model.score(X_test, truth_test):6.1%} right")
    print("\nwhom to trust:")
    best = tuned.best_estimator_.annotator_report().sort_values("accuracy")
    columns = ["n_answers", "accuracy", "accuracy_low", "accuracy_high"]
    print(best[columns].iloc[[0, 1, 2, -3, -2, -1]].round(2))


def make_table(seed):
    """Features, a table of answers, and items with known truth to judge by."""
    X, truth = make_classification(
        1600,
        n_features=100,
        n_informative=10,
        n_redundant=0,
        n_classes=4,
        flip_y=0,
        class_sep=1.5,
        random_state=seed,
    )
    X, X_test, truth, truth_test = train_test_split(
        X.astype(np.float32), truth, test_size=1000, random_state=seed
    )
    crowd = make_annotations(truth, CROWD, answers_per_item=2, random_state=seed)
    return X, crowd.annotations.to_long(), X_test, truth_test


def search(seed, quick):
    """Five candidates and three folds, stratified on the vote; two each if quick."""
    return RandomizedSearchCV(
        CrowdClassifier(random_state=seed),
        CANDIDATES,
        n_iter=2 if quick else 5,
        cv=VoteStratifiedKFold(2 if quick else 3, shuffle=True, random_state=seed),
        random_state=seed,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer candidates, folds")
    main(**vars(parser.parse_args()))
