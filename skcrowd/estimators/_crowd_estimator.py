"""Base class of the crowd estimators, with the template of ``fit``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import nn

from skcrowd._sklearn_compat import Interval, StrOptions
from skcrowd.aggregation._annotator_groups import group_names
from skcrowd.aggregation._vote_discount import DependentGroups
from skcrowd.annotations._alignment import check_aligned
from skcrowd.estimators._annotator_matching import fitted_annotators
from skcrowd.estimators._checked_input import CheckedInput
from skcrowd.estimators._checkpointing import checkpoint_of, with_checkpoints
from skcrowd.estimators._distribution import check_same_input
from skcrowd.estimators._held_out import (
    check_validation,
    chosen_validation,
    draw_seed,
    hold_out,
)
from skcrowd.estimators._html import HTMLSummary
from skcrowd.estimators._input_checks import check_features, gold_of_rows
from skcrowd.estimators._items_input import is_of_user
from skcrowd.estimators._network_factory import default_batch_size, make_factory
from skcrowd.estimators._parameter_checks import check_parameters, make_method
from skcrowd.estimators._precision import in_precision
from skcrowd.estimators._resumption import Resumption
from skcrowd.estimators._routing import RoutedParameters
from skcrowd.estimators._snapshot import take_over, working_copy
from skcrowd.estimators._training_items import item_hashes
from skcrowd.estimators._used_columns import warn_of_left_out
from skcrowd.estimators._versions import Versioned
from skcrowd.methods import Method, TrainingContext
from skcrowd.methods._check_result import check_extras, check_result
from skcrowd.methods._side_information import SideInformation
from skcrowd.methods._training_memory import check_memory
from skcrowd.training import CrowdNet
from skcrowd.training._prediction import predict_truth
from skcrowd.training._seeding import isolated_rng

if TYPE_CHECKING:
    from sklearn.utils import Tags

    from skcrowd._typing import (
        AnswersLike,
        Array,
        BoolArray,
        Features,
        FloatArray,
        Gold,
        Groups,
        IntArray,
        PathLike,
        SparseMatrix,
    )
    from skcrowd.annotations import Annotations
    from skcrowd.estimators._category_columns import ColumnCategories
    from skcrowd.methods import MethodResult, SequenceTrainingContext
    from skcrowd.training import ClassScores, NetFactory, Number
    from skcrowd.training._items import PartColumns


__all__ = ["CrowdEstimator"]


class CrowdEstimator(Versioned, RoutedParameters, HTMLSummary):
    """Base class of the crowd estimators, which hold a skorch net.

    A subclass reads its kind of input (`_read_input`), and sets fitted attributes from
    the result of a method (`_set_fitted_attributes`).
    """

    _kind: str
    _method_kinds: tuple[str, ...]  # the kinds of answers that methods may learn from
    _net = CrowdNet
    _feature_checks: dict[str, Any] = {
        "accept_sparse": "csr",
        "allow_nd": True,
        "dtype": [np.float32, np.float64],
        "order": "C",  # rounding of sums depends on the memory layout
    }
    _known_methods: dict[str, type[Method]]
    _supervised: type[Method]  # learns from a 1-D y
    _default_module: type[nn.Module]

    annotator_model_: Any
    annotator_n_answers_: IntArray
    annotator_prior: Any
    annotators_: Array
    batch_size: int | None
    early_stopping: bool
    max_epochs: Any
    n_annotators_: int
    n_iter_: int
    net_: Any
    validation_fraction: float
    _is_truth_given: bool
    _item_shape: tuple[Any, ...]

    # Defaults for estimators that were pickled before these parameters existed.
    criterion: Any = None
    checkpoint: PathLike | None = None
    checkpoint_every: int = 1
    distributed: bool = False
    on_interrupt: str = "raise"
    _training_items: Array | None = None
    _validation: BoolArray | None = None
    _column_categories: ColumnCategories = ()
    _part_columns: PartColumns = ()  # names of columns of parts of X
    _answer_times: tuple[Array, Array] | None = None  # annotators and times
    _annotator_groups: tuple[IntArray, list[Any]] | None = None  # numbers and names
    _group_excess: FloatArray | None = None

    _parameter_constraints: dict[str, Any] = {
        "method": [str, Method],
        "criterion": [None, nn.Module, callable],
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
        "distributed": ["boolean"],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def _fit(
        self,
        X: Features,
        y: AnswersLike,
        sample_weight: Any,
        gold: Gold,
        *,
        is_part: bool = False,
        validation: Any = None,
        **options: Any,
    ) -> Self:
        """Check and read the input, learn, and set all fitted attributes at once.

        Attributes are set on a copy, and transferred to the estimator after all steps
        have succeeded. An error therefore leaves the estimator unchanged, and
        predictions in other threads use the previous fit until then.

        Parameters
        ----------
        X, y, sample_weight, gold : object
            As passed by the user.
        is_part : bool, default=False
            Whether this is one pass of ``partial_fit``.
        validation : array-like of shape (n_samples,), default=None
            Which samples are the validation set.
        **options
            Further arguments of `_read_input`.
        """
        learner = working_copy(self)
        attributes_before = dict(vars(self))
        if validation is not None:
            learner._validation = np.asarray(validation)
        check_parameters(learner)
        lengths = options.get("lengths")
        check_aligned(X=X, y=y, sample_weight=sample_weight, gold=gold, lengths=lengths)
        resumption = Resumption.of(self, is_part=is_part)
        gold = gold_of_rows(gold, X, y)
        checked = learner._read_input(resumption, X, y, sample_weight, gold, **options)
        context, method = learner._make_context(checked, resumption)
        check_same_input(context, method, checked.seed)
        with checkpoint_of(self, checked, context, method) as checkpoint:
            context = with_checkpoints(context, checkpoint)
            result = learner._learn(checked, context, method, resumption)
            learner._set_fitted_attributes(checked, context, result, resumption)
            take_over(self, learner, attributes_before)
        return self

    def _read_input(self, *arguments: Any, **options: Any) -> CheckedInput:
        """Check and read the input of ``fit``.

        Parameters
        ----------
        *arguments : object
            The Resumption, X, y, sample_weight and gold.
        **options
            Further arguments of this kind of estimator.

        Returns
        -------
        checked : CheckedInput
        """
        raise NotImplementedError

    def _checked_input(
        self,
        X: Features,
        annotations: Any,
        all_weight: FloatArray,
        gold: Gold,
        is_truth: bool,
        is_part: bool,
    ) -> CheckedInput:
        """Draw the seed, hold out items, and return the CheckedInput."""
        seed = draw_seed(self, annotations, all_weight, gold)
        weight = all_weight if all_weight.all() else all_weight[all_weight > 0]
        held_out = np.zeros(len(weight), dtype=bool)
        validation = self.__dict__.pop("_validation", None)
        if validation is not None:
            marked = check_validation(validation, len(all_weight))[all_weight > 0]
            held_out = chosen_validation(annotations, gold, marked)
        elif self.early_stopping and not is_part:
            strata = self._held_out_strata(annotations)
            fraction = self.validation_fraction
            held_out = hold_out(annotations, gold, strata, fraction, seed)
        output = self._output(annotations)
        return CheckedInput(
            X,
            annotations,
            weight,
            gold,
            held_out,
            output,
            is_truth,
            seed,
            all_weight,
            may_continue=is_part or self.warm_start,
        )

    def _output(self, annotations: Any) -> ClassScores | Number:
        """Return how the output of the network is read: ClassScores or Number."""
        raise NotImplementedError

    def _held_out_strata(self, annotations: Any) -> IntArray:
        """Return the stratum of every sample, for the choice of held-out samples."""
        raise NotImplementedError

    def _make_context(
        self, checked: Any, resumption: Resumption
    ) -> tuple[SequenceTrainingContext | TrainingContext, Any]:
        """Return the context that the method learns from, and the method.

        Returns
        -------
        context : TrainingContext
        method : Method
        """
        method = self._supervised() if checked.is_truth else make_method(self)
        factory = make_factory(
            self, checked, type(method).__name__, resumes=resumption.resumes
        )
        factory.check_callbacks()
        factory = resumption.resume_factory(factory)
        if self.module is None:
            warn_of_left_out(factory.start_from, checked)
        annotations, prior = checked.item_annotations, None
        if self.annotator_prior is not None and not checked.is_truth:
            names = annotations.annotator_names
            prior = self._prior_counts(
                names, checked, require_all=not resumption.is_part
            )
        is_identified = self._is_identified(checked, resumption.resumes)
        side_information = SideInformation(
            checked.gold, prior, prior, is_identified=is_identified
        )
        side_information = resumption.resume_side_information(
            side_information, annotations
        )
        context = self._pack_context(checked, factory, side_information)
        check_memory(method, context)
        return context, method

    def _pack_context(
        self, checked: Any, factory: NetFactory, side_information: SideInformation
    ) -> TrainingContext:
        """Return the TrainingContext of checked input."""
        return TrainingContext(
            checked.X,
            checked.annotations,
            checked.weight,
            factory,
            checked.held_out,
            side_information,
        )

    def _prior_counts(self, names: Array, checked: Any, *, require_all: bool) -> Any:
        """Return ``annotator_prior`` as counts, or moments, of answers.

        Parameters
        ----------
        names : ndarray of shape (n_annotators,)
        checked : CheckedInput
        require_all : bool
            Whether a prior for a name that is not in `names` is an error.
        """
        raise NotImplementedError

    def _is_identified(self, checked: Any, resumes: bool) -> bool:
        """Whether an earlier fit has determined scale and offset of the truth."""
        return False

    def _factory_options(self) -> dict[str, Any]:
        """Return further arguments of NetFactory: how the rate changes by default."""
        return {"lr_schedule": "linear_mean"} if self.module is None else {}

    def _n_epochs(self, n_samples: int, n_items: int | None = None) -> int:
        """Return the number of epochs for a number of samples, and of their items."""
        return self.max_epochs

    def _n_per_batch(self, n_samples: int, n_items: int | None = None) -> int:
        """Return the number of samples in a batch."""
        if self.batch_size is not None:
            return self.batch_size
        return default_batch_size(n_samples, *self._batch_limits())

    def _batch_limits(self) -> tuple[int, int]:
        """Return the smallest and the largest default batch."""
        return 64, 256

    def _network_sizes(
        self, output: ClassScores | Number, X: Features, weight: FloatArray
    ) -> dict[str, Any]:
        """Return the sizes that a network class may take besides ``n_features``."""
        return output.sizes

    def _network_settings(self, checked: Any, given: dict[str, Any]) -> dict[str, Any]:
        """Return further parameters of the default network, read off the data.

        Parameters
        ----------
        checked : CheckedInput
        given : dict
            The user's ``module__`` parameters, without the prefix.
        """
        return {}

    def _learn(
        self,
        checked: Any,
        context: TrainingContext,
        method: Method,
        resumption: Resumption,
    ) -> MethodResult:
        """Run the method, and set the attributes that all estimators have.

        Returns
        -------
        result : MethodResult
        """
        with isolated_rng(checked.seed, context.factory.device):
            result = check_result(method, method.learn(context), context)
            check_extras(method, result.extras, self)
            self._calibrate(context, method, result, checked.seed)
        self._is_truth_given = checked.is_truth
        self._set_extras(result.extras)
        self._set_counts(checked.item_annotations, result.net, adds=resumption.adds)
        self._set_answer_times(checked.item_annotations, adds=resumption.adds)
        self._set_annotator_groups(checked, method, resumption)
        self._set_training_items(checked.X, adds=resumption.adds)
        return result

    def _calibrate(
        self, context: TrainingContext, method: Method, result: MethodResult, seed: int
    ) -> None:
        """Set attributes that need further training, while torch is seeded."""

    def _set_extras(self, extras: dict[str, Any]) -> None:
        """Set the attributes of this method; remove those of an earlier fit."""
        for name in getattr(self, "_extras", ()):
            self.__dict__.pop(name, None)
        self.__dict__.pop("_extras", None)
        if extras:
            self._extras = tuple(extras)
            for name, value in extras.items():
                setattr(self, name, value)

    def _set_counts(
        self, annotations: Annotations, net: CrowdNet, *, adds: bool
    ) -> None:
        """Set network and history, and the annotators and their numbers of answers."""
        self.n_iter_ = len(net.history) + (self.n_iter_ if adds else 0)
        n_answers = annotations.answers_per_annotator
        if adds:
            n_answers = n_answers.copy()
            n_answers[: self.n_annotators_] += self.annotator_n_answers_
        self.net_, self.history_ = net, net.history
        self.annotators_ = annotations.annotator_names
        self.n_annotators_ = annotations.n_annotators
        self.annotator_n_answers_ = n_answers

    def _set_answer_times(self, annotations: Annotations, *, adds: bool) -> None:
        """Set the annotator and the time of every answer whose time is known."""
        earlier = self._answer_times if adds else None
        self._answer_times = earlier
        if annotations.time is None:
            return
        timed = np.isfinite(annotations.time)
        annotator, times = annotations.annotator[timed], annotations.time[timed]
        if earlier is not None:
            annotator = np.concatenate([earlier[0], annotator])
            times = np.concatenate([earlier[1], times])
        self._answer_times = annotator, times

    def _set_annotator_groups(
        self, checked: Any, method: Method, resumption: Resumption
    ) -> None:
        """Set the groups of annotators who err together, of the first part if any."""
        n_annotators = checked.annotations.n_annotators
        if resumption.adds:
            if self._annotator_groups is not None:
                number, names = self._annotator_groups
                more = np.full(n_annotators - len(number), -1)
                self._annotator_groups = np.concatenate([number, more]), names
            self._keep_groups()
            return
        self._annotator_groups = self._group_excess = None
        if checked.is_truth or resumption.is_part:
            return
        given, found = None, self._groups_of_method(resumption)
        if found is None:
            found = self._find_groups(checked)
        else:
            given = getattr(method, "annotator_groups", None)
        if found is not None:
            number, self._group_excess = found
            names = group_names(number, checked.annotations.annotator_names, given)
            self._annotator_groups = number, names

    def _keep_groups(self) -> None:
        """Set the groups of the first part, where the method has such attributes."""
        groups = self._dependent_groups()
        if groups is not None and "group_excess_" in vars(self):
            found = {"annotator_groups_": groups.group, "group_excess_": groups.excess}
            self.__dict__.update(found)

    def _groups_of_method(self, resumption: Resumption) -> Groups | None:
        """Return the groups that the method looked for, or None if it did not."""
        return None

    def _find_groups(self, checked: Any) -> Groups | None:
        """Return the groups of annotators, or None if they are unknown."""
        return None

    def _dependent_groups(self) -> DependentGroups | None:
        """Return the groups by which answers are discounted, or None."""
        if self._annotator_groups is None or self._group_excess is None:
            return None
        return DependentGroups(self._annotator_groups[0], self._group_excess, np.nan)

    def _set_training_items(self, X: Any, *, adds: bool) -> None:
        """Set the sorted hashes of all training samples."""
        hashes: Any = np.unique(item_hashes(X))
        if adds:
            previous = self._training_items
            hashes = None if previous is None else np.union1d(previous, hashes)
        self._training_items = hashes

    def _set_fitted_attributes(
        self,
        checked: Any,
        context: TrainingContext,
        result: MethodResult,
        resumption: Resumption,
    ) -> Any:
        """Set the attributes of this kind of estimator from the method's result.

        Parameters
        ----------
        checked : CheckedInput
        context : TrainingContext
        result : MethodResult
        resumption : Resumption
        """
        raise NotImplementedError

    def _annotator_parameters(self, rows: IntArray) -> Any:
        """Return the parameters of some annotators; the mean for new ones (-1)."""
        raise NotImplementedError

    def _previous_counts(self) -> Any:
        """Return the counts, or moments, of the answers of all earlier fits."""
        raise NotImplementedError

    def _check_X(self, X: Features) -> FloatArray | SparseMatrix:
        """Check features against those of ``fit``."""
        return check_features(self, X, reset=False)

    def _predict_truth(self, X: Features) -> Any:
        """Check X; see ``predict_truth``."""
        check_is_fitted(self)
        return self._truth(self._check_X(X))

    def _truth(self, X: Features) -> Any:
        """Predict the truth of checked features."""
        return predict_truth(self.net_, self._in_precision(X))

    def _in_precision(self, X: Features) -> FloatArray | SparseMatrix:
        """Convert checked features to the precision of the network."""
        return in_precision(X, self._precision())

    def _precision(self) -> type[Any]:
        """Return the type of the features that the network takes."""
        return np.float64 if self.net_.dtype == torch.float64 else np.float32

    def _hidden_features(self, X: Features) -> torch.Tensor | None:
        """Return the features of checked items that the annotator model needs, if any.

        Returns
        -------
        features : Tensor or None
        """
        if not self.annotator_model_.needs_features:
            return None
        return self.net_.hidden_features(X)

    def _fitted_annotators(self, annotations: Annotations) -> IntArray:
        """Return the annotators of all answers, in codes of ``fit``, (n_answers,)."""
        return fitted_annotators(annotations, self.annotators_)

    def __sklearn_tags__(self) -> Tags:
        """Return the tags of X; a network that cannot read it raises in ``fit``.

        Texts and dicts of arrays are for networks of the user. Two tags stay False:
        ``two_d_labels`` is that of label transformers, whose ``fit`` takes ``y`` alone,
        and ``categorical`` that of estimators of codes of categories, such as
        CategoricalNB; columns of categories in a table are taken nevertheless.
        """
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = bool(self._feature_checks["accept_sparse"])
        tags.input_tags.three_d_array = bool(self._feature_checks["allow_nd"])
        tags.input_tags.string = tags.input_tags.dict = is_of_user(self.module)
        return tags
