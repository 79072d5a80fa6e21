"""The base of all aggregators of tag sequences."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from skcrowd.aggregation._aggregator import Aggregator
from skcrowd.aggregation._annotator_prior import prior_confusion_counts
from skcrowd.aggregation.labels._label_aggregator import join_gold
from skcrowd.aggregation.labels._label_inference import Inference
from skcrowd.aggregation.sequences._tag_answers import TagAnswers
from skcrowd.annotations import SequenceAnnotations, check_sequence_annotations
from skcrowd.annotations._gold import joined_classes, read_gold_tags
from skcrowd.annotations._join import match_annotators
from skcrowd.annotations._join_cells import join_sequences

__all__ = ["SequenceAggregator"]


class SequenceAggregator(Aggregator):
    """Base of estimators that infer true tag sequences from answers alone.

    A subclass has parameters with ``_parameter_constraints`` and implements ``_infer``,
    which finds the posterior of the tokens and, as the extra ``_tags``, the codes of
    their tags, and ``_tag``.
    """

    _kind = "tag sequences"
    _uses_evidence = True

    # Attributes that fit sets
    classes_: NDArray[Any]
    class_prior_: NDArray[np.float64]

    def fit(self, y: Any, *, gold: Any = None) -> Self:
        """Infer the true tags of every sequence.

        Parameters
        ----------
        y : SequenceAnnotations, or sequence of sequences
            In any form that :func:`skcrowd.annotations.check_sequence_annotations`
            reads.
        gold : sequence of n_sequences tag sequences, or mapping of row to tags, \
                default=None
            True tags of sequences, or of some of their tokens; None for the others.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If `y` or `gold` cannot be read, or a parameter is out of its range.

        Warns
        -----
        ConvergenceWarning
            If iterations end at ``max_iter`` without convergence.
        """
        return super().fit(y, gold=gold)

    def partial_fit(self, y: Any, *, gold: Any = None) -> Self:
        """Add answers to those fitted before, and infer the truth of all sequences.

        Parameters
        ----------
        y : SequenceAnnotations, or sequence of sequences
            Further answers, as in :meth:`fit`. Where both tables name their sequences,
            answers to sequences with the same name are joined; otherwise all are new
            sequences, which come last. Annotators are matched by name.
        gold : sequence of tag sequences, or mapping of row to tags, default=None
            The known truth of rows of `y`.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            As :meth:`fit`, and if an annotator tags a token a second time, or a
            sequence has another length than before.
        """
        return super().partial_fit(y, gold=gold)

    def fit_predict(self, y: Any, **fit_params: Any) -> Any:
        """Infer the true tags and return them.

        Parameters
        ----------
        y : SequenceAnnotations, or sequence of sequences
        **fit_params : dict
            Arguments of :meth:`fit`.

        Returns
        -------
        tags : list of n_sequences ndarray of shape (n_tokens of the sequence,)
        """
        return self.fit(y, **fit_params).predict()

    def predict(self, y: Any = None) -> Any:
        """Return the inferred tags of every sequence.

        Parameters
        ----------
        y : SequenceAnnotations, or sequence of sequences, default=None
            Answers of fitted annotators to other sequences. None: those of ``fit``.

        Returns
        -------
        tags : list of n_sequences ndarray of shape (n_tokens of the sequence,)

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the aggregator is not fitted.
        ValueError
            If `y` has other annotators or tags than those fitted.
        """
        _, tags, lengths = self._found(y)
        return _split(self.classes_[tags], lengths)

    def predict_proba(self, y: Any = None) -> list[NDArray[np.float64]]:
        """Return the probability of every tag, token by token.

        Parameters
        ----------
        y : SequenceAnnotations, or sequence of sequences, default=None
            Answers of fitted annotators to other sequences. None: those of ``fit``.

        Returns
        -------
        proba : list of n_sequences ndarray of shape (n_tokens, n_classes)

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the aggregator is not fitted.
        ValueError
            If `y` has other annotators or tags than those fitted.
        """
        posterior, _, lengths = self._found(y)
        return _split(posterior.copy(), lengths)

    @abstractmethod
    def _infer(self, answers: TagAnswers) -> Inference:
        """Infer the truth of the tokens.

        Parameters
        ----------
        answers : TagAnswers

        Returns
        -------
        inference : Inference
            With the extra ``_tags``, the codes of the tags.
        """

    @abstractmethod
    def _tag(
        self, answers: TagAnswers
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return posterior and tags of other tokens, by the fitted annotators."""

    def _found(self, y: Any) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Return posterior and tags of tokens, and the lengths of their sequences."""
        check_is_fitted(self)
        if y is None:
            return self._posterior, self._tags, self._answers.lengths
        sequences = check_sequence_annotations(y, classes=self.classes_)
        tokens = match_annotators(sequences.tokens, self.annotators_)
        found = self._tag(TagAnswers(tokens, lengths=sequences.lengths))
        return *found, sequences.lengths

    def _read(self, y: Any, gold: Any) -> TagAnswers:
        return self._with_gold(check_sequence_annotations(y), gold)

    def _with_gold(self, annotations: Any, gold: Any) -> TagAnswers:
        codes, known = None, None
        if gold is not None:
            known = read_gold_tags(gold, annotations.lengths, annotations.classes)
        if known is not None:
            classes = joined_classes(annotations.classes, known.classes)
            annotations = annotations.with_classes(classes)
            truth = known.with_classes(classes).tokens
            codes = np.full(annotations.n_tokens, -1, dtype=np.int64)
            codes[truth.item] = truth.answer
        return self._answers_of(annotations, codes)

    def _answers_of(self, sequences: SequenceAnnotations, gold: Any) -> TagAnswers:
        classes = sequences.classes
        prior = prior_confusion_counts(
            self.annotator_prior, sequences.annotator_names, len(classes)
        )
        return TagAnswers(
            sequences.tokens,
            gold,
            prior,
            lengths=sequences.lengths,
            sequence_names=sequences.sequence_names,
        )

    def _join(self, before: TagAnswers, more: TagAnswers) -> tuple[Any, Any]:
        return join_sequences(before.sequences, more.sequences)

    def _joined(self, more: TagAnswers, annotations: Any, rows: Any) -> TagAnswers:
        gold = join_gold(self._answers, more, annotations.tokens, rows)
        answers = self._answers_of(annotations, gold)
        if np.array_equal(annotations.classes, self.classes_):
            names = annotations.annotator_names
            fitted = np.flatnonzero(np.isin(names, self.annotators_))
            posterior, *_ = self._found(annotations.select_annotators(fitted))
            answers.start = Inference(posterior, self.class_prior_)
        return answers

    def _store(self, found: Inference) -> None:
        self.item_names_ = self._answers.sequence_names
        self.classes_ = self._answers.annotations.classes
        self.class_prior_ = found.class_prior
        self._posterior = found.posterior
        if found.confusion is not None:
            self.annotator_confusion_ = found.confusion


def _split(tokens: NDArray[Any], lengths: NDArray[np.int64]) -> list[NDArray[Any]]:
    return np.split(tokens, np.cumsum(lengths)[:-1])
