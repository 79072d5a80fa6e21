"""Callbacks that act between epochs."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from skorch.callbacks import Callback, EarlyStopping
from tqdm.auto import tqdm

if TYPE_CHECKING:
    from ._net import CrowdNet


__all__ = ["BestEpoch", "LinearDecay", "ProgressBar", "SwitchToAnswers"]


class ProgressBar(Callback):
    """One bar over all epochs, with the losses of the last one.

    Parameters
    ----------
    label : str
        Text in front of the bar.
    stage : str, default=""
        Which of several trainings it is. The bar of a stage goes when it is over.
    """

    def __init__(self, label: str, stage: str = "") -> None:
        self.label = label
        self.stage = stage

    def on_train_begin(self, net: CrowdNet, **kwargs: Any) -> None:
        """Open the bar."""
        text = f"{self.label}, {self.stage}" if self.stage else self.label
        self.bar_ = tqdm(
            total=net.max_epochs, desc=text, unit="epoch", leave=not self.stage
        )

    def on_epoch_end(self, net: CrowdNet, **kwargs: Any) -> None:
        """Advance by an epoch."""
        losses = {
            name: f"{net.history[-1, name]:.3f}"
            for name in ("train_loss", "valid_loss")
            if name in net.history[-1]
        }
        self.bar_.set_postfix(losses, refresh=False)
        self.bar_.update()

    def on_train_end(self, net: CrowdNet, **kwargs: Any) -> None:
        """Close the bar."""
        self.bar_.close()

    def show(self, n_epochs: int) -> None:
        """Continue from a checkpoint, which has no state of a bar."""
        self.bar_.update(n_epochs - self.bar_.n)

    def __getstate__(self) -> dict[str, Any]:
        return {"label": self.label, "stage": self.stage}


class BestEpoch(EarlyStopping):
    """Early stopping that restores network and annotator model of the best epoch.

    skorch's ``load_best`` restores the network alone, and would combine it with the
    annotator model of a later epoch.

    Parameters
    ----------
    patience : int
        Epochs without improvement before training stops.
    first_epoch : int, default=1
        First epoch whose loss is compared; earlier ones are ignored.
    """

    def __init__(self, patience: int, first_epoch: int = 1) -> None:
        super().__init__(patience=patience, threshold=0.0, load_best=False)
        self.first_epoch = first_epoch
        self.best_state_: tuple[Any, Any] | None = None

    def on_epoch_end(self, net: CrowdNet, **kwargs: Any) -> None:
        """Compare the loss of the epoch; store the weights of the best one."""
        if len(net.history) < self.first_epoch:
            return
        super().on_epoch_end(net, **kwargs)
        if self.misses_ == 0:
            self.best_state_ = deepcopy(
                (net.module_.state_dict(), net.criterion_.state_dict())
            )

    def on_train_end(self, net: CrowdNet, **kwargs: Any) -> None:
        """Restore the best epoch."""
        if self.best_state_ is not None:
            module, criterion = self.best_state_
            net.module_.load_state_dict(module)
            net.criterion_.load_state_dict(criterion)

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "best_state_": None}


class LinearDecay(Callback):
    """Lower the network's learning rate in equal steps, to nearly 0 in the last epoch.

    The learning rate of the annotator model is constant.

    Parameters
    ----------
    keeps_mean : bool, default=False
        Whether the mean over the epochs is the learning rate of the net, so that the
        first epoch has nearly twice as much; else the first epoch has that rate.
    """

    def __init__(self, *, keeps_mean: bool = False) -> None:
        self.keeps_mean = keeps_mean

    def on_train_begin(self, net: CrowdNet, **kwargs: Any) -> None:
        """Store the number of epochs of an earlier history."""
        self.begin_ = len(net.history)

    def on_epoch_begin(self, net: CrowdNet, **kwargs: Any) -> None:
        """Set the learning rate of this epoch."""
        done = (len(net.history) - 1 - self.begin_) / net.max_epochs
        factor = 2 - 2 * done - 1 / net.max_epochs if self.keeps_mean else 1 - done
        for group in net.optimizer_.param_groups:
            group.setdefault("initial_lr", group["lr"])
            group["lr"] = group["initial_lr"] * factor


class SwitchToAnswers(Callback):
    """Train on the vote for some epochs, on the answers and penalties from then on.

    Parameters
    ----------
    after : int
        Number of epochs on the vote.
    """

    def __init__(self, after: int) -> None:
        self.after = after

    def on_epoch_begin(self, net: CrowdNet, **kwargs: Any) -> None:
        """Set the training loss of this epoch."""
        warm = len(net.history) <= self.after
        net.criterion_.train_on = "targets" if warm else "answers"
        net.criterion_.is_warming_up = warm
