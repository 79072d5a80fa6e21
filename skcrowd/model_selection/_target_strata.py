"""The stratum of every sample, for ``y`` in any form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrowd.annotations._check import read_target
from skcrowd.annotations._strata import strata_of

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, IntArray, KindOrAuto


__all__ = ["read_strata"]


def read_strata(y: AnswersLike, kind: KindOrAuto = "auto") -> IntArray:
    """Return the stratum of every sample; see :func:`strata_of`.

    Parameters
    ----------
    y : object
        Answers, or the truth, in any form that an estimator takes.
    kind : {"auto", "labels", "numbers"}, default="auto"

    Returns
    -------
    strata : int64 ndarray of shape (n_samples,)
        Numbered from 0 in the order of their first sample.
    """
    answers = read_target(y, kind, quietly=True).annotations
    _, first, code = np.unique(
        strata_of(answers), return_index=True, return_inverse=True
    )
    return first.argsort().argsort()[code.reshape(-1)]
