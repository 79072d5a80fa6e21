"""Reports of a crowd estimator for the X of the pipeline around it."""

from typing import TYPE_CHECKING, Any

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._answered import n_answered
from skcrowd.inspection._unwrap import unwrap

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CrowdInsight", "insight"]


class CrowdInsight:
    """Reports of a crowd estimator for the X of the model around it.

    :func:`insight` makes it. The methods are those of the estimator, with the same
    keyword arguments; `X` is what the whole model takes, and is transformed by the
    steps before the estimator.

    Parameters
    ----------
    transformers : list of Pipeline
        Fitted transformers, applied to X one after another.
    estimator : CrowdClassifier, CrowdMultilabelClassifier, CrowdRegressor, \
            CrowdSequenceTagger or CrowdRanker
        Fitted on the transformed X.
    """

    def __init__(self, transformers: list[Pipeline], estimator: Any) -> None:
        self.transformers = transformers
        self.estimator = estimator

    def transform(self, X: Any) -> Any:
        """Transform X by the steps before the estimator.

        Parameters
        ----------
        X : array-like
            What the whole model takes.

        Returns
        -------
        X : array-like
            What the estimator takes.
        """
        for transformer in self.transformers:
            X = transformer.transform(X)
        return X

    def annotator_report(self, **options: Any) -> "pd.DataFrame":
        """Describe every annotator.

        Parameters
        ----------
        **options
            Keyword arguments of the method of the estimator, such as ``level``.

        Returns
        -------
        report : pandas.DataFrame
            See :meth:`CrowdClassifier.annotator_report`.
        """
        table: pd.DataFrame = self.estimator.annotator_report(**options)
        return table

    def label_quality(self, X: Any, y: Any, **options: Any) -> "pd.DataFrame":
        """Describe how certain the consensus of every item is.

        Parameters
        ----------
        X : array-like
            What the whole model takes.
        y : annotations in any form of ``fit``, or None
        **options
            Keyword arguments of the method of the estimator, such as ``pred_proba``.

        Returns
        -------
        quality : pandas.DataFrame
            See :meth:`CrowdClassifier.label_quality`.
        """
        table: pd.DataFrame = self.estimator.label_quality(
            self._aligned(X, y), y, **options
        )
        return table

    def answer_quality(self, X: Any, y: Any, **options: Any) -> "pd.DataFrame":
        """Describe how probably every answer is right.

        Parameters
        ----------
        X : array-like
            What the whole model takes.
        y : annotations in any form of ``fit``
        **options
            Keyword arguments of the method of the estimator, such as ``threshold``.

        Returns
        -------
        answers : pandas.DataFrame
            See :meth:`CrowdClassifier.answer_quality`.
        """
        table: pd.DataFrame = self.estimator.answer_quality(
            self._aligned(X, y), y, **options
        )
        return table

    def next_queries(self, X: Any, y: Any, n: int, **options: Any) -> "pd.DataFrame":
        """Choose which annotator to ask about which item next.

        Parameters
        ----------
        X : array-like
            What the whole model takes.
        y : annotations in any form of ``fit``, or None
        n : int
            Number of queries.
        **options
            Keyword arguments of the method of the estimator, such as ``max_per_item``.

        Returns
        -------
        queries : pandas.DataFrame
            See :meth:`CrowdClassifier.next_queries`.
        """
        table: pd.DataFrame = self.estimator.next_queries(
            self._aligned(X, y), y, n, **options
        )
        return table

    def score_items(self, X: Any) -> Any:
        """Return the scores of single items.

        Parameters
        ----------
        X : array-like
            What the whole model takes; see :meth:`CrowdRanker.score_items`, whose
            estimator must be inside.

        Returns
        -------
        scores : ndarray of shape (n_items,)
        """
        return self.estimator.score_items(self.transform(X))

    def _predict_out_of_sample(self, X: Any, y: Any, cv: Any, **padding: Any) -> Any:
        """Predict the items once for several reports; see the estimator's method."""
        X = self._aligned(X, y)
        return self.estimator._predict_out_of_sample(X, y, cv, **padding)

    def _n_answered(self, X: Any, y: Any, **padding: Any) -> int | None:
        """Return how many items have answers; the estimator reads other forms of y."""
        known = n_answered(y)
        if known is None and y is not None:
            known = self.estimator._n_answered(self._aligned(X, y), y, **padding)
        return known

    def _aligned(self, X: Any, y: Any) -> Any:
        """Transform X; transformers drop the row labels, so they are compared first."""
        if self.transformers:
            check_aligned(X=X, y=y)
        return self.transform(X)

    def _repr_html_(self) -> str:
        return str(self.estimator._repr_html_())

    def __repr__(self) -> str:
        steps = [step for part in self.transformers for _, step in part.steps]
        names = ", ".join(
            step if isinstance(step, str) else type(step).__name__ for step in steps
        )
        before = f", X transformed by {names}" if names else ""
        return f"CrowdInsight of {type(self.estimator).__name__}{before}"


def insight(model: Any) -> CrowdInsight:
    """Give access to the reports of a crowd estimator inside a pipeline or a search.

    A Pipeline has no ``annotator_report``, and the reports of its last step need an X
    that is already transformed. What this returns has the reports, and takes the X of
    the pipeline.

    Parameters
    ----------
    model : estimator
        A fitted CrowdClassifier, CrowdMultilabelClassifier, CrowdRegressor,
        CrowdSequenceTagger or CrowdRanker, a Pipeline that ends with one, or a fitted
        search (``best_estimator_``) over either.

    Returns
    -------
    insight : CrowdInsight
        With the methods ``annotator_report()``, ``label_quality(X, y)``,
        ``answer_quality(X, y)`` and ``next_queries(X, y, n)``.

    Raises
    ------
    TypeError
        If `model` holds no crowd estimator.
    sklearn.exceptions.NotFittedError
        If it is not fitted.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skcrowd import CrowdClassifier, insight
    >>> from skcrowd.datasets import make_annotations
    >>> X, truth = load_iris(return_X_y=True)
    >>> y = make_annotations(truth, {"expert": 2, "random": 1}, random_state=0)
    >>> clf = CrowdClassifier(max_epochs=5, random_state=0)
    >>> pipeline = make_pipeline(StandardScaler(), clf).fit(X, y.annotations)
    >>> crowd = insight(pipeline)
    >>> crowd
    CrowdInsight of CrowdClassifier, X transformed by StandardScaler
    >>> int(crowd.annotator_report()["accuracy"].idxmin())
    2
    >>> crowd.label_quality(X, y.annotations).shape[0]
    150
    """
    transformers, estimator = unwrap(model)
    check_is_fitted(estimator)
    return CrowdInsight(transformers, estimator)
