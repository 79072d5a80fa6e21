"""
A training that is killed, and goes on
======================================

A process fits `CrowdClassifier` with a folder for checkpoints, and is killed in the
middle of it, as `kill -9` or a full memory does. The same call in another process goes
on from the last epoch, and its network is, to the last bit, that of a fit which nobody
disturbed.
"""

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


def fit(folder):
    """Fit digits on the answers of ten people; the same call before and after."""
    X, truth = load_digits(return_X_y=True)
    crowd = make_annotations(truth, 10, answers_per_item=3, random_state=0)
    clf = CrowdClassifier(checkpoint=folder, callbacks=[EpochCounter()], random_state=0)
    clf.fit(X, crowd.annotations)
    return clf, X, truth


def kill_in_the_middle(folder):
    """Fit in another process, and kill it once it has written some checkpoints."""
    process = subprocess.Popen([sys.executable, __file__, folder])
    while process.poll() is None and not [*folder.rglob("*.previous")]:
        time.sleep(0.01)
    process.kill()  # SIGKILL: nothing in the process gets to know of it
    print(f"The process ended with {process.wait()}.")


def main():
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "fits"
        kill_in_the_middle(folder)
        EpochCounter.n_epochs = 0
        resumed, X, truth = fit(folder)
        print(f"Resumed, {EpochCounter.n_epochs} of {resumed.max_epochs} epochs to go.")
        undisturbed, _, _ = fit(None)
        ours, theirs = resumed.predict_proba(X), undisturbed.predict_proba(X)
        print(f"Equal to the last bit: {np.array_equal(ours, theirs)}")
        print(f"Accuracy: {resumed.score(X, truth):.3f}")
        print(f"Files that are left: {len([*folder.iterdir()])}")


if __name__ == "__main__":
    if sys.argv[1:]:
        fit(sys.argv[1])
    else:
        main()
