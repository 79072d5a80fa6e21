"""CrowdClassifier."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skcrowd import experimental
from skcrowd._sklearn_compat import StrOptions, _safe_indexing
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._check import split_off_truth
from skcrowd.annotations._gold import read_gold
from skcrowd.annotations._ordered_categories import ordered_categories
from skcrowd.backbones import TabularNet
from skcrowd.estimators._answer_probabilities import answer_probabilities
from skcrowd.estimators._class_order import (
    class_order,
    class_ranks,
    median_class,
)
from skcrowd.estimators._crowd_checks import warn_of_crowd
from skcrowd.estimators._default_network import default_settings
from skcrowd.estimators._input_checks import (
    check_features_and_target,
    check_no_gold_with_truth,
    check_weight,
)
from skcrowd.estimators._insight import LabelInsight
from skcrowd.estimators._labels import read_labels, read_sorted
from skcrowd.estimators._parameter_checks import check_partial_fit, make_method
from skcrowd.estimators._scores import (
    agreement_score,
    evaluate_label_answers,
    truth_and_weight,
)
from skcrowd.estimators._snapshot import uses_one_fit
from skcrowd.methods import LABEL_METHODS

if TYPE_CHECKING:
    from skcrowd._typing import (
        AnswersLike,
        Array,
        ArrayLike,
        Features,
        FloatArray,
        Gold,
        IntArray,
        ModuleLike,
        PathLike,
        RandomState,
    )
    from skcrowd.annotations import Annotations
    from skcrowd.methods import Method, MethodResult, TrainingContext
    from skcrowd.methods._side_information import SideInformation
    from skcrowd.metrics import AnswerEvaluation
    from skcrowd.training import NetFactory

    from ._checked_input import CheckedInput
    from ._resumption import Resumption


__all__ = ["CrowdClassifier"]


class CrowdClassifier(ClassifierMixin, LabelInsight):
    """A neural network trained directly on the answers of many annotators.

    Every annotator answers some of the items, with a confusion matrix of their own.
    Network and annotator model are trained jointly on the single answers; no true label
    is needed.

    Parameters
    ----------
    module : torch.nn.Module class or instance, or callable, default=None
        Network that maps a batch of items to one score per class (logits, before
        softmax), shape (n_batch, n_classes). A class is built with the ``module__``
        parameters; if its ``__init__`` has parameters ``n_features`` or ``n_classes``
        they are filled in from the data. An instance is copied and starts from its
        own weights. None means :class:`skcrowd.backbones.TabularNet`, with scaling,
        encoding of the features and weight decay chosen from features and answers
        (``docs/guide/default_network.md``).
    method : str or Method, default="regularized_em"
        Learning procedure: a name of ``skcrowd.methods.LABEL_METHODS``, or an object of
        :mod:`skcrowd.methods` with its own parameters, which are reachable as
        ``method__…`` either way. Among them are ``"em"``, ``"crowd_layer"``,
        ``"kd_crowd"`` and, as baselines, ``"dawid_skene"`` and ``"majority_vote"``.
        Names of ``skcrowd.experimental.LABEL_METHODS`` are accepted, too; these
        methods may change without deprecation.
    criterion : torch.nn.Module class or instance, default=None
        Loss of the network to the inferred truth, for methods that train on it (not the
        crowd layers): log-probabilities and soft labels of shape (n_batch, n_classes)
        to a loss for each item, such as
        ``torch.nn.CrossEntropyLoss(label_smoothing=0.1)``. None is cross-entropy.
    optimizer : torch.optim.Optimizer class, default=torch.optim.Adam
        Optimiser of the network; ``optimizer__…`` are its options. The annotator model
        has an Adam of its own, with the method's ``annotator_lr``.
    lr : float, default=1e-3
        Learning rate of the network. That of the default network decays linearly to
        nearly zero from twice this value, unless `callbacks` has a schedule.
    max_epochs : int, default=50
        Maximum number of passes over the items.
    batch_size : int, default=None
        Number of items in a batch. None takes between 64 and 256, growing with the
        number of items.
    early_stopping : bool, default=False
        Whether to stop when the log-likelihood of held-out answers no longer improves,
        and to keep the best epoch. No true label is needed. The held-out answers are
        not used for training.
    validation_fraction : float, default=0.1
        Share of the items held out by ``early_stopping``, stratified on the vote.
    n_iter_no_change : int, default=10
        Epochs without improvement before ``early_stopping`` stops.
    classes : array-like of shape (n_classes,), default=None
        All labels that may occur. None takes those that occur in ``y``, and in `gold`.
    ordinal : bool or "auto", default="auto"
        Whether the classes have an order, such as stars or grades of severity. The
        order, from lowest to highest, is that of ``classes`` where they are given, of
        the ordered categories of ``y`` (of pandas, Enums of polars, ordered
        dictionaries of Arrow), of the classes of an Annotations built with ``classes``,
        or that of numbers. "auto" is True for ordered categories, also those that an
        Annotations was built of, and for an Annotations that says so (``ordered``). See
        ``docs/guide/ordinal.md`` for what it changes: the annotator model, the default
        network, predictions and :meth:`score` of answers.
    class_weight : dict of label to float, "balanced" or None, default=None
        Weights by which the predicted probabilities of the classes are multiplied.
        "balanced" takes the inverse of the mean probabilities that the network predicts
        for the training items. The weights are applied after training (post-hoc logit
        adjustment, Menon et al. 2021), because the class frequencies are not known
        before; annotator parameters and the posterior of the training items do not
        depend on them.
    annotator_prior : dict, pandas Series or DataFrame, or array-like of shape \
            (n_annotators,) or (n_annotators, 2), default=None
        Prior knowledge of annotators, such as the score in a qualification test: the
        share of right answers, or that share and the number of questions it was
        measured on (20 if not given). Keys or index are the names of annotators; an
        array is in the order of the columns of ``y``; NaN or None is unknown. A trusted
        expert is ``{"ann": (0.99, 100)}``.
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
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted, also where `classes` or ``y`` has them in another order: tools
        of scikit-learn rely on it.
    class_order_ : ndarray of shape (n_classes,)
        The labels from lowest to highest. Only where the classes have an order.
    annotator_confusion_ : ndarray of shape (n_annotators, n_classes, n_classes)
        ``[r, i, j]`` is the probability that annotator r answers ``classes_[j]`` where
        the truth is ``classes_[i]``. Rows sum to 1. Where these are more than 2**24
        numbers, counts are stored, and the array is computed at each access.
    annotators_ : ndarray of shape (n_annotators,)
        Names of the annotators: the columns of a DataFrame, or their numbers.
    n_annotators_ : int
        Number of annotators.
    annotator_n_answers_ : ndarray of shape (n_annotators,)
        Number of answers by every annotator.
    class_prior_ : ndarray of shape (n_classes,)
        Estimated shares of the classes among the training items.
    posterior_ : ndarray of shape (n_samples, n_classes)
        Probability of the truth of the training items, given features and answers
        (most methods), given the answers (``"dawid_skene"``), or the shares of the
        votes (``"majority_vote"``). NaN for items of weight zero. Not set by
        the crowd layer.
    teacher_, student_ : MethodResult
        Results of the two stages of ``"kd_crowd"``; ``teachers_`` lists those of all
        teachers.
    class_weight_ : ndarray of shape (n_classes,)
        Weights by which ``predict`` and ``predict_proba`` multiply the probabilities
        of the network.
    annotator_model_ : AnnotatorModel
        The fitted annotator model, a torch module.
    net_ : skorch.NeuralNet
        The trained network; its criterion holds the annotator model.
    history_ : skorch.history.History
        Losses and durations of every epoch.
    n_iter_ : int
        Number of epochs run.
    n_features_in_ : int
        Number of features seen in ``fit``: ``X.shape[1]``, so the number of channels of
        images.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, where ``X`` has names that are all strings.

    See Also
    --------
    skcrowd.annotations.Annotations : Answers in any form, also from a long table.
    skcrowd.datasets.make_annotations : Simulate a crowd.

    Notes
    -----
    The precision of ``X`` decides that of network and annotators: float64 of numpy,
    scipy or pandas stays float64, float32 stays float32, everything else becomes
    float32, as do lists, tensors and tables of polars, Arrow and nullable pandas. For
    speed pass float32.

    Scikit-learn's own splitters refuse NaN in ``y`` when ``cv`` is a number. Mark
    missing answers with -1, pass an :class:`~skcrowd.annotations.Annotations`, or give
    a splitter such as ``cv=KFold(3)``. Where a fold may lack a rare class, pass
    ``classes`` or an ``Annotations``, which keeps all classes. Do not use
    scikit-learn's ``cross_val_predict(method="predict_proba")`` with annotations: it
    takes every column for a target of its own and missing answers for a class;
    :func:`skcrowd.model_selection.cross_val_predict` does not, and
    ``cv=skcrowd.model_selection.VoteStratifiedKFold(5)`` takes every form of y.
    ``scoring="accuracy"`` needs true labels; without ``scoring``, a search uses
    :meth:`score`.

    Memory: every method keeps some arrays of items × classes. Confusions would be
    annotators × classes²; the methods ``"regularized_em"``, ``"em"``,
    ``"dawid_skene"``, ``"majority_vote"`` and ``"kd_crowd"`` need no such table, and
    compute the required entries from counts. Most others train it, or a table of
    classes² for each answer of a batch. ``fit`` estimates the peak, and compares it
    with the free memory of the machine and the limit of a container.

    ``sample_weight`` counts like repetition: an item of weight 2 counts as two items.
    Its scale therefore matters relative to ``pseudo_counts``.

    References
    ----------
    F. Rodrigues, F. Pereira. Deep learning from crowds. AAAI 2018, arXiv:1709.01779.
    A. K. Menon et al. Long-tail learning via logit adjustment. ICLR 2021,
    arXiv:2007.07314

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.datasets import make_annotations
    >>> X, truth = load_iris(return_X_y=True)
    >>> kinds = {"expert": 1, "average": 3, "random": 2}
    >>> Y = make_annotations(truth, kinds, random_state=0).annotations.to_dense()
    >>> Y[0]
    array([0, 0, 0, 0, 2, 0])
    >>> clf = CrowdClassifier(random_state=0).fit(X, Y)
    >>> clf.score(X, truth) > 0.9
    True
    >>> clf.annotator_confusion_.shape
    (6, 3, 3)
    """

    _known_methods = {**LABEL_METHODS, **experimental.LABEL_METHODS}
    _default_module = TabularNet
    ordinal: Any = "auto"  # of estimators that were pickled before it existed
    class_order_: Array

    _parameter_constraints: dict[str, Any] = {
        **LabelInsight._parameter_constraints,
        "ordinal": ["boolean", StrOptions({"auto"})],
    }

    def __init__(
        self,
        module: ModuleLike = None,
        *,
        method: str | Method = "regularized_em",
        criterion: Any = None,
        optimizer: type[torch.optim.Optimizer] = torch.optim.Adam,
        lr: float = 1e-3,
        max_epochs: int = 50,
        batch_size: int | None = None,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        classes: ArrayLike | None = None,
        ordinal: bool | Literal["auto"] = "auto",
        class_weight: dict[Any, float] | str | None = None,
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
        self.classes = classes
        self.ordinal = ordinal
        self.class_weight = class_weight
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
    ) -> CrowdClassifier:
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
            The answers. Missing are NaN, None, NA, the empty string, masked cells
            and, in a 2-D integer matrix, -1; of a sparse matrix the explicit entries
            are the answers. A 1-D ``y`` is one annotator who is always right.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the items. Items of weight zero are left out.
        gold : array-like of shape (n_samples,) or dict, default=None
            The true label of some items, one for each row, or a dict from row number
            (the label of the row, where ``X`` or ``y`` has an index or item names) to
            label; missing are NaN, None, NA, the empty string,
            masked entries and -1, unless answers hold it. It is the truth of these
            items in every method: the network learns it, and annotators are measured
            by it. Items that have it need no answers.
        validation : array-like of bool of shape (n_samples,), default=None
            Which items are the validation set: nothing is learned from them, and the
            history has their loss after each epoch, ``valid_loss``, to their `gold`
            where they have it, else to their answers. With ``early_stopping=True``
            they take the place of items chosen at random.

        Returns
        -------
        self : CrowdClassifier
            The fitted estimator.

        Raises
        ------
        ValueError
            If ``y`` holds no answer or cannot be read as labels, `gold` does not fit
            it, or the network does not return one score a class; or if rows of two
            arguments carry different labels (the index of a table or Series, the names
            of items). If the method needs more memory than there is.

        Warns
        -----
        CrowdWarning
            If the answers are probably worth less than they look: annotators gave the
            same answers; a group that errs together, or one annotator without
            information, gave most of them; all agree by chance; `gold` contradicts the
            majority. What to do is in the message, see ``docs/guide/dependence.md``.
        """
        return self._fit(X, y, sample_weight, gold, validation=validation)

    def partial_fit(
        self,
        X: Features,
        y: AnswersLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        *,
        gold: Gold = None,
    ) -> CrowdClassifier:
        """Train for one pass over further items, by further or the same annotators.

        Annotators are matched by name, or by their column where they have no names;
        new ones may be added. Estimates from earlier answers are kept: every answer
        counts once, so pass each of them once.

        After parts with answers of annotators, a single column is one annotator's.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)
        y : array-like, sparse matrix, DataFrame or Annotations of shape \
                (n_samples, n_annotators), or array-like of shape (n_samples,)
        classes : array-like of shape (n_classes,), default=None
            All labels that may ever occur. Needed in the first call, unless `classes`
            is a parameter of the estimator or ``y`` an Annotations.
        sample_weight : array-like of shape (n_samples,), default=None
        gold : array-like of shape (n_samples,), default=None
            See :meth:`fit`.

        Returns
        -------
        self : CrowdClassifier
            ``posterior_`` is that of these items.

        Raises
        ------
        ValueError
            If a label is none of the classes, `classes` is missing in the first call
            or differs from it, or ``early_stopping`` is on.

        Notes
        -----
        The methods whose annotator models are closed-form (``"em"``,
        ``"regularized_em"``, ``"majority_vote"``, ``"dawid_skene"``) add the counts of
        all calls, including an earlier ``fit``; the others continue to train the
        annotators' parameters.
        """
        check_partial_fit(self)
        y_has_classes = hasattr(y, "classes")
        self._check_partial_fit_classes(classes, y_has_classes=y_has_classes)
        return self._fit(X, y, sample_weight, gold, classes=classes, is_part=True)

    def _read_input(
        self,
        resumption: Resumption,
        X: Features,
        y: AnswersLike,
        sample_weight: Any,
        gold: Gold,
        classes: Any = None,
    ) -> CheckedInput:
        resumes = resumption.resumes
        categories = ordered_categories(y)
        X, y, is_truth = check_features_and_target(self, X, y, reset=not resumes)
        X = self._in_precision(X) if resumes else X
        weight = check_weight(sample_weight, X.shape[0])
        kept = slice(None) if weight.all() else np.flatnonzero(weight)
        y = y if weight.all() else _safe_indexing(y, kept)
        stated = self._stated_order(classes, categories, y, resumes)
        classes = self._classes_to_read(classes, resumes)
        if classes is None and categories is not None:
            classes = categories
        resumption.check_target(is_truth)
        annotations, labels = read_sorted(y, classes, is_truth)
        annotations = resumption.join_annotators(annotations)
        known = self._read_gold(gold, len(weight), annotations, is_truth)
        gold = None
        if known is not None:
            is_fixed = classes is not None
            annotations, gold = self._encode_gold(
                annotations, known[kept], is_fixed=is_fixed
            )
            labels = annotations.classes
        self._set_classes(labels)
        was_ordered = resumes and hasattr(self, "class_order_")
        is_ordered = was_ordered or categories is not None
        is_ordered = is_ordered or getattr(y, "ordered", False)
        self._set_order(stated, is_ordered=is_ordered)
        is_part = resumption.is_part
        if not (is_truth or is_part):
            warn_of_crowd(annotations, gold)
        return self._checked_input(
            X[kept], annotations, weight, gold, is_truth, is_part
        )

    def _set_fitted_attributes(
        self,
        checked: Any,
        context: TrainingContext,
        result: MethodResult,
        resumption: Resumption,
    ) -> None:
        self._set_label_attributes(context, result, resumption)
        self._set_posterior(result.posterior, checked)

    def _read_gold(
        self, gold: Gold, n_items: int, annotations: Annotations, is_truth: bool
    ) -> Annotations | None:
        """Read known truths of all items, or return None."""
        check_no_gold_with_truth(gold, is_truth)
        if gold is None:
            return None
        return read_gold(gold, n_items, self._kind, annotations.classes)

    def _stated_order(
        self, classes: Any, categories: Any, y: Any, resumes: bool
    ) -> Any:
        """Return the labels in the order in which they were stated, or None."""
        if resumes:
            return getattr(self, "class_order_", self.classes)
        for stated in (classes, self.classes, categories):
            if stated is not None:
                return stated
        found = getattr(y, "classes", None)
        is_sorted = found is not None and np.array_equal(found, np.sort(found))
        return None if is_sorted and not getattr(y, "ordered", False) else found

    def _set_order(self, stated: Any, *, is_ordered: bool) -> None:
        """Set ``class_order_`` where the classes have an order, else remove it."""
        if self.ordinal is False or (self.ordinal == "auto" and not is_ordered):
            self.__dict__.pop("class_order_", None)
            return
        self.class_order_ = class_order(stated, self.classes_)

    @property
    def _class_ranks(self) -> IntArray | None:
        """Place of every class in the order, (n_classes,); None without an order."""
        order = vars(self).get("class_order_")
        return None if order is None else class_ranks(order, self.classes_)

    def _predicted_codes(self, log_proba: FloatArray) -> IntArray:
        """Return the codes of the predicted classes, reweighted."""
        log_proba, ranks = self._reweight(log_proba), self._class_ranks
        if ranks is None:
            return log_proba.argmax(axis=1)
        return median_class(np.exp(log_proba), ranks)

    def _pack_context(
        self, checked: Any, factory: NetFactory, side_information: SideInformation
    ) -> TrainingContext:
        context = super()._pack_context(checked, factory, side_information)
        return replace(context, class_ranks=self._class_ranks)

    def _network_settings(self, checked: Any, given: dict[str, Any]) -> dict[str, Any]:
        learns_errors = not checked.is_truth and make_method(self).learns_errors
        return default_settings(
            checked,
            given,
            is_number=False,
            learns_errors=learns_errors,
            class_ranks=self._class_ranks,
        )

    def _set_posterior(self, posterior: FloatArray | None, checked: Any) -> None:
        """Set ``posterior_`` of all samples, NaN for those of weight zero."""
        self.__dict__.pop("posterior_", None)
        if posterior is None:
            return
        if checked.kept.all():
            self.posterior_ = np.ascontiguousarray(posterior)
            return
        self.posterior_ = np.full((len(checked.kept), len(self.classes_)), np.nan)
        self.posterior_[checked.kept] = posterior

    @uses_one_fit
    def predict_proba(self, X: Features) -> FloatArray:
        """Probability of every class.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes)
            Columns in the order of ``classes_``.
        """
        return np.exp(self._reweight(self._predict_truth(X)))

    @uses_one_fit
    def predict(self, X: Features) -> Array:
        """Most probable class, or, where classes have an order, the median class.

        The median of ``predict_proba`` is the class of the smallest expected distance
        in steps of the order.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)

        Returns
        -------
        labels : ndarray of shape (n_samples,)
        """
        codes = self._predicted_codes(self._predict_truth(X))
        return self.classes_[codes]

    @uses_one_fit
    def predict_annotator_proba(self, X: Features) -> FloatArray:
        """Probability of every answer of every annotator.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)

        Returns
        -------
        proba : ndarray of shape (n_samples, n_annotators, n_classes)
        """
        log_proba, features = self._predict_all(X)
        return answer_probabilities(log_proba, self.annotator_model_, features)

    def _predict_all(self, X: Features) -> tuple[FloatArray, torch.Tensor | None]:
        """Return log-probabilities, and the features that the annotator model needs."""
        check_is_fitted(self)
        X = self._in_precision(self._check_X(X))
        return self._truth(X), self._hidden_features(X)

    @uses_one_fit
    def score(
        self, X: Features, y: AnswersLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Score predictions by true labels, or by answers where there are none.

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
            Accuracy for a 1-D ``y``. For annotations, where no true label is known,
            ``structured_agreement``: agreement with the answers, each weighted by its
            information, or, where the crowd confuses classes systematically, the mutual
            information of predictions and answers. From 0 to 1. Where classes have an
            order, ``ordinal_agreement``.

        Raises
        ------
        ValueError
            If ``y`` has other annotators than those of ``fit``, or a label that is
            not among ``classes_``.

        Notes
        -----
        Annotators are matched by name where ``y`` and the ``y`` of ``fit`` both have
        names, else by position.

        Among the scores that need no true label it ranks models best
        (``docs/guide/scores.md``), but not always correctly; a few true labels are more
        reliable. :func:`skcrowd.metrics.get_scorer` has others. Early stopping compares
        epochs by ``"answer_log_likelihood"``: on the few held-out items agreement
        changes in steps, and is better for some crowds and worse for others.
        """
        check_aligned(X=X, y=y, sample_weight=sample_weight)
        y, is_truth = split_off_truth(y, stacklevel=4)
        if is_truth:
            predicted = self.predict(X)
            y, sample_weight = truth_and_weight(
                y, sample_weight, self._kind, len(predicted), self.classes_
            )
            return accuracy_score(y, predicted, sample_weight=sample_weight)
        return agreement_score(self.evaluate_answers(X, y), sample_weight)

    @uses_one_fit
    def evaluate_answers(self, X: Features, y: AnswersLike) -> AnswerEvaluation:
        """Compare answers with the predictions of their items.

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
            If ``y`` has other annotators than those of ``fit``, or a label that is
            not among ``classes_``.
        """
        check_aligned(X=X, y=y)
        log_proba, features = self._predict_all(X)
        annotations, _ = read_labels(y, self.classes_)
        check_consistent_length(log_proba, annotations)
        evaluation = evaluate_label_answers(
            self,
            annotations,
            log_proba,
            features,
            predicted=self._predicted_codes(log_proba),
        )
        return replace(evaluation, class_ranks=self._class_ranks)
