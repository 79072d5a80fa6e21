"""What all crowd estimators share: checking, seeds, the network, the method."""

from numbers import Integral, Real

import numpy as np
import torch
from scipy import sparse
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    check_is_fitted,
    validate_data,
)
from torch import nn

from skcrowd.estimators._labels import check_no_missing, split_off_gold
from skcrowd.estimators._modules import sized_parameters
from skcrowd.estimators._routing import RoutedParameters
from skcrowd.methods import Method, Problem, resolve_method
from skcrowd.training import (
    AnswerSplit,
    CrowdNet,
    NetFactory,
    hold_out_items,
    isolated_rng,
    predict_truth,
)

__all__ = ["CrowdEstimator"]

STEPS_AN_EPOCH = 16


class CrowdEstimator(RoutedParameters):
    """Base of the crowd estimators; holds a skorch net, is none.

    An estimator says what is particular to its kind of answers: the methods that it
    knows by name, what a 1-D ``y`` is learned with, and how held-out items are spread.
    """

    _kind: str
    _net = CrowdNet
    _features: dict = {
        "accept_sparse": "csr",
        "allow_nd": True,
        "dtype": [np.float32, np.float64],
    }
    _known_methods: dict[str, type[Method]]
    _supervised: type[Method]

    _parameter_constraints: dict = {
        "method": [str, Method],
        "module": [None, nn.Module, callable],
        "optimizer": [callable],
        "lr": [Interval(Real, 0, None, closed="neither")],
        "max_epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left"), None],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "callbacks": [None, list, tuple],
        "device": [str, torch.device],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    _default_module: type[nn.Module]

    def _check_parameters(self):
        self._make_method()
        self._validate_params()
        self._check_routed()
        _check_device(self.device)
        if isinstance(self.module, nn.Module) and self._routed_for("module"):
            names = ", ".join(f"module__{name}" for name in self._routed_for("module"))
            raise ValueError(
                f"module is an instance of {type(self.module).__name__}, which has its "
                f"parameters already; pass the class to use {names}."
            )

    def _check_X(self, X, *, reset):
        """Check features; float32 and float64 are kept, the rest becomes float32."""
        X = validate_data(self, X, reset=reset, **self._features)
        return self._check_item_shape(_canonical(X), reset=reset)

    def _check_X_y(self, X, y):
        """Check features against labels or answers, which stay as they are.

        Returns
        -------
        X : ndarray of shape (n_items, ...)
        y : object
        is_gold : bool
            Whether ``y`` is 1-D, one certain label an item.
        """
        y, is_gold = split_off_gold(y, self._kind, stacklevel=4)
        if is_gold:
            check_no_missing(y)
            numeric = self._kind == "numbers"
            X, y = validate_data(self, X, y, y_numeric=numeric, **self._features)
            return self._check_item_shape(_canonical(X), reset=True), y, True
        X = self._check_X(X, reset=True)
        check_consistent_length(X, y)
        return X, y, False

    def _check_item_shape(self, X, *, reset):
        if reset:
            self._item_shape = X.shape[1:]
        elif X.shape[1:] != self._item_shape:
            raise ValueError(
                f"X holds items of shape {X.shape[1:]}, but {type(self).__name__} was "
                f"fitted with items of shape {self._item_shape}."
            )
        return X

    def _check_weight(self, sample_weight, X):
        weight = _check_sample_weight(
            sample_weight, X, dtype=np.float64, ensure_non_negative=True
        )
        if not weight.any():
            raise ValueError(
                "sample_weight is zero for every item; give at least one a positive "
                "weight."
            )
        return weight

    def _make_method(self):
        """Return the user's method with its parameters set and checked."""
        method = resolve_method(
            self.method, self._known_methods, self._routed_for("method")
        )
        if method.kind not in self._learnable_kinds():
            raise TypeError(
                f"{type(method).__name__} learns from {method.kind}, but "
                f"{type(self).__name__} from {self._kind}; choose one of "
                f"{', '.join(map(repr, sorted(self._known_methods)))}."
            )
        method._validate_params()
        return method

    def _learnable_kinds(self):
        """Return what a method may learn from."""
        return {self._kind}

    def _look_again(self, problem, method, learned, seed):
        """Do what else needs the problem, with torch still seeded."""

    def _draw_seed(self):
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _learn(self, X, annotations, weight, *, output, held_out, seed, supervised):
        """Pose the problem, let the method learn, keep what it found out."""
        method = self._make_method()
        if supervised:
            method = self._supervised()
        label = type(method).__name__
        factory = self._make_factory(X, annotations, weight, output, held_out, label)
        problem = self._pose(X, annotations, weight, factory, held_out)
        with isolated_rng(seed, factory.device):
            learned = method.learn(problem)
            self._look_again(problem, method, learned, seed)
        self._keep_extras(learned.extras)
        self.net_ = learned.net
        self.history_ = learned.net.history
        self.n_iter_ = len(self.history_)
        self.annotators_ = annotations.annotator_names
        self.n_annotators_ = annotations.n_annotators
        self.annotator_n_answers_ = problem.annotations.answers_per_annotator
        return learned

    def _keep_extras(self, extras):
        """Set what only this method finds out; forget that of an earlier fit."""
        for name in getattr(self, "_extras", ()):
            self.__dict__.pop(name, None)
        self.__dict__.pop("_extras", None)
        if extras:
            self._extras = tuple(extras)
            for name, value in extras.items():
                setattr(self, name, value)

    def _pose(self, X, annotations, weight, factory, held_out):
        """Pack what the method learns from."""
        return Problem(X, annotations, weight, factory, held_out)

    def _answered(self, annotations):
        """Which rows of X have an answer."""
        return annotations.answers_per_item > 0

    def _hold_out(self, annotations, seed):
        """Mark the items that judge training; nobody learns from their answers."""
        if not self.early_stopping:
            return np.zeros(len(annotations), dtype=bool)
        answered = np.flatnonzero(self._answered(annotations))
        strata = self._strata(annotations)
        return hold_out_items(strata, answered, self.validation_fraction, seed)

    def _strata(self, annotations):
        """Return the group of every item that held-out items are spread over."""
        raise NotImplementedError

    def _make_factory(self, X, annotations, weight, output, held_out, label):
        """Put together all that the user decided about network and training."""
        answered = self._answered(annotations)
        if not answered.all():
            X, weight = X[answered], weight[answered]
        module = self._default_module if self.module is None else self.module
        given = self._routed_for("module")
        known = self._sizes(output, X, weight)
        sizes = sized_parameters(module, given, X, known, weight)
        routed = {f"module__{name}": value for name, value in sizes.items()}
        routed.update(self._net_parameters())
        return NetFactory(
            module=module,
            output=output,
            optimizer=self.optimizer,
            lr=self.lr,
            max_epochs=self._sized_epochs(X.shape[0]),
            batch_size=self._sized_batch(X.shape[0]),
            dtype=torch.float64 if X.dtype == np.float64 else torch.float32,
            device=_check_device(self.device),
            net=self._net,
            label=label,
            verbose=self.verbose,
            patience=self.n_iter_no_change if self.early_stopping else None,
            train_split=AnswerSplit(held_out) if self.early_stopping else None,
            callbacks=list(self.callbacks or []),
            routed=routed,
        )

    def _sizes(self, output, X, weight):
        """Sizes that a network class may ask for, beside the number of features."""
        return output.sizes

    def _net_parameters(self):
        routed = getattr(self, "_routed", {})
        return {k: v for k, v in routed.items() if not k.startswith("method__")}

    def _sized_batch(self, n_items):
        if self.batch_size is not None:
            return self.batch_size
        wanted = 2 ** int(np.log2(max(n_items // STEPS_AN_EPOCH, 1)))
        return int(np.clip(wanted, *self._batch_limits()))

    def _sized_epochs(self, n_items):
        """Return how many epochs so many items are trained for."""
        return self.max_epochs

    def _batch_limits(self):
        """Smallest and largest default batch."""
        return 64, 256

    def _fitted_annotators(self, annotations):
        """Return who answered, numbered as in ``fit``, (n_answers,)."""
        names = annotations.annotator_names
        if _are_positions(names, self.annotators_):
            if annotations.n_annotators != self.n_annotators_:
                raise ValueError(
                    f"y has {annotations.n_annotators} annotators, but the estimator "
                    f"was fitted with {self.n_annotators_}; give one column an "
                    "annotator, in the same order."
                )
            return annotations.annotator
        known = {name: number for number, name in enumerate(self.annotators_.tolist())}
        unknown = [name for name in names.tolist() if name not in known]
        if unknown:
            raise ValueError(
                f"y has annotators that the estimator was not fitted with: "
                f"{', '.join(map(repr, unknown[:5]))} ({len(unknown)} in all); leave "
                "their answers out."
            )
        numbers = np.array([known[name] for name in names.tolist()])
        return numbers[annotations.annotator]

    def _predict_truth(self, X):
        """Check X; see :func:`skcrowd.training.predict_truth`."""
        check_is_fitted(self)
        return self._truth(self._check_X(X, reset=False))

    def _truth(self, X):
        return predict_truth(self.net_, self._in_precision(X))

    def _in_precision(self, X):
        """Bring checked features to the precision of the network."""
        dtype = np.float64 if self.net_.dtype == torch.float64 else np.float32
        return X.astype(dtype, copy=False)

    def _hidden_features(self, X):
        """Return what the annotator model wants to know of checked items, or None."""
        if not self.annotator_model_.needs_features:
            return None
        return self.net_.hidden_features(X)

    def __sklearn_tags__(self):
        """Say whether X may be sparse; if the network can take it shows in ``fit``."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = bool(self._features["accept_sparse"])
        return tags


def _canonical(X):
    """Return X, a sparse one with sorted and distinct entries."""
    if sparse.issparse(X) and not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X


def _are_positions(names, fitted):
    """Whether one of two lists of annotators has no names, only positions.

    Integers other than 0, 1, 2, … are names, and match those of ``fit``.
    """
    unnamed, fitted_unnamed = (
        np.array_equal(n, np.arange(len(n))) for n in (names, fitted)
    )
    return unnamed or (fitted_unnamed and names.dtype.kind not in "iu")


def _check_device(device):
    try:
        kind = torch.device(device).type
    except RuntimeError as error:
        raise ValueError(
            f"device={device!r} is no device that torch knows; use 'cpu' or 'cuda'."
        ) from error
    if kind == "cuda" and not torch.cuda.is_available():
        raise ValueError(
            f"device={str(device)!r} was asked for, but torch finds no CUDA device; "
            "use device='cpu'."
        )
    return str(device)
