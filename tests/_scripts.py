"""Run a script of this repository in the process of the tests."""

import runpy
import sys
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from io import StringIO
from unittest import mock

import torch

from skcrowd.estimators import _crowd_estimator


def run_script(path, *arguments):
    """Run a script as ``python path *arguments`` does, and return what it prints.

    A process of its own would first import torch and scikit-learn, which takes longer
    than most scripts.

    Parameters
    ----------
    path : pathlib.Path
    *arguments : str or pathlib.Path
        What the script finds in ``sys.argv``.

    Returns
    -------
    stdout, stderr : str
    """
    out, err = StringIO(), StringIO()
    argv = [str(path), *map(str, arguments)]
    with (
        mock.patch.object(sys, "argv", argv),
        mock.patch.object(sys, "path", [str(path.parent), *sys.path]),
        same_threads(),
        warnings.catch_warnings(),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        warnings.simplefilter("default")
        runpy.run_path(str(path), run_name="__main__")
    return out.getvalue(), err.getvalue()


@contextmanager
def few_epochs(most=2):
    """Let fits of this process end after a few epochs, for code that has to run only.

    Parameters
    ----------
    most : int, default=2
        Larger values of ``max_epochs`` count as this.
    """
    make_factory = _crowd_estimator.make_factory

    def make_short(*args, **options):
        factory = make_factory(*args, **options)
        return replace(factory, max_epochs=min(factory.max_epochs, most))

    with mock.patch.object(_crowd_estimator, "make_factory", make_short):
        yield


@contextmanager
def same_threads():
    """Restore the number of threads that scripts may change."""
    n_threads = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(n_threads)
