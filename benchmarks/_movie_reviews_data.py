"""The film reviews, and the features that every row of the table gets."""

from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.pipeline import make_pipeline
from sklearn.utils import Bunch

from skcrowd.annotations import Annotations
from skcrowd.datasets import fetch_movie_reviews

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
N_TOPICS = 300


def load(folder=None, data_home=None):
    """Load the reviews, their features, and the biases that the gold ratings show.

    Parameters
    ----------
    folder : path, default=None
        Where moviereviews.npz lies. None looks beside the repository, then downloads.
    data_home : path, default=None
        Cache of the download.
    """
    if folder is None and data_home is None and _file(BESIDE).exists():
        folder = BESIDE
    if folder is None:
        data = fetch_movie_reviews(data_home=data_home)
    else:
        data = _read(_file(Path(folder)))
    _add_features(data)
    return _add_biases(data)


def _file(folder):
    return folder / "moviereviews.npz"


def _read(path):
    with np.load(path) as stored:
        parts = Bunch(**stored)
    return Bunch(
        annotations=Annotations.from_dense(parts.annotations, kind="numbers"),
        gold_train=parts.gold_train,
        gold_test=parts.gold_test,
        **{f"X_{split}": _csr(parts, split) for split in ("train", "test")},
    )


def _csr(parts, split):
    data, indices, indptr, shape = (
        parts[f"X_{split}_{part}"] for part in ("data", "indices", "indptr", "shape")
    )
    return sparse.csr_matrix((data.astype(np.float32), indices, indptr), shape=shape)


def _add_features(data):
    """TF-IDF, and its first singular vectors; both fitted to the training reviews."""
    tfidf = TfidfTransformer(sublinear_tf=True)
    n_topics = min(N_TOPICS, data.X_train.shape[1] - 1, data.X_train.shape[0] - 1)
    topics = make_pipeline(tfidf, TruncatedSVD(n_topics, random_state=0))
    data.topics_train = topics.fit_transform(data.X_train).astype(np.float32)
    data.topics_test = topics.transform(data.X_test).astype(np.float32)
    data.words_train = tfidf.transform(data.X_train).astype(np.float32)
    data.words_test = tfidf.transform(data.X_test).astype(np.float32)


def _add_biases(data):
    """Bias of every annotator against the gold ratings, and how often he rated."""
    a = data.annotations
    apart = a.answer - data.gold_train[a.item]
    data.n_answers = np.bincount(a.annotator, minlength=a.n_annotators)
    total = np.bincount(a.annotator, apart, a.n_annotators)
    data.bias = total / np.maximum(data.n_answers, 1)
    return data
