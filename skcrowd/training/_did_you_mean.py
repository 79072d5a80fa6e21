"""Suggestions for misspelled names."""

from difflib import get_close_matches

__all__ = ["did_you_mean"]


def did_you_mean(name, known):
    """Return a suggestion for the end of an error message, or an empty string.

    Parameters
    ----------
    name : str
        The unknown name.
    known : iterable of str
        The valid names.

    Returns
    -------
    question : str
        Begins with a space.

    Examples
    --------
    >>> did_you_mean("max_epoch", ["lr", "max_epochs"])
    " Did you mean 'max_epochs'?"
    >>> did_you_mean("device", ["lr", "max_epochs"])
    ''
    """
    close = get_close_matches(name, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
