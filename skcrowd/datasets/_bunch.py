"""Return values of the fetchers: a Bunch with checked shapes, or X and annotations."""

from sklearn.utils import Bunch


def crowd_bunch(X, annotations, gold, *, return_X_y=False, **more):
    """Pack a data set for the caller of a fetcher.

    Parameters
    ----------
    X : dict
        Split to matrix of features; "train" is the split with answers.
    annotations : Annotations
        Answers to the items of ``X["train"]``.
    gold : dict
        Split to array of the truth.
    return_X_y : bool, default=False
        If True, return ``X["train"]`` and the annotations only.
    **more
        Further entries of the Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        ``X_<split>`` and ``gold_<split>`` of each split, the annotations and `more`.
    (X, annotations) : tuple if ``return_X_y`` is True

    Raises
    ------
    ValueError
        If the answers or the truth of a split are of more or fewer items than its X.
    """
    _check_rows("annotations", annotations, "train", X)
    for split, truth in gold.items():
        _check_rows(f"gold_{split}", truth, split, X)
    if return_X_y:
        return X["train"], annotations
    return Bunch(
        **{f"X_{split}": features for split, features in X.items()},
        annotations=annotations,
        **{f"gold_{split}": truth for split, truth in gold.items()},
        **more,
    )


def _check_rows(name, part, split, X):
    found, expected = part.shape[0], X[split].shape[0]
    if found != expected:
        raise ValueError(
            f"{name} is of {found} items, but X_{split} of {expected}: the files of "
            "this data set do not belong together."
        )
