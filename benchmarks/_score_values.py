"""Compute every score of every fitted model, and how well it ranks them."""

import numpy as np
from scipy.stats import spearmanr
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from skcrowd.annotations._span_tags import is_span_scheme
from skcrowd.metrics import SCORERS, AnswerScorer, GoldScorer, span_f1_score

__all__ = ["WITHOUT_GOLD", "WITH_GOLD", "ranking", "score_models"]

WITHOUT_GOLD = [name for name, s in SCORERS.items() if isinstance(s, AnswerScorer)]
WITH_GOLD = [name for name, s in SCORERS.items() if isinstance(s, GoldScorer)]
LABELS_ONLY = {"determinant_information"}
LEAST_RANGE = 0.01  # of the models' gold scores, for their ranks to mean anything


class _Stored(BaseEstimator):
    """A fitted model of which only what scorers ask for was kept.

    Its X are the numbers of the held-out samples.
    """

    def __init__(self, kept):
        self.kept = kept

    def evaluate_answers(self, X, y):
        """Return what was kept."""
        return self.kept.evaluation

    def __sklearn_is_fitted__(self):
        return True


class _StoredLabels(ClassifierMixin, _Stored):
    @property
    def classes_(self):
        return self.kept.classes

    def predict_proba(self, X):
        return np.exp(self.kept.evaluation.truth[X])

    def predict(self, X):
        return self.classes_[self.kept.evaluation.predicted[X]]


class _StoredNumbers(RegressorMixin, _Stored):
    def predict(self, X, return_std=False):
        mean = self.kept.evaluation.predicted[X]
        std = np.full_like(mean, self.kept.evaluation.prediction_std)
        return (mean, std) if return_std else mean


class _StoredTags(_StoredLabels):
    def _cut(self, values, X):
        parts = np.split(values, np.cumsum(self.kept.evaluation.lengths)[:-1])
        return [parts[k] for k in X]

    def predict_proba(self, X):
        return self._cut(np.exp(self.kept.evaluation.truth), X)

    def predict(self, X):
        return self._cut(self.classes_[self.kept.evaluation.predicted], X)

    def score(self, X, y, sample_weight=None):
        assert is_span_scheme(self.classes_.tolist())
        return span_f1_score(y, self.predict(X), sample_weight=sample_weight)


def _stored(kept):
    if kept.evaluation.kind == "numbers":
        return _StoredNumbers(kept)
    return (_StoredLabels if kept.evaluation.lengths is None else _StoredTags)(kept)


def score_models(task, models, numbers, n_draws, seed):
    """Compute all scores of some models.

    Parameters
    ----------
    task : Bunch
        As of ``_score_tasks.py``.
    models : list of Bunch
        As of ``_score_fits.py``.
    numbers : list of int
        How many true labels a score may see.
    n_draws : int
        Times that true labels are drawn.
    seed : int

    Returns
    -------
    scores : dict of ndarray of shape (n_draws, n_models)
        By name, or name and number of true labels; one draw without them.
    """
    stored = [_stored(kept) for kept in models]
    X, Y = np.arange(len(task.Y_held)), task.Y_held
    scores = {}
    for name in WITHOUT_GOLD:
        if name not in LABELS_ONLY or models[0].classes is not None:
            scores[name] = np.array([[SCORERS[name](m, X, Y) for m in stored]])
    rng = np.random.RandomState(1000 + seed)
    draws = [_drawn(task.z_held, rng) for _ in range(n_draws)]
    for number in [n for n in numbers if n <= len(X)]:
        golds = [draw(number) for draw in draws]
        for name in WITH_GOLD:
            scores[f"{name}, {number}"] = np.array(
                [[SCORERS[name](m, X, Y, gold=gold) for m in stored] for gold in golds]
            )
    return scores


def _drawn(z, rng):
    """Return a function that tells the truth of the first so many samples."""
    rows = rng.permutation(len(z))

    def gold(number):
        known = set(rows[:number].tolist())
        return [z[k] if k in known else None for k in range(len(z))]

    return gold


def ranking(values, gold):
    """Compare what a score says with the truth.

    Parameters
    ----------
    values : ndarray of shape (n_draws, n_models)
    gold : ndarray of shape (n_models,)
        True quality of the models; the first is the default.

    Returns
    -------
    correlation : float
        Spearman's, 0 where all values are equal; NaN where the models are.
    regret : float
        How much worse than the best model the one with the highest score is.
    gain : float
        How much better than the default it is.
    """
    if np.ptp(gold) < LEAST_RANGE:
        return np.nan, np.nan, np.nan
    told = [spearmanr(v, gold).statistic if np.ptp(v) else 0.0 for v in values]
    chosen = gold[values.argmax(axis=1)]
    return (
        float(np.mean(told)),
        float(gold.max() - chosen.mean()),
        float(chosen.mean() - gold[0]),
    )
