"""Data sets for the choice of a method: simulated crowds of many sorts, and LabelMe.

Every entry of ``SIMULATED`` is one line: a source of items whose truth is known, and
the crowd that answers them. None of them is a test set that is quoted elsewhere.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from _labelme_data import load, uneven
from sklearn.datasets import (
    load_breast_cancer,
    load_digits,
    load_wine,
    make_classification,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Bunch

from skcrowd.annotations import Annotations
from skcrowd.datasets import make_annotations


def covertype_like(shares=None, n_classes=7, n_items=1600):
    """Overlapping classes of very different sizes, several clusters each."""
    return make_classification(
        n_items,
        30,
        n_informative=12,
        n_redundant=6,
        n_classes=n_classes,
        n_clusters_per_class=2,
        weights=None if shares is None else list(shares),
        class_sep=1.3,
        flip_y=0,
        random_state=0,
    )


FOREST = (0.36, 0.49, 0.06, 0.01, 0.02, 0.03, 0.03)  # shares of covertype's classes
SOURCES: dict[str, Callable] = {
    "digits": lambda: load_digits(return_X_y=True),
    "wine": lambda: load_wine(return_X_y=True),
    "breast cancer": lambda: load_breast_cancer(return_X_y=True),
    "even": lambda: covertype_like(),
    "forest": lambda: covertype_like(FOREST),
    "rare": lambda: covertype_like((0.92, 0.08), n_classes=2),
}
POOR = {"average": 6, "random": 8, "one_class_spammer": 6}
HOSTILE = {"expert": 3, "average": 9, "adversarial": 5, "one_class_spammer": 3}


@dataclass(frozen=True)
class Crowd:
    """Who answers which items."""

    source: str
    annotators: int | dict
    answers_per_item: float
    options: dict = field(default_factory=dict)


SIMULATED = {
    "digits, mixed": Crowd("digits", 30, 2),
    "digits, 100 people, 1 answer": Crowd("digits", 100, 1),
    "digits, item-dependent": Crowd("digits", 20, 3, {"misled": 0.8}),
    "digits, uneven": Crowd("digits", 30, 2, {"thinned": 5}),
    "digits, hostile": Crowd("digits", HOSTILE, 4),
    "wine, 2 people": Crowd("wine", {"average": 2}, 2),
    "breast cancer, mixed": Crowd("breast cancer", 10, 3),
    "breast cancer, 1 answer": Crowd("breast cancer", 20, 1),
    "breast cancer, 10 answers": Crowd("breast cancer", 20, 10),
    "even, class-dependent": Crowd("even", {"biased": 20}, 3),
    "even, poor": Crowd("even", POOR, 5),
    "forest, mixed": Crowd("forest", 40, 3),
    "forest, item-dependent": Crowd("forest", 20, 3, {"misled": 0.8}),
    "rare, average": Crowd("rare", {"average": 20}, 2),
    "rare, poor": Crowd("rare", POOR, 5),
}
SUPERVISED = ("digits", "breast cancer", "forest")


def simulated():
    """Yield the name of every data set, and the data."""
    for name, crowd in SIMULATED.items():
        yield name, answered(crowd)


def supervised():
    """Yield data sets with their true labels, from which all methods learn alike."""
    for source in SUPERVISED:
        data = split(source)
        data.update(Y=data.z, confusion=None)
        yield source, data


def split(source, thinned=0):
    """Items to learn from and to judge; of some classes every fifth only."""
    X, z = SOURCES[source]()
    X, X_judge, z, z_judge = train_test_split(
        X.astype(np.float32), z, test_size=0.5, random_state=0, stratify=z
    )
    kept = (z >= thinned) | (np.arange(len(z)) % 5 == 0)
    return Bunch(X=X[kept], z=z[kept], X_judge=X_judge, z_judge=z_judge)


def answered(crowd):
    """Let the crowd answer the items to learn from."""
    options = dict(crowd.options)
    data = split(crowd.source, options.pop("thinned", 0))
    misled = options.pop("misled", 0)
    simulation = make_annotations(
        data.z,
        crowd.annotators,
        answers_per_item=crowd.answers_per_item,
        random_state=1,
        **options,
    )
    data.update(Y=simulation.annotations, confusion=simulation.confusion)
    if misled:
        data.update(Y=mislead(data, simulation.annotations, misled), confusion=None)
    return data


def mislead(data, annotations, strength):
    """Let everybody err on the same items: those that look like another class.

    A classifier that saw ten items of each class says what an item looks like; where
    it is wrong, an answer follows it with the probability `strength`.
    """
    rng = np.random.RandomState(2)
    seen = np.concatenate(
        [np.flatnonzero(data.z == label)[:10] for label in np.unique(data.z)]
    )
    weak = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    looks = weak.fit(data.X[seen], data.z[seen]).predict(data.X)
    item = annotations.item
    follows = (looks != data.z)[item] & (rng.random_sample(len(item)) < strength)
    codes = np.searchsorted(annotations.classes, looks)[item]
    return Annotations.from_long(
        item,
        annotations.annotator,
        annotations.classes[np.where(follows, codes, annotations.answer)],
        n_items=len(data.z),
        annotator_ids=range(annotations.n_annotators),
        classes=annotations.classes,
    )


def labelme(folder=None, data_home=None):
    """Yield LabelMe in four scalings, with uneven classes, and with half the people.

    Judged by the validation split; its test split is for ``labelme.py`` alone.
    """
    data = load(folder, data_home)
    X, X_judge = data.X_train, data.X_valid
    scaler = StandardScaler().fit(X)
    root = np.sqrt(X).std()
    scalings = {
        "raw": (X, X_judge),
        "square roots": (np.sqrt(X) / root, np.sqrt(X_judge) / root),
        "standardised": (scaler.transform(X), scaler.transform(X_judge)),
        "unit length": (_unit(X), _unit(X_judge)),
    }
    for name, (train, judge) in scalings.items():
        yield f"LabelMe, {name}", _labelme(data, train, judge)
    X, X_judge = scalings["square roots"]
    yield "LabelMe, uneven", _labelme(data, X, X_judge, rows=uneven(data.gold_train))
    yield "LabelMe, half the people", _labelme(data, X, X_judge, halved=True)


def _labelme(data, X, X_judge, rows=slice(None), halved=False):
    annotations = data.annotations[rows]
    if halved:
        people = np.random.RandomState(0).permutation(annotations.n_annotators)
        dense = annotations.to_dense()[:, np.sort(people[: len(people) // 2])]
        annotations = Annotations.from_dense(
            dense, missing_label=-1, classes=annotations.classes
        )
    return Bunch(
        X=X[rows].astype(np.float32),
        z=data.gold_train[rows],
        Y=annotations,
        X_judge=X_judge.astype(np.float32),
        z_judge=data.gold_valid,
        confusion=None,
    )


def _unit(X):
    return X / np.linalg.norm(X, axis=1, keepdims=True)
