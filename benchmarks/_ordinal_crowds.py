"""Crowds who answer on an ordered scale: simulated stars with features."""

from typing import NamedTuple

import numpy as np
from sklearn.datasets import make_friedman1

from skcrowd.annotations import Annotations

# bias and noise in steps of the scale, and what an annotator of this kind does with it
KINDS = {
    "expert": (0.0, 0.35),
    "average": (0.0, 0.8),
    "high": (1.0, 0.7),
    "low": (-1.0, 0.7),
    "noisy": (0.0, 1.8),
    "coarse": (0.0, 0.6),  # answers the ends and the middle alone
    "even": (0.0, 0.8),  # answers every second level alone
    "lazy": (0.0, 0.6),  # answers the middle of the scale every second time
    "random": (0.0, 0.0),  # any answer, whatever the item
}
MIXED = {
    "expert": 2,
    "average": 6,
    "high": 4,
    "low": 3,
    "noisy": 4,
    "coarse": 3,
    "lazy": 4,
    "random": 2,
}
EVEN, UNEVEN = None, 1.5


class Stars(NamedTuple):
    """Settings of a simulated crowd.

    Attributes
    ----------
    n_levels, per_item, n_items : int
    skew : float or None
        The shares of the classes grow by this factor from one to the next; None: even.
    crowd : dict from kind to number of annotators
    """

    n_levels: int = 5
    per_item: int = 4
    n_items: int = 300
    skew: float | None = EVEN
    crowd: dict = MIXED


SIMULATED = {
    "mixed": Stars(),
    "3 levels": Stars(n_levels=3),
    "10 levels": Stars(n_levels=10),
    "few answers": Stars(per_item=2),
    "uneven": Stars(skew=UNEVEN),
    "biased": Stars(crowd={"average": 8, "high": 12, "low": 4}),
    "lazy": Stars(crowd={"average": 8, "lazy": 14, "coarse": 6}),
    "levels left out": Stars(n_levels=6, crowd={"average": 6, "even": 6}),
}


def draw(settings, seed, n_test=1000):
    """Draw items with ordered classes and a crowd who answers.

    Returns
    -------
    X, annotations, truth : of the items that were answered
    X_test, truth_test : further items
    """
    rng = np.random.default_rng(seed)
    k, n = settings.n_levels, settings.n_items
    X, latent = make_friedman1(n + n_test, noise=1.0, random_state=seed)
    shares = np.ones(k) if settings.skew is None else settings.skew ** np.arange(k)
    cuts = np.quantile(latent, np.cumsum(shares)[:-1] / shares.sum())
    truth = np.searchsorted(cuts, latent)
    kind = np.repeat(list(settings.crowd), list(settings.crowd.values()))
    n_annotators = len(kind)
    annotators = rng.uniform(size=(n, n_annotators)).argsort(axis=1)[
        :, : settings.per_item
    ]
    annotator = np.sort(annotators, axis=1).ravel()
    item = np.repeat(np.arange(n), settings.per_item)
    answer = _answers(rng, kind, annotator, truth[item], k)
    annotations = Annotations(item, annotator, answer, (n, n_annotators), np.arange(k))
    return X[:n], annotations, truth[:n], X[n:], truth[n:]


def _answers(rng, kind, annotator, truth, n_levels):
    """Draw answers by thresholds on a latent scale, with those of each annotator."""
    n_annotators = len(kind)
    bias, noise = np.transpose([KINDS[k] for k in kind])
    stretch = (n_levels - 1) / 4  # five levels have bias and noise of KINDS
    bias = stretch * (bias + rng.normal(0, 0.2, n_annotators))
    noise = stretch * noise * np.exp(rng.normal(0, 0.2, n_annotators))
    thresholds = np.arange(n_levels - 1) + 0.5
    thresholds = thresholds + rng.normal(0, 0.2, (n_annotators, n_levels - 1))
    thresholds = np.sort(thresholds, axis=1)
    heard = truth + bias[annotator] + noise[annotator] * rng.normal(size=len(truth))
    answer = (heard[:, None] > thresholds[annotator]).sum(axis=1)
    of = kind[annotator]
    middle = (n_levels - 1) / 2
    near = np.array([0, np.floor(middle), n_levels - 1])
    coarse = near[np.abs(answer[:, None] - near).argmin(axis=1)]
    answer = np.where(of == "coarse", coarse, answer)
    answer = np.where(of == "even", answer // 2 * 2, answer)
    is_lazy = (of == "lazy") & (rng.uniform(size=len(of)) < 0.5)
    answer = np.where(is_lazy, np.floor(middle), answer)
    guess = rng.integers(n_levels, size=len(of))
    return np.where(of == "random", guess, answer).astype(np.int64)
