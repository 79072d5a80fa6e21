"""Scores of skorch's ``EpochScoring``, computed on one row per answer."""

import inspect

import torch
from sklearn.metrics import check_scoring
from skorch.callbacks.scoring import convert_sklearn_metric_function
from skorch.utils import to_numpy
from torch.utils.data import Dataset

__all__ = ["AnswerRows", "AnswerScoring"]


class AnswerRows(Dataset):
    """The items of a data set, repeated once per answer.

    The prediction for a row is that for the item of the answer. Only nets can predict
    it: the features themselves are not stored.

    Parameters
    ----------
    net : CrowdNet
    items : CrowdDataset
        With answers.

    Attributes
    ----------
    y : ndarray of shape (n_answers,)
        The answers: codes of classes, or numbers in the network's unit.
    weight : ndarray of shape (n_answers,) or None
        Weights of the answers; None if they are equal.
    """

    def __init__(self, net, items):
        self._parts = []
        answers, weights = [], []
        for X, y in net.get_iterator(items, training=False):
            scores = net.evaluation_step((X, y))
            self._parts.append((scores, y["item"].to(scores.device)))
            answers.append(y["answer"])
            weights.append(y["answer_weight"].expand(len(y["answer"])))
        self.y, weight = (to_numpy(torch.cat(v)) for v in (answers, weights))
        self.weight = None if (weight == weight[0]).all() else weight

    def __len__(self):
        return len(self.y)

    def scores(self):
        """Yield the scores of the network, one row per answer, in batches."""
        for scores, item in self._parts:
            yield scores[item]


class AnswerScoring:
    """A ``scoring`` of skorch's callbacks that compares predictions with answers.

    Parameters
    ----------
    scoring : str, callable or None
        Scoring of the user, called as ``scoring(net, X, y)``, where `X` is an
        :class:`AnswerRows`. None is the accuracy, or R².
    name : str
        Name of the score in the history.
    """

    def __init__(self, scoring, name):
        self.scoring = scoring
        self.__name__ = name

    def __call__(self, net, items, y=None):
        """Score a net by the answers to some items."""
        scoring = convert_sklearn_metric_function(self.scoring)
        if scoring is None:
            scoring = net.criterion_.output.default_scoring
        scorer, rows = check_scoring(net, scoring), AnswerRows(net, items)
        weight = {}
        if rows.weight is not None and _takes_weight(scorer):
            weight["sample_weight"] = rows.weight
        return scorer(net, rows, rows.y, **weight)


def _takes_weight(scorer):
    """Whether a scikit-learn scorer's metric accepts ``sample_weight``."""
    metric = getattr(scorer, "_score_func", None)
    return (
        metric is not None and "sample_weight" in inspect.signature(metric).parameters
    )
