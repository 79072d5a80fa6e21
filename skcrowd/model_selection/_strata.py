"""The stratum of every sample, for ``y`` in any form."""

import numpy as np

from skcrowd.annotations._check import read_target
from skcrowd.annotations._strata import strata_of

__all__ = ["read_strata"]


def read_strata(y, kind="auto"):
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
