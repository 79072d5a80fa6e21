"""Several processes, on one machine or on many, that train one network together.

Accelerate starts the group, wraps the network for data-parallel training (DDP), and
moves tensors. skorch's ``AccelerateMixin`` is not used: it gives every process batches
and a loss of its own, but the losses of crowds are not means over items that could be
averaged (answers an item differ in number, penalties and selections need whole
batches), and it wraps the criterion, which holds the annotator model that E-steps
replace between epochs. Here the processes share the work of the network alone: each
computes its rows of every batch, all get the scores of all rows, and each computes the
loss of the whole batch. The training loop stays skorch's.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed

from skcrowd.training._part import Part
from skcrowd.training._seeding import own_draws

if TYPE_CHECKING:
    from torch import nn

    from skcrowd._typing import Features


__all__ = ["ProcessGroup", "check_accelerate", "joined_group", "world_size"]


def world_size() -> int:
    """Return the number of processes that a launcher started; 1 without one."""
    if "LOCAL_RANK" not in os.environ:
        return 1
    return int(os.environ.get("WORLD_SIZE", 1))


def check_accelerate() -> None:
    """Raise if accelerate is not installed.

    Raises
    ------
    ImportError
    """
    try:
        import accelerate  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "distributed=True needs the library accelerate: "
            'pip install "skcrowd[distributed]".'
        ) from error


@cache
def joined_group(device_type: str) -> ProcessGroup:
    """Join the processes that the launcher started; once for a type of device.

    Parameters
    ----------
    device_type : {"cpu", "cuda"}

    Raises
    ------
    ValueError
        If the launcher is configured for anything but data-parallel training.
    """
    from accelerate import DistributedType

    accelerator = _accelerator(device_type)
    kind = accelerator.distributed_type
    if kind not in (DistributedType.MULTI_CPU, DistributedType.MULTI_GPU):
        raise ValueError(
            f"the launcher is configured for {kind.value}, but networks are trained "
            "data-parallel (DDP) on CPUs or GPUs: use torchrun, or configure "
            "accelerate for multi-GPU."
        )
    atexit.register(_leave_group)  # else its threads may abort the exit
    return ProcessGroup(accelerator)


def _leave_group() -> None:
    """End the group of this process, unless the script has done so."""
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def _accelerator(device: str) -> Any:
    """Return an Accelerator: all share one group, and each keeps its networks.

    Parameters
    ----------
    device : str
    """
    from accelerate import Accelerator
    from accelerate.utils import DistributedDataParallelKwargs

    return Accelerator(
        cpu=device == "cpu",
        device_placement=False,
        mixed_precision="no",  # the dtype of X decides
        # a batch may leave weights out, as in one process
        kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)],
    )


class ProcessGroup:
    """The processes that train together.

    All of them run the same code on the same data, and reach every method here in the
    same order.

    Parameters
    ----------
    accelerator : accelerate.Accelerator

    Attributes
    ----------
    part : Part
        The part of this process.
    device : str
        Where this process computes.
    """

    def __init__(self, accelerator: Any) -> None:
        self._accelerator = accelerator
        self.part = Part(accelerator.process_index, accelerator.num_processes)
        device = accelerator.device
        self.device = device.type if device.type == "cpu" else str(device)

    @property
    def is_first(self) -> bool:
        """Whether this process writes files and shows progress."""
        return self.part.rank == 0

    def replicated(self, module: nn.Module) -> nn.Module:
        """Return a network whose gradients are averaged over the processes.

        Parameters
        ----------
        module : torch.nn.Module
            It holds the weights, and can be used on its own, too.
        """
        replica: nn.Module = _accelerator(self.device).prepare_model(module)
        return replica

    def wait(self) -> None:
        """Wait for all processes."""
        self._accelerator.wait_for_everyone()

    def first(self, value: Callable[[], Any]) -> Any:
        """Return the value that the first process computes, to all.

        Parameters
        ----------
        value : callable
            Called in the first process only. Its result can be pickled.
        """
        from accelerate.utils import broadcast_object_list

        held = [value() if self.is_first else None]
        return broadcast_object_list(held)[0]

    def all(self, value: Any) -> list[Any]:
        """Return the values of all processes.

        Parameters
        ----------
        value : object
            Of this process; can be pickled.
        """
        from accelerate.utils import gather_object

        return list(gather_object([value]))

    def synchronize(self, tensors: Iterable[torch.Tensor]) -> None:
        """Overwrite tensors by those of the first process.

        Parameters
        ----------
        tensors : iterable of Tensor
            Parameters or buffers.
        """
        from accelerate.utils import broadcast

        with torch.no_grad():
            for values in tensors:
                values.copy_(broadcast(values.detach().to(self.device).contiguous()))

    def whole(self, own: torch.Tensor, sizes: list[int]) -> torch.Tensor:
        """Join the rows of all processes.

        Gradients reach the rows of this process. They are multiplied by the number of
        processes, because DDP takes the mean over processes, and the gradient of a
        batch is the sum over its parts.

        Parameters
        ----------
        own : Tensor of shape (n_own, ...)
            The rows of this process.
        sizes : list of int
            Number of rows of each process; 0 where the result is left out.

        Returns
        -------
        whole : Tensor of shape (sum of sizes, ...)
        """
        kept = own[: sizes[self.part.rank]]
        padded = kept.new_zeros(max(sizes), *own.shape[1:], device=self.device)
        padded[: len(kept)] = kept.detach()
        gathered = self._accelerator.gather(padded).to(own.device).split(max(sizes))
        parts = [rows[:size] for rows, size in zip(gathered, sizes, strict=True)]
        if kept.requires_grad:
            kept.register_hook(lambda gradient: gradient * self.part.world_size)
            parts[self.part.rank] = kept
        return torch.cat(parts)

    def by_parts(
        self, function: Callable[[Any], torch.Tensor], X: Features
    ) -> torch.Tensor:
        """Apply a function to the rows of X, of which each process has a part.

        Parameters
        ----------
        function : callable
            Maps rows of X to rows of a Tensor, one or several for each.
        X : ndarray, CSR matrix, Items, SequenceRows or LabelRows

        Returns
        -------
        result : Tensor
            Of all rows of X.
        """
        sizes = self.part.sizes(X.shape[0])
        with self.own_draws():
            own = function(X[self.part.own(sizes)])
        n_own = len(own) if sizes[self.part.rank] else 0
        return self.whole(own, self.all(n_own))

    @contextmanager
    def own_draws(self) -> Iterator[None]:
        """Draw other random numbers than the other processes within the block.

        Afterwards the generators of all are equal again.
        """
        with own_draws(self.part.rank, self.device):
            yield
