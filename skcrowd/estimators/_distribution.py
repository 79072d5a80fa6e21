"""Fits by several processes: which they are, and that all fit the same."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import torch
from joblib.parallel import get_active_backend

from skcrowd.estimators._checkpointing import input_parts
from skcrowd.training._fingerprint import summary
from skcrowd.training._items import Items
from skcrowd.training._process_group import (
    check_accelerate,
    joined_group,
    world_size,
)

if TYPE_CHECKING:
    from skcrowd.methods import Method, TrainingContext
    from skcrowd.training._process_group import ProcessGroup


__all__ = ["check_distributed", "check_same_input", "process_group_of"]

# Inputs that may differ: the number of the device, and callbacks that write logs.
MAY_DIFFER = {"device", "callbacks"}


def check_distributed(estimator: Any) -> None:
    """Raise if a fit by several processes is asked for, but not possible.

    Parameters
    ----------
    estimator : CrowdEstimator

    Raises
    ------
    ImportError
        If accelerate is not installed.
    ValueError
        If another parameter excludes it, or the process has parallel fits.
    """
    if not estimator.distributed:
        return
    check_accelerate()
    if estimator.on_interrupt == "keep":
        raise ValueError(
            "on_interrupt='keep' ends a training where the interrupt reaches it, which "
            "differs between processes; with distributed=True use 'raise', and "
            "checkpoint to resume."
        )
    if world_size() == 1:
        return
    device = torch.device(estimator.device)
    if device.index is not None:
        raise ValueError(
            f"device={str(device)!r} is the same in all processes; with "
            f"distributed=True use {device.type!r}, of which each process takes one."
        )
    is_worker = get_active_backend()[0].nesting_level > 0
    if is_worker or threading.current_thread() is not threading.main_thread():
        raise ValueError(
            "distributed=True fits in the main thread of the processes that the "
            "launcher started, not in threads or workers of joblib; set n_jobs=1 "
            "around it, or distributed=False."
        )


def process_group_of(estimator: Any) -> ProcessGroup | None:
    """Return the processes that fit an estimator; None for this process alone.

    Parameters
    ----------
    estimator : CrowdEstimator
        Checked by :func:`check_distributed`.
    """
    if not estimator.distributed or world_size() == 1:
        return None
    return joined_group(torch.device(estimator.device).type)


def check_same_input(context: TrainingContext, method: Method, seed: int) -> None:
    """Raise in all processes that fit together if one of them fits something else.

    Parameters
    ----------
    context : TrainingContext
    method : Method
    seed : int

    Raises
    ------
    ValueError
        With the names of what differs.
    """
    group = context.factory.group
    if group is None:
        return
    parts = input_parts(context, method, seed)
    features = getattr(context.X, "features", context.X)
    if isinstance(features, Items):  # whose files have another place on each machine
        parts["X"] = summary(features.content_hashes())
    everywhere = group.all({k: v for k, v in parts.items() if k not in MAY_DIFFER})
    for rank, there in enumerate(everywhere):
        names = [k for k in everywhere[0] if everywhere[0][k] != there.get(k)]
        # the parameters of the default network follow from the data
        names = [name for name in names if "__" not in name] or names
        if names:
            raise ValueError(
                "distributed=True: every process has to fit the same data with the "
                f"same parameters, but process {rank} differs from process 0 in "
                f"{', '.join(names)}. {_advice(names)}"
            )


def _advice(names: list[str]) -> str:
    """Return what to do where processes differ in what is named."""
    if "module" in names:
        return (
            "Pass the class of the network, which random_state initialises, or call "
            "torch.manual_seed with one seed in every process before it is made."
        )
    return (
        "Read the whole data in every process; batches are divided among them in fit."
    )
