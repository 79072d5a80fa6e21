"""Names that nothing has, and those that may have been meant."""

from difflib import get_close_matches

__all__ = ["did_you_mean"]


def did_you_mean(name, known):
    """Return a question to end an error message with, or nothing.

    Parameters
    ----------
    name : str
        What was given.
    known : iterable of str
        What could have been given.

    Returns
    -------
    question : str
        With a space before it.

    Examples
    --------
    >>> did_you_mean("max_epoch", ["lr", "max_epochs"])
    " Did you mean 'max_epochs'?"
    >>> did_you_mean("device", ["lr", "max_epochs"])
    ''
    """
    close = get_close_matches(name, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
