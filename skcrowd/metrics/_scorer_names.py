"""Scorers by name."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from sklearn import metrics

from skcrowd.metrics._answer_scorers import (
    Agreement,
    AnswerLogLikelihood,
    ItemLogLikelihood,
    WeightedAgreement,
)
from skcrowd.metrics._consensus_scorers import Consensus
from skcrowd.metrics._gold_scorers import (
    CorrectedConsensus,
    GoldAndAnswers,
    GoldLogLikelihood,
    GoldScore,
)
from skcrowd.metrics._information_scorers import (
    AnswerInformation,
    DeterminantInformation,
)
from skcrowd.metrics._ordinal_scorers import (
    GoldNegRankError,
    GoldQuadraticKappa,
    OrdinalAgreement,
)
from skcrowd.metrics._spans import span_f1_scorer, token_accuracy_scorer
from skcrowd.metrics._structured_agreement import StructuredAgreement

__all__ = ["SCORERS", "get_scorer", "get_scorer_names"]

answer_log_likelihood = AnswerLogLikelihood()
item_log_likelihood = ItemLogLikelihood()
agreement = Agreement()
weighted_agreement = WeightedAgreement()
consensus = Consensus()
answer_information = AnswerInformation()
determinant_information = DeterminantInformation()
structured_agreement = StructuredAgreement()
gold_score = GoldScore()
gold_log_likelihood = GoldLogLikelihood()
corrected_consensus = CorrectedConsensus()
gold_and_answers = GoldAndAnswers()
ordinal_agreement = OrdinalAgreement()
gold_neg_rank_error = GoldNegRankError()
gold_quadratic_kappa = GoldQuadraticKappa()

SCORERS: dict[str, Any] = {
    "agreement": agreement,
    "answer_information": answer_information,
    "answer_log_likelihood": answer_log_likelihood,
    "consensus": consensus,
    "corrected_consensus": corrected_consensus,
    "determinant_information": determinant_information,
    "gold_and_answers": gold_and_answers,
    "gold_log_likelihood": gold_log_likelihood,
    "gold_score": gold_score,
    "item_log_likelihood": item_log_likelihood,
    "gold_neg_rank_error": gold_neg_rank_error,
    "ordinal_agreement": ordinal_agreement,
    "gold_quadratic_kappa": gold_quadratic_kappa,
    "span_f1": span_f1_scorer,
    "structured_agreement": structured_agreement,
    "token_accuracy": token_accuracy_scorer,
    "weighted_agreement": weighted_agreement,
}


def get_scorer(scoring: str | Callable[..., Any]) -> Callable[..., Any]:
    """Get a scorer by name: of answers, of true labels, or scikit-learn's.

    Parameters
    ----------
    scoring : str or callable
        A name of :func:`get_scorer_names`. A callable is returned as it is.

    Returns
    -------
    scorer : callable
        ``scorer(estimator, X, y)``, for ``scoring=`` of scikit-learn's searches and
        cross-validation; a copy, on which ``set_score_request`` can be called.

    Raises
    ------
    ValueError
        If no scorer has this name.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV, KFold
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.datasets import make_annotations
    >>> from skcrowd.metrics import get_scorer
    >>> X, truth = load_iris(return_X_y=True)
    >>> Y = make_annotations(truth, 5, random_state=0).annotations
    >>> clf = CrowdClassifier(max_epochs=10, random_state=0)
    >>> grid = {"lr": [1e-5, 1e-2]}
    >>> cv = KFold(3, shuffle=True, random_state=0)
    >>> scoring = get_scorer("structured_agreement")
    >>> search = GridSearchCV(clf, grid, cv=cv, scoring=scoring)
    >>> search.fit(X, Y).best_params_
    {'lr': 0.01}
    """
    if not isinstance(scoring, str):
        return metrics.get_scorer(scoring)
    if scoring in SCORERS:
        return deepcopy(SCORERS[scoring])
    if scoring in metrics.get_scorer_names():
        return metrics.get_scorer(scoring)
    raise ValueError(
        f"{scoring!r} is the name of no scorer. Those of skcrowd are "
        f"{', '.join(SCORERS)}; skcrowd.metrics.get_scorer_names() has all."
    )


def get_scorer_names() -> list[str]:
    """Get the names that :func:`get_scorer` knows.

    Returns
    -------
    names : list of str
        Sorted; scikit-learn's too.

    Examples
    --------
    >>> from skcrowd.metrics import get_scorer_names
    >>> {"agreement", "accuracy"} <= set(get_scorer_names())
    True
    """
    return sorted({*SCORERS, *metrics.get_scorer_names()})
