"""Warnings of this package."""

from sklearn.exceptions import InconsistentVersionWarning

__all__ = ["CrowdVersionWarning", "CrowdWarning"]


class CrowdVersionWarning(InconsistentVersionWarning):
    """An estimator was written by another version of skcrowd.

    Parameters
    ----------
    estimator_name : str
    current_version, original_version : str
        Of skcrowd: that which reads, and that which wrote.
    """

    def __init__(self, *, estimator_name, current_version, original_version):
        self.estimator_name = estimator_name
        self.current_version = current_version
        self.original_version = original_version

    def __str__(self):
        return (
            f"a {self.estimator_name} written by skcrowd {self.original_version} is "
            f"read by skcrowd {self.current_version}. It may predict otherwise, or not "
            "at all: check it on known data, or fit and save it again."
        )


class CrowdWarning(UserWarning):
    """Something was read in a way that may not be what was meant.

    Examples
    --------
    >>> import warnings
    >>> from skcrowd.exceptions import CrowdWarning
    >>> warnings.simplefilter("error", category=CrowdWarning)  # refuse what is unclear
    >>> warnings.resetwarnings()
    """
