"""What :mod:`skcrowd.experimental` has, by name."""

from importlib import import_module

__all__ = ["experimental"]


def experimental(registry):
    """Return a registry of :mod:`skcrowd.experimental`.

    That package is built on this one, so it is imported when a name is looked up, not
    before.

    Parameters
    ----------
    registry : {"LABEL_METHODS", "ROBUST_TRAINING"}

    Returns
    -------
    entries : dict of str to class
    """
    return getattr(import_module("skcrowd.experimental"), registry)
