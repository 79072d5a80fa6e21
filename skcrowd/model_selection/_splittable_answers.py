"""Read the answers that a splitter divides."""

from skcrowd.annotations._check import read_target

__all__ = ["read_answers"]


def read_answers(y, kind="auto", *, quietly=False):
    """Read answers; refuse the truth, which has no annotators.

    Parameters
    ----------
    y, kind, quietly : object
        See :func:`skcrowd.annotations._check.read_target`.

    Returns
    -------
    answers : Annotations or SequenceAnnotations
    """
    target = read_target(y, kind, quietly=quietly)
    if target.is_truth:
        raise ValueError(
            "y holds one value a sample, the truth itself, and no annotators; pass the "
            "answers, of shape (n_samples, n_annotators)."
        )
    return target.annotations
