"""Dropout rates from the numbers of features and items."""

from math import sqrt

__all__ = ["dropout_shares"]

HIDDEN = 0.7
INPUT = 0.4
MOST_HIDDEN = 0.5
MOST_INPUT = 0.3
LEAST = 0.02  # smaller rates cost time without effect


def dropout_shares(n_features, n_items):
    """Return the shares of hidden units and of features to drop in training.

    Both grow with the square root of the number of features per item: a network with
    500 features and 1000 items memorizes wrong answers, one with 30 features does not
    (our choice, by
    ``benchmarks/crowds.py``).

    Parameters
    ----------
    n_features : int
    n_items : float
        Items to learn from; weights count as repetitions.

    Returns
    -------
    shares : dict
        ``dropout`` (at most .5) and ``input_dropout`` (at most .3), for
        :class:`MLP`. Shares below .02 are left out.

    Examples
    --------
    >>> from skcrowd.backbones._dropout import dropout_shares
    >>> dropout_shares(n_features=16, n_items=1600)
    {'dropout': 0.07, 'input_dropout': 0.04}
    """
    features_per_item = sqrt(n_features / n_items)
    shares = {
        "dropout": min(MOST_HIDDEN, round(HIDDEN * features_per_item, 4)),
        "input_dropout": min(MOST_INPUT, round(INPUT * features_per_item, 4)),
    }
    return {name: share if share >= LEAST else 0.0 for name, share in shares.items()}
