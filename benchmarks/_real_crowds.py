"""Real crowds with features: Music, and language models that judge answers."""

from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Bunch

from skcrowd.annotations import Annotations

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
SMALL_MODELS = ("Llama-7B", "Llama-13B", "Mistral-7B", "Gemma-2B", "EM", "JudgeLM")


def real(folder=None):
    """Yield the name of every data set whose file is there, and the data.

    Parameters
    ----------
    folder : path, default=None
        None looks for ``../shared/data`` beside the repository.
    """
    folder = BESIDE if folder is None else Path(folder)
    if (folder / "music.npz").exists():
        yield "Music, standardised", music(folder)
    if (folder / "llm_judges.npz").exists():
        yield "judges", judges(folder)
        yield "judges, small models", judges(folder, SMALL_MODELS)
        yield "judges, 300 items", judges(folder, n_items=300)


def music(folder):
    """Genres of songs; the 300 test songs score."""
    with np.load(folder / "music.npz") as stored:
        data = dict(stored)
    scaler = StandardScaler().fit(data["X_train"])
    X, X_judge = (
        scaler.transform(data[f"X_{part}"]).astype(np.float32)
        for part in ("train", "test")
    )
    return Bunch(
        X=X,
        z=data["gold_train"],
        Y=_labels(data["annotations"], 10),
        X_judge=X_judge,
        z_judge=data["gold_test"],
        confusion=None,
    )


def judges(folder, names=None, n_items=None):
    """Whether an answer to a question is right: TF-IDF of both, 40 % score."""
    with np.load(folder / "llm_judges.npz") as stored:
        data = dict(stored)
    known = np.flatnonzero(data["gold"] >= 0)
    texts = [f"{data['question'][n]} {data['response'][n]}" for n in known]
    X = TfidfVectorizer(min_df=2, dtype=np.float32).fit_transform(texts)
    z = data["gold"][known].astype(int)
    columns = slice(None) if names is None else np.isin(data["judges"], names)
    answers = data["annotations"][known][:, columns]
    train, judge = train_test_split(
        np.arange(len(z)), test_size=0.4, random_state=0, stratify=z
    )
    train = train[:n_items]
    return Bunch(
        X=X[train],
        z=z[train],
        Y=_labels(answers[train], 2),
        X_judge=X[judge],
        z_judge=z[judge],
        confusion=None,
    )


def _labels(answers, n_classes):
    classes = np.arange(n_classes)
    return Annotations.from_dense(answers, missing_label=-1, classes=classes)
