"""What expectation-maximisation does between epochs."""

from skorch.callbacks import Callback

__all__ = ["Rounds"]


class Rounds(Callback):
    """Before an epoch that opens a round: infer the truth, update the annotators.

    Parameters
    ----------
    update : callable
        ``update(net)`` does both, and returns the new targets, a Tensor.
    warm_epochs : int
        Epochs before the first round.
    epochs_per_round : int
    """

    def __init__(self, update, warm_epochs, epochs_per_round):
        self.update = update
        self.warm_epochs = warm_epochs
        self.epochs_per_round = epochs_per_round

    def on_epoch_begin(self, net, dataset_train=None, **kwargs):
        """Replace targets and annotators; penalties wait for the first round."""
        done = len(net.history) - 1 - self.warm_epochs
        net.criterion_.is_warming_up = done < 0
        if done >= 0 and done % self.epochs_per_round == 0:
            dataset_train.y["target"].copy_(self.update(net))

    def on_train_end(self, net, **kwargs):
        """Let go of the data."""
        self.update = None
