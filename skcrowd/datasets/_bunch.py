"""Return values of the fetchers: a Bunch with checked shapes, or X and annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.utils import Bunch

if TYPE_CHECKING:
    from skcrowd._typing import Array, Features
    from skcrowd.annotations import Annotations


def crowd_bunch(
    X: Features,
    annotations: Annotations,
    gold: Any,
    *,
    return_X_y: bool = False,
    **more: Any,
) -> Any:
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


def _check_rows(name: str, part: Annotations | Array, split: str, X: Features) -> None:
    found, expected = part.shape[0], X[split].shape[0]
    if found != expected:
        raise ValueError(
            f"{name} is of {found} items, but X_{split} of {expected}: the files of "
            "this data set do not belong together."
        )
