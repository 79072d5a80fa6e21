"""Inference of the truth between epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skorch.callbacks import Callback

from skcrowd.aggregation._lazy_confusion import CountedConfusion

if TYPE_CHECKING:
    from skcrowd.training import CrowdNet


__all__ = ["Inference", "Rounds"]

COUNTED = "counted confusion"  # key of its state in a checkpoint


class Inference:
    """Base of the states that are inferred between epochs, with the annotators.

    Attributes
    ----------
    inferred : tuple of str
        Names of the attributes that :meth:`update` changes and reads; a checkpoint
        keeps them.
    """

    inferred: tuple[str, ...] = ()

    def update(self, net: CrowdNet) -> Any:
        """Infer the truth, update the annotators.

        Returns
        -------
        targets : Tensor
            Targets of the network until the next update.
        """
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """Return what the next update depends on."""
        return {name: _stored(getattr(self, name)) for name in self.inferred}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore the state that :meth:`state_dict` returned."""
        vars(self).update({name: _restored(stored) for name, stored in state.items()})


def _stored(value: Any) -> Any:
    """Return the form in which a checkpoint stores an attribute: arrays and numbers."""
    is_counted = isinstance(value, CountedConfusion)
    return {COUNTED: value.state()} if is_counted else value


def _restored(stored: Any) -> Any:
    is_counted = isinstance(stored, dict) and COUNTED in stored
    return CountedConfusion.of_state(stored[COUNTED]) if is_counted else stored


class Rounds(Callback):
    """Infer the truth and update the annotators before the first epoch of each round.

    Parameters
    ----------
    truth : Inference
    warm_epochs : int
        Epochs before the first round.
    epochs_per_round : int
    """

    def __init__(self, truth: Any, warm_epochs: int, epochs_per_round: int) -> None:
        self.truth = truth
        self.warm_epochs = warm_epochs
        self.epochs_per_round = epochs_per_round
        self.targets = None

    def on_epoch_begin(
        self, net: CrowdNet, dataset_train: Any = None, **kwargs: Any
    ) -> None:
        """Replace targets and annotators; penalties apply from the first round on."""
        targets = dataset_train.y["target"]
        if self.targets is not None and self.targets is not targets:
            targets.copy_(self.targets)  # restored from a checkpoint
        self.targets = targets
        done = len(net.history) - 1 - self.warm_epochs
        net.criterion_.is_warming_up = done < 0
        if done >= 0 and done % self.epochs_per_round == 0:
            targets.copy_(self.truth.update(net))

    def on_train_end(self, net: CrowdNet, **kwargs: Any) -> None:
        """Drop the references to the data."""
        self.truth = self.targets = None

    def state_dict(self) -> dict[str, Any]:
        """Return the inferred state; a checkpoint stores it."""
        is_needed = self.epochs_per_round > 1  # else the next epoch infers the targets
        targets = self.targets if is_needed else None
        return {"truth": self.truth.state_dict(), "targets": targets}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore the state that :meth:`state_dict` returned."""
        self.truth.load_state_dict(state["truth"])
        self.targets = state["targets"]
