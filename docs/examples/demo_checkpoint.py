"""
A training that is killed, and goes on
======================================

A process fits `CrowdClassifier` with a folder for checkpoints, and is killed in the
middle of it, as `kill -9` or a full memory does. The same call in another process goes
on from the last epoch, and its network is, to the last bit, that of a fit which nobody
disturbed.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from skorch.callbacks import Callback

from skcrowd import CrowdClassifier
from skcrowd.datasets import make_annotations


class EpochCounter(Callback):
    """Count the epochs that this process trained itself."""

    n_epochs = 0

    def on_epoch_end(self, net, **kwargs):
        """Count one."""
        EpochCounter.n_epochs += 1


def fit(folder, quick):
    """Fit digits on the answers of ten people; the same call before and after."""
    X, truth = load_digits(n_class=3 if quick else 10, return_X_y=True)
    if quick:
        X, truth = X[:300], truth[:300]
    crowd = make_annotations(truth, 10, answers_per_item=3, random_state=0)
    settings = {"checkpoint": folder, "callbacks": [EpochCounter()], "random_state": 0}
    clf = CrowdClassifier(method="em", **settings)
    clf.fit(X, crowd.annotations)
    return clf, X, truth


def kill_in_the_middle(folder, quick):
    """Fit in another process, and kill it once it has written some checkpoints."""
    options = ["--quick"] if quick else []
    command = [sys.executable, __file__, "--folder", folder, *options]
    process = subprocess.Popen(command)
    while process.poll() is None and not [*folder.rglob("*.previous")]:
        time.sleep(0.01)
    process.kill()  # SIGKILL: nothing in the process gets to know of it
    print(f"The process ended with {process.wait()}.")


def main(quick=False):
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "fits"
        kill_in_the_middle(folder, quick)
        EpochCounter.n_epochs = 0
        resumed, X, truth = fit(folder, quick)
        print(f"Resumed, {EpochCounter.n_epochs} of {resumed.max_epochs} epochs to go.")
        undisturbed, _, _ = fit(None, quick)
        ours, theirs = resumed.predict_proba(X), undisturbed.predict_proba(X)
        print(f"Equal to the last bit: {np.array_equal(ours, theirs)}")
        print(f"Accuracy: {resumed.score(X, truth):.3f}")
        print(f"Files that are left: {len([*folder.iterdir()])}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="300 images of three digits"
    )
    parser.add_argument("--folder", help="fit with checkpoints there, and no more")
    arguments = parser.parse_args()
    if arguments.folder:
        fit(arguments.folder, arguments.quick)
    else:
        main(arguments.quick)
