"""The base of all aggregators of ratings."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from skcrowd.aggregation._aggregator import Aggregator
from skcrowd.aggregation._annotator_prior import read_annotator_prior
from skcrowd.aggregation._answer_evidence import refuse_rating_evidence
from skcrowd.aggregation._given import gold_numbers
from skcrowd.aggregation.ratings._rating_inference import (
    RatingAnswers,
    RatingInference,
)
from skcrowd.annotations import Annotations, check_annotations
from skcrowd.annotations._assemble import where_in
from skcrowd.annotations._encoding import check_squares
from skcrowd.annotations._join import match_annotators
from skcrowd.annotations._plausible import warn_of_far_gold

__all__ = ["RatingAggregator"]


class RatingAggregator(Aggregator):
    """Base of estimators that infer true numbers from ratings alone.

    A subclass has parameters with ``_parameter_constraints`` and implements ``_infer``
    and ``_mean_of``.
    """

    _kind = "numbers"

    # Attributes that fit sets
    posterior_mean_: NDArray[np.float64]
    annotator_skill_: NDArray[np.float64]
    annotator_noise_std_: NDArray[np.float64]

    def _check_evidence(self, annotations: Annotations) -> None:
        refuse_rating_evidence(annotations, type(self).__name__)

    def predict(self, y: Any = None) -> NDArray[np.float64]:
        """Return the inferred number of every item.

        Parameters
        ----------
        y : annotations of shape (n_items, n_annotators), default=None
            Ratings by fitted annotators of other items. None: the items of ``fit``.

        Returns
        -------
        mean : ndarray of shape (n_items,)

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the aggregator is not fitted.
        ValueError
            If `y` has other annotators than those fitted.
        """
        check_is_fitted(self)
        if y is None:
            return self.posterior_mean_.copy()
        annotations = check_annotations(y, kind="numbers")
        self._check_evidence(annotations)
        fitted = match_annotators(annotations, self.annotators_)
        return self._mean_of(RatingAnswers(fitted))

    @abstractmethod
    def _infer(self, answers: RatingAnswers) -> RatingInference:
        """Infer the truth.

        Parameters
        ----------
        answers : RatingAnswers

        Returns
        -------
        inference : RatingInference
        """

    @abstractmethod
    def _mean_of(self, answers: RatingAnswers) -> NDArray[np.float64]:
        """Return the truth of other items, (n_items,), by the fitted annotators."""

    def _with_gold(self, annotations: Annotations, gold: Any) -> RatingAnswers:
        check_squares(annotations.answer, where_in(annotations))
        known = None if gold is None else gold_numbers(gold, annotations.n_items)
        if known is not None:
            warn_of_far_gold(annotations.answer, known)
        return RatingAnswers(annotations, known, self._prior(annotations))

    def _prior(self, annotations: Annotations) -> Any:
        if self.annotator_prior is None:
            return None
        return read_annotator_prior(
            self.annotator_prior, annotations.annotator_names, np.inf, require_all=False
        )

    def _joined(
        self, more: RatingAnswers, annotations: Annotations, rows: NDArray[np.int64]
    ) -> RatingAnswers:
        before, gold = self._answers, None
        if before.gold is not None or more.gold is not None:
            gold = np.full(annotations.n_items, np.nan)
            for answers, place in ((before, np.arange(before.n_items)), (more, rows)):
                if answers.gold is not None:
                    gold[place[answers.known]] = answers.gold[answers.known]
        joined = RatingAnswers(annotations, gold, self._prior(annotations))
        names = annotations.annotator_names
        assert names is not None
        fitted = np.flatnonzero(np.isin(names, self.annotators_))
        mean = self.predict(annotations.select_annotators(fitted))
        joined.start = RatingInference(joined.clamp(mean), np.array([]))
        return joined

    def _store(self, found: RatingInference) -> None:
        self.posterior_mean_ = found.mean
        self.annotator_noise_std_ = np.sqrt(found.noise_var)
        optional = {
            "posterior_std_": found.std,
            "annotator_scale_": found.scale,
            "annotator_bias_": found.bias,
        }
        for attribute, value in optional.items():
            if value is not None:
                setattr(self, attribute, value)
