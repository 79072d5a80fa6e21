"""Crowds that mislead a model of annotators: guessers, copies, rare classes, chance."""

from functools import partial

import numpy as np
from _crowd_sets import POOR, Crowd, answered, mislead, split
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.utils import Bunch

from skcrowd.annotations import Annotations
from skcrowd.datasets import make_annotations


def guesser(share):
    """One of 21 annotators answers every item at random: this share of all answers."""
    data, rng = split("digits"), np.random.RandomState(3)
    answers = _dense(data.z, {"average": 20}, 3)
    item, annotator = np.nonzero(answers >= 0)
    kept = rng.permutation(len(item))[: int((1 - share) / share * len(data.z))]
    table = np.full((len(data.z), 21), -1)
    table[item[kept], annotator[kept]] = answers[item[kept], annotator[kept]]
    table[:, 20] = rng.randint(10, size=len(data.z))
    return _with_answers(data, table)


def copies(source, accuracy, n_copies, n_annotators, changed=0.0):
    """Let some annotators copy from one, but for a share of their answers."""
    data, rng = split(source), np.random.RandomState(4)
    n_classes = data.z.max() + 1
    table = _dense(data.z, {"average": n_annotators})
    one = _errors(data.z, rng.random_sample(len(data.z)) >= accuracy, rng)
    for annotator in range(n_copies):
        own = rng.random_sample(len(one)) < changed
        table[:, annotator] = np.where(own, rng.randint(n_classes, size=len(one)), one)
    return _with_answers(data, table)


def family():
    """Five of nine make the same mistakes: of looks, and a third of all others."""
    data, rng = split("digits"), np.random.RandomState(7)
    answers = make_annotations(data.z, {"average": 9}, random_state=1).annotations
    table = answers.to_dense()
    table[:, :5] = mislead(data, answers, 0.9).to_dense()[:, :5]
    wrong = rng.random_sample(len(data.z)) < 0.35
    together = _errors(data.z, wrong, rng)
    table[np.flatnonzero(wrong), :5] = together[wrong, None]
    return _with_answers(data, table)


def prevalence(share, class_sep, crowd, answers_per_item):
    """Two classes, one of them rare; scored by balanced accuracy."""
    X, z = make_classification(
        6000,
        30,
        n_informative=12,
        n_redundant=6,
        weights=[1 - share],
        class_sep=class_sep,
        flip_y=0,
        random_state=0,
    )
    X, X_judge, z, z_judge = train_test_split(
        X.astype(np.float32), z, test_size=0.5, random_state=0, stratify=z
    )
    data = Bunch(X=X, z=z, X_judge=X_judge, z_judge=z_judge, is_balanced=True)
    crowd = make_annotations(
        z, crowd, answers_per_item=answers_per_item, random_state=1
    )
    return Bunch(**data, Y=crowd.annotations, confusion=None)


def many_classes(n_classes):
    """As many Gaussian clusters as classes, twenty items of each."""
    rng, n_items = np.random.RandomState(5), 20 * n_classes
    centres = 0.7 * rng.standard_normal((n_classes, 64))
    z = rng.randint(n_classes, size=2 * n_items)
    X = (centres[z] + rng.standard_normal((2 * n_items, 64))).astype(np.float32)
    data = Bunch(X=X[:n_items], z=z[:n_items], X_judge=X[n_items:], z_judge=z[n_items:])
    crowd = make_annotations(
        data.z,
        {"average": 30},
        answers_per_item=3,
        classes=np.arange(n_classes),
        random_state=1,
    )
    return Bunch(**data, Y=crowd.annotations, confusion=None)


def few_items(source, n_items):
    """Five annotators, three answers an item, few items."""
    data = split(source)
    rows = np.random.RandomState(6).permutation(len(data.z))[:n_items]
    data.update(X=data.X[rows], z=data.z[rows])
    return _with_answers(data, _dense(data.z, {"average": 5}, 3, data.z_judge))


def _dense(z, crowd, answers_per_item=None, labels=None):
    classes = np.unique(z if labels is None else labels)
    options = {"answers_per_item": answers_per_item, "classes": classes}
    return make_annotations(z, crowd, random_state=1, **options).annotations.to_dense()


def _errors(z, is_wrong, rng):
    """Replace the truth of some items by any other class."""
    n_classes = z.max() + 1
    other = (z + rng.randint(1, n_classes, size=len(z))) % n_classes
    return np.where(is_wrong, other, z)


def _with_answers(data, table):
    classes = np.unique(data.z_judge)
    annotations = Annotations.from_dense(table, missing_label=-1, classes=classes)
    data.update(Y=annotations, confusion=None)
    return data


AVERAGE = {"average": 20}
HOSTILE = {
    "guesser gives 67 %": partial(guesser, 0.67),
    "guesser gives 74 %": partial(guesser, 0.74),
    "guesser gives 80 %": partial(guesser, 0.80),
    "7 of 10 are copies": partial(copies, "digits", 0.42, 7, 10),
    "4 of 10 are near copies": partial(copies, "digits", 0.6, 4, 10, 0.1),
    "a family errs together": family,
    "1 % prevalence": partial(prevalence, 0.01, 2.5, AVERAGE, 3),
    "1 % prevalence, 5 answers": partial(prevalence, 0.01, 2.0, AVERAGE, 5),
    "3 % prevalence, poor": partial(prevalence, 0.03, 2.0, POOR, 5),
    "chance": partial(answered, Crowd("digits", {"random": 20}, 3)),
    "100 classes": partial(many_classes, 100),
    "50 digits": partial(few_items, "digits", 50),
    "50 wines": partial(few_items, "wine", 50),
}
