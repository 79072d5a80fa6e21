"""What all crowd estimators share: checking, seeds, the network, the method."""

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
import torch
from scipy import sparse
from sklearn.utils import check_random_state
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
    validate_data,
)
from torch import nn

from skcrowd._sklearn_compat import Interval, StrOptions, _num_samples
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._check import split_off_truth
from skcrowd.annotations._known import gold_by_row
from skcrowd.annotations._tables import plain_features
from skcrowd.annotations._true_values import read_truth
from skcrowd.annotations._weights import read_weight
from skcrowd.estimators._checkpointing import (
    checkpoint_of,
    unfinished_seed,
    with_checkpoints,
)
from skcrowd.estimators._modules import sized_parameters
from skcrowd.estimators._precision import check_magnitude, in_precision
from skcrowd.estimators._resumption import Resumption, are_positions, places_among
from skcrowd.estimators._routing import RoutedParameters
from skcrowd.estimators._snapshot import working_copy
from skcrowd.estimators._versions import Versioned
from skcrowd.methods import Method, TrainingContext
from skcrowd.methods._check_result import check_extras, check_result
from skcrowd.methods._memory import check_memory
from skcrowd.methods._resolve import resolve_method
from skcrowd.methods._side_information import SideInformation, known_mask
from skcrowd.metrics._scorer_names import structured_agreement
from skcrowd.training import CrowdNet, NetFactory
from skcrowd.training._prediction import predict_truth
from skcrowd.training._refusals import check_numeric_parameters
from skcrowd.training._seeding import isolated_rng
from skcrowd.training._split import AnswerSplit, hold_out_items
from skcrowd.training._user_callbacks import check_callbacks

__all__ = ["CrowdEstimator"]

STEPS_AN_EPOCH = 16


@dataclass(frozen=True)
class CheckedInput:
    """What ``fit`` was given, checked: items of weight zero are left out.

    Attributes
    ----------
    X : ndarray, CSR matrix or SequenceRows of n_kept samples
    annotations : Annotations or SequenceAnnotations
    weight : ndarray of shape (n_kept,)
    gold : ndarray or None
        The truth where it is known, a code or number for each item.
    held_out : bool ndarray of shape (n_kept,)
    output : ClassScores or Number
    is_truth : bool
        Whether the answers are the truth itself.
    seed : int
    all_weight : ndarray of shape (n_samples,)
        Also of the items of weight zero.
    shift : float
        Of numbers, what was added to all answers.
    """

    X: Any
    annotations: Any
    weight: np.ndarray
    gold: Any
    held_out: np.ndarray
    output: Any
    is_truth: bool
    seed: int
    all_weight: np.ndarray
    shift: float = 0.0

    @property
    def kept(self):
        """Which of the samples are the items, (n_samples,)."""
        return self.all_weight > 0


