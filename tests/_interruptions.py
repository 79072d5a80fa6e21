"""Fits that are interrupted after some checkpoints, and resumed from them."""

import time

import numpy as np
import pytest
from skorch.callbacks import Callback

from skcrowd import CrowdClassifier
from skcrowd.backbones import MLP
from skcrowd.methods import KDCrowd
from skcrowd.training._checkpoint import _Training

MOST = 100


class Interrupted(BaseException):
    """What ends a fit; not even a broad ``except`` catches it."""


def interrupted_after(patch, n_checkpoints):
    """Let training end once some checkpoints are written."""
    left, write = n_checkpoints, _Training._write

    def write_or_raise(training, content):
        nonlocal left
        write(training, content)
        left -= 1
        if not left:
            raise Interrupted

    patch.setattr(_Training, "_write", write_or_raise)


def interrupt(estimator, X, y, n_checkpoints=2, **given):
    """Fit until some checkpoints are written."""
    with pytest.MonkeyPatch.context() as patch:
        interrupted_after(patch, n_checkpoints)
        with pytest.raises(Interrupted):
            estimator.fit(X, y, **given)


def fit_in_pieces(fit, n_checkpoints=3):
    """Call a function that fits until it ends, interrupted after every few checkpoints.

    Returns
    -------
    fitted : object
        What `fit` returned.
    """
    for n_interruptions in range(MOST):
        with pytest.MonkeyPatch.context() as patch:
            interrupted_after(patch, n_checkpoints)
            try:
                fitted = fit()
            except Interrupted:
                continue
        assert n_interruptions, "the fit was never interrupted"
        return fitted
    raise AssertionError(f"the fit did not end in {MOST} pieces")


class Slow(Callback):
    """Give others time to see an epoch."""

    seconds = 0.0

    def on_epoch_end(self, net, **kwargs):
        time.sleep(self.seconds)


def long_fit(folder, seconds=0.0):
    """Fit two teachers and a student, the same in every process."""
    Slow.seconds = seconds
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 4))
    truth = (X[:, :1] > 0).astype(int)
    y = np.where(rng.random((60, 5)) < 0.6, truth, -1)
    y[:, 0] = truth[:, 0]
    clf = CrowdClassifier(
        method=KDCrowd(teacher="em", n_teachers=2),
        module=MLP,
        max_epochs=30,
        module__dropout=0.3,
        batch_size=16,
        early_stopping=True,
        checkpoint=folder,
        callbacks=[Slow()],
        random_state=0,
    )
    return X, clf.fit(X, y)
