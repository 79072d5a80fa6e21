"""The factory that builds networks from an estimator's parameters and the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from skcrowd.estimators._distribution import process_group_of
from skcrowd.estimators._held_out import is_known
from skcrowd.estimators._modules import sized_parameters
from skcrowd.estimators._parameter_checks import check_device, target_criterion
from skcrowd.training import NetFactory
from skcrowd.training._split import AnswerSplit

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray, SparseMatrix
    from skcrowd.training import SequenceRows


__all__ = ["default_batch_size", "make_factory"]

STEPS_PER_EPOCH = 16


def make_factory(
    estimator: Any, checked: Any, label: str, *, resumes: bool
) -> NetFactory:
    """Return the factory with all that the user decided about network and training.

    Sizes and batches follow from the samples that have an answer or a known truth.

    Parameters
    ----------
    estimator : CrowdEstimator
    checked : CheckedInput
    label : str
        Name of the method, for the progress bar.
    resumes : bool
        Whether training continues with an earlier network, whose settings are kept.

    Returns
    -------
    factory : NetFactory
    """
    X, weight = _learnable_samples(checked)
    n_samples = X.shape[0]
    n_items: Any = getattr(X, "n_tokens", n_samples)
    module = estimator.module
    if module is None:
        module = estimator._default_module
    routed = {}
    if not resumes:
        sizes = _sizes(estimator, checked, module, X, weight)
        routed = {f"module__{name}": value for name, value in sizes.items()}
    early_stopping, group = estimator.early_stopping, process_group_of(estimator)
    return NetFactory(
        module=module,
        output=checked.output,
        optimizer=estimator.optimizer,
        lr=estimator.lr,
        max_epochs=estimator._n_epochs(n_samples, n_items),
        batch_size=estimator._n_per_batch(n_samples, n_items),
        dtype=torch.float64 if X.dtype == np.float64 else torch.float32,
        device=check_device(estimator.device) if group is None else group.device,
        net=estimator._net,
        label=label,
        verbose=estimator.verbose if group is None or group.is_first else 0,
        patience=estimator.n_iter_no_change if early_stopping else None,
        train_split=AnswerSplit(checked.held_out) if checked.held_out.any() else None,
        callbacks=list(estimator.callbacks or []),
        routed={**routed, **_net_parameters(estimator)},
        criterion=target_criterion(estimator.criterion),
        on_interrupt=estimator.on_interrupt,
        group=group,
        **estimator._factory_options(),
    )


def _sizes(
    estimator: Any, checked: Any, module: Any, X: Any, weight: FloatArray
) -> dict[str, Any]:
    """Return the parameters of a new network that the user did not give."""
    given = estimator._routed_for("module")
    sizes = estimator._network_sizes(checked.output, X, weight)
    if estimator.module is None:
        sizes = {**estimator._network_settings(checked, given), **sizes}
    elif hasattr(module, "_choose_settings"):  # DefaultPairNetwork
        sizes = {**module._choose_settings(checked), **sizes}
    return sized_parameters(module, given, X, sizes, weight)


def default_batch_size(n_samples: int, smallest: int, largest: int) -> int:
    """Return a power of two that makes about `STEPS_PER_EPOCH` batches, in limits.

    Parameters
    ----------
    n_samples, smallest, largest : int
    """
    wanted = 2 ** int(np.log2(max(n_samples // STEPS_PER_EPOCH, 1)))
    return int(np.clip(wanted, smallest, largest))


def _learnable_samples(
    checked: Any,
) -> tuple[FloatArray | SequenceRows | SparseMatrix, FloatArray]:
    """Return features and weights of the samples with an answer or a known truth."""
    known = is_known(checked.annotations, checked.gold)
    if known.all():
        return checked.X, checked.weight
    return checked.X[known], checked.weight[known]


def _net_parameters(estimator: Any) -> dict[str, Any]:
    """Return the routed parameters that skorch takes, prefix included."""
    routed = getattr(estimator, "_routed", {})
    return {k: v for k, v in routed.items() if not k.startswith("method__")}
