"""Files of learned models: what skcrowd.save writes, with how texts become features.

A zip archive, not compressed, of ``command.json`` and ``model.skcrowd``. Nothing in it
is run when it is loaded.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Model", "load_model", "save_model"]

ABOUT, ESTIMATOR = "command.json", "model.skcrowd"
VERSION = 1


class Model(NamedTuple):
    """A model that predicts new items.

    Attributes
    ----------
    kind : str
        Of answers, one of `KINDS`.
    estimator : crowd estimator or Pipeline
    takes_texts : bool
    columns : list of str or None
        The names of the columns of features, if they have names.
    """

    kind: str
    estimator: Any
    takes_texts: bool
    columns: list[str] | None


def save_model(
    path: Path, kind: str, estimator: Any, columns: list[str] | None
) -> None:
    """Write a model to a file.

    Parameters
    ----------
    path : Path
    kind : str
        One of `KINDS`.
    estimator : crowd estimator, or Pipeline of TfidfVectorizer and crowd estimator
    columns : list of str or None
        The names of the columns of features, if they have names.
    """
    from skcrowd.persistence import save

    about: dict[str, Any] = {"version": VERSION, "kind": kind, "texts": None}
    about["columns"] = columns
    crowd = estimator
    if hasattr(estimator, "steps"):
        (_, vectorizer), (_, crowd) = estimator.steps
        terms = vectorizer.get_feature_names_out().tolist()
        about["texts"] = {"terms": terms, "idf": vectorizer.idf_.tolist()}
    with TemporaryDirectory() as folder:
        saved = save(crowd, Path(folder) / ESTIMATOR)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(ABOUT, json.dumps(about, ensure_ascii=False))
            archive.write(saved, ESTIMATOR)


def load_model(path: Path) -> Model:
    """Read a model from a file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    model : Model

    Raises
    ------
    ValueError
        If the file is none that `save_model` has written.
    """
    from sklearn.pipeline import make_pipeline

    from skcrowd.persistence import load

    try:
        with zipfile.ZipFile(path) as archive, TemporaryDirectory() as folder:
            about = json.loads(archive.read(ABOUT))
            estimator = load(archive.extract(ESTIMATOR, folder))
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError) as error:
        raise ValueError(
            f"{path} is no model that 'skcrowd train' has written ({error})."
        ) from error
    if about.get("version") != VERSION:
        raise ValueError(
            f"{path} is of version {about.get('version')} of such files, this skcrowd "
            f"reads {VERSION}; train it again."
        )
    if about["texts"] is not None:
        estimator = make_pipeline(_vectorizer(about["texts"]), estimator)
    return Model(about["kind"], estimator, _takes_texts(about), about.get("columns"))


def _takes_texts(about: dict[str, Any]) -> bool:
    return about["texts"] is not None or about["kind"] == "spans"


def _vectorizer(texts: dict[str, Any]) -> Any:
    """Return a TfidfVectorizer of known terms and weights."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True, vocabulary=texts["terms"])
    vectorizer.idf_ = np.array(texts["idf"])
    return vectorizer
