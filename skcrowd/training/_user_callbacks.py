"""Checks and adaptation of the user's skorch callbacks."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.metrics import get_scorer_names
from skorch.callbacks import (
    BatchScoring,
    Callback,
    EarlyStopping,
    EpochScoring,
    InputShapeSetter,
    LRScheduler,
    PassthroughScoring,
    PrintLog,
)

from skcrowd.callbacks import GradientAccumulation, WeightAverage
from skcrowd.training._answer_scoring import AnswerScoring
from skcrowd.training._did_you_mean import did_you_mean

__all__ = [
    "adapted_callbacks",
    "check_callbacks",
    "has_print_log",
    "has_schedule",
    "in_order",
]

NEEDS_TARGETS = "gets the answers of a batch, not a target for each item"
UNSUPPORTED = {
    BatchScoring: f"{NEEDS_TARGETS}; use EpochScoring.",
    InputShapeSetter: "reads an array X, and gets a data set; let the __init__ of the "
    "module have a parameter n_features, which is filled in.",
}


def check_callbacks(callbacks: list[Any] | None, *, holds_out: bool) -> list[Any]:
    """Raise if a callback cannot work, before any training.

    Parameters
    ----------
    callbacks : list or None
        Callbacks, their classes, or pairs of name and callback.
    holds_out : bool
        Whether there are held-out items to score.

    Returns
    -------
    without_items : list of str
        Callbacks that score held-out items, if there are none.

    Raises
    ------
    TypeError
        If one is not a callback, or cannot use the data it would get.
    ValueError
        If it monitors a score that does not exist, or would restore the network alone.
    """
    without_items = []
    for place, given in enumerate(callbacks or []):
        where = f"callbacks[{place}]"
        callback = _checked(given, where)
        if isinstance(callback, EpochScoring):
            _check_scoring(callback.scoring, where)
        if not holds_out:
            _check_monitored(callback, where)
            if isinstance(callback, EpochScoring) and not callback.on_train:
                without_items.append(f"{where} ({type(callback).__name__})")
    return without_items


def _checked(given: Any, where: Any) -> Any:
    """Return a callback without its name; raise if it cannot work."""
    callback = _bare(given)
    kind = callback if isinstance(callback, type) else type(callback)
    if not issubclass(kind, Callback):
        raise TypeError(
            f"{where} is {given!r}, but must be a callback of skorch, its class, or a "
            "pair of a name and a callback."
        )
    for unsupported, reason in UNSUPPORTED.items():
        if issubclass(kind, unsupported):
            raise TypeError(f"{where}: {kind.__name__} {reason}")
    if isinstance(callback, type):
        callback = _instance(callback, where)
    if isinstance(callback, EarlyStopping) and callback.load_best:
        raise ValueError(
            f"{where}: EarlyStopping(load_best=True) restores the network of the best "
            "epoch, but not its annotator model; use early_stopping=True of the "
            "estimator, which restores both, or Checkpoint(load_best=True)."
        )
    return callback


def _instance(kind: Any, where: Any) -> Any:
    try:
        return kind()
    except TypeError as error:
        raise TypeError(
            f"{where} is the class {kind.__name__}, which cannot be created without "
            f"arguments ({error}); pass an instance."
        ) from error


def _check_scoring(scoring: Any, where: Any) -> None:
    """Raise if a score is unknown, or is a score of estimators rather than nets."""
    if isinstance(scoring, str) and scoring not in get_scorer_names():
        close = did_you_mean(scoring, get_scorer_names())
        raise ValueError(
            f"{where}: scoring={scoring!r} is not a scorer of scikit-learn.{close} "
            "Scorers of skcrowd.metrics evaluate fitted estimators, not nets."
        )
    if isinstance(scoring, BaseEstimator):
        raise TypeError(
            f"{where}: {type(scoring).__name__} evaluates fitted estimators, not nets; "
            "valid_loss of the history, with early_stopping=True, is minus the "
            "log-likelihood of held-out answers."
        )


def _check_monitored(callback: Any, where: Any) -> None:
    """Raise if a callback monitors a score of held-out items."""
    name, monitored = type(callback).__name__, getattr(callback, "monitor", None)
    if isinstance(callback, PassthroughScoring) and not callback.on_train:
        monitored, instead = callback.name, "on_train=True"
    elif isinstance(monitored, str) and monitored.startswith("valid_"):
        instead = f"monitor={monitored.replace('valid_', 'train_')!r}"
    else:
        return
    raise ValueError(
        f"{where}: {name} monitors {monitored!r} of held-out items, but there are "
        f"none; set early_stopping=True, or {instead}."
    )


def adapted_callbacks(callbacks: list[Any]) -> list[Any]:
    """Copy callbacks, so that fitting does not change those of the user.

    ``EpochScoring`` compares with the answers, one row each. Objects that callbacks
    share are shared by the copies, too.
    """
    copies: dict[Any, Any] = {}
    return [_adapted(given, place, copies) for place, given in enumerate(callbacks)]


def _adapted(given: Any, place: int, copies: dict[Any, Any]) -> Any:
    try:
        copied = deepcopy(given, copies)
    except (TypeError, RuntimeError, AttributeError) as error:
        raise TypeError(
            f"callbacks[{place}] ({type(_bare(given)).__name__}) cannot be copied, "
            f"which fit needs: {error}."
        ) from error
    callback = _bare(copied)
    callback = callback() if isinstance(callback, type) else callback
    if isinstance(callback, EpochScoring) and not _reads_items(callback):
        name = deepcopy(callback).initialize().name_
        callback.scoring = AnswerScoring(callback.scoring, name)
        callback.use_caching = False
    return (copied[0], callback) if isinstance(copied, (tuple, list)) else callback


def _reads_items(callback: Any) -> bool:
    """Whether the scoring is the user's own and takes the data set itself."""
    return callable(callback.scoring) and not callback.use_caching


def _bare(given: Any) -> Any:
    """Return a callback without its name."""
    is_pair = isinstance(given, (tuple, list)) and len(given) == 2
    return given[1] if is_pair else given


def in_order(callbacks: list[Any]) -> list[Any]:
    """Return callbacks with those first on which others depend.

    All others see averages of the weights; schedules count the steps.

    Parameters
    ----------
    callbacks : list
        Callbacks, or pairs of name and callback.
    """
    first = WeightAverage, GradientAccumulation
    return sorted(
        callbacks,
        key=lambda given: (
            not (isinstance(_bare(given), first) or _bare(given) in first)
        ),
    )


def has_schedule(callbacks: list[Any]) -> bool:
    """Whether a callback of the user sets the learning rate."""
    return _has(LRScheduler, callbacks)


def has_print_log(callbacks: list[Any]) -> bool:
    """Whether the user has a callback that prints the epochs."""
    return _has(PrintLog, callbacks)


def _has(kind: Any, callbacks: list[Any]) -> bool:
    bare = [_bare(given) for given in callbacks]
    return any(isinstance(callback, kind) or callback is kind for callback in bare)
