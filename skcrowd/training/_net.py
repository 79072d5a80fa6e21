"""The skorch net of this package, and the factory that builds it."""

import warnings
from collections import defaultdict
from copy import copy, deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from scipy import sparse
from sklearn.utils import ClassifierTags, RegressorTags
from skorch import NeuralNet
from skorch.callbacks import EarlyStopping
from torch import nn
from torch.optim import Adam, SparseAdam

from skcrowd.annotations._memory import check_fits, is_large
from skcrowd.exceptions import CrowdWarning
from skcrowd.training._answer_scoring import AnswerRows
from skcrowd.training._callbacks import BestEpoch, LinearDecay, ProgressBar
from skcrowd.training._checkpoint import TrainingCheckpoints
from skcrowd.training._data import BatchLoader, CrowdDataset
from skcrowd.training._did_you_mean import did_you_mean
from skcrowd.training._features import LastFeatures
from skcrowd.training._finite import check_finite, finite_items
from skcrowd.training._refusals import OutputError, blamed_on, described, module_name
from skcrowd.training._threads import threads_for
from skcrowd.training._user_callbacks import (
    adapted_callbacks,
    has_print_log,
    has_schedule,
)

__all__ = ["CrowdNet", "NetFactory", "predict_truth"]

PREDICTION_BATCH = 1024
MOVED = "__cuda_dependent_attributes__"  # skorch's pickle within the pickle
TRAINED = ("module", "criterion")  # parameters of skorch that it may train as they are


