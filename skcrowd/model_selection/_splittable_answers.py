"""Read the answers that a splitter divides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skcrowd.annotations._check import read_target

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, KindOrAuto
    from skcrowd.annotations import Annotations, SequenceAnnotations


__all__ = ["read_answers"]


def read_answers(
    y: AnswersLike, kind: KindOrAuto = "auto", *, quietly: bool = False
) -> Annotations | SequenceAnnotations:
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