class CrowdEstimator(Versioned, RoutedParameters):
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
        "order": "C",  # sums over rows depend on how they lie in memory
    }
    _known_methods: dict[str, type[Method]]
    _supervised: type[Method]

    annotators_: np.ndarray
    annotator_n_answers_: np.ndarray
    n_annotators_: int
    n_iter_: int
    net_: Any
    on_interrupt = "raise"  # of estimators stored before there was the parameter
    _knows_truth: bool

    # Of estimators that were stored before there were these parameters.
    checkpoint = None
    checkpoint_every = 1

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
        "warm_start": ["boolean"],
        "annotator_prior": [None, Mapping, "array-like"],
        "on_interrupt": [StrOptions({"raise", "keep"})],
        "callbacks": [None, list, tuple],
        "checkpoint": [None, str, os.PathLike],
        "checkpoint_every": [Interval(Integral, 1, None, closed="left")],
        "device": [str, torch.device],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    _default_module: type[nn.Module]

    def _check_parameters(self):
        self._check_routed()
        self._make_method()
        self._validate_params()
        check_numeric_parameters(self)
        _check_device(self.device)
        _check_heard(self.callbacks, self.early_stopping)
        if isinstance(self.module, nn.Module) and self._routed_for("module"):
            names = ", ".join(f"module__{name}" for name in self._routed_for("module"))
            raise ValueError(
                f"module is an instance of {type(self.module).__name__}, which has its "
                f"parameters already; pass the class to use {names}."
            )

    def _check_X(self, X, *, reset):
        """Check features; float32 and float64 are kept, the rest becomes float32."""
        X = plain_features(X)
        with np.errstate(invalid="ignore"):  # of its sum, where huge numbers cancel
            X = validate_data(self, X, reset=reset, **self._features)
        return self._check_item_shape(_canonical(X), reset=reset)

    def _check_X_y(self, X, y, *, reset=True):
        """Check features against labels or answers, which stay as they are.

        Where answers came before (not `reset`), a single column is that of one
        annotator; else it counts as 1-D.

        Returns
        -------
        X : ndarray of shape (n_items, ...)
        y : object
        is_gold : bool
            Whether ``y`` is 1-D, one certain label an item.
        """
        column_is_gold = self._column_is_gold(reset)
        y, is_gold = split_off_truth(
            y, self._kind, stacklevel=6, column_is_truth=column_is_gold
        )
        if is_gold:
            y = read_truth(y, self._kind)
            how = {**self._features, "y_numeric": self._kind == "numbers"}
            X = plain_features(X)
            with np.errstate(invalid="ignore"):
                X, y = validate_data(self, X, y, reset=reset, **how)
            return self._check_item_shape(_canonical(X), reset=reset), y, True
        X = self._check_X(X, reset=reset)
        check_consistent_length(X, y)
        return X, y, False

    def _column_is_gold(self, reset):
        """Whether a single column may be the truth: not after answers."""
        return reset or self._knows_truth

    def _check_item_shape(self, X, *, reset):
        if reset:
            check_magnitude(X)
            if 0 in X.shape[1:]:
                raise ValueError(
                    f"Found array with 0 feature(s) (shape={X.shape}) while a minimum "
                    f"of 1 is required by {type(self).__name__}; items of shape "
                    f"{X.shape[1:]} hold nothing to learn from."
                )
            self._item_shape = X.shape[1:]
        elif X.shape[1:] != self._item_shape:
            raise ValueError(
                f"X holds items of shape {X.shape[1:]}, but {type(self).__name__} was "
                f"fitted with items of shape {self._item_shape}."
            )
        return X

    def _check_weight(self, sample_weight, X):
        weight = read_weight(sample_weight, _num_samples(X))
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
        check_numeric_parameters(method)
        return method

    def _learnable_kinds(self):
        """Return what a method may learn from."""
        return {self._kind}

    def _calibrate(self, context, method, result, seed):
        """Do what else needs the problem, with torch still seeded."""

    def _draw_seed(self, *given):
        """Draw the seed of a fit; one that was killed has drawn it already."""
        seed = unfinished_seed(self, *given)
        if seed is not None:
            return seed
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _check_part(self):
        """Raise if the parameters do not allow ``partial_fit``."""
        if self.early_stopping:
            raise ValueError(
                "partial_fit makes one pass over the samples, so there is nothing to "
                "stop early; set early_stopping=False."
            )
        if self.checkpoint is not None:
            raise ValueError(
                "partial_fit makes one pass over the samples, so there is nothing to "
                f"resume, but checkpoint={os.fspath(self.checkpoint)!r}; set "
                "checkpoint=None, and store the estimator between calls with "
                "skcrowd.save."
            )

    @staticmethod
    def _gold_of_rows(gold, X, y):
        """Bring a dict from row to true value to one value a row."""
        if not isinstance(gold, Mapping):
            return gold
        return gold_by_row(gold, _num_samples(plain_features(X)), X, y)

    def _check_gold_beside(self, gold, is_truth):
        if gold is not None and is_truth:
            raise ValueError(
                "gold was given beside a 1-D y, which is the truth itself; pass the "
                "answers of annotators as a matrix, or leave gold out."
            )

    def _checked_input(self, X, annotations, all_weight, gold, is_truth, is_part):
        """Draw the seed, hold out items, and pack what the fit is about."""
        seed = self._draw_seed(annotations, all_weight, gold)
        weight = all_weight[all_weight > 0]
        held_out = np.zeros(len(weight), dtype=bool)
        if not is_part:
            held_out = self._hold_out(annotations, gold, seed)
        return CheckedInput(
            X,
            annotations,
            weight,
            gold,
            held_out,
            self._output(annotations),
            is_truth,
            seed,
            all_weight,
        )

    def _output(self, annotations):
        """How to read what the network returns."""
        raise NotImplementedError

    def _fit(self, X, y, sample_weight, gold, *, is_part=False, **options):
        """Check, read, learn, and only then change the estimator.

        Everything is set on a copy, whose attributes are taken over once all went
        well: whatever is raised before leaves the estimator as it was, and whoever
        predicts with it meanwhile sees the earlier fit.

        Parameters
        ----------
        X, y, sample_weight, gold : object
            What the user gave.
        is_part : bool, default=False
            Whether this is one pass of ``partial_fit``.
        **options
            What else `_read_input` of the estimator takes.
        """
        learner = working_copy(self)
        before = dict(vars(self))
        learner._check_parameters()
        beside = {"gold": gold, "lengths": options.get("lengths")}
        check_aligned(X=X, y=y, sample_weight=sample_weight, **beside)
        resumption = Resumption.of(self, is_part=is_part)
        gold = self._gold_of_rows(gold, X, y)
        checked = learner._read_input(resumption, X, y, sample_weight, gold, **options)
        context, method = learner._make_problem_context(checked, resumption)
        with checkpoint_of(self, checked, context, method) as checkpoint:
            context = with_checkpoints(context, checkpoint)
            result = learner._learn(checked, context, method, resumption)
            learner._set_fitted_attributes(checked, context, result, resumption)
            self._take_over(learner, before)
        return self

    def _take_over(self, learner, before):
        """Take over, at once, all that a fit has set.

        What it left as it was, and is no fitted attribute, may have been set meanwhile,
        by a callback for example, and stays so.

        Parameters
        ----------
        learner : CrowdEstimator
            The working copy that was fitted.
        before : dict
            The attributes that it began with.
        """
        after, state = vars(learner), dict(vars(self))
        for name in {*before, *after}:
            is_in_both = name in before and name in after
            if is_in_both and after[name] is before[name] and not _is_fitted(name):
                continue
            state.pop(name, None)
            if name in after:
                state[name] = after[name]
        self.__dict__ = state

    def _read_input(self, *given: Any, **options: Any):
        """Check and read what ``fit`` was given.

        Parameters
        ----------
        *given : object
            The Resumption, X, y, sample_weight and gold.
        **options
            What else this kind of estimator takes.

        Returns
        -------
        checked : CheckedInput
        """
        raise NotImplementedError

    def _make_problem_context(self, checked, resumption):
        """Pose the problem for the method.

        Returns
        -------
        context : TrainingContext
        method : Method
        """
        method = self._supervised() if checked.is_truth else self._make_method()
        factory = self._make_factory(checked, type(method).__name__)
        factory.check_callbacks()
        factory = resumption.factory(factory)
        tokens = getattr(checked.annotations, "tokens", checked.annotations)
        prior = None
        if self.annotator_prior is not None and not checked.is_truth:
            names, is_part = tokens.annotator_names, resumption.is_part
            prior = self._prior_counts(names, checked, all_are_here=not is_part)
        is_identified = self._is_identified(checked, resumption.resumes)
        side_information = SideInformation(
            checked.gold, prior, prior, is_identified=is_identified
        )
        side_information = resumption.side_information(side_information, tokens)
        context = self._make_context(checked, factory, side_information)
        check_memory(method, context)
        return context, method

    def _learn(self, checked, context, method, resumption):
        """Let the method learn, keep what every method finds out.

        Returns
        -------
        result : MethodResult
        """
        tokens = getattr(checked.annotations, "tokens", checked.annotations)
        with isolated_rng(checked.seed, context.factory.device):
            result = check_result(method, method.learn(context), context)
            check_extras(method, result.extras, self)
            self._calibrate(context, method, result, checked.seed)
        self._knows_truth = checked.is_truth
        self._set_extras(result.extras)
        self._set_counts(tokens, result.net, adds=resumption.adds)
        self._set_evidence(tokens, result.posterior, adds=resumption.adds)
        return result

    def _set_fitted_attributes(self, checked, context, result, resumption):
        """Set what this kind of estimator finds out, from what its method did."""
        raise NotImplementedError

    def _set_counts(self, tokens, net, *, adds):
        """Keep network and history, and how much each annotator said."""
        self.n_iter_ = len(net.history) + (self.n_iter_ if adds else 0)
        n_answers = tokens.answers_per_annotator
        if adds:
            n_answers = n_answers.copy()
            n_answers[: self.n_annotators_] += self.annotator_n_answers_
        self.net_, self.history_ = net, net.history
        self.annotators_ = tokens.annotator_names
        self.n_annotators_ = tokens.n_annotators
        self.annotator_n_answers_ = n_answers

    def _known_parameters(self, rows):
        """Return what is known of some annotators, the crowd's for new ones (-1)."""
        raise NotImplementedError

    def _prior_counts(self, names, checked, *, all_are_here):
        """Count what ``annotator_prior`` says of the annotators of some names."""
        raise NotImplementedError

    def _is_identified(self, checked, resumes):
        """Whether an earlier fit has found out the unit of the truth."""
        return False

    def _memory(self):
        """Return the counts of all answers so far."""
        raise NotImplementedError

    def _set_extras(self, extras):
        """Set what only this method finds out; forget that of an earlier fit."""
        for name in getattr(self, "_extras", ()):
            self.__dict__.pop(name, None)
        self.__dict__.pop("_extras", None)
        if extras:
            self._extras = tuple(extras)
            for name, value in extras.items():
                setattr(self, name, value)

    def _make_context(self, checked, factory, side_information):
        """Pack what the method learns from."""
        return TrainingContext(
            checked.X,
            checked.annotations,
            checked.weight,
            factory,
            checked.held_out,
            side_information,
        )

    def _answered(self, annotations):
        """Which rows of X have an answer."""
        return annotations.answers_per_item > 0

    def _known(self, annotations, gold):
        """Which rows of X have an answer, or a known truth."""
        answered = self._answered(annotations)
        return (
            answered if gold is None else answered | self._has_gold(annotations, gold)
        )

    def _hold_out(self, annotations, gold, seed):
        """Mark the items that judge training; nobody learns from their answers.

        Items whose truth is known are worth more to learn from: they judge only where
        there are no others.
        """
        if not self.early_stopping:
            return np.zeros(len(annotations), dtype=bool)
        candidates = self._answered(annotations)
        if gold is not None:
            others = candidates & ~self._has_gold(annotations, gold)
            candidates = others if others.sum() > 1 else candidates
        answered = np.flatnonzero(candidates)
        strata = self._strata(annotations)
        return hold_out_items(strata, answered, self.validation_fraction, seed)

    def _has_gold(self, annotations, gold):
        """Which rows of X have a known truth."""
        return known_mask(gold)

    def _strata(self, annotations):
        """Return the group of every item that held-out items are spread over."""
        raise NotImplementedError

    def _make_factory(self, checked, label):
        """Put together all that the user decided about network and training."""
        X, weight, output = checked.X, checked.weight, checked.output
        known = self._known(checked.annotations, checked.gold)
        if not known.all():
            X, weight = X[known], weight[known]
        module = self._default_module if self.module is None else self.module
        given = self._routed_for("module")
        offered = self._sizes(output, X, weight)
        sizes = sized_parameters(module, given, X, offered, weight)
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
            train_split=AnswerSplit(checked.held_out) if self.early_stopping else None,
            callbacks=list(self.callbacks or []),
            routed=routed,
            on_interrupt=self.on_interrupt,
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
        if are_positions(names, self.annotators_):
            if annotations.n_annotators != self.n_annotators_:
                raise ValueError(
                    f"y has {annotations.n_annotators} annotators, but the estimator "
                    f"was fitted with {self.n_annotators_}; give one column an "
                    "annotator, in the same order."
                )
            return annotations.annotator
        places = places_among(names, self.annotators_)
        unknown = names[places < 0].tolist()
        if unknown:
            raise ValueError(
                f"y has annotators that the estimator was not fitted with: "
                f"{', '.join(map(repr, unknown[:5]))} ({len(unknown)} in all); leave "
                "their answers out."
            )
        return places[annotations.annotator]

    def _score_answers(self, evaluation, sample_weight):
        """Score answers beside predictions, without any true label."""
        weight = evaluation.item_weight(sample_weight)
        return float(structured_agreement.measure(evaluation, weight))

    def _predict_truth(self, X):
        """Check X; see ``predict_truth``."""
        check_is_fitted(self)
        return self._truth(self._check_X(X, reset=False))

    def _truth(self, X):
        return predict_truth(self.net_, self._in_precision(X))

    def _in_precision(self, X):
        """Bring checked features to the precision of the network."""
        return in_precision(X, self._precision())

    def _precision(self):
        """Type of the features that the network takes."""
        return np.float64 if self.net_.dtype == torch.float64 else np.float32

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


def _is_fitted(name):
    """Whether an attribute is what a fit finds out, rather than a parameter."""
    is_set_by_users = name in ("_routed", "_metadata_request")
    return name.endswith("_") or (name.startswith("_") and not is_set_by_users)


def _canonical(X):
    """Return X, a sparse one with sorted and distinct entries."""
    if sparse.issparse(X) and not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X


def _check_heard(callbacks, early_stopping):
    """Check callbacks; warn of those that score held-out items, if there are none."""
    unheard = check_callbacks(callbacks, holds_out=early_stopping)
    if unheard:
        warnings.warn(
            f"{', '.join(unheard)} scores held-out items, of which there are none, so "
            "it does nothing; set early_stopping=True, or score the training items "
            "with on_train=True.",
            stacklevel=5,
        )


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
