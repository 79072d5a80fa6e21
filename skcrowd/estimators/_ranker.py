"""A scoring network that is learned from the preferences of several annotators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.utils.validation import check_is_fitted

from skcrowd.aggregation.comparisons import Comparisons
from skcrowd.estimators._classifier import CrowdClassifier
from skcrowd.estimators._item_pairs import (
    pairs_of,
    read_outcomes,
    refuse_preference_table,
)
from skcrowd.estimators._item_reader import FIRST, SECOND, ItemReader, part_of
from skcrowd.estimators._pair_network import pair_network
from skcrowd.estimators._parameter_checks import check_module_parameters
from skcrowd.estimators._part_columns import check_columns, names_of_columns
from skcrowd.training._finite import check_finite
from skcrowd.training._items import ArrayItems
from skcrowd.training._network_input import as_network_input

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.utils import Tags

    from skcrowd._typing import AnswersLike, Array, ArrayLike, Features, FloatArray


__all__ = ["CrowdRanker"]

ITEMS_AT_ONCE = 4096


class CrowdRanker(MetaEstimatorMixin, BaseEstimator):
    """Learn scores of items from pairwise preferences of several annotators.

    People, or language models, are shown two items and say which is better. A network
    gives each item a score, the two scores the probability of each outcome (see
    :class:`skcrowd.backbones.PairScorer`), and a :class:`skcrowd.CrowdClassifier` of
    pairs learns from all answers, and the habits of each annotator: who answers at
    random, and who prefers what is shown first.

    Parameters
    ----------
    classifier : CrowdClassifier, default=None
        How to learn: method, epochs, random state and so on. Its ``module`` is the
        network that maps a batch of items to one score each, (n_batch,) or
        (n_batch, 1), :class:`skcrowd.backbones.TabularNet` by default, with settings
        chosen from pairs and answers (``docs/guide/preferences.md``); a class gets
        ``n_features`` and ``n_outputs=1`` where it takes them. None means
        ``CrowdClassifier(method="confusion_layer")``, which maximises the likelihood of
        the answers: which of two items is better is often uncertain by itself, and EM
        makes its targets too certain (``benchmarks/preferences.py``).

    Attributes
    ----------
    classifier_ : CrowdClassifier
        Fitted to pairs; it has all reports. Its ``X`` is a dict of the arrays
        ``first`` and ``second``.
    classes_ : ndarray of shape (n_classes,)
        "first", "second" and, if an answer was one, "tie".
    annotators_ : ndarray of shape (n_annotators,)
    annotator_confusion_ : ndarray of shape (n_annotators, n_classes, n_classes)
        Probability of each answer, given what is truly better.
    offset_ : float
        Subtracted from what the network says, so that scores have mean 0 in ``fit``.
    position_effect_ : ndarray of shape (n_annotators,)
        Half the difference of the probabilities to answer "first" and "second" wrongly:
        0 for annotators who do not mind the place, 0.5 for those who always take the
        first.

    See Also
    --------
    skcrowd.aggregation.CrowdBradleyTerry : Scores from preferences without features.

    References
    ----------
    .. [1] X. Chen, P. N. Bennett, K. Collins-Thompson, E. Horvitz. Pairwise ranking
       aggregation in a crowdsourced setting. WSDM 2013. doi:10.1145/2433396.2433420
    .. [2] F. Rodrigues, F. Pereira. Deep learning from crowds. AAAI 2018.
       arXiv:1709.01779

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd import CrowdClassifier, CrowdRanker
    >>> rng = np.random.default_rng(0)
    >>> items = rng.normal(size=(60, 3))  # people like what is large in the first
    >>> first, second = rng.integers(0, 60, (2, 200))
    >>> is_better = items[first, 0] > items[second, 0]
    >>> is_right = rng.random((200, 4)) < [0.9, 0.9, 0.8, 0.5]
    >>> y = np.where(is_better[:, None] == is_right, "first", "second")
    >>> classifier = CrowdClassifier(method="confusion_layer", random_state=0)
    >>> ranker = CrowdRanker(classifier).fit((items[first], items[second]), y)
    >>> scores = ranker.score_items(items)
    >>> bool(np.corrcoef(scores, items[:, 0])[0, 1] > 0.9)
    True
    """

    classifier_: CrowdClassifier
    offset_: float
    _reader: ItemReader

    def __init__(self, classifier: CrowdClassifier | None = None) -> None:
        self.classifier = classifier

    def fit(
        self,
        X: Features,
        y: AnswersLike | Comparisons,
        sample_weight: ArrayLike | None = None,
    ) -> CrowdRanker:
        """Learn from preferences.

        Parameters
        ----------
        X : (first, second), dict or SliceDict of the arrays first and second, or \
                array-like of shape (n_items, ...)
            The items of each pair, in the places in which they were shown; each array
            has a row for each pair. With :class:`skcrowd.aggregation.Comparisons` as
            ``y``, the items themselves, in the order of its ``item_names``.
            scikit-learn's searches take skorch's ``SliceDict``, whose rows are pairs.
        y : annotations of shape (n_pairs, n_annotators), or Comparisons
            "first", "second" or "tie" for each pair and annotator, or missing.
        sample_weight : array-like of shape (n_pairs,), default=None

        Returns
        -------
        self : CrowdRanker

        Raises
        ------
        ValueError
            If `X` has no two arrays of equal shape, with columns of the same names; if
            an index of `X`, ``y`` or `sample_weight` has the labels of the pairs in
            another order, or that of the items is not ``item_names``; if an answer is
            something else, or everybody only says "tie"; or if `classifier` has
            `warm_start`, `classes` or `ordinal`, which mean nothing for pairs, or
            parameters ``module__...`` for a module that is an instance.
        TypeError
            If `classifier` is no CrowdClassifier.
        """
        classifier = self._new_classifier()
        check_module_parameters(classifier)
        refuse_preference_table(y)
        reader = ItemReader.of(classifier.module, X)
        pairs, answers = _read(reader, X, y, sample_weight=sample_weight)
        annotations = read_outcomes(answers)
        outcomes = annotations.classes.tolist()
        network = pair_network(classifier.module, pairs)
        classifier.set_params(module=network, classes=outcomes)
        net = classifier.fit(pairs, annotations, sample_weight).net_
        scores = [_raw_scores(net, part_of(pairs, name)) for name in (FIRST, SECOND)]
        self.classifier_, self._reader = classifier, reader
        self.offset_ = float(np.mean(scores))
        return self

    def score_items(self, X: Features) -> FloatArray:
        """Return the scores of single items: the higher, the better.

        Parameters
        ----------
        X : array-like of shape (n_items, ...)
            In the form of one of the two arrays of ``fit``.

        Returns
        -------
        scores : float64 ndarray of shape (n_items,)
            Differences are log odds that one item is better than the other. The mean
            over the pairs of ``fit`` is 0.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the ranker is not fitted.
        ValueError
            If items have another shape, or columns of other names, than those of
            ``fit``, or the network gives one no finite score.
        """
        check_is_fitted(self)
        fitted = dict(self.classifier_._part_columns).get(FIRST, ())
        check_columns("X", names_of_columns(X), fitted, type(self).__name__)
        items = self._reader.read(X)
        shape = ArrayItems({FIRST: items}).item_shape[0][1:]
        if shape != self._item_shape():
            raise ValueError(
                f"X holds items of shape {shape}, but the pairs of fit had items of "
                f"shape {self._item_shape()}."
            )
        return _raw_scores(self.classifier_.net_, items) - self.offset_

    def _item_shape(self) -> tuple[Any, ...]:
        """Return the shape of an item of ``fit``."""
        return tuple(self.classifier_._item_shape[0][1:])

    def rank(self, X: Features) -> Array:
        """Return the positions of items, the best first.

        Parameters
        ----------
        X : array-like of shape (n_items, ...)

        Returns
        -------
        order : int64 ndarray of shape (n_items,)
        """
        return np.argsort(-self.score_items(X), kind="stable")

    def predict(self, X: Features) -> Array:
        """Predict which item of each pair is better.

        Parameters
        ----------
        X : pairs as in :meth:`fit`

        Returns
        -------
        outcomes : ndarray of shape (n_pairs,)
            "first", "second" or "tie".
        """
        check_is_fitted(self)
        return self.classifier_.predict(self._reader.read_pairs(X))

    def predict_proba(self, X: Features) -> FloatArray:
        """Predict the probability of each outcome.

        Parameters
        ----------
        X : pairs as in :meth:`fit`

        Returns
        -------
        proba : ndarray of shape (n_pairs, n_classes)
        """
        check_is_fitted(self)
        return self.classifier_.predict_proba(self._reader.read_pairs(X))

    def score(
        self, X: Features, y: AnswersLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Score predictions against the truth, or against answers.

        Parameters
        ----------
        X : pairs as in :meth:`fit`
        y : array-like of shape (n_pairs,) or annotations of shape \
                (n_pairs, n_annotators)
            What is truly better: the accuracy. Answers: see
            :meth:`skcrowd.CrowdClassifier.score`.
        sample_weight : array-like of shape (n_pairs,), default=None

        Returns
        -------
        score : float
        """
        check_is_fitted(self)
        pairs = self._reader.read_pairs(X, y=y, sample_weight=sample_weight)
        return self.classifier_.score(pairs, y, sample_weight)

    def annotator_report(self, *, level: float = 0.95) -> pd.DataFrame:
        """Report the annotators; see :meth:`skcrowd.CrowdClassifier.annotator_report`.

        Parameters
        ----------
        level : float, default=0.95
            Probability of the intervals.

        Returns
        -------
        report : pandas.DataFrame of shape (n_annotators, ...)
            With the column ``position_effect``, too.
        """
        check_is_fitted(self)
        report = self.classifier_.annotator_report(level=level)
        return report.assign(position_effect=self.position_effect_)

    def label_quality(
        self, X: Features, y: AnswersLike | Comparisons, **options: Any
    ) -> pd.DataFrame:
        """Report how certain it is which item of each pair is better.

        Parameters
        ----------
        X : pairs or items, as in :meth:`fit`
        y : annotations of shape (n_pairs, n_annotators), or Comparisons
        **options
            Of :meth:`skcrowd.CrowdClassifier.label_quality`, such as ``cv``.

        Returns
        -------
        quality : pandas.DataFrame of shape (n_pairs, ...)
            Index "item", the names of the pairs.
        """
        pairs, answers = self._read_answered(X, y)
        return self.classifier_.label_quality(pairs, answers, **options)

    def answer_quality(
        self, X: Features, y: AnswersLike | Comparisons, **options: Any
    ) -> pd.DataFrame:
        """Report which answers are probably wrong.

        Parameters
        ----------
        X : pairs or items, as in :meth:`fit`
        y : annotations of shape (n_pairs, n_annotators), or Comparisons
        **options
            Of :meth:`skcrowd.CrowdClassifier.answer_quality`, such as ``threshold``.

        Returns
        -------
        answers : pandas.DataFrame of shape (n_answers, 6)
        """
        pairs, answers = self._read_answered(X, y)
        return self.classifier_.answer_quality(pairs, answers, **options)

    def next_queries(
        self, X: Features, y: AnswersLike | Comparisons | None, n: int, **options: Any
    ) -> pd.DataFrame:
        """Choose whom to ask about which of the pairs next.

        Parameters
        ----------
        X : pairs or items, as in :meth:`fit`
            Of items, only pairs that somebody has compared are asked again.
        y : annotations of shape (n_pairs, n_annotators), Comparisons, or None
        n : int
            How many questions.
        **options
            Of :meth:`skcrowd.CrowdClassifier.next_queries`, such as ``max_per_item``.

        Returns
        -------
        queries : pandas.DataFrame of shape (n_queries, 3)
            Columns ``item`` (the pair), ``annotator`` and ``expected_gain``.
        """
        pairs, answers = self._read_answered(X, y)
        return self.classifier_.next_queries(pairs, answers, n, **options)

    def _predict_out_of_sample(self, X: Any, y: Any, cv: Any) -> Any:
        """Return what `label_quality` and the like take as predictions, by keyword."""
        pairs, answers = self._read_answered(X, y)
        return self.classifier_._predict_out_of_sample(pairs, answers, cv)

    def _n_answered(self, X: Any, y: Any) -> int | None:
        """Return how many pairs have answers in `y`, of any form of ``fit``."""
        if isinstance(y, Comparisons):
            return len(np.unique(np.stack([y.first, y.second]), axis=1).T)
        return self.classifier_._n_answered(X, y)

    def _read_answered(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Return pairs, and their answers as annotations of the fitted outcomes."""
        check_is_fitted(self)
        return _read(self._reader, X, y)

    @property
    def classes_(self) -> Array:
        """The outcomes."""
        return self.classifier_.classes_

    @property
    def annotators_(self) -> Array:
        """Names of the annotators."""
        return self.classifier_.annotators_

    @property
    def annotator_confusion_(self) -> FloatArray:
        """Probability of each answer, given what is truly better."""
        return self.classifier_.annotator_confusion_

    @property
    def position_effect_(self) -> FloatArray:
        """How much each annotator prefers the first place."""
        confusion = np.asarray(self.annotator_confusion_)
        return (confusion[:, 1, 0] - confusion[:, 0, 1]) / 2

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "classifier_")

    def __sklearn_tags__(self) -> Tags:
        """Return the tags: pairs are a dict of arrays, and need answers."""
        tags = super().__sklearn_tags__()
        tags.input_tags.dict = True
        tags.target_tags.required = True
        return tags

    def _new_classifier(self) -> CrowdClassifier:
        """Return an unfitted copy of the classifier."""
        if self.classifier is None:
            return CrowdClassifier(method="confusion_layer")
        if not isinstance(self.classifier, CrowdClassifier):
            raise TypeError(
                f"classifier is a {type(self.classifier).__name__}; pass a "
                "CrowdClassifier with the settings of training, or None."
            )
        _refuse_settings_without_effect(self.classifier)
        return clone(self.classifier)


def _read(
    reader: ItemReader, X: Any, y: Any, **others: Any
) -> tuple[ArrayItems, AnswersLike]:
    """Return pairs of items, and their answers, of any form of ``fit``."""
    if isinstance(y, Comparisons):
        return pairs_of(X, y, reader)
    return reader.read_pairs(X, y=y, **others), y


def _raw_scores(net: Any, items: Any) -> FloatArray:
    """Return what a network says of checked items, (n_items,)."""
    scores = np.empty(items.shape[0])
    with torch.no_grad():
        for start in range(0, len(scores), ITEMS_AT_ONCE):
            part = slice(start, start + ITEMS_AT_ONCE)
            rows = np.arange(len(scores))[part]
            batch = as_network_input(ArrayItems((items,)).batch(rows), net)[0]
            scores[part] = net.module_.scorer(batch).reshape(-1).cpu().numpy()
    is_text = items.dtype == object
    check_finite(np.isfinite(scores), ArrayItems(items) if is_text else items, net)
    return scores


def _refuse_settings_without_effect(classifier: CrowdClassifier) -> None:
    """Raise for settings of a classifier that mean nothing for pairs."""
    order = "the classes of pairs are 'first', 'second' and 'tie', which have no order"
    without_effect = {
        "warm_start": (classifier.warm_start, "each fit of a CrowdRanker begins anew"),
        "classes": (classifier.classes is not None, order),
        "ordinal": (classifier.ordinal is True, order),
    }
    for name, (is_given, reason) in without_effect.items():
        if is_given:
            raise ValueError(
                f"classifier has {name}={getattr(classifier, name)!r}, but {reason}; "
                f"leave {name} out of the settings of the classifier."
            )
