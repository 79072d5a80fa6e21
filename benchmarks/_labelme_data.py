"""LabelMe, and the treatments of its features."""

from pathlib import Path

import numpy as np
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Bunch

from skcrowd.annotations import Annotations
from skcrowd.datasets import fetch_labelme
from skcrowd.metrics import empirical_confusion

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


def load(folder=None, data_home=None):
    """Load LabelMe, with the confusion matrices that its gold labels show.

    Parameters
    ----------
    folder : path, default=None
        Where labelme.npz lies. None looks beside the repository, then downloads.
    data_home : path, default=None
        Cache of the download.
    """
    if folder is None and data_home is None and (BESIDE / "labelme.npz").exists():
        folder = BESIDE
    if folder is None:
        data = fetch_labelme(data_home=data_home)
    else:
        data = _read(Path(folder) / "labelme.npz")
    return _with_confusion(data)


def thinned(data):
    """Keep a quarter of the training items of the classes 0 to 3."""
    rows = uneven(data.gold_train)
    parts = {
        name: data[name][rows] for name in ("X_train", "annotations", "gold_train")
    }
    return _with_confusion(Bunch(**{**data, **parts}))


def uneven(gold):
    """Rows where every fourth item of the classes 0 to 3 is left."""
    rng = np.random.RandomState(0)
    kept = np.ones(len(gold), dtype=bool)
    for label in range(4):
        items = rng.permutation(np.flatnonzero(gold == label))
        kept[items[len(items) // 4 :]] = False
    return np.flatnonzero(kept)


def _with_confusion(data):
    data.confusion = empirical_confusion(data.annotations, data.gold_train)
    data.answers_per_row = _answers_per_row(data.annotations, data.gold_train)
    return data


def _read(path):
    with np.load(path) as stored:
        data = Bunch(**stored)
    classes = np.unique(data.gold_train)
    data.annotations = Annotations.from_dense(
        data.annotations, missing_label=-1, classes=classes
    )
    return data


def _answers_per_row(annotations, gold):
    """Answers of each annotator to items of each class, (n_annotators, n_classes)."""
    counts = np.zeros((annotations.n_annotators, len(annotations.classes)))
    np.add.at(counts, (annotations.annotator, gold[annotations.item]), 1)
    return counts


def _sqrt(data):
    train, test = np.sqrt(data.X_train), np.sqrt(data.X_test)
    return train / train.std(), test / train.std()


def _standardised(data):
    scaler = StandardScaler().fit(data.X_train)
    return scaler.transform(data.X_train), scaler.transform(data.X_test)


def _raw(data):
    return data.X_train, data.X_test


TREATMENTS = {"sqrt": _sqrt, "standardised": _standardised, "raw": _raw}
