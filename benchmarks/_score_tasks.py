"""Crowds to compare scores on: items to learn from, to score on, to judge by."""

from functools import partial

import numpy as np
from _conll_data import load as load_conll
from _crowd_sets import SIMULATED, answered
from _labelme_data import load as load_labelme
from _labelme_data import uneven
from _movie_reviews_data import load as load_reviews
from sklearn.datasets import load_diabetes, make_friedman1
from sklearn.model_selection import train_test_split
from sklearn.utils import Bunch

from skcrowd import CrowdClassifier, CrowdRegressor, CrowdSequenceTagger
from skcrowd.datasets import make_annotations

__all__ = ["N_SENTENCES", "tasks"]

HELD_OUT = 1 / 3
CHOSEN = [
    "digits, mixed",
    "digits, 100 people, 1 answer",
    "digits, item-dependent",
    "even, poor",
    "forest, mixed",
    "rare, average",
]
N_SENTENCES = 750
SHORT = {"method": "em", "max_epochs": 8}  # of sequences: few epochs, no folds


def tasks(folder=None, data_home=None):
    """Name every data set.

    Returns
    -------
    tasks : dict of callable
        ``tasks[name](seed)`` returns a Bunch: ``estimator``, the class, and ``base``,
        parameters of all models; ``X``, ``Y`` to learn from; ``X_held``, ``Y_held``,
        ``z_held`` to score on; ``X_judge``, ``z_judge`` that no score sees.
    """
    where = {"folder": folder, "data_home": data_home}
    return {
        "LabelMe": partial(_labelme, where),
        "LabelMe, uneven": partial(_labelme, where, thinned=True),
        "MovieReviews": partial(_reviews, where),
        "CoNLL": partial(_conll, where),
        **{name: partial(_simulated, SIMULATED[name]) for name in CHOSEN},
        "ratings, diabetes": partial(_rated, partial(load_diabetes, return_X_y=True)),
        "ratings, friedman": partial(
            _rated, partial(make_friedman1, 900, noise=1.0, random_state=0)
        ),
    }


def _parted(estimator, data, seed, base=None):
    """Set a third of the answered items aside, by seed."""
    n_items = len(data.z)
    rows = np.random.RandomState(seed).permutation(n_items)
    held, kept = np.split(rows, [round(HELD_OUT * n_items)])
    return Bunch(
        estimator=estimator,
        base=base or {},
        X=_take(data.X, kept),
        Y=data.Y[kept],
        X_held=_take(data.X, held),
        Y_held=data.Y[held],
        z_held=_take(data.z, held),
        X_judge=data.X_judge,
        z_judge=data.z_judge,
    )


def _take(values, rows):
    return [values[k] for k in rows] if isinstance(values, list) else values[rows]


def _simulated(crowd, seed):
    return _parted(CrowdClassifier, answered(crowd), seed)


def _labelme(where, seed, thinned=False):
    """Take LabelMe's training answers, judged by its validation split."""
    data = load_labelme(**where)
    rows = uneven(data.gold_train) if thinned else np.arange(len(data.gold_train))
    root = np.sqrt(data.X_train).std()
    return _parted(
        CrowdClassifier,
        Bunch(
            X=(np.sqrt(data.X_train[rows]) / root).astype(np.float32),
            Y=data.annotations[rows],
            z=data.gold_train[rows],
            X_judge=(np.sqrt(data.X_valid) / root).astype(np.float32),
            z_judge=data.gold_valid,
        ),
        seed,
    )


def _reviews(where, seed):
    """Take the film reviews, by their first singular vectors."""
    data = load_reviews(**where)
    return _parted(
        CrowdRegressor,
        Bunch(
            X=data.topics_train,
            Y=data.annotations,
            z=data.gold_train,
            X_judge=data.topics_test,
            z_judge=data.gold_test,
        ),
        seed,
    )


def _conll(where, seed):
    """Take the first sentences, by embeddings where there are any."""
    data = load_conll(**where, limit=N_SENTENCES)
    form = "minilm" if "minilm" in data.X_train else "tokens"
    return _parted(
        CrowdSequenceTagger,
        Bunch(
            X=data.X_train[form],
            Y=data.annotations,
            z=data.gold_train,
            X_judge=data.X_test[form],
            z_judge=data.gold_test,
        ),
        seed,
        SHORT,
    )


def _rated(source, seed):
    """Simulate ratings: 30 people of mixed kinds, three ratings an item."""
    X, z = source()
    X, X_judge, z, z_judge = train_test_split(
        X.astype(np.float32), z, test_size=0.3, random_state=0
    )
    crowd = make_annotations(z, 30, kind="numbers", answers_per_item=3, random_state=1)
    data = Bunch(X=X, Y=crowd.annotations, z=z, X_judge=X_judge, z_judge=z_judge)
    return _parted(CrowdRegressor, data, seed)
