"""
Digits, answered by twenty people
=================================

Scikit-learn's handwritten digits are labelled by a simulated crowd: experts, average
people, people who mistake one digit for another, spammers and one who answers wrong on
purpose. Each sees a part of the images. Which way of learning from them reads new
digits best, and who is to be trusted?
"""

import argparse
import time
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import tqdm

from skcrowd import CrowdClassifier
from skcrowd.datasets import make_annotations
from skcrowd.metrics import confusion_error, spammer_score
from skcrowd.plots import plot_confusions

CROWD = {
    "expert": 3,
    "average": 8,
    "biased": 4,
    "one_class_spammer": 2,
    "random": 2,
    "adversarial": 1,
}
LEARNERS = {
    "majority vote, then train": "majority_vote",
    "Dawid-Skene, then train": "dawid_skene",
    "crowd layer": "crowd_layer",
    "EM": "em",
    "regularized EM": "regularized_em",
    "KD-Crowd": "kd_crowd",
}
DEFAULT = "regularized EM"


def main(seed=0, picture="demo_confusions.png", quick=False):
    X, digit = load_digits(return_X_y=True)
    X = X.astype(np.float32)
    X, X_test, digit, digit_test = train_test_split(
        X, digit, test_size=0.4, stratify=digit, random_state=seed
    )
    options = {}
    if quick:
        X, digit = X[:500], digit[:500]
        options = {"max_epochs": 20, "lr": 3e-3}
    crowd = make_annotations(digit, CROWD, answers_per_item=3, random_state=seed)
    print(crowd.annotations)
    print(f"  {crowd.share_right:.0%} of the answers are right\n")

    fitted = fit_all(X, crowd.annotations, digit, random_state=seed, **options)
    print_accuracy(fitted, X_test, digit_test, crowd.confusion)
    print_annotators(fitted[DEFAULT][0], crowd)
    plot_confusions(
        fitted[DEFAULT][0].annotator_confusion_,
        titles=[f"{i}: {kind}" for i, kind in enumerate(crowd.kind)],
    ).savefig(picture, dpi=120)
    where = Path(picture).resolve()
    print(f"\nThe confusion matrices that {DEFAULT} learned are in {where}")


def fit_all(X, annotations, digit, **options):
    """Fit each way of learning, and the upper bound that knows every digit."""
    targets = {"gold labels (upper bound)": ("regularized_em", digit)}
    targets |= {name: (m, annotations) for name, m in LEARNERS.items()}
    fitted = {}
    for name, (method, y) in (bar := tqdm(targets.items(), unit="fit")):
        bar.set_description(name.partition(",")[0])
        start = time.perf_counter()
        clf = CrowdClassifier(method=method, **options).fit(X, y)
        fitted[name] = clf, time.perf_counter() - start
    return fitted


def print_accuracy(fitted, X_test, digit_test, confusion):
    print("\n| learned from          | test accuracy | confusion error | seconds |")
    print("|-----------------------|---------------|-----------------|---------|")
    for name, (clf, seconds) in fitted.items():
        known = clf.n_annotators_ == len(confusion)
        error = confusion_error(clf.annotator_confusion_, confusion) if known else None
        shown = "" if error is None else f"{error:.3f}"
        accuracy = clf.score(X_test, digit_test)
        name = name.replace(", then train", "").replace(" labels (upper bound)", "")
        print(f"| {name:21} | {accuracy:13.1%} | {shown:>15} | {seconds:7.1f} |")


def print_annotators(clf, crowd):
    """Print what is estimated of every annotator, beside what is true."""
    n_answers = crowd.annotations.answers_per_annotator
    right = np.diagonal(clf.annotator_confusion_, axis1=1, axis2=2) @ clf.class_prior_
    true = np.diagonal(crowd.confusion, axis1=1, axis2=2).mean(axis=1)
    informed = spammer_score(clf.annotator_confusion_)
    print(
        "\n| annotator | answers | right (learned, true) | verdict    | is in truth |"
    )
    print("|-----------|---------|-----------------------|------------|-------------|")
    for r in np.argsort(-right):
        kind = crowd.kind[r].replace("one_class_spammer", "one class")
        print(
            f"| {r:9} | {n_answers[r]:7} | {right[r]:13.0%}  {true[r]:6.0%} "
            f"| {verdict(right[r], informed[r]):10} | {kind:11} |"
        )


def verdict(right, informed):
    """Put an annotator's estimated confusion into a word."""
    if right < 0.3:
        return "SPAMMER" if informed < 0.2 else "ADVERSARY"
    return "good" if right > 0.85 else "helps"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--picture", default="demo_confusions.png")
    parser.add_argument("--quick", action="store_true", help="fewer images and epochs")
    main(**vars(parser.parse_args()))
