"""Fits that are interrupted again and again, and resumed from their checkpoints."""

import pytest

from skcrowd.training import _checkpoint

MOST = 100


class Interrupted(BaseException):
    """What ends a fit; not even a broad ``except`` catches it."""


def interrupted_after(n_checkpoints, write):
    """Wrap what writes a checkpoint, so that it raises once it has written some."""
    left = n_checkpoints

    def write_or_raise(training, content):
        nonlocal left
        write(training, content)
        left -= 1
        if not left:
            raise Interrupted

    return write_or_raise


def fit_in_pieces(fit, n_checkpoints=3):
    """Call a function that fits until it ends, interrupted after every few checkpoints.

    Returns
    -------
    fitted : object
        What `fit` returned.
    n_interruptions : int
    """
    write = _checkpoint._Training._write
    for n_interruptions in range(MOST):
        with pytest.MonkeyPatch.context() as patch:
            wrapped = interrupted_after(n_checkpoints, write)
            patch.setattr(_checkpoint._Training, "_write", wrapped)
            try:
                return fit(), n_interruptions
            except Interrupted:
                pass
    raise AssertionError(f"the fit did not end in {MOST} pieces")
