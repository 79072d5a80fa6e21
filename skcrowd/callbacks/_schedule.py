"""Schedules of the learning rate whose length is that of the training."""

from __future__ import annotations

import inspect
from typing import Any, Self

from skorch.callbacks import LRScheduler
from torch.optim import lr_scheduler

__all__ = ["LRSchedule"]

# Parameters of schedulers that are the number of all steps.
LENGTHS = ("total_steps", "T_max", "total_iters")


class LRSchedule(LRScheduler):
    """A scheduler of torch by name, over all batches of a training.

    What depends on the training is filled in: the number of steps (``total_steps`` of
    ``OneCycleLR``, ``T_max`` of ``CosineAnnealingLR``, ``total_iters`` of ``LinearLR``
    and ``PolynomialLR``), and ``max_lr`` as the ``lr`` of the estimator, or of each
    group of parameters. It changes the learning rate after each batch; the annotator
    model keeps its own.

    Parameters
    ----------
    policy : str, default="OneCycleLR"
        Name of a class of :mod:`torch.optim.lr_scheduler` that has one of these
        parameters.
    **kwargs
        Its other parameters, such as ``pct_start``.

    Raises
    ------
    ValueError
        If there is no such class, or it has no such parameter.

    Examples
    --------
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.callbacks import LRSchedule
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [[0, 0], [0, -1], [1, 0], [1, 1]]
    >>> schedule = LRSchedule("OneCycleLR", pct_start=0.2)
    >>> clf = CrowdClassifier(max_epochs=4, callbacks=[schedule]).fit(X, y)
    """

    def __init__(self, policy: str = "OneCycleLR", **kwargs: Any) -> None:
        accepted = _parameters(policy)
        if not set(LENGTHS) & accepted:
            known = dir(lr_scheduler)
            names = sorted(name for name in known if set(LENGTHS) & _parameters(name))
            raise ValueError(
                f"policy={policy!r} has no length that could be filled in; choose one "
                f"of {', '.join(names)}, or use skorch's LRScheduler."
            )
        super().__init__(policy, step_every="batch", event_name=None, **kwargs)

    def initialize(self) -> Self:
        """Look up the class of the scheduler."""
        self.policy_ = getattr(lr_scheduler, self.policy)
        self.lr_scheduler_: Any = None
        self.batch_idx_ = 0
        return self

    def on_train_begin(self, net: Any, X: Any = None, **kwargs: Any) -> None:
        """Build the scheduler, with what depends on the training."""
        train, _ = net.get_split_datasets(X, None)
        n_batches = len(net.get_iterator(train, training=True))
        n_steps = net.max_epochs * max(n_batches // net.batches_per_step, 1)
        self.n_steps_ = n_steps
        rates = [group["lr"] for group in net.optimizer_.param_groups]
        found = {**dict.fromkeys(LENGTHS, n_steps), "max_lr": rates}
        accepted, given = _parameters(self.policy), self.kwargs
        filled = {k: v for k, v in found.items() if k in accepted and k not in given}
        self.lr_scheduler_ = self.policy_(net.optimizer_, **given, **filled)

    def on_batch_end(self, net: Any, training: bool, **kwargs: Any) -> None:
        """Set the learning rate of the next step."""
        if not training or net.n_accumulated:
            return
        self.batch_idx_ += 1
        if self.batch_idx_ < self.n_steps_:  # the last step has no next one
            self.lr_scheduler_.step()

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return policy and the parameters of the scheduler.

        Parameters
        ----------
        deep : bool, default=True
            Has no effect.
        """
        return {"policy": self.policy, **self.kwargs}


def _parameters(policy: str) -> set[str]:
    """Return the names of the parameters of a scheduler; none for anything else."""
    cls = getattr(lr_scheduler, policy, None) if isinstance(policy, str) else None
    if not (inspect.isclass(cls) and issubclass(cls, lr_scheduler.LRScheduler)):
        return set()
    return set(inspect.signature(cls).parameters)
