"""CrowdSequenceTagger."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from skcrowd import experimental
from skcrowd._sklearn_compat import Interval, StrOptions
from skcrowd.annotations import RegexTokenizer, SequenceAnnotations, TokenizedTexts
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._gold import read_gold, read_gold_tags
from skcrowd.annotations._lookup import preview
from skcrowd.annotations._span_tags import is_span_scheme
from skcrowd.backbones import RecurrentTagger
from skcrowd.estimators._answer_probabilities import answer_probabilities
from skcrowd.estimators._checked_input import CheckedSequences
from skcrowd.estimators._decoding import Decoder, warn_of_tags
from skcrowd.estimators._held_out import is_known
from skcrowd.estimators._input_checks import check_no_gold_with_truth
from skcrowd.estimators._insight import SequenceInsight
from skcrowd.estimators._parameter_checks import check_partial_fit
from skcrowd.estimators._scores import evaluate_label_answers
from skcrowd.estimators._snapshot import uses_one_fit
from skcrowd.estimators._tag_checks import warn_of_tag_crowd
from skcrowd.methods import SEQUENCE_METHODS, SequenceTrainingContext
from skcrowd.metrics import span_f1_score, token_accuracy_score
from skcrowd.training._prediction import predict_truth
from skcrowd.training._sequence_net import SequenceNet

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
    from skcrowd.annotations import Annotations, Span
    from skcrowd.methods import Method, MethodResult, TrainingContext
    from skcrowd.methods._side_information import SideInformation
    from skcrowd.metrics import AnswerEvaluation
    from skcrowd.training import ClassScores, NetFactory, Number

    from ._resumption import Resumption
    from ._sequence_estimator import TaggedSequences
    from ._sequence_features import RawSequences


__all__ = ["CrowdSequenceTagger"]

MIN_EPOCHS, MAX_EPOCHS = 12, 60
STEPS = 800  # of the optimiser, between these limits
TOKENS_PER_BATCH = 1024  # at most, unless a sequence is longer


class CrowdSequenceTagger(ClassifierMixin, SequenceInsight):
    """A network that tags sequences, trained directly on many annotators' tags.

    Every annotator tags some of the sequences, for example sentences with the names in
    them, with a confusion matrix of their own. Network and annotator model are trained
    jointly; no true tag is needed.

    Parameters
    ----------
    module : torch.nn.Module class or instance, or callable, default=None
        Network that maps a padded batch X, of shape (n_batch, longest, ...), and
        ``lengths``, of shape (n_batch,), to one row of scores per token (logits, before
        softmax), shape (n_batch, longest, n_classes). Its ``forward`` may do without
        the second parameter. For token lists X holds the integer codes of
        :class:`skcrowd.backbones.Vocabulary`, (n_batch, longest, n_codes), the word's
        first; 0 is unknown, and padding. A class is built with the ``module__``
        parameters; if its ``__init__`` has parameters ``n_features`` (features),
        ``n_words``, ``n_shapes``, ``n_affixes``, ``n_codes``, ``word_counts`` (tokens)
        or ``n_classes`` they are filled in from the data. An instance is copied and
        starts from its own weights. None means
        :class:`skcrowd.backbones.RecurrentTagger`, without dropout for a 2-D ``X``.
    method : str or Method, default="sequence_em"
        Learning procedure: ``"sequence_em"``, which models dependencies between tags,
        or any of CrowdClassifier's, which treat tokens as independent items: ``"em"``,
        ``"crowd_layer"``, ``"confusion_layer"``, ``"dawid_skene"``,
        ``"majority_vote"``. ``"em"`` is faster and more precise on sequences with
        ``method__epochs_per_round=5``. Or an object of :mod:`skcrowd.methods` with its
        own parameters, which are reachable as ``method__…`` either way.
    decode : {"viterbi", "argmax"}, default="viterbi"
        How ``predict`` and ``inferred_tags_`` come from probabilities: by the best
        path through the whole sequence, or token by token.
    transitions : {"valid", "learned"} or array-like of shape \
            (n_classes + 1, n_classes), default="valid"
        Weight of each transition from tag to tag in a path. "valid": 1, or 0 for
        transitions that are invalid in IOB2, BIOES or BILOU
        (:func:`skcrowd.aggregation.iob2_transitions`; no effect on other tags). IOB1,
        where I-X may begin a name, is to be converted before.
        "learned": the frequency in the inferred tags relative to that of independent
        tags, 0 where it is not valid. An array gives the weights, in the order of
        ``classes_``, the last row for the first token. ``"sequence_em"`` infers no
        transition of weight 0 either.
    criterion : torch.nn.Module class or instance, default=None
        Loss of the network to the inferred truth, for methods that train on it (not the
        crowd layers): log-probabilities and soft labels of shape (n_tokens, n_classes)
        to a loss for each token, such as
        ``torch.nn.CrossEntropyLoss(label_smoothing=0.1)``. None is cross-entropy.
    optimizer : torch.optim.Optimizer class, default=torch.optim.Adam
        Optimiser of the network; ``optimizer__…`` are its options. The annotator model
        has an Adam of its own, with the method's ``annotator_lr``.
    lr : float, default=4e-3
        Learning rate of the network.
    lr_schedule : {"linear", "constant"}, default="linear"
        "linear" lowers ``lr`` in equal steps to nearly 0 in the last epoch, unless the
        callbacks include a skorch LRScheduler.
    max_epochs : int, default=None
        Maximum number of passes over the sequences. None takes 12, or as many as give
        800 steps of the optimiser, at most 60.
    batch_size : int, default=None
        Number of sequences in a batch; batches consist of sequences of similar length.
        None takes between 16 and 64 (for a 2-D ``X`` 64 and 256), growing with the
        number of sequences, but no more than have 1024 tokens on average.
    early_stopping : bool, default=False
        Whether to stop when the log-likelihood of held-out tags no longer improves, and
        to keep the best epoch. No true tag is needed. The held-out sequences are not
        used for training.
    validation_fraction : float, default=0.1
        Share of the sequences held out by ``early_stopping``, stratified on the rarest
        tag of their majority vote.
    n_iter_no_change : int, default=5
        Epochs without improvement before ``early_stopping`` stops.
    classes : array-like of shape (n_classes,), default=None
        All tags that may occur, in the order wanted. None takes those that occur in
        ``y``, sorted.
    class_weight : dict of tag to float, "balanced" or None, default=None
        Weights by which the predicted probabilities of the classes are multiplied.
        "balanced" takes the inverse of the mean probabilities that the network predicts
        for the training items. The weights are applied after training (post-hoc logit
        adjustment, Menon et al. 2021), because the class frequencies are not known
        before; annotator parameters and the posterior of the training items do not
        depend on them.
    annotator_prior : dict, pandas Series or DataFrame, or array-like of shape \
            (n_annotators,) or (n_annotators, 2), default=None
        Prior knowledge of annotators, such as the score in a qualification test: the
        share of right tags, or that share and the number of tokens it was measured on
        (20 if not given). Keys or index are the names of annotators; an array is in the
        order of the columns of ``y``; NaN or None is unknown. A trusted expert is
        ``{"ann": (0.99, 1000)}``.
    warm_start : bool, default=False
        Whether ``fit`` starts from the network, vocabulary and annotator parameters of
        the previous fit.
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
        Seeds network, dropout, order of the sequences and early stopping. The same int
        gives the same bits on a CPU. The global generators of torch keep their state;
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
        Tags.
    annotator_confusion_ : ndarray of shape (n_annotators, n_classes, n_classes)
        ``[r, i, j]`` is the probability that annotator r answers ``classes_[j]`` where
        the true tag is ``classes_[i]``. Rows sum to 1. For ``"sequence_em"``, whose
        annotator model depends on the previous tag, it is the average over all
        contexts, which ``score`` and ``predict_annotator_proba`` use, too.
    annotators_ : ndarray of shape (n_annotators,)
        Names of the annotators: the columns of a DataFrame, or their numbers.
    n_annotators_ : int
        Number of annotators.
    annotator_n_answers_ : ndarray of shape (n_annotators,)
        Number of tagged tokens by every annotator.
    class_prior_ : ndarray of shape (n_classes,)
        Estimated shares of the tags among the training tokens.
    posterior_ : list of n_samples ndarray of shape (length, n_classes)
        Probability of the true tags of the training sequences: given features and
        answers (``"sequence_em"``, ``"em"``, ``"confusion_layer"``), given the answers
        (``"dawid_skene"``), or the shares of the votes (``"majority_vote"``). NaN for
        sequences of weight zero. Not set by the crowd layer. For a 2-D ``X`` one
        ndarray of shape (n_samples, n_classes).
    inferred_tags_ : list of n_samples ndarray of shape (length,)
        Best path of tags through every training sequence, by ``posterior_``, or the
        method's own model of sequences; by the network where there is neither. For a
        2-D ``X`` one ndarray of shape (n_samples,).
    transitions_ : ndarray of shape (n_classes + 1, n_classes)
        Weight of every transition in decoding; the last row is for the first token.
    network_weight_, transition_weight_ : float
        Only after ``"sequence_em"``: weight of the out-of-fold networks in
        ``posterior_``, and power of the transition probabilities beside them. A
        ``network_weight_`` of 0 means that the tags were inferred from the answers
        alone.
    tokenizer_ : skcrowd.annotations.RegexTokenizer
        How texts are split; only after TokenizedTexts that a RegexTokenizer has made.
    vocabulary_ : skcrowd.backbones.Vocabulary
        Words of the training sequences; only after token lists.
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
        Number of features of a token; not after token lists.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, where a 2-D ``X`` has names that are all strings.

    See Also
    --------
    skcrowd.annotations.SequenceAnnotations : Tag sequences in any form.
    skcrowd.aggregation.sequence_dawid_skene : True tags from those of annotators alone.
    skcrowd.metrics.span_scores : Precision, recall and F1 of spans.
    skcrowd.datasets.fetch_conll_mturk : Names in news, tagged by 47 people.

    Notes
    -----
    The precision of the features decides that of network and annotators: float64 stays
    float64, float32 stays float32, everything else becomes float32. For speed pass
    float32. With token lists it is float32.

    Memory is as for :class:`CrowdClassifier`, with tokens as items. ``"sequence_em"``
    has a table of annotators × tags³, or × tags⁴ where it is small, and raises an error
    before training if that exceeds the memory.

    For ``GridSearchCV`` and the like pass a SequenceAnnotations, or true tags as a list
    of arrays; scikit-learn cannot read lists of lists, or matrices of them, when ``cv``
    is a number. Scalers in a pipeline need a 2-D ``X``; the default network scales
    features itself. Where a fold may lack a rare tag, pass ``classes`` or a
    SequenceAnnotations, which keeps all classes. With a padded ``X``, ``lengths``
    reaches a search by metadata routing only; a list of arrays needs none.

    A SequenceAnnotations is always one of annotators who may err, also that of
    ``from_gold``. For true tags pass a list of tag sequences.

    ``sample_weight`` counts like repetition.

    References
    ----------
    F. Rodrigues, F. Pereira. Deep learning from crowds. AAAI 2018, arXiv:1709.01779.
    A. K. Menon et al. Long-tail learning via logit adjustment. ICLR 2021,
    arXiv:2007.07314

    Examples
    --------
    >>> from skcrowd import CrowdSequenceTagger
    >>> X = [["Ann", "met", "Bob"], ["Bob", "slept"], ["Tim", "left", "Ann", "Lee"]] * 5
    >>> y = [
    ...     [["B", "O", "B"], ["B", "O", "B"], None],
    ...     [["B", "O"], None, ["O", "O"]],
    ...     [None, ["B", "O", "B", "I"], ["B", "O", "O", "I"]],
    ... ] * 5
    >>> tagger = CrowdSequenceTagger(max_epochs=30, random_state=0).fit(X, y)
    >>> tagger.predict([["Tim", "met", "Ann"]])
    [array(['B', 'O', 'B'], dtype='<U1')]
    >>> tagger.annotator_confusion_.shape
    (3, 3, 3)
    """

    _method_kinds = ("labels", "tags")
    _net = SequenceNet
    _known_methods = {**SEQUENCE_METHODS, **experimental.LABEL_METHODS}
    _default_module = RecurrentTagger

    _parameter_constraints: dict[str, Any] = {
        **SequenceInsight._parameter_constraints,
        "decode": [StrOptions({"viterbi", "argmax"})],
        "transitions": [StrOptions({"valid", "learned"}), "array-like"],
        "max_epochs": [Interval(Integral, 1, None, closed="left"), None],
        "lr_schedule": [StrOptions({"linear", "constant"})],
    }

    def __init__(
        self,
        module: ModuleLike = None,
        *,
        method: str | Method = "sequence_em",
        criterion: Any = None,
        decode: Literal["viterbi", "argmax"] = "viterbi",
        transitions: Literal["valid", "learned"] | ArrayLike = "valid",
        optimizer: type[torch.optim.Optimizer] = torch.optim.Adam,
        lr: float = 4e-3,
        lr_schedule: Literal["linear", "constant"] = "linear",
        max_epochs: int | None = None,
        batch_size: int | None = None,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 5,
        classes: ArrayLike | None = None,
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
        self.decode = decode
        self.transitions = transitions
        self.optimizer = optimizer
        self.lr = lr
        self.lr_schedule = lr_schedule
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.classes = classes
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
        lengths: ArrayLike | None = None,
    ) -> CrowdSequenceTagger:
        """Train network and annotator model.

        Parameters
        ----------
        X : list or array-like of n_samples sequences
            Lists of tokens (strings), arrays of shape (length, n_features), a padded
            3-D array with `lengths`, or a 2-D array, one token a sequence.
        y : SequenceAnnotations, or array-like of shape (n_samples, n_annotators)
            Tag sequences, or None where an annotator did not tag the sequence; single
            tags may be missing. Or a flat matrix (n_tokens, n_annotators), as
            Annotations, sparse matrix or array. A 1-D ``y`` of tag sequences is one
            annotator who is always right. Distributions over tags are read by
            :meth:`skcrowd.annotations.SequenceAnnotations.from_soft_labels`.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the sequences. Those of weight zero are left out.
        gold : sequence of n_samples tag sequences or None, or dict, default=None
            The true tags of some sequences, None for the others, or a dict from row
            (or name of the sequence, where ``y`` has them) to tags; single tags may be
            missing. They are the truth in every method: the network learns them, and
            annotators are measured by them. Sequences that have them need no answers.
            For a 2-D ``X`` one tag a sample, None where it is not known.
        lengths : array-like of shape (n_samples,), default=None
            Number of tokens of every sequence of a padded 3-D ``X``; None: no padding.
        validation : array-like of bool of shape (n_samples,), default=None
            Which sequences are the validation set: nothing is learned from them, and
            the history has their loss after each epoch, ``valid_loss``, to their `gold`
            where they have it, else to their answers. With ``early_stopping=True``
            they take the place of sequences chosen at random.

        Returns
        -------
        self : CrowdSequenceTagger
            The fitted estimator.

        Raises
        ------
        ValueError
            If ``X`` is of none of these forms, a tag sequence has a wrong length, no
            tag is given, `gold` does not fit, or the network does not return a row of
            scores a token; or if rows of two arguments carry different labels (the
            index of a table or Series, the names of sequences).
        """
        return self._fit(
            X, y, sample_weight, gold, validation=validation, lengths=lengths
        )

    def partial_fit(
        self,
        X: Features,
        y: AnswersLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        *,
        gold: Gold = None,
        lengths: ArrayLike | None = None,
    ) -> CrowdSequenceTagger:
        """Train for one pass over further sequences, by further or the same annotators.

        Annotators are matched by name, or by their column where they have no names;
        new ones may be added. Estimates from earlier answers are kept: every answer
        counts once, so pass each of them once. Words that do not occur in the first
        call stay unknown.

        After parts with tags of annotators, a single column is one annotator's.

        Parameters
        ----------
        X : list or array-like of n_samples sequences
            In the form of the first call.
        y : SequenceAnnotations, or array-like of shape (n_samples, n_annotators)
        classes : array-like of shape (n_classes,), default=None
            All tags that may ever occur. Needed in the first call, unless `classes` is
            a parameter of the estimator or ``y`` a SequenceAnnotations.
        sample_weight : array-like of shape (n_samples,), default=None
        gold : sequence of n_samples tag sequences or None, default=None
            See :meth:`fit`.
        lengths : array-like of shape (n_samples,), default=None
            Number of tokens of every sequence of a padded 3-D ``X``; None: no padding.

        Returns
        -------
        self : CrowdSequenceTagger
            ``posterior_`` and ``inferred_tags_`` are those of these sequences.

        Raises
        ------
        ValueError
            If a tag is none of the classes, `classes` is missing in the first call or
            differs from it, or ``early_stopping`` is on.
        """
        check_partial_fit(self)
        self._check_partial_fit_classes(classes, y_has_classes=hasattr(y, "classes"))
        options = {"lengths": lengths, "classes": classes}
        return self._fit(X, y, sample_weight, gold, is_part=True, **options)

    def _read_input(
        self,
        resumption: Resumption,
        X: Features,
        y: AnswersLike,
        sample_weight: Any,
        gold: Gold,
        lengths: Any,
        classes: Any = None,
    ) -> CheckedSequences:
        classes = self._classes_to_read(classes, resumption.resumes)
        reset = not resumption.resumes
        if reset:
            self._remember_tokenizer(X)
        read = self._read(X, y, sample_weight, lengths, classes, reset=reset)
        resumption.check_target(read.is_truth)
        self._form = read.raw.form
        self._is_padded = lengths is not None
        annotations, gold = self._join(read, gold, resumption, classes is not None)
        if reset:
            self._decoder = Decoder(self.decode, self.transitions, self.classes_)
        warn_of_tags(annotations, self.classes_, self.transitions)
        weight, is_part = read.weight, resumption.is_part
        if not (read.is_truth or is_part):
            warn_of_tag_crowd(annotations, gold)
        checked = self._checked_input(
            None, annotations, weight, gold, read.is_truth, is_part
        )
        learnable = np.zeros(len(weight), dtype=bool)
        learnable[checked.kept] = is_known(annotations, gold) & ~checked.held_out
        if reset:
            self._fit_vocabulary(read.raw, learnable)
        rows = self._encode(read.raw, None if reset else self._precision())
        kept_rows = rows if weight.all() else rows[np.flatnonzero(weight)]
        return CheckedSequences(
            **{**vars(checked), "X": kept_rows}, rows=rows, learnable=learnable
        )

    def _remember_tokenizer(self, X: Features) -> None:
        """Set the tokenizer of `X`, if it is one that every copy and file can hold."""
        self.__dict__.pop("tokenizer_", None)
        tokenizer = getattr(X, "tokenizer", None)
        if isinstance(X, TokenizedTexts) and isinstance(tokenizer, RegexTokenizer):
            self.tokenizer_ = tokenizer

    def _join(
        self, read: TaggedSequences, gold: Gold, resumption: Resumption, is_fixed: bool
    ) -> tuple[SequenceAnnotations, Any]:
        """Join the annotators of earlier parts, and the tags of gold; set ``classes_``.

        Parameters
        ----------
        read : TaggedSequences
        gold : object
            What the user gave.
        resumption : Resumption
        is_fixed : bool
            Whether no class may be added.

        Returns
        -------
        annotations : SequenceAnnotations
        gold : int64 ndarray of shape (n_tokens,) or None
        """
        annotations, classes = read.annotations, read.classes
        if resumption.adds:
            tokens = resumption.join_annotators(annotations.tokens)
            annotations = replace(annotations, tokens=tokens)
        known = self._read_gold(gold, read.raw, annotations, read.is_truth)
        gold = None
        if known is not None:
            known = known[np.flatnonzero(read.weight)]
            annotations, gold = self._encode_gold(annotations, known, is_fixed=is_fixed)
            classes = annotations.classes
        self._set_classes(classes)
        return annotations, gold

    def _read_gold(
        self, gold: Gold, raw: RawSequences, annotations: Any, is_truth: bool
    ) -> Any:
        """Read the known tags of all sequences, or return None."""
        check_no_gold_with_truth(gold, is_truth)
        if gold is None:
            return None
        if raw.form == "table":
            n_items, classes = len(raw.lengths), annotations.classes
            return read_gold(gold, n_items, self._kind, classes)
        return read_gold_tags(gold, raw.lengths, annotations.classes)

    def _pack_context(
        self, checked: Any, factory: NetFactory, side_information: SideInformation
    ) -> SequenceTrainingContext:
        lengths = checked.annotations.lengths
        return SequenceTrainingContext(
            checked.X,
            checked.annotations.tokens,
            np.repeat(checked.weight, lengths),
            factory,
            np.repeat(checked.held_out, lengths),
            side_information,
            transitions=self._decoder.given,
        )

    def _factory_options(self) -> dict[str, str]:
        return {"lr_schedule": self.lr_schedule}

    def _n_epochs(self, n_samples: int, n_items: int | None = None) -> int:
        if self.max_epochs is not None:
            return self.max_epochs
        steps = -(-n_samples // self._n_per_batch(n_samples, n_items))
        return int(np.clip(-(-STEPS // steps), MIN_EPOCHS, MAX_EPOCHS))

    def _n_per_batch(self, n_samples: int, n_items: int | None = None) -> int:
        """Return fewer sequences for a batch where they are long."""
        n_per_batch = super()._n_per_batch(n_samples, n_items)
        if self.batch_size is not None or self._form == "table" or n_items is None:
            return n_per_batch
        return max(1, min(n_per_batch, TOKENS_PER_BATCH * n_samples // n_items))

    def _batch_limits(self) -> tuple[int, int]:
        """Return smaller limits for sequences of several tokens than for items."""
        return super()._batch_limits() if self._form == "table" else (16, 64)

    def _network_sizes(
        self, output: ClassScores | Number, X: Features, weight: FloatArray
    ) -> dict[str, Any]:
        """Add sizes of the vocabulary; for a 2-D ``X`` set dropout to zero."""
        own: dict[str, Any] = {}
        if self._form == "tokens":
            own = self.vocabulary_.sizes
        elif self._form == "table" and self.module is None:
            own = {"dropout": 0.0, "input_dropout": 0.0}
        return {**output.sizes, **own}

    def _set_fitted_attributes(
        self,
        checked: Any,
        context: TrainingContext,
        result: MethodResult,
        resumption: Resumption,
    ) -> None:
        truth, inferred = self._set_label_attributes(context, result, resumption)
        tags = self._infer_tags(checked, context, result, truth)
        self._set_span_counts(checked, inferred, tags, adds=resumption.adds)
        self._learn_transitions(checked, context, tags)
        self._set_inferred_tags(checked, tags)
        self._set_posterior(checked, result.posterior)

    def _infer_tags(
        self,
        checked: Any,
        context: TrainingContext,
        result: MethodResult,
        truth: FloatArray,
    ) -> IntArray:
        """Return codes of the inferred tags of the training tokens, (n_tokens,).

        They are those of the method, where it has a model of sequences, else the best
        path by `truth`.
        """
        if checked.is_truth or (result.tags is not None and self.decode == "argmax"):
            return truth.argmax(axis=1)
        if result.tags is not None:
            return result.tags
        with np.errstate(divide="ignore"):
            log_truth = np.log(truth)
        lengths = checked.annotations.lengths
        return context.clamp_gold(self._decoder(log_truth, lengths))

    def _learn_transitions(
        self, checked: Any, context: TrainingContext, tags: IntArray
    ) -> None:
        """Set ``transitions_`` from the inferred tags of the training tokens."""
        lengths = checked.annotations.lengths
        is_learnable = np.repeat(checked.learnable[checked.kept], lengths)
        self._decoder = copy(self._decoder)  # an earlier fit uses the same object
        self._decoder.learn(tags, lengths, context.sample_weight * is_learnable)
        self.transitions_ = self._decoder.weights

    def _set_inferred_tags(self, checked: Any, tags: Any) -> None:
        """Set the inferred tags; predict those of sequences of weight zero."""
        tags, rows = self.classes_[tags], checked.rows
        if not checked.kept.all():
            left_out = rows[~checked.kept]
            log_proba = self._reweight(predict_truth(self.net_, left_out))
            is_kept = np.repeat(checked.kept, rows.lengths)
            all_tags = np.empty(len(is_kept), dtype=tags.dtype)
            all_tags[is_kept] = tags
            all_tags[~is_kept] = self._tags(log_proba, left_out.lengths)
            tags = all_tags
        self.inferred_tags_ = self._cut(tags, rows.lengths)

    def _set_posterior(self, checked: Any, posterior: FloatArray | None) -> None:
        """Set ``posterior_``, NaN for sequences of weight zero."""
        self.__dict__.pop("posterior_", None)
        if posterior is None:
            return
        rows = checked.rows
        if not checked.kept.all():
            is_kept = np.repeat(checked.kept, rows.lengths)
            all_rows = np.full((len(is_kept), posterior.shape[1]), np.nan)
            all_rows[is_kept] = posterior
            posterior = all_rows
        self.posterior_ = self._cut(posterior, rows.lengths)

    def _tags(self, log_proba: FloatArray, lengths: Any) -> Array:
        """Return the decoded tags of all tokens."""
        return self.classes_[self._decoder(log_proba, lengths)]

    def _predict_truth(
        self, X: Features, lengths: Any = None
    ) -> tuple[FloatArray, Any]:
        """Return log-probabilities of all tokens, and the lengths of the sequences."""
        check_is_fitted(self)
        rows = self._read_to_predict(X, lengths)
        return predict_truth(self.net_, rows), rows.lengths

    def _predict_all(
        self, X: Features, lengths: Any
    ) -> tuple[FloatArray, Any, torch.Tensor | None]:
        """Return these, and the features that the annotator model needs."""
        check_is_fitted(self)
        rows = self._read_to_predict(X, lengths)
        log_proba = predict_truth(self.net_, rows)
        return log_proba, rows.lengths, self._hidden_features(rows)

    @uses_one_fit
    def predict_proba(
        self, X: Features, *, lengths: ArrayLike | None = None
    ) -> list[FloatArray] | Any:
        """Probability of every tag of every token.

        Parameters
        ----------
        X : list or array-like of n_samples sequences
            In the form of ``fit``.
        lengths : array-like of shape (n_samples,), default=None
            Number of tokens of every sequence of a padded 3-D ``X``; None: no padding.

        Returns
        -------
        proba : list of ndarray of shape (length, n_classes)
            Columns in the order of ``classes_``. For a 2-D ``X`` one ndarray of shape
            (n_samples, n_classes).
        """
        log_proba, lengths = self._predict_truth(X, lengths)
        return self._cut(np.exp(self._reweight(log_proba)), lengths)

    @uses_one_fit
    def predict(
        self, X: Features, *, lengths: ArrayLike | None = None
    ) -> list[Array] | Any:
        """Best tags, by the path through the whole sequence (`decode`).

        Parameters
        ----------
        X : list or array-like of n_samples sequences
            In the form of ``fit``.
        lengths : array-like of shape (n_samples,), default=None
            Number of tokens of every sequence of a padded 3-D ``X``; None: no padding.

        Returns
        -------
        tags : list of ndarray of shape (length,)
            For a 2-D ``X`` one ndarray of shape (n_samples,).
        """
        log_proba, lengths = self._predict_truth(X, lengths)
        return self._cut(self._tags(self._reweight(log_proba), lengths), lengths)

    @uses_one_fit
    def predict_spans(
        self, texts: Sequence[str], *, tokenizer: Any = None
    ) -> list[list[Span]]:
        """Find the spans in texts, by the places of their characters.

        Parameters
        ----------
        texts : list of n_texts str, or TokenizedTexts
            Texts without a token have no span.
        tokenizer : callable, str or None, default=None
            How texts are split, as the ones of ``fit`` were; see
            :class:`~skcrowd.annotations.TokenizedTexts`. None takes ``tokenizer_``.

        Returns
        -------
        spans : list of n_texts lists of Span
            Tuples (start, end, label), in order.

        Raises
        ------
        ValueError
            If there is no tokenizer, the estimator was not fitted with lists of tokens,
            or its classes do not mark spans.

        Examples
        --------
        >>> from skcrowd import CrowdSequenceTagger, SequenceAnnotations
        >>> from skcrowd.annotations import TokenizedTexts
        >>> X = TokenizedTexts(["Ann met Bob.", "Bob slept.", "Tim left Ann."] * 8)
        >>> names = [[(0, 3, "PER"), (8, 11, "PER")], [(0, 3, "PER")]]
        >>> names.append([(0, 3, "PER"), (9, 12, "PER")])
        >>> spans = [{"x": found, "y": found} for found in names] * 8
        >>> y = SequenceAnnotations.from_spans(X, spans)
        >>> tagger = CrowdSequenceTagger(max_epochs=20, random_state=0).fit(X, y)
        >>> tagger.predict_spans(["Tim met Bob."])
        [[Span(start=0, end=3, label='PER'), Span(start=8, end=11, label='PER')]]
        """
        check_is_fitted(self)
        if self._form != "tokens" or not is_span_scheme(self.classes_):
            raise ValueError(
                "predict_spans needs lists of tokens and tags such as 'B-PER' in fit; "
                f"it had {self._form} and {preview(self.classes_)}. Use predict."
            )
        X = self._tokenized(texts, tokenizer)
        rows = [row for row, tokens in enumerate(X) if tokens]
        found: list[list[Span]] = [[] for _ in X]
        if rows:
            known = X[rows]
            for row, spans in zip(rows, known.spans(self.predict(known)), strict=True):
                found[row] = spans
        return found

    def _tokenized(self, texts: Sequence[str], tokenizer: Any) -> TokenizedTexts:
        """Split texts by a tokenizer, or the one of ``fit``."""
        if isinstance(texts, TokenizedTexts):
            if tokenizer is None:
                return texts
            raise ValueError("texts are tokenized already; leave tokenizer out.")
        if tokenizer is None:
            tokenizer = getattr(self, "tokenizer_", None)
        if tokenizer is None:
            raise ValueError(
                "how texts are split is not known: fit had no TokenizedTexts of a "
                "RegexTokenizer; pass tokenizer=, the one that made the tokens of fit."
            )
        return TokenizedTexts(texts, tokenizer)

    @uses_one_fit
    def predict_annotator_proba(
        self, X: Features, *, lengths: ArrayLike | None = None
    ) -> list[FloatArray] | Any:
        """Probability of every tag by every annotator.

        Parameters
        ----------
        X : list or array-like of n_samples sequences
            In the form of ``fit``.
        lengths : array-like of shape (n_samples,), default=None
            Number of tokens of every sequence of a padded 3-D ``X``; None: no padding.

        Returns
        -------
        proba : list of ndarray of shape (length, n_annotators, n_classes)
            For a 2-D ``X`` one ndarray of shape (n_samples, n_annotators, n_classes).
        """
        log_proba, lengths, features = self._predict_all(X, lengths)
        proba = answer_probabilities(log_proba, self.annotator_model_, features)
        return self._cut(proba, lengths)

    @uses_one_fit
    def score(
        self,
        X: Features,
        y: AnswersLike,
        sample_weight: ArrayLike | None = None,
        *,
        lengths: ArrayLike | None = None,
    ) -> float:
        """Score predictions by true tags, or by those of annotators.

        Parameters
        ----------
        X : list or array-like of n_samples sequences
            In the form of ``fit``.
        y : list of n_samples tag sequences, or annotations in any form of ``fit``
        sample_weight : array-like of shape (n_samples,), default=None
        lengths : array-like of shape (n_samples,), default=None
            Number of tokens of every sequence of a padded 3-D ``X``; None: no padding.

        Returns
        -------
        score : float
            For true tags the F1 of spans that match exactly, or the share of right
            tokens where the tags are not of the form B-X
            (:func:`skcrowd.metrics.token_accuracy_score` always gives that). For
            annotations the mean log-probability of an annotator's tag (at most 0,
            higher is better; ``answer_log_likelihood``), the criterion of early
            stopping, which ranked taggers best (``docs/guide/scores.md``).

        Raises
        ------
        ValueError
            If annotations have other annotators than those of ``fit``, or a tag that is
            not among ``classes_``, or a tag sequence has a wrong length.
        """
        check_aligned(X=X, y=y, sample_weight=sample_weight, lengths=lengths)
        log_proba, n_tokens, features = self._predict_all(X, lengths)
        y, is_truth = self._read_to_score(y, n_tokens)
        if is_truth:
            tags = self._tags(self._reweight(log_proba), n_tokens)
            return self._truth_score(y, self._cut(tags, n_tokens), sample_weight)
        evaluation = self._evaluate(y, log_proba, n_tokens, features)
        return evaluation.mean(evaluation.log_likelihood, sample_weight)

    @uses_one_fit
    def evaluate_answers(
        self, X: Features, y: AnswersLike, *, lengths: ArrayLike | None = None
    ) -> AnswerEvaluation:
        """Compare annotators' tags with the predictions of their tokens.

        The scorers of :mod:`skcrowd.metrics` read the result.

        Parameters
        ----------
        X : list or array-like of n_samples sequences
            In the form of ``fit``.
        y : annotations in any form of ``fit``
        lengths : array-like of shape (n_samples,), default=None
            Number of tokens of every sequence of a padded 3-D ``X``; None: no padding.

        Returns
        -------
        evaluation : skcrowd.metrics.AnswerEvaluation
            Its items are the tokens.

        Raises
        ------
        ValueError
            If ``y`` holds true tags, other annotators than those of ``fit``, a tag that
            is not among ``classes_``, or a tag sequence of a wrong length.
        """
        check_aligned(X=X, y=y, lengths=lengths)
        log_proba, n_tokens, features = self._predict_all(X, lengths)
        y, is_truth = self._read_to_score(y, n_tokens)
        if is_truth:
            raise ValueError(
                "y holds one tag sequence for each sequence of X, which are true tags; "
                "pass those of annotators, with a cell for each sequence and annotator."
            )
        return self._evaluate(y, log_proba, n_tokens, features)

    def _evaluate(
        self,
        annotations: Annotations,
        log_proba: FloatArray,
        lengths: Any,
        features: torch.Tensor | None,
    ) -> AnswerEvaluation:
        """Return annotations of the tokens with their predictions, for scorers."""
        predicted = self._decoder(self._reweight(log_proba), lengths)
        return evaluate_label_answers(
            self,
            annotations,
            log_proba,
            features,
            predicted=predicted,
            lengths=lengths,
        )

    def _truth_score(self, y: AnswersLike, tags: Any, sample_weight: Any) -> float:
        """Return the F1 of spans where the possible tags mark spans, else accuracy."""
        of_y = y.classes if isinstance(y, SequenceAnnotations) else np.unique(y)
        may_occur = {*self.classes_.tolist(), *of_y.tolist()}
        measure = span_f1_score if is_span_scheme(may_occur) else token_accuracy_score
        return measure(y, tags, sample_weight=sample_weight)
