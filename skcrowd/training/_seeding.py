"""Seeds that leave the caller's generators alone."""

from contextlib import contextmanager

import torch

__all__ = ["isolated_rng"]


@contextmanager
def isolated_rng(seed, device="cpu"):
    """Seed torch within the block and restore its generators afterwards.

    Parameters
    ----------
    seed : int
    device : str or torch.device, default="cpu"
        Where training runs; a CUDA device's generator is restored too.
    """
    device = torch.device(device)
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.default_generator.manual_seed(seed)
        if devices:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        yield
