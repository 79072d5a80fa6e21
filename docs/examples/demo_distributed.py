"""
Two processes that train one network
====================================

Started alone, this script starts two processes of itself with torchrun. Each of them
fits `CrowdClassifier(distributed=True)` to the same data and computes a part of every
batch. Their predictions are compared with those of a fit by one process.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from skcrowd import CrowdClassifier
from skcrowd.datasets import make_annotations


def fit(quick, distributed):
    """Fit digits on the answers of ten people, and predict them."""
    X, truth = load_digits(n_class=3 if quick else 10, return_X_y=True)
    if quick:
        X, truth = X[:300], truth[:300]
    crowd = make_annotations(truth, 10, answers_per_item=3, random_state=0)
    epochs = 5 if quick else 50
    clf = CrowdClassifier(
        method="em", max_epochs=epochs, distributed=distributed, random_state=0
    )
    clf.fit(X, crowd.annotations)
    return clf.predict_proba(X), clf.score(X, truth)


def start_two(folder, quick):
    """Start this script twice, and wait for both."""
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    options = ["--quick"] if quick else []
    command = [sys.executable, *launcher, __file__, "--folder", folder, *options]
    subprocess.run(command, check=True)


def main(quick=False):
    with tempfile.TemporaryDirectory() as folder:
        start_two(folder, quick)
        files = sorted(Path(folder).iterdir())
        first, second = (np.load(file) for file in files)
    alone, accuracy = fit(quick, distributed=False)
    print(f"Two processes, equal to the last bit: {np.array_equal(first, second)}")
    print(f"Largest difference from one process: {np.abs(first - alone).max():.0e}")
    print(f"Accuracy: {accuracy:.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="300 images of three digits"
    )
    parser.add_argument("--folder", help="write predictions there, and no more")
    arguments = parser.parse_args()
    if arguments.folder:
        predictions, _ = fit(arguments.quick, distributed=True)
        np.save(Path(arguments.folder) / os.environ["RANK"], predictions)
    else:
        main(arguments.quick)
