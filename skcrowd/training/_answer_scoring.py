"""Scores of skorch's ``EpochScoring``: predictions beside answers, a row for each."""

import inspect

import torch
from sklearn.metrics import check_scoring
from skorch.callbacks.scoring import convert_sklearn_metric_function
from skorch.utils import to_numpy
from torch.utils.data import Dataset

__all__ = ["AnswerRows", "AnswerScoring"]


class AnswerRows(Dataset):
    """The items of a data set, each as often as it has answers.

    What a net predicts of it is, for each answer, what it predicts of the item. A
    loader hands over items in batches, so nothing but nets can read the features.

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
        What each weighs; None where all weigh the same.
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
        """Yield what the network returns, a row for each answer, in batches."""
        for scores, item in self._parts:
            yield scores[item]


class AnswerScoring:
    """A ``scoring`` of skorch's callbacks that compares predictions with answers.

    Parameters
    ----------
    scoring : str, callable or None
        What the user wants: called as ``scoring(net, X, y)``, where `X` is an
        :class:`AnswerRows`. None is the accuracy, or R².
    name : str
        What the score is called in the history.
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
    """Whether it is a scorer of scikit-learn whose metric takes weights."""
    metric = getattr(scorer, "_score_func", None)
    return (
        metric is not None and "sample_weight" in inspect.signature(metric).parameters
    )
