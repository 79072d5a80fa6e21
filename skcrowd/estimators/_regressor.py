"""CrowdRegressor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
import torch
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skcrowd._sklearn_compat import _safe_indexing
from skcrowd.aggregation import RatingParameters, answer_mean
from skcrowd.aggregation._annotator_prior import rating_moments, read_annotator_prior
from skcrowd.aggregation._dependence_ratings import find_dependent_ratings
from skcrowd.aggregation._rating_parameters import answer_moments
from skcrowd.aggregation._rating_regression import add_regressions
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._check import split_off_truth
from skcrowd.annotations._gold import read_gold
from skcrowd.annotators import FixedGaussianAnnotators
from skcrowd.backbones import TabularNet
from skcrowd.estimators._annotator_matching import pad_annotators
from skcrowd.estimators._checked_input import CheckedRatings
from skcrowd.estimators._crowd_estimator import CrowdEstimator
from skcrowd.estimators._default_network import default_settings
from skcrowd.estimators._input_checks import (
    check_features_and_target,
    check_no_gold_with_truth,
    check_weight,
)
from skcrowd.estimators._insight import NumberInsight
from skcrowd.estimators._numbers import AnswerScaler, check_gold_distance, read_numbers
from skcrowd.estimators._parameter_checks import check_partial_fit
from skcrowd.estimators._rating_checks import warn_of_rating_crowd
from skcrowd.estimators._rating_evidence import add_truth_moments, weigh_ratings
from skcrowd.estimators._residual_variance_model import fit_residual_variance
from skcrowd.estimators._scores import agreement_score, truth_and_weight
from skcrowd.estimators._snapshot import uses_one_fit
from skcrowd.methods import NUMBER_METHODS
from skcrowd.methods._calibration import calibrated_residual_var
from skcrowd.methods._supervised import SupervisedNumbers
from skcrowd.metrics import AnswerEvaluation
from skcrowd.metrics._r2 import r2_of_numbers
from skcrowd.training import Number

if TYPE_CHECKING:
    from skcrowd._typing import (
        AnswersLike,
        ArrayLike,
        Features,
        FloatArray,
        Gold,
        Groups,
        IntArray,
        ModuleLike,
        PathLike,
        RandomState,
    )
    from skcrowd.annotations import Annotations
    from skcrowd.methods import Method, MethodResult, TrainingContext
    from skcrowd.methods._side_information import SideInformation
    from skcrowd.training import NetFactory

    from ._resumption import Resumption


__all__ = ["CrowdRegressor"]

MAX_ERROR = 1e50  # prior RMSE in standard deviations of all ratings


class CrowdRegressor(RegressorMixin, NumberInsight):
    """A neural network trained directly on the ratings of many annotators.

    Every annotator rates some of the items, with a bias, a scale and a noise of their
    own. Network and annotator model are trained jointly; no true number is needed.

    Parameters
    ----------
    module : torch.nn.Module class or instance, or callable, default=None
        Network that maps a batch of items to one number each, shape (n_batch, 1) or
        (n_batch,). A class is built with the ``module__`` parameters; if its
        ``__init__`` has parameters ``n_features`` or ``n_outputs`` they are filled in
        from the data. An instance is copied and starts from its own weights. None
        means :class:`skcrowd.backbones.TabularNet`, with scaling, encoding of the
        features and weight decay chosen from features and answers
        (``docs/guide/default_network.md``).
    method : str or Method, default="em"
        Learning procedure: ``"em"``, ``"gaussian_layer"``, ``"crowd_layer"``,
        ``"kd_crowd"``, ``"weighted_mean"``, ``"mean"``, or an object of
        :mod:`skcrowd.methods` with its own parameters, which are reachable as
        ``method__…`` either way.
    criterion : torch.nn.Module class or instance, default=None
        Loss of the network to the inferred truth, for methods that train on it:
        predictions and targets of shape (n_batch,), scaled to mean 0 and standard
        deviation 1, to a loss for each item, such as ``torch.nn.HuberLoss()``. None is
        the squared error.
    optimizer : torch.optim.Optimizer class, default=torch.optim.Adam
        Optimiser of the network; ``optimizer__…`` are its options. The annotator model
        has an Adam of its own, with the method's ``annotator_lr``.
    lr : float, default=1e-3
        Learning rate of the network. That of the default network decays linearly to
        nearly zero from twice this value, unless `callbacks` has a schedule.
    max_epochs : int, default=100
        Maximum number of passes over the items.
    batch_size : int, default=None
        Number of items in a batch. None takes between 64 and 256, growing with the
        number of items.
    early_stopping : bool, default=False
        Whether to stop when the log-density of held-out ratings no longer improves (for
        the crowd layer, which has no noise model: their squared error), and to keep the
        best epoch. No true number is needed. The held-out ratings are not used for
        training.
    validation_fraction : float, default=0.1
        Share of the items held out by ``early_stopping``.
    n_iter_no_change : int, default=10
        Epochs without improvement before ``early_stopping`` stops.
    calibrate : bool, default=True
        Whether to estimate ``prediction_std_``, and with it ``posterior_std_``, on
        items that the network was not trained on: those held out by ``early_stopping``,
        else a fifth of all, without which the method is trained a second time. This
        costs another four fifths of the training time, and changes no prediction. False
        estimates them on the training items, where overfitting makes them too small.
    annotator_prior : dict, pandas Series or DataFrame, or array-like of shape \
            (n_annotators,) or (n_annotators, 2), default=None
        Prior knowledge of annotators: the root mean squared error of their ratings, in
        the unit of ``y`` and without bias, or that error and the number of ratings it
        was measured on (20 if not given). Keys or index are the names of annotators; an
        array is in the order of the columns of ``y``; NaN or None is unknown.
    warm_start : bool, default=False
        Whether ``fit`` starts from the network and the annotator parameters of the
        previous fit.
    on_interrupt : {"raise", "keep"}, default="raise"
        Effect of Ctrl-C during training. "raise" ends ``fit``, and a search or other
        caller, with a KeyboardInterrupt. "keep" stops the current training, skips the
        following ones, keeps the network and annotator model trained so far, and warns
        (:class:`skcrowd.exceptions.CrowdWarning`); before the end of the first epoch
        it raises, too. See ``docs/guide/threads.md``.
    callbacks : list of skorch.callbacks.Callback, default=None
        Further callbacks of the training loop. They are copied; ``callbacks__…`` are
        their options. See ``docs/guide/callbacks.md``.
    checkpoint : str or path-like, default=None
        Folder in which ``fit`` stores its state while it runs. If it is interrupted,
        even by the end of the process, the same call resumes from there, with the
        result of an uninterrupted fit (``docs/guide/checkpoints.md``). The state is
        removed when the fit is complete. None stores nothing.
    checkpoint_every : int, default=1
        Number of epochs between two checkpoints.
    device : str, default="cpu"
        Device on which torch computes, for example ``"cuda"``.
    distributed : bool, default=False
        Whether several processes train together that ``torchrun`` or ``accelerate
        launch`` has started, on one machine or many (``docs/guide/distributed.md``).
        Each of them fits the same data, computes a part of every batch, and ends with
        the same result. A script that was started alone trains in one process. Needs
        ``pip install "skcrowd[distributed]"``.
    random_state : int, RandomState instance or None, default=None
        Seeds network, dropout, order of the items and early stopping. The same int
        gives the same bits. The global generators of torch keep their state;
        for this, concurrent fits in threads run one after the other.
    verbose : int, default=0
        Verbosity level: 0 is silent, 1 shows progress bars over the epochs
        of each stage, 2 prints skorch's table of the epochs in place of the last bar.
    **routed
        ``module__…``, ``optimizer__…``, ``callbacks__…``, ``iterator_train__…``,
        ``iterator_valid__…`` (as in skorch; ``iterator_valid`` also serves prediction)
        and ``method__…``. All of them can be searched over.

    Attributes
    ----------
    annotator_bias_ : ndarray of shape (n_annotators,)
        The bias in ``scale * truth + bias``, in the unit of ``y``: the expected rating
        of an item of truth 0.
    annotator_offset_ : ndarray of shape (n_annotators,)
        Mean excess of each annotator's ratings of an average item, in the unit of
        ``y``:
        ``scale * truth + bias - truth`` at the mean of ``posterior_mean_`` over the
        items learned from.
    annotator_scale_ : ndarray of shape (n_annotators,)
        The scale in ``scale * truth + bias``: above 1, differences are exaggerated.
    annotator_noise_std_ : ndarray of shape (n_annotators,)
        Standard deviation of each annotator's noise, in the unit of ``y``.
    annotator_confusion_ : ndarray of shape (n_annotators, 2, 2)
        Not confusions: each annotator's affine map from truth to expected rating, in
        homogeneous coordinates, ``[[scale, bias], [0, 1]]``.
    annotator_affine_ : ndarray of shape (n_annotators, 2, 2)
        Alias of ``annotator_confusion_``.
    annotators_ : ndarray of shape (n_annotators,)
        Names of the annotators: the columns of a DataFrame, or their numbers.
    n_annotators_ : int
        Number of annotators.
    annotator_n_answers_ : ndarray of shape (n_annotators,)
        Number of ratings by every annotator.
    posterior_mean_ : ndarray of shape (n_samples,)
        Truth of the training items as inferred by the method: from features and
        ratings, for ``"weighted_mean"`` and ``"mean"`` from the ratings alone. NaN for
        items of weight zero.
    posterior_std_ : ndarray of shape (n_samples,)
        Its standard deviation.
    prediction_std_ : float
        Standard deviation of the truth around the network's predictions. Its accuracy
        depends on the noise model of the method; that of ``"mean"`` is crude.
    annotator_model_ : AnnotatorModel
        The fitted annotator model, a torch module, in the unit of ``y``.
    net_ : skorch.NeuralNet
        The trained network. It predicts in a unit of its own, in which the ratings
        have mean 0 and standard deviation 1.
    history_ : skorch.history.History
        Losses and durations of every epoch, in the network's unit.
    n_iter_ : int
        Number of epochs run.
    n_features_in_ : int
        Number of features seen in ``fit``: ``X.shape[1]``, so the number of channels of
        images.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, where ``X`` has names that are all strings.

    See Also
    --------
    CrowdClassifier : The same for labels.
    skcrowd.aggregation.weighted_mean : The truth without features.
    skcrowd.datasets.make_annotations : Simulate a crowd.

    Notes
    -----
    Ratings determine scales and biases only up to one scale and one offset of the whole
    crowd. They are fixed by an identifiability constraint, that the crowd as a whole is
    unbiased: over all ratings the mean bias, taken at the mean rating, is 0, and the
    median scale, annotators weighted by their information on the truth, is 1
    (:func:`skcrowd.aggregation.apply_identifiability_constraint`). A bias of the whole
    crowd cannot be estimated from ratings, but from a few true numbers: pass them to
    ``fit`` as `gold`.

    The network is trained in a unit in which the ratings have mean 0 and standard
    deviation 1; ``lr`` and ``optimizer__weight_decay`` therefore do not depend on the
    unit of ``y``.

    The precision of ``X`` decides that of network and annotators: float64 of numpy,
    scipy or pandas stays float64, float32 stays float32, everything else becomes
    float32, as do lists, tensors and tables of polars, Arrow and nullable pandas. For
    speed pass float32.

    In ``y``, NaN, None, NA and masked cells are missing; -1 is a number. ``cv=3`` and
    the like work as for any regressor. Pass a ``scoring`` of scikit-learn only with
    true numbers; without it, a search uses :meth:`score`, and
    :func:`skcrowd.metrics.get_scorer` has other scores of ratings.

    A network that reads many thousand sparse features is slow to train; with
    :class:`~sklearn.decomposition.TruncatedSVD` before it, far fewer weights are
    trained, and predictions are often better.

    ``sample_weight`` counts like repetition: an item of weight 2 counts as two items.
    Its scale therefore matters relative to ``pseudo_counts``.

    References
    ----------
    F. Rodrigues, F. Pereira. Deep learning from crowds. AAAI 2018, arXiv:1709.01779.
    V. Raykar et al. Learning from crowds. JMLR 11, 2010, section 7.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from skcrowd import CrowdRegressor
    >>> from skcrowd.datasets import make_annotations
    >>> X, truth = load_diabetes(return_X_y=True)
    >>> crowd = make_annotations(truth, 10, kind="numbers", random_state=0)
    >>> reg = CrowdRegressor(random_state=0).fit(X, crowd.annotations)
    >>> reg.score(X, truth) > 0.4
    True
    >>> reg.annotator_confusion_.shape
    (10, 2, 2)
    """

    _kind = "numbers"
    _method_kinds = ("numbers",)
    _known_methods = NUMBER_METHODS
    _supervised = SupervisedNumbers
    _default_module = TabularNet

    # Of estimators that were stored before there were these attributes.
    _rating_regressions: Any = None
    _truth_moments: Any = None
    _offset_var: Any = None
    _residual_variance_model: Any = None

    _parameter_constraints: dict[str, Any] = {
        **CrowdEstimator._parameter_constraints,
        "calibrate": ["boolean"],
    }

    def __init__(
        self,
        module: ModuleLike = None,
        *,
        method: str | Method = "em",
        criterion: Any = None,
        optimizer: type[torch.optim.Optimizer] = torch.optim.Adam,
        lr: float = 1e-3,
        max_epochs: int = 100,
        batch_size: int | None = None,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        calibrate: bool = True,
        annotator_prior: Any = None,
        warm_start: bool = False,
        on_interrupt: Literal["raise", "keep"] = "raise",
        callbacks: list[Any] | None = None,
        checkpoint: PathLike | None = None,
        checkpoint_every: int = 1,
        device: str | torch.device = "cpu",
        distributed: bool = False,
        random_state: RandomState = None,
        verbose: int = 0,
        **routed: Any,
    ) -> None:
        self.module = module
        self.method = method
        self.criterion = criterion
        self.optimizer = optimizer
        self.lr = lr
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.calibrate = calibrate
        self.annotator_prior = annotator_prior
        self.warm_start = warm_start
        self.on_interrupt = on_interrupt
        self.callbacks = callbacks
        self.checkpoint = checkpoint
        self.checkpoint_every = checkpoint_every
        self.device = device
        self.distributed = distributed
        self.random_state = random_state
        self.verbose = verbose
        self._keep_routed(routed)

    def fit(
        self,
        X: Features,
        y: AnswersLike,
        sample_weight: ArrayLike | None = None,
        *,
        gold: Gold = None,
        validation: ArrayLike | None = None,
    ) -> CrowdRegressor:
        """Train network and annotator model.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)
            Features; images may keep their dimensions. A sparse matrix reaches the
            network as sparse tensors, which the default one, and any that begins with
            :class:`torch.nn.Linear`, takes.
            Columns of categories of pandas and polars tables become a column of 0 and
            1 for each category. A network of your own may also get a dict or tuple of
            arrays, texts, or a map-style :class:`torch.utils.data.Dataset` of items
            without labels, which is read anew every epoch; integers stay integers
            where it has an embedding.
        y : array-like, sparse matrix, DataFrame or Annotations of shape \
                (n_samples, n_annotators), or array-like of shape (n_samples,)
            The ratings. Missing are NaN, None, NA and masked cells; of a sparse matrix
            the explicit entries are the ratings. A 1-D ``y`` is one annotator who is
            always right.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the items. Items of weight zero are left out.
        gold : array-like of shape (n_samples,) or dict, default=None
            The true number of some items, one for each row, or a dict from row number
            (the label of the row, where ``X`` or ``y`` has an index or item names) to
            number; missing are NaN, None, NA and masked
            entries. It is the truth of these items in every method; annotator
            parameters, and the bias of the crowd as a whole, are estimated from it.
            Items that have it need no ratings.
        validation : array-like of bool of shape (n_samples,), default=None
            Which items are the validation set: nothing is learned from them, and the
            history has their loss after each epoch, ``valid_loss``, to their `gold`
            where they have it, else to their answers. With ``early_stopping=True``
            they take the place of items chosen at random.

        Returns
        -------
        self : CrowdRegressor
            The fitted estimator.

        Raises
        ------
        ValueError
            If ``y`` holds no rating or cannot be read as numbers, `gold` does not fit
            ``X``, or the network does not return one number an item; or if rows of
            two arguments carry different labels (the index of a table or Series, the
            names of items).
        """
        return self._fit(X, y, sample_weight, gold, validation=validation)

    def partial_fit(
        self,
        X: Features,
        y: AnswersLike,
        sample_weight: ArrayLike | None = None,
        *,
        gold: Gold = None,
    ) -> CrowdRegressor:
        """Train for one pass over further items, by further or the same annotators.

        Annotators are matched by name, or by their column where they have no names;
        new ones may be added. Estimates from earlier ratings are kept: every rating
        counts once, so pass each of them once.

        After parts with ratings of annotators, a single column is one annotator's.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)
        y : array-like, sparse matrix, DataFrame or Annotations of shape \
                (n_samples, n_annotators), or array-like of shape (n_samples,)
        sample_weight : array-like of shape (n_samples,), default=None
        gold : array-like of shape (n_samples,), default=None
            See :meth:`fit`.

        Returns
        -------
        self : CrowdRegressor
            ``posterior_mean_`` is that of these items.

        Raises
        ------
        ValueError
            If ``y`` cannot be read, or ``early_stopping`` is on.

        Notes
        -----
        The unit in which the network is trained is that of the first call. Closed-form
        methods add the counts of all calls; the others continue to train the
        annotators' parameters.
        """
        check_partial_fit(self)
        return self._fit(X, y, sample_weight, gold, is_part=True)

    def _read_input(
        self,
        resumption: Resumption,
        X: Features,
        y: AnswersLike,
        sample_weight: Any,
        gold: Gold,
    ) -> CheckedRatings:
        resumes = resumption.resumes
        X, y, is_truth = check_features_and_target(self, X, y, reset=not resumes)
        resumption.check_target(is_truth)
        X = self._in_precision(X) if resumes else X
        weight = check_weight(sample_weight, X.shape[0])
        kept = slice(None) if weight.all() else np.flatnonzero(weight)
        y = y if weight.all() else _safe_indexing(y, kept)
        annotations = resumption.join_annotators(read_numbers(y, is_truth))
        gold = self._read_gold(gold, len(weight), kept, annotations, is_truth)
        is_part = resumption.is_part
        if not (is_truth or is_part):
            warn_of_rating_crowd(annotations, gold)
        checked = self._checked_input(
            X[kept], annotations, weight, gold, is_truth, is_part
        )
        return self._standardised(checked, resumes, is_part)

    def _standardised(
        self, checked: Any, resumes: bool, is_part: bool
    ) -> CheckedRatings:
        """Add the ratings in the unit of the network, which a new fit chooses."""
        annotations, shift = checked.annotations, 0.0
        if not resumes:
            has_rating = annotations.answers_per_item > 0
            weight = checked.weight * (has_rating & ~checked.held_out)
            shift = _mean_shift_to_gold(annotations, checked.gold, weight)
            annotations = _shifted(annotations, shift)
            has_prior = self.annotator_prior is not None
            is_final = not (is_part or self.warm_start or has_prior)
            self._scaler = AnswerScaler.from_answers(
                annotations, weight, checked.gold, is_final=is_final
            )
            self._holds_offset = False
        self._holds_offset |= checked.gold is not None
        return CheckedRatings(
            **vars(checked),
            shift=shift,
            standardised=self._scaler.transform_annotations(annotations),
        )

    def _read_gold(
        self,
        gold: Gold,
        n_items: int,
        kept: slice | IntArray,
        annotations: Annotations,
        is_truth: bool,
    ) -> FloatArray | None:
        """Read the known numbers of the items that are kept, or return None."""
        check_no_gold_with_truth(gold, is_truth)
        if gold is None:
            return None
        known = read_gold(gold, n_items, self._kind, annotations.answer)
        if known is None:
            return None
        numbers = np.full(n_items, np.nan)
        numbers[known.item] = known.answer
        check_gold_distance(numbers, annotations.answer)
        return numbers[kept]

    def _output(self, annotations: Annotations) -> Number:
        return Number()

    def _network_settings(self, checked: Any, given: dict[str, Any]) -> dict[str, Any]:
        return default_settings(checked, given, is_number=True)

    def _held_out_strata(self, annotations: Annotations) -> IntArray:
        return np.zeros(annotations.n_items, dtype=np.int64)

    def _pack_context(
        self, checked: Any, factory: NetFactory, side_information: SideInformation
    ) -> TrainingContext:
        """Return the TrainingContext, in the unit of the network."""
        if checked.gold is not None:
            side_information = replace(
                side_information, gold=self._scaler.transform(checked.gold)
            )
        standardised = replace(checked, annotations=checked.standardised)
        return super()._pack_context(standardised, factory, side_information)

    def _prior_counts(
        self, names: IntArray, checked: Any, *, require_all: bool
    ) -> FloatArray:
        error, n = read_annotator_prior(
            self.annotator_prior, names, np.inf, require_all=require_all
        )
        size = self._scaler.size
        _check_unit_of_prior(error, size, names)
        return rating_moments(error / size, n, checked.shift / size)

    def _is_identified(self, checked: Any, resumes: bool) -> bool:
        return resumes and checked.gold is None and self._holds_offset

    def _calibrate(
        self, context: TrainingContext, method: Method, result: Any, seed: int
    ) -> None:
        """Set the standard deviation of the truth around the network's predictions."""
        residual_var = result.annotators.residual_var().item()
        if self.calibrate:
            residual_var = calibrated_residual_var(context, method, result, seed)
        self.prediction_std_ = residual_var**0.5

    def _set_fitted_attributes(
        self,
        checked: Any,
        context: TrainingContext,
        result: MethodResult,
        resumption: Resumption,
    ) -> None:
        mean, std = self._set_annotator_attributes(context, result, checked.shift)
        if checked.gold is not None:
            mean = np.where(np.isnan(checked.gold), mean, checked.gold)
        shape, kept = len(checked.all_weight), checked.kept
        self.posterior_mean_ = np.full(shape, np.nan)
        self.posterior_std_ = np.full(shape, np.nan)
        self.posterior_mean_[kept], self.posterior_std_[kept] = mean, std
        self._set_rating_moments(checked, mean, std, context, resumption)
        self._set_residuals(checked, context, result, resumption)

    def _set_rating_moments(
        self,
        checked: Any,
        mean: FloatArray,
        std: FloatArray,
        context: TrainingContext,
        resumption: Resumption,
    ) -> None:
        """Set the moments of all ratings so far, in the unit of ``y``."""
        moments = answer_moments(
            checked.annotations, mean, std**2, sample_weight=context.training_weight
        )
        if resumption.adds:
            previous = resumption.previous._rating_moments
            moments += pad_annotators(previous, len(moments))
        self._rating_moments = moments

    def _set_residuals(
        self,
        checked: Any,
        context: TrainingContext,
        result: MethodResult,
        resumption: Resumption,
    ) -> None:
        """Set the errors of annotators and network, for report and ``return_std``."""
        prediction = self._scaler.inverse_transform(context.predict_trained(result.net))
        evidence = weigh_ratings(self, checked, context, prediction)
        self._rating_regressions = evidence.regressions
        self._truth_moments = evidence.truth
        self._offset_var = evidence.offset_var
        if resumption.adds and resumption.previous._rating_regressions is not None:
            self._add_evidence(resumption.previous)
        self._residual_variance_model = fit_residual_variance(
            evidence.prediction,
            checked.X,
            evidence.residual,
            evidence.error_var,
            evidence.weight,
        )

    def _add_evidence(self, previous: Any) -> None:
        """Add what an earlier part of the data has shown of the annotators."""
        regressions = self._rating_regressions
        before = pad_annotators(previous._rating_regressions, len(regressions))
        self._rating_regressions = add_regressions(before, regressions)
        self._truth_moments = add_truth_moments(
            previous._truth_moments, self._truth_moments
        )
        if self._offset_var is None:
            self._offset_var = previous._offset_var

    def _find_groups(self, checked: Any) -> Groups | None:
        return find_dependent_ratings(checked.annotations), None

    def _previous_counts(self) -> FloatArray:
        return self._scaler.transform_moments(self._rating_moments)

    def _annotator_parameters(
        self, rows: IntArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, float]:
        """Return rating parameters and variance of the truth, in the network's unit."""
        fitted, is_new = np.maximum(rows, 0), rows < 0
        noise_var = self.annotator_noise_std_**2
        n_ratings = self._rating_moments[:, 0, 0]
        mean_noise_var = np.average(noise_var, weights=n_ratings)
        rating_parameters = (
            np.where(is_new, 1.0, self.annotator_scale_[fitted]),
            np.where(is_new, 0.0, self.annotator_bias_[fitted]),
            np.where(is_new, mean_noise_var, noise_var[fitted]),
        )
        standardised = self._scaler.transform_parameters(*rating_parameters)
        return (*standardised, (self.prediction_std_ / self._scaler.size) ** 2)

    def _set_annotator_attributes(
        self, context: TrainingContext, result: Any, shift: float
    ) -> tuple[FloatArray, FloatArray]:
        """Fix scale and offset of the truth, and set the annotators, in the unit of y.

        Parameters
        ----------
        context : TrainingContext
        result : MethodResult
        shift : float
            The number that was added to all ratings before training.

        Returns
        -------
        mean, std : ndarray of shape (n_items,)
            Posterior of the truth, in the unit of ``y``.
        """
        parameters = RatingParameters(*result.annotators.rating_parameters())
        mean = result.posterior
        training_var, posterior_var = (
            context.ratings.posterior(parameters, mean, residual_var)[1]
            if result.posterior_var is None
            else result.posterior_var
            for residual_var in (
                result.annotators.residual_var().item(),
                self.prediction_std_**2,
            )
        )
        parameters, scale, offset = context.ratings.apply_identifiability_constraint(
            parameters, mean, training_var
        )
        self._set_rating_parameters(parameters, scale, offset, shift)
        mean_truth = np.average(mean, weights=context.training_weight)
        mean_truth = self._scaler.inverse_transform(mean_truth)
        self.annotator_offset_ = (
            self.annotator_scale_ - 1
        ) * mean_truth + self.annotator_bias_
        std = self._scaler.size * np.sqrt(posterior_var)
        return self._scaler.inverse_transform(mean), std

    def _set_rating_parameters(
        self, parameters: RatingParameters, scale: Any, offset: float, shift: float
    ) -> None:
        """Set the annotators and the network's error in the unit of ``y``.

        Parameters
        ----------
        parameters : RatingParameters
            In the unit of the network, identifiability constraint applied.
        scale, offset : float
            The affine map from the truth as constrained to that of the network.
        shift : float
            The number that was added to all ratings before training.
        """
        scaler = self._scaler
        self._scaler = scaler.compose(scale, offset)
        scale, bias, noise_var = scaler.inverse_transform_parameters(*parameters[:3])
        bias = bias - shift
        self.annotator_scale_, self.annotator_bias_ = scale, bias
        self.annotator_noise_std_ = np.sqrt(noise_var)
        self.prediction_std_ *= self._scaler.size
        self.annotator_model_ = FixedGaussianAnnotators(
            (scale, bias, noise_var), self.prediction_std_**2
        )
        self.annotator_confusion_ = self.annotator_model_.confusion()

    @property
    def annotator_affine_(self) -> FloatArray:
        """Affine map of each annotator; an alias of ``annotator_confusion_``."""
        return self.annotator_confusion_

    @overload
    def predict(
        self, X: Features, return_std: Literal[False] = False
    ) -> FloatArray: ...

    @overload
    def predict(
        self, X: Features, return_std: Literal[True]
    ) -> tuple[FloatArray, FloatArray]: ...

    @overload
    def predict(
        self, X: Features, return_std: bool
    ) -> FloatArray | tuple[FloatArray, FloatArray]: ...

    @uses_one_fit
    def predict(
        self, X: Features, return_std: bool = False
    ) -> FloatArray | tuple[FloatArray, FloatArray]:
        """Predict the truth.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)
        return_std : bool, default=False
            Whether to return the standard deviation of the truth too.

        Returns
        -------
        mean : ndarray of shape (n_samples,)
        std : ndarray of shape (n_samples,)
            Only with ``return_std``. What the whole crowd gets wrong is not in it.

        Notes
        -----
        The logarithm of the variance is linear in the prediction, in up to 300 columns
        of a dense ``X``, and in their squares, with a ridge penalty. It is fitted to
        the differences of ratings and predictions of the training items, less the
        influence that the ratings of an item had on its prediction (as far as
        ``prediction_std_`` shows it), and less the noise of the ratings. It is kept
        where cross-validation clearly prefers it to a constant, by more than three
        standard errors of the likelihood; else, and with fewer than 100 items, the
        standard deviation is ``prediction_std_`` for all. ``posterior_std_``,
        ``label_quality`` and ``next_queries`` use ``prediction_std_``.
        """
        check_is_fitted(self)
        X = self._check_X(X)
        mean = self._scaler.inverse_transform_predictions(self._truth(X))
        if not return_std:
            return mean
        if self._residual_variance_model is None:
            return mean, np.full_like(mean, self.prediction_std_)
        return mean, self._residual_variance_model.std(mean, X)

    @uses_one_fit
    def predict_annotator(self, X: Features) -> FloatArray:
        """Predict the rating of every annotator.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)

        Returns
        -------
        ratings : ndarray of shape (n_samples, n_annotators)
            ``annotator_scale_ * predict(X) + annotator_bias_``.
        """
        return np.multiply.outer(self.predict(X), self.annotator_scale_) + (
            self.annotator_bias_
        )

    @uses_one_fit
    def score(
        self, X: Features, y: AnswersLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Score predictions by true numbers, or by ratings where there are none.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)
        y : array-like of shape (n_samples,) or annotations of shape \
                (n_samples, n_annotators)
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        score : float
            R² for a 1-D ``y``. For annotations, where no true number is known,
            ``structured_agreement``: the R² of the ratings, given bias and scale of
            their annotators, each weighted by its information on the truth.

        Raises
        ------
        ValueError
            If ``y`` has other annotators than those of ``fit``.

        Notes
        -----
        Annotators are matched by name where ``y`` and the ``y`` of ``fit`` both have
        names, else by position.

        A good prediction of ratings need not be one of the truth: an error that the
        whole crowd shares shows in no rating, but in a few true numbers.
        :func:`skcrowd.metrics.get_scorer` has other scores. Early stopping compares
        epochs by ``"answer_log_likelihood"``.
        """
        check_aligned(X=X, y=y, sample_weight=sample_weight)
        y, is_truth = split_off_truth(y, self._kind, stacklevel=4)
        if is_truth:
            predicted = self.predict(X)
            y, sample_weight = truth_and_weight(
                y, sample_weight, self._kind, len(predicted)
            )
            return r2_of_numbers(y, predicted, sample_weight)
        return agreement_score(self.evaluate_answers(X, y), sample_weight)

    @uses_one_fit
    def evaluate_answers(self, X: Features, y: AnswersLike) -> AnswerEvaluation:
        """Compare ratings with the predictions of their items.

        The scorers of :mod:`skcrowd.metrics` read the result.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)
        y : annotations of shape (n_samples, n_annotators)
            In any form of ``fit``.

        Returns
        -------
        evaluation : skcrowd.metrics.AnswerEvaluation

        Raises
        ------
        ValueError
            If ``y`` has other annotators than those of ``fit``.
        """
        check_aligned(X=X, y=y)
        predicted: Any = self.predict(X)
        annotations = read_numbers(y)
        check_consistent_length(predicted, annotations)
        annotator = self._fitted_annotators(annotations)
        with torch.no_grad():
            log_likelihood = self.annotator_model_.answer_log_likelihood(
                torch.as_tensor(predicted),
                torch.tensor(annotations.item),
                torch.tensor(annotator),
                torch.tensor(annotations.answer),
            ).numpy()
        return AnswerEvaluation(
            annotations,
            annotator,
            log_likelihood,
            truth=predicted,
            predicted=predicted,
            confusion=self.annotator_confusion_,
            noise_std=self.annotator_noise_std_,
            prediction_std=self.prediction_std_,
        )


def _check_unit_of_prior(error: FloatArray, size: float, names: IntArray) -> None:
    """Raise for errors that the ratings can have nothing to do with."""
    wrong = np.flatnonzero(error > MAX_ERROR * size)
    if wrong.size:
        k = wrong[0]
        raise ValueError(
            f"annotator_prior of {names.tolist()[k]!r} is {error[k]:g}, but ratings "
            f"spread by {size:g} only; give the error in the unit of the ratings."
        )


def _mean_shift_to_gold(
    annotations: Annotations, gold: Gold, weight: FloatArray
) -> float:
    """Return the shrunk mean difference of known truths and mean ratings.

    It is the weighted sum of the differences divided by their weight plus 1. Added to
    the ratings before they are standardised, it lets the unit of the network begin at
    the known truths; the rest of the difference is estimated in training.

    Parameters
    ----------
    annotations : Annotations
    gold : ndarray of shape (n_items,) or None
        NaN where the truth is not known.
    weight : ndarray of shape (n_items,)
        Zero for items without ratings, and for held-out ones.
    """
    if gold is None:
        return 0.0
    known = ~np.isnan(gold) & (weight > 0)
    difference = gold[known] - answer_mean(annotations)[known]
    return float(weight[known] @ difference / (weight[known].sum() + 1))


def _shifted(annotations: Annotations, shift: float) -> Annotations:
    """Add a number to all ratings."""
    return replace(annotations, answer=annotations.answer + shift)
