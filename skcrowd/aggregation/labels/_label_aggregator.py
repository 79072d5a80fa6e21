"""The base of all aggregators of labels."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.utils.validation import check_is_fitted

from skcrowd.aggregation._aggregator import Aggregator
from skcrowd.aggregation._annotator_prior import prior_confusion_counts
from skcrowd.aggregation.labels._label_inference import Answers, Inference
from skcrowd.annotations import Annotations, check_annotations
from skcrowd.annotations._gold import joined_classes, read_gold
from skcrowd.annotations._join import match_annotators
from skcrowd.annotations._lookup import positions

__all__ = ["LabelAggregator", "join_gold"]


class LabelAggregator(Aggregator):
    """Base of estimators that infer true labels from answers alone.

    A subclass has parameters with ``_parameter_constraints`` and implements
    ``_infer``. Where it finds no confusion matrices, it implements ``_posterior_of``,
    too.
    """

    _kind = "labels"

    # Attributes that fit sets
    classes_: NDArray[Any]
    posterior_: NDArray[np.float64]
    class_prior_: NDArray[np.float64]

    def predict(self, y: Any = None) -> NDArray[Any]:
        """Return the most probable label of every item.

        Parameters
        ----------
        y : annotations of shape (n_items, n_annotators), default=None
            Answers of fitted annotators to other items. None: the items of ``fit``.

        Returns
        -------
        labels : ndarray of shape (n_items,)
            Of ``classes_``. Of equally probable labels the first, but see
            :class:`MajorityVote`.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the aggregator is not fitted.
        ValueError
            If `y` has other annotators or labels than those fitted.
        """
        proba = self.predict_proba(y)
        return self.classes_[proba.argmax(axis=1)]

    def predict_proba(self, y: Any = None) -> NDArray[np.float64]:
        """Return the probability of every label.

        Parameters
        ----------
        y : annotations of shape (n_items, n_annotators), default=None
            Answers of fitted annotators to other items. None: the items of ``fit``.

        Returns
        -------
        proba : ndarray of shape (n_items, n_classes)
            In the order of ``classes_``; rows sum to 1.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the aggregator is not fitted.
        ValueError
            If `y` has other annotators or labels than those fitted.
        """
        check_is_fitted(self)
        if y is None:
            return self.posterior_.copy()
        return self._posterior_of(self._answers_to(y))

    def _answers_to(self, y: Any) -> Answers:
        """Read the answers of fitted annotators to other items."""
        annotations = check_annotations(y, classes=self.classes_)
        return Answers(match_annotators(annotations, self.annotators_))

    @abstractmethod
    def _infer(self, answers: Answers) -> Inference:
        """Infer the truth.

        Parameters
        ----------
        answers : Answers

        Returns
        -------
        inference : Inference
        """

    def _posterior_of(self, answers: Answers) -> NDArray[np.float64]:
        """Return the posterior of other items, (n_items, n_classes).

        By Bayes' rule: ``p(k | answers) ∝ p(k) Π_r C_r[k, answer of r]``.
        """
        with np.errstate(divide="ignore"):
            log_prior = np.log(self.class_prior_)
        log_likelihood = answers.counts.log_likelihood(self.annotator_confusion_)
        return softmax(log_prior + log_likelihood, axis=1)

    def _start(self, annotations: Annotations) -> Inference:
        """Return the posterior of all items under the annotators of the last fit.

        Annotators who are new count as having answered nothing.
        """
        names = annotations.annotator_names
        assert names is not None
        known = np.flatnonzero(np.isin(names, self.annotators_))
        answered = annotations.select_annotators(known)
        posterior = self.predict_proba(answered)
        return Inference(posterior, self.class_prior_)

    def _with_gold(self, annotations: Annotations, gold: Any) -> Answers:
        codes, known = None, None
        if gold is not None:
            n_items = annotations.n_items
            known = read_gold(gold, n_items, "labels", annotations.classes)
        if known is not None:
            classes = joined_classes(annotations.classes, known.classes)
            annotations = annotations.with_classes(classes)
            codes = np.full(annotations.n_items, -1, dtype=np.int64)
            codes[known.item] = known.with_classes(classes).answer
        return Answers(annotations, codes, self._prior_counts(annotations))

    def _joined(
        self, more: Answers, annotations: Annotations, rows: NDArray[np.int64]
    ) -> Answers:
        gold = join_gold(self._answers, more, annotations, rows)
        answers = Answers(annotations, gold, self._prior_counts(annotations))
        assert annotations.classes is not None
        if np.array_equal(annotations.classes, self.classes_):
            answers.start = self._start(annotations)
        return answers

    def _prior_counts(self, annotations: Annotations) -> Any:
        names, classes = annotations.annotator_names, annotations.classes
        assert names is not None
        assert classes is not None
        return prior_confusion_counts(self.annotator_prior, names, len(classes))

    def _store(self, found: Inference) -> None:
        self.classes_ = self._answers.annotations.classes
        self.posterior_ = found.posterior
        self.class_prior_ = found.class_prior
        if found.confusion is not None:
            self.annotator_confusion_ = found.confusion


def join_gold(
    before: Answers,
    more: Answers,
    annotations: Annotations,
    rows: NDArray[np.int64],
) -> NDArray[np.int64] | None:
    """Return the gold of two tables, as codes of the joined classes.

    Parameters
    ----------
    before, more : Answers
    annotations : Annotations
        The joined answers.
    rows : ndarray of shape (n_items of more,)
        Where its rows are among the joined ones.
    """
    if before.gold is None and more.gold is None:
        return None
    assert annotations.classes is not None
    joined = np.full(annotations.n_items, -1, dtype=np.int64)
    for answers, place in ((before, np.arange(before.n_items)), (more, rows)):
        if answers.gold is None:
            continue
        known = np.flatnonzero(answers.gold >= 0)
        assert answers.annotations.classes is not None
        labels = answers.annotations.classes[answers.gold[known]]
        joined[place[known]] = positions(labels, annotations.classes)
    return joined
