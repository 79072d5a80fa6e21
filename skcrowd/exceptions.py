"""Warnings of this package."""

__all__ = ["CrowdWarning"]


class CrowdWarning(UserWarning):
    """Something was read in a way that may not be what was meant.

    Examples
    --------
    >>> import warnings
    >>> from skcrowd.exceptions import CrowdWarning
    >>> warnings.simplefilter("error", category=CrowdWarning)  # refuse what is unclear
    >>> warnings.resetwarnings()
    """
