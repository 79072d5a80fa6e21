"""Pickles that say which version of skcrowd wrote them."""

from __future__ import annotations

import warnings
from importlib.metadata import version
from typing import Any

from sklearn.base import BaseEstimator
from torch import nn

from skcrowd._sklearn_compat import parameter_names
from skcrowd.estimators._fitted import Fitted
from skcrowd.exceptions import CrowdVersionWarning

__all__ = ["Versioned", "warn_of_version"]

UNKNOWN = "of unknown version"


def warn_of_version(estimator_name: str, original: str | None, stacklevel: int) -> None:
    """Warn if an estimator was written by another version of skcrowd.

    Parameters
    ----------
    estimator_name : str
    original : str or None
        The version that wrote it, if that is known.
    stacklevel : int
        Frames between the warning and the user's code.
    """
    current = version("skcrowd")
    if original != current:
        warnings.warn(
            CrowdVersionWarning(
                estimator_name=estimator_name,
                current_version=current,
                original_version=UNKNOWN if original is None else original,
            ),
            stacklevel=stacklevel + 1,
        )


class Versioned(BaseEstimator):
    """Write the version of skcrowd into pickles, and compare it when they are read.

    scikit-learn does so for its own estimators only. What is no parameter, and what is
    a network, is in one object, see :class:`Fitted`.
    """

    def __getstate__(self) -> dict[str, Any]:
        own = {*parameter_names(self), "_routed"}
        state = super().__getstate__()
        fitted = {
            name: held
            for name, held in state.items()
            if name not in own or isinstance(held, nn.Module)
        }
        kept = {name: held for name, held in state.items() if name not in fitted}
        if fitted:
            kept["_fitted"] = Fitted(fitted, type(self), kept.get("module"))
        return {**kept, "_skcrowd_version": version("skcrowd")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        original = state.pop("_skcrowd_version", None)
        warn_of_version(type(self).__name__, original, stacklevel=2)
        if "_fitted" in state:
            fitted = state.pop("_fitted")
            state |= fitted.unpacked(type(self), state.get("module"))
        super().__setstate__(state)