class CrowdNet(NeuralNet):
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
        What a KeyboardInterrupt does to training: end it, or cut it with a warning.

    Attributes
    ----------
    built_with_ : dict
        What a network class is built with, also where the net goes on with a network
        that was built before.
    was_cut : bool
        Whether a KeyboardInterrupt cut the last training.
    """

    built_with_: dict
    on_interrupt = "raise"  # of nets stored before there was the parameter
    was_cut = False
    dataset_kind: type[CrowdDataset] = CrowdDataset

    def __init__(
        self,
        module,
        *args,
        dtype=torch.float32,
        annotator_lr=1e-2,
        transform=None,
        on_interrupt="raise",
        **kwargs,
    ):
        self.annotator_lr = annotator_lr
        self.dtype = dtype
        self.transform = transform
        self.on_interrupt = on_interrupt
        super().__init__(module, *args, **kwargs)

    def initialize_module(self):
        """Build the network in the precision asked for."""
        name, given = module_name(self.module), self.get_params_for("module")
        with blamed_on(f"module {name} cannot be built with {_listed(given)}"):
            super().initialize_module()
        if not isinstance(self.module_, nn.Module):
            raise TypeError(
                f"module {name} builds {described(self.module_)}; it must build a "
                "torch.nn.Module."
            )
        self.module_.to(self.dtype)
        return self

    def initialize_criterion(self):
        """Show the annotator model the network, bring it to the precision asked for."""
        super().initialize_criterion()
        annotators = self.criterion_.annotators
        if annotators.needs_features:
            # A name that begins with module_ is copied together with the module.
            self.module_features_ = LastFeatures(self.module_)
            annotators.build(self.module_features_.width)
        self.criterion_.to(self.dtype)
        return self

    def initialize_optimizer(self, triggered_directly=None):
        """One optimiser for the network, one for the annotator model."""
        args, kwargs = self.get_params_for_optimizer(
            "optimizer", self.module_.named_parameters()
        )
        if not any(True for _ in self.module_.parameters()):
            raise ValueError(
                f"module {module_name(self.module)} has no parameters, so there is "
                "nothing to learn."
            )
        name = module_name(self.optimizer)
        with blamed_on(f"optimizer {name} cannot be built with {_listed(kwargs)}"):
            self.optimizer_ = self.optimizer(*args, **kwargs)
        annotators = list(self.criterion_.parameters())
        if annotators:
            has_sparse = self.criterion_.annotators.is_sparse
            kind = SparseAdam if has_sparse else partial(Adam, fused=True)
            self.annotator_optimizer_ = kind(annotators, lr=self.annotator_lr)
        return self

    def __getstate__(self):
        """Leave out what the annotators' optimiser remembers; it starts afresh.

        Adam remembers two numbers for each that an annotator has. What is on the CPU
        needs no pickle within the pickle, as skorch makes it, so that cloudpickle and
        pickle see all there is.
        """
        lean = object.__new__(type(self))
        lean.__dict__.update(vars(self))
        if "annotator_optimizer_" in vars(self):
            lean.annotator_optimizer_ = copy(self.annotator_optimizer_)
            lean.annotator_optimizer_.state = defaultdict(dict)
        if self.device == "cpu":
            return vars(lean)
        for name in TRAINED:  # else they would be there twice, and not be moved
            if vars(self).get(name) is vars(self).get(f"{name}_"):
                lean.__dict__[name] = None
        return super(CrowdNet, lean).__getstate__()

    def __setstate__(self, state):
        """Take over the state; what was on another device comes as skorch has it."""
        if MOVED not in state:
            self.__dict__.update(state)
            return
        super().__setstate__(state)
        for name in TRAINED:
            if getattr(self, name) is None:
                self.__dict__[name] = getattr(self, f"{name}_", None)

    @property
    def classes_(self):
        """Codes of the classes, which scorers of scikit-learn ask for."""
        return np.arange(self.criterion_.output.n_classes)

    def __sklearn_tags__(self):
        """Say whether classes are predicted, or numbers."""
        tags = super().__sklearn_tags__()
        tags.estimator_type = self.criterion_.output.estimator_type
        if tags.estimator_type == "classifier":
            tags.classifier_tags = ClassifierTags()
        else:
            tags.regressor_tags = RegressorTags()
        return tags

    def predict(self, X):
        """Predict codes of classes, or numbers in the network's unit.

        Parameters
        ----------
        X : ndarray, CSR matrix, SequenceRows or AnswerRows

        Returns
        -------
        predicted : ndarray of shape (n_items,)
        """
        return self.criterion_.output.predicted(self.predict_proba(X))

    def forward_iter(self, X, training=False, device="cpu"):
        """Yield what the network returns of items, or of the item of each answer."""
        if isinstance(X, AnswerRows):
            yield from (scores.to(device) for scores in X.scores())
        else:
            yield from super().forward_iter(X, training, device)

    @staticmethod
    def count_items(X):
        """Return how many rows of scores belong to X."""
        return X.shape[0]

    def partial_fit(self, X, y=None, classes=None, **fit_params):
        """Train; where skorch is silent about a KeyboardInterrupt, raise or warn.

        Callbacks see the end of training either way. Afterwards the network predicts,
        so that threads that share it find it ready.
        """
        self._interrupt, n_before = None, len(self.history)
        super().partial_fit(X, y, classes, **fit_params)
        super()._set_training(False)
        interrupt, self._interrupt = self._interrupt, None
        self.was_cut = interrupt is not None
        if self.was_cut:
            self._end_or_cut(interrupt, n_before)
        return self

    def fit_loop(self, *args, **kwargs):
        """Train epoch by epoch, and tell interrupts from early stopping."""
        try:
            return super().fit_loop(*args, **kwargs)
        except KeyboardInterrupt as error:
            if not any(_has_stopped(callback) for _, callback in self.callbacks_):
                self._interrupt = error
            raise

    def _end_or_cut(self, interrupt, n_before):
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

    def infer(self, x, **fit_params):
        """Read the one item that a bare ``squeeze`` left without an axis."""
        scores = super().infer(x, **fit_params)
        is_bare = torch.is_tensor(scores) and not scores.ndim
        return scores.reshape(1) if is_bare else scores

    def train_step_single(self, batch, **fit_params):
        """Step on a batch, or on what is made of it."""
        if self.transform is not None:
            batch = self.transform(*batch)
        return super().train_step_single(batch, **fit_params)

    def get_loss(self, y_pred, y_true, X=None, training=False):
        """Hand on, beside the scores, the features that they come from."""
        if self.criterion_.annotators.needs_features:
            y_true = {**y_true, "features": self._features_of(X)}
        loss = super().get_loss(y_pred, y_true, X=X, training=training)
        if training and not loss.requires_grad:
            raise ValueError(
                "nothing is left to learn: all weights of module "
                f"{module_name(self.module_)} are frozen; unfreeze some."
            )
        return loss

    def _features_of(self, x):
        """Features that the last layer saw of a batch, (n_items, n_units)."""
        return self.module_features_.seen

    def hidden_features(self, X):
        """Return what the last layer sees of items.

        Parameters
        ----------
        X : ndarray, CSR matrix or SequenceRows

        Returns
        -------
        features : float64 Tensor of shape (n_items, n_units)
        """
        seen = []
        with threads_for(self.module_, PREDICTION_BATCH):
            for batch in self.get_iterator(self.get_dataset(X), training=False):
                self.evaluation_step(batch)
                seen.append(self._features_of(batch[0]))
        return torch.cat(seen).double().cpu()

    def forward(self, X, training=False, device="cpu"):
        """Score items; see skorch."""
        with threads_for(self.module_, PREDICTION_BATCH):
            return super().forward(X, training=training, device=device)

    def _set_training(self, training=True):
        """Walk through the modules only where the mode changes, not at every step."""
        if {self.module_.training, self.criterion_.training} != {training}:
            super()._set_training(training)

    def _step_optimizer(self, step_fn):
        """Step both optimisers on the gradients of one backward pass."""
        self.optimizer_.step(step_fn)
        if "annotator_optimizer" in self._optimizers:
            self.annotator_optimizer_.step()


def _has_stopped(callback):
    """Whether a callback ends training as skorch does it, by a KeyboardInterrupt."""
    return isinstance(callback, EarlyStopping) and callback.misses_ == callback.patience


def _is_whole(epochs, train_split):
    """Whether epochs of a history have all their losses."""
    losses = ["train_loss"] if train_split is None else ["train_loss", "valid_loss"]
    return all(loss in epoch for epoch in epochs for loss in losses)


@dataclass(frozen=True)
class NetFactory:
    """Everything about the network and its training that the user decides.

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
        What the progress bar is called.
    verbose : int
    lr_schedule : {"constant", "linear"}
    patience : int or None
        Epochs without improvement before training stops; None trains to the end.
    train_split : callable or None
        Splits a data set into training and held-out items.
    callbacks : list
        The user's skorch callbacks.
    routed : dict
        Parameters such as ``module__hidden`` or ``optimizer__weight_decay``.
    start_from : torch.nn.Module or None
        A trained network to begin with, instead of a fresh one.
    optimizer_state : dict or None
        What the optimiser remembers of each parameter, to begin with.
    on_interrupt : {"raise", "keep"}
        See :class:`CrowdNet`.
    checkpoints : TrainingCheckpoints or None
        Where the trainings of this fit are stored, to resume them.
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
    callbacks: list = field(default_factory=list)
    routed: dict = field(default_factory=dict)
    start_from: Any = None
    optimizer_state: dict | None = None
    on_interrupt: str = "raise"
    checkpoints: TrainingCheckpoints | None = None

    def build(
        self,
        criterion,
        *,
        callbacks=(),
        annotator_lr=1e-2,
        warm_epochs=0,
        transform=None,
    ):
        """Build an untrained net, ready for ``partial_fit``.

        Parameters
        ----------
        criterion : CrowdLoss
        callbacks : sequence of (str, skorch.callbacks.Callback)
            What the method wants done between epochs.
        annotator_lr : float
            Learning rate of the annotator model.
        warm_epochs : int
            Epochs that early stopping does not judge.
        transform : callable
            See :class:`CrowdNet`.
        """
        settings = {
            "callbacks__print_log": None,
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
            callbacks=[*callbacks, *self._own_callbacks(warm_epochs)],
            predict_nonlinearity=self.output.nonlinearity,
            device=self.device,
            dtype=self.dtype,
            on_interrupt=self.on_interrupt,
            verbose=int(has_print_log(self.callbacks)),
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

    def _routed(self):
        """Leave out the sizes of a network that is there already."""
        if self.start_from is None:
            return self.routed
        return {k: v for k, v in self.routed.items() if not k.startswith("module__")}

    def fresh(self):
        """Return a factory of nets that know nothing of an earlier fit."""
        return replace(self, start_from=None, optimizer_state=None)

    def quiet(self, **changes):
        """Return a factory of nets that train beside the one the user asked for.

        Without their callbacks, and without a progress bar.

        Parameters
        ----------
        **changes
            Further attributes to replace.
        """
        routed = {k: v for k, v in self.routed.items() if "callbacks__" not in k}
        return replace(self, callbacks=[], verbose=0, routed=routed, **changes)

    def train(self, net, dataset):
        """Train a net on a data set; where the fit resumes, from a checkpoint on.

        Parameters
        ----------
        net : CrowdNet
            As :meth:`build` returned it.
        dataset : CrowdDataset
        """
        if self.checkpoints is None:
            net.partial_fit(dataset)
        else:
            self.checkpoints.train(net, dataset)

    def branches(self, n_branches):
        """Return a factory for each of some fits beside each other.

        Their checkpoints do not depend on which of them ends first.
        """
        if self.checkpoints is None:
            return [self] * n_branches
        branches = self.checkpoints.branches(n_branches)
        return [replace(self, checkpoints=branch) for branch in branches]

    def check_callbacks(self):
        """Refuse options of callbacks that do not exist, which skorch ignores.

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

    def _own_module(self):
        """Copy an instance, so that fitting leaves the user's untouched."""
        module = self.module if self.start_from is None else self.start_from
        if not isinstance(module, nn.Module):
            return module
        with blamed_on(f"module {module_name(module)} cannot be copied"):
            return deepcopy(module)

    def _own_callbacks(self, warm_epochs):
        own: list = []
        if self.lr_schedule == "linear" and not has_schedule(self.callbacks):
            own.append(("lr_schedule", LinearDecay()))
        if self.patience is not None:
            best = BestEpoch(self.patience, first_epoch=warm_epochs + 1)
            own.append(("best_epoch", best))
        if self.verbose:
            own.append(("progress_bar", ProgressBar(self.label)))
        return [*adapted_callbacks(self.callbacks), *own]

    def check_scores(self, net, X):
        """Pass two items through the network and check what comes out.

        Raises
        ------
        ValueError
            If the network cannot take a sparse X, or what it returns does not fit.
        """
        sample, name = X[:2], type(net.module_).__name__
        if sparse.issparse(sample):
            what = (
                f"module {name} cannot take X as a sparse matrix. Put TruncatedSVD in "
                "front of the estimator in a Pipeline, pass X.toarray(), or use a "
                "network whose first layer is nn.Linear"
            )
        else:
            what = f"module {name} cannot take the first items of X"
        with blamed_on(what):
            if sparse.issparse(sample):
                _try_step(net, sample)
            batch = next(iter(net.get_iterator(net.get_dataset(sample), False)))
            scores = net.evaluation_step(batch)
        self.output.check(scores, net.count_items(sample), name)
        if sample.shape[0] > 1:  # batch normalisation cannot train on one item
            with blamed_on(f"{what} in training"):
                _try_training(net, batch, name)


def _try_training(net, batch, name):
    """Score a batch as in training, and leave no trace of it.

    Raises
    ------
    OutputError
        If nothing could be learned from what the network returns.
    """
    buffers = {key: values.clone() for key, values in net.module_.named_buffers()}
    net._set_training(training=True)
    try:
        with torch.random.fork_rng(), torch.enable_grad():
            scores = net.infer(batch[0])
    finally:
        net._set_training(training=False)
        for key, values in net.module_.named_buffers():
            values.copy_(buffers[key])
    if not torch.is_tensor(scores):
        raise OutputError(
            f"module {name} returns {described(scores)} in training; it must return "
            "one tensor, as in evaluation."
        )
    can_learn = any(p.requires_grad for p in net.module_.parameters())
    if can_learn and not scores.requires_grad:
        raise OutputError(
            f"module {name} returns scores that have no gradient, so it cannot learn; "
            "leave out detach(), torch.no_grad() and NumPy in its forward."
        )


def _listed(parameters):
    """Show parameters as they are written in a call."""
    shown = ", ".join(f"{key}={str(value)[:60]}" for key, value in parameters.items())
    return shown or "no parameters"


def _try_step(net, X):
    """Pass items forward and backward in training, through a copy of the network."""
    module = deepcopy(net.module_).train()
    batch = net.get_dataset(X)[slice(None), None][0].to(net.device)
    with torch.random.fork_rng():
        module(batch).sum().backward()


def _fused(optimizer, routed):
    """One pass over all parameters, where torch offers it and the user is silent."""
    known = optimizer in (torch.optim.Adam, torch.optim.AdamW, torch.optim.SGD)
    chosen = {f"optimizer__{name}" for name in ("fused", "foreach", "differentiable")}
    return {"optimizer__fused": True} if known and not chosen & set(routed) else {}


def predict_truth(net, X):
    """Predict the truth of items.

    Parameters
    ----------
    net : CrowdNet
    X : ndarray or CSR matrix of shape (n_items, ...)

    Returns
    -------
    truth : float64 ndarray of shape (n_items, n_classes) or (n_items,)
        Log-probabilities of the classes, or numbers.

    Raises
    ------
    ValueError
        If the network returns something that is not finite.
    """
    output = net.criterion_.output
    shape = net.count_items(X), getattr(output, "n_classes", 0)
    if not is_large(*shape):
        scores = net.forward(X).double()
        check_finite(finite_items(scores), X, net)
        return output.truth(scores).t().numpy()
    check_fits(
        8 * shape[0] * shape[1],
        f"what the network says of {shape[0]} items and {shape[1]} classes",
        "predict fewer items at a time",
    )
    truth, is_finite, done = np.empty(shape), np.empty(shape[0], dtype=bool), 0
    for scores in net.forward_iter(X):
        batch = slice(done, done + len(scores))
        truth[batch] = output.truth(scores.cpu().double()).t().numpy()
        is_finite[batch], done = finite_items(scores), batch.stop
    check_finite(is_finite, X, net)
    return truth
