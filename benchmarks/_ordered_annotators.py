"""Annotators on a scale of five ordered classes, for annotator_accuracy.py."""

import numpy as np
from scipy.special import ndtr
from sklearn.datasets import make_friedman1

N_LEVELS = 5
# Bias and noise, in steps; they answer the class that is nearest to what they hear.
ON_SCALE = {"good": (0.0, 0.35), "average": (0.0, 0.7), "biased": (0.7, 0.6)}
KINDS = (*ON_SCALE, "guesser", "one class")
NUMBERS = (10, 30, 100)
N_ITEMS = 300
COLLEAGUES = {"average": 6, "good": 4}  # with 100 answers each
# a small job: kinds and numbers of answers, three to an item
FEW_ITEMS = 150
FEW = [("good", 81), *[("average", 60)] * 4, *[("biased", 40)] * 2]
FEW += [("guesser", 30), ("one class", 19)]


def everybody():
    """Return kind and number of answers of each annotator of the larger crowd."""
    people = [(kind, n) for kind in KINDS for n in NUMBERS]
    return people + [(kind, 100) for kind, n in COLLEAGUES.items() for _ in range(n)]


def confusion(kind):
    """Return how an annotator of a kind answers, (N_LEVELS, N_LEVELS)."""
    if kind == "guesser":
        return np.full((N_LEVELS, N_LEVELS), 1 / N_LEVELS)
    if kind == "one class":
        return np.eye(N_LEVELS)[np.full(N_LEVELS, N_LEVELS // 2)]
    bias, noise = ON_SCALE[kind]
    limits = np.concatenate([[-np.inf], np.arange(N_LEVELS - 1) + 0.5, [np.inf]])
    heard = np.arange(N_LEVELS)[:, None] + bias
    return np.diff(ndtr((limits - heard) / noise), axis=1)


def draw(seed, n_items, people):
    """Draw items with ordered classes, and answers.

    Returns
    -------
    X, y, truth : of the items
    right : ndarray of shape (n_annotators,)
        Probability of a right answer of each annotator.
    """
    rng = np.random.default_rng(seed)
    X, latent = make_friedman1(n_items, noise=1.0, random_state=seed)
    cuts = np.quantile(latent, np.arange(1, N_LEVELS) / N_LEVELS)
    truth = np.searchsorted(cuts, latent)
    y = np.full((n_items, len(people)), -1)
    for column, (kind, n) in enumerate(people):
        items = rng.choice(n_items, n, replace=False)
        cumulative = confusion(kind).cumsum(axis=1)[truth[items]]
        cumulative[:, -1] = 1.0
        y[items, column] = (rng.random((n, 1)) > cumulative).sum(axis=1)
    right = [confusion(kind)[truth, truth].mean() for kind, _ in people]
    return X.astype(np.float32), y, truth, np.array(right)
