"""Look up the registries of :mod:`skcrowd.experimental`."""

from importlib import import_module

__all__ = ["experimental"]


def experimental(registry):
    """Return a registry of :mod:`skcrowd.experimental`.

    That package imports this one, so it is imported only when a name is looked up.

    Parameters
    ----------
    registry : {"LABEL_METHODS", "ROBUST_TRAINING"}

    Returns
    -------
    entries : dict of str to class
    """
    return getattr(import_module("skcrowd.experimental"), registry)
