"""What expectation-maximisation does between epochs."""

from skorch.callbacks import Callback

from skcrowd.aggregation._lazy_confusion import CountedConfusion

__all__ = ["Inference", "Rounds"]

COUNTED = "counted confusion"  # marks what stands for one in a checkpoint


class Inference:
    """What is inferred between epochs, and with it the annotators.

    Attributes
    ----------
    inferred : tuple of str
        Names of the attributes that :meth:`update` changes and reads; a checkpoint
        keeps them.
    """

    inferred: tuple[str, ...] = ()

    def update(self, net):
        """Infer the truth, update the annotators.

        Returns
        -------
        targets : Tensor
            What the network is trained on from now on.
        """
        raise NotImplementedError

    def state_dict(self):
        """Return what the next update depends on."""
        return {name: _stored(getattr(self, name)) for name in self.inferred}

    def load_state_dict(self, state):
        """Take over what :meth:`state_dict` returned."""
        vars(self).update({name: _restored(held) for name, held in state.items()})


def _stored(inferred):
    """Return what is inferred as a checkpoint keeps it, arrays and numbers."""
    is_counted = isinstance(inferred, CountedConfusion)
    return {COUNTED: inferred.state()} if is_counted else inferred


def _restored(stored):
    is_counted = isinstance(stored, dict) and COUNTED in stored
    return CountedConfusion.of_state(stored[COUNTED]) if is_counted else stored


class Rounds(Callback):
    """Before an epoch that opens a round: infer the truth, update the annotators.

    Parameters
    ----------
    truth : Inference
    warm_epochs : int
        Epochs before the first round.
    epochs_per_round : int
    """

    def __init__(self, truth, warm_epochs, epochs_per_round):
        self.truth = truth
        self.warm_epochs = warm_epochs
        self.epochs_per_round = epochs_per_round
        self.targets = None

    def on_epoch_begin(self, net, dataset_train=None, **kwargs):
        """Replace targets and annotators; penalties wait for the first round."""
        targets = dataset_train.y["target"]
        if self.targets is not None and self.targets is not targets:
            targets.copy_(self.targets)  # those of a training that was interrupted
        self.targets = targets
        done = len(net.history) - 1 - self.warm_epochs
        net.criterion_.is_warming_up = done < 0
        if done >= 0 and done % self.epochs_per_round == 0:
            targets.copy_(self.truth.update(net))

    def on_train_end(self, net, **kwargs):
        """Let go of the data."""
        self.truth = self.targets = None

    def state_dict(self):
        """Return what the rounds so far have inferred; a checkpoint keeps it."""
        lasts = self.epochs_per_round > 1  # else the next epoch infers them anew
        targets = self.targets if lasts else None
        return {"truth": self.truth.state_dict(), "targets": targets}

    def load_state_dict(self, state):
        """Go on from what :meth:`state_dict` returned."""
        self.truth.load_state_dict(state["truth"])
        self.targets = state["targets"]
