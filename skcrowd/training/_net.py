"""The skorch net of this package."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import torch
from sklearn.utils import ClassifierTags, RegressorTags
from skorch.callbacks import EarlyStopping
from skorch.utils import TeeGenerator, to_tensor
from torch import nn
from torch.optim import Adam, Optimizer, SparseAdam

from skcrowd.exceptions import CrowdWarning
from skcrowd.training._answer_scoring import AnswerRows
from skcrowd.training._data import CrowdDataset
from skcrowd.training._encoded_rows import EncodedBatch
from skcrowd.training._features import LastFeatures
from skcrowd.training._network_input import as_network_input, holds_objects
from skcrowd.training._part import own_part
from skcrowd.training._refusals import blamed_on, described, module_name
from skcrowd.training._skorch_compat import (
    CUDA_STATE,
    HookedNeuralNet,
    optimizer_names,
)
from skcrowd.training._threads import threads_for

if TYPE_CHECKING:
    from sklearn.utils import Tags

    from skcrowd._typing import AnswersLike, Array, Features, IntArray

    from ._process_group import ProcessGroup
    from ._replica import Replica


__all__ = ["CrowdNet"]

PREDICTION_BATCH = 1024
TRAINED = ("module", "criterion")  # instances given for these are trained themselves


class CrowdNet(HookedNeuralNet):
    """A skorch net whose criterion may hold an annotator model.

    The annotator model has an optimiser of its own: Adam, or the sparse Adam where
    there are so many annotators that a batch touches only a small part of them.

    Parameters
    ----------
    module : torch.nn.Module class or instance
    *args, **kwargs
        See :class:`skorch.NeuralNet`.
    dtype : torch.dtype, default=torch.float32
        Precision of network and annotator model.
    annotator_lr : float, default=1e-2
        Learning rate of the annotator model.
    transform : callable, default=None
        Maps features and answers of a training batch to others, before each step.
    on_interrupt : {"raise", "keep"}, default="raise"
        Whether a KeyboardInterrupt during training is raised, or ends training early
        with a warning.

    Attributes
    ----------
    built_with_ : dict
        Parameters that the network class was built with, also if the net continues
        with an existing network.
    was_cut : bool
        Whether a KeyboardInterrupt ended the last training early.
    """

    built_with_: dict[str, Any]
    on_interrupt = "raise"  # default of nets pickled before the parameter existed
    was_cut = False
    batches_per_step = 1  # set by skcrowd.callbacks.GradientAccumulation
    n_accumulated = 0
    group_: ProcessGroup | None = None  # set while several processes train together
    replica_: Replica | None = None
    dataset_kind: type[CrowdDataset] = CrowdDataset

    def __init__(
        self,
        module: Any,
        *args: Any,
        dtype: torch.dtype = torch.float32,
        annotator_lr: float = 1e-2,
        transform: Callable[..., Any] | None = None,
        on_interrupt: Literal["raise", "keep"] = "raise",
        **kwargs: Any,
    ) -> None:
        self.annotator_lr = annotator_lr
        self.dtype = dtype
        self.transform = transform
        self.on_interrupt = on_interrupt
        super().__init__(module, *args, **kwargs)

    def initialize_module(self) -> Self:
        """Build the network in the requested precision."""
        name, given = module_name(self.module), self.get_params_for("module")
        with blamed_on(f"module {name} cannot be built", given):
            super().initialize_module()
        if not isinstance(self.module_, nn.Module):
            raise TypeError(
                f"module {name} builds {described(self.module_)}; it must build a "
                "torch.nn.Module."
            )
        self.module_.to(self.dtype)
        return self

    def initialize_criterion(self) -> Self:
        """Build the criterion and the annotator model in the requested precision."""
        super().initialize_criterion()
        annotators = self.criterion_.annotators
        if annotators.needs_features:
            # A name that begins with module_ is copied together with the module.
            self.module_features_ = LastFeatures(self.module_)
            annotators.build(self.module_features_.width)
        self.criterion_.to(self.dtype)
        return self

    def initialize_optimizer(self, triggered_directly: bool | None = None) -> Self:
        """Build one optimizer for the network and one for the annotator model."""
        args, kwargs = self.get_params_for_optimizer(
            "optimizer", self.module_.named_parameters()
        )
        if not any(True for _ in self.module_.parameters()):
            raise ValueError(
                f"module {module_name(self.module)} has no parameters, so there is "
                "nothing to learn."
            )
        if hasattr(self.module_, "parameter_groups") and "param_groups" not in (
            self.get_params_for("optimizer")
        ):
            args = (self.module_.parameter_groups(self.lr),)
        name = module_name(self.optimizer)
        with blamed_on(f"optimizer {name} cannot be built", kwargs):
            self.optimizer_ = self.optimizer(*args, **kwargs)
        annotators = list(self.criterion_.parameters())
        if annotators:
            has_sparse = self.criterion_.annotators.is_sparse
            kind = SparseAdam if has_sparse else partial(Adam, fused=True)
            self.annotator_optimizer_ = kind(annotators, lr=self.annotator_lr)
        return self

    def __getstate__(self) -> dict[str, Any]:
        """Return the state without that of the annotators' optimizer.

        Adam stores two moments per parameter of the annotator model. On the CPU the
        nested pickle of skorch is not needed; without it pickle and cloudpickle
        serialize every attribute themselves.
        """
        lean: Any = object.__new__(type(self))
        lean.__dict__.update(vars(self))
        lean.__dict__.pop("group_", None)
        lean.__dict__.pop("replica_", None)
        if "annotator_optimizer_" in vars(self):
            lean.annotator_optimizer_ = copy(self.annotator_optimizer_)
            lean.annotator_optimizer_.state = defaultdict(dict)
        if self.device == "cpu":
            return vars(lean)
        for name in TRAINED:  # else stored twice, and not moved to the device
            if vars(self).get(name) is vars(self).get(f"{name}_"):
                lean.__dict__[name] = None
        return super(CrowdNet, lean).__getstate__()

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the state; that of a CUDA device as skorch stores it."""
        if CUDA_STATE not in state:
            self.__dict__.update(state)
            return
        super().__setstate__(state)
        for name in TRAINED:
            if getattr(self, name) is None:
                self.__dict__[name] = getattr(self, f"{name}_", None)

    @property
    def classes_(self) -> IntArray:
        """Codes of the classes, for scikit-learn's scorers."""
        return np.arange(self.criterion_.output.n_classes)

    def __sklearn_tags__(self) -> Tags:
        """Return tags of a classifier or a regressor."""
        tags = super().__sklearn_tags__()
        tags.estimator_type = self.criterion_.output.estimator_type
        if tags.estimator_type == "classifier":
            tags.classifier_tags = ClassifierTags()
        else:
            tags.regressor_tags = RegressorTags()
        return tags

    def check_is_fitted(
        self, attributes: Any = None, *args: Any, **kwargs: Any
    ) -> None:
        """Raise if the net is not initialized; in prediction asked for each batch."""
        if attributes is not None or not self.initialized_:
            super().check_is_fitted(attributes, *args, **kwargs)

    def predict(self, X: Features) -> Array:
        """Predict codes of classes, or numbers in the network's unit.

        Parameters
        ----------
        X : ndarray, CSR matrix, SequenceRows or AnswerRows

        Returns
        -------
        predicted : ndarray of shape (n_items,)
        """
        return self.criterion_.output.predicted(self.predict_proba(X))

    def forward_iter(
        self, X: Features, training: bool = False, device: torch.device | str = "cpu"
    ) -> Iterator[torch.Tensor]:
        """Yield scores of items, or of the item of each answer."""
        if isinstance(X, AnswerRows):
            yield from (scores.to(device) for scores in X.scores())
        else:
            yield from super().forward_iter(X, training, device)

    @staticmethod
    def count_items(X: Features) -> int:
        """Return how many rows of scores belong to X."""
        return X.shape[0]

    def partial_fit(
        self, X: Features, y: AnswersLike = None, classes: Any = None, **fit_params: Any
    ) -> Self:
        """Train, and raise or report a KeyboardInterrupt, which skorch swallows.

        ``on_train_end`` of the callbacks runs in either case. Afterwards the modules
        are in evaluation mode, so that threads that share the net need not switch it.
        """
        n_before = len(self.history)
        self._interrupt: KeyboardInterrupt | None = None
        super().partial_fit(X, y, classes, **fit_params)
        super().set_training_mode(False)
        interrupt, self._interrupt = self._interrupt, None
        self.was_cut = interrupt is not None
        if self.was_cut:
            self._end_or_cut(interrupt, n_before)
        return self

    def fit_loop(self, *args: Any, **kwargs: Any) -> CrowdNet:
        """Train epoch by epoch; store an interrupt that is not early stopping."""
        try:
            return super().fit_loop(*args, **kwargs)
        except KeyboardInterrupt as error:
            if not any(_has_stopped(callback) for _, callback in self.callbacks_):
                self._interrupt = error
            raise

    def _end_or_cut(self, interrupt: Any, n_before: int) -> None:
        """Raise an interrupt, or warn if there is an epoch to keep.

        Parameters
        ----------
        interrupt : KeyboardInterrupt
        n_before : int
            Epochs of earlier trainings.
        """
        if not _is_whole(self.history[-1:], self.train_split):
            del self.history[-1:]
        n_epochs = len(self.history) - n_before
        if self.on_interrupt == "raise" or n_epochs < 1:
            raise interrupt
        warnings.warn(
            f"training was cut by a KeyboardInterrupt at epoch {n_epochs} of "
            f"{self.max_epochs}; what was learned so far is kept.",
            CrowdWarning,
            stacklevel=3,
        )

    @property
    def network(self) -> Any:
        """What scores a batch: the module, or the replica of this process."""
        return self.module_ if self.replica_ is None else self.replica_

    def infer(self, x: Any, **fit_params: Any) -> torch.Tensor:
        """Score a batch; restore the axis that ``squeeze`` removes from one item."""
        if isinstance(x, EncodedBatch):
            encoded = to_tensor(x.values, device=self.device)
            scores: torch.Tensor = self.network(encoded, is_encoded=True, **fit_params)
            return scores
        x = as_network_input(x, self)
        if not (torch.is_tensor(x) or holds_objects(x)):
            x = to_tensor(x, device=self.device)
        if isinstance(x, Mapping):
            scores = self.network(**x, **fit_params)
        else:
            scores = self.network(x, **fit_params)
        is_bare = torch.is_tensor(scores) and not scores.ndim
        return scores.reshape(1) if is_bare else scores

    def train_step_single(
        self, batch: Any, **fit_params: Any
    ) -> dict[str, torch.Tensor]:
        """Compute loss and gradients of a batch, after the transform if any."""
        if self.transform is not None:
            batch = self.transform(*batch)
            if self.group_ is not None:
                X, y = batch
                batch = own_part(X, y, self.group_.part)
        return super().train_step_single(batch, **fit_params)

    def train_step(self, batch: Any, **fit_params: Any) -> dict[str, torch.Tensor]:
        """Train on a batch; step once for several where gradients are accumulated."""
        if self.batches_per_step == 1:
            return super().train_step(batch, **fit_params)
        if not self.n_accumulated:
            self.clear_gradients()
        step = self.train_step_single(batch, **fit_params)
        self.n_accumulated += 1
        if self.n_accumulated == self.batches_per_step:
            self._step_accumulated(batch)
        return step

    def run_single_epoch(
        self,
        iterator: Any,
        training: bool,
        prefix: str,
        step_fn: Any,
        **fit_params: Any,
    ) -> None:
        """Pass through all batches; step for those that are left."""
        self.n_accumulated = 0
        with self._divided(iterator, training):
            super().run_single_epoch(iterator, training, prefix, step_fn, **fit_params)
        if training and self.n_accumulated:
            self._step_accumulated(None)

    @contextmanager
    def _divided(self, iterator: Any, training: bool) -> Iterator[None]:
        """Read this process's part of each batch alone, if several train together.

        A transform needs all of a batch, and is divided after it. After training the
        buffers, such as running means, are those of the first process.
        """
        needs_all = training and self.transform is not None
        if self.group_ is None or iterator is None or needs_all:
            yield
        else:
            iterator.dataset.part = self.group_.part
            try:
                yield
            finally:
                iterator.dataset.part = None
        if self.group_ is not None and training:
            self.group_.synchronize(self.module_.buffers())

    def on_batch_end(
        self, net: CrowdNet, batch: Any = None, training: bool = False, **kwargs: Any
    ) -> None:
        """Record the size of a whole batch, where this process read a part of it."""
        super().on_batch_end(net, batch=batch, training=training, **kwargs)
        if self.group_ is not None and "part_sizes" in batch[1]:
            size = batch[1].get("n_rows", batch[1]["part_sizes"].sum())
            prefix = "train" if training else "valid"
            self.history.record_batch(f"{prefix}_batch_size", int(size))

    def _step_accumulated(self, batch: Any) -> None:
        """Step with the mean of the gradients of several batches."""
        n_batches, self.n_accumulated = self.n_accumulated, 0
        parameters = [*self.module_.parameters(), *self.criterion_.parameters()]
        for parameter in parameters:
            if parameter.grad is not None:
                parameter.grad.div_(n_batches)

        def computed() -> None:
            self.notify(
                "on_grad_computed",
                named_parameters=TeeGenerator(self.get_all_learnable_params()),
                batch=batch,
                training=True,
            )

        self.step_optimizers(computed)

    def get_loss(
        self,
        y_pred: AnswersLike,
        y_true: AnswersLike,
        X: Features = None,
        training: bool = False,
    ) -> torch.Tensor:
        """Compute the loss, with the features of the batch where they are needed."""
        if self.criterion_.annotators.needs_features:
            y_true = {**y_true, "features": self._features_of(X)}
        if self.group_ is not None and "part_sizes" in y_true:
            y_pred, y_true = self._joined(self.group_, y_pred, y_true)
        loss = super().get_loss(y_pred, y_true, X=X, training=training)
        if training and not loss.requires_grad:
            raise ValueError(
                "nothing is left to learn: all weights of module "
                f"{module_name(self.module_)} are frozen; unfreeze some."
            )
        return loss

    @staticmethod
    def _joined(group: ProcessGroup, scores: Any, y: AnswersLike) -> Any:
        """Return the scores, and answers with the features, of the whole batch."""
        sizes = y["part_sizes"].tolist()
        y = {name: values for name, values in y.items() if name != "part_sizes"}
        if "features" in y:
            y["features"] = group.whole(y["features"], sizes)
        return group.whole(scores, sizes), y

    def _features_of(self, x: Any) -> Any:
        """Return the input of the last layer for a batch, (n_items, n_units)."""
        return self.module_features_.last

    def hidden_features(self, X: Features) -> torch.Tensor:
        """Return the input of the last layer for items.

        Parameters
        ----------
        X : ndarray, CSR matrix or SequenceRows

        Returns
        -------
        features : float64 Tensor of shape (n_items, n_units)
        """
        batches = []
        with threads_for(self.module_, PREDICTION_BATCH):
            for batch in self.get_iterator(self.get_dataset(X), training=False):
                self.evaluation_step(batch)
                batches.append(self._features_of(batch[0]))
        return torch.cat(batches).double().cpu()

    def forward(
        self, X: Features, training: bool = False, device: torch.device | str = "cpu"
    ) -> torch.Tensor:
        """Score items; see skorch."""
        with threads_for(self.module_, PREDICTION_BATCH):
            return super().forward(X, training=training, device=device)

    def save_params(self, *args: Any, **kwargs: Any) -> None:
        """Write weights or history, of several processes in the first one alone."""
        if self.group_ is None or self.group_.is_first:
            super().save_params(*args, **kwargs)
        if self.group_ is not None:
            self.group_.wait()

    def set_training_mode(self, training: Any) -> None:
        """Set the mode of the modules where it differs: visiting them takes time."""
        if {self.module_.training, self.criterion_.training} != {training}:
            super().set_training_mode(training)

    def clear_gradients(self) -> None:
        """Set all gradients to None; without the bookkeeping of ``zero_grad``."""
        optimizers = [getattr(self, f"{name}_") for name in optimizer_names(self)]
        for optimizer in optimizers:
            if type(optimizer).zero_grad is not Optimizer.zero_grad:
                optimizer.zero_grad()
                continue
            for group in optimizer.param_groups:
                for parameter in group["params"]:
                    parameter.grad = None

    def step_optimizers(self, step_fn: Any) -> None:
        """Step both optimizers with the gradients of one backward pass."""
        self.optimizer_.step(step_fn)
        if "annotator_optimizer" in optimizer_names(self):
            self.annotator_optimizer_.step()


def _has_stopped(callback: Any) -> bool:
    """Whether early stopping, which raises a KeyboardInterrupt, ended training."""
    return isinstance(callback, EarlyStopping) and callback.misses_ == callback.patience


def _is_whole(epochs: Any, train_split: Any) -> bool:
    """Whether epochs of a history are complete: have all their losses."""
    losses = ["train_loss"] if train_split is None else ["train_loss", "valid_loss"]
    return all(loss in epoch for epoch in epochs for loss in losses)
