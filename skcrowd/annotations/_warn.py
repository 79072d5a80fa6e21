"""Warn once for each call of the user, at the line of that call."""

import sys
import warnings

from skcrowd.exceptions import CrowdWarning

__all__ = ["warn"]

# Between the user's line and here there may be frames of these, as in a search.
LIBRARIES = {"skcrowd", "sklearn", "joblib"}
ISSUED = "_skcrowd_issued"  # local variable of the frame that the user called


def warn(message, about):
    """Issue a `CrowdWarning`, unless the same call has led to one like it.

    A search fits and scores many times, but each warning about the answers is issued
    once, at the line that started the search.

    Parameters
    ----------
    message : str
    about : hashable
        Key of the warning: of several with the same key, one is issued.
    """
    called, level = _called_by_user()
    issued = called.f_locals.setdefault(ISSUED, set())
    if about not in issued:
        warnings.warn(message, CrowdWarning, stacklevel=level)
        issued.add(about)  # not before: where warnings are errors, each is one


def _called_by_user():
    """Return the outermost frame of the libraries, and how far up its caller is."""
    frame, level = sys._getframe(1), 2  # of warn
    while frame.f_back is not None and _is_library(frame.f_back):
        frame, level = frame.f_back, level + 1
    return frame, level


def _is_library(frame):
    return frame.f_globals.get("__name__", "").partition(".")[0] in LIBRARIES
