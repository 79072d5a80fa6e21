"""What skcrowd uses of skorch that is not public, in this module alone.

A new version of skorch may rename or move it: then this file changes, and no other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from skorch import NeuralNet

__all__ = ["CUDA_STATE", "HookedNeuralNet", "module_names", "optimizer_names"]

# Key of the state of a net on a CUDA device: a pickle of its own, which skorch writes
# with torch.save, so that it can be loaded to another device.
CUDA_STATE = "__cuda_dependent_attributes__"


class HookedNeuralNet(NeuralNet):
    """A NeuralNet whose private hooks have public names that subclasses override.

    See :class:`skorch.NeuralNet` for the parameters.
    """

    def set_training_mode(self, training: bool) -> None:
        """Set the modules and criteria to training or to evaluation mode.

        Parameters
        ----------
        training : bool
            Whether to set training mode.
        """
        super()._set_training(training)

    def step_optimizers(self, step_fn: Callable[..., Any]) -> None:
        """Take one step with every optimizer.

        Parameters
        ----------
        step_fn : callable
            Computes loss and gradients of a batch, and returns the loss.
        """
        super()._step_optimizer(step_fn)

    def clear_gradients(self) -> None:
        """Set the gradients of all optimizers to None."""
        super()._zero_grad_optimizer()

    def _zero_grad_optimizer(self, set_to_none: bool | None = None) -> None:
        # skorch's signature; it calls this without an argument: optimizers decide
        self.clear_gradients()

    def _set_training(self, training: bool = True) -> None:
        self.set_training_mode(training)

    def _step_optimizer(self, step_fn: Callable[..., Any]) -> None:
        self.step_optimizers(step_fn)


def module_names(net: NeuralNet) -> list[str]:
    """Return the names of the modules and criteria of an initialized net.

    Parameters
    ----------
    net : skorch.NeuralNet

    Returns
    -------
    names : list of str
        Without the trailing underscore of the attributes.
    """
    return [*net._modules, *net._criteria]


def optimizer_names(net: NeuralNet) -> list[str]:
    """Return the names of the optimizers of an initialized net.

    Parameters
    ----------
    net : skorch.NeuralNet

    Returns
    -------
    names : list of str
        Without the trailing underscore of the attributes.
    """
    return list(net._optimizers)
