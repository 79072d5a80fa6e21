"""Warn once, at the line of the user's that asked."""

import sys
import warnings

from skcrowd.exceptions import CrowdWarning

__all__ = ["warn"]

# Between the user's line and here there may be frames of these, as in a search.
LIBRARIES = {"skcrowd", "sklearn", "joblib"}
TOLD = "_skcrowd_told"  # a local variable of the frame that the user called


def warn(message, about):
    """Issue a `CrowdWarning`, unless the same call has led to one like it.

    A search fits and scores many times. What it is told of the answers is said once,
    at the line that started it.

    Parameters
    ----------
    message : str
    about : hashable
        What is the same in warnings of which one is enough.
    """
    called, level = _called_by_user()
    told = called.f_locals.setdefault(TOLD, set())
    if about not in told:
        warnings.warn(message, CrowdWarning, stacklevel=level)
        told.add(about)  # not before: where warnings are errors, each is one


def _called_by_user():
    """Return the outermost frame of the libraries, and how far up its caller is."""
    frame, level = sys._getframe(1), 2  # of warn
    while frame.f_back is not None and _is_library(frame.f_back):
        frame, level = frame.f_back, level + 1
    return frame, level


def _is_library(frame):
    return frame.f_globals.get("__name__", "").partition(".")[0] in LIBRARIES
