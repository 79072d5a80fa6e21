"""Factory of nets, with the network and training parameters of the user."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import torch
from scipy import sparse
from torch import nn
from torch.nn.parameter import is_lazy

from skcrowd.training._callbacks import BestEpoch, LinearDecay, ProgressBar
from skcrowd.training._checkpoint import TrainingCheckpoints
from skcrowd.training._data import BatchLoader
from skcrowd.training._did_you_mean import did_you_mean
from skcrowd.training._net import PREDICTION_BATCH, CrowdNet
from skcrowd.training._network_checks import check_network
from skcrowd.training._refusals import blamed_on, module_name
from skcrowd.training._replica import trained_together
from skcrowd.training._user_callbacks import (
    adapted_callbacks,
    has_print_log,
    has_schedule,
    in_order,
)

if TYPE_CHECKING:
    from skcrowd._typing import Features

    from ._data import CrowdDataset
    from ._losses import CrowdLoss
    from ._process_group import ProcessGroup


__all__ = ["NetFactory"]


@dataclass(frozen=True)
class NetFactory:
    """Network and training parameters of the user; builds and trains nets with them.

    Attributes
    ----------
    module : torch.nn.Module class or instance
    output : ClassScores or Number
        How to read what the network returns.
    optimizer : torch.optim.Optimizer class
    lr : float
    max_epochs, batch_size : int
    dtype : torch.dtype
    device : str
    net : CrowdNet class
    label : str
        Description in front of the progress bar.
    verbose : int
    lr_schedule : {"constant", "linear", "linear_mean"}
        See :class:`LinearDecay`; "linear_mean" keeps the mean of the learning rate.
    patience : int or None
        Epochs without improvement before training stops; None trains to the end.
    train_split : callable or None
        Splits a data set into training and held-out items.
    callbacks : list
        The user's skorch callbacks.
    routed : dict
        Parameters such as ``module__hidden`` or ``optimizer__weight_decay``.
    start_from : torch.nn.Module or None
        A trained network to continue with, instead of a new one.
    optimizer_state : dict or None
        Initial state of the optimizer, for each parameter.
    on_interrupt : {"raise", "keep"}
        See :class:`CrowdNet`.
    criterion : torch.nn.Module or None
        Loss to the targets; see :class:`CrowdLoss`.
    stage : str
        Description of an auxiliary training, such as a fold, for the progress bar.
    checkpoints : TrainingCheckpoints or None
        Checkpoints of the trainings of this fit, by which they are resumed.
    group : ProcessGroup or None
        The processes that train together.
    _checked : set
        Networks that have passed `check_scores`, of all factories made from this one.
    """

    module: Any
    output: Any
    optimizer: type[torch.optim.Optimizer]
    lr: float
    max_epochs: int
    batch_size: int
    dtype: torch.dtype
    device: str
    net: type[CrowdNet] = CrowdNet
    label: str = "fit"
    verbose: int = 0
    lr_schedule: str = "constant"
    patience: int | None = None
    train_split: Any = None
    callbacks: list[Any] = field(default_factory=list)
    routed: dict[str, Any] = field(default_factory=dict)
    start_from: Any = None
    optimizer_state: dict[str, Any] | None = None
    on_interrupt: Literal["raise", "keep"] = "raise"
    criterion: Any = None
    stage: str = ""
    checkpoints: TrainingCheckpoints | None = None
    group: ProcessGroup | None = None
    _checked: set[Any] = field(default_factory=set, repr=False, compare=False)

    def build(
        self,
        criterion: CrowdLoss,
        *,
        callbacks: Sequence[tuple[str, Any]] = (),
        annotator_lr: float = 1e-2,
        warm_epochs: int = 0,
        transform: Callable[..., Any] | None = None,
    ) -> CrowdNet:
        """Build an untrained net, ready for ``partial_fit``.

        Parameters
        ----------
        criterion : CrowdLoss
        callbacks : sequence of (str, skorch.callbacks.Callback)
            Callbacks of the method, before those of the user.
        annotator_lr : float
            Learning rate of the annotator model.
        warm_epochs : int
            Epochs that early stopping ignores.
        transform : callable
            See :class:`CrowdNet`.
        """
        settings = {
            **({} if self._has_table else {"callbacks__print_log": None}),
            **_fused(self.optimizer, self.routed),
            "iterator_train__shuffle": True,
            "iterator_valid__batch_size": max(self.batch_size, PREDICTION_BATCH),
            **self._routed(),
        }
        net = self.net(
            self._own_module(),
            criterion,
            optimizer=self.optimizer,
            lr=self.lr,
            annotator_lr=annotator_lr,
            transform=transform,
            max_epochs=self.max_epochs,
            batch_size=self.batch_size,
            iterator_train=BatchLoader,
            iterator_valid=BatchLoader,
            dataset=self.net.dataset_kind,
            train_split=self.train_split,
            callbacks=in_order([*callbacks, *self._own_callbacks(warm_epochs)]),
            predict_nonlinearity=self.output.nonlinearity,
            device=self.device,
            dtype=self.dtype,
            on_interrupt=self.on_interrupt,
            verbose=int(self._has_table or has_print_log(self.callbacks)),
            **settings,
        )
        net.built_with_ = {
            key.removeprefix("module__"): value
            for key, value in self.routed.items()
            if key.startswith("module__")
        }
        net.initialize()
        if self.optimizer_state is not None:
            settings = net.optimizer_.state_dict()["param_groups"]
            state = {"state": self.optimizer_state, "param_groups": settings}
            net.optimizer_.load_state_dict(deepcopy(state))
        return net

    def _routed(self) -> dict[str, Any]:
        """Return the routed parameters, without those of a network that exists."""
        if self.start_from is None:
            return self.routed
        return {k: v for k, v in self.routed.items() if not k.startswith("module__")}

    def fresh(self) -> NetFactory:
        """Return a factory of nets that do not continue an earlier fit."""
        return replace(self, start_from=None, optimizer_state=None)

    def quiet(self, **changes: Any) -> NetFactory:
        """Return a factory of auxiliary nets, such as teachers.

        They have none of the user's callbacks.

        Parameters
        ----------
        **changes
            Further attributes to replace. Without a `stage` there is no progress bar.
        """
        routed = {k: v for k, v in self.routed.items() if "callbacks__" not in k}
        changes.setdefault("stage", self.stage)
        verbose = self.verbose if changes["stage"] else 0
        changes = {"callbacks": [], "routed": routed, "verbose": verbose, **changes}
        return replace(self, **changes)

    def train(self, net: CrowdNet, dataset: CrowdDataset) -> None:
        """Train a net on a data set, from its last checkpoint if there is one.

        Parameters
        ----------
        net : CrowdNet
            As :meth:`build` returned it.
        dataset : CrowdDataset
        """
        with trained_together(net, self.group):
            if self.checkpoints is None:
                net.partial_fit(dataset)
            else:
                self.checkpoints.train(net, dataset)

    def branches(self, n_branches: int) -> list[NetFactory]:
        """Return a factory for each of several independent trainings.

        The names of their checkpoints do not depend on the order in which they end.
        """
        if self.checkpoints is None:
            return [self] * n_branches
        branches = self.checkpoints.branches(n_branches)
        return [replace(self, checkpoints=branch) for branch in branches]

    def check_callbacks(self) -> None:
        """Raise for options of callbacks that do not exist, which skorch ignores.

        Raises
        ------
        ValueError
            Before any network is built.
        """
        given = [key for key in self.routed if key.startswith("callbacks__")]
        if not given:
            return
        net = self.net(
            self.module,
            criterion=nn.Module,
            train_split=self.train_split,
            callbacks=self._own_callbacks(0),
            callbacks__print_log=None,
        )
        names = [name for name, _ in net.initialize_callbacks().callbacks_]
        for key in given:
            name = key.split("__")[1]
            if name not in names:
                raise ValueError(
                    f"Invalid parameter {key!r}: there is no callback {name!r}."
                    f"{did_you_mean(name, names)} There are {', '.join(names)}."
                )

    def check_scores(self, net: CrowdNet, X: Features) -> None:
        """Check what the network returns; see :func:`check_network`.

        Networks of folds, teachers and students are those of the first training once
        more, so that one check is enough for all factories made from this one. A lazy
        network is checked each time, because the check gives it its shapes.
        """
        known = id(self.module), id(self.start_from), type(self.output)
        network = *known, sparse.issparse(X)
        is_shaped = not any(map(is_lazy, net.module_.parameters()))
        if network in self._checked and is_shaped:
            return
        check_network(net, X, self.output)
        self._checked.add(network)

    def _own_module(self) -> nn.Module | type[Any]:
        """Return the network to train, a copy if it is an instance."""
        module = self.module if self.start_from is None else self.start_from
        if not isinstance(module, nn.Module):
            return module
        with blamed_on(f"module {module_name(module)} cannot be copied"):
            return deepcopy(module)

    @property
    def _has_table(self) -> bool:
        """Whether skorch's table is printed in place of a progress bar."""
        is_own = has_print_log(self.callbacks)
        return self.verbose > 1 and not self.stage and not is_own

    def _own_callbacks(self, warm_epochs: int) -> list[Any]:
        callbacks: list[Any] = []
        if self.lr_schedule != "constant" and not has_schedule(self.callbacks):
            decay = LinearDecay(keeps_mean=self.lr_schedule == "linear_mean")
            callbacks.append(("lr_schedule", decay))
        if self.patience is not None:
            best = BestEpoch(self.patience, first_epoch=warm_epochs + 1)
            callbacks.append(("best_epoch", best))
        if self.verbose and not self._has_table:
            bar = ProgressBar(self.label, self.stage)
            callbacks.append(("progress_bar", bar))
        return [*adapted_callbacks(self.callbacks), *callbacks]


def _fused(optimizer: type[Any], routed: dict[str, Any]) -> dict[str, bool]:
    """Return the option of a fused step, unless the user chose an implementation."""
    known = optimizer in (torch.optim.Adam, torch.optim.AdamW, torch.optim.SGD)
    chosen = {f"optimizer__{name}" for name in ("fused", "foreach", "differentiable")}
    return {"optimizer__fused": True} if known and not chosen & set(routed) else {}
